//! The example on the sign-in screen: rows of a file, and the lead they become. A test imports the file.

/// The file's name.
pub const FILE_NAME: &str = "trade_fair_FINAL(2).csv";

/// The file, with a header row.
pub const FILE: &str = "\
Name;Role;Mail
MUELLER, Anna;;ANNA@ACME.example
Müller Anna;sales;anna@acme.example
Anna Müller;Head of Sales, Acme GmbH;anna@acme.example
";

/// Given name of the lead.
pub const FIRST_NAME: &str = "Anna";
/// Family name.
pub const LAST_NAME: &str = "Müller";
/// Job title.
pub const TITLE: &str = "Head of Sales";
/// Company.
pub const COMPANY: &str = "Acme GmbH";
/// Email address.
pub const EMAIL: &str = "anna@acme.example";
