"""Prepares a named statement by the protocol, as drivers do, on several server connections of a pooler at a time.

python3 named.py SOCKET USER DATABASE NAME COUNT: each of COUNT sessions holds a server connection with `begin`, prepares
NAME there and ends its transaction. What the protocol prepared belongs to the pooler's clients: PgBouncer, since 1.21, counts on
it. Prints on how many of COUNT server connections NAME was there already.
"""

import socket
import struct
import sys


def message(kind, *parts):
    body = b"".join(part if isinstance(part, bytes) else part.encode() + b"\0" for part in parts)
    return kind + struct.pack("!i", len(body) + 4) + body


def read(stream):
    """Until the server is ready for a query; the kinds of the messages."""
    kinds = b""
    while b"Z" not in kinds:
        kind = stream.read(1)
        if not kind:
            sys.exit("the connection was closed")
        (length,) = struct.unpack("!i", stream.read(4))
        stream.read(length - 4)
        kinds += kind
    return kinds


def ask(session, request):
    session[0].sendall(request)
    return read(session[1])


address, user, database, name, count = sys.argv[1:]
sessions = []
for _ in range(int(count)):
    server = socket.socket(socket.AF_UNIX)
    server.connect(address)
    sessions.append((server, server.makefile("rb")))
    ask(sessions[-1], message(b"", struct.pack("!i", 3 << 16), "user", user, "database", database, b"\0"))
    ask(sessions[-1], message(b"Q", "begin"))
there = 0
for session in sessions:
    # 42P05 where it is there; the transaction is at its end then, all the same.
    there += b"E" in ask(session, message(b"P", name, "select 1", struct.pack("!h", 0)) + message(b"S"))
for session in sessions:
    ask(session, message(b"Q", "rollback"))
print(there)
