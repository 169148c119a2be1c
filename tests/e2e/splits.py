"""Holds our splitter against psql's: splits.py PSQL TOOL FILE...

psql runs each file against a server that takes note of every query and says yes to it: what arrives is how psql
splits. TOOL (tests/unit/regress.c) prints how we do. A file that we refuse (meta-commands, variables of psql) is named
with the reason, and compared once more without the lines that begin with a meta-command, in both.

The server lets every COPY ... FROM STDIN have data, since in the files they stand behind it.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

COPY = re.compile(rb"\s*copy\b.*\bfrom\s+(stdin|stdout)\b", re.I | re.S)
STRINGS = re.compile(rb"\s*(?:set\s+(?:local\s+|session\s+)?standard_conforming_strings\s*(?:=|to)\s*'?(\w+)|reset\s+(?:standard_conforming_strings|all)\b)", re.I)


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


class Server:
    """Yes to everything, on a socket in a folder; one session at a time."""

    def __init__(self, folder):
        self.queries = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.5432")
        self.listener.listen(5)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            session, _ = self.listener.accept()
            self.stream = session.makefile("rwb")
            try:
                self.talk()
            except (EOFError, OSError):
                pass
            session.close()

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def send(self, *messages):
        self.stream.write(b"".join(messages))
        self.stream.flush()

    def talk(self):
        while True:
            (length,) = struct.unpack("!I", self.read(4))
            code = self.read(length - 4)[:4]
            if code not in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # TLS, GSS encryption
                break
            self.stream.write(b"N")
            self.stream.flush()
        status = [(b"server_version", b"15.0"), (b"client_encoding", b"UTF8"), (b"standard_conforming_strings", b"on")]
        ready = message(b"Z", b"I")
        self.send(message(b"R", struct.pack("!I", 0)), *(message(b"S", a + b"\0" + b + b"\0") for a, b in status), ready)
        while True:
            kind = self.read(1)
            body = self.read(struct.unpack("!I", self.read(4))[0] - 4)
            if kind == b"X":
                return
            if kind in b"cf":
                self.send(message(b"C", b"COPY 0\0"), ready)
            if kind != b"Q":
                continue
            text = body[:-1]
            self.queries.append(text)
            strings = STRINGS.match(text)
            if strings:
                off = (strings[1] or b"on").lower() in (b"off", b"false", b"no", b"0")
                self.send(message(b"S", b"standard_conforming_strings\0" + (b"off" if off else b"on") + b"\0"))
            if COPY.match(text):
                self.send(message(b"G", b"\0\0\0"))
            else:
                self.send(message(b"C", b"SELECT 0\0"), ready)


def bare(text):
    """Without the blanks and comments around it, which belong to no statement, and empty lines: psql does not send them."""
    text = re.sub(rb"\n+", b"\n", text)
    while True:
        text = text.strip()
        if text.startswith(b"--"):
            text = text.partition(b"\n")[2]
        elif text.startswith(b"/*"):
            depth, at = 1, 2
            while depth:
                found = re.compile(rb"/\*|\*/").search(text, at)
                depth += 1 if found[0] == b"/*" else -1
                at = found.end()
            text = text[at:]
        else:
            return text


def by_psql(server, psql, folder, path):
    server.queries = []
    subprocess.run([psql, "-Xq", "-h", folder, "-U", "nobody", "-d", "none", "-f", path],
                   env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "PGCLIENTENCODING": "UTF8"},
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    # It sends the semicolon as well.
    return [query for query in (bare(sent.removesuffix(b";")) for sent in server.queries) if query]


def by_us(tool, path):
    """Statements, or the words of refusal."""
    out = subprocess.run([tool, path], stdout=subprocess.PIPE, check=True).stdout
    at, statements = out.index(b"\n") + 1, []
    while at < len(out):
        end = out.index(b"\n", at)
        word, _, rest = out[at:end].partition(b" ")
        if word == b"REFUSED":
            return rest.decode(errors="replace")
        statements.append(bare(out[end + 1:end + 1 + int(rest)]))
        at = end + 2 + int(rest)
    return statements


def without_meta(path, folder):
    """Meta-commands at the beginning or the end of a line go, \\. stays; a query they would send gets its semicolon."""
    with open(path, "rb") as file:
        text = re.sub(rb"(?m)^[ \t]*\\(?!\.)[^\n]*", b"", file.read())
    text = re.sub(rb"(?m)[ \t]*;?[ \t]*\\(?:gset|gexec|gdesc|g|gx|crosstabview|bind|parse|bind_named|close_prepared|sendpipeline|watch)\b[^\n]*", b";", text)
    text = re.sub(rb":'(DBNAME|LAST_ERROR_MESSAGE)'", b"''", text)  # these psql sets by itself
    copy = os.path.join(folder, os.path.basename(path))
    with open(copy, "wb") as file:
        file.write(text)
    return copy


def main(psql, tool, *paths):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        counts = {"as it is": [0, 0], "without meta-commands": [0, 0]}
        refused, wrong = [], 0

        def compare(path, how):
            ours = by_us(tool, path)
            if isinstance(ours, str):
                return ours
            theirs = by_psql(server, psql, folder, path)
            counts[how][0] += 1
            counts[how][1] += len(theirs)
            for number, (one, other) in enumerate(zip(ours + [None] * len(theirs), theirs + [None] * len(ours))):
                if one != other:
                    print(f"DIFFERS {path}, statement {number + 1}, {how}\n  ours: {one!r}\n  psql: {other!r}")
                    nonlocal wrong
                    wrong += 1
                    break
            return None

        for path in paths:
            why = compare(path, "as it is")
            if not why:
                continue
            again = compare(without_meta(path, folder), "without meta-commands")
            print(f"refused {os.path.basename(path)}: {why.rpartition(path)[2].lstrip(':')}" + (f"; and still: {again.rpartition('/')[2]}" if again else ""))
            refused += [path] if again else []
        for how, (files, statements) in counts.items():
            print(f"{files} files {how}, {statements} statements")
        print(f"{len(refused)} files not compared, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
