//! Rows under plain headers: where each cell ends up.

use super::*;
use crate::spreadsheet::{Sheet, Workbook};
use crate::standardize::plan_workbook;

/// The last row's lead as `first|last|title|company|email|phone|remarks`; the rows before it make the columns obvious.
fn lead(header: &str, rows: &[&str]) -> String {
    let mut sheet = Sheet::new(None);
    for (at, row) in std::iter::once(&header).chain(rows).enumerate() {
        row.split('|').for_each(|cell| sheet.push_cell(cell));
        sheet.end_row(at as u32 + 1);
    }
    let workbook = Workbook { sheets: vec![sheet], ..Workbook::default() };
    let table = plan_workbook(&workbook).remove(0);
    let cells: Vec<&str> = rows.last().expect("a row").split('|').collect();
    let lead = RowStandardizer::new(&table.layout).standardize(&cells);
    [lead.first_name, lead.last_name, lead.title, lead.company, lead.email, lead.phone, lead.remarks]
        .join("|")
}

fn check_parts(row: &str, expected: &str) {
    let header = "First Name|Last Name|E-mail|Company|Phone";
    assert_eq!(
        lead(header, &["Ida|Knox|ida.knox@knoxworks.test|Knoxworks|020 7946 0101", row]),
        expected,
        "{row}"
    );
}

#[test]
fn surnames_like_placeholders() {
    check_parts("Jane|Null|jane@acme.test|Acme|", "Jane|Null||Acme|jane@acme.test||");
    check_parts("Jane|NULL|jane.null@acme.test|Acme|", "Jane|NULL||Acme|jane.null@acme.test||");
    check_parts("Jane|NULL|jane@acme.test|Acme|", "Jane|||Acme|jane@acme.test||");
    check_parts("Jane|None|jane@acme.test|None|None", "Jane|||Acme|jane@acme.test||");
    check_parts("Jane|N/A|jane@acme.test|Acme|", "Jane|||Acme|jane@acme.test||");
    check_parts("|Null||Acme|020 7946 0102", "|||Acme||020 7946 0102|");
    check_parts("Jane|Test|jane@acme.test|Acme|", "Jane|Test||Acme|jane@acme.test||");
}

#[test]
fn formula_errors_are_no_values() {
    check_parts("#NAME?|#WERT!|jane.doe@acme.test|#REF!|#DIV/0!", "Jane|Doe||Acme|jane.doe@acme.test||");
}

#[test]
fn characters_nobody_sees() {
    check_parts(
        "\u{200e}Jane|Do\u{ad}e\u{a0}|jane\u{2060}.doe@acme.test|R&amp;D Ltd|\u{202a}020 7946 0102\u{202c}",
        "Jane|Doe||R&D Ltd|jane.doe@acme.test|020 7946 0102|",
    );
    check_parts("Pia|Holt|pia holt@acme.test|Acme|", "Pia|Holt||Acme|||E-mail: pia holt@acme.test");
    check_parts("Pia|Holt|pia´holt@acme.test|Acme|", "Pia|Holt||Acme|||E-mail: pia´holt@acme.test");
}

fn check_full(row: &str, expected: &str) {
    let header = "Name|E-mail|Organisation|Position|Phone";
    let first = "Ida Knox|ida.knox@knoxworks.test|Knoxworks Ltd|Buyer|020 7946 0101";
    let second = "Ben Ashe|ben.ashe@ashworks.test|Ashworks Ltd|Owner|020 7946 0102";
    assert_eq!(lead(header, &[first, second, row]), expected, "{row}");
}

#[test]
fn names_with_something_beside() {
    check_full("Jane Doe (CFO)|jd@acme.test|Acme Ltd||", "Jane|Doe|CFO|Acme Ltd|jd@acme.test||");
    check_full(
        "Jane Doe (CFO)|jd@acme.test|Acme Ltd|Owner|",
        "Jane|Doe|Owner|Acme Ltd|jd@acme.test||Name: CFO",
    );
    check_full("Doe, Jane (ACME)|jd@acme.test|||", "Jane|Doe||ACME|jd@acme.test||");
    check_full("John & Jane Albury|albury@gmail.com|||", "John|Albury|||albury@gmail.com||Name: Jane Albury");
    check_full("Mr. and Mrs. Brad Fenner|bf@gmail.com|||", "Brad|Fenner|||bf@gmail.com||Name: Mr. and Mrs.");
    check_full(
        "The Knox Family Trust|kft@gmail.com||Trustee|",
        "||Trustee|The Knox Family Trust|kft@gmail.com||",
    );
    check_full("Acme GmbH|jd@acme.test|Acme Group||", "|||Acme Group|jd@acme.test||Name: Acme GmbH");
    check_full("Jane Doe|jane@doe.test|||", "Jane|Doe|||jane@doe.test||");
    check_full("|jsmith@acme.test|||", "|||Acme|jsmith@acme.test||");
    check_full("|jane@acme.test|||", "Jane|||Acme|jane@acme.test||");
}

#[test]
fn two_people_in_columns_of_parts() {
    check_parts("John & Jane|Albury|albury@gmail.com||", "John|Albury|||albury@gmail.com||First Name: Jane");
    check_parts("|Acme Holding GmbH|x1@acme.test||", "|||Acme Holding GmbH|x1@acme.test||");
}

#[test]
fn addresses_in_their_column() {
    let check = |cell: &str, email: &str, remarks: &str| {
        let expected = if email.is_empty() {
            format!("Jane|Doe||Acme|||{remarks}")
        } else {
            format!("Jane|Doe||Acme|{email}||{remarks}")
        };
        check_parts(&format!("Jane|Doe|{cell}|Acme|"), &expected);
    };
    check("mailto:jane@acme.test?subject=Hi", "jane@acme.test", "");
    check("jane@acme.test#mailto:jane@acme.test#", "jane@acme.test", "");
    check("Jane Doe <jane@acme.test>", "jane@acme.test", "");
    check("jane@acme.test; jd@mail.test", "jane@acme.test", "E-mail: jd@mail.test");
    check("jane&#64;acme.test", "jane@acme.test", "");
    check("\"jane doe\"@acme.test", "", "E-mail: \"jane doe\"@acme.test");
    check("o´doe@acme.test", "", "E-mail: o´doe@acme.test");
    check("jane doe@acme.test", "", "E-mail: jane doe@acme.test");
}

proptest::proptest! {
    /// Whatever the column contains: an address that is taken does not touch anything it could be a piece of.
    #[test]
    fn no_address_is_invented(cell in "[a-c.´\"_ \u{ad}\u{200b}]{0,6}@b\\.co[a-c. ´_]{0,3}") {
        let cleaned = cleaned(&cell).into_owned();
        let lead = lead("First Name|Last Name|E-mail|Company|Phone", &["Ida|Knox|ida.knox@knoxworks.test|Knoxworks|", &format!("Jane|Doe|{cell}|Acme|")]);
        let email = lead.split('|').nth(4).unwrap_or_default().to_owned();
        if !email.is_empty() {
            let at = cleaned.find(&email).expect("a piece of the cell");
            let (before, after) = (&cleaned[..at], &cleaned[at + email.len()..]);
            proptest::prop_assert!(!before.ends_with(|c: char| !c.is_whitespace() && c != '"'), "{cell:?}");
            proptest::prop_assert!(!after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '´'), "{cell:?}");
        }
    }
}

#[test]
fn people_and_companies_in_each_others_columns() {
    // nobody is named, and the address says that it is a person
    check_parts("||ada.bell@gmail.com|Ada Bell|", "Ada|Bell|||ada.bell@gmail.com||");
    check_parts("|||Mrs Bell (next door)|020 7946 0102", "|Bell||||020 7946 0102|Company: next door, Mrs");
    // a person's business, and a company that is only the person's name
    check_parts(
        "||julia.roth@gmail.com|Julia Roth Fotografie|",
        "Julia|Roth||Julia Roth Fotografie|julia.roth@gmail.com||",
    );
    check_parts("Jane|Doe|jane@gmail.com|Jane Doe|", "Jane|Doe|||jane@gmail.com||");
    check_parts("Jane|Doe|jane@gmail.com|Jane Doe Ltd|", "Jane|Doe||Jane Doe Ltd|jane@gmail.com||");
}
