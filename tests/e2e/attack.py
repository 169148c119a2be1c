"""Archives of a volume that no honest backup has: attack.py FOLDER writes one file for each way out of a tree, or to fill a disk.

Each holds a file `harmless` first, so that something could be half there.
"""
import io
import os
import subprocess
import sys
import tarfile
import zipfile

folder = sys.argv[1]


def member(name, kind=tarfile.REGTYPE, target="", data=b"evil\n"):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    if kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        info.devmajor, info.devminor = 1, 3
    if kind == tarfile.DIRTYPE:
        info.mode = 0o755
    return info, data


SYM, SAME, DIR = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
outside = os.path.abspath("outside")
ATTACKS = {
    "absolute": [member(outside + "/file")],
    "upwards": [member("../outside/file")],
    "upwards-inside": [member("a/../../outside/file")],
    "upwards-folder": [member("..", DIR)],
    "link-absolute": [member("l", SYM, outside)],
    "link-upwards": [member("l", SYM, "../../outside")],
    "link-in-steps": [member("a", DIR), member("a/b", SYM, ".."), member("c", SYM, "a/b/..")],
    "link-then-write": [member("l", SYM, "d"), member("d", DIR), member("l/file")],
    "link-out-then-write": [member("l", SYM, outside), member("l/file")],
    "link-then-file-of-its-name": [member("d", DIR), member("l", SYM, "d"), member("l")],
    "link-then-folder-of-its-name": [member("d", DIR), member("l", SYM, "d"), member("l", DIR), member("l/file")],
    "same-as-outside": [member("l", SAME, "../outside/kept")],
    "same-as-absolute": [member("l", SAME, outside + "/kept")],
    "same-as-link": [member("s", SYM, "harmless"), member("l", SAME, "s")],
    "same-through-link": [member("d", DIR), member("s", SYM, "d"), member("d/file"), member("l", SAME, "s/file")],
    "same-as-nothing": [member("l", SAME, "absent")],
    "character-device": [member("dev", tarfile.CHRTYPE)],
    "block-device": [member("dev", tarfile.BLKTYPE)],
    "pipe": [member("pipe", tarfile.FIFOTYPE)],
    "twice": [member("file"), member("file", data=b"other\n")],
    "twice-in-other-words": [member("file"), member("./file", data=b"other\n")],
    "file-then-in-it": [member("file"), member("file/below")],
    "folder-then-file": [member("d", DIR), member("d")],
}

for name, members in ATTACKS.items():
    with tarfile.open(f"{folder}/{name}.tar", "w", format=tarfile.GNU_FORMAT) as tar:
        for info, data in [member("harmless")] + members:
            tar.addfile(info, io.BytesIO(data) if info.isreg() else None)

with zipfile.ZipFile(f"{folder}/upwards-in-zip.zip", "w") as archive:
    archive.writestr("harmless", "x")
    archive.writestr("../outside/file", "evil")
link = zipfile.ZipInfo("l")
link.create_system, link.external_attr = 3, 0o120777 << 16
with zipfile.ZipFile(f"{folder}/link-in-zip.zip", "w") as archive:
    archive.writestr("harmless", "x")
    archive.writestr(link, outside)
    archive.writestr("l/file", "evil")

# A gigabyte out of some kilobytes; a hole of a terabyte.
os.truncate(os.open("zeros", os.O_CREAT | os.O_WRONLY), 1100 << 20)
subprocess.run(f"tar -c zeros | zstd -q -o {folder}/bomb.tar.zst", shell=True, check=True)
os.truncate("zeros", 1 << 40)
subprocess.run(["tar", "--sparse", "-cf", f"{folder}/hole.tar", "zeros"], check=True)
os.unlink("zeros")
