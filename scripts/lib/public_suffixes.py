"""Generates backend/domain/data/public_suffixes.txt from the Public Suffix List.

usage: public_suffixes.py public_suffix_list.dat >backend/domain/data/public_suffixes.txt

The list is at https://publicsuffix.org/list/public_suffix_list.dat. Suffixes of one label are
omitted: an unlisted one is always a suffix.
"""

import pathlib
import re
import sys
import textwrap

HEADER = """\
# Suffixes under which the public can register names, by top-level domain: `uk: co ltd *.sch` are co.uk, ltd.uk and every
# name right below sch.uk; `!city` is excepted from such a `*`. A domain of one label is always one and is not listed.
# Made by scripts/lib/public_suffixes.py of the Public Suffix List (https://publicsuffix.org), version {version}.
# That list, and so this file, is under the Mozilla Public License 2.0 (https://mozilla.org/MPL/2.0/).
"""


def spellings(rule: str) -> set[str]:
    """A rule in Unicode and in Punycode (RFC 3492)."""
    return {rule, ".".join(label if label.isascii() else label.encode("idna").decode() for label in rule.split("."))}


def main(path: str) -> int:
    text = pathlib.Path(path).read_text()
    by_top: dict[str, set[str]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("//"):
            continue
        for rule in spellings(line.split()[0]):
            exception, rule = rule.startswith("!"), rule.removeprefix("!")
            rest, dot, top = rule.rpartition(".")
            if dot:
                by_top.setdefault(top, set()).add("!" * exception + rest)
    version = re.search(r"// VERSION: (\S+)", text)
    sys.stdout.write(HEADER.format(version=version[1] if version else "unknown"))
    for top, rules in sorted(by_top.items()):
        # A top-level domain may take several lines, so that none gets too long.
        for line in textwrap.wrap(" ".join(sorted(rules)), 110, break_on_hyphens=False, break_long_words=False):
            print(f"{top}: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
