//! `POST /export`: the same query as the list, every row of it, as a file.

use serde::{Deserialize, Serialize};

use crate::query::{Filters, Sorting};

/// Body of `POST /export`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExportRequest {
    /// Filters by field, as in the list.
    pub filters: Filters,
    /// Search over all fields.
    pub q: String,
    /// Order of the rows.
    pub sorting: Sorting,
    /// File format.
    pub format: ExportFormat,
}

/// Format of an exported file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// UTF-8 with byte order mark, comma-separated.
    #[default]
    Csv,
    /// Excel workbook.
    Xlsx,
}

/// Answer of `POST /export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportResponse {
    /// Presigned URL to fetch the file from.
    pub download_url: String,
    /// `leads_export_YYYYMMDD_HHMMSS.csv`.
    pub file_name: String,
    /// Rows in the file.
    pub row_count: u64,
}
