//! `file-upload`: checks the announced file, creates a status record and returns a presigned S3 URL.

use std::time::Duration;

use easy_crm_domain::status::UPLOAD_URL_SECONDS;
use easy_crm_shared::error::ErrorCode;
use easy_crm_shared::upload::{FileType, MAX_FILE_NAME_CHARS, UpdatePolicy, UploadResponse};
use lambda_http::{Body, Error, Request, Response};
use strum::IntoEnumIterator as _;
use uuid::Uuid;

use crate::app::App;
use crate::aws::files::Files;
use crate::aws::statuses::StatusRecord;
use crate::error::ApiError;
use crate::http::{Claims, JsonObject, answer, json};
use crate::rate_limit::Limited;

/// Handles `POST /upload`.
///
/// # Errors
/// When not even an error response can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    answer(app, upload(app, &request).await)
}

async fn upload(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    let claims = Claims::from_request(request)?;
    app.count_request(&claims.user_id, Limited::Upload).await?;
    let body = JsonObject::from_request(request)?;
    let file_name = clean_file_name(body.text("fileName")?)?;
    let file_type = supported_type(&file_name, body.optional_text("fileType")?)?;
    let file_size = checked_size(body.count("fileSize")?, app.config.max_file_size)?;
    let update_policy = checked_policy(body.optional_text("updatePolicy")?, app.config.update_policy)?;

    let now = app.now();
    let upload_id = Uuid::new_v4().to_string();
    let record = StatusRecord::announced(
        upload_id.clone(),
        claims.user_id,
        file_name.clone(),
        file_size,
        update_policy,
        now,
    );
    app.statuses.create(&record).await?;
    let expires_in = Duration::from_secs(UPLOAD_URL_SECONDS);
    let put = app
        .files
        .presign_upload(&upload_id, file_type.media_type(), file_size, &file_name, expires_in)
        .await?;
    tracing::info!(%upload_id, file_size, "upload announced");
    json(
        200,
        &UploadResponse {
            file_key: Files::upload_key(&upload_id),
            upload_id,
            upload_url: put.url,
            headers: put.headers,
            expires_in: UPLOAD_URL_SECONDS,
            max_file_size: app.config.max_file_size,
            supported_types: FileType::iter().map(|kind| kind.extension().to_owned()).collect(),
        },
    )
}

/// The last component of a path-like name, without control characters.
fn clean_file_name(text: &str) -> Result<String, ApiError> {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).collect();
    let name = name.trim();
    if name.is_empty() {
        return Err(ApiError::field("fileName", "fileName is empty. Give the file's name, e.g. leads.csv."));
    }
    if name.chars().count() > MAX_FILE_NAME_CHARS {
        return Err(ApiError::field(
            "fileName",
            format!("The file name is longer than {MAX_FILE_NAME_CHARS} characters. Please rename the file."),
        ));
    }
    Ok(name.to_owned())
}

fn supported_type(file_name: &str, media_type: &str) -> Result<FileType, ApiError> {
    let supported = || FileType::iter().map(FileType::extension).collect::<Vec<_>>().join(", ");
    let unsupported = |message: String, field: &str| ApiError::Client {
        code: ErrorCode::UnsupportedFileType,
        message,
        field: Some(field.to_owned()),
    };
    let media_kind = media_type.split('/').next().unwrap_or_default().to_ascii_lowercase();
    if matches!(media_kind.as_str(), "image" | "audio" | "video" | "font") {
        let message =
            format!("This is not a spreadsheet but {media_type}. Supported types are {}.", supported());
        return Err(unsupported(message, "fileType"));
    }
    FileType::from_file_name(file_name).ok_or_else(|| {
        let message = format!("Files of this kind cannot be imported. Supported types are {}.", supported());
        unsupported(message, "fileName")
    })
}

fn checked_size(size: u64, max: u64) -> Result<u64, ApiError> {
    let refused =
        |code, message: String| ApiError::Client { code, message, field: Some("fileSize".to_owned()) };
    if size == 0 {
        let message = "The file is empty. Please choose a file with a header row and at least one lead.";
        return Err(refused(ErrorCode::EmptyFile, message.to_owned()));
    }
    if size > max {
        let message = format!(
            "The file is larger than {} MB. Please split it into smaller files and upload each.",
            max / (1024 * 1024)
        );
        return Err(refused(ErrorCode::FileTooLarge, message));
    }
    Ok(size)
}

fn checked_policy(text: &str, default: UpdatePolicy) -> Result<UpdatePolicy, ApiError> {
    if text.is_empty() {
        return Ok(default);
    }
    text.parse().map_err(|_| {
        let known = UpdatePolicy::iter().map(UpdatePolicy::name).collect::<Vec<_>>().join(", ");
        ApiError::field("updatePolicy", format!("updatePolicy must be one of {known}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_name(input: &str, expected: Option<&str>) {
        assert_eq!(clean_file_name(input).ok().as_deref(), expected, "{input:?}");
    }

    #[test]
    fn names_lose_folders_and_control_characters() {
        check_name("leads.csv", Some("leads.csv"));
        check_name("../../etc/leads.csv", Some("leads.csv"));
        check_name("C:\\Users\\me\\Mes clients – été.xlsx", Some("Mes clients – été.xlsx"));
        check_name(" a\u{0}b\n.csv ", Some("ab.csv"));
        check_name("", None);
        check_name("folder/", None);
        check_name(&"x".repeat(256), None);
    }

    #[test]
    fn kinds_and_sizes_are_checked() {
        assert!(supported_type("Leads.XLSX", "").is_ok());
        assert!(supported_type("leads.pdf", "application/pdf").is_err());
        assert!(supported_type("leads.csv", "image/png").is_err());
        assert!(checked_size(1, 10).is_ok());
        assert!(checked_size(0, 10).is_err());
        assert!(checked_size(11, 10).is_err());
    }
}
