//! Delimited text as it occurs: proper, sloppy and broken. Expected rows are written with `|` between cells and one row
//! per line, so a line break within a cell is shown as `⏎`; a row without cells is an empty line.

use proptest::prelude::*;

use super::*;

fn rows_of(workbook: &Workbook) -> Vec<String> {
    workbook.sheets[0]
        .rows()
        .map(|row| row.cells().collect::<Vec<_>>().join("|").replace('\n', "⏎"))
        .collect()
}

#[track_caller]
fn check(input: &str, expected: &[&str]) {
    let workbook = read("list.csv", input, &Limits::default()).unwrap();
    assert_eq!(rows_of(&workbook), expected);
}

/// Compares each file of `test_data/delimited` with the rows in the file of the same name ending in `.rows`.
#[test]
fn files() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/test_data/delimited");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "rows") {
            continue;
        }
        let expected = std::fs::read_to_string(path.with_extension("rows")).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let workbook = crate::spreadsheet::read("list.csv", &bytes, &Limits::default()).unwrap();
        assert_eq!(rows_of(&workbook), expected.lines().collect::<Vec<_>>(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 10, "only {seen} files found");
}

#[test]
fn line_ends() {
    check("a,b\r\n1,2\n3,4\r5,6", &["a|b", "1|2", "3|4", "5|6"]);
    check("a,b\r\r\n1,2\r\r\n", &["a|b", "1|2"]);
    check("a,b\n\n1,2\n", &["a|b", "", "1|2"]);
    check("a,b\r\n\"x\r\ny\",2\r\n", &["a|b", "x\r⏎y|2"]);
}

#[test]
fn quotes() {
    check("a,b\n\"x, y\",\"he said \"\"hi\"\"\"\n", &["a|b", "x, y|he said \"hi\""]);
    check("a,b\n12\" pipe,5\" bolt\n", &["a|b", "12\" pipe|5\" bolt"]);
    check("a,b\n \"x, y\" ,2\n", &["a|b", "x, y|2"]);
    check("a,b\n\"\",\"\"\n", &["a|b", "|"]);
    check("a,b\n\"one\ntwo\",\"three\n\nfour\"\n5,6\n", &["a|b", "one⏎two|three⏎⏎four", "5|6"]);
}

#[test]
fn quotes_in_odd_places() {
    check("a,b,c\n\"The \"Big\" Co\",2,3\n", &["a|b|c", "The \"Big\" Co|2|3"]);
    check("a,b,c\n\"x\"y,\"2\",3\n", &["a|b|c", "xy|2|3"]);
    check("a,b,c\n1,\"x\"\"\",3\n", &["a|b|c", "1|x\"|3"]);
}

#[test]
fn other_dialects() {
    check("'a','b, c'\n'O''Hara','d'\n", &["a|b, c", "O'Hara|d"]);
    check("a,b\n\"x \\\"y\\\", z\",\\N\n\"one\\\ntwo\",1\n", &["a|b", "x \"y\", z|", "one⏎two|1"]);
    check("a, b, c\n1, \"x, y\", 3\n", &["a|b|c", "1|x, y|3"]);
    check(
        "Name  City   Tel\nAnn   Paris  123\n\nBob          456\n",
        &["Name|City|Tel", "Ann|Paris|123", "", "Bob||456"],
    );
}

#[test]
fn a_stray_quote_swallows_no_row() {
    check("a,b,c\n1,\"x,3\n4,5,6\n7,8,9\n", &["a|b|c", "1|x|3", "4|5|6", "7|8|9"]);
    check("a,b,c\n1,\"x,3\n4,\"y, z\",6\n7,8,9\n", &["a|b|c", "1|x|3", "4|y, z|6", "7|8|9"]);
    check("a,b,c\n1,2,\"x\n4,5,6\n7,8,\"y\"\n", &["a|b|c", "1|2|x", "4|5|6", "7|8|y"]);
    check("a,b\n1,\"x\n2,\"y\n3,\"z\n", &["a|b", "1|x", "2|y", "3|z"]);
    check("a,b,c\n1,2,\"x\n", &["a|b|c", "1|2|x"]);
    check("a,b\n1,\"called\nwill call back, maybe\"\n", &["a|b", "1|called⏎will call back, maybe"]);
    check("a,b,c\n\"1,2,3\n4,5,6\n7,8,9\n", &["a|b|c", "1|2|3", "4|5|6", "7|8|9"]);
}

#[test]
fn a_stray_quote_swallows_no_field() {
    check("a,b,c\n1,2,3\n4,\"5,\"x, y\"\n6,7,8\n", &["a|b|c", "1|2|3", "4|5|x, y", "6|7|8"]);
    check("a,b,c\n1,2,3\n\"4,5,\"x\"\n6,7,8\n", &["a|b|c", "1|2|3", "4|5|x", "6|7|8"]);
    check("a,b\n1,\"he said,\"\"no\"\"\"\n2,3\n", &["a|b", "1|he said,\"no\"", "2|3"]);
}

#[test]
fn repairs_are_told() {
    let workbook = read("", "a,b,c\n1,\"x,3\n4,5,6\n", &Limits::default()).unwrap();
    assert_eq!(workbook.warnings[0].code, "UNBALANCED_QUOTES_REPAIRED");
}

#[test]
fn row_numbers_are_those_a_spreadsheet_program_shows() {
    let workbook = read("", "sep=;\na;b\n\n\"x\ny\";2\n3;4\n", &Limits::default()).unwrap();
    let numbers: Vec<_> =
        workbook.sheets[0].rows().map(|row| (row.number(), row.cell(0).to_owned())).collect();
    assert_eq!(numbers, [(1, "a".into()), (2, String::new()), (3, "x\ny".into()), (4, "3".into())]);
}

#[test]
fn marks_of_joined_files_are_removed() {
    check("\u{feff}a,b\n1,2\n\u{feff}a,b\n3,4\n", &["a|b", "1|2", "a|b", "3|4"]);
}

#[test]
fn limits() {
    let limits =
        Limits { max_rows: 2, max_columns: 3, max_row_bytes: 8, max_text_bytes: 100, ..Limits::default() };
    assert!(read("", "a,b\n1,2\n", &limits).is_ok());
    assert!(read("", "a\nb\nc\n", &limits).unwrap_err().to_string().contains("2 rows"));
    assert!(read("", "a,b,c,d\n", &limits).unwrap_err().to_string().contains("3 columns"));
    let workbook = read("", "a,b\n123456789,2\n", &limits).unwrap();
    assert_eq!((workbook.problems[0].row, workbook.sheets[0].row_count()), (2, 2));
}

/// Files made to be slow: the work must stay proportional to the size.
#[test]
fn hostile_quotes_take_no_time() {
    for unit in [
        "\"a,b\n",
        "\"x\n",
        "\"a\"b",
        "\"\"\"",
        "a,\"b\nc,d\n",
        "\"\n\n",
        ",\"",
        "'a','b\n",
        "\\\"a,\"\\N,",
        "\\N,\"a\n",
        "a  b  c\n",
        "\"a\" \"b,",
    ] {
        let text = unit.repeat(400_000 / unit.len()) + "\"\n";
        let started = std::time::Instant::now();
        let _ = read("", &text, &Limits { max_columns: u32::MAX, ..Limits::default() });
        assert!(started.elapsed().as_secs() < 5, "{unit:?} takes {:?}", started.elapsed());
    }
}

fn write_csv(rows: &[Vec<String>], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = crate::spreadsheet::read("x.csv", &bytes, &Limits::default());
    }

    #[test]
    fn no_text_panics(text in "[ab,;\t|\"'\\\\\r\n:#  é\u{feff}]{0,80}") {
        let _ = crate::spreadsheet::read("x.csv", text.as_bytes(), &Limits::default());
    }

    /// What a proper writer wrote is read back unchanged if the delimiter is known.
    #[test]
    fn written_cells_are_read_back(
        rows in proptest::collection::vec(proptest::collection::vec("[ab,;\t|\"\r\n: é=]{0,8}", 1..5), 1..8),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let text = write_csv(&rows, delimiter);
        let mut records = records::Records::new(&text, Format::of(delimiter), 0, u32::MAX);
        let mut sheet = crate::spreadsheet::Sheet::new(None);
        while records.read_into(&mut sheet).unwrap() {
            sheet.end_row(1);
        }
        let read: Vec<Vec<&str>> = sheet.rows().map(|row| row.cells().collect()).collect();
        prop_assert_eq!(&read, &rows);
        // And a CSV reader reads back what a sheet writes.
        let csv = sheet.to_csv();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv.as_bytes());
        let again: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(again, rows);
    }

    /// Tables of usual cells are read back with the delimiter and the width detected.
    #[test]
    fn usual_tables_are_read_back(
        rows in proptest::collection::vec(
            proptest::collection::vec("[A-Za-z]{1,6}|[A-Z][a-z]{1,4}, [a-z]{1,5}|[a-z]{1,3}; [a-z]{1,3}|[0-9]{1,9}|", 3..4),
            3..12,
        ),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let header = vec!["Name".to_owned(), "Company".to_owned(), "Phone".to_owned()];
        let rows: Vec<_> = std::iter::once(header).chain(rows).collect();
        let workbook = read("", &write_csv(&rows, delimiter), &Limits::default()).unwrap();
        let read: Vec<Vec<&str>> = workbook.sheets[0].rows().map(|row| row.cells().collect()).collect();
        prop_assert_eq!(read, rows);
    }
}
