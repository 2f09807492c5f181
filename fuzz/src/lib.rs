//! Shared by the fuzz targets: reading under tight limits, standardising what was read, zipped workbooks whose parts
//! come from the fuzzer (mutated archives rarely unpack), and querying a small list of leads.

use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

use easy_crm_domain::chat::answer;
use easy_crm_domain::identity::FilePosition;
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::lead_index::{CompiledQuery, IndexedLead, LeadChange, LeadIndex};
use easy_crm_domain::spreadsheet::{Limits, Sheet, Workbook, read};
use easy_crm_domain::standardize::{RowStandardizer, plan_workbook};
use easy_crm_shared::query::LeadQuery;
use easy_crm_shared::query::analysis::LeadAnalysis;
use jiff::Timestamp;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Panics inside the Excel parsers are contained by the reader; the fuzzer's own hook would end the process first.
pub fn contained_panics() {
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
}

/// Limits that keep one run short.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        max_rows: 20_000,
        max_columns: 300,
        max_unpacked_bytes: 8 * 1024 * 1024,
        max_text_bytes: 4 * 1024 * 1024,
        max_cells: 200_000,
        ..Limits::default()
    }
}

/// Reads a file with this name and standardises every row.
pub fn whole_way(name: &str, bytes: &[u8]) {
    if let Ok(workbook) = read(name, bytes, &limits()) {
        standardize(&workbook);
    }
}

/// Turns every row into a lead. Two promises are checked: `email` alone finds the lead's address, and a name, title or
/// company contains no word that is not in the row (digits inside an address's local part are omitted from names).
pub fn standardize(workbook: &Workbook) {
    for table in plan_workbook(workbook) {
        let sheet = table.sheet(workbook);
        let row = RowStandardizer::new(&table.layout);
        for position in table.rows.iter().take(500) {
            let cells: Vec<&str> = sheet.row(*position).cells().collect();
            let lead = row.standardize(&cells);
            assert_eq!(row.email(&cells).unwrap_or_default(), lead.email);
            let letters = |text: &str| -> String {
                // A sigma has a different form at the end of a word, and next to another cell it is at no end.
                text.to_lowercase().replace('ς', "σ").chars().filter(|c| c.is_alphabetic()).collect()
            };
            // HTML entities are decoded (`&ouml;`), so the letters of such a row are others than its lead's.
            if cells.iter().any(|cell| cell.contains('&') && cell.contains(';')) {
                continue;
            }
            let all = letters(&cells.concat());
            for field in [&lead.first_name, &lead.last_name, &lead.title, &lead.company] {
                for word in field.to_lowercase().split(|c: char| !c.is_alphabetic()) {
                    assert!(all.contains(&letters(word)), "a field contains a word that is not in the row");
                }
            }
        }
    }
}

/// A sheet with one row per line and one cell per tab.
#[must_use]
pub fn sheet(text: &str) -> Workbook {
    let mut sheet = Sheet::new(None);
    for (at, line) in text.split('\n').take(2_000).enumerate() {
        for cell in line.split('\t').take(200) {
            sheet.push_cell(cell);
        }
        sheet.end_row(at as u32 + 1);
    }
    Workbook { sheets: vec![sheet], ..Workbook::default() }
}

/// A zip archive of the parts, stored.
#[must_use]
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        if zip.start_file(*name, options).is_err() || zip.write_all(bytes).is_err() {
            return Vec::new();
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// The pieces of the input between `\xff\xfe\xff`; as many as requested, empty if the input has fewer.
#[must_use]
pub fn pieces<const N: usize>(bytes: &[u8]) -> [&[u8]; N] {
    const MARK: &[u8] = b"\xff\xfe\xff";
    let mut rest = bytes;
    std::array::from_fn(|at| {
        let end = if at + 1 < N { rest.windows(MARK.len()).position(|window| window == MARK) } else { None };
        let (piece, after) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + MARK.len()..]));
        rest = after;
        piece
    })
}

/// The current time in every run.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Leads that share some values and lack others.
static LEADS: LazyLock<LeadIndex> = LazyLock::new(|| {
    let mut index = LeadIndex::new();
    let cities = ["Acme", "Bosch", "", "Zoë & Söhne", "İstanbul ﬁ", "東京商事"];
    index.apply_all((0..40_u32).map(|nth| {
        let at = now().as_millisecond() - i64::from(nth) * 40_000_000;
        LeadChange::Upsert(IndexedLead {
            lead_id: uuid::Uuid::from_u128(u128::from(nth) + 1),
            values: LeadValues {
                first_name: ["Ada", "Grace", "", "Jürgen"][nth as usize % 4].to_owned(),
                last_name: format!("Name {nth}"),
                title: ["CEO", "", "Head of \u{1f680}"][nth as usize % 3].to_owned(),
                company: cities[nth as usize % cities.len()].to_owned(),
                email: if nth % 5 == 0 { String::new() } else { format!("p{nth}@mail{}.example", nth % 3) },
                phone: ["+49 171 1234567", "", "0171 1234567 ext. 3"][nth as usize % 3].to_owned(),
                remarks: "met at the fair\nthird line".repeat(nth as usize % 7),
            },
            source_file: format!("file {}.csv", nth % 2),
            upload_id: format!("upload-{}", nth % 2),
            created_at_ms: at,
            position: FilePosition::new(0, nth),
            updated_at_ms: at,
            changed_at_ms: at,
        })
    }));
    index
});

/// Runs a query within the limits. The list, its number, its ids and its groups agree, and a query round-trips through
/// its JSON and its parts.
pub fn ask(query: &LeadQuery, analysis: &LeadAnalysis) {
    if query.validate().is_err() || analysis.validate().is_err() {
        return;
    }
    let json = serde_json::to_string(query).unwrap_or_default();
    assert_eq!(serde_json::from_str::<LeadQuery>(&json).ok().as_ref(), Some(query), "{json}");
    let Ok(compiled) = CompiledQuery::new(query, now()) else { return };
    let count = LEADS.count(&compiled);
    let page = LEADS.list(&compiled, 1, 500);
    assert_eq!((page.total_count, page.leads.len() as u64), (count, count), "{json}");
    assert_eq!(LEADS.select_ids(&compiled).len() as u64, count, "{json}");
    let groups = match analysis {
        LeadAnalysis::GroupBy(by) => Some(LEADS.groups(&compiled, by)),
        LeadAnalysis::List | LeadAnalysis::Count => None,
    };
    if let Some(groups) = &groups {
        assert_eq!(groups.total_count, count, "{json}");
    }
    assert!(!answer::text(query, analysis, count, groups.as_ref()).is_empty());
    for (label, without) in answer::parts(query) {
        assert!(!label.is_empty(), "{json}");
        assert!(without != *query, "a part that cannot be removed: {json}");
        assert!(without.validate().is_ok(), "{json}");
    }
}
