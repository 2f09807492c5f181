//! `POST /upload`: asking for a presigned URL, and what may be sent to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Largest file that is accepted where the deployment sets no other limit, in bytes (50 MB).
pub const DEFAULT_MAX_FILE_SIZE: u64 = 50 * 1024 * 1024;

/// Longest file name that is accepted, in characters.
pub const MAX_FILE_NAME_CHARS: usize = 255;

/// Body of `POST /upload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadRequest {
    /// The file's name, as the user's machine calls it.
    pub file_name: String,
    /// Its media type; browsers often send an empty one.
    #[serde(default)]
    pub file_type: String,
    /// Its size in bytes.
    pub file_size: u64,
}

/// Answer of `POST /upload`: where and how to PUT the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadResponse {
    /// Id to follow the upload with.
    pub upload_id: String,
    /// Presigned S3 URL for one PUT.
    pub upload_url: String,
    /// Headers the PUT has to carry, exactly these.
    pub headers: BTreeMap<String, String>,
    /// S3 key the object gets.
    pub file_key: String,
    /// Seconds until the URL expires.
    pub expires_in: u64,
    /// Largest accepted file in bytes.
    pub max_file_size: u64,
    /// Accepted file name endings, with the dot.
    pub supported_types: Vec<String>,
}

/// A kind of file that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileType {
    /// Comma-separated (or semicolon-, tab-, pipe-separated) text.
    Csv,
    /// Tab-separated text.
    Tsv,
    /// Plain text holding a delimited table.
    Txt,
    /// Excel 2007 and later.
    Xlsx,
    /// Excel 2007 and later with macros, which are never run.
    Xlsm,
    /// Excel 97 to 2003.
    Xls,
    /// Excel binary workbook.
    Xlsb,
    /// OpenDocument spreadsheet.
    Ods,
    /// Address book cards (vCard 2.1, 3.0, 4.0), any number of them.
    Vcf,
}

impl FileType {
    /// All of them, most common first.
    pub const ALL: [Self; 9] = [
        Self::Csv,
        Self::Xlsx,
        Self::Xls,
        Self::Tsv,
        Self::Ods,
        Self::Vcf,
        Self::Xlsb,
        Self::Xlsm,
        Self::Txt,
    ];

    /// The file name ending, with the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Tsv => ".tsv",
            Self::Txt => ".txt",
            Self::Xlsx => ".xlsx",
            Self::Xlsm => ".xlsm",
            Self::Xls => ".xls",
            Self::Xlsb => ".xlsb",
            Self::Ods => ".ods",
            Self::Vcf => ".vcf",
        }
    }

    /// The media type the object is stored under, whatever the browser called it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Txt => "text/plain",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xlsm => "application/vnd.ms-excel.sheet.macroEnabled.12",
            Self::Xls => "application/vnd.ms-excel",
            Self::Xlsb => "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Vcf => "text/vcard",
        }
    }

    /// The type a file name's ending stands for.
    #[must_use]
    pub fn from_file_name(file_name: &str) -> Option<Self> {
        let lower = file_name.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| lower.ends_with(kind.extension()))
    }
}
