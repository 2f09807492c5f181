#!/usr/bin/env bash
# Reads every hostile file of backend/domain/tests/hostile_files.rs at its full size, each in a separate process with
# limits, and prints the table of docs/security.md: file, size, answer, seconds, peak memory. Arguments select files by
# a part of their names.
. "$(dirname "$0")/common.sh"

step "Hostile files"
cargo test --quiet --locked --release -p easy-crm-domain --test hostile_files -- --table "$@"
