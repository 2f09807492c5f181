"""Zips files so that the same bytes in give the same bytes out: fixed times, fixed modes, fixed order.

usage: reproducible_zip.py OUT.zip FILE...
"""

import sys
import zipfile

# The earliest time a zip can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)


def main(out: str, files: list[str]) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.rsplit("/", 1)[-1], EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Unix, a regular file, rwxr-xr-x: Lambda has to be allowed to run `bootstrap`.
            entry.create_system = 3
            entry.external_attr = (0o100755) << 16
            with open(path, "rb") as file:
                archive.writestr(entry, file.read(), compresslevel=9)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
