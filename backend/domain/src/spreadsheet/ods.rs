//! ODS, read from its XML as a stream.
//!
//! calamine reads ODS too, but expands every repeated cell into a grid of up to 100 million cells and never ends if a
//! table is not closed; and it keeps only numbers, even where the file also says how they are shown (`01234`).

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::archive::Archive;
use super::build::{SheetBuilder, WorkbookBuilder};
use super::error::TooMuch;
use super::number;
use super::overlay::Overlay;
use super::{Limits, ReadError, Workbook, links};

/// Elements whose text does not belong to the cell: comments, deleted cells, drawings, phonetic readings.
const SKIPPED: [&str; 6] = [
    "office:annotation",
    "table:tracked-changes",
    "table:shapes",
    "text:ruby-text",
    "draw:frame",
    "draw:custom-shape",
];
/// The media type in the archive's first part; that of templates begins the same.
const MIME_TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";

fn damaged() -> ReadError {
    ReadError::damaged("its sheets")
}

/// Reads the visible sheets of an ODS file.
pub(super) fn read(archive: &mut Archive<'_>, limits: &Limits) -> Result<Workbook, ReadError> {
    if !part(archive, "mimetype", 200)?.starts_with(MIME_TYPE) {
        return Err(ReadError::UnsupportedFileType {
            found: "an OpenDocument file that is not a spreadsheet",
        });
    }
    if part(archive, "META-INF/manifest.xml", 16 * 1024 * 1024).is_ok_and(|m| m.contains("encryption-data")) {
        return Err(ReadError::PasswordProtected);
    }
    let content = archive.by_name("content.xml").map_err(|_| damaged())?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, content));
    reader.config_mut().expand_empty_elements = true;
    read_content(&mut reader, limits)
}

fn part(archive: &mut Archive<'_>, name: &str, max_bytes: u64) -> Result<String, ReadError> {
    let mut text = String::new();
    let part = archive.by_name(name).map_err(|_| damaged())?;
    part.take(max_bytes).read_to_string(&mut text).map_err(|_| damaged())?;
    Ok(text)
}

fn read_content<R: BufRead>(reader: &mut Reader<R>, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut builder = WorkbookBuilder::new(limits);
    let mut hidden_styles = HashSet::new();
    let mut style = String::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) => match tag.name().as_ref() {
                "style:style" => style = attribute(&tag, "style:name").unwrap_or_default(),
                "style:table-properties"
                    if attribute(&tag, "table:display").is_some_and(|d| d == "false") =>
                {
                    hidden_styles.insert(std::mem::take(&mut style));
                }
                "table:table" => {
                    let is_hidden =
                        attribute(&tag, "table:style-name").is_some_and(|s| hidden_styles.contains(&s));
                    let mut sheet = builder.sheet(attribute(&tag, "table:name"));
                    let overlay = read_table(reader, (!is_hidden).then_some(&mut sheet), limits)?;
                    if is_hidden {
                        builder.skip_hidden();
                    } else {
                        let (sheet, problems) = sheet.finish()?;
                        builder.push_with(sheet, problems, overlay);
                    }
                }
                name if SKIPPED.contains(&name) => {
                    let end = tag.to_end().into_owned();
                    reader.read_to_end_into(end.name(), &mut Vec::new()).map_err(|_| damaged())?;
                }
                _ => {}
            },
            Event::Eof => return Ok(builder.finish()),
            _ => {}
        }
    }
}

/// Reads rows up to the end of the table; returns its merged cells. Without a sheet, the table is skipped.
fn read_table<R: BufRead>(
    reader: &mut Reader<R>,
    mut sheet: Option<&mut SheetBuilder<'_>>,
    limits: &Limits,
) -> Result<Overlay, ReadError> {
    let mut buffer = Vec::new();
    let mut overlay = Overlay::default();
    let mut row: u32 = 1;
    let mut cells: Vec<(u32, u32, String)> = Vec::new();
    let mut column: u32 = 0;
    let mut row_repeats: u32 = 1;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table-row" => {
                    row_repeats = repeats_of(&tag, "table:number-rows-repeated");
                    column = 0;
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    let repeats = repeats_of(&tag, "table:number-columns-repeated");
                    let cell = read_cell(reader, &tag.to_owned(), limits)?;
                    if !cell.is_empty() && sheet.is_some() {
                        // Checked before the row ends: until then its cells are kept one by one.
                        if column >= limits.max_columns {
                            return Err(ReadError::too_complex(TooMuch::Columns(limits.max_columns)));
                        }
                        cells.push((column, repeats, cell));
                        let down = repeats_of(&tag, "table:number-rows-spanned").saturating_sub(1);
                        let across = repeats_of(&tag, "table:number-columns-spanned").saturating_sub(1);
                        overlay
                            .merge((row, row.saturating_add(down)), (column, column.saturating_add(across)));
                    }
                    column = column.saturating_add(repeats);
                }
                name if SKIPPED.contains(&name) => {
                    let end = tag.to_end().into_owned();
                    reader.read_to_end_into(end.name(), &mut Vec::new()).map_err(|_| damaged())?;
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => {
                if let Some(sheet) = sheet.as_deref_mut()
                    && !cells.is_empty()
                {
                    for row in row..row.saturating_add(row_repeats) {
                        for (first, repeats, text) in &cells {
                            for column in *first..first.saturating_add(*repeats) {
                                sheet.set(row, column, text)?;
                            }
                        }
                    }
                }
                cells.clear();
                row = row.saturating_add(row_repeats);
            }
            Event::End(tag) if tag.name().as_ref() == "table:table" => return Ok(overlay),
            Event::Eof => return Err(damaged()),
            _ => {}
        }
    }
}

fn repeats_of(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// Reads a cell up to its end tag.
fn read_cell<R: BufRead>(
    reader: &mut Reader<R>,
    cell: &BytesStart<'_>,
    limits: &Limits,
) -> Result<String, ReadError> {
    let shown = read_text(reader, cell.name().as_ref(), limits.max_cell_bytes)?;
    let mut text = String::new();
    match attribute(cell, "office:value-type").as_deref() {
        Some("float" | "currency" | "percentage") => {
            match attribute(cell, "office:value").and_then(|value| value.parse::<f64>().ok()) {
                Some(_) if attribute(cell, "calcext:value-type").as_deref() == Some("error") => {
                    return Ok(shown);
                }
                Some(value) if says_more(&shown, value) => return Ok(shown),
                Some(value) => number::push_number(&mut text, value),
                None => return Ok(shown),
            }
        }
        Some("date") => match attribute(cell, "office:date-value") {
            Some(iso) => number::push_iso_date_time(&mut text, &iso),
            None => return Ok(shown),
        },
        Some("time") => match attribute(cell, "office:time-value") {
            Some(iso) => number::push_iso_duration(&mut text, &iso),
            None => return Ok(shown),
        },
        Some("boolean") => match attribute(cell, "office:boolean-value").as_deref() {
            Some("true") => text.push_str("TRUE"),
            Some("false") => text.push_str("FALSE"),
            _ => return Ok(shown),
        },
        _ if shown.is_empty() => return Ok(attribute(cell, "office:string-value").unwrap_or_default()),
        _ => return Ok(shown),
    }
    Ok(text)
}

/// Whether the text shown is the same number with leading zeros or as a percentage.
fn says_more(shown: &str, value: f64) -> bool {
    let is_digits = shown.len() > 1 && shown.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits && shown.starts_with('0') && shown.parse() == Ok(value))
        || shown.strip_suffix('%').is_some_and(|percent| {
            percent
                .trim_end()
                .replace(',', ".")
                .parse::<f64>()
                .is_ok_and(|p| (p - value * 100.0).abs() < 1e-9)
        })
}

/// The text shown in a cell, with each paragraph on its own line.
fn read_text<R: BufRead>(reader: &mut Reader<R>, cell: &str, most: usize) -> Result<String, ReadError> {
    let mut text = String::new();
    let mut paragraphs = 0;
    let mut depth = 0_usize;
    let mut in_paragraph = 0_usize;
    let mut target: Option<String> = None;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        // A few bytes can mean a thousand spaces.
        if text.len() > most {
            return Err(ReadError::too_complex(TooMuch::Cell(most)));
        }
        match reader.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) => match tag.name().as_ref() {
                name if SKIPPED.contains(&name) => {
                    let end = tag.to_end().into_owned();
                    reader.read_to_end_into(end.name(), &mut Vec::new()).map_err(|_| damaged())?;
                }
                "text:p" | "text:h" => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                    in_paragraph += 1;
                    depth += 1;
                }
                name => {
                    match name {
                        "text:s" => {
                            let count: usize =
                                attribute(&tag, "text:c").and_then(|c| c.parse().ok()).unwrap_or(1);
                            text.extend(std::iter::repeat_n(' ', count.min(1000)));
                        }
                        "text:tab" => text.push('\t'),
                        "text:line-break" => text.push('\n'),
                        "text:a" if target.is_none() => target = attribute(&tag, "xlink:href"),
                        _ => {}
                    }
                    depth += 1;
                }
            },
            Event::End(tag) => {
                if depth == 0 && tag.name().as_ref() == cell {
                    let linked = target.and_then(|target| links::with_target(&text, &target));
                    return Ok(linked.unwrap_or(text));
                }
                if matches!(tag.name().as_ref(), "text:p" | "text:h") {
                    in_paragraph = in_paragraph.saturating_sub(1);
                }
                depth = depth.saturating_sub(1);
            }
            // Line breaks and indentation of the XML itself are not text; `text:s` and friends mark the real ones.
            Event::Text(part) if in_paragraph > 0 => text.push_str(&part.xml10_content()),
            Event::CData(part) if in_paragraph > 0 => text.push_str(&part.xml10_content()),
            Event::GeneralRef(entity) if in_paragraph > 0 => push_entity(&mut text, &entity),
            Event::Eof => return Err(damaged()),
            _ => {}
        }
    }
}

/// Appends the character of an entity; entities that a document defines itself are kept as written, so nothing can
/// explode.
pub(super) fn push_entity(text: &mut String, entity: &quick_xml::events::BytesRef<'_>) {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        text.push(c);
    } else if let Some(known) = quick_xml::escape::resolve_predefined_entity(entity) {
        text.push_str(known);
    } else {
        text.push('&');
        text.push_str(entity);
        text.push(';');
    }
}
