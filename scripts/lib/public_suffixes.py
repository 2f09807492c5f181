"""Makes backend/domain/data/public_suffixes.txt of the Public Suffix List.

usage: public_suffixes.py public_suffix_list.dat >backend/domain/data/public_suffixes.txt

The list is at https://publicsuffix.org/list/public_suffix_list.dat. Suffixes of one label are left out: what is not listed is
one.
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
    """A rule as people write it and as mail servers do (RFC 3492)."""
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
        # A line may be repeated, so that none is longer than others.
        for line in textwrap.wrap(" ".join(sorted(rules)), 110, break_on_hyphens=False, break_long_words=False):
            print(f"{top}: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
