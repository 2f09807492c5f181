//! Bad files and bad requests: always a clear error.

use anyhow::Result;
use easy_crm_shared::routes;
use easy_crm_shared::status::{UploadErrorCode, UploadStatus};
use easy_crm_tests::{ALICE, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_end_in_an_error_with_a_code_and_a_message() -> Result<()> {
    let system = System::start().await?;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89".to_vec();
    let workbook = Upload::fixture("contacts.xlsx").bytes;
    let cases = [
        ("picture.csv", png, UploadErrorCode::UnsupportedFileType),
        ("cut.xlsx", workbook[..workbook.len() / 2].to_vec(), UploadErrorCode::DamagedFile),
        ("locked.xlsx", Upload::fixture("password.xlsx").bytes, UploadErrorCode::PasswordProtected),
        ("blank.csv", b"\n\n \n".to_vec(), UploadErrorCode::EmptyFile),
        ("header.csv", b"First Name,Last Name,Email\n".to_vec(), UploadErrorCode::NoLeadsFound),
    ];
    for (name, bytes, expected) in cases {
        let status = system.import(ALICE, &Upload { name: name.to_owned(), bytes, policy: None }).await?;
        assert_eq!(status.status, UploadStatus::Error, "{name}");
        let error = status.error.unwrap();
        assert_eq!(error.code, expected, "{name}: {}", error.message);
        assert!(error.message.len() > 20, "{name}: {}", error.message);
        assert!(status.progress.settled, "{name}");
    }
    assert!(system.leads().await?.is_empty());
    assert!(system.local.dead_letters().await?.is_empty(), "a bad file is not redelivered");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_are_checked() -> Result<()> {
    let system = System::start().await?;
    let max = 50 * 1024 * 1024;
    let cases: [(Value, u16, &str, &str); 10] = [
        (json!({"fileName": "a.csv", "fileSize": 0}), 400, "EMPTY_FILE", "fileSize"),
        (json!({"fileName": "a.csv", "fileSize": max + 1}), 413, "FILE_TOO_LARGE", "fileSize"),
        (json!({"fileName": "a.pdf", "fileSize": 1}), 400, "UNSUPPORTED_FILE_TYPE", "fileName"),
        (
            json!({"fileName": "a.csv", "fileType": "image/png", "fileSize": 1}),
            400,
            "UNSUPPORTED_FILE_TYPE",
            "fileType",
        ),
        (json!({"fileName": "", "fileSize": 1}), 400, "INVALID_REQUEST", "fileName"),
        (json!({"fileName": "x".repeat(300) + ".csv", "fileSize": 1}), 400, "INVALID_REQUEST", "fileName"),
        (json!({"fileName": 7, "fileSize": 1}), 400, "INVALID_REQUEST", "fileName"),
        (json!({"fileName": "a.csv"}), 400, "INVALID_REQUEST", "fileSize"),
        (json!({"fileName": "a.csv", "fileSize": -1}), 400, "INVALID_REQUEST", "fileSize"),
        (json!([]), 400, "INVALID_REQUEST", "body"),
    ];
    for (body, status, code, field) in cases {
        let (got, answer) = system.api(ALICE, Method::POST, routes::UPLOAD, Some(body.clone())).await?;
        assert_eq!(got.as_u16(), status, "{body}: {answer}");
        assert_eq!(answer["error"]["code"], code, "{body}");
        assert_eq!(answer["error"]["field"], field, "{body}");
        assert!(answer["error"]["timestamp"].is_string());
    }
    let folders = Upload::text("C:\\Users\\me\\../Müller – 顧客.csv", "Email\na@b.example\n");
    let status = system.import(ALICE, &folders).await?;
    assert_eq!(
        (status.status, status.metadata.file_name.as_str()),
        (UploadStatus::Completed, "Müller – 顧客.csv")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn list_parameters_are_checked() -> Result<()> {
    let system = System::start().await?;
    for (parameters, field) in [
        ("page=abc", "page"),
        ("page=0", "page"),
        ("pageSize=1000", "pageSize"),
        ("pageSize=-1", "pageSize"),
        ("sortBy=salary", "sortBy"),
        ("sortOrder=up", "sortOrder"),
        ("filter_salary=1", "filter_salary"),
        ("asOf=yesterday", "asOf"),
    ] {
        let path = format!("{}?{parameters}", routes::LEADS);
        let (status, body) = system.api(ALICE, Method::GET, &path, None).await?;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{parameters}: {body}");
        assert_eq!(body["error"]["field"], field, "{parameters}");
    }
    for path in ["/leads/nonsense", "/leads/550e8400-e29b-41d4-a716-446655440000", "/nothing"] {
        let (status, body) = system.api(ALICE, Method::GET, path, None).await?;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(body["error"]["code"], "NOT_FOUND");
    }
    let (status, body) = system.api(ALICE, Method::DELETE, routes::LEADS, None).await?;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{body}");
    Ok(())
}

/// Ids longer than any database key: nothing has such a name.
#[tokio::test(flavor = "multi_thread")]
async fn ids_that_cannot_be_are_not_found() -> Result<()> {
    let system = System::start().await?;
    for id in ["7".repeat(3_000), "nobody".to_owned(), "00000000-0000-4000-8000-000000000000".to_owned()] {
        let requests = [
            (Method::GET, routes::lead(&id), None),
            (
                Method::PATCH,
                routes::lead(&id),
                Some(json!({ "updatedAt": "2026-01-01T00:00:00Z", "fields": {} })),
            ),
            (Method::GET, routes::job(&id), None),
            (Method::GET, routes::status(&id), None),
            (Method::GET, routes::status_problems(&id), None),
            (Method::POST, routes::status_cancel(&id), None),
            (Method::POST, routes::LEADS_RESTORE.to_owned(), Some(json!({ "jobId": id }))),
        ];
        for (method, path, body) in requests {
            let (status, answer) = system.api(ALICE, method.clone(), &path, body).await?;
            assert_eq!(status.as_u16(), 404, "{method} {}: {answer}", &path[..path.len().min(60)]);
            assert_eq!(answer["error"]["code"], "NOT_FOUND");
        }
    }
    let view = routes::view(&"v".repeat(3_000));
    assert_eq!(system.api(ALICE, Method::DELETE, &view, None).await?.0.as_u16(), 404);
    let (status, answer) =
        system.api(ALICE, Method::PUT, &view, Some(json!({ "name": "x", "state": {} }))).await?;
    assert_eq!((status.as_u16(), &answer["error"]["field"]), (400, &json!("viewId")));
    let address = format!("{}@x.example", "a".repeat(3_000));
    let (status, answer) =
        system.api(ALICE, Method::POST, routes::LEADS_ERASE, Some(json!({ "email": address }))).await?;
    assert!(status.is_success() || status.as_u16() == 400, "{status}: {answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_there_is_nothing() -> Result<()> {
    let system = System::start().await?;
    let upload = format!("/api{}", routes::status("550e8400-e29b-41d4-a716-446655440000"));
    for path in ["/api/leads", "/api/leads/x", "/api/status", upload.as_str()] {
        for authorization in [None, Some("Bearer nonsense"), Some("Bearer a.b.c"), Some("")] {
            let (status, body) = system.raw(Method::GET, path, authorization).await?;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} {authorization:?}");
            assert!(body.contains("UNAUTHORIZED"), "{body}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_url_takes_what_was_announced_and_once() -> Result<()> {
    let system = System::start().await?;
    let upload = Upload::text("a.csv", "Email\na@b.example\n");
    let announced = system.announce(ALICE, &upload).await?;
    assert_eq!(system.put(&announced, b"another length").await?, StatusCode::FORBIDDEN);
    let mut lying = announced.clone();
    lying.headers.insert("content-type".to_owned(), "text/html".to_owned());
    assert_eq!(system.put(&lying, &upload.bytes).await?, StatusCode::FORBIDDEN);
    assert_eq!(system.put(&announced, &upload.bytes).await?, StatusCode::OK);
    assert_eq!(system.put(&announced, &upload.bytes).await?, StatusCode::PRECONDITION_FAILED);
    system.local.wait_idle().await?;
    assert_eq!(system.leads().await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monstrous_header_is_imported_all_the_same() -> Result<()> {
    let system = System::start().await?;
    let mut text = "First Name,Last Name,Email".to_owned();
    for column in 3..1_900 {
        text.push_str(&format!(
            ",Answer to the rather long question number {column} of the survey of this year"
        ));
    }
    for row in 0..5 {
        text.push_str(&format!("\nAda,Lovelace,ada{row}@wide.example"));
        text.push_str(&",yes".repeat(1_897));
    }
    let upload = Upload::text("wide.csv", &text);
    let status = system.import(ALICE, &upload).await?;
    assert_eq!(status.status, UploadStatus::Completed, "{:?}", status.error);
    assert_eq!(status.progress.created_leads, 5);
    assert!(status.plan[0].columns.len() < 1_000);
    Ok(())
}
