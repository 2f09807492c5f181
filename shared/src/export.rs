//! `POST /export`: the same query as the list, every row of it, as a file.

use serde::{Deserialize, Serialize};

use crate::query::condition::Condition;
use crate::query::{Filters, LeadQuery, Sorting};

/// Body of `POST /export`: a [`LeadQuery`] and the file format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ExportRequest {
    /// Filters by field, as in the list.
    pub filters: Filters,
    /// Search over all fields.
    pub q: String,
    /// Order of the rows.
    pub sorting: Sorting,
    /// What else the leads have to fulfil.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Only the first so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Where days begin, in minutes ahead of UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// File format.
    pub format: ExportFormat,
}

impl ExportRequest {
    /// Asks for a query's leads as a file.
    #[must_use]
    pub fn new(query: LeadQuery, format: ExportFormat) -> Self {
        Self {
            filters: query.filters,
            q: query.q,
            sorting: query.sorting,
            condition: query.condition,
            limit: query.limit,
            utc_offset_minutes: (query.utc_offset_minutes != 0).then_some(query.utc_offset_minutes),
            format,
        }
    }

    /// The query whose leads are exported.
    #[must_use]
    pub fn query(self) -> LeadQuery {
        LeadQuery {
            filters: self.filters,
            q: self.q,
            sorting: self.sorting,
            condition: self.condition,
            limit: self.limit,
            utc_offset_minutes: self.utc_offset_minutes.unwrap_or_default(),
        }
    }
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
