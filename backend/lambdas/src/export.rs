//! Exports: rows are formatted on a separate thread while earlier parts are stored, in bounded memory.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use easy_crm_domain::lead_file;
use easy_crm_domain::lead_index::{CompiledQuery, LeadIndex};
use easy_crm_shared::error::ErrorCode;
use easy_crm_shared::export::{ExportFormat, ExportResponse};
use easy_crm_shared::lead::Lead;
use rust_xlsxwriter::{Workbook, XlsxError};
use tokio::sync::mpsc;

use crate::app::App;
use crate::aws::files::EXPORTS_PREFIX;
use crate::aws::files::multipart::PART_BYTES;
use crate::error::ApiError;

/// Rows of a sheet below its header: Excel's limit.
const MAX_SHEET_ROWS: usize = 1_048_575;
/// How long the link to a file is valid.
pub(crate) const LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Maximum number of parts waiting to be stored.
const PARTS_WAITING: usize = 2;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("no lead matches")]
    NoLeads,
    #[error("too many rows for a sheet")]
    TooManyRows,
    #[error("a cell is too long for a sheet")]
    CellTooLong,
    #[error("the sheet could not be written")]
    Xlsx(XlsxError),
    #[error("the file could not be written: {0}")]
    File(#[from] io::Error),
}

impl From<XlsxError> for ExportError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::MaxStringLengthExceeded => Self::CellTooLong,
            error => Self::Xlsx(error),
        }
    }
}

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        let refused = |message: &str| Self::client(ErrorCode::InvalidRequest, message);
        match error {
            ExportError::NoLeads => refused("No lead matches, so there is nothing to export."),
            ExportError::TooManyRows => {
                refused("An Excel sheet holds 1,048,575 leads at most. Export them as CSV, or choose fewer.")
            }
            ExportError::CellTooLong => {
                refused("Some remarks are longer than an Excel cell can hold. Export these leads as CSV.")
            }
            ExportError::Xlsx(_) | ExportError::File(_) => Self::Internal(error.to_string()),
        }
    }
}

/// Writes all leads of a query, in its order, to a file in the bucket, named by `id`. `rows` receives the number
/// written.
pub(crate) async fn export(
    app: &App,
    query: CompiledQuery,
    format: ExportFormat,
    id: &str,
    rows: Arc<AtomicU64>,
) -> Result<ExportResponse, ApiError> {
    let now = app.now();
    let (extension, media_type) = match format {
        ExportFormat::Csv => ("csv", "text/csv; charset=utf-8"),
        ExportFormat::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    };
    let key = format!("{EXPORTS_PREFIX}{id}.{extension}");
    let (parts_to, parts) = mpsc::channel(PARTS_WAITING);
    let write =
        app.lead_list.read(now, Some(now), move |index| write(index, &query, format, &rows, parts_to));
    let (written, stored) = tokio::join!(write, app.files.put_parts(&key, media_type, parts));
    // A storage error says more than the writer's error that its receiver is gone.
    stored?;
    let row_count = written?.0?;
    let file_name = lead_file::file_name(now, extension);
    let download_url = app.files.presign_download(&key, &file_name, media_type, LINK_LIFETIME).await?;
    tracing::info!(row_count, extension, "leads exported");
    Ok(ExportResponse { download_url, file_name, row_count })
}

fn write(
    index: &LeadIndex,
    query: &CompiledQuery,
    format: ExportFormat,
    rows: &AtomicU64,
    parts_to: mpsc::Sender<Vec<u8>>,
) -> Result<u64, ExportError> {
    let leads = index.select(query);
    let count = leads.len();
    let leads = leads.inspect(|_| {
        rows.fetch_add(1, Ordering::Relaxed);
    });
    if count == 0 {
        return Err(ExportError::NoLeads);
    }
    let mut out = Parts { part: Vec::with_capacity(PART_BYTES), parts_to };
    match format {
        ExportFormat::Csv => lead_file::write_csv(leads, &mut out)?,
        ExportFormat::Xlsx if count > MAX_SHEET_ROWS => return Err(ExportError::TooManyRows),
        ExportFormat::Xlsx => write_xlsx(leads, &mut out)?,
    }
    out.end()?;
    Ok(count as u64)
}

/// Writes a workbook of text cells. Its rows are buffered in a temporary file, not in memory.
fn write_xlsx(leads: impl Iterator<Item = Lead>, out: &mut (impl Write + Send)) -> Result<(), ExportError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("Leads")?;
    for (column, header) in (0..).zip(lead_file::HEADERS) {
        sheet.write_string(0, column, header)?;
    }
    for (row, lead) in (1..).zip(leads) {
        for (column, cell) in (0..).zip(lead_file::cells(&lead)) {
            sheet.write_string(row, column, cell)?;
        }
    }
    workbook.save_to_writer(out)?;
    Ok(())
}

/// Splits the written bytes into parts.
struct Parts {
    part: Vec<u8>,
    parts_to: mpsc::Sender<Vec<u8>>,
}

impl Parts {
    fn send(&mut self, next: Vec<u8>) -> io::Result<()> {
        let part = std::mem::replace(&mut self.part, next);
        self.parts_to.blocking_send(part).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn end(mut self) -> io::Result<()> {
        if self.part.is_empty() { Ok(()) } else { self.send(Vec::new()) }
    }
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(PART_BYTES - self.part.len());
        self.part.extend_from_slice(&bytes[..fits]);
        if self.part.len() == PART_BYTES {
            self.send(Vec::with_capacity(PART_BYTES))?;
        }
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
