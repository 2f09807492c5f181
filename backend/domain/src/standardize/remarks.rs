//! The remarks of a lead: every cell and piece of a cell that fits no field, as `Header: value; Header: value`.

use super::text::{one_line, same};
use super::uses::Uses;
use crate::lead::LeadValues;

/// The label of a column's values: its header on one line, and a colon.
pub(super) fn label(header: &str) -> String {
    let header = one_line(header);
    let header = header.trim_end_matches([':', '：', ' ']);
    if header.is_empty() { String::new() } else { format!("{header}: ") }
}

/// The remarks in column order; `labels` are those of [`label`].
pub(super) fn compose(labels: &[String], lead: &LeadValues, uses: &Uses<'_>) -> String {
    let known = Known::new(lead);
    let mut remarks = String::new();
    for column in 0..uses.len() {
        for text in uses.left(column) {
            if known.holds(text) {
                continue;
            }
            if !remarks.is_empty() {
                remarks.push_str("; ");
            }
            remarks.push_str(labels.get(column).map_or("", String::as_str));
            remarks.push_str(text.trim());
        }
    }
    remarks
}

/// The values a reader already sees in the fields.
struct Known<'a> {
    lead: &'a LeadValues,
}

impl<'a> Known<'a> {
    const fn new(lead: &'a LeadValues) -> Self {
        Self { lead }
    }

    fn holds(&self, text: &str) -> bool {
        let lead = self.lead;
        let text = text.trim();
        if !lead.email.is_empty() && text.len() == lead.email.len() && text.to_lowercase() == lead.email {
            return true;
        }
        let fields = [&lead.first_name, &lead.last_name, &lead.title, &lead.company, &lead.phone];
        if fields.iter().any(|field| !field.is_empty() && same(field, text)) {
            return true;
        }
        let (first, last) = (lead.first_name.as_str(), lead.last_name.as_str());
        if first.is_empty() || last.is_empty() {
            return false;
        }
        let length = first.len() + last.len();
        if text.len() < length || text.len() > length + 16 {
            return false;
        }
        let is_pair = |one: &str, other: &str| {
            text.strip_prefix(one).and_then(|rest| rest.strip_suffix(other)).is_some_and(|between| {
                between.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '，' | '・' | '·'))
            })
        };
        is_pair(first, last) || is_pair(last, first)
    }
}
