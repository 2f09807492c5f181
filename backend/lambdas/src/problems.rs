//! Failed rows in the files bucket: parts are written where rows fail, and the report is made from them on request.

use std::time::Duration;

use easy_crm_domain::problem_report::{self, FailedRows};
use futures::{StreamExt, TryStreamExt, stream};

use crate::app::App;
use crate::aws::AwsError;
use crate::aws::files::{PROBLEMS_PREFIX, REPORTS_PREFIX};
use crate::error::ApiError;

/// Parts read at once.
const CONCURRENT_READS: usize = 16;
/// How long the link to a report is valid.
const LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Approximate bytes of text in an object, which its reader holds in memory as a whole.
const PART_BYTES: usize = 4 << 20;

/// Key of the n-th object of rows the splitter could not use; the first has the name that earlier versions gave to
/// their only one. Splitting is deterministic, so writing it again changes nothing.
fn file_key(upload_id: &str, n: usize) -> String {
    match n {
        0 => format!("{PROBLEMS_PREFIX}{upload_id}/file.json"),
        _ => format!("{PROBLEMS_PREFIX}{upload_id}/file-{n:05}.json"),
    }
}

/// Stores the rows of a file that the splitter could not use.
pub(crate) async fn store_of_file(app: &App, upload_id: &str, parts: &[FailedRows]) -> Result<(), AwsError> {
    for (n, part) in problem_report::cut(parts, PART_BYTES).enumerate() {
        put(app, &file_key(upload_id, n), &[part]).await?;
    }
    Ok(())
}

/// Stores the failed rows of a batch; returns the object's key. Every try of a batch writes an object of its own: only
/// the one named where the batch is counted is part of the report.
pub(crate) async fn store_of_batch(
    app: &App,
    upload_id: &str,
    batch_index: u32,
    part: FailedRows,
) -> Result<String, AwsError> {
    let key = format!("{PROBLEMS_PREFIX}{upload_id}/{batch_index:08}-{}.json", uuid::Uuid::new_v4());
    put(app, &key, &[part]).await?;
    Ok(key)
}

async fn put(app: &App, key: &str, parts: &[FailedRows]) -> Result<(), AwsError> {
    let body = serde_json::to_vec(parts)
        .map_err(|_| AwsError::malformed("problem report", "rows cannot be written as JSON"))?;
    app.files.put(key, "application/json", body).await
}

/// Makes the report of an upload and a link to it; returns link and file name. `complete` means that no more rows can
/// be added: then it is made once and kept.
pub(crate) async fn report(
    app: &App,
    upload_id: &str,
    source_file: &str,
    complete: bool,
) -> Result<(String, String), ApiError> {
    let key = format!("{REPORTS_PREFIX}{upload_id}.csv");
    let stem = source_file.rsplit_once('.').map_or(source_file, |(stem, _)| stem);
    let file_name = format!("{stem}_problems.csv");
    if !complete || app.files.size(&key).await?.is_none() {
        let mut keys = app.statuses.problem_keys(upload_id).await?;
        let mut of_file = (0..).map(|n| file_key(upload_id, n));
        while let Some(key) = of_file.next()
            && app.files.size(&key).await?.is_some()
        {
            keys.push(key);
        }
        let parts: Vec<Vec<FailedRows>> = stream::iter(keys)
            .map(async |key| {
                let bytes = app.files.read(&key).await?;
                serde_json::from_slice(&bytes)
                    .map_err(|_| AwsError::malformed("problem report", "a part is not JSON"))
            })
            .buffered(CONCURRENT_READS)
            .try_collect()
            .await?;
        let parts = parts.into_iter().flatten().collect();
        let bytes = problem_report::write(parts).map_err(|error| ApiError::Internal(error.to_string()))?;
        app.files.put(&key, "text/csv; charset=utf-8", bytes).await?;
    }
    let url = app.files.presign_download(&key, &file_name, "text/csv; charset=utf-8", LINK_LIFETIME).await?;
    Ok((url, file_name))
}
