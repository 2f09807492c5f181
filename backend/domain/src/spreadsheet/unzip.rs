//! Zipped workbooks: which one it is, and that it unpacks to no more than allowed.

use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::error::TooMuch;
use super::{Limits, ReadError, Workbook, excel, ods};

/// A zip archive in memory.
pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Workbooks have dozens of parts; pictures may bring hundreds.
const MAX_PARTS: usize = 20_000;
/// No deflated stream unpacks to more than this many times its size.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// Reads a zipped workbook.
///
/// # Errors
/// When it is another kind of archive, protected, damaged, or unpacks to too much.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::damaged("its table of contents"))?;
    if archive.len() > MAX_PARTS {
        return Err(ReadError::too_complex(TooMuch::Bytes(limits.max_unpacked_bytes)));
    }
    let names: Vec<String> =
        archive.file_names().filter_map(|name| name.ok().map(|n| n.to_lowercase())).collect();
    let has = |end: &str| names.iter().any(|name| name.replace('\\', "/").ends_with(end));
    if (0..archive.len()).any(|i| archive.by_index_raw(i).is_ok_and(|part| part.encrypted())) {
        return Err(ReadError::PasswordProtected);
    }
    guard(&mut archive, limits)?;
    if has("workbook.bin") && has("[content_types].xml") {
        excel::read_xlsb(bytes, limits)
    } else if has("[content_types].xml") && (has("workbook.xml") || has("xl/_rels/workbook.xml.rels")) {
        excel::read_xlsx(bytes, limits)
    } else if has("content.xml") && has("mimetype") {
        ods::read(&mut archive, limits)
    } else {
        Err(ReadError::UnsupportedFileType { found: other_kind(&names) })
    }
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

/// Unpacks every part that a reader will look at once, into nothing, to see that its size is what the table of contents
/// says and that they add up to no more than allowed. The parsers hold whole strings and lists in memory, so this has
/// to be known before they begin.
fn guard(archive: &mut Archive<'_>, limits: &Limits) -> Result<(), ReadError> {
    let too_much = || ReadError::too_complex(TooMuch::Bytes(limits.max_unpacked_bytes));
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
        parts.push((index, part.size(), name.ends_with("sharedstrings.xml")));
    }
    if declared > limits.max_unpacked_bytes {
        return Err(too_much());
    }
    let may_lie = packed.saturating_mul(MAX_DEFLATE_RATIO) > limits.max_unpacked_bytes;
    for (index, size, is_shared_strings) in parts {
        if is_shared_strings {
            guard_string_count(archive, index, size)?;
        }
        if may_lie {
            let part = archive.by_index(index).map_err(|_| ReadError::damaged("one of its parts"))?;
            let mut sink = std::io::sink();
            let read = std::io::copy(&mut part.take(size + 1), &mut sink);
            if read.ok() != Some(size) {
                return Err(ReadError::damaged("one of its parts"));
            }
        }
    }
    Ok(())
}

/// The Excel parser makes room for as many strings as the list announces. An announcement that the list's size belies
/// would end the process.
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
