# Shared by the scripts that use AWS: options, dry runs, stack outputs. Source it after common.sh.
# shellcheck shell=bash

# The deployment's defaults; options and the usual AWS variables override them.
PROFILE="${AWS_PROFILE:-nch-prod}"
REGION="${AWS_REGION:-${AWS_DEFAULT_REGION:-ap-southeast-1}}"
ENVIRONMENT=prod
STACK_NAME=
DRY_RUN=

FUNCTIONS=$(sed -n 's/^\([a-z][a-z-]*\) .*/\1/p' infrastructure/functions.txt)

# Parses one of the options that all these scripts have; sets TAKEN to the number of words used, 0 for another option.
common_option() {
    TAKEN=2
    case "$1" in
        --profile) PROFILE=$2 ;;
        --region) REGION=$2 ;;
        --environment) ENVIRONMENT=$2 ;;
        --stack-name) STACK_NAME=$2 ;;
        --dry-run) DRY_RUN=1 TAKEN=1 ;;
        *) TAKEN=0 ;;
    esac
}

# Call it after the options: derives the settings that follow from them.
settle_options() {
    case "$ENVIRONMENT" in dev | staging | prod) ;; *) die "--environment is dev, staging or prod" ;; esac
    if [ -z "$STACK_NAME" ]; then
        STACK_NAME=easy-crm
        [ "$ENVIRONMENT" = prod ] || STACK_NAME=easy-crm-$ENVIRONMENT
    fi
    if [ -z "$DRY_RUN" ]; then
        have aws || die "the AWS CLI is missing: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
    fi
}

# Runs an AWS CLI call that only reads. Not called in a dry run, which therefore needs no account.
aws_read() { aws "$@" --profile "$PROFILE" --region "$REGION"; }

# Runs an AWS CLI call that changes something; a dry run prints it instead.
aws_do() {
    if [ -n "$DRY_RUN" ]; then
        printf 'would run: aws'
        printf ' %q' "$@" --profile "$PROFILE" --region "$REGION"
        printf '\n'
    else
        aws "$@" --profile "$PROFILE" --region "$REGION"
    fi
}

# The account id.
account_id() {
    if [ -n "$DRY_RUN" ]; then echo 123456789012; return; fi
    aws_read sts get-caller-identity --query Account --output text
}

# An output of the stack: stack_output SiteUrl
stack_output() {
    if [ -n "$DRY_RUN" ]; then echo "<$1 of $STACK_NAME>"; return; fi
    local value
    value=$(aws_read cloudformation describe-stacks --stack-name "$STACK_NAME" \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text)
    [ -n "$value" ] && [ "$value" != None ] || die "stack $STACK_NAME has no output $1; is it deployed?"
    echo "$value"
}
