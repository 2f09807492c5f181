#!/usr/bin/env bash
# Builds the functions as they are deployed, but for this machine's processor, and measures them against their budgets:
# zip size, cold start compared with a hello-world function, warm responses, memory. Exits with 1 if one is over its
# budget.
. "$(dirname "$0")/common.sh"

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) ARCH=x86_64 FLAG=--x86-64 ;;
    Linux-aarch64 | Linux-arm64) ARCH=arm64 FLAG=--arm64 ;;
    *) die "the functions are Linux programs; run this on Linux" ;;
esac

step "The functions, as they are deployed"
./scripts/package-lambdas.sh --build-only --arch "$ARCH"
step "A hello-world function, built the same way"
OUT="${CARGO_TARGET_DIR:-target}/lambda/$ARCH"
PATH="$TOOLS/cargo-lambda-$CARGO_LAMBDA_VERSION/bin:$PATH" \
    RUSTFLAGS="--remap-path-prefix=$PWD=/easy-crm --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
    cargo lambda build --quiet --locked --profile lambda "$FLAG" --lambda-dir "$OUT" -p easy-crm-lambdas --features deployed --example hello-world
step "Measuring"
EASY_CRM_FUNCTIONS="$OUT" cargo run --release --quiet --locked -p easy-crm-tests --bin budgets
