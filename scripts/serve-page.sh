#!/usr/bin/env bash
# Serves the page of this checkout with live reload, using a deployment's API, settings and login.
. "$(dirname "$0")/common.sh"
. scripts/lib/aws.sh

usage() {
    cat <<'END'
usage: ./scripts/serve-page.sh [options]

  --site URL          address of the deployment (default: the stack's output SiteUrl)
  --environment ENV   dev, staging or prod (default prod)
  --dry-run           print the settings of trunk and serve nothing
  --profile, --region, --stack-name   as for the AWS CLI (defaults nch-prod, ap-southeast-1, easy-crm)

The page is at http://localhost:8081. The deployment has to know that origin, for sign-in and for uploads:
./scripts/deploy.sh --environment ENV --parameter DevelopmentOrigin=http://localhost:8081
END
}

SITE=
while [ $# -gt 0 ]; do
    common_option "$@"
    if [ "$TAKEN" -gt 0 ]; then shift "$TAKEN"; continue; fi
    case "$1" in
        --site) SITE=${2%/}; shift ;;
        -h | --help) usage; trap - EXIT; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done
if [ -z "$SITE" ]; then
    settle_options
    SITE=$(stack_output SiteUrl)
fi

# Like for the local server, but with another system behind it. Trunk treats this file's folder as the project's.
CONFIG=Trunk.deployed.toml
sed "s|http://127.0.0.1:8080/|$SITE/|" Trunk.toml >"$CONFIG"
if [ -n "$DRY_RUN" ]; then
    grep backend "$CONFIG"
    exit 0
fi

step "Installing what is missing"
rust_toolchain
page_tools
step "Serving the page against $SITE"
exec env -u NO_COLOR trunk serve --config "$CONFIG"
