#!/usr/bin/env bash
# Builds the Lambda functions for Amazon Linux 2023, zips them reproducibly, and updates the deployed functions.
. "$(dirname "$0")/common.sh"
. scripts/lib/aws.sh

usage() {
    cat <<'END'
usage: ./scripts/package-lambdas.sh [options]

  --environment ENV   dev, staging or prod (default prod)
  --arch ARCH         arm64 or x86_64 (default arm64); has to be the stack's parameter Architecture
  --function NAME     only this function; may be given several times
  --build-only        build and zip, but update nothing
  --restart           update functions that have this code already, too, so that all their instances start afresh
  --dry-run           build and zip, and print the updates instead of making them
  --profile, --region, --stack-name   as for the AWS CLI (defaults nch-prod, ap-southeast-1, easy-crm)

The zips are target/lambda/<arch>/<function>.zip; target/lambda/<arch>/VERSION names them all by their content.
END
}

ARCH=arm64
ONLY=
BUILD_ONLY=
RESTART=
while [ $# -gt 0 ]; do
    common_option "$@"
    if [ "$TAKEN" -gt 0 ]; then shift "$TAKEN"; continue; fi
    case "$1" in
        --arch) ARCH=$2; shift ;;
        --function) ONLY="$ONLY $2"; shift ;;
        --build-only) BUILD_ONLY=1 ;;
        --restart) RESTART=1 ;;
        -h | --help) usage; trap - EXIT; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done
[ -z "$BUILD_ONLY" ] || DRY_RUN=1
settle_options
case "$ARCH" in arm64 | x86_64) ;; *) die "--arch is arm64 or x86_64" ;; esac
BINS=$(for source in backend/lambdas/src/bin/*.rs; do basename "$source" .rs; done)
for name in $ONLY; do
    grep -qx "$name" <<<"$BINS" || die "there is no function $name"
done
PACKAGES=${ONLY:-$BINS}

step "Installing what is missing"
rust_toolchain
python_tool cargo-lambda "$CARGO_LAMBDA_VERSION"
python_tool zopfli "$ZOPFLI_VERSION"
if [ "$ARCH" = arm64 ]; then TARGET=aarch64-unknown-linux-gnu FLAG=--arm64; else TARGET=x86_64-unknown-linux-gnu FLAG=--x86-64; fi
CHANNEL=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
rustup target list --toolchain "$CHANNEL" --installed | grep -qx "$TARGET" || rustup target add --toolchain "$CHANNEL" "$TARGET"

step "Building for $ARCH (link-time optimisation takes a few minutes per function)"
OUT="${CARGO_TARGET_DIR:-target}/lambda/$ARCH"
mkdir -p "$OUT"
SELECTION=()
for name in $PACKAGES; do SELECTION+=(--bin "$name"); done
# No path of this machine goes into the binaries, so that every machine builds the same bytes. Zig links against an
# older glibc than Amazon Linux 2023 has, whatever this machine's own version is.
PATH="$TOOLS/cargo-lambda-$CARGO_LAMBDA_VERSION/bin:$PATH" \
    RUSTFLAGS="--remap-path-prefix=$PWD=/easy-crm --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
    cargo lambda build --quiet --locked --profile lambda "$FLAG" --lambda-dir "$OUT" \
    -p easy-crm-lambdas --features deployed "${SELECTION[@]}"

step "Zipping"
for name in $PACKAGES; do
    "$TOOLS/zopfli-$ZOPFLI_VERSION/bin/python" scripts/lib/reproducible_zip.py "$OUT/$name.zip" "$OUT/$name/bootstrap"
    printf '  %-16s %s bytes\n' "$name" "$(wc -c <"$OUT/$name.zip" | tr -d ' ')"
done
# A function without code yet is deployed as the placeholder.
for name in $FUNCTIONS; do
    grep -qx "$name" <<<"$BINS" || cp infrastructure/lambda/not-deployed-yet.zip "$OUT/$name.zip"
done
(cd "$OUT" && python3 -c '
import hashlib, pathlib
zips = sorted(pathlib.Path(".").glob("*.zip"))
text = "".join(f"{z.name} {hashlib.sha256(z.read_bytes()).hexdigest()}\n" for z in zips)
print(hashlib.sha256(text.encode()).hexdigest()[:16])' >VERSION)
say "version $(cat "$OUT/VERSION")"
if [ -n "$BUILD_ONLY" ]; then exit 0; fi

step "Updating the functions of $ENVIRONMENT"
for name in $PACKAGES; do
    function="easy-crm-$name-$ENVIRONMENT"
    if [ -z "$DRY_RUN" ] && [ -z "$RESTART" ]; then
        there=$(aws_read lambda get-function-configuration --function-name "$function" --query CodeSha256 --output text)
        ours=$(python3 -c 'import base64, hashlib, sys; print(base64.b64encode(hashlib.sha256(open(sys.argv[1], "rb").read()).digest()).decode())' "$OUT/$name.zip")
        if [ "$there" = "$ours" ]; then say "$function has this code already"; continue; fi
    fi
    aws_do lambda update-function-code --function-name "$function" --zip-file "fileb://$OUT/$name.zip" \
        --architectures "$ARCH" --query LastUpdateStatus --output text
    aws_do lambda wait function-updated-v2 --function-name "$function"
done
say "done"
