#!/usr/bin/env bash
# Builds Easy CRM and serves the whole system on this machine: ./scripts/dev.sh [options of `easy-crm serve`]
. "$(dirname "$0")/common.sh"

step "Installing what is missing"
rust_toolchain
page_tools
step "Building the page"
build_page
step "Building the server"
cargo build --release --locked -p easy-crm-local
step "Serving"
exec "${CARGO_TARGET_DIR:-target}/release/easy-crm" serve "$@"
