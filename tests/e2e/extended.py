"""Holds the given advisory lock in a transaction, taken as most drivers do it: by the extended protocol.

python3 extended.py SOCKET USER DATABASE KEY: prints the pid of its session, then waits until its standard input ends. The
server must trust USER. `pg-entrypoint` sends the same question as a simple query, and so leaves no portal open.
"""

import socket
import struct
import sys


def message(kind, *parts):
    body = b"".join(part if isinstance(part, bytes) else part.encode() + b"\0" for part in parts)
    return kind + struct.pack("!i", len(body) + 4) + body


def read(stream):
    """Until the server is ready for a query: the messages by their kind."""
    found = {}
    while b"Z" not in found:
        kind = stream.read(1)
        (length,) = struct.unpack("!i", stream.read(4))
        found[kind] = stream.read(length - 4)
        if kind in (b"E", b""):
            sys.exit(found[kind].replace(b"\0", b" ").decode())
    return found


address, user, database, key = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as server:
    server.connect(address)
    stream = server.makefile("rb")
    server.sendall(message(b"", struct.pack("!i", 3 << 16), "user", user, "database", database, b"\0"))
    (pid,) = struct.unpack("!i", read(stream)[b"K"][:4])
    server.sendall(message(b"Q", "begin"))
    read(stream)
    server.sendall(
        message(b"P", "", "select pg_try_advisory_xact_lock($1::bigint)", struct.pack("!h", 0))
        + message(b"B", "", "", struct.pack("!hhi", 0, 1, len(key)), key.encode(), struct.pack("!h", 0))
        + message(b"E", "", struct.pack("!i", 0))
        + message(b"S")
    )
    read(stream)
    print(pid, flush=True)
    sys.stdin.read()
