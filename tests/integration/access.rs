//! Access control: every route with every forged token, and what a user gets for another user's ids.

mod forge;

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use easy_crm_local::deployment::api_routes;
use easy_crm_shared::changes::Job;
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, BOB, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use forge::{ATTACKS, Forge};

/// An id that does not exist.
const NOBODYS: &str = "550e8400-e29b-41d4-a716-446655440000";

fn filled(pattern: &str, id: &str) -> String {
    pattern.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_lets_a_forged_token_in() -> Result<()> {
    let system = System::start().await?;
    let forge = Forge::of(&system)?;
    for (method, pattern, _) in api_routes() {
        let path = format!("{}{}", routes::API_BASE, filled(pattern, NOBODYS));
        for (attack, authorization) in ATTACKS {
            let authorization = authorization(&forge)?;
            let (status, body) = system.raw(method.clone(), &path, authorization.as_deref()).await?;
            ensure!(status == StatusCode::UNAUTHORIZED, "{method} {pattern}, {attack}: {status} {body}");
            let body: Value = serde_json::from_str(&body)?;
            ensure!(body["error"]["code"] == "UNAUTHORIZED", "{method} {pattern}, {attack}: {body}");
            ensure!(
                body["error"]["message"] == "Sign in to do this.",
                "the response says why: {method} {pattern}, {attack}: {body}"
            );
        }
        let ran = system.local.invocation_times().snapshot();
        ensure!(ran.is_empty(), "{method} {pattern} reached {:?}", ran.keys());
    }
    // The same forge, with nothing forged, is let in everywhere; so it is the attacks that are refused.
    for (method, pattern, _) in api_routes() {
        let path = format!("{}{}", routes::API_BASE, filled(pattern, NOBODYS));
        let (status, body) = system.raw(method.clone(), &path, Some(&forge.signed(|_, _| {})?)).await?;
        ensure!(status != StatusCode::UNAUTHORIZED, "{method} {pattern}: {body}");
    }
    Ok(())
}

#[test]
fn every_route_name_is_a_route_of_the_table() {
    let source = include_str!("../../shared/src/routes.rs");
    let outside = [routes::API_BASE, routes::SITE_CONFIG];
    let named: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split('"').nth(1))
        .filter(|path| !outside.contains(path))
        .collect();
    let served: BTreeSet<&str> = api_routes().map(|(_, pattern, _)| pattern).collect();
    assert_eq!(named, served);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_is_the_page_the_login_and_nothing_else() -> Result<()> {
    let system = System::start().await?;
    let status = system.import(ALICE, &Upload::text("a.csv", "Name,Email\nAda,ada@x.example\n")).await?;
    let bucket = &system.local.app().config().files_bucket;
    for (method, path) in [
        (Method::GET, format!("/{bucket}/uploads/{}", status.upload_id)),
        (Method::HEAD, format!("/{bucket}/uploads/{}", status.upload_id)),
        (Method::PUT, format!("/{bucket}/uploads/{NOBODYS}")),
        (Method::DELETE, format!("/{bucket}/uploads/{}", status.upload_id)),
        (Method::GET, format!("/{bucket}/?list-type=2")),
        (Method::GET, "/oauth2/userInfo".to_owned()),
    ] {
        let (status, body) = system.raw(method.clone(), &path, None).await?;
        ensure!(!status.is_success(), "{method} {path}: {status}");
        ensure!(!body.contains("ada@x.example") && !body.contains("uploads/"), "{method} {path}: {body}");
    }
    // Nothing that the AWS stand-ins would serve is reachable by URL.
    for path in ["/", "/anything"] {
        let request = reqwest::Client::new()
            .post(format!("{}{path}", system.local.base_url()))
            .header("x-amz-target", "DynamoDB_20120810.ListTables")
            .header("content-type", "application/x-amz-json-1.0")
            .body("{}");
        let response = request.send().await?;
        ensure!(response.status().is_client_error(), "{path}: {}", response.status());
    }
    Ok(())
}

/// A foreign domain name that resolves to this machine (DNS rebinding), and pages of other sites: with a good token, on
/// every route.
#[tokio::test(flavor = "multi_thread")]
async fn no_route_answers_under_another_name_or_to_another_site() -> Result<()> {
    let system = System::start().await?;
    let (base, token) = (system.local.base_url(), system.local.token_for(ALICE)?);
    let bucket = system.local.app().config().files_bucket.clone();
    let api = api_routes().map(|(method, pattern, _)| {
        (method.clone(), format!("{}{}", routes::API_BASE, filled(pattern, NOBODYS)))
    });
    let others = [
        (Method::GET, "/".to_owned()),
        (Method::GET, routes::SITE_CONFIG.to_owned()),
        (Method::GET, "/oauth2/authorize".to_owned()),
        (Method::POST, "/oauth2/token".to_owned()),
        (Method::PUT, format!("/{bucket}/uploads/{NOBODYS}")),
        (Method::GET, format!("/{bucket}/exports/{NOBODYS}.csv")),
    ];
    let client = reqwest::Client::new();
    for (method, path) in api.chain(others) {
        let request = || client.request(method.clone(), format!("{base}{path}")).bearer_auth(&token);
        for host in ["evil.example", "localhost.evil.example:80", "0.0.0.0", "[::]", "2130706433"] {
            let status = request().header("host", host).send().await?.status();
            ensure!(status == StatusCode::MISDIRECTED_REQUEST, "{method} {path} as {host}: {status}");
        }
        for origin in
            ["https://evil.example", "http://localhost.evil.example", "null", "http://127.0.0.1.nip.example"]
        {
            let response = request().header("origin", origin).send().await?;
            let (status, headers) = (response.status(), response.headers());
            // The browser keeps the response to a read from the page that requested it.
            ensure!(!headers.contains_key("access-control-allow-origin"), "{method} {path} from {origin}");
            ensure!(
                method == Method::GET || status == StatusCode::FORBIDDEN,
                "{method} {path} from {origin}: {status}"
            );
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_this_machine_can_connect() -> Result<()> {
    let system = System::start().await?;
    let port = format!(":{:04X} ", system.local.port());
    let mut found = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let sockets = std::fs::read_to_string(table).unwrap_or_default();
        // State 0A: listening. The address is 127.0.0.1, its bytes in this machine's byte order.
        for line in sockets.lines().filter(|line| line.contains(&port) && line.contains(" 0A ")) {
            let local = line.split_whitespace().nth(1).unwrap_or_default();
            if local.ends_with(port.trim()) {
                found += 1;
                ensure!(local.starts_with("0100007F:"), "{table}: {line}");
            }
        }
    }
    ensure!(found == 1, "{found} sockets listen on the port");
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_is_its_owners() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let system = System::start().await?;
    system.local.sign_ins()?;
    let mode = |name: &str| -> Result<u32> {
        let path = system.local.data_dir().join(name);
        let metadata = std::fs::metadata(&path).with_context(|| path.display().to_string())?;
        Ok(metadata.permissions().mode() & 0o777)
    };
    assert_eq!(mode("")?, 0o700);
    for name in ["secrets.json", "sign-in.json", "signing-key.der"] {
        assert_eq!(mode(name)?, 0o600, "{name}");
    }
    Ok(())
}

/// Alice's resources, for Bob to try.
struct Hers {
    lead: String,
    upload: String,
    job: String,
    view: String,
}

async fn hers(system: &System) -> Result<Hers> {
    let rows = format!("Name;Email;Note\nAda;ada@x.example;\nBob;bob@x.example;{}\n", "y".repeat(300_000));
    let status = system.import(ALICE, &Upload::text("a.csv", &rows)).await?;
    ensure!(status.progress.failed_leads == 1, "no failed row: {:?}", status.progress);
    let deleted = json!({ "leadIds": [NOBODYS] });
    let (code, body) = system.api(ALICE, Method::POST, routes::LEADS_DELETE, Some(deleted)).await?;
    ensure!(code == StatusCode::OK, "{code} {body}");
    let job: Job = serde_json::from_value(body)?;
    let view = json!({ "name": "Hers", "state": { "q": "ada" } });
    system.api(ALICE, Method::PUT, &routes::view("v1"), Some(view)).await?;
    let lead = system.leads().await?.first().context("no lead")?.lead_id.clone();
    Ok(Hers { lead, upload: status.upload_id, job: job.job_id, view: "v1".to_owned() })
}

/// What a user gets at a route with the id of another user's resource.
enum Answer {
    /// Leads are shared by the whole workspace.
    Shared,
    /// As if it did not exist.
    NotFound,
    /// The id is in the caller's own namespace, so nothing of the other user's is reached.
    Own,
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_ids_lead_nowhere() -> Result<()> {
    let system = System::start().await?;
    let hers = hers(&system).await?;
    let view = json!({ "name": "His", "state": 1 });
    let table: &[(Method, &str, &str, Option<Value>, Answer)] = &[
        (Method::GET, routes::LEAD, &hers.lead, None, Answer::Shared),
        // Without a body it is a bad request, but not a forbidden one.
        (Method::PATCH, routes::LEAD, &hers.lead, None, Answer::Shared),
        (Method::GET, routes::STATUS, &hers.upload, None, Answer::NotFound),
        (Method::GET, routes::STATUS_PROBLEMS, &hers.upload, None, Answer::NotFound),
        (Method::POST, routes::STATUS_CANCEL, &hers.upload, None, Answer::NotFound),
        (Method::GET, routes::JOB, &hers.job, None, Answer::NotFound),
        (Method::PUT, routes::VIEW, &hers.view, Some(view), Answer::Own),
        (Method::DELETE, routes::VIEW, &hers.view, None, Answer::Own),
    ];
    let listed: BTreeSet<_> = table.iter().map(|row| (row.0.as_str(), row.1)).collect();
    let with_ids: BTreeSet<_> = api_routes()
        .filter(|(_, pattern, _)| pattern.contains('{'))
        .map(|(method, pattern, _)| (method.as_str(), pattern))
        .collect();
    assert_eq!(listed, with_ids, "every route with an id is in the table");

    for (method, pattern, id, body, expected) in table {
        let (status, answer) = system.api(BOB, method.clone(), &filled(pattern, id), body.clone()).await?;
        let good = match expected {
            Answer::Shared => status == StatusCode::OK || (*method == Method::PATCH && status == 400),
            Answer::NotFound => status == StatusCode::NOT_FOUND && answer["error"]["code"] == "NOT_FOUND",
            Answer::Own => status == StatusCode::OK,
        };
        ensure!(good, "{method} {pattern}: {status} {answer}");
        if matches!(expected, Answer::NotFound) {
            let nobodys = system.api(BOB, method.clone(), &filled(pattern, NOBODYS), body.clone()).await?;
            let text = |answer: &Value| answer["error"]["message"].clone();
            ensure!(
                text(&nobodys.1) == text(&answer),
                "{method} {pattern}: {answer} distinguishes hers from a nonexistent one"
            );
        }
    }
    let restore = json!({ "jobId": hers.job });
    let (status, _) = system.api(BOB, Method::POST, routes::LEADS_RESTORE, Some(restore)).await?;
    assert_eq!(status, StatusCode::NOT_FOUND, "undo of her job");
    for (path, list) in [(routes::STATUS_LIST, "uploads"), (routes::VIEWS, "views")] {
        let his: Value = system.get(BOB, path).await?;
        assert_eq!(his[list], json!([]), "{path}");
        let hers: Value = system.get(ALICE, path).await?;
        assert_eq!(hers[list].as_array().map(Vec::len), Some(1), "{path}");
    }
    let views: Value = system.get(ALICE, routes::VIEWS).await?;
    assert_eq!(views["views"][0]["name"], "Hers");
    // She still has all of it.
    system.status(ALICE, &hers.upload).await?;
    system.get::<Value>(ALICE, &routes::status_problems(&hers.upload)).await?;
    system.get::<Value>(ALICE, &routes::job(&hers.job)).await?;
    Ok(())
}
