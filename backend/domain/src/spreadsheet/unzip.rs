//! Zipped workbooks: which kind it is, and that it unpacks to no more than allowed.

use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::archive::Archive;
use super::error::TooMuch;
use super::{Limits, ReadError, Workbook, excel, ods};

mod look;
mod metered;

pub(super) use metered::Metered;

/// Workbooks have dozens of parts; pictures may bring hundreds.
const MAX_PARTS: usize = 20_000;
/// No deflate stream unpacks to more than this many times its size.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// Reads a zipped workbook.
///
/// # Errors
/// When it is another kind of archive, protected, damaged, or unpacks to too much.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::damaged("its table of contents"))?;
    if archive.len() > MAX_PARTS {
        return Err(ReadError::too_complex(TooMuch::Parts(MAX_PARTS)));
    }
    let names: Vec<String> =
        archive.file_names().filter_map(|name| name.ok().map(|n| n.to_lowercase())).collect();
    let has = |end: &str| names.iter().any(|name| name.replace('\\', "/").ends_with(end));
    if (0..archive.len()).any(|i| archive.by_index_raw(i).is_ok_and(|part| part.encrypted())) {
        return Err(ReadError::PasswordProtected);
    }
    guard(&mut archive, limits)?;
    if has("workbook.bin") && has("[content_types].xml") {
        excel::read_xlsb(Metered::new(bytes, &mut archive), limits)
    } else if has("[content_types].xml") && (has("workbook.xml") || has("xl/_rels/workbook.xml.rels")) {
        let largest_sheet = largest_sheet(&mut archive);
        excel::read_xlsx(Metered::new(bytes, &mut archive), largest_sheet, limits)
    } else if has("content.xml") && has("mimetype") {
        ods::read(&mut archive, limits)
    } else {
        Err(ReadError::UnsupportedFileType { found: other_kind(&names) })
    }
}

/// Size of the largest sheet or link list, in bytes of XML.
fn largest_sheet(archive: &mut Archive<'_>) -> u64 {
    let sizes = (0..archive.len()).filter_map(|index| {
        let part = archive.by_index_raw(index).ok()?;
        let is_sheet = part.name().is_ok_and(|name| name.to_lowercase().contains("sheets"));
        is_sheet.then(|| part.size())
    });
    sizes.max().unwrap_or(0)
}

fn other_kind(names: &[String]) -> &'static str {
    let any = |start: &str| names.iter().any(|name| name.starts_with(start));
    if any("word/") {
        "a Word document"
    } else if any("ppt/") {
        "a presentation"
    } else if any("index/") {
        "an Apple Numbers document"
    } else {
        "a compressed archive"
    }
}

/// Unpacks once, without keeping the output, the parts that a reader will look at, if they are large or their size may
/// differ from the table of contents, to check that their total is allowed and that nothing in them would grow in
/// memory. The parsers keep whole strings and lists in memory, so this has to be known before they begin.
fn guard(archive: &mut Archive<'_>, limits: &Limits) -> Result<(), ReadError> {
    let mut declared: u64 = 0;
    let mut packed: u64 = 0;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| ReadError::damaged("its table of contents"))?;
        let name = part.name().map_err(|_| ReadError::damaged("its table of contents"))?.to_lowercase();
        if ![".xml", ".rels", ".bin"].iter().any(|end| name.ends_with(end)) || name.contains("vbaproject") {
            continue;
        }
        declared = declared.saturating_add(part.size());
        packed = packed.saturating_add(part.compressed_size());
        parts.push((index, part.size(), name));
    }
    if declared > limits.max_unpacked_bytes {
        return Err(ReadError::too_complex(TooMuch::Bytes(limits.max_unpacked_bytes)));
    }
    let may_lie = packed.saturating_mul(MAX_DEFLATE_RATIO) > limits.max_unpacked_bytes;
    for (index, size, name) in parts {
        if name.ends_with("sharedstrings.xml") {
            guard_string_count(archive, index, size)?;
        }
        // The whole list of texts is in memory along with the sheets.
        if name.contains("sharedstrings.") && size > limits.max_text_bytes as u64 {
            return Err(ReadError::too_complex(TooMuch::Bytes(limits.max_text_bytes as u64)));
        }
        let is_list = LISTS.iter().any(|end| name.ends_with(end));
        if may_lie || size > limits.max_look_away_bytes || is_list && size > limits.max_look_away_bytes / 64 {
            let part = archive.by_index(index).map_err(|_| ReadError::damaged("one of its parts"))?;
            let part = part.take(size + 1);
            let read = if name.ends_with(".bin") { count(part) } else { look::through(part, size, limits)? };
            if read != Some(size) {
                return Err(ReadError::damaged("one of its parts"));
            }
        }
    }
    Ok(())
}

/// Parts that become a list in memory, with an entry per few bytes.
const LISTS: [&str; 2] = ["styles.xml", "workbook.xml"];

/// How many bytes there are; `None` if they cannot be unpacked.
fn count(mut part: impl Read) -> Option<u64> {
    std::io::copy(&mut part, &mut std::io::sink()).ok()
}

/// The Excel parser allocates as many strings as the list announces. A count that the list's size contradicts would
/// end the process.
fn guard_string_count(archive: &mut Archive<'_>, index: usize, size: u64) -> Result<(), ReadError> {
    let damaged = || ReadError::damaged("its list of texts");
    let part = archive.by_index(index).map_err(|_| damaged())?;
    let mut reader = Reader::from_reader(BufReader::new(part.take(size + 1)));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "sst" => {
                let counts =
                    tag.attributes().flatten().filter(|attribute| attribute.key.as_ref() == "uniqueCount");
                for count in counts {
                    // The shortest entry is `<si/>`.
                    if count.value.parse::<u64>().is_ok_and(|count| count > size / 5 + 16) {
                        return Err(damaged());
                    }
                }
                return Ok(());
            }
            Ok(Event::Eof) | Err(_) => return Err(damaged()),
            Ok(_) => {}
        }
    }
}
