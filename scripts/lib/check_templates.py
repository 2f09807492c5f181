"""What cfn-lint cannot see: whether the templates agree with each other.

usage: check_templates.py [--fix]

Runs in cfn-lint's own environment, for its parser of CloudFormation's YAML. With --fix it renames the API's deployment when
the API has changed. Prints what is wrong and exits with 1, or says what was checked.
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import cfnlint.decode.cfn_yaml

from functions import FUNCTIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "infrastructure"
NAMES = ["main", "storage", "cognito", "lambda", "api-gateway", "cloudfront"]

problems: list[str] = []


def expect(condition: bool, problem: str) -> None:
    if not condition:
        problems.append(problem)


def of_type(template: dict, kind: str) -> dict:
    return {name: r for name, r in template["Resources"].items() if r["Type"] == kind}


def logical(function: str) -> str:
    return "".join(part.capitalize() for part in function.split("-"))


def references(value) -> set[str]:
    """Names of the resources and parameters that a value refers to."""
    found = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                found.add(str(inner))
            elif key == "Fn::GetAtt":
                found.add(inner[0] if isinstance(inner, list) else inner.split(".")[0])
            elif key == "Fn::Sub":
                text = inner[0] if isinstance(inner, list) else inner
                found |= {name.split(".")[0] for name in re.findall(r"\$\{([^}!]+)\}", text)}
                if isinstance(inner, list):
                    found |= references(inner[1])
            else:
                found |= references(inner)
    elif isinstance(value, list):
        for inner in value:
            found |= references(inner)
    return found


def number(value, template: dict, given: dict) -> int:
    """A literal number, or the default of a parameter."""
    if isinstance(value, dict):
        name = value["Ref"]
        return int(given.get(name, template["Parameters"][name]["Default"]))
    return int(value)


def check_stacks(templates: dict) -> None:
    """Parameters and outputs of the nested stacks match, and their order has no cycle."""
    main = templates["main"]
    stacks = of_type(main, "AWS::CloudFormation::Stack")
    needs = {}
    by_stack = {}
    for stack, resource in stacks.items():
        url = resource["Properties"]["TemplateURL"]["Fn::Sub"][0]
        name = url.rsplit("/", 1)[1].removesuffix(".yaml")
        expect(name in templates, f"main.yaml: {stack} names the template {name}.yaml, which does not exist")
        by_stack[stack] = templates[name]
        given = resource["Properties"].get("Parameters", {})
        wanted = templates[name].get("Parameters", {})
        for parameter in given.keys() - wanted.keys():
            expect(False, f"main.yaml: {stack} is given {parameter}, which {name}.yaml does not declare")
        for parameter, declared in wanted.items():
            expect(parameter in given or "Default" in declared, f"main.yaml: {stack} is not given {parameter}")
        needs[stack] = references(given) & stacks.keys()
    text = (FOLDER / "main.yaml").read_text()
    for stack, output in re.findall(r"!GetAtt (\w+)\.Outputs\.(\w+)", text):
        expect(output in by_stack[stack]["Outputs"], f"main.yaml: {stack} has no output {output}")
    made: set[str] = set()
    while len(made) < len(stacks):
        ready = {stack for stack in stacks if stack not in made and needs[stack] <= made}
        if not ready:
            expect(False, f"main.yaml: these stacks depend on each other: {sorted(stacks.keys() - made)}")
            return
        made |= ready


def check_known_names(templates: dict) -> None:
    """Names used before a resource exists are the names it gets."""
    main, storage, functions = templates["main"], templates["storage"], templates["lambda"]
    site = main["Resources"]["CloudFrontStack"]["Properties"]["Parameters"]
    files = storage["Resources"]["FilesBucket"]["Properties"]["BucketName"]["Fn::Sub"]
    website = storage["Resources"]["WebsiteBucket"]["Properties"]["BucketName"]["Fn::Sub"]
    expect(site["FilesOrigin"]["Fn::Sub"].startswith(f"https://{files}.s3."), "FilesOrigin is not the files bucket")
    expect(site["WebsiteBucketName"]["Fn::Sub"] == website, "WebsiteBucketName is not the website bucket's name")
    prefix = main["Resources"]["CognitoStack"]["Properties"]["Parameters"]["LoginDomainPrefix"]["Fn::Sub"]
    for what, url in (("LoginOrigin", site["LoginOrigin"]), ("LoginUrl", main["Outputs"]["LoginUrl"]["Value"])):
        expect(url["Fn::Sub"].startswith(f"https://{prefix}.auth."), f"{what} is not the login's domain")
    rule = functions["Resources"]["ObjectCreatedRule"]["Properties"]["Name"]["Fn::Sub"]
    policy = json.dumps(storage["Resources"]["ObjectCreatedDeadLetterQueuePolicy"])
    expect(f":rule/{rule}" in policy, "the dead-letter queue of lead-splitter does not let the rule send")
    stage = templates["api-gateway"]["Resources"]["Stage"]["Properties"]["StageName"]
    origin = templates["cloudfront"]["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"][1]
    expect(stage == {"Ref": "Environment"} and origin["OriginPath"] == {"Fn::Sub": "/${Environment}"},
           "the site's API origin does not point to the stage")


def check_api(api: dict, functions: dict) -> int:
    """Every route has a user, a function, a permission and a preflight response."""
    resources = api["Resources"]
    methods = of_type(api, "AWS::ApiGateway::Method")
    permitted = {p["Properties"]["FunctionName"]["Ref"] for p in of_type(api, "AWS::Lambda::Permission").values()}

    def path_of(resource: str) -> str:
        properties = resources[resource]["Properties"]
        parent = properties["ParentId"]["Ref"]
        return ("" if parent == "RootResourceId" else path_of(parent)) + "/" + properties["PathPart"]

    routes, preflights = {}, {}
    for name, method in methods.items():
        properties = method["Properties"]
        path = path_of(properties["ResourceId"]["Ref"])
        verb = properties["HttpMethod"]
        if verb == "OPTIONS":
            answer = properties["Integration"]["IntegrationResponses"][0]["ResponseParameters"]
            allowed = answer["method.response.header.Access-Control-Allow-Methods"].strip("'").split(",")
            preflights[path] = set(allowed) - {"OPTIONS"}
            continue
        routes.setdefault(path, set()).add(verb)
        expect(properties.get("AuthorizerId") == {"Ref": "Users"}, f"{verb} {path} requires no user")
        target = references(properties["Integration"]["Uri"]) & {f"{logical(f)}FunctionArn" for f in FUNCTIONS}
        expect(len(target) == 1, f"{verb} {path} invokes no function")
        for parameter in target:
            expect(parameter in permitted, f"{verb} {path}: API Gateway may not invoke {parameter}")
            expect(parameter in functions["Outputs"], f"lambda.yaml has no output {parameter}")
        named = set(re.findall(r"\{(\w+)\}", path))
        declared = {p.rsplit(".", 1)[1] for p in properties.get("RequestParameters", {})}
        expect(named == declared, f"{verb} {path} declares the path parameters {declared}")
    expect(routes == preflights, f"preflight responses do not match the routes: {preflights}")
    return sum(len(verbs) for verbs in routes.values())


def deployment_name(api: dict) -> str:
    """The deployment's required name: it contains a hash of everything the deployment is a snapshot of."""
    pictured = {
        name: resource
        for name, resource in api["Resources"].items()
        if resource["Type"].startswith("AWS::ApiGateway::")
        and resource["Type"].rsplit("::", 1)[1] not in ("Deployment", "Stage", "Account")
    }
    text = json.dumps(pictured, sort_keys=True, default=str)
    return "Deployment" + hashlib.sha256(text.encode()).hexdigest()[:10]


def check_deployment(api: dict, fix: bool) -> None:
    deployments = of_type(api, "AWS::ApiGateway::Deployment")
    (name, deployment), = deployments.items()
    waits_for = set(deployment["DependsOn"])
    for kind in ("Method", "GatewayResponse"):
        missing = of_type(api, f"AWS::ApiGateway::{kind}").keys() - waits_for
        expect(not missing, f"the API's deployment does not depend on {sorted(missing)}")
    wanted = deployment_name(api)
    if name != wanted and fix:
        path = FOLDER / "api-gateway.yaml"
        path.write_text(path.read_text().replace(name, wanted))
        print(f"renamed {name} to {wanted}")
    elif name != wanted:
        expect(False, "the API has changed, but its deployment has the old name, so the change would not go live. Run "
                      "check_templates.py --fix (see scripts/validate-templates.sh)")


def check_functions(functions: dict) -> None:
    """The eight functions, each with its own role and log group."""
    lambdas = of_type(functions, "AWS::Lambda::Function")
    expect(set(lambdas) == {f"{logical(f)}Function" for f in FUNCTIONS}, "lambda.yaml has functions other than ours")
    for function in FUNCTIONS:
        name = logical(function)
        properties = lambdas[f"{name}Function"]["Properties"]
        expect(properties["FunctionName"] == {"Fn::Sub": f"easy-crm-{function}-${{Environment}}"},
               f"{function} has a different name")
        expect(properties["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}, f"{function} has no role of its own")
        expect(properties["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}, f"{function} has no log group of its own")
        code = properties["Code"]["S3Key"]["Fn::If"]
        expect(code[1] == {"Fn::Sub": f"code/${{CodeVersion}}/{function}.zip"}, f"{function} has another function's code")
        group = functions["Resources"][f"{name}Logs"]["Properties"]["LogGroupName"]
        expect(group == {"Fn::Sub": f"/aws/lambda/easy-crm-{function}-${{Environment}}"}, f"{function} logs elsewhere")


def check_queues(storage: dict, functions: dict, templates: dict) -> None:
    """Messages stay invisible for six timeouts, and every dead-letter queue has a consumer."""
    given = templates["main"]["Resources"]["StorageStack"]["Properties"]["Parameters"]
    queues = of_type(storage, "AWS::SQS::Queue")
    consumed = {}
    for mapping in of_type(functions, "AWS::Lambda::EventSourceMapping").values():
        properties = mapping["Properties"]
        queue = properties["EventSourceArn"]["Ref"].removesuffix("Arn")
        timeout = functions["Resources"][properties["FunctionName"]["Ref"]]["Properties"]["Timeout"]
        consumed[queue] = timeout
        visibility = number(queues[queue]["Properties"]["VisibilityTimeout"], storage, given)
        expect(visibility >= 6 * timeout, f"{queue}: visible again after {visibility} s, but six timeouts are {6 * timeout} s")
    expect(consumed.keys() == queues.keys(), f"queues without a consumer: {queues.keys() - consumed.keys()}")
    for name, queue in queues.items():
        redrive = queue["Properties"].get("RedrivePolicy")
        if redrive is None:
            expect("DeadLetter" in name, f"{name} has no dead-letter queue")
            continue
        behind = redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]
        longer = queues[behind]["Properties"]["MessageRetentionPeriod"] > queue["Properties"]["MessageRetentionPeriod"]
        expect(longer, f"{behind} keeps messages no longer than {name}")


def check_uploads(storage: dict, functions: dict) -> None:
    """Browsers may upload to presigned URLs, and new objects start lead-splitter."""
    source = (ROOT / "backend/lambdas/src/aws/files.rs").read_text()
    prefix = re.search(r'UPLOADS_PREFIX: &str = "(.*?)"', source)[1]
    bucket = storage["Resources"]["FilesBucket"]["Properties"]
    rule, = bucket["CorsConfiguration"]["CorsRules"]
    expect(rule["AllowedOrigins"][0] == {"Ref": "SiteUrl"}, "the files bucket's CORS does not name the site")
    expect("*" not in rule["AllowedOrigins"], "the files bucket's CORS allows any site")
    expect({"GET", "PUT"} <= set(rule["AllowedMethods"]), "the files bucket's CORS forbids presigned requests")
    expect({"content-type", "if-none-match", "x-amz-*"} <= set(rule["AllowedHeaders"]),
           "the files bucket's CORS forbids headers of presigned uploads")
    notified = bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"]
    expect(notified is True, "the files bucket notifies nobody")
    check_object_rule(functions, "ObjectCreated", prefix, "LeadSplitterFunction")
    check_object_rule(functions, "ExportRequested", re.search(r'EXPORT_JOBS_PREFIX: &str = "(.*?)"', source)[1], "LeadExporterFunction")
    failure = functions["Resources"]["LeadSplitterRetries"]["Properties"]["DestinationConfig"]["OnFailure"]
    expect(failure["Destination"] == {"Ref": "ObjectCreatedDeadLetterQueueArn"}, "lead-splitter's failures go elsewhere")


def check_object_rule(functions: dict, rule: str, prefix: str, function: str) -> None:
    """Objects below a prefix start a function, with an event it can read."""
    event = functions["Resources"][f"{rule}Rule"]["Properties"]
    pattern = event["EventPattern"]
    expect(pattern["detail"]["object"]["key"] == [{"prefix": prefix}], f"{rule}Rule does not match {prefix}")
    expect(pattern["detail"]["bucket"]["name"] == [{"Ref": "FilesBucketName"}], f"{rule}Rule matches another bucket")
    target, = event["Targets"]
    expect(target["Arn"] == {"Fn::GetAtt": [function, "Arn"]}, f"{rule}Rule starts another function")
    permission = functions["Resources"][f"{rule}Permission"]["Properties"]
    expect(permission["FunctionName"] == {"Ref": function}, f"{rule}Rule may not invoke {function}")
    transformer = target["InputTransformer"]
    template = transformer["InputTemplate"]
    placeholders = set(re.findall(r"<(\w+)>", template))
    expect(placeholders == transformer["InputPathsMap"].keys(), f"{rule}Rule's placeholders and paths do not match")
    record = json.loads(re.sub(r"<(\w+)>", '"x"', template))["Records"][0]
    for part in ("eventTime", "userIdentity", "requestParameters", "s3"):
        expect(part in record, f"{rule}Rule's event has no {part}, which the function's event type requires")


def check_metrics(templates: dict) -> None:
    """Alarms and the dashboard use existing metrics and queues."""
    source = (ROOT / "backend/lambdas/src/metrics.rs").read_text()
    known = set(re.findall(r'=> \("(\w+)", "\w+"\)', source))
    namespace = re.search(r'NAMESPACE: &str = "(\w+)"', source)[1]
    body = templates["main"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = set()
    for widget in json.loads(body)["widgets"]:
        space = None
        for metric in widget["properties"]["metrics"]:
            if metric[0] not in (".", "..."):
                space = metric[0]
            if space == namespace and metric[0] != "...":
                shown.add(metric[1])
    watched = {
        a["Properties"]["MetricName"]
        for t in templates.values() for a in of_type(t, "AWS::CloudWatch::Alarm").values()
        if a["Properties"]["Namespace"] == namespace
    }
    expect(watched <= known, f"alarms watch unknown metrics: {watched - known}")
    expect(shown <= known, f"the dashboard shows unknown metrics: {shown - known}")
    for function in FUNCTIONS:
        expect(body.count(f"easy-crm-{function}-${{Environment}}") == 2, f"the dashboard lacks {function}")


def check_parameter_files(main: dict) -> None:
    for path in sorted((FOLDER / "parameters").glob("*.json")):
        for name, value in json.loads(path.read_text())["Parameters"].items():
            declared = main["Parameters"].get(name)
            expect(declared is not None, f"{path.name}: main.yaml has no parameter {name}")
            if declared is None:
                continue
            expect("NoEcho" not in declared, f"{path.name}: {name} is a secret and belongs in no file")
            allowed = [str(v) for v in declared.get("AllowedValues", [value])]
            expect(value in allowed, f"{path.name}: {name} may not be {value}")
        expect(json.loads(path.read_text())["Parameters"]["Environment"] == path.stem, f"{path.name} is for another environment")


def check_site_functions(site: dict) -> int:
    """Runs CloudFront's functions: routes become the page, files stay files, /api is removed."""
    cases = {
        "PageRoutes": {
            "/": "/index.html", "/signed-in": "/index.html", "/leads/": "/index.html", "/leads/a1b2": "/index.html",
            "/app-0123456789abcdef.js": "/app-0123456789abcdef.js", "/config.json": "/config.json", "/v1.2/leads": "/index.html",
        },
        "ApiPaths": {"/api/leads": "/leads", "/api/status/u/cancel": "/status/u/cancel", "/apidoc": "/apidoc", "/api/api/x": "/api/x"},
    }
    if shutil.which("node") is None:
        print("node is not installed: CloudFront's functions were not run")
        return 0
    for name, paths in cases.items():
        code = site["Resources"][name]["Properties"]["FunctionCode"]
        script = code + f"\nfor (const uri of {json.dumps(list(paths))}) console.log(handler({{request: {{uri}}}}).uri);"
        got = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout.split()
        for (path, wanted), result in zip(paths.items(), got, strict=True):
            expect(result == wanted, f"{name} turns {path} into {result}, not {wanted}")
    return sum(len(paths) for paths in cases.values())


def check_placeholder() -> None:
    with zipfile.ZipFile(FOLDER / "lambda/not-deployed-yet.zip") as archive:
        expect(archive.namelist() == ["bootstrap"], "not-deployed-yet.zip contains something else")
        same = archive.read("bootstrap") == (FOLDER / "lambda/bootstrap").read_bytes()
        expect(same, "not-deployed-yet.zip is not made from infrastructure/lambda/bootstrap")
        executable = archive.getinfo("bootstrap").external_attr >> 16 & 0o111
        expect(executable != 0, "the placeholder in not-deployed-yet.zip cannot be run")


def main() -> int:
    templates = {}
    for name in NAMES:
        decoded, matches = cfnlint.decode.decode(str(FOLDER / f"{name}.yaml"))
        if matches:
            print("\n".join(str(match) for match in matches))
            return 1
        templates[name] = decoded
    check_stacks(templates)
    check_known_names(templates)
    routes = check_api(templates["api-gateway"], templates["lambda"])
    check_deployment(templates["api-gateway"], "--fix" in sys.argv)
    check_functions(templates["lambda"])
    check_queues(templates["storage"], templates["lambda"], templates)
    check_uploads(templates["storage"], templates["lambda"])
    check_metrics(templates)
    check_parameter_files(templates["main"])
    paths = check_site_functions(templates["cloudfront"])
    check_placeholder()
    for problem in problems:
        print(f"wrong: {problem}")
    if not problems:
        print(f"{len(NAMES)} templates, {len(FUNCTIONS)} functions, {routes} routes and {paths} paths of the site agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
