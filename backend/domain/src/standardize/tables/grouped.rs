//! Headers in more than one row: group names above, a second row below, repetitions.

use super::{Scanner, filled};
use crate::standardize::headers::{Kind, read};
use crate::standardize::raw_table::RawTable;

impl Scanner<'_> {
    /// Puts group names above the header (`Contact | | Company |`) before headers that say nothing on their own.
    pub(super) fn group_names(&mut self, position: usize, table: &mut RawTable) {
        let Some(above) = position.checked_sub(1) else { return };
        if table.left_out.iter().all(|row| row.position != above) {
            return;
        }
        let groups: Vec<(usize, &str)> = filled(self.sheet, above).collect();
        let width = table.headers.len();
        if groups.len() < 2 || groups.iter().any(|(_, cell)| cell.len() > 40) {
            return;
        }
        let mut group = "";
        for at in 0..width {
            if let Some((_, name)) = groups.iter().find(|(column, _)| *column == at) {
                group = *name;
            }
            let header = &table.headers[at];
            let name = read(group);
            let alone = read(header);
            let says_whose =
                name.kind == Kind::OtherPerson || matches!(name.kind, Kind::Company | Kind::Person);
            let open = matches!(alone.kind, Kind::Name | Kind::Unknown | Kind::Person)
                || (name.kind == Kind::OtherPerson && !header.is_empty());
            if !group.is_empty() && says_whose && open {
                table.headers[at] = format!("{group} {header}").trim().to_owned();
            } else if header.is_empty() && groups.iter().any(|(column, _)| *column == at) {
                table.headers[at] = group.to_owned();
            }
        }
    }
}

pub(super) fn same_headers(one: &[String], other: &[String]) -> bool {
    let filled = |headers: &[String]| {
        headers.iter().filter(|header| !header.is_empty()).map(|h| h.to_lowercase()).collect::<Vec<_>>()
    };
    filled(one) == filled(other)
}

/// Merges a second header row right below the first: the better understood text of each column stays, sparse ones fill
/// gaps.
pub(super) fn merge_headers(headers: &mut Vec<String>, below: &[String]) {
    if headers.len() < below.len() {
        headers.resize(below.len(), String::new());
    }
    let mut group = String::new();
    for (at, header) in headers.iter_mut().enumerate() {
        let own = header.clone();
        if !own.is_empty() {
            group.clone_from(&own);
        }
        let lower = below.get(at).map_or("", String::as_str);
        if lower.is_empty() {
            continue;
        }
        let (upper, under, name) = (read(&own), read(lower), read(&group));
        let better = under.is_field() && !upper.is_field()
            || own.is_empty()
            || (under.is_known() && !upper.is_known());
        if matches!(name.kind, Kind::OtherPerson)
            || (name.kind == Kind::Company && matches!(under.kind, Kind::Name))
        {
            *header = format!("{group} {lower}");
        } else if better
            || matches!(upper.kind, Kind::Person | Kind::Details | Kind::Company) && under.is_known()
        {
            *header = lower.to_owned();
        } else if !upper.is_known() && !under.is_known() {
            *header = format!("{own} {lower}");
        }
    }
}
