//! The naive implementation of the list.

use std::collections::BTreeMap;

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::analysis::{GroupBy, GroupKey, GroupOrder, LeadGroup, LeadGroups};
use easy_crm_shared::query::condition::{
    Condition, DateField, DateRange, SharedBy, TextField, TextOp, TextTest,
};
use easy_crm_shared::query::{LeadQuery, SortField, SortOrder};
use jiff::Timestamp;
use strum::IntoEnumIterator as _;

use super::super::{IndexedLead, LeadChange, fold};

/// Leads by id, deleted ones included, with the time of their last change.
#[derive(Default)]
pub(super) struct Plain(BTreeMap<u128, (i64, Option<IndexedLead>)>);

impl Plain {
    pub(super) fn apply(&mut self, change: &LeadChange) {
        let (id, at, new) = match change {
            LeadChange::Upsert(lead) => (lead.lead_id, lead.changed_at_ms, Some(lead.clone())),
            LeadChange::Delete { lead_id, changed_at_ms } => (*lead_id, *changed_at_ms, None),
        };
        match self.0.get(&id.as_u128()) {
            Some((known, old)) if *known > at || (*known == at && old.is_none() && new.is_some()) => {}
            _ => {
                self.0.insert(id.as_u128(), (at, new));
            }
        }
    }

    /// The live leads.
    pub(super) fn leads(&self) -> impl Iterator<Item = &IndexedLead> {
        self.0.values().filter_map(|(_, lead)| lead.as_ref())
    }

    /// Ids of the matches, in order.
    pub(super) fn select(&self, query: &LeadQuery) -> Vec<String> {
        self.found(query).into_iter().map(|lead| lead.lead_id.to_string()).collect()
    }

    fn found(&self, query: &LeadQuery) -> Vec<&IndexedLead> {
        let matches = |lead: &&IndexedLead| {
            let filters = query.filters.iter().all(|(field, filter)| {
                let filter = fold::fold(filter.trim());
                filter.is_empty() || passes(lead, (*field).into(), TextOp::Contains, &filter)
            });
            let words = query.q.split_whitespace().all(|word| {
                let word = fold::fold(word);
                LeadField::iter().any(|field| contains(field, lead.values.get(field), &word))
            });
            filters && words && query.condition.as_ref().is_none_or(|condition| self.holds(lead, condition))
        };
        let mut found: Vec<_> = self.leads().filter(matches).collect();
        found.sort_by(|a, b| {
            let key = |lead: &IndexedLead| {
                query.sorting.sort_by.lead_field().map(|f| fold::fold(lead.values.get(f)))
            };
            let by_value = match (key(a), key(b)) {
                (Some(a), Some(b)) if a.is_empty() || b.is_empty() => None,
                (Some(a), Some(b)) => Some(fold::compare(&a, &b)),
                _ if query.sorting.sort_by == SortField::CreatedAt => {
                    Some(a.created_at_ms.cmp(&b.created_at_ms))
                }
                _ => Some(a.updated_at_ms.cmp(&b.updated_at_ms)),
            };
            let age =
                |lead: &IndexedLead| (std::cmp::Reverse(lead.created_at_ms), lead.position, lead.lead_id);
            let by_age = age(a).cmp(&age(b));
            // times are mostly read newest first
            let tie = if key(a).is_some() { by_age } else { by_age.reverse() };
            match by_value {
                Some(order) if query.sorting.sort_order == SortOrder::Desc => order.then(tie).reverse(),
                Some(order) => order.then(tie),
                None if key(a) == key(b) => by_age,
                None => key(a).map(|k| k.is_empty()).cmp(&key(b).map(|k| k.is_empty())),
            }
        });
        found.truncate(query.limit.map_or(usize::MAX, |limit| limit as usize));
        found
    }

    fn holds(&self, lead: &IndexedLead, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.holds(lead, part)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(lead, part)),
            Condition::Not(part) => !self.holds(lead, part),
            Condition::Text { field, test: TextTest::IsEmpty } => value(lead, *field).is_empty(),
            Condition::Text { field, test: TextTest::IsNotEmpty } => !value(lead, *field).is_empty(),
            Condition::Text { field, test } => {
                let term = fold::fold(test.value().unwrap().trim());
                passes(lead, *field, test.op(), &term)
            }
            Condition::Date { field, range: DateRange::Between { from, to } } => {
                let time = match field {
                    DateField::CreatedAt => lead.created_at_ms,
                    DateField::UpdatedAt => lead.updated_at_ms,
                };
                let ms = |text: &String| text.parse::<Timestamp>().unwrap().as_millisecond();
                from.as_ref().is_none_or(|from| time >= ms(from))
                    && to.as_ref().is_none_or(|to| time < ms(to))
            }
            Condition::Date { .. } => panic!("relative ranges are tested separately"),
            Condition::Ids(ids) => ids.contains(&lead.lead_id.to_string()),
            Condition::UploadId(upload_id) => lead.upload_id == *upload_id,
            Condition::SharedBy(shared_by) => {
                let key = |lead: &IndexedLead| match shared_by {
                    SharedBy::Phone => number(&lead.values.phone),
                    SharedBy::Name if lead.values.first_name.is_empty() => String::new(),
                    SharedBy::Name if lead.values.last_name.is_empty() => String::new(),
                    SharedBy::Name => {
                        fold::fold(&format!("{}\n{}", lead.values.first_name, lead.values.last_name))
                    }
                };
                !key(lead).is_empty() && self.leads().filter(|other| key(other) == key(lead)).count() > 1
            }
        }
    }

    pub(super) fn groups(&self, query: &LeadQuery, by: &GroupBy) -> LeadGroups {
        let found = self.found(query);
        let mut groups: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        let mut missing_count = 0;
        for lead in &found {
            let Some((key, spelling)) = key(lead, by.by, query.utc_offset_minutes) else {
                missing_count += 1;
                continue;
            };
            *groups.entry(key).or_default().entry(spelling).or_default() += 1;
        }
        let group_count = groups.len() as u64;
        let mut groups: Vec<(String, LeadGroup)> = groups
            .into_iter()
            .map(|(folded, spellings)| {
                let count = spellings.values().sum();
                let most = spellings.values().max().unwrap();
                let key = spellings.iter().find(|(_, count)| *count == most).unwrap().0.clone();
                (folded, LeadGroup { key, label: None, count })
            })
            .collect();
        groups.sort_by(|(a, group_a), (b, group_b)| {
            let by_key = fold::compare(a, b);
            match by.order {
                GroupOrder::LargestFirst => group_b.count.cmp(&group_a.count).then(by_key),
                GroupOrder::SmallestFirst => group_a.count.cmp(&group_b.count).then(by_key),
                GroupOrder::ByKey => by_key,
                GroupOrder::ByKeyDescending => by_key.reverse(),
            }
        });
        groups.truncate(by.limit as usize);
        LeadGroups {
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            group_count,
            missing_count,
            total_count: found.len() as u64,
        }
    }
}

fn value(lead: &IndexedLead, field: TextField) -> String {
    match field {
        TextField::EmailDomain => {
            fold::fold(&lead.values.email).rsplit_once('@').map_or(String::new(), |(_, d)| d.to_owned())
        }
        TextField::SourceFile => lead.source_file.clone(),
        _ => lead.values.get(field.lead_field().unwrap()).to_owned(),
    }
}

/// The key of a lead's group as compared, and as written.
fn key(lead: &IndexedLead, by: GroupKey, utc_offset_minutes: i32) -> Option<(String, String)> {
    let field = match by {
        GroupKey::CreatedDay => {
            let local_ms = lead.created_at_ms + i64::from(utc_offset_minutes) * 60_000;
            let day = Timestamp::from_millisecond(local_ms).unwrap().strftime("%F").to_string();
            return Some((day.replace('-', ""), day));
        }
        GroupKey::FirstName => TextField::FirstName,
        GroupKey::LastName => TextField::LastName,
        GroupKey::Title => TextField::Title,
        GroupKey::Company => TextField::Company,
        GroupKey::Email => TextField::Email,
        GroupKey::Phone => TextField::Phone,
        GroupKey::Remarks => TextField::Remarks,
        GroupKey::EmailDomain => TextField::EmailDomain,
        GroupKey::SourceFile => TextField::SourceFile,
        GroupKey::CreatedWeek | GroupKey::CreatedMonth => panic!("the test asks for days only"),
    };
    let written = value(lead, field);
    let digits = number(&written);
    let key = if field == TextField::Phone && !digits.is_empty() {
        digits
    } else {
        fold::fold(&written).trim().to_owned()
    };
    (!written.is_empty()).then(|| (key, written.trim().to_owned()))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The digits of a whole phone number, the same for `+49` and `0049`.
fn number(phone: &str) -> String {
    let digits = digits(phone);
    match digits.strip_prefix("00") {
        Some(rest) if !rest.is_empty() && !rest.starts_with('0') => rest.to_owned(),
        _ => digits,
    }
}

fn passes(lead: &IndexedLead, field: TextField, op: TextOp, term: &str) -> bool {
    let written = value(lead, field);
    if term == "n/a" || written.is_empty() {
        return term == "n/a" && written.is_empty();
    }
    if field == TextField::Phone && !digits(term).is_empty() {
        return match op {
            TextOp::Contains => phone_contains(&written, term),
            TextOp::Equals => number(&written) == number(term),
            _ => number(&written).starts_with(&number(term)),
        };
    }
    let folded = fold::fold(&written);
    match op {
        TextOp::Contains => folded.contains(term),
        TextOp::Equals => folded.trim() == term,
        _ => folded.trim_start().starts_with(term),
    }
}

fn phone_contains(value: &str, term: &str) -> bool {
    let term = match term.strip_prefix("00") {
        Some(rest) if !rest.starts_with('0') && !digits(rest).is_empty() => rest,
        _ => term,
    };
    digits(value).contains(&digits(term))
}

/// Whether a field contains a word of the search over all fields.
fn contains(field: LeadField, value: &str, word: &str) -> bool {
    let is_number = word.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c));
    if field == LeadField::Phone && is_number && !digits(word).is_empty() {
        return phone_contains(value, word);
    }
    fold::fold(value).contains(word)
}
