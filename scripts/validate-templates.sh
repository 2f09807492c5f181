#!/usr/bin/env bash
# Checks the CloudFormation templates, without an AWS account: cfn-lint, cfn-guard rules (and the rules' own tests), our
# checks across templates, and the comparison with the Rust code (--without-code skips that).
. "$(dirname "$0")/common.sh"

WITH_CODE=1
while [ $# -gt 0 ]; do
    case "$1" in
        --without-code) WITH_CODE= ;;
        -h | --help) echo "usage: ./scripts/validate-templates.sh [--without-code]"; trap - EXIT; exit 0 ;;
        *) die "unknown option $1" ;;
    esac
    shift
done

TEMPLATES="main storage cognito lambda api-gateway cloudfront"

step "Installing what is missing"
rust_toolchain
template_tools

step "cfn-lint $CFN_LINT_VERSION"
"$TOOLS/cfn-lint-$CFN_LINT_VERSION/bin/cfn-lint" --config-file infrastructure/.cfnlintrc.yaml
say "no findings"

step "cfn-guard $CFN_GUARD_VERSION: the rules' own tests"
if ! CASES=$(cfn-guard test --dir infrastructure/guard 2>&1); then
    grep -E '^Name:|Evaluated' <<<"$CASES" | grep -B1 Evaluated
    die "a rule's result differs from its tests"
fi
say "$(grep -c '^Name:' <<<"$CASES") cases as expected"

step "cfn-guard $CFN_GUARD_VERSION: the templates"
for template in $TEMPLATES; do
    cfn-guard validate --rules infrastructure/guard/easy-crm.guard --data "infrastructure/$template.yaml" --show-summary fail
done
say "no findings"

step "Checks across templates"
"$TOOLS/cfn-lint-$CFN_LINT_VERSION/bin/python" scripts/lib/check_templates.py

if [ -n "$WITH_CODE" ]; then
    step "Templates against the code"
    # The whole workspace, so that nothing is rebuilt with other features.
    cargo test --quiet --locked --workspace --test templates
fi
say "the templates are valid"
