"""A second reader of pg_dump's custom archives, for the tests of the first.

archive.py toc FILE             where its table of contents ends, in bytes
archive.py to MINOR FILE NEW    the same archive as an older pg_dump would have written it: 12, 13 (from 14), 15 (from 16)
archive.py unset FILE NEW       without offsets, as one that was written into a pipe
"""
import sys


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        piece = self.data[self.at:self.at + length]
        if len(piece) != length:
            raise ValueError("truncated")
        self.at += length
        return piece

    def number(self):
        sign, *digits = self.take(5)
        value = int.from_bytes(bytes(digits), "little")
        return -value if sign else value

    def text(self):
        length = self.number()
        return None if length < 0 else self.take(length)


def number(value):
    return bytes([value < 0]) + abs(value).to_bytes(4, "little")


def text(value):
    return number(-1) if value is None else number(len(value)) + value


def convert(data, minor, keep_offsets):
    """The archive with another version; the end of its table of contents before."""
    source = Reader(data)
    magic, (major, old, revision, ints, offsets, form) = source.take(5), source.take(6)
    assert magic == b"PGDMP" and major == 1 and ints == 4 and offsets == 8 and form == 1
    minor = old if minor is None else minor
    out = bytearray(magic + bytes([major, minor, revision, ints, offsets, form]))
    out += source.take(1) if old >= 15 else number(source.number())
    for _ in range(7):
        out += number(source.number())
    for _ in range(3):
        out += text(source.text())
    count = source.number()
    out += number(count)
    places = []
    for _ in range(count):
        out += number(source.number()) + number(source.number())
        for _ in range(4):
            out += text(source.text())
        out += number(source.number())
        for _ in range(5):
            out += text(source.text())
        table_method = source.text() if old >= 14 else None
        if minor >= 14:
            out += text(table_method)
        relation_kind = source.number() if old >= 16 else 0
        if minor >= 16:
            out += number(relation_kind)
        out += text(source.text()) + text(source.text())
        while (needed := source.text()) is not None:
            out += text(needed)
        out += text(None)
        places.append(len(out))
        out += source.take(9)
    moved = len(out) - source.at
    for at in places:
        if out[at] == 2:
            if keep_offsets:
                place = int.from_bytes(out[at + 1:at + 9], "little") + moved
                out[at + 1:at + 9] = place.to_bytes(8, "little")
            else:
                out[at:at + 9] = b"\x01" + bytes(8)
    return bytes(out) + data[source.at:], source.at


def toc_end(data):
    return convert(data, None, True)[1]


def main():
    verb, *rest = sys.argv[1:]
    if verb == "toc":
        print(toc_end(open(rest[0], "rb").read()))
    elif verb == "to":
        open(rest[2], "wb").write(convert(open(rest[1], "rb").read(), int(rest[0]), True)[0])
    elif verb == "unset":
        open(rest[1], "wb").write(convert(open(rest[0], "rb").read(), None, False)[0])


if __name__ == "__main__":
    main()
