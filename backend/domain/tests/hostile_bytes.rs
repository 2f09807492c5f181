//! Every sample file and the fuzzer's seeds, whole and deterministically damaged: whatever the bytes are, reading and
//! standardising end with leads or a clear error, in bounded time.

use std::path::{Path, PathBuf};
use std::time::Instant;

use easy_crm_domain::spreadsheet::{Limits, read};
use easy_crm_domain::standardize::{RowStandardizer, plan_workbook};

/// Damaged copies of each file.
const COPIES: u64 = 12;
/// Time limit in seconds for all of it in a debug build on a busy machine.
const LONGEST_SECONDS: u64 = 150;

fn files() -> std::io::Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![
        root.join("test_data/delimited"),
        root.join("test_data/layouts"),
        root.join("test_data/workbooks"),
        root.join("../../fuzz/seeds"),
    ];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// A small generator (xorshift): the same damage in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// A copy with a few bytes changed, removed, duplicated or cut off.
fn damaged(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    const TELLING: [&[u8]; 12] =
        [b"\"", b",", b"\n", b"\r", b"\0", b"\xff", b"<", b";", b"\t", b"@", b"=", b"\xef\xbb\xbf"];
    let mut copy = bytes.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(copy.len() + 1);
        let end = (at + 1 + dice.below(24)).min(copy.len());
        match dice.below(6) {
            0 if at < copy.len() => copy[at] = dice.below(256) as u8,
            1 if at < copy.len() => copy[at] ^= 1 << dice.below(8),
            2 if at < end => drop(copy.drain(at..end)),
            3 if at < end => {
                let piece = copy[at..end].to_vec();
                copy.splice(at..at, piece);
            }
            4 => drop(copy.splice(at..at, TELLING[dice.below(TELLING.len())].iter().copied())),
            _ => copy.truncate(at.max(1)),
        }
    }
    copy
}

/// Reads and standardises a file; returns the number of leads.
fn leads(name: &str, bytes: &[u8]) -> usize {
    let limits = Limits { max_text_bytes: 8 * 1024 * 1024, max_cells: 400_000, ..Limits::default() };
    let Ok(workbook) = read(name, bytes, &limits) else { return 0 };
    let mut count = 0;
    for table in plan_workbook(&workbook) {
        let sheet = table.sheet(&workbook);
        let row = RowStandardizer::new(&table.layout);
        for position in &table.rows {
            let cells: Vec<&str> = sheet.row(*position).cells().collect();
            let lead = row.standardize(&cells);
            assert_eq!(row.email(&cells).unwrap_or_default(), lead.email, "{name}");
            count += 1;
        }
    }
    count
}

#[test]
fn damaged_files_end_with_leads_or_an_error() {
    let begun = Instant::now();
    let (mut whole, mut damaged_leads) = (0, 0);
    let files = files().expect("the samples");
    assert!(files.len() > 150, "the samples and the seeds");
    for path in files {
        let bytes = std::fs::read(&path).expect("a readable sample");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        whole += leads(&name, &bytes);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64);
        for _ in 0..COPIES {
            damaged_leads += leads(&name, &damaged(&bytes, &mut dice));
        }
    }
    assert!(
        whole > 100 && damaged_leads > whole,
        "{whole} leads of whole files, {damaged_leads} of damaged ones"
    );
    assert!(begun.elapsed().as_secs() < LONGEST_SECONDS, "{:?}", begun.elapsed());
}
