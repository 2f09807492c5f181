#!/usr/bin/env bash
# Measures the page in Chromium: Lighthouse scores, and how smoothly a list of 100,000 leads scrolls.
#
# usage: page-figures.sh [--runs N] [--leads N]      Lighthouse runs per page (5), leads in the scrolled list (100000)
. "$(dirname "$0")/common.sh"

step "Installing what is missing"
rust_toolchain
page_tools
check_tools
figure_tools
step "Building the page and the server"
build_page
cargo build --release --locked --quiet -p easy-crm-local
step "Measuring"
node scripts/lib/page-figures.mjs "${CARGO_TARGET_DIR:-target}/release/easy-crm" "$TOOLS/lighthouse-$LIGHTHOUSE_VERSION" "$@"
