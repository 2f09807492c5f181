//! The hostile files: what each is, and its allowed outcome.

use std::io::Result;

use easy_crm_shared::status::UploadErrorCode;

use super::workbook::{HEADER, Part, SHEET_HEAD, SHEET_TAIL, Zip, ods, xls_with_formulas, xlsx};

/// The allowed outcome of a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    /// It is rejected with one of these codes.
    Refused(&'static [UploadErrorCode]),
    /// It is imported: this many rows are leads or are reported as failed.
    Rows(u64),
    /// It is rejected with a clear error or imported; what counts is that it ends.
    Ends,
}

/// A hostile file.
pub(super) struct Case {
    /// What it is, as a test's name.
    pub(super) name: &'static str,
    /// The name it is uploaded under.
    pub(super) file: &'static str,
    /// Generates it. Sizes are divided by the argument.
    pub(super) make: fn(u64) -> Result<Vec<u8>>,
    pub(super) expected: Expected,
}

const COMPLEX: Expected = Expected::Refused(&[UploadErrorCode::FileTooComplex]);
const DAMAGED: Expected = Expected::Refused(&[UploadErrorCode::DamagedFile]);
const REFUSED: Expected = Expected::Refused(&[UploadErrorCode::FileTooComplex, UploadErrorCode::DamagedFile]);
const LOCKED: Expected = Expected::Refused(&[UploadErrorCode::PasswordProtected]);
const FOREIGN: Expected = Expected::Refused(&[UploadErrorCode::UnsupportedFileType]);

const MEGABYTE: u64 = 1024 * 1024;
/// As large as an uploaded file may be, with a little left for what surrounds the content.
const LARGEST: u64 = 50 * MEGABYTE - 64 * 1024;
const SHEET: &str = "xl/worksheets/sheet1.xml";
const STRINGS: &str = "xl/sharedStrings.xml";
const ODS_HEAD: &str =
    r#"<d xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table table:name="Leads"><table:table-row>"#;
const ODS_TAIL: &str = "</table:table-row></table:table></d>";
const XML_HEAD: &str = r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>"#;
const LAUGHS: &str = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "hahahahahahahahahaha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;"><!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;"><!ENTITY i SYSTEM "file:///etc/passwd">]>"#;

fn sheet(again: &str, times: u64) -> Result<Vec<u8>> {
    let head = format!("{SHEET_HEAD}{HEADER}");
    xlsx(&[(SHEET, Part { head: &head, again, times, tail: SHEET_TAIL })])
}

fn strings(head: &str, again: &str, times: u64, tail: &str) -> Result<Vec<u8>> {
    let row = r#"<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c></row>"#;
    let sheet = format!("{SHEET_HEAD}{HEADER}{row}{SHEET_TAIL}");
    xlsx(&[(STRINGS, Part { head, again, times, tail }), (SHEET, Part::text(&sheet))])
}

fn repeated(head: &str, again: &str, times: u64, tail: &str) -> Result<Vec<u8>> {
    Part { head, again, times, tail }.bytes()
}

fn with_usual_parts(mut zip: Zip) -> Result<Vec<u8>> {
    for (name, content) in super::workbook::USUAL {
        zip.part(name, content)?;
    }
    zip.finish()
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "zip_bomb",
        file: "bomb.xlsx",
        make: |n| {
            xlsx(&[(
                SHEET,
                Part { head: SHEET_HEAD, again: " ", times: 2_000 * MEGABYTE / n, tail: SHEET_TAIL },
            )])
        },
        expected: COMPLEX,
    },
    Case {
        name: "zip_bomb_that_lies_about_its_size",
        file: "liar.xlsx",
        make: |n| {
            let blanks = 1_000 * MEGABYTE / n;
            let mut bytes =
                xlsx(&[(SHEET, Part { head: SHEET_HEAD, again: " ", times: blanks, tail: SHEET_TAIL })])?;
            let size = blanks + (SHEET_HEAD.len() + SHEET_TAIL.len()) as u64;
            super::replace_all(&mut bytes, &size.to_le_bytes(), &1_000_u64.to_le_bytes());
            super::replace_all(&mut bytes, &(size as u32).to_le_bytes(), &1_000_u32.to_le_bytes());
            Ok(bytes)
        },
        expected: REFUSED,
    },
    Case {
        name: "zip_in_zip_in_zip",
        file: "nested.xlsx",
        make: |n| {
            let mut inner = Part { head: "", again: "\0", times: 64 * MEGABYTE / n, tail: "" }.bytes()?;
            for _ in 0..4 {
                let mut zip = Zip::new();
                for copy in 0..4 {
                    zip.part_with(&format!("{copy}.zip"), |out| out.write_all(&inner))?;
                }
                inner = zip.finish()?;
            }
            Ok(inner)
        },
        expected: FOREIGN,
    },
    Case {
        name: "zip_of_sixty_thousand_parts",
        file: "parts.xlsx",
        make: |_| {
            let mut zip = Zip::new();
            for part in 0..60_000 {
                zip.part(&format!("xl/p{part}.xml"), "")?;
            }
            with_usual_parts(zip)
        },
        expected: COMPLEX,
    },
    Case {
        name: "one_sheet_named_ten_thousand_times",
        file: "again.xlsx",
        make: |n| {
            let head = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>"#;
            let mut book = head.to_owned();
            for at in 0..10_000 {
                book.push_str(&format!(r#"<sheet name="s{at}" sheetId="{}" r:id="rId1"/>"#, at + 1));
            }
            book.push_str("</sheets></workbook>");
            let rows = Part { head: SHEET_HEAD, again: "<row/>", times: 10 * MEGABYTE / n, tail: SHEET_TAIL };
            xlsx(&[("xl/workbook.xml", Part::text(&book)), (SHEET, rows)])
        },
        expected: REFUSED,
    },
    Case {
        name: "entities_that_expand_xlsx",
        file: "laughs.xlsx",
        make: |_| {
            let head = format!(r#"{LAUGHS}<sst uniqueCount="2"><si><t>Name</t></si><si><t>&h;&i;</t></si>"#);
            strings(&head, "", 0, "</sst>")
        },
        expected: Expected::Ends,
    },
    Case {
        name: "entities_that_expand_ods",
        file: "laughs.ods",
        make: |_| {
            let head = format!(
                "{LAUGHS}{ODS_HEAD}<table:table-cell><text:p>Name</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>&h;&i;</text:p></table:table-cell>"
            );
            ods(&Part::text(&format!("{head}{ODS_TAIL}")))
        },
        expected: Expected::Ends,
    },
    Case {
        name: "entities_that_expand_xml",
        file: "laughs.xls",
        make: |_| {
            let body = XML_HEAD.replace(r#"<?xml version="1.0"?>"#, "");
            let row = r#"<Row><Cell><Data ss:Type="String">&h;&i;</Data></Cell></Row></Table></Worksheet></Workbook>"#;
            Ok(format!("{LAUGHS}{body}{row}").into_bytes())
        },
        expected: Expected::Ends,
    },
    Case {
        name: "a_million_columns_csv",
        file: "wide.csv",
        make: |_| repeated("Name,Email", ",x", 1_000_000, "\n"),
        expected: COMPLEX,
    },
    Case {
        name: "a_million_columns_xlsx",
        file: "wide.xlsx",
        make: |_| sheet("<c><v>1</v></c>", 1_000_000),
        expected: COMPLEX,
    },
    Case {
        name: "a_million_columns_ods",
        file: "wide.ods",
        make: |_| {
            let cell = "<table:table-cell><text:p>x</text:p></table:table-cell>";
            ods(&Part { head: ODS_HEAD, again: cell, times: 1_000_000, tail: ODS_TAIL })
        },
        expected: COMPLEX,
    },
    Case {
        name: "a_million_columns_html",
        file: "wide.xls",
        make: |_| repeated("<html><table><tr>", "<td>x", 1_000_000, "</table>"),
        expected: COMPLEX,
    },
    Case {
        name: "a_cell_of_fifty_megabytes_csv",
        file: "long.csv",
        make: |n| {
            let head = "Name,Email\nGrace Hopper,grace@x.example\nAlan Turing,alan@x.example\nAda Lovelace,";
            repeated(head, "x", (LARGEST - 100) / n, "\n")
        },
        expected: Expected::Rows(3),
    },
    Case {
        name: "a_quote_that_is_never_closed_csv",
        file: "open.csv",
        make: |n| repeated("Name,Email\n\"Ada,", "x,y\n", (LARGEST - 30) / 4 / n, ""),
        expected: Expected::Ends,
    },
    Case {
        name: "a_cell_of_a_hundred_megabytes_xlsx",
        file: "long.xlsx",
        make: |n| {
            let head = format!(r#"{SHEET_HEAD}{HEADER}<row r="2"><c r="A2" t="inlineStr"><is><t>"#);
            let tail = format!("</t></is></c></row>{SHEET_TAIL}");
            xlsx(&[(SHEET, Part { head: &head, again: "x", times: 100 * MEGABYTE / n, tail: &tail })])
        },
        expected: COMPLEX,
    },
    Case {
        name: "a_cell_of_many_runs_xlsx",
        file: "runs.xlsx",
        make: |n| {
            let head = format!(r#"{SHEET_HEAD}{HEADER}<row r="2"><c r="A2" t="inlineStr"><is>"#);
            let tail = format!("</is></c></row>{SHEET_TAIL}");
            let run = format!("<r><t>{}</t></r>", "x".repeat(1_000));
            xlsx(&[(
                SHEET,
                Part { head: &head, again: &run, times: 950 * MEGABYTE / 1_020 / n, tail: &tail },
            )])
        },
        expected: COMPLEX,
    },
    Case {
        name: "a_cell_of_a_hundred_megabytes_ods",
        file: "long.ods",
        make: |n| {
            let head = format!("{ODS_HEAD}<table:table-cell><text:p>");
            let tail = format!("</text:p></table:table-cell>{ODS_TAIL}");
            ods(&Part { head: &head, again: "x", times: 100 * MEGABYTE / n, tail: &tail })
        },
        expected: COMPLEX,
    },
    Case {
        name: "a_cell_of_spaces_by_number_ods",
        file: "spaces.ods",
        make: |n| {
            let head = format!("{ODS_HEAD}<table:table-cell><text:p>");
            let tail = format!("</text:p></table:table-cell>{ODS_TAIL}");
            ods(&Part {
                head: &head,
                again: r#"<text:s text:c="1000"/>"#,
                times: 30 * MEGABYTE / n,
                tail: &tail,
            })
        },
        expected: COMPLEX,
    },
    Case {
        name: "shared_strings_of_a_gigabyte",
        file: "strings.xlsx",
        make: |n| {
            let string = format!("<si><t>{}</t></si>", "x".repeat(100_000));
            strings("<sst>", &string, 1_000 * MEGABYTE / 100_020 / n, "</sst>")
        },
        expected: COMPLEX,
    },
    Case {
        name: "shared_strings_without_text",
        file: "empty-strings.xlsx",
        make: |n| strings("<sst>", "<si><t/></si>", 950 * MEGABYTE / 13 / n, "</sst>"),
        expected: COMPLEX,
    },
    Case {
        name: "shared_strings_that_name_each_other",
        file: "cycle.xlsx",
        make: |_| {
            // Each list says that the other one is the sheet, and cells point beyond the list's end.
            let rels = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="sharedStrings.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="worksheets/sheet1.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="workbook.xml"/></Relationships>"#;
            let list = r#"<sst uniqueCount="2"><si><si><si><t>a</t></si></si></si><si><r><t>0</t></r></si><row><c t="s"><v>18446744073709551615</v></c><c t="s"><v>-1</v></c></row></sst>"#;
            let sheet = format!(
                "{SHEET_HEAD}{HEADER}<row r=\"2\"><c r=\"A2\" t=\"s\"><v>4294967296</v></c></row>{SHEET_TAIL}"
            );
            xlsx(&[
                ("xl/_rels/workbook.xml.rels", Part::text(rels)),
                (STRINGS, Part::text(list)),
                (SHEET, Part::text(&sheet)),
            ])
        },
        expected: Expected::Ends,
    },
    Case {
        name: "a_string_that_stands_in_ten_million_cells",
        file: "repeated.xlsx",
        make: |n| {
            let cell = r#"<row><c t="s"><v>0</v></c></row>"#;
            let list = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(30_000));
            let head = format!("{SHEET_HEAD}{HEADER}");
            xlsx(&[
                (STRINGS, Part::text(&list)),
                (SHEET, Part { head: &head, again: cell, times: 10_000_000 / n, tail: SHEET_TAIL }),
            ])
        },
        expected: COMPLEX,
    },
    Case {
        name: "ten_million_rows_csv",
        file: "tall.csv",
        make: |n| repeated("Name\n", "a b\n", 10_000_000 / n, ""),
        expected: COMPLEX,
    },
    Case {
        name: "ten_million_rows_xlsx",
        file: "tall.xlsx",
        make: |n| sheet("<row><c><v>1</v></c></row>", 10_000_000 / n),
        expected: COMPLEX,
    },
    Case {
        name: "ten_million_rows_html",
        file: "tall.xls",
        make: |n| repeated("<table>", "<tr>", (LARGEST - 100) / 4 / n, "<td>x</table>"),
        expected: COMPLEX,
    },
    Case {
        name: "rows_that_jump_back_and_forth_xlsx",
        file: "jumps.xlsx",
        make: |n| {
            let rows =
                r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="10000"><c r="A10000"><v>1</v></c></row>"#;
            sheet(rows, 1_000_000 / n)
        },
        expected: COMPLEX,
    },
    Case {
        name: "one_cell_set_fifty_million_times_xlsx",
        file: "same.xlsx",
        make: |n| {
            let head = format!(r#"{SHEET_HEAD}{HEADER}<row r="2">"#);
            let tail = format!("</row>{SHEET_TAIL}");
            let part =
                Part { head: &head, again: r#"<c r="A2"><v>1</v></c>"#, times: 40_000_000 / n, tail: &tail };
            xlsx(&[(SHEET, part)])
        },
        expected: COMPLEX,
    },
    Case {
        name: "as_many_cells_as_there_may_be_xlsx",
        file: "cells.xlsx",
        make: |n| {
            let row = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(1_990));
            sheet(&row, 24_000 / n)
        },
        expected: Expected::Ends,
    },
    Case {
        name: "fifty_megabytes_of_commas_csv",
        file: "commas.csv",
        make: |n| repeated("Name,Email\n", &format!("a b{}\n", ",".repeat(1_990)), LARGEST / 2_000 / n, ""),
        expected: Expected::Ends,
    },
    Case {
        name: "fifty_megabytes_of_cells_html",
        file: "cells.xls",
        make: |n| {
            let row = format!("<tr>{}", "<td>x".repeat(1_900));
            repeated("<table>", &row, LARGEST / 9_504 / n, "</table>")
        },
        expected: Expected::Ends,
    },
    Case {
        name: "four_billion_repeated_cells_ods",
        file: "repeats.ods",
        make: |_| {
            let row = r#"<d><table:table><table:table-row table:number-rows-repeated="4294967295"><table:table-cell table:number-columns-repeated="4294967295"><text:p>x</text:p></table:table-cell></table:table-row></table:table></d>"#;
            ods(&Part::text(row))
        },
        expected: COMPLEX,
    },
    Case {
        name: "cells_that_span_all_columns_html",
        file: "spans.xls",
        make: |n| repeated("<table><tr>", "<td rowspan=9 colspan=1000>x", LARGEST / 28 / n, "</table>"),
        expected: COMPLEX,
    },
    Case {
        name: "rows_below_a_wide_span_html",
        file: "below.xls",
        make: |n| {
            let wide = "<td rowspan=65534 colspan=1000>".repeat(2_000);
            repeated(&format!("<table><tr>{wide}"), "<tr>", 1_000_000 / n, "<td>x</table>")
        },
        expected: Expected::Ends,
    },
    Case {
        name: "nested_a_million_deep_html",
        file: "deep.html.xls",
        make: |n| repeated("<html>", "<table>", LARGEST / 7 / n, "<tr><td>x"),
        expected: REFUSED,
    },
    Case {
        name: "nested_a_million_deep_xlsx",
        file: "deep.xlsx",
        make: |n| sheet("<a>", 950 * MEGABYTE / 3 / n),
        expected: REFUSED,
    },
    Case {
        name: "nested_a_million_deep_ods",
        file: "deep.ods",
        make: |n| ods(&Part { head: ODS_HEAD, again: "<a>", times: 950 * MEGABYTE / 3 / n, tail: ODS_TAIL }),
        expected: REFUSED,
    },
    Case {
        name: "nested_a_million_deep_xml",
        file: "deep.xls",
        make: |n| repeated(XML_HEAD, "<a>", LARGEST / 3 / n, ""),
        expected: DAMAGED,
    },
    Case {
        name: "styles_without_end",
        file: "styles.xlsx",
        make: |n| {
            let head =
                r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>"#;
            let part =
                Part { head, again: "<xf/>", times: 950 * MEGABYTE / 5 / n, tail: "</cellXfs></styleSheet>" };
            xlsx(&[("xl/styles.xml", part)])
        },
        expected: COMPLEX,
    },
    Case {
        name: "sheets_without_end",
        file: "sheets.xlsx",
        make: |n| {
            let head = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>"#;
            let sheet = r#"<sheet name="a" sheetId="1" r:id="rId1"/>"#;
            let part =
                Part { head, again: sheet, times: 600 * MEGABYTE / 41 / n, tail: "</sheets></workbook>" };
            xlsx(&[("xl/workbook.xml", part)])
        },
        expected: REFUSED,
    },
    Case {
        name: "a_formula_of_a_hundred_megabytes_xlsx",
        file: "formula.xlsx",
        make: |n| {
            let head = format!(r#"{SHEET_HEAD}{HEADER}<row r="2"><c r="A2"><f>"#);
            let tail = format!("</f><v>1</v></c></row>{SHEET_TAIL}");
            xlsx(&[(SHEET, Part { head: &head, again: "(", times: 100 * MEGABYTE / n, tail: &tail })])
        },
        expected: COMPLEX,
    },
    Case {
        name: "a_shared_formula_over_all_cells_xlsx",
        file: "shared-formula.xlsx",
        make: |n| {
            let cell = r#"<row><c><f t="shared" ref="A1:XFD1048576" si="0">A1+Leads!A1</f><v>1</v></c><c><f t="array" ref="A1:XFD1048576">A1</f><v>2</v></c></row>"#;
            sheet(cell, 1_000_000 / n)
        },
        expected: Expected::Ends,
    },
    Case {
        name: "formulas_of_nothing_but_brackets_xls",
        file: "brackets.xls",
        // A number, wrapped in as many brackets as fit in a record.
        make: |n| xls_with_formulas(&[&[0x1E, 1, 0][..], &[0x15; 60_000]].concat(), LARGEST / 60_500 / n),
        expected: Expected::Ends,
    },
    Case {
        name: "formulas_that_repeat_a_long_name_xls",
        file: "names.xls",
        // References to cells of another sheet: seven bytes each, converted to its name of 250 letters.
        make: |n| xls_with_formulas(&[0x3A, 0, 0, 0, 0, 0, 0].repeat(8_000), LARGEST / 56_500 / n),
        expected: Expected::Ends,
    },
    Case {
        name: "protected_by_a_password_xlsx",
        file: "locked.xlsx",
        make: |_| Ok(include_bytes!("../../../../tests/fixtures/password.xlsx").to_vec()),
        expected: LOCKED,
    },
    Case {
        name: "protected_by_a_password_ods",
        file: "locked.ods",
        make: |_| {
            let mut zip = Zip::new();
            zip.part("mimetype", "application/vnd.oasis.opendocument.spreadsheet")?;
            zip.part(
                "META-INF/manifest.xml",
                "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>",
            )?;
            zip.part("content.xml", "\u{1}\u{2}")?;
            zip.finish()
        },
        expected: LOCKED,
    },
];
