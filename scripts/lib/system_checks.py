"""Checks of a running Easy CRM, deployed on AWS or on this machine, with the same steps and the same expectations.

usage: system_checks.py smoke|duplicates --local PATH_TO_EASY_CRM
       system_checks.py smoke|duplicates --environment ENV --stack-name NAME --profile PROFILE --region REGION

On AWS it uses the AWS CLI: functions are invoked with the event API Gateway would send. The leads it stores have
their own addresses at example.invalid and are deleted afterwards.
"""

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import uuid

from functions import FUNCTIONS, MODEL_FUNCTIONS

# Maximum seconds for an import of a few rows; the first one on AWS includes cold starts.
IMPORT_SECONDS = 120
USER = {"sub": "00000000-0000-4000-8000-00000000c4ec", "email": "checks@example.invalid"}


class Failed(Exception):
    """A failed expectation."""


def expect(condition: bool, problem: str) -> None:
    if not condition:
        raise Failed(problem)


def http(method: str, url: str, headers: dict, body: bytes | None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Local:
    """`easy-crm serve` on its own data folder, which is deleted when the checks end."""

    lag_seconds = 0

    def __init__(self, program: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.program = program
        data = ["--data", self.folder.name]
        described = subprocess.run([program, "describe", *data], capture_output=True, text=True, check=True)
        self.description = json.loads(described.stdout)
        self.log = open(f"{self.folder.name}/checks.log", "w+")
        command = [program, "serve", "--port", "0", *data]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = ""
        for line in self.server.stdout:
            if line.strip().startswith("Page"):
                self.url = line.split()[1]
            if "Ctrl-C" in line:
                break
        expect(self.url != "", "the local server did not start")
        token = subprocess.run([program, "token", *data], capture_output=True, text=True, check=True)
        self.token = token.stdout.strip()
        self.api_url = self.url + "/api"

    def call(self, _function: str, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        status, answer = http(method, self.api_url + path, headers, data)
        return status, json.loads(answer)

    def table(self, name: str) -> dict:
        return self.description["tables"][name]

    def variables(self, _function: str) -> dict:
        return self.description["settings"]

    def functions(self) -> list[str]:
        return FUNCTIONS

    def names(self) -> dict:
        return {"leads": "easy-crm-leads-local", "status": "ProcessingStatus-local"}

    def close(self, _leads: list[str]) -> None:
        self.server.terminate()
        self.server.wait(timeout=30)
        self.log.close()
        self.folder.cleanup()


class Deployed:
    """A stack on AWS."""

    # The list follows the table through an index, which lags a moment behind.
    lag_seconds = 3

    def __init__(self, options: argparse.Namespace) -> None:
        self.environment = options.environment
        self.options = ["--profile", options.profile, "--region", options.region]
        stack = self.aws("cloudformation", "describe-stacks", "--stack-name", options.stack_name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.url = self.outputs["SiteUrl"]
        self.api_url = self.url + "/api"

    def aws(self, *arguments: str) -> dict:
        command = ["aws", *arguments, *self.options, "--output", "json"]
        done = subprocess.run(command, capture_output=True, text=True)
        expect(done.returncode == 0, f"{' '.join(command[:3])} failed: {done.stderr.strip()}")
        return json.loads(done.stdout or "{}")

    def call(self, function: str, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        path, _, query = path.partition("?")
        parts = path.split("/")
        parameters = {}
        if function == "status-reader" and len(parts) > 2:
            parameters = {"uploadId": parts[2]}
        if function in ("lead-reader", "lead-writer") and method in ("GET", "PATCH") and len(parts) > 2:
            parameters = {"leadId": parts[2]}
        queries = dict(urllib.parse.parse_qsl(query))
        event = {
            "resource": path, "path": path, "httpMethod": method,
            "headers": {"content-type": "application/json"}, "multiValueHeaders": {"content-type": ["application/json"]},
            "queryStringParameters": queries or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in queries.items()} or None,
            "pathParameters": parameters or None, "stageVariables": None,
            "requestContext": {
                "accountId": "000000000000", "apiId": "checks", "stage": self.environment, "resourceId": "checks",
                "resourcePath": path, "httpMethod": method, "path": path, "protocol": "HTTP/1.1",
                "requestId": str(uuid.uuid4()), "requestTimeEpoch": int(time.time() * 1000),
                "identity": {"sourceIp": "127.0.0.1"}, "authorizer": {"claims": USER},
            },
            "body": None if body is None else json.dumps(body), "isBase64Encoded": False,
        }
        with tempfile.NamedTemporaryFile("r") as answer:
            done = self.aws(
                "lambda", "invoke", "--function-name", f"easy-crm-{function}-{self.environment}",
                "--cli-binary-format", "raw-in-base64-out", "--payload", json.dumps(event), answer.name,
            )
            text = answer.read()
        expect("FunctionError" not in done, f"{function} failed: {text}")
        response = json.loads(text)
        return response["statusCode"], json.loads(response["body"])

    def table(self, name: str) -> dict:
        return self.aws("dynamodb", "describe-table", "--table-name", name)["Table"]

    def variables(self, function: str) -> dict:
        name = f"easy-crm-{function}-{self.environment}"
        return self.aws("lambda", "get-function-configuration", "--function-name", name)["Environment"]["Variables"]

    def functions(self) -> list[str]:
        return FUNCTIONS

    def names(self) -> dict:
        return {"leads": f"easy-crm-leads-{self.environment}", "status": f"ProcessingStatus-{self.environment}"}

    def close(self, leads: list[str]) -> None:
        if leads:
            status, answer = self.call("lead-writer", "POST", "/leads/delete", {"leadIds": leads})
            expect(status in (200, 202), f"the leads of the checks could not be deleted ({status}): {answer}")


class Checks:
    """The steps and their expected results."""

    def __init__(self, system: Local | Deployed) -> None:
        self.system = system
        self.run = uuid.uuid4().hex[:12]
        self.leads: set[str] = set()
        self.failed = 0

    def check(self, what: str, step) -> None:
        try:
            step()
            print(f"  ok      {what}")
        except Failed as failure:
            self.failed += 1
            print(f"  FAILED  {what}: {failure}")
        except Exception:
            self.failed += 1
            print(f"  FAILED  {what}")
            traceback.print_exc()

    def address(self, name: str) -> str:
        return f"{name}-{self.run}@example.invalid"

    def upload(self, name: str, rows: list[list[str]]) -> dict:
        """Imports a file; returns its status when it has ended."""
        lines = [["First name", "Last name", "Title", "Company", "Email", "Phone"], *rows]
        text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"
        return self.wait(self.send(name, text.encode()))

    def send(self, name: str, content: bytes) -> str:
        announced = {"fileName": name, "fileType": "text/csv", "fileSize": len(content)}
        status, answer = self.system.call("file-upload", "POST", "/upload", announced)
        expect(status == 200, f"POST /upload returned {status}: {answer}")
        status, body = http("PUT", answer["uploadUrl"], answer["headers"], content)
        expect(status == 200, f"the presigned PUT returned {status}: {body[:300]}")
        return answer["uploadId"]

    def wait(self, upload_id: str) -> dict:
        give_up = time.monotonic() + IMPORT_SECONDS
        while True:
            status, answer = self.system.call("status-reader", "GET", f"/status/{upload_id}")
            expect(status == 200, f"GET /status returned {status}: {answer}")
            if answer["status"] in ("completed", "error", "cancelled"):
                break
            expect(time.monotonic() < give_up, f"the import did not end within {IMPORT_SECONDS} s: {answer}")
            time.sleep(0.2)
        expect(answer["status"] == "completed", f"the import ended in {answer}")
        progress = answer["progress"]
        counted = sum(progress[f"{kind}Leads"] for kind in ("created", "updated", "unchanged", "duplicate", "failed", "cancelled"))
        expect(counted == progress["totalLeads"], f"rows are unaccounted for: {progress}")
        return answer

    def found(self, field: str, text: str) -> list[dict]:
        """Leads whose field holds a text, in a list as new as now."""
        time.sleep(self.system.lag_seconds)
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        query = urllib.parse.urlencode({f"filter_{field}": text, "asOf": now, "pageSize": 500})
        status, answer = self.system.call("lead-reader", "GET", f"/leads?{query}")
        expect(status == 200, f"GET /leads returned {status}: {answer}")
        self.leads |= {lead["leadId"] for lead in answer["leads"]}
        return answer["leads"]

    def the_lead(self, address: str) -> dict:
        leads = self.found("email", address)
        expect(len(leads) == 1, f"{len(leads)} leads with one address")
        return leads[0]

    # The checks that both scripts run first.

    def email_index(self) -> None:
        table = self.system.table(self.system.names()["leads"])
        expect(table["TableStatus"] == "ACTIVE", f"the leads table is {table['TableStatus']}")
        indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
        expect("EmailIndex" in indexes, f"there is no EmailIndex, only {sorted(indexes)}")
        index = indexes["EmailIndex"]
        expect(index["IndexStatus"] == "ACTIVE", f"EmailIndex is {index['IndexStatus']}")
        expect(index["KeySchema"] == [{"AttributeName": "email", "KeyType": "HASH"}], f"EmailIndex has the keys {index['KeySchema']}")
        expect(index["Projection"]["ProjectionType"] == "ALL", "EmailIndex does not contain complete leads")

    def normalization(self) -> None:
        address = self.address("norm")
        rows = [["Norma", f"Case{self.run}", "", "", f"  {address.upper()} ", ""]]
        rows += [[f"None{n}", f"Missing{self.run}", "", "", text, f"+65 6000 000{n}"] for n, text in enumerate(["", "N/A", "null", "None"])]
        self.upload("normalization.csv", rows)
        lead = self.the_lead(address)
        expect(lead["email"] == address, f"stored as {lead['email']}")
        missing = self.found("lastName", f"Missing{self.run}")
        expect(len(missing) == 4, f"{len(missing)} of 4 rows without an address were stored")
        expect({lead["email"] for lead in missing} == {"N/A"}, f"missing addresses are {[lead['email'] for lead in missing]}")

    def update_of_an_existing_lead(self) -> None:
        address = self.address("dup")
        first = self.upload("first.csv", [["Ada", "Lovelace", "Analyst", "Engines Ltd", address, "+44 20 7946 0001"]])
        expect(first["progress"]["createdLeads"] == 1, f"{first['progress']}")
        before = self.the_lead(address)
        second = self.upload("second.csv", [["Ada", "King", "", "King Estates", address.upper(), "+44 20 7946 0002"]])
        expect(second["progress"]["updatedLeads"] == 1, f"{second['progress']}")
        after = self.the_lead(address)
        for kept in ("leadId", "createdAt", "email"):
            expect(before[kept] == after[kept], f"{kept} changed from {before[kept]} to {after[kept]}")
        wanted = {"lastName": "King", "title": "N/A", "company": "King Estates", "phone": "+44 20 7946 0002", "sourceFile": "second.csv"}
        for name, value in wanted.items():
            expect(after[name] == value, f"{name} is {after[name]}, not {value}")
        expect(after["updatedAt"] > before["updatedAt"], "updatedAt did not move")

    # The remaining smoke tests.

    def environment_variables(self) -> None:
        needed = ["LEADS_TABLE", "STATUS_TABLE", "APP_STATE_TABLE", "FILES_BUCKET", "BATCH_QUEUE_URL", "ENVIRONMENT"]
        for function in self.system.functions():
            variables = self.system.variables(function)
            for name in needed:
                expect(variables.get(name, "") != "", f"{function} has no {name}")
            expect(variables["LEADS_TABLE"] == self.system.names()["leads"], f"{function} uses {variables['LEADS_TABLE']}")
            secret = "DEPLOYMENT_SECRET" in variables or variables.get("DEPLOYMENT_SECRET_ARN", "") != ""
            expect(secret, f"{function} has no deployment secret")
            if isinstance(self.system, Deployed):
                for name in ("DEEPSEEK_API_KEY", "DEPLOYMENT_SECRET"):
                    expect(name not in variables, f"{function} exposes {name} in its configuration")
                if function in MODEL_FUNCTIONS:
                    expect("AI_DATA_POLICY" in variables, f"{function} has no AI_DATA_POLICY")

    def status_table(self) -> None:
        table = self.system.table(self.system.names()["status"])
        expect(table["TableStatus"] == "ACTIVE", f"the status table is {table['TableStatus']}")
        expect(table["KeySchema"] == [{"AttributeName": "uploadId", "KeyType": "HASH"}], f"{table['KeySchema']}")

    def strangers_are_refused(self) -> None:
        for path in ("/leads", "/status"):
            status, _ = http("GET", self.api_url(path), {}, None)
            expect(status == 401, f"GET {path} without a token returned {status}")
        status, body = http("GET", self.api_url("/no-such-route"), {}, None)
        expect(status in (401, 403, 404) and b"<html" not in body.lower(), f"an unknown route returned {status} {body[:80]}")

    def api_url(self, path: str) -> str:
        return self.system.api_url + path

    def settings_of_the_page(self) -> None:
        status, body = http("GET", self.system.url + "/config.json", {}, None)
        expect(status == 200, f"config.json returned {status}")
        config = json.loads(body)
        for name in ("apiBase", "authBase", "clientId", "environment", "maxFileSize"):
            expect(name in config, f"config.json has no {name}")

    # The remaining checks of duplicate handling.

    def last_row_of_a_file_wins(self) -> None:
        address = self.address("batch")
        rows = [["Grace", f"Row{n}", "", "", address, ""] for n in range(5)]
        progress = self.upload("batch.csv", rows)["progress"]
        expect((progress["createdLeads"], progress["duplicateLeads"]) == (1, 4), f"{progress}")
        expect(self.the_lead(address)["lastName"] == "Row4", "a row other than the last one won")

    def the_same_file_changes_nothing(self) -> None:
        address = self.address("same")
        rows = [["Alan", "Turing", "", "Bletchley", address, ""], ["No", f"Address{self.run}", "", "", "", "+65 6111 1111"]]
        self.upload("same.csv", rows)
        before = self.the_lead(address)
        progress = self.upload("same.csv", rows)["progress"]
        expect((progress["unchangedLeads"], progress["createdLeads"]) == (2, 0), f"{progress}")
        expect(self.the_lead(address) == before, "the lead changed")
        expect(len(self.found("lastName", f"Address{self.run}")) == 1, "the row without an address was stored twice")

    def uploads_at_once_make_one_lead(self) -> None:
        address = self.address("race")
        header = "First name,Last name,Email\n"
        uploads = [self.send(f"race{n}.csv", f"{header}Race,Run{n},{address}\n".encode()) for n in range(4)]
        ended = [self.wait(upload)["progress"] for upload in uploads]
        created = sum(progress["createdLeads"] for progress in ended)
        expect(created == 1, f"{created} of four uploads created the lead: {ended}")
        expect(self.the_lead(address)["lastName"] == "Run3", "an upload other than the last one won")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["smoke", "duplicates"])
    parser.add_argument("--local", metavar="PATH_TO_EASY_CRM")
    parser.add_argument("--environment")
    parser.add_argument("--stack-name")
    parser.add_argument("--profile")
    parser.add_argument("--region")
    options = parser.parse_args()
    system = Local(options.local) if options.local else Deployed(options)
    checks = Checks(system)
    try:
        print(f"{system.url}")
        checks.check("EmailIndex exists and is active", checks.email_index)
        checks.check("email addresses are normalised", checks.normalization)
        checks.check("a known address updates its lead and keeps its id", checks.update_of_an_existing_lead)
        if options.what == "smoke":
            checks.check("functions have their environment variables", checks.environment_variables)
            checks.check("the status table exists", checks.status_table)
            checks.check("requests without a token are refused", checks.strangers_are_refused)
            checks.check("the page has its settings", checks.settings_of_the_page)
        else:
            checks.check("of rows with the same address the last one wins", checks.last_row_of_a_file_wins)
            checks.check("importing a file again changes nothing", checks.the_same_file_changes_nothing)
            checks.check("four simultaneous uploads create one lead", checks.uploads_at_once_make_one_lead)
    finally:
        checks.check("the checks leave nothing behind", lambda: system.close(sorted(checks.leads)))
    print("all checks passed" if checks.failed == 0 else f"{checks.failed} checks failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
