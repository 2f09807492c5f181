//! The files of a schedule, the expected leads, and the actual leads.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use easy_crm_shared::lead::MISSING;
use easy_crm_shared::upload::UpdatePolicy;
use easy_crm_tests::System;

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) email: Option<String>,
    pub(crate) phone: String,
    pub(crate) title: String,
}

/// A file, with its rows in order.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

impl File {
    /// Rows that collide by email address and by content, many of them more than once.
    pub(crate) fn draw(dice: &mut fastrand::Rng, seed: u64, number: usize) -> Self {
        let people = dice.usize(1..8);
        let rows = (0..dice.usize(1..28))
            .map(|_| {
                let person = dice.usize(0..people);
                if dice.u8(0..5) == 0 {
                    // Without an address, equal cells are the same lead; other schedules must not collide with it.
                    Row {
                        email: None,
                        phone: format!("+44 20 7946 00{person:02}"),
                        title: format!("Clerk of {seed}"),
                    }
                } else {
                    Row {
                        email: Some(format!("person{person}@s{seed}.example")),
                        phone: format!("+44 20 7946 01{person:02}"),
                        title: ["", "Clerk", "Engineer", "Director"][dice.usize(0..4)].to_owned(),
                    }
                }
            })
            .collect();
        Self { name: format!("s{seed}-{number}.csv"), rows }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = "Name,Email,Phone,Job Title\n".to_owned();
        for row in &self.rows {
            let email = row.email.as_deref().unwrap_or_default();
            text.push_str(&format!("Ada Lovelace,{email},{},{}\n", row.phone, row.title));
        }
        text
    }

    /// How many rows are superseded by a later row with the same address.
    pub(crate) fn overtaken(&self) -> u64 {
        let addresses: Vec<_> = self.rows.iter().filter_map(|row| row.email.as_ref()).collect();
        (addresses.len() - addresses.iter().collect::<BTreeSet<_>>().len()) as u64
    }
}

/// An expected or actual lead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TableLead {
    pub(crate) row: Row,
    pub(crate) source_file: String,
}

/// Identifies a lead: the address, or the content and how many equal rows preceded it.
type Key = (Option<String>, String, usize);

/// What may be stored for a person.
#[derive(Debug, Default)]
struct Allowed {
    /// One of these must exist, unless `may_be_absent`.
    leads: Vec<TableLead>,
    may_be_absent: bool,
}

/// The leads that result from reading files one after the other under one policy. For rows that failed or were skipped
/// by a cancelled upload, the result is unknown.
#[derive(Debug)]
pub(crate) struct Reference {
    policy: UpdatePolicy,
    people: BTreeMap<Key, Allowed>,
}

impl Reference {
    pub(crate) fn new(policy: UpdatePolicy) -> Self {
        Self { policy, people: BTreeMap::new() }
    }

    /// Adds a file; `uncertain` says whether a row, given by its number in the sheet, may be missing.
    pub(crate) fn read(&mut self, file: &File, uncertain: impl Fn(usize) -> bool) {
        let mut seen: BTreeMap<&Row, usize> = BTreeMap::new();
        for (at, row) in file.rows.iter().enumerate() {
            let ordinal = if row.email.is_some() {
                0
            } else {
                let count = seen.entry(row).or_default();
                *count += 1;
                *count
            };
            let text = if row.email.is_some() { String::new() } else { row.phone.clone() };
            let fresh = Allowed { leads: Vec::new(), may_be_absent: true };
            let allowed = self.people.entry((row.email.clone(), text, ordinal)).or_insert(fresh);
            let new = TableLead { row: row.clone(), source_file: file.name.clone() };
            let mut results: BTreeSet<_> =
                allowed.leads.iter().map(|lead| after(self.policy, lead, &new)).collect();
            if allowed.may_be_absent {
                results.insert(new);
            }
            if uncertain(at + 2) {
                results.extend(allowed.leads.drain(..));
            } else {
                allowed.may_be_absent = false;
            }
            allowed.leads = results.into_iter().collect();
        }
    }

    /// Compares with the actual leads.
    pub(crate) fn check(&self, leads: &[TableLead]) -> Result<()> {
        // Leads of equal rows cannot be distinguished, so rows and leads are matched (Kuhn's algorithm).
        let mut wanted: Vec<_> = self.people.iter().collect();
        wanted.sort_by_key(|(_, allowed)| allowed.may_be_absent);
        let mut taken_by = vec![None; leads.len()];
        for (at, (key, allowed)) in wanted.iter().enumerate() {
            let found = augment(&wanted, leads, at, &mut vec![false; leads.len()], &mut taken_by);
            ensure!(found || allowed.may_be_absent, "{key:?} is missing: {allowed:?} in {leads:#?}");
        }
        let free = leads.iter().zip(&taken_by).find(|(_, taken)| taken.is_none());
        ensure!(free.is_none(), "a lead without a row, or a duplicate: {free:?} of {leads:#?}");
        Ok(())
    }
}

/// A lead after another row with its address.
fn after(policy: UpdatePolicy, lead: &TableLead, new: &TableLead) -> TableLead {
    let title = match policy {
        UpdatePolicy::Replace => &new.row.title,
        UpdatePolicy::Update if !new.row.title.is_empty() => &new.row.title,
        UpdatePolicy::Fill if lead.row.title.is_empty() => &new.row.title,
        UpdatePolicy::Update | UpdatePolicy::Fill | UpdatePolicy::Skip => &lead.row.title,
    };
    let provides = match policy {
        UpdatePolicy::Replace | UpdatePolicy::Update => true,
        UpdatePolicy::Fill => *title != lead.row.title,
        UpdatePolicy::Skip => false,
    };
    let source_file = if provides { &new.source_file } else { &lead.source_file };
    TableLead { row: Row { title: title.clone(), ..lead.row.clone() }, source_file: source_file.clone() }
}

/// Finds a lead for a row, reassigning rows that already have one if that helps.
fn augment(
    wanted: &[(&Key, &Allowed)],
    leads: &[TableLead],
    row: usize,
    visited: &mut Vec<bool>,
    taken_by: &mut Vec<Option<usize>>,
) -> bool {
    for (at, lead) in leads.iter().enumerate() {
        if visited[at] || !wanted[row].1.leads.contains(lead) {
            continue;
        }
        visited[at] = true;
        if taken_by[at].is_none_or(|other| augment(wanted, leads, other, visited, taken_by)) {
            taken_by[at] = Some(row);
            return true;
        }
    }
    false
}

/// A schedule's leads that are in the table.
pub(crate) async fn leads(system: &System, seed: u64) -> Result<Vec<TableLead>> {
    let mut pages = system
        .local
        .clients()
        .dynamodb
        .scan()
        .table_name(&system.local.app().config().leads_table)
        .filter_expression("begins_with(sourceFile, :files)")
        .expression_attribute_values(
            ":files",
            aws_sdk_dynamodb::types::AttributeValue::S(format!("s{seed}-")),
        )
        .into_paginator()
        .send();
    let mut leads = Vec::new();
    while let Some(page) = pages.next().await {
        for item in page?.items() {
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            leads.push(TableLead {
                row: Row {
                    email: text("email"),
                    phone: text("phone").unwrap_or_default(),
                    title: text("title").filter(|title| title != MISSING).unwrap_or_default(),
                },
                source_file: text("sourceFile").unwrap_or_default(),
            });
        }
    }
    leads.sort();
    Ok(leads)
}
