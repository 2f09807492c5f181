#!/usr/bin/env bash
# Deploys Easy CRM to AWS: checks the templates, builds the code, uploads both, shows the change set, executes it, and
# uploads the page. Run it again to update.
. "$(dirname "$0")/common.sh"
. scripts/lib/aws.sh

usage() {
    cat <<'END'
usage: ./scripts/deploy.sh [options]

  --environment ENV        dev, staging or prod (default prod); infrastructure/parameters/ENV.json is used
  --domain NAME            own domain of the site
  --certificate-arn ARN    its ACM certificate, in us-east-1
  --hosted-zone-id ID      Route 53 zone in which to create the domain's records
  --alarm-email ADDRESS    who receives the alarms
  --parameter NAME=VALUE   any other parameter of infrastructure/main.yaml; may be given several times
  --arch ARCH              arm64 (default) or x86_64
  --code-version VERSION   deploy this version of the code, uploaded before, instead of building one (to roll back)
  --no-frontend            leave the page as it is
  --yes                    ask nothing
  --dry-run                change nothing on AWS: check, build, and print what would be done
  --profile, --region, --stack-name   as for the AWS CLI (defaults nch-prod, ap-southeast-1, easy-crm)

The API key of DeepSeek is asked for, or taken from DEEPSEEK_API_KEY; leave it empty to keep the deployed one, or to do
without.
END
}

ARCH=arm64
YES=
FRONTEND=1
CODE_VERSION=
EXTRA=()
while [ $# -gt 0 ]; do
    common_option "$@"
    if [ "$TAKEN" -gt 0 ]; then shift "$TAKEN"; continue; fi
    case "$1" in
        --domain) EXTRA+=("DomainName=$2"); shift ;;
        --certificate-arn) EXTRA+=("CertificateArn=$2"); shift ;;
        --hosted-zone-id) EXTRA+=("HostedZoneId=$2"); shift ;;
        --alarm-email) EXTRA+=("AlarmEmail=$2"); shift ;;
        --parameter) EXTRA+=("$2"); shift ;;
        --arch) ARCH=$2; shift ;;
        --code-version) CODE_VERSION=$2; shift ;;
        --no-frontend) FRONTEND= ;;
        --yes) YES=1 ;;
        -h | --help) usage; trap - EXIT; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done
settle_options

# Asks for confirmation; without a terminal only --yes counts as yes.
confirm() {
    [ -z "$YES" ] || return 0
    [ -t 0 ] || die "cannot ask without a terminal: $1 (use --yes)"
    local answer
    read -r -p "$1 [y/N] " answer
    [ "$answer" = y ] || [ "$answer" = Y ] || die "nothing was changed"
}

step "Checking the templates"
./scripts/validate-templates.sh --without-code

if [ -z "$CODE_VERSION" ]; then
    step "Building the functions"
    ./scripts/package-lambdas.sh --build-only --arch "$ARCH"
    OUT="${CARGO_TARGET_DIR:-target}/lambda/$ARCH"
    CODE_VERSION=$(cat "$OUT/VERSION")
fi

step "The bucket of templates and code"
ACCOUNT=$(account_id)
BUCKET="easy-crm-templates-$ACCOUNT"
# Its name can be guessed: code from somebody else's bucket would run with the rights of whoever deploys.
OWNED=(--bucket "$BUCKET" --expected-bucket-owner "$ACCOUNT")
if [ -n "$DRY_RUN" ] || ! aws_read s3api head-bucket "${OWNED[@]}" >/dev/null 2>&1; then
    # Fails if the name is taken.
    aws_do s3 mb "s3://$BUCKET"
    aws_do s3api put-public-access-block --bucket "$BUCKET" --public-access-block-configuration \
        BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
    aws_do s3api put-bucket-versioning --bucket "$BUCKET" --versioning-configuration Status=Enabled
fi

step "Uploading templates and code"
if [ -n "${OUT:-}" ]; then
    for name in $FUNCTIONS; do
        aws_do s3 cp --only-show-errors "$OUT/$name.zip" "s3://$BUCKET/code/$CODE_VERSION/$name.zip"
    done
elif [ -z "$DRY_RUN" ]; then
    aws_read s3api head-object --bucket "$BUCKET" --key "code/$CODE_VERSION/file-upload.zip" >/dev/null ||
        die "version $CODE_VERSION of the code was never uploaded"
fi
aws_do s3 cp --only-show-errors infrastructure/ "s3://$BUCKET/" --recursive --exclude '*' --include '*.yaml' \
    --include 'lambda/*.zip' --exclude 'guard/*' --exclude '.*'

step "Parameters"
KEY=${DEEPSEEK_API_KEY:-}
if [ -z "$KEY" ] && [ -z "$YES" ] && [ -z "$DRY_RUN" ] && [ -t 0 ]; then
    read -r -s -p "API key of DeepSeek (empty: keep the one deployed, or none): " KEY
    echo
fi
# In a file that only this user can read: the arguments of a program are visible to everybody on the machine.
PARAMETERS=$(umask 077 && mktemp)
trap 'code=$?; rm -f "$PARAMETERS"; [ $code -eq 0 ] || printf "\033[1;31mfailed\033[0m (exit %s) at: %s\n" "$code" "$STEP" >&2' EXIT
KEY="$KEY" python3 - "infrastructure/parameters/$ENVIRONMENT.json" "CodeVersion=$CODE_VERSION" "Architecture=$ARCH" \
    ${EXTRA[@]+"${EXTRA[@]}"} >"$PARAMETERS" <<'END'
import json, os, sys
values = json.load(open(sys.argv[1]))["Parameters"]
values.update(argument.split("=", 1) for argument in sys.argv[2:])
for name in sorted(values):
    print(f"  {name} = {'(given)' if name.endswith('Key') else values[name]}", file=sys.stderr)
if os.environ["KEY"]:
    values["DeepSeekApiKey"] = os.environ["KEY"]
    print("  DeepSeekApiKey = (given)", file=sys.stderr)
# The format that both versions of the AWS CLI read.
json.dump([f"{name}={value}" for name, value in values.items()], sys.stdout)
END

step "Change set of $STACK_NAME"
aws_do cloudformation deploy --template-file infrastructure/main.yaml --stack-name "$STACK_NAME" \
    --parameter-overrides "file://$PARAMETERS" --capabilities CAPABILITY_NAMED_IAM \
    --tags application=easy-crm "environment=$ENVIRONMENT" --no-execute-changeset --no-fail-on-empty-changeset
if [ -n "$DRY_RUN" ]; then
    say "then the change set would be shown, confirmed and executed"
else
    CHANGE_SET=$(aws_read cloudformation list-change-sets --stack-name "$STACK_NAME" \
        --query 'sort_by(Summaries[?ExecutionStatus==`AVAILABLE`], &CreationTime)[-1].ChangeSetId' --output text)
    if [ "$CHANGE_SET" = None ]; then
        say "nothing to change"
    else
        aws_read cloudformation describe-change-set --change-set-name "$CHANGE_SET" --output table --query \
            'Changes[].ResourceChange.{Action:Action,Resource:LogicalResourceId,Type:ResourceType,Replacement:Replacement}'
        confirm "Make these changes to $STACK_NAME in $REGION (account $ACCOUNT)?"
        # A stack that has nothing but this change set is in the state REVIEW_IN_PROGRESS.
        status=$(aws_read cloudformation describe-stacks --stack-name "$STACK_NAME" --query 'Stacks[0].StackStatus' --output text)
        if [ "$status" = REVIEW_IN_PROGRESS ]; then waiter=stack-create-complete; else waiter=stack-update-complete; fi
        aws_do cloudformation execute-change-set --change-set-name "$CHANGE_SET"
        say "waiting ($waiter; the first time takes a quarter of an hour)"
        if ! aws_do cloudformation wait "$waiter" --stack-name "$STACK_NAME"; then
            aws_read cloudformation describe-stack-events --stack-name "$STACK_NAME" --output table --query \
                'StackEvents[?contains(ResourceStatus, `FAILED`)].{Resource:LogicalResourceId,Reason:ResourceStatusReason}'
            die "the stack could not be changed; CloudFormation has rolled it back"
        fi
    fi
    aws_read cloudformation describe-stacks --stack-name "$STACK_NAME" --output table \
        --query 'Stacks[0].Outputs[].{Output:OutputKey,Value:OutputValue}'
fi

if [ -n "$FRONTEND" ]; then
    step "The page"
    ./scripts/deploy-frontend.sh --environment "$ENVIRONMENT" --profile "$PROFILE" --region "$REGION" \
        --stack-name "$STACK_NAME" ${DRY_RUN:+--dry-run}
fi
say "deployed: $(stack_output SiteUrl). Try it: ./scripts/smoke-tests.sh --environment $ENVIRONMENT"
