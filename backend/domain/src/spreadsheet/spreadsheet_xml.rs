//! XML Spreadsheet 2003: what many programs write as `.xls`.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::build::WorkbookBuilder;
use super::ods::push_entity;
use super::overlay::Overlay;
use super::{Limits, ReadError, Workbook, number};

fn damaged() -> ReadError {
    ReadError::damaged("its sheets")
}

/// Reads the visible sheets of an XML Spreadsheet 2003.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut reader = Reader::from_str(text.trim_start());
    reader.config_mut().expand_empty_elements = true;
    let mut builder = WorkbookBuilder::new(limits);
    let mut sheet = None;
    let mut is_hidden = false;
    let (mut row, mut column, mut merged) = (0_u32, 0_u32, 0_u32);
    let mut kind = String::new();
    let mut value: Option<String> = None;
    let mut in_visible = false;
    let mut overlay = Overlay::default();
    loop {
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "Worksheet" => {
                    sheet = Some(builder.sheet(attribute(&tag, "Name")));
                    overlay = Overlay::default();
                    is_hidden = false;
                    row = 0;
                }
                "Row" => {
                    row = attribute(&tag, "Index")
                        .and_then(|i| i.parse().ok())
                        .unwrap_or(row.saturating_add(1));
                    column = 0;
                }
                "Cell" => {
                    column = attribute(&tag, "Index")
                        .and_then(|i| i.parse().ok())
                        .unwrap_or(column.saturating_add(merged).saturating_add(1));
                    merged = attribute(&tag, "MergeAcross").and_then(|m| m.parse().ok()).unwrap_or(0);
                    let down: u32 = attribute(&tag, "MergeDown").and_then(|m| m.parse().ok()).unwrap_or(0);
                    let place = column.saturating_sub(1);
                    overlay.merge((row, row.saturating_add(down)), (place, place.saturating_add(merged)));
                    if let Some(target) = attribute(&tag, "HRef") {
                        overlay.link((row, row), place, &target);
                    }
                }
                "Data" if value.is_none() => {
                    kind = attribute(&tag, "Type").unwrap_or_default();
                    value = Some(String::new());
                }
                "Comment" | "PhoneticText" | "Styles" => {
                    reader.read_to_end(tag.to_end().into_owned().name()).map_err(|_| damaged())?;
                }
                "Visible" => in_visible = true,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "Data" => {
                    let text = value.take().unwrap_or_default();
                    if let Some(sheet) = &mut sheet {
                        sheet.set(row, column.saturating_sub(1), &shown(&kind, text))?;
                    }
                }
                "Row" => {
                    merged = 0;
                }
                "Visible" => in_visible = false,
                "Worksheet" => match sheet.take() {
                    Some(_) if is_hidden => builder.skip_hidden(),
                    Some(sheet) => {
                        let (sheet, problems) = sheet.finish()?;
                        builder.push_with(sheet, problems, std::mem::take(&mut overlay));
                    }
                    None => {}
                },
                _ => {}
            },
            Event::Text(part) => {
                if let Some(value) = &mut value {
                    value.push_str(&part.xml10_content());
                } else if in_visible {
                    is_hidden |= part.starts_with("SheetHidden") || part.starts_with("SheetVeryHidden");
                }
            }
            Event::CData(part) => {
                if let Some(value) = &mut value {
                    value.push_str(&part.xml10_content());
                }
            }
            Event::GeneralRef(entity) => {
                if let Some(value) = &mut value {
                    push_entity(value, &entity);
                }
            }
            Event::Eof if sheet.is_some() => return Err(damaged()),
            Event::Eof => return Ok(builder.finish()),
            _ => {}
        }
    }
}

fn shown(kind: &str, text: String) -> String {
    let mut shown = String::new();
    match kind {
        "Number" => match text.trim().parse::<f64>() {
            Ok(value) => number::push_number(&mut shown, value),
            Err(_) => return text,
        },
        "DateTime" => {
            // A time of day is written on Excel's day zero.
            let iso = text.trim().trim_start_matches("1899-12-31T");
            number::push_iso_date_time(&mut shown, iso.strip_suffix(".000").unwrap_or(iso));
        }
        "Boolean" => shown.push_str(if text.trim() == "1" { "TRUE" } else { "FALSE" }),
        _ => return text,
    }
    shown
}

/// An attribute by its name without the prefix (`ss:Index`).
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute =
        tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
