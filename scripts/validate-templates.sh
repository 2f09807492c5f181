#!/usr/bin/env bash
# Checks the CloudFormation templates, without an AWS account: cfn-lint, cfn-guard rules (and the rules' own tests), and
# our checks across templates.
. "$(dirname "$0")/common.sh"

TEMPLATES="main storage cognito lambda api-gateway cloudfront"

step "Installing what is missing"
rust_toolchain
template_tools

step "cfn-lint $CFN_LINT_VERSION"
"$TOOLS/cfn-lint-$CFN_LINT_VERSION/bin/cfn-lint" --config-file infrastructure/.cfnlintrc.yaml
say "no findings"

step "cfn-guard $CFN_GUARD_VERSION: the rules' own tests"
cfn-guard test --dir infrastructure/guard >"$TOOLS/guard-tests.log" 2>&1 || { grep -B2 -A3 'Evaluated' "$TOOLS/guard-tests.log"; exit 1; }
say "$(grep -c '^Name:' "$TOOLS/guard-tests.log") cases as expected"

step "cfn-guard $CFN_GUARD_VERSION: the templates"
for template in $TEMPLATES; do
    cfn-guard validate --rules infrastructure/guard/easy-crm.guard --data "infrastructure/$template.yaml" --show-summary fail
done
say "no findings"

step "Checks across templates"
"$TOOLS/cfn-lint-$CFN_LINT_VERSION/bin/python" scripts/lib/check_templates.py

say "the templates are valid"
