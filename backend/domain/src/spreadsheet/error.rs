//! Why a file could not be read, in words for the user who uploaded it.

use easy_crm_shared::status::UploadErrorCode;
use thiserror::Error;

/// Why a file could not be read. The message is for the user and says what to do.
///
/// The parsers' own errors are left out on purpose: they may quote cells, and this error is logged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The file has no bytes, or nothing but white space.
    #[error("This file is empty. Check that the export finished, and upload it again.")]
    EmptyFile,
    /// The bytes are not a table of any supported kind.
    #[error("This file is {found}, not a table of leads. Save the list as XLSX or CSV and upload that.")]
    UnsupportedFileType {
        /// What it is, with its article, e.g. `a PDF document`.
        found: &'static str,
    },
    /// The workbook requires a password.
    #[error("This workbook is protected by a password. Save a copy without the password and upload that.")]
    PasswordProtected,
    /// The file is damaged or cut off.
    #[error(
        "This file is damaged or incomplete ({part}). Open it in your spreadsheet program, save it again and upload the new file."
    )]
    DamagedFile {
        /// Which part of the file could not be read.
        part: &'static str,
    },
    /// A sheet exceeds a limit, or the file unpacks to too much.
    #[error(
        "This file is too large to read: {what}. Split it into smaller files, or delete what is not needed, and upload those."
    )]
    FileTooComplex {
        /// Which limit it exceeds.
        what: TooMuch,
    },
}

impl ReadError {
    /// The error's code in the status of the upload.
    #[must_use]
    pub const fn code(&self) -> UploadErrorCode {
        match self {
            Self::EmptyFile => UploadErrorCode::EmptyFile,
            Self::UnsupportedFileType { .. } => UploadErrorCode::UnsupportedFileType,
            Self::PasswordProtected => UploadErrorCode::PasswordProtected,
            Self::DamagedFile { .. } => UploadErrorCode::DamagedFile,
            Self::FileTooComplex { .. } => UploadErrorCode::FileTooComplex,
        }
    }

    pub(super) const fn damaged(part: &'static str) -> Self {
        Self::DamagedFile { part }
    }

    pub(super) const fn too_complex(what: TooMuch) -> Self {
        Self::FileTooComplex { what }
    }
}

/// The limit that a file exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TooMuch {
    /// Rows of a sheet.
    #[error("a sheet has more than {0} rows")]
    Rows(u32),
    /// Columns of a sheet.
    #[error("a sheet has more than {0} columns")]
    Columns(u32),
    /// Text of a cell, or of a row.
    #[error("a cell or a row holds more than {} MB of text", .0 / 1_048_576)]
    Cell(usize),
    /// Sheets.
    #[error("it has more than {0} sheets")]
    Sheets(usize),
    /// Parts of a zipped workbook.
    #[error("it has more than {0} parts")]
    Parts(usize),
    /// Texts in the shared list of texts.
    #[error("it has more than {0} different texts")]
    Texts(u64),
    /// Formats in the shared list of formats.
    #[error("it has more than {0} different cell formats")]
    Formats(u64),
    /// Nested elements.
    #[error("its elements are nested more than {0} deep")]
    Nesting(usize),
    /// Cells of all sheets.
    #[error("it has more than {0} cells")]
    Cells(usize),
    /// Text of all sheets, or what the parts of a zipped workbook unpack to.
    #[error("it unpacks to more than {} MB", .0 / 1_048_576)]
    Bytes(u64),
}
