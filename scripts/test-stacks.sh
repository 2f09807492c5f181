#!/usr/bin/env bash
# Makes the stacks in moto, an imitation of AWS in Python, as far as moto knows their resources. Needs no account.
. "$(dirname "$0")/common.sh"

step "Installing what is missing"
python_tool moto "$MOTO_VERSION" "[server,cloudformation]"
step "Stacks in moto $MOTO_VERSION"
AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test "$TOOLS/moto-$MOTO_VERSION/bin/python" scripts/lib/moto_stacks.py
