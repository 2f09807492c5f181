//! vCards (2.1, 3.0 and 4.0), as phones, email programs and web address books export them: a card becomes a row.
//!
//! Parsed here because no crate fits: those that support version 2.1 with its quoted-printable bring a table of time
//! zones and need random numbers, which WebAssembly does not have; the others support version 4.0 only.

use std::collections::HashMap;

use super::build::WorkbookBuilder;
use super::error::TooMuch;
use super::{Limits, ReadError, Workbook};

mod lines;

use lines::Property;

/// Columns in their order; any others follow in order of appearance.
const ORDER: [&str; 27] = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Name Prefix",
    "Name Suffix",
    "Full Name",
    "Nickname",
    "Job Title",
    "Role",
    "Company",
    "Department",
    "Email",
    "Email (home)",
    "Mobile",
    "Phone (work)",
    "Phone (main)",
    "Phone",
    "Phone (home)",
    "Fax",
    "Pager",
    "Address (work)",
    "Address (home)",
    "Address",
    "Website",
    "Birthday",
    "Categories",
    "Note",
];
/// Properties about the card itself, or binary ones.
const LEFT_OUT: [&str; 9] =
    ["VERSION", "PRODID", "PHOTO", "LOGO", "SOUND", "KEY", "X-ABLABEL", "X-ABADR", "AGENT"];

/// The columns of all cards, numbered in order of appearance, with their values by card.
#[derive(Default)]
struct Table {
    /// By name and ordinal within a card: `Email`, `Email 2`.
    columns: HashMap<(String, usize), usize>,
    names: Vec<(String, usize)>,
    rows: Vec<Vec<(usize, String)>>,
}

/// Reads all cards of a text into one sheet, with a header.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut table = Table::default();
    // A card within a card is an assistant's; it ends before the outer one continues.
    let mut depth = 0_usize;
    let mut after_agent = false;
    let mut card: Vec<Property> = Vec::new();
    for property in lines::properties(text) {
        let is_of_card = property.value.trim().eq_ignore_ascii_case("vcard");
        match property.name.as_str() {
            "BEGIN" if is_of_card && depth > 0 && after_agent => depth += 1,
            "BEGIN" if is_of_card => {
                // The previous card was never ended.
                table.add(&std::mem::take(&mut card), limits)?;
                depth = 1;
            }
            "END" if is_of_card => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    table.add(&std::mem::take(&mut card), limits)?;
                }
            }
            name => {
                after_agent = name == "AGENT";
                if depth == 1 {
                    card.push(property);
                }
                continue;
            }
        }
        after_agent = false;
    }
    table.add(&card, limits)?;
    table.write(limits)
}

impl Table {
    fn add(&mut self, card: &[Property], limits: &Limits) -> Result<(), ReadError> {
        if self.rows.len() >= limits.max_rows as usize {
            return Err(ReadError::too_complex(TooMuch::Rows(limits.max_rows)));
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut row = Vec::new();
        for (name, value) in fields(card) {
            let count = counts.entry(name.clone()).or_insert(0);
            *count += 1;
            let next = self.names.len();
            let column = *self.columns.entry((name.clone(), *count)).or_insert(next);
            if column == next {
                if next >= limits.max_columns as usize {
                    return Err(ReadError::too_complex(TooMuch::Columns(limits.max_columns)));
                }
                self.names.push((name, *count));
            }
            row.push((column, value));
        }
        if !row.is_empty() {
            self.rows.push(row);
        }
        Ok(())
    }

    fn write(self, limits: &Limits) -> Result<Workbook, ReadError> {
        let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by_key(|column| {
            let (name, ordinal) = &self.names[*column];
            (rank(name), if rank(name) < ORDER.len() { *ordinal } else { 0 })
        });
        let mut places = vec![0_u32; order.len()];
        for (place, column) in (0_u32..).zip(&order) {
            places[*column] = place;
        }
        let mut builder = WorkbookBuilder::new(limits);
        let mut sheet = builder.sheet(None);
        for ((name, ordinal), place) in self.names.iter().zip(&places) {
            let header = if *ordinal == 1 { name.clone() } else { format!("{name} {ordinal}") };
            sheet.set(1, *place, &header)?;
        }
        for (number, row) in (2_u32..).zip(&self.rows) {
            for (column, value) in row {
                sheet.set(number, places[*column], value)?;
            }
        }
        let (sheet, problems) = sheet.finish()?;
        builder.push(sheet, problems);
        Ok(builder.finish())
    }
}

/// The columns that a card has a value for; columns of the same name in order of preference.
fn fields(card: &[Property]) -> Vec<(String, String)> {
    let labels: HashMap<&str, String> = card
        .iter()
        .filter(|property| property.name == "X-ABLABEL" && !property.group.is_empty())
        .map(|property| (property.group.as_str(), label(&property.text())))
        .collect();
    let mut sorted: Vec<&Property> =
        card.iter().filter(|p| !p.is_binary && !LEFT_OUT.contains(&p.name.as_str())).collect();
    sorted.sort_by_key(|property| !property.is_preferred);
    let mut fields = Vec::new();
    for property in sorted {
        let label = labels.get(property.group.as_str()).map(String::as_str);
        push_fields(property, label, &mut fields);
    }
    fields.retain(|(_, value)| !value.is_empty());
    // A company's card is named after the company.
    if let Some(company) = fields.iter().find(|(name, _)| name == "Company").map(|(_, value)| value.clone()) {
        fields.retain(|(name, value)| name != "Full Name" || *value != company);
    }
    fields
}

/// Apple's own labels are enclosed in markers: `_$!<Work>!$_`.
fn label(text: &str) -> String {
    text.trim_start_matches("_$!<").trim_end_matches(">!$_").to_lowercase()
}

fn push_fields(property: &Property, label: Option<&str>, fields: &mut Vec<(String, String)>) {
    let mut push = |name: &str, value: String| fields.push((name.to_owned(), value));
    let parts = property.parts();
    let part = |at: usize| parts.get(at).cloned().unwrap_or_default();
    let filled = |from: usize| {
        let filled: Vec<&str> =
            parts.iter().skip(from).map(String::as_str).filter(|p| !p.is_empty()).collect();
        filled.join(", ")
    };
    match property.name.as_str() {
        "N" => {
            push("First Name", part(1));
            push("Middle Name", part(2));
            push("Last Name", part(0));
            push("Name Prefix", part(3));
            push("Name Suffix", filled(4));
        }
        "ORG" => {
            push("Company", part(0));
            push("Department", filled(1));
        }
        "ADR" => push(&place("Address", property, label), filled(0)),
        "TEL" => push(&telephone(property, label), without_scheme(&property.text(), "tel:")),
        "EMAIL" => {
            let is_home = property.is("home") || label == Some("home");
            let name = if is_home { "Email (home)" } else { "Email" };
            push(name, without_scheme(&property.text(), "mailto:"));
        }
        "FN" => push("Full Name", property.text()),
        "NICKNAME" => push("Nickname", property.text()),
        "TITLE" => push("Job Title", property.text()),
        "ROLE" => push("Role", property.text()),
        "URL" => push("Website", property.text()),
        "BDAY" => push("Birthday", property.text()),
        "CATEGORIES" => push("Categories", property.text()),
        "NOTE" => push("Note", property.text()),
        other => push(other, filled(0)),
    }
}

fn without_scheme(text: &str, scheme: &str) -> String {
    match text.get(..scheme.len()) {
        Some(start) if start.eq_ignore_ascii_case(scheme) => text[scheme.len()..].to_owned(),
        _ => text.to_owned(),
    }
}

/// The column of a phone number.
fn telephone(property: &Property, label: Option<&str>) -> String {
    let is = |kind: &str| property.is(kind) || label.is_some_and(|label| label.contains(kind));
    if is("fax") {
        "Fax".to_owned()
    } else if is("pager") {
        "Pager".to_owned()
    } else if is("cell") || is("mobile") || is("iphone") {
        "Mobile".to_owned()
    } else if is("main") {
        "Phone (main)".to_owned()
    } else {
        place("Phone", property, label)
    }
}

/// A column's name with the place the value belongs to.
fn place(name: &str, property: &Property, label: Option<&str>) -> String {
    let is = |kind: &str| property.is(kind) || label == Some(kind);
    match (is("work"), is("home"), label) {
        (true, _, _) => format!("{name} (work)"),
        (_, true, _) => format!("{name} (home)"),
        (_, _, Some(label)) if !label.is_empty() && label.len() <= MAX_LABEL_BYTES => {
            format!("{name} ({label})")
        }
        _ => name.to_owned(),
    }
}

/// Longest label that becomes part of a column's name.
const MAX_LABEL_BYTES: usize = 40;

#[cfg(test)]
mod tests;
