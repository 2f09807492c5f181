"""Zips files so that the same bytes in give the same bytes out: fixed times, fixed modes, fixed order.

usage: reproducible_zip.py OUT.zip FILE...

Runs in the environment of zopfli, which looks longer than zlib for the shortest deflate stream: 3 % shorter for our programs.
Python's own zipfile cannot take a stream that is compressed already, so the few structures of a zip are written here.
"""

import pathlib
import struct
import sys
import zipfile
import zlib

import zopfli.zlib

# Iterations per block; more take longer and save only a thousandth.
ITERATIONS = 5
# The earliest date a zip can contain, 1 January 1980, in MS-DOS format.
DATE = 1 << 5 | 1
DEFLATE = 8
# Version needed to extract: 2.0.
NEEDED = 20
# Made on Unix (3), so that the attributes are Unix ones.
MADE_BY = 3 << 8 | NEEDED
# A regular file, rwxr-xr-x: Lambda must be allowed to run `bootstrap`.
ATTRIBUTES = 0o100755 << 16


def zipped(files: list[pathlib.Path]) -> bytes:
    """The archive. Its structures: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT"""
    entries, directory = b"", b""
    for path in files:
        content, name = path.read_bytes(), path.name.encode()
        # Raw Deflate: without zlib's header and checksum.
        deflated = zopfli.zlib.compress(content, numiterations=ITERATIONS)[2:-4]
        common = struct.pack(
            "<HHHHHIIIHH", NEEDED, 0, DEFLATE, 0, DATE, zlib.crc32(content), len(deflated), len(content), len(name), 0
        )
        directory += struct.pack("<IH", 0x02014B50, MADE_BY) + common
        directory += struct.pack("<HHHII", 0, 0, 0, ATTRIBUTES, len(entries)) + name
        entries += struct.pack("<I", 0x04034B50) + common + name + deflated
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(files), len(files), len(directory), len(entries), 0)
    return entries + directory + end


def main(out: str, files: list[str]) -> int:
    pathlib.Path(out).write_bytes(zipped(sorted(pathlib.Path(file) for file in files)))
    with zipfile.ZipFile(out) as archive:
        damaged = archive.testzip()
        whole = all(archive.read(path.name) == path.read_bytes() for path in map(pathlib.Path, files))
    if damaged is not None or not whole:
        print(f"{out} does not unpack to its input")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
