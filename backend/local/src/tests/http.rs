//! Page and API through HTTP: who is let in, and what every response contains.

use easy_crm_shared::error::{ErrorCode, ErrorResponse};
use easy_crm_shared::site::SiteConfig;
use reqwest::{Method, StatusCode};

use super::*;
use crate::Dist;

#[tokio::test]
async fn only_this_machine_is_answered() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let url = format!("{}/config.json", local.base_url());
    let get = |host: &'static str| client().get(&url).header("host", host).send();
    for good in ["localhost:1", "127.0.0.1", "[::1]:8080"] {
        assert_eq!(get(good).await.unwrap().status(), StatusCode::OK, "{good}");
    }
    for bad in ["evil.example", "localhost.evil.example:80", "0.0.0.0", "192.168.1.2:8080"] {
        assert_eq!(get(bad).await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST, "{bad}");
    }
    let post = |origin: &'static str| {
        client().post(format!("{}/oauth2/token", local.base_url())).header("origin", origin).send()
    };
    assert_eq!(post("https://evil.example").await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(post("null").await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_ne!(post("http://localhost:1420").await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_api_answers_errors_in_one_shape() {
    let Fixture { local, clock, folder: _folder } = start().await;
    let token = local.token_for("ann@example.com").unwrap();
    let check = async |method: Method, path: &str, token: &str, expected: ErrorCode| {
        let request = client().request(method.clone(), format!("{}{path}", local.base_url()));
        let request = if token.is_empty() { request } else { request.header("authorization", token) };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected.http_status(), "{method} {path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let body: ErrorResponse = answer.json().await.unwrap();
        assert_eq!(body.error.code, expected, "{method} {path}");
        body.error.timestamp.parse::<Timestamp>().unwrap();
    };
    check(Method::GET, "/api/leads", "", ErrorCode::Unauthorized).await;
    check(Method::GET, "/api/status/u1", "Bearer nonsense", ErrorCode::Unauthorized).await;
    check(Method::POST, "/api/upload", "", ErrorCode::Unauthorized).await;
    check(Method::GET, "/api/nothing", &token, ErrorCode::NotFound).await;
    check(Method::GET, "/api", &token, ErrorCode::NotFound).await;
    check(Method::DELETE, "/api/leads", &token, ErrorCode::MethodNotAllowed).await;
    clock.advance(3600);
    check(Method::GET, "/api/leads", &format!("Bearer {token}"), ErrorCode::Unauthorized).await;

    let token = local.token_for("ann@example.com").unwrap();
    let too_long = client()
        .post(format!("{}/api/upload", local.base_url()))
        .bearer_auth(&token)
        .body(vec![b' '; 10 * 1024 * 1024 + 1])
        .send()
        .await
        .unwrap();
    assert_eq!(too_long.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_page_is_served_with_its_settings_and_a_strict_policy() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    std::fs::create_dir(&dist).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html>page"),
        ("app-0123456789abcdef.js", "plain"),
        ("app-0123456789abcdef.js.br", "packed"),
        ("boot.js", "boot"),
    ] {
        std::fs::write(dist.join(name), content).unwrap();
    }
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let options = LocalOptions { dist: Dist::Folder(dist), ..options(&folder, &TestClock::at_now()) };
    let local = LocalApp::start(options).await.unwrap();
    let get = |path: &str| {
        client().get(format!("{}{path}", local.base_url())).header("accept-encoding", "br").send()
    };

    for path in ["/", "/index.html", "/leads", "/leads/some-id", "/signed-in?code=x"] {
        let answer = get(path).await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-cache", "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(answer.text().await.unwrap(), "<!doctype html>page", "{path}");
    }
    let script = get("/app-0123456789abcdef.js").await.unwrap();
    assert_eq!(script.headers()["content-encoding"], "br");
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(script.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(script.text().await.unwrap(), "packed");
    for missing in
        ["/nothing.js", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/.git/config", "/%2e%2e%5csecret.txt"]
    {
        assert_eq!(get(missing).await.unwrap().status(), StatusCode::NOT_FOUND, "{missing}");
    }
    let packed = get("/config.json").await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "br");
    let config = client().get(format!("{}/config.json", local.base_url())).send().await.unwrap();
    let config: SiteConfig = config.json().await.unwrap();
    assert_eq!((config.auth_base.as_str(), config.client_id.as_str()), ("", "easy-crm-local"));
}

#[tokio::test]
async fn without_a_page_the_server_says_how_to_build_it() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let answer = client().get(local.base_url()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().await.unwrap().contains("trunk build"));
}

#[tokio::test]
async fn uploads_may_come_from_a_development_server_and_nowhere_else() {
    let Fixture { local, folder: _folder, .. } = start().await;
    let url = format!("{}/{}/uploads/x", local.base_url(), local.app().config().files_bucket);
    let preflight = |origin: &'static str| {
        client()
            .request(Method::OPTIONS, &url)
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type,x-amz-meta-file-name")
            .send()
    };
    let allowed = preflight("http://localhost:1420").await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://localhost:1420");
    assert!(allowed.headers()["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
    assert_eq!(allowed.headers()["access-control-allow-headers"], "content-type,x-amz-meta-file-name");
    let refused = preflight("https://evil.example").await.unwrap();
    assert!(!refused.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_data_folder_and_a_port_have_one_server() {
    let Fixture { local, clock, folder } = start().await;
    let second = LocalApp::start(options(&folder, &clock)).await.err().unwrap().to_string();
    assert!(second.contains("in use by another easy-crm"), "{second}");
    let other = tempfile::tempdir().unwrap();
    let taken = LocalApp::start(LocalOptions { port: local.port(), ..options(&other, &clock) }).await;
    let taken = taken.err().unwrap().to_string();
    assert!(taken.contains("is taken") && taken.contains("--port"), "{taken}");
}
