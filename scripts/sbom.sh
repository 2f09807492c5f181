#!/usr/bin/env bash
# Writes what the product consists of to target/sbom/: a CycloneDX file for each shipped crate (the functions, the local
# server, the page), with the versions of Cargo.lock, and a list of the pinned npm and PyPI tools that build and check
# it.
. "$(dirname "$0")/common.sh"

step "Installing what is missing"
rust_toolchain
cargo_tool cargo-cyclonedx "$CARGO_CYCLONEDX_VERSION" --locked

step "Components of the crates (cargo cyclonedx $CARGO_CYCLONEDX_VERSION)"
OUT=target/sbom
rm -rf "$OUT"
mkdir -p "$OUT"
# It writes next to each Cargo.toml; the files are moved out of the sources.
cargo cyclonedx --format json --spec-version 1.5 --target all --describe crate --quiet
found=0
while IFS= read -r file; do
    mv "$file" "$OUT/"
    found=$((found + 1))
done < <(find shared backend frontend tests -maxdepth 3 -name '*.cdx.json' -not -path '*/target/*')
[ "$found" -gt 0 ] || die "cargo cyclonedx wrote nothing"
# Tests are not shipped.
rm -f "$OUT"/easy-crm-tests*.cdx.json

step "The tools"
sed -n 's/^\([A-Z_]*_VERSION\)=\([0-9][0-9.]*\)$/\1 \2/p' scripts/common.sh | sort >"$OUT/tools.txt"
python3 - "$OUT" <<'PYTHON'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
for path in sorted(folder.glob("*.cdx.json")):
    bom = json.loads(path.read_text())
    components = bom.get("components", [])
    without = [c["name"] for c in components if not c.get("version")]
    if without:
        sys.exit(f"{path.name}: without a version: {without}")
    print(f"{path}: {len(components)} components")
print(f"{folder}/tools.txt: {len((folder / 'tools.txt').read_text().splitlines())} pinned tools")
PYTHON
say "written to $OUT"
