//! Workbooks of every kind: sound, odd and hostile.

use std::io::{Cursor, Read, Write};

use easy_crm_shared::status::UploadErrorCode;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Url, Workbook as Writer};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

/// The rows of all sheets, each as `number: cell|cell`, under the names of their sheets.
#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) -> Workbook {
    let workbook = read("file", bytes, &Limits::default()).unwrap();
    let mut lines = Vec::new();
    for sheet in &workbook.sheets {
        lines.extend(sheet.name().map(|name| format!("[{name}]")));
        for row in sheet.rows().filter(|row| !row.is_empty()) {
            let cells: Vec<_> = row.cells().collect();
            lines.push(format!("{}: {}", row.number(), cells.join("|").replace('\n', "⏎")));
        }
    }
    assert_eq!(lines, expected);
    workbook
}

#[track_caller]
fn check_error(bytes: &[u8], expected: UploadErrorCode) {
    let error = read("file", bytes, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), expected, "{error}");
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/test_data/workbooks/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn xlsx() -> Vec<u8> {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet().set_name("People").unwrap();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(2, 1, "Müller").unwrap();
    sheet.write(2, 2, 6_591_234_567_u64).unwrap();
    sheet.write_with_format(2, 3, 1234, &Format::new().set_num_format("00000")).unwrap();
    sheet.write_with_format(2, 4, 0.125, &Format::new().set_num_format("0.0%")).unwrap();
    sheet.write_with_format(2, 5, ExcelDateTime::from_ymd(2024, 3, 5).unwrap(), &date).unwrap();
    let moment = ExcelDateTime::from_ymd(2024, 3, 5).unwrap().and_hms(14, 30, 0).unwrap();
    sheet.write_with_format(2, 6, moment, &date).unwrap();
    sheet.write(2, 7, true).unwrap();
    sheet.write(2, 8, Formula::new("=NA()").set_result("#N/A")).unwrap();
    let bold = Format::new().set_bold();
    sheet.write_rich_string(3, 1, &[(&Format::new(), "plain and "), (&bold, "bold")]).unwrap();
    sheet.merge_range(4, 1, 5, 3, "merged", &Format::new()).unwrap();
    sheet.write(6, 1, "one\ntwo").unwrap();
    sheet.write_blank(99, 99, &date).unwrap();
    writer.add_worksheet().set_name("Lists").unwrap().set_hidden(true).write(0, 0, "secret").unwrap();
    writer.save_to_buffer().unwrap()
}

#[test]
fn xlsx_cells() {
    let workbook = check(
        &xlsx(),
        &[
            "[People]",
            "3: |Müller|6591234567|01234|12.5%|2024-03-05|2024-03-05 14:30:00|TRUE|#N/A",
            "4: |plain and bold",
            "5: |merged",
            "7: |one⏎two",
        ],
    );
    assert_eq!(workbook.warnings[0].code, "HIDDEN_SHEET_SKIPPED");
    assert_eq!(workbook.sheets[0].row_count(), 7);
}

#[test]
fn xls_cells() {
    for name in ["dates-1900.xls", "dates-1904.xls"] {
        let expected = [
            "[People]",
            "3: |Name|6591234567|1.5|2024-03-05|2024-03-05 14:30:00|14:30:00|TRUE|Müller 株式会社",
            "5: |merged",
            "6: |01234|12.5%",
        ];
        check(&fixture(name), &expected);
    }
}

#[test]
fn xlsb_cells() {
    let expected = [
        "[People]",
        "1: Name|Phone|Share|Since|Active",
        "2: Müller|6591234567|0.5|2024-03-05 14:30:00|TRUE",
        "3: 株式会社|7|-1.25|2024-03-05|FALSE",
    ];
    let workbook = check(&fixture("people.xlsb"), &expected);
    assert_eq!(workbook.warnings[0].code, "HIDDEN_SHEET_SKIPPED");
}

#[test]
fn ods_cells() {
    let expected = [
        "[Leute]",
        "1: Name|PLZ|Phone|Since|At|Share|Active|Note",
        "4: Ann  Lee|01234|6591234567|2024-03-05|14:30:00|12,5 %|TRUE|one⏎two",
        "5: same|same",
        "6: same|same",
    ];
    let workbook = check(&fixture("people.ods"), &expected);
    assert_eq!(workbook.warnings[0].code, "HIDDEN_SHEET_SKIPPED");
}

#[test]
fn html_tables() {
    let page = "<html><head><style>td{}</style></head><body><table><thead><tr><th>Name<th>Mail</tr></thead>\
        <tr><td rowspan=2>M&uuml;ller<br>&amp; Co</td><td> a@x.example\n </td></tr><tr><td>b@x.example</tr>\
        <tr><td colspan=2>wide</td><td>z</td></tr></table><p>no cell</p><table><tr><td>second</table>";
    check(
        page.as_bytes(),
        &[
            "1: Name|Mail",
            "2: Müller⏎& Co|a@x.example",
            "3: Müller⏎& Co|b@x.example",
            "4: wide||z",
            "6: second",
        ],
    );
}

#[test]
fn xml_spreadsheets() {
    let xml = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
        <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
        <Worksheet ss:Name="A &amp; B"><Table>
        <Row><Cell><Data ss:Type="String">Name</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">Tel</Data></Cell></Row>
        <Row ss:Index="4"><Cell ss:MergeAcross="1"><Data ss:Type="String">M&#252;ller</Data></Cell>
        <Cell><Data ss:Type="Number">6.591234567E9</Data><Comment><ss:Data>hm</ss:Data></Comment></Cell>
        <Cell><Data ss:Type="DateTime">2024-03-05T00:00:00.000</Data></Cell></Row></Table></Worksheet>
        <Worksheet ss:Name="H"><Table><Row><Cell><Data ss:Type="String">secret</Data></Cell></Row></Table>
        <WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"#;
    let workbook = check(xml.as_bytes(), &["[A & B]", "1: Name||Tel", "4: Müller||6591234567|2024-03-05"]);
    assert_eq!(workbook.warnings[0].code, "HIDDEN_SHEET_SKIPPED");
}

/// A company merged over its people applies to each of them; a title over several columns, and a row with nothing of
/// its own, stay as they are.
#[test]
fn merged_cells_carry_down() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet().set_name("People").unwrap();
    let format = Format::new();
    sheet.merge_range(0, 0, 1, 1, "Fair", &format).unwrap();
    sheet.merge_range(2, 0, 4, 0, "Acme", &format).unwrap();
    sheet.merge_range(5, 0, 6, 0, "Zeta", &format).unwrap();
    for (row, name) in [(2, "Ann"), (3, "Bob"), (4, "Cy"), (5, "Dan"), (7, "Eve")] {
        sheet.write(row, 1, name).unwrap();
    }
    let expected =
        ["[People]", "1: Fair", "3: Acme|Ann", "4: Acme|Bob", "5: Acme|Cy", "6: Zeta|Dan", "8: |Eve"];
    check(&writer.save_to_buffer().unwrap(), &expected);
    let ods = r#"<d><table:table table:name="T"><table:table-row><table:table-cell table:number-rows-spanned="2">
        <text:p>Acme</text:p></table:table-cell><table:table-cell><text:p>Ann</text:p></table:table-cell></table:table-row>
        <table:table-row><table:covered-table-cell/><table:table-cell><text:p>Bob</text:p></table:table-cell>
        </table:table-row></table:table></d>"#;
    check(&ods_of(ods), &["[T]", "1: Acme|Ann", "2: Acme|Bob"]);
    let xml = r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
        xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="T"><Table>
        <Row><Cell ss:MergeDown="1"><Data ss:Type="String">Acme</Data></Cell><Cell><Data ss:Type="String">Ann</Data></Cell></Row>
        <Row><Cell ss:Index="2"><Data ss:Type="String">Bob</Data></Cell></Row></Table></Worksheet></Workbook>"#;
    check(xml.as_bytes(), &["[T]", "1: Acme|Ann", "2: Acme|Bob"]);
}

#[test]
fn an_address_behind_a_link_is_read() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet().set_name("T").unwrap();
    let link = |target: &str, text: &str| Url::new(target).set_text(text);
    sheet.write(0, 0, link("mailto:ann@x.example?subject=Hi", "Write")).unwrap();
    sheet.write(1, 0, link("mailto:old@x.example", "new@x.example")).unwrap();
    sheet.write(2, 0, link("https://x.example", "Site")).unwrap();
    check(
        &writer.save_to_buffer().unwrap(),
        &["[T]", "1: Write <ann@x.example>", "2: new@x.example", "3: Site"],
    );
    let ods = r#"<d><table:table table:name="T"><table:table-row><table:table-cell><text:p>
        <text:a xlink:href="mailto:ann@x.example">Write</text:a></text:p></table:table-cell></table:table-row></table:table></d>"#;
    check(&ods_of(&ods.replace("\n        <text:a", "<text:a")), &["[T]", "1: Write <ann@x.example>"]);
    let page = "<table><tr><td><a href='mailto:ann@x.example'>Write</a><td><a href=/x>Ann</a></table>";
    check(page.as_bytes(), &["1: Write <ann@x.example>|Ann"]);
}

/// A few bytes that say "these columns, down to the last row".
#[test]
fn hostile_merged_cells_are_limited() {
    let columns = 1_500;
    let head: String = (0..columns).map(|_| "<td rowspan=65534>x").collect();
    let page = format!("<table><tr><td>h{head}{}</table>", "<tr><td>y".repeat(20_000));
    let workbook = read("", page.as_bytes(), &Limits::default()).unwrap();
    let filled = workbook.sheets[0].rows().flat_map(|row| row.cells()).filter(|cell| *cell == "x").count();
    assert!((150_000..250_000).contains(&filled), "{filled}");
}

fn ods_of(content: &str) -> Vec<u8> {
    let parts: [(&str, &[u8]); 2] = [
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
    ];
    zipped(&parts)
}

#[test]
fn text_under_a_workbooks_name() {
    check("Name\tMail\nAnn\ta@x.example\n".as_bytes(), &["1: Name|Mail", "2: Ann|a@x.example"]);
}

#[test]
fn what_is_no_table_is_refused() {
    check_error(b"", UploadErrorCode::EmptyFile);
    check_error("\u{feff} \r\n".as_bytes(), UploadErrorCode::EmptyFile);
    check_error(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", UploadErrorCode::UnsupportedFileType);
    check_error(b"%PDF-1.7 text", UploadErrorCode::UnsupportedFileType);
    check_error(&zipped(&[("word/document.xml", b"<w/>")]), UploadErrorCode::UnsupportedFileType);
    check_error(b"PK\x03\x04 cut off", UploadErrorCode::DamagedFile);
    let sound = xlsx();
    check_error(&sound[..sound.len() / 2], UploadErrorCode::DamagedFile);
}

#[test]
fn passwords() {
    let compound = |stream: &str| {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(&[1; 5000]).unwrap();
        file.flush().unwrap();
        file.into_inner().into_inner()
    };
    check_error(&compound("/EncryptedPackage"), UploadErrorCode::PasswordProtected);
    check_error(&compound("/WordDocument"), UploadErrorCode::UnsupportedFileType);
    let manifest = b"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let parts: [(&str, &[u8]); 3] = [
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", b"encrypted"),
    ];
    check_error(&zipped(&parts), UploadErrorCode::PasswordProtected);
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The sound workbook with one part changed.
fn xlsx_with(part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(xlsx())).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut parts = Vec::new();
    for name in names {
        let mut text = String::new();
        archive.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
        let text = if name == part { change(text) } else { text };
        parts.push((name, text));
    }
    let parts: Vec<_> = parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zipped(&parts)
}

#[test]
fn hostile_zips() {
    let limits = Limits { max_unpacked_bytes: 1_000_000, ..Limits::default() };
    let bomb = xlsx_with("xl/worksheets/sheet1.xml", |xml| xml + &" ".repeat(2_000_000));
    assert_eq!(read("", &bomb, &limits).unwrap_err().code(), UploadErrorCode::FileTooComplex);
    // A part that is larger than the table of contents says.
    let size = 2_000_000_u32.to_le_bytes();
    let content = " ".repeat(2_000_000);
    let mut liar = zipped(&[("[Content_Types].xml", content.as_bytes()), ("xl/workbook.xml", b"")]);
    for at in 0..liar.len() - 4 {
        if liar[at..at + 4] == size {
            liar[at..at + 4].copy_from_slice(&7_u32.to_le_bytes());
        }
    }
    assert_eq!(read("", &liar, &limits).unwrap_err().code(), UploadErrorCode::DamagedFile);
    let count =
        xlsx_with("xl/sharedStrings.xml", |xml| xml.replace("uniqueCount=\"", "uniqueCount=\"99999999999"));
    check_error(&count, UploadErrorCode::DamagedFile);
}

#[test]
fn a_cell_far_away_costs_nothing() {
    let with_last_cell = |cell: &str| {
        xlsx_with("xl/worksheets/sheet1.xml", |xml| {
            xml.replace("</sheetData>", &format!("<row r=\"1048576\">{cell}</row></sheetData>"))
        })
    };
    let blank = read("", &with_last_cell("<c r=\"XFD1048576\" s=\"1\"/>"), &Limits::default()).unwrap();
    assert_eq!(blank.sheets[0].row_count(), 7);
    check_error(&with_last_cell("<c r=\"XFD1048576\"><v>1</v></c>"), UploadErrorCode::FileTooComplex);
    let low = read("", &with_last_cell("<c r=\"A1048576\"><v>1</v></c>"), &Limits::default()).unwrap();
    assert_eq!(low.sheets[0].rows().last().map(|row| (row.number(), row.len())), Some((1_048_576, 1)));
}

/// A shared string may occur in a million cells.
#[test]
fn repeated_text_is_limited() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    for row in 0..100 {
        sheet.write(row, 0, "x".repeat(30_000)).unwrap();
    }
    let limits = Limits { max_text_bytes: 1_000_000, ..Limits::default() };
    let error = read("", &writer.save_to_buffer().unwrap(), &limits).unwrap_err();
    assert_eq!(error.code(), UploadErrorCode::FileTooComplex);
}

#[test]
fn ods_repeats_are_limited_and_open_tables_end() {
    let row = r#"<d><table:table><table:table-row table:number-rows-repeated="1048576">
        <table:table-cell table:number-columns-repeated="1900" office:value-type="string"><text:p>x</text:p></table:table-cell>
        </table:table-row></table:table></d>"#;
    let limits = Limits { max_cells: 100_000, ..Limits::default() };
    assert_eq!(read("", &ods_of(row), &limits).unwrap_err().code(), UploadErrorCode::FileTooComplex);
    check_error(&ods_of("<d><table:table><table:table-row>"), UploadErrorCode::DamagedFile);
}

/// The position of a sheet in the workbook stream, pointed beyond the stream's end: the parser panics.
#[test]
fn a_panic_of_the_xls_parser_is_contained() {
    let bytes = fixture("dates-1900.xls");
    let name = b"People";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    let mut broken = bytes.clone();
    // BoundSheet: position (4 bytes), state, kind, length and flags of the name, name.
    broken[at - 8..at - 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    check_error(&broken, UploadErrorCode::DamagedFile);
}

/// A sheet that claims to span four billion rows: allocating them would end the process.
#[test]
fn false_dimensions_of_an_xls_are_ignored() {
    let bytes = fixture("dates-1900.xls");
    let record = [0x00, 0x02, 14, 0];
    let at = bytes.windows(4).position(|window| window == record).unwrap() + 4;
    let mut broken = bytes.clone();
    broken[at..at + 12].copy_from_slice(&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert_eq!(read("", &broken, &Limits::default()).unwrap().sheets[0].row_count(), 6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Damage anywhere in a workbook ends in sheets or an error.
    #[test]
    fn damaged_workbooks_do_no_harm(
        which in 0..4_usize,
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut bytes = [fixture("dates-1900.xls"), fixture("people.ods"), fixture("people.xlsb"), xlsx()][which].clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read("file", &bytes, &Limits::default());
    }

    /// What was written as text is read back unchanged.
    #[test]
    fn written_cells_are_read_back(
        rows in proptest::collection::vec(proptest::collection::vec("[a-zé<&\"'_ 0-9株]{0,8}[a-z]", 1..5), 1..6),
    ) {
        let mut writer = Writer::new();
        let sheet = writer.add_worksheet();
        for (row, cells) in (0..).zip(&rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        let workbook = read("", &writer.save_to_buffer().unwrap(), &Limits::default()).unwrap();
        let read: Vec<Vec<&str>> = workbook.sheets[0].rows().map(|row| row.cells().collect()).collect();
        prop_assert_eq!(read, rows);
    }
}
