"""What `restore --check` says of backups that were damaged on purpose.

mutilate.py BINARY PERCENT FLIPS SOURCE...

Each source (a file, or the folder of a directory archive) is cut at every PERCENT of its length, followed by junk, and gets
one flipped bit in FLIPS random bytes, spread over the sources; then the same with its .sha256 beside it. Prints a table of what
was tried and what was answered, and ends with 1 if anything was accepted that must not be: a cut or junk ever, a flipped bit that
a checksum stands over, as --check itself has said of the whole source.
"""
import os
import random
import re
import shutil
import subprocess
import sys
import hashlib
from pathlib import Path

import archive

binary, percent, flips, *sources = sys.argv[1:]
percent, flips = int(percent), int(flips)
seed = int(os.environ.get("SEED", random.randrange(10**6)))
chance = random.Random(seed)
failures = []
refusals = {}

# What holds the same although a byte of it was changed: these tell.
UNPACK = {"gz": ["gzip", "-dc"], "zst": ["zstd", "-dcq"], "xz": ["xz", "-dc"], "bz2": ["bzip2", "-dc"], "lz4": ["lz4", "-dcq"]}


def check(path):
    run = subprocess.run([binary, "restore", "--check", str(path)], capture_output=True, text=True, timeout=60)
    if run.returncode not in (0, 65):
        failures.append(f"{path}: exit {run.returncode}: {run.stderr}")
    if run.returncode == 65:
        if not run.stderr.startswith("pg-entrypoint: error: restore: "):
            failures.append(f"{path}: refused without a word: {run.stderr}")
        if " says " in run.stderr:
            return run.returncode, run.stdout
        words = re.sub(r"^.*?: error: restore: |[\"'(].*", "", run.stderr.split("\n")[0])
        words = re.sub(r"\S*/\S*|\d+|large object|(TABLE DATA|BLOBS) \S+|\S+\.(sql|tar|dump|dat|toc)\S*", "_", words)
        words = re.sub(r"(data of|of) [\w.\"\[\]_]+", r"\1 _", words)
        refusals[words] = refusals.get(words, 0) + 1
    return run.returncode, run.stdout


def unpacked(path, suffix):
    return subprocess.run(UNPACK[suffix], stdin=open(path, "rb"), capture_output=True).stdout


class Source:
    def __init__(self, path):
        self.path = Path(path)
        self.work = Path("mutilated") / self.path.name
        self.files = sorted(self.path.iterdir()) if self.path.is_dir() else [self.path]
        code, said = check(self.path)
        if code != 0:
            failures.append(f"{self.path}: refused although it is whole")
        self.is_covered = "a checksum in it stands over every byte" in said
        self.is_data_covered = "checksums in it stand over its data" in said
        self.has_no_ends = "a large object that was cut" in said
        self.row = dict.fromkeys(("cut", "cut seen", "junk", "junk seen", "flipped", "flip seen", "same content",
                                  "not covered", "with sum", "with sum seen"), 0)

    def place(self, file, data):
        """The whole source anew, but for this file of it; what to check."""
        shutil.rmtree("mutilated", ignore_errors=True)
        Path("mutilated").mkdir()
        if not self.path.is_dir():
            self.work.write_bytes(data)
            return self.work
        shutil.copytree(self.path, self.work)
        if data is None:
            (self.work / file.name).unlink()
        else:
            (self.work / file.name).write_bytes(data)
        return self.work

    def must_refuse(self, column, path, what):
        self.row[column] += 1
        if check(path)[0] == 65:
            self.row[column + " seen"] += 1
        else:
            failures.append(f"{self.path}: accepted: {what}")

    def is_endless(self, file):
        return self.has_no_ends and re.fullmatch(r"blob_\d+\.dat", file.name)

    def cuts(self):
        for file in self.files:
            data = file.read_bytes()
            if self.is_endless(file):
                continue
            # The files of a folder are many: their ends and middles.
            shares = range(0, 100, percent) if not self.path.is_dir() else (0, 50, 99)
            for share in shares:
                left = len(data) * share // 100
                if left == 0 and re.fullmatch(r"blob_\d+\.dat\.(zst|lz4)", file.name):
                    continue  # so pg_dump writes an empty one
                self.must_refuse("cut", self.place(file, data[:left]), f"{file.name} cut at {left} of {len(data)}")
            if file.suffix != ".sql" and data:  # pg_dump ends with an empty line
                self.must_refuse("cut", self.place(file, data[:-1]), f"{file.name} without its last byte")
            if self.path.is_dir():
                self.must_refuse("cut", self.place(file, None), f"{file.name} missing")

    def junk(self):
        for file in self.files:
            data = file.read_bytes()
            if self.is_endless(file) or not data:
                continue
            for junk in (b"x", b"\n\\q\n", b"PGDMP", data[:len(data) // 2]):
                self.must_refuse("junk", self.place(file, data + junk), f"{file.name} followed by {junk[:20]!r}")

    def flip(self):
        file = chance.choices(self.files, [f.stat().st_size for f in self.files])[0]
        data = bytearray(file.read_bytes())
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)
        path = self.place(file, data)
        code = check(path)[0]
        self.row["flipped"] += 1
        self.row["flip seen"] += code == 65
        if code == 0:
            self.judge_unseen(file, path, at)
        if not self.path.is_dir():
            digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
            Path(f"{path}.sha256").write_text(f"{digest}  {path.name}\n")
            if code == 65:
                self.row["with sum"] += 1
                self.row["with sum seen"] += check(path)[0] == 65
            else:
                self.must_refuse("with sum", path, f"byte {at} with a .sha256 beside")

    def judge_unseen(self, file, path, at):
        suffix = file.name.rsplit(".", 1)[-1]
        changed = path / file.name if self.path.is_dir() else path
        if suffix in UNPACK and unpacked(changed, suffix) == unpacked(file, suffix):
            self.row["same content"] += 1
        elif self.is_covered:
            failures.append(f"{self.path}: accepted: {file.name} with byte {at} changed")
        elif self.is_data_covered and not self.is_name(file, at):
            failures.append(f"{self.path}: accepted: {file.name} with byte {at} of its data changed")
        else:
            self.row["not covered"] += 1

    def is_name(self, file, at):
        """Is it in what no checksum of the archive is over? Of a tar, headers have their own, padding does not matter."""
        if self.path.is_dir():
            return file.name.endswith(("toc.dat", ".toc"))
        if file.suffix == ".dump":
            return at < archive.toc_end(file.read_bytes())
        return file.suffix in (".tar", ".zip")


def main():
    rows = [Source(path) for path in sources]
    for source in rows:
        source.cuts()
        source.junk()
    for i in range(flips):
        rows[i % len(rows)].flip()
    shutil.rmtree("mutilated", ignore_errors=True)
    columns = list(rows[0].row)
    width = max(len(source.path.name) for source in rows)
    print(f"seed {seed}")
    print(" " * width, *(f"{name:>13}" for name in columns))
    for source in rows:
        print(f"{source.path.name:<{width}}", *(f"{source.row[name]:>13}" for name in columns))
    print(f"{'all':<{width}}", *(f"{sum(source.row[name] for source in rows):>13}" for name in columns))
    for words, count in sorted(refusals.items(), key=lambda item: -item[1]):
        print(f"{count:6}  {words}")
    for failure in failures:
        print(failure)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
