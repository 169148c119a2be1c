"""Runs a command where a network is slow: slow.py PORT COMMAND..., in network and mount namespaces of its own.

The host `two` has two addresses: 10.9.9.2 swallows all packets, 10.9.9.1 accepts connections to PORT, and is 20 ms away.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading

NEW_NETWORK = 0x40000000
SET_DEVICE, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001
libc = ctypes.CDLL(None, use_errno=True)


def device(name, address):
    opened = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(opened, SET_DEVICE, struct.pack("16sH22x", name.encode(), TUN_WITHOUT_HEADER))
    for words in ("link set lo up", f"addr add {address}/24 dev {name}", f"link set {name} up"):
        subprocess.run(["ip", *words.split()], check=True)
    return opened


def hand_on(source, sink):
    while True:
        threading.Timer(0.02, os.write, (sink, os.read(source, 4096))).start()


def accept(listener):
    kept = []
    while True:
        kept.append(listener.accept())


def main(port, *command):
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    near = device("near", "10.9.9.3")
    if libc.unshare(NEW_NETWORK) != 0:
        sys.exit("no network namespaces")
    far = device("far", "10.9.9.1")
    listener = socket.create_server(("10.9.9.1", int(port)))
    if libc.setns(here, 0) != 0:
        sys.exit("no way back")
    for work in ((hand_on, near, far), (hand_on, far, near), (accept, listener)):
        threading.Thread(target=work[0], args=work[1:], daemon=True).start()
    with open("hosts", "w", encoding="ascii") as hosts:
        hosts.write("10.9.9.2 two\n10.9.9.1 two\n")
    subprocess.run(["mount", "--bind", "hosts", "/etc/hosts"], check=True)
    sys.exit(subprocess.run(command, check=False).returncode)


main(*sys.argv[1:])
