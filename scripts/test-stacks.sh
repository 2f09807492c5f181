#!/usr/bin/env bash
# Creates the stacks in moto, an AWS emulator in Python, as far as moto supports their resources, and runs the import on
# the tables, the bucket and the queue it created. Needs no account.
. "$(dirname "$0")/common.sh"

step "Installing what is missing"
rust_toolchain
python_tool moto "$MOTO_VERSION" "[server,cloudformation]"
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
MOTO="$TOOLS/moto-$MOTO_VERSION/bin"

step "Stacks in moto $MOTO_VERSION"
"$MOTO/python" scripts/lib/moto_stacks.py

step "Building the import"
cargo build --quiet --locked -p easy-crm-tests --bin second-aws

step "The import on the resources of the templates"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
"$MOTO/moto_server" -H 127.0.0.1 -p "$port" >"$log" 2>&1 &
server=$!
trap 'code=$?; kill "$server" 2>/dev/null || true; rm -f "$log"; [ $code -eq 0 ] || printf "failed (exit %s) at: %s\n" "$code" "$STEP" >&2' EXIT
for _ in $(seq 100); do
    kill -0 "$server" 2>/dev/null || { cat "$log" >&2; die "moto did not start"; }
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.2
done
outputs=$("$MOTO/python" scripts/lib/moto_stacks.py "http://127.0.0.1:$port")
"${CARGO_TARGET_DIR:-target}/debug/second-aws" "http://127.0.0.1:$port" "$outputs"
