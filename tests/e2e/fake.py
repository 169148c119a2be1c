"""A server that behaves badly: fake.py KIND PORT [SECONDS [UPSTREAM]]

silent     accepts and never answers
full       never accepts: its backlog is full
reset      accepts, reads a little, resets
closed     accepts and closes
starting   answers as PostgreSQL does while it starts (57P03), for SECONDS if given
fading     the same, for SECONDS, and is silent then
garbage    answers what is no PostgreSQL
newer      hands on to the server at UPSTREAM, which it calls version 99.1 when pg_dump asks
picky      hands on to the server at UPSTREAM, but no login with options
"""

import socket
import struct
import sys
import threading
import time


def error(sqlstate, text):
    fields = b"".join(
        code + value.encode() + b"\0"
        for code, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", sqlstate), (b"M", text))
    )
    return b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"


def exactly(session, length):
    got = b""
    while len(got) < length:
        piece = session.recv(length - len(got))
        if not piece:
            raise EOFError
        got += piece
    return got


def hand_on(source, sink, first=b""):
    try:
        piece = first
        while True:
            sink.sendall(piece)
            piece = source.recv(65536)
            if not piece:
                break
    except OSError:
        pass
    sink.close()


def proxy(kind, session, upstream):
    length = exactly(session, 4)
    first = length + exactly(session, struct.unpack("!I", length)[0] - 4)
    while first[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):
        session.sendall(b"N")
        length = exactly(session, 4)
        first = length + exactly(session, struct.unpack("!I", length)[0] - 4)
    if kind == "picky" and b"\0options\0" in first:
        print("refused", flush=True)
        session.sendall(error("08P01", "unsupported startup parameter: options"))
        return
    server = socket.create_connection(("127.0.0.1", int(upstream)))
    session.settimeout(None)
    threading.Thread(target=hand_on, args=(session, server, first), daemon=True).start()
    head = b""
    while kind == "newer" and b"pg_dump" in first and head[:1] != b"Z":  # message by message, until it is ready
        head = exactly(server, 5)
        body = exactly(server, struct.unpack("!I", head[1:])[0] - 4)
        if body.startswith(b"server_version\0"):
            body = b"server_version\0" + b"99.1\0"
            head = b"S" + struct.pack("!I", len(body) + 4)
        session.sendall(head + body)
    hand_on(server, session)


def answer(kind, session):
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


def main(kind, port, seconds="86400", upstream=""):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(0 if kind == "full" else 50)
    deadline = time.monotonic() + float(seconds)
    listener.settimeout(0.05)
    fades = deadline
    if kind == "fading":
        kind, deadline = "starting", float("inf")
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
        if kind == "silent" or time.monotonic() > fades:
            kept.append(session)
            continue
        if kind in ("newer", "picky"):
            threading.Thread(target=proxy, args=(kind, session, upstream), daemon=True).start()
            continue
        try:
            answer(kind, session)
        except OSError:
            pass  # who came is gone already
        session.close()


main(*sys.argv[1:])
