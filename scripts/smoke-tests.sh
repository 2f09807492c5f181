#!/usr/bin/env bash
# Checks that a deployment works: EmailIndex, email normalisation, duplicate handling, the functions' variables, and
# more.
. "$(dirname "$0")/common.sh"
. scripts/lib/aws.sh
. scripts/lib/run_checks.sh

usage() {
    cat <<'END'
usage: ./scripts/smoke-tests.sh [--local | options]

  --local             the same checks against the local server, which is built and started on a data folder of its own
  --environment ENV   dev, staging or prod (default prod)
  --dry-run           say what would be done
  --profile, --region, --stack-name   as for the AWS CLI (defaults nch-prod, ap-southeast-1, easy-crm)
END
}

run_checks smoke "$@"
