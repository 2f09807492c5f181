#!/usr/bin/env bash
# Installs what building, running and checking Easy CRM needs, in pinned versions, if it is missing.
. "$(dirname "$0")/common.sh"

step "Rust toolchain"
rust_toolchain
step "Tools for the page (trunk, wasm-bindgen, binaryen)"
page_tools
step "Tools for the checks (cargo-deny, cargo-machete, Chromium)"
check_tools
say "everything is installed"
