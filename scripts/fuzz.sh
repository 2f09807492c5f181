#!/usr/bin/env bash
# Fuzzes every target of fuzz/, one after the other: fuzz.sh [seconds each, default 600] [targets].
# cargo-fuzz requires a nightly compiler for options that the pinned stable one has too; RUSTC_BOOTSTRAP enables them.
. "$(dirname "$0")/common.sh"

SECONDS_EACH=${1:-600}
[ $# -eq 0 ] || shift
step "Installing what is missing"
rust_toolchain
cargo_tool cargo-fuzz "$CARGO_FUZZ_VERSION" --locked
export RUSTC_BOOTSTRAP=1

cd fuzz
step "Building"
TARGETS=${*:-$(cargo fuzz list)}
# Only `events` needs the AWS SDK.
FEATURES=
case " ${TARGETS//$'\n'/ } " in *" events "*) FEATURES=--features=events ;; esac
cargo fuzz build --sanitizer none $FEATURES
for target in $TARGETS; do
    step "$target, $SECONDS_EACH s"
    mkdir -p "corpus/$target"
    cargo fuzz run --sanitizer none $FEATURES "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$SECONDS_EACH" -timeout=20 -rss_limit_mb=2048
done
