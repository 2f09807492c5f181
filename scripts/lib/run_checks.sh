# Shared by smoke-tests.sh and validate-duplicate-handling.sh: options, and the system to check. Source it after aws.sh.
# shellcheck shell=bash

# run_checks smoke|duplicates [options]
run_checks() {
    local what=$1 local_server=
    shift
    while [ $# -gt 0 ]; do
        common_option "$@"
        if [ "$TAKEN" -gt 0 ]; then shift "$TAKEN"; continue; fi
        case "$1" in
            --local) local_server=1 ;;
            -h | --help) usage; trap - EXIT; exit 0 ;;
            *) usage >&2; die "unknown option $1" ;;
        esac
        shift
    done
    if [ -n "$local_server" ]; then
        step "Building the local server"
        rust_toolchain
        cargo build --release --locked --quiet -p easy-crm-local
        step "Checks against the local server"
        python3 scripts/lib/system_checks.py "$what" --local "${CARGO_TARGET_DIR:-target}/release/easy-crm"
        return
    fi
    settle_options
    if [ -n "$DRY_RUN" ]; then
        say "would import a few leads at example.invalid into $STACK_NAME ($ENVIRONMENT, $REGION), check them and delete them"
        return
    fi
    step "Checks against $STACK_NAME ($ENVIRONMENT, $REGION)"
    python3 scripts/lib/system_checks.py "$what" --environment "$ENVIRONMENT" --stack-name "$STACK_NAME" \
        --profile "$PROFILE" --region "$REGION"
}
