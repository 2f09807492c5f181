"""Creates the stacks in moto, an AWS emulator, as far as it supports their resources, and checks the result.

usage: moto_stacks.py [ENDPOINT]

Runs in moto's own environment (scripts/test-stacks.sh). Without an endpoint it creates the stacks in this process
and prints what was created and what moto does not support; with the endpoint of a moto server it creates the storage
there and prints its outputs.
"""

import json
import logging
import pathlib
import re
import sys
import warnings

import boto3
from cfnlint.decode.cfn_yaml import load as decode
from moto import mock_aws

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "infrastructure"
REGION = "ap-southeast-1"
ACCOUNT = "123456789012"
SITE = "https://d111111abcdef8.cloudfront.net"

problems: list[str] = []


def expect(condition: bool, problem: str) -> None:
    if not condition:
        problems.append(problem)


unknown: set[str] = set()


def note_unknown(message, *_) -> None:
    """Collects moto's warnings about types it does not support."""
    if kind := re.search(r"AWS::\w+::\w+", str(message)):
        unknown.add(kind[0])


def make(client, name: str, parameters: dict) -> dict:
    """Creates a stack; returns its outputs."""
    client.create_stack(
        StackName=name,
        TemplateBody=(FOLDER / f"{name}.yaml").read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = client.describe_stacks(StackName=name)["Stacks"][0]
    expect(stack["StackStatus"] == "CREATE_COMPLETE", f"{name} is {stack['StackStatus']}")
    made = client.list_stack_resources(StackName=name)["StackResourceSummaries"]
    print(f"{name}: {len(made)} resources created", file=sys.stderr)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def look_at_storage(outputs: dict) -> None:
    dynamodb = boto3.client("dynamodb", REGION)
    table = dynamodb.describe_table(TableName="easy-crm-leads-dev")["Table"]
    indexes = {index["IndexName"]: index["KeySchema"] for index in table["GlobalSecondaryIndexes"]}
    expect(indexes["EmailIndex"] == [{"AttributeName": "email", "KeyType": "HASH"}], f"EmailIndex: {indexes}")
    expect(indexes["ChangeFeedIndex"][1]["AttributeName"] == "changedAt", f"ChangeFeedIndex: {indexes}")

    # A lead is stored and found by its address, the way deepseek-caller looks for it.
    lead = {"leadId": {"S": "l1"}, "email": {"S": "ada@example.invalid"}, "feedShard": {"S": "0"}, "changedAt": {"S": "2026"}}
    dynamodb.put_item(TableName=outputs["LeadsTableName"], Item=lead)
    found = dynamodb.query(
        TableName=outputs["LeadsTableName"], IndexName="EmailIndex", KeyConditionExpression="email = :e",
        ExpressionAttributeValues={":e": {"S": "ada@example.invalid"}},
    )
    expect(found["Items"] == [lead], f"EmailIndex finds {found['Items']}")

    s3 = boto3.client("s3", REGION)
    bucket = outputs["FilesBucketName"]
    expect(bucket == f"easy-crm-files-dev-{ACCOUNT}", f"the files bucket is {bucket}")
    for name in (bucket, outputs["WebsiteBucketName"]):
        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        expect(len(encryption) == 1, f"{name} is not encrypted")
    # What moto does not apply from a template is set manually, so that at least its format is checked.
    template = decode(FOLDER / "storage.yaml")["Resources"]["FilesBucket"]["Properties"]
    rule = template["CorsConfiguration"]["CorsRules"][0]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{
        "AllowedOrigins": [SITE], "AllowedMethods": rule["AllowedMethods"], "AllowedHeaders": rule["AllowedHeaders"],
        "ExposeHeaders": rule["ExposedHeaders"], "MaxAgeSeconds": rule["MaxAge"],
    }]})
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
        {
            "ID": r["Id"], "Status": r["Status"], "Filter": {"Prefix": r.get("Prefix", "")},
            **({"Expiration": {"Days": 7}} if "ExpirationInDays" in r else {}),
            **({"AbortIncompleteMultipartUpload": r["AbortIncompleteMultipartUpload"]} if "AbortIncompleteMultipartUpload" in r else {}),
        }
        for r in template["LifecycleConfiguration"]["Rules"]
    ]})

    sqs = boto3.client("sqs", REGION)
    queue = sqs.get_queue_attributes(QueueUrl=outputs["BatchQueueUrl"], AttributeNames=["All"])["Attributes"]
    redrive = json.loads(queue["RedrivePolicy"])
    expect(redrive["deadLetterTargetArn"] == outputs["BatchDeadLetterQueueArn"], f"dead letters go to {redrive}")
    expect(int(queue["VisibilityTimeout"]) >= 6 * 180, f"visible again after {queue['VisibilityTimeout']} s")
    # A message that is received too often moves to the dead-letter queue.
    sqs.send_message(QueueUrl=outputs["BatchQueueUrl"], MessageBody="{}")
    for _ in range(int(redrive["maxReceiveCount"]) + 1):
        for message in sqs.receive_message(QueueUrl=outputs["BatchQueueUrl"]).get("Messages", []):
            sqs.change_message_visibility(
                QueueUrl=outputs["BatchQueueUrl"], ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
    dead = sqs.get_queue_url(QueueName="easy-crm-batches-dev-dlq")["QueueUrl"]
    received = sqs.receive_message(QueueUrl=dead).get("Messages", [])
    expect(len(received) == 1, "a message that fails every time does not become a dead letter")


def look_at_functions() -> None:
    functions = boto3.client("lambda", REGION)
    made = {f["FunctionName"]: f for f in functions.list_functions()["Functions"]}
    expect(len(made) == 8, f"{sorted(made)}")
    for name, function in made.items():
        expect(function["Runtime"] == "provided.al2023", f"{name} runs on {function['Runtime']}")
        variables = function["Environment"]["Variables"]
        expect(variables["LEADS_TABLE"] == "easy-crm-leads-dev", f"{name}: {variables}")
        expect("DEEPSEEK_API_KEY" not in variables and "sk-test" not in str(variables), f"{name} exposes the key")
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    expect(len(mappings) == 3, f"{len(mappings)} event source mappings")
    iam = boto3.client("iam", REGION)
    roles = {function["Role"] for function in made.values()}
    expect(len(roles) == 8, "functions share a role")
    for role in roles:
        policies = iam.list_role_policies(RoleName=role.rsplit("/", 1)[1])["PolicyNames"]
        expect(len(policies) == 1, f"{role} has the policies {policies}")


STORAGE = {"Environment": "dev", "SiteUrl": SITE, "DistributionArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}


def storage_at(endpoint: str) -> int:
    """Creates the storage on a server, for programs that use it."""
    outputs = make(boto3.client("cloudformation", REGION, endpoint_url=endpoint), "storage", STORAGE)
    print(json.dumps(outputs))
    return 1 if problems else 0


@mock_aws
def main() -> int:
    warnings.showwarning = note_unknown
    logging.disable(logging.WARNING)
    client = boto3.client("cloudformation", REGION)
    storage = make(client, "storage", STORAGE)
    look_at_storage(storage)
    boto3.client("s3", REGION).create_bucket(
        Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    placeholder = (FOLDER / "lambda/not-deployed-yet.zip").read_bytes()
    boto3.client("s3", REGION).put_object(Bucket="templates", Key="lambda/not-deployed-yet.zip", Body=placeholder)
    make(client, "lambda", {
        "Environment": "dev", "CodeBucket": "templates", "DeepSeekApiKey": "sk-test",
        "DeepSeekBaseUrl": "https://api.deepseek.com", "DeepSeekModel": "m", "AiDataPolicy": "masked",
        "MaxFileSize": "52428800", "UpdatePolicy": "replace", "LogRetentionDays": "7", "AlarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
        "StatusTableName": storage["ProcessingStatusTableName"], "StatusTableArn": storage["ProcessingStatusTableArn"],
        **{name: storage[name] for name in (
            "LeadsTableName", "LeadsTableArn", "AppStateTableName", "AppStateTableArn", "FilesBucketName",
            "FilesBucketArn", "BatchQueueUrl", "BatchQueueArn", "BatchQueueName", "BatchDeadLetterQueueArn",
            "BatchDeadLetterQueueName", "ObjectCreatedDeadLetterQueueArn", "ObjectCreatedDeadLetterQueueName",
        )},
    })
    look_at_functions()
    print(f"not supported by moto, so not created: {', '.join(sorted(unknown))}; of buckets: CORS, lifecycle, public access, notification; of tables: TTL, point-in-time recovery")
    for problem in problems:
        print(f"wrong: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(storage_at(sys.argv[1]) if len(sys.argv) > 1 else main())
