//! The format leads are exported in: eleven columns, as the list shows them. Missing values are written as `N/A`.
//!
//! CSV: UTF-8 with a byte order mark, CRLF line ends (RFC 4180), cells that could be run as formulas escaped
//! ([`csv_cells`](crate::csv_cells)).

use std::io::{self, Write};

use easy_crm_shared::lead::Lead;
use jiff::Timestamp;

use crate::csv_cells::neutralize;

/// Headers of the eleven columns.
pub const HEADERS: [&str; 11] = [
    "leadId",
    "firstName",
    "lastName",
    "title",
    "company",
    "email",
    "phone",
    "remarks",
    "sourceFile",
    "createdAt",
    "updatedAt",
];

/// The cells of a lead's row.
#[must_use]
pub fn cells(lead: &Lead) -> [&str; 11] {
    [
        &lead.lead_id,
        &lead.first_name,
        &lead.last_name,
        &lead.title,
        &lead.company,
        &lead.email,
        &lead.phone,
        &lead.remarks,
        &lead.source_file,
        &lead.created_at,
        &lead.updated_at,
    ]
}

/// The name of a file exported at a time (in UTC): `leads_export_20260131_093000.csv`.
#[must_use]
pub fn file_name(now: Timestamp, extension: &str) -> String {
    format!("leads_export_{}.{extension}", now.strftime("%Y%m%d_%H%M%S"))
}

/// Writes leads as CSV.
///
/// # Errors
/// When writing to `out` fails.
pub fn write_csv(leads: impl Iterator<Item = Lead>, mut out: impl Write) -> io::Result<()> {
    out.write_all(b"\xEF\xBB\xBF")?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(HEADERS)?;
    for lead in leads {
        for cell in cells(&lead) {
            writer.write_field(neutralize(cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_as_programs_expect_them() {
        let lead = Lead {
            lead_id: "id".into(),
            first_name: "Jürgen".into(),
            last_name: "株式会社".into(),
            title: "=1+1".into(),
            company: "a \"b\", c".into(),
            email: "N/A".into(),
            phone: "+49 30".into(),
            remarks: "one\ntwo".into(),
            source_file: "a.csv".into(),
            created_at: "c".into(),
            updated_at: "u".into(),
        };
        let mut out = Vec::new();
        write_csv(std::iter::once(lead), &mut out).unwrap();
        let expected = "\u{feff}leadId,firstName,lastName,title,company,email,phone,remarks,sourceFile,createdAt,updatedAt\r\n\
                        id,Jürgen,株式会社,'=1+1,\"a \"\"b\"\", c\",N/A,'+49 30,\"one\ntwo\",a.csv,c,u\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(file_name(now, "csv"), "leads_export_20231114_221320.csv");
    }
}
