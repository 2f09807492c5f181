#!/usr/bin/env bash
# Runs the import against moto, an independent implementation of the AWS APIs, on a port of this machine.
. "$(dirname "$0")/common.sh"

python_tool moto "$MOTO_VERSION" "[server,cloudformation]"
step "Building"
cargo build --quiet --locked -p easy-crm-tests --bin second-aws
step "Import against moto $MOTO_VERSION"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
"$TOOLS/moto-$MOTO_VERSION/bin/moto_server" -H 127.0.0.1 -p "$port" >"$log" 2>&1 &
server=$!
trap 'code=$?; kill "$server" 2>/dev/null || true; rm -f "$log"; [ $code -eq 0 ] || printf "failed (exit %s) at: %s\n" "$code" "$STEP" >&2' EXIT
for _ in $(seq 100); do
    kill -0 "$server" 2>/dev/null || { cat "$log" >&2; die "moto did not start"; }
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.2
done
"${CARGO_TARGET_DIR:-target}/debug/second-aws" "http://127.0.0.1:$port"
