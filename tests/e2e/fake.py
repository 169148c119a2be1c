"""A server that behaves badly: fake.py KIND PORT [SECONDS]

silent     accepts and never answers
full       never accepts: its backlog is full
reset      accepts, reads a little, resets
closed     accepts and closes
starting   answers as PostgreSQL does while it starts (57P03), for SECONDS if given
garbage    answers what is no PostgreSQL
"""

import socket
import struct
import sys
import time


def error(sqlstate, text):
    fields = b"".join(
        code + value.encode() + b"\0"
        for code, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", sqlstate), (b"M", text))
    )
    return b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"


def main(kind, port, seconds="86400"):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(0 if kind == "full" else 50)
    deadline = time.monotonic() + float(seconds)
    listener.settimeout(0.05)
    kept = []
    if kind == "full":
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", int(port)))
            kept.append(client)
    while time.monotonic() < deadline:
        if kind == "full":
            time.sleep(0.05)
            continue
        try:
            session, _ = listener.accept()
        except TimeoutError:
            continue
        session.settimeout(5)
        if kind == "silent":
            kept.append(session)
            continue
        first = b"" if kind == "closed" else session.recv(1000)
        if kind == "reset":
            session.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif kind == "starting":
            while first[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # SSL, GSS encryption
                session.sendall(b"N")
                first = session.recv(1000)
            session.sendall(error("57P03", "the database system is starting up"))
        elif kind == "garbage":
            session.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        session.close()


main(*sys.argv[1:])
