//! `POST /upload`: requesting a presigned URL, and what may be sent to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoEnumIterator as _, IntoStaticStr};

/// Largest accepted file if the deployment sets no other limit, in bytes (50 MB).
pub const DEFAULT_MAX_FILE_SIZE: u64 = 50 * 1024 * 1024;

/// Longest accepted file name, in characters.
pub const MAX_FILE_NAME_CHARS: usize = 255;

/// Body of `POST /upload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadRequest {
    /// The file's name on the user's machine.
    pub file_name: String,
    /// Its media type; browsers often send an empty one.
    #[serde(default)]
    pub file_type: String,
    /// Its size in bytes.
    pub file_size: u64,
    /// What its rows do to leads that exist; if absent, what the deployment sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_policy: Option<UpdatePolicy>,
}

/// What the rows of a file do to leads that exist already. The same holds between rows of the file with the same email
/// address. Under every policy, a value derived from the address (a name, a company) never overwrites one that somebody
/// wrote, and a written value overwrites a derived one.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumIter,
    EnumString,
    IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum UpdatePolicy {
    /// The row replaces all fields, with missing values too: the rule of the founding document.
    #[default]
    Replace,
    /// The row's values win; fields it does not have stay.
    Update,
    /// Only missing fields are filled.
    Fill,
    /// Leads that exist stay as they are.
    Skip,
}

impl UpdatePolicy {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it is the founding document's rule, which is left out of stored records.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    #[must_use]
    pub const fn is_replace(&self) -> bool {
        matches!(self, Self::Replace)
    }
}

/// Response of `POST /upload`: where and how to PUT the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadResponse {
    /// Id to follow the upload with.
    pub upload_id: String,
    /// Presigned S3 URL for one PUT.
    pub upload_url: String,
    /// Exactly the headers the PUT must have.
    pub headers: BTreeMap<String, String>,
    /// S3 key of the object.
    pub file_key: String,
    /// Seconds until the URL expires.
    pub expires_in: u64,
    /// Largest accepted file in bytes.
    pub max_file_size: u64,
    /// Accepted file name extensions, with the dot.
    pub supported_types: Vec<String>,
}

/// A file type that can be imported, in listing order: the most common first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, IntoStaticStr)]
pub enum FileType {
    /// Comma-separated (or semicolon-, tab-, pipe-separated) text.
    #[strum(serialize = ".csv")]
    Csv,
    /// Excel 2007 and later.
    #[strum(serialize = ".xlsx")]
    Xlsx,
    /// Excel 97 to 2003.
    #[strum(serialize = ".xls")]
    Xls,
    /// Tab-separated text.
    #[strum(serialize = ".tsv")]
    Tsv,
    /// OpenDocument spreadsheet.
    #[strum(serialize = ".ods")]
    Ods,
    /// Address book cards (vCard 2.1, 3.0, 4.0), any number of them.
    #[strum(serialize = ".vcf")]
    Vcf,
    /// Excel binary workbook.
    #[strum(serialize = ".xlsb")]
    Xlsb,
    /// Excel 2007 and later with macros, which are never run.
    #[strum(serialize = ".xlsm")]
    Xlsm,
    /// Plain text containing a delimited table.
    #[strum(serialize = ".txt")]
    Txt,
}

impl FileType {
    /// The file name extension, with the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.into()
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

    /// The type for a file name's extension.
    #[must_use]
    pub fn from_file_name(file_name: &str) -> Option<Self> {
        let lower = file_name.trim().to_ascii_lowercase();
        Self::iter().find(|kind| lower.ends_with(kind.extension()))
    }
}
