//! Sound files truncated at every hundredth, and random bytes under every name.

use std::path::{Path, PathBuf};

use super::child::{Answer, Report};
use super::read_apart;

/// The names of these tests.
pub(super) const NAMES: [&str; 2] = ["cut_off_at_every_hundredth", "random_bytes_under_every_name"];

/// The sound files that are truncated: one of each kind.
fn sound_files() -> std::io::Result<Vec<(&'static str, Vec<u8>)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workbook = |name: &str| std::fs::read(root.join("test_data/workbooks").join(name));
    let fixture = |name: &str| std::fs::read(root.join("../../tests/fixtures").join(name));
    let layout = |name: &str| std::fs::read(root.join("test_data").join(name));
    let seed = |name: &str| std::fs::read(root.join("../../fuzz/seeds").join(name));
    let mut xml = br#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>"#.to_vec();
    for row in 0..20 {
        let cell = |text: String| format!(r#"<Cell><Data ss:Type="String">{text}</Data></Cell>"#);
        let name = if row == 0 { "Name".to_owned() } else { format!("Ada Lovelace{row}") };
        let email = if row == 0 { "Email".to_owned() } else { format!("ada{row}@x.example") };
        xml.extend(format!("<Row>{}{}</Row>", cell(name), cell(email)).bytes());
    }
    xml.extend(b"</Table></Worksheet></Workbook>");
    Ok(vec![
        ("a.xls", workbook("dates-1900.xls")?),
        ("a.xlsb", workbook("people.xlsb")?),
        ("a.ods", workbook("people.ods")?),
        ("a.xlsx", fixture("contacts.xlsx")?),
        ("locked.xlsx", fixture("password.xlsx")?),
        ("a.csv", layout("delimited/quotes-and-newlines.csv")?),
        ("utf16.csv", layout("delimited/utf-16-tabs.csv")?),
        ("html.xls", layout("layouts/html-as-xls.txt")?),
        ("xml.xls", xml),
        ("sjis.csv", seed("any_bytes/sjis")?),
    ])
}

pub(super) fn check(name: &str, folder: &Path, table: bool) -> Result<(), String> {
    let files =
        if name == NAMES[0] { cut(folder) } else { random(folder) }.map_err(|error| error.to_string())?;
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let reports = read_apart(&files)?;
    reports.iter().try_for_each(Report::check)?;
    let read = reports.iter().filter(|report| matches!(report.answer, Answer::Read { .. })).count();
    // Truncated text is still text; a truncated workbook is no longer one.
    if read == 0 || read == reports.len() {
        return Err(format!("{read} of {} were read", reports.len()));
    }
    if table {
        let seconds = reports.iter().map(|report| report.seconds).fold(0.0, f64::max);
        let peak = reports.iter().map(|report| report.peak_bytes).max().unwrap_or_default();
        println!(
            "| {}: {} files | | {read} imported, {} refused with a code | {seconds:.1} at most | {:.0} MB |",
            name.replace('_', " "),
            reports.len(),
            reports.len() - read,
            peak as f64 / 1e6
        );
    }
    Ok(())
}

fn cut(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (name, bytes) in sound_files()? {
        for percent in 0..100 {
            let path = folder.join(format!("{percent}-{name}"));
            std::fs::write(&path, &bytes[..bytes.len() * percent / 100])?;
            paths.push(path);
        }
    }
    Ok(paths)
}

fn random(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    const BEGINNINGS: [&[u8]; 6] = [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"<html><table>",
        b"\xff\xfe",
    ];
    let mut paths = Vec::new();
    for ending in ["csv", "tsv", "txt", "xlsx", "xls", "xlsb", "ods"] {
        for beginning in BEGINNINGS {
            for length in [1, 100, 10_000, 300_000] {
                let path = folder.join(format!("{}.{ending}", paths.len()));
                let mut bytes = beginning.to_vec();
                bytes.extend((0..length).map(|_| (chance() >> 32) as u8));
                std::fs::write(&path, bytes)?;
                paths.push(path);
            }
        }
    }
    Ok(paths)
}
