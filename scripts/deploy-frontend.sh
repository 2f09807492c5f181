#!/usr/bin/env bash
# Builds the page and uploads it to the website bucket: hashed files cached for ever, the rest never, then an
# invalidation.
. "$(dirname "$0")/common.sh"
. scripts/lib/aws.sh

usage() {
    cat <<'END'
usage: ./scripts/deploy-frontend.sh [options]

  --environment ENV   dev, staging or prod (default prod)
  --no-build          upload dist/ as it is
  --dry-run           print what would be uploaded
  --profile, --region, --stack-name   as for the AWS CLI (defaults nch-prod, ap-southeast-1, easy-crm)

One dist/ fits every deployment: what differs is in config.json, which is made of the stack's outputs.
END
}

BUILD=1
while [ $# -gt 0 ]; do
    common_option "$@"
    if [ "$TAKEN" -gt 0 ]; then shift "$TAKEN"; continue; fi
    case "$1" in
        --no-build) BUILD= ;;
        -h | --help) usage; trap - EXIT; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done
settle_options

if [ -n "$BUILD" ]; then
    step "Building the page"
    rust_toolchain
    page_tools
    build_page
fi
[ -f dist/index.html ] || die "dist/index.html is missing; build the page (leave --no-build out)"

step "config.json of $STACK_NAME"
CONFIG=$(mktemp)
trap 'code=$?; rm -f "$CONFIG"; [ $code -eq 0 ] || printf "\033[1;31mfailed\033[0m (exit %s) at: %s\n" "$code" "$STEP" >&2' EXIT
LOGIN=$(stack_output LoginUrl)
CLIENT=$(stack_output UserPoolClientId)
MAX_FILE_SIZE=$([ -n "$DRY_RUN" ] && echo 52428800 || stack_output MaxFileSize)
LOGIN=$LOGIN CLIENT=$CLIENT MAX_FILE_SIZE=$MAX_FILE_SIZE ENVIRONMENT=$ENVIRONMENT python3 -c '
import json, os
print(json.dumps({
    "apiBase": "/api",
    "authBase": os.environ["LOGIN"],
    "clientId": os.environ["CLIENT"],
    "environment": os.environ["ENVIRONMENT"],
    "maxFileSize": int(os.environ["MAX_FILE_SIZE"]),
}, indent=2))' >"$CONFIG"
cat "$CONFIG"

media_type() {
    case "$1" in
        *.html) echo "text/html; charset=utf-8" ;;
        *.js) echo "text/javascript; charset=utf-8" ;;
        *.css) echo "text/css; charset=utf-8" ;;
        *.wasm) echo application/wasm ;;
        *.json) echo application/json ;;
        *.svg) echo image/svg+xml ;;
        *.png) echo image/png ;;
        *.ico) echo image/x-icon ;;
        *.txt) echo "text/plain; charset=utf-8" ;;
        *) echo application/octet-stream ;;
    esac
}

# put FILE NAME CACHE-CONTROL
put() {
    aws_do s3 cp --only-show-errors "$1" "s3://$BUCKET/$2" --cache-control "$3" --content-type "$(media_type "$2")"
}

step "Uploading"
BUCKET=$(stack_output WebsiteBucket)
NAMED=()
# Hashed files first: index.html must never refer to a missing file. Older ones stay for pages that are still open.
while IFS= read -r file; do
    name=${file#dist/}
    if [[ "${name##*/}" =~ [-_.][0-9a-f]{12,64}[-_.] ]]; then
        put "$file" "$name" "public, max-age=31536000, immutable"
    else
        NAMED+=("$name")
    fi
done < <(find dist -type f | sort)
put "$CONFIG" config.json no-cache
for name in "${NAMED[@]}"; do
    [ "$name" = index.html ] || [ "$name" = config.json ] || put "dist/$name" "$name" no-cache
done
put dist/index.html index.html no-cache

step "Invalidation"
PATHS=(/ /config.json)
for name in "${NAMED[@]}"; do PATHS+=("/$name"); done
aws_do cloudfront create-invalidation --distribution-id "$(stack_output DistributionId)" --paths "${PATHS[@]}" \
    --query Invalidation.Status --output text
say "the page is at $(stack_output SiteUrl)"
