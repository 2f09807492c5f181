//! Groups of leads: how many share each value of a key.

use std::cmp::Ordering;

use easy_crm_shared::query::analysis::{GroupBy, GroupKey, GroupOrder, LeadGroup, LeadGroups};
use easy_crm_shared::query::condition::{DateField, TextField, TimeUnit};
use hashbrown::HashMap;
use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::bits::Bits;
use super::columns::{Column, Dictionary, Texts};
use super::compiled::whole_digits;
use super::dates::{self, DAY_MS};
use super::fold;
use super::store::Store;

/// Groups the given slots.
pub(super) fn group(store: &Store, slots: &Bits, by: &GroupBy, utc_offset_minutes: i32) -> LeadGroups {
    let mut groups = match key(by.by) {
        Key::Text(field) => match store.column(field) {
            Column::Dictionary(column) => of_dictionary(column, slots, by),
            Column::Texts(column) => of_texts(store, field, column, slots, by),
        },
        Key::Created(unit) => {
            of_times(store.times(DateField::CreatedAt), slots, unit, by, utc_offset_minutes)
        }
    };
    groups.total_count = slots.count() as u64;
    groups
}

enum Key {
    Text(TextField),
    Created(TimeUnit),
}

const fn key(key: GroupKey) -> Key {
    match key {
        GroupKey::FirstName => Key::Text(TextField::FirstName),
        GroupKey::LastName => Key::Text(TextField::LastName),
        GroupKey::Title => Key::Text(TextField::Title),
        GroupKey::Company => Key::Text(TextField::Company),
        GroupKey::Email => Key::Text(TextField::Email),
        GroupKey::Phone => Key::Text(TextField::Phone),
        GroupKey::Remarks => Key::Text(TextField::Remarks),
        GroupKey::EmailDomain => Key::Text(TextField::EmailDomain),
        GroupKey::SourceFile => Key::Text(TextField::SourceFile),
        GroupKey::CreatedDay => Key::Created(TimeUnit::Day),
        GroupKey::CreatedWeek => Key::Created(TimeUnit::Week),
        GroupKey::CreatedMonth => Key::Created(TimeUnit::Month),
    }
}

/// Moves the first `limit` groups to the front in order and drops the others.
fn first<G>(groups: &mut Vec<G>, by: &GroupBy, count: impl Fn(&G) -> u64, keys: impl Fn(&G, &G) -> Ordering) {
    let compare = |a: &G, b: &G| match by.order {
        GroupOrder::LargestFirst => count(b).cmp(&count(a)).then_with(|| keys(a, b)),
        GroupOrder::SmallestFirst => count(a).cmp(&count(b)).then_with(|| keys(a, b)),
        GroupOrder::ByKey => keys(a, b),
        GroupOrder::ByKeyDescending => keys(b, a),
    };
    let limit = by.limit as usize;
    if limit < groups.len() {
        groups.select_nth_unstable_by(limit, compare);
        groups.truncate(limit);
    }
    groups.sort_unstable_by(compare);
}

fn of_dictionary(column: &Dictionary, slots: &Bits, by: &GroupBy) -> LeadGroups {
    let mut counts = vec![0_u64; column.entry_count() as usize];
    slots.iter().for_each(|slot| counts[column.entry(slot) as usize] += 1);
    let (classes, class_count) = column.classes();
    let mut groups = vec![Class { count: 0, most: 0, entry: 0 }; class_count as usize];
    let mut missing_count = 0;
    for (entry, count) in (0..).zip(counts) {
        if column.written_entry(entry).is_empty() {
            missing_count = count;
            continue;
        }
        let group = &mut groups[classes[entry as usize] as usize];
        group.count += count;
        let is_first = || column.written_entry(entry) < column.written_entry(group.entry);
        if count > group.most || (count == group.most && count > 0 && is_first()) {
            (group.most, group.entry) = (count, entry);
        }
    }
    groups.retain(|group| group.count > 0);
    let group_count = groups.len() as u64;
    let text = |group: &Class| column.folded_entry(group.entry).trim();
    first(&mut groups, by, |group| group.count, |a, b| fold::compare(text(a), text(b)));
    let shown = groups.iter().map(|group| LeadGroup {
        key: column.written_entry(group.entry).trim().to_owned(),
        label: None,
        count: group.count,
    });
    LeadGroups { groups: shown.collect(), group_count, missing_count, total_count: 0 }
}

/// Entries that differ in case and accents only.
#[derive(Clone, Copy)]
struct Class {
    count: u64,
    /// How often the most frequent of them occurs.
    most: u64,
    entry: u32,
}

fn of_texts(store: &Store, field: TextField, column: &Texts, slots: &Bits, by: &GroupBy) -> LeadGroups {
    let text = |slot| match whole_digits(store.digits().get(slot)) {
        digits if field == TextField::Phone && !digits.is_empty() => digits,
        _ => column.folded(slot).trim(),
    };
    let mut counts: HashMap<&str, u64> = HashMap::new();
    let mut missing_count = 0;
    for slot in slots.iter() {
        if column.is_missing(slot) {
            missing_count += 1;
        } else {
            *counts.entry(text(slot)).or_default() += 1;
        }
    }
    let group_count = counts.len() as u64;
    let mut groups: Vec<(&str, u64)> = counts.into_iter().collect();
    first(&mut groups, by, |(_, count)| *count, |a, b| fold::compare(a.0, b.0));
    // The most frequent spelling in a group is determined for the shown groups only.
    let mut spellings: HashMap<&str, HashMap<String, u64>> =
        groups.iter().map(|(text, _)| (*text, HashMap::new())).collect();
    for slot in slots.iter().filter(|slot| !column.is_missing(*slot)) {
        if let Some(spellings) = spellings.get_mut(text(slot)) {
            *spellings.entry_ref(column.written(slot).trim()).or_default() += 1;
        }
    }
    let most = |text: &str| {
        let spellings = spellings.get(text).into_iter().flatten();
        spellings.max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(spelling, _)| spelling.clone())
    };
    let shown = groups.iter().map(|(text, count)| LeadGroup {
        key: most(text).unwrap_or_default(),
        label: None,
        count: *count,
    });
    LeadGroups { groups: shown.collect(), group_count, missing_count, total_count: 0 }
}

fn of_times(
    times: &[i64],
    slots: &Bits,
    unit: TimeUnit,
    by: &GroupBy,
    utc_offset_minutes: i32,
) -> LeadGroups {
    let offset_ms = i64::from(utc_offset_minutes) * 60_000;
    let day = |slot: u32| times[slot as usize].saturating_add(offset_ms).div_euclid(DAY_MS);
    let mut days: HashMap<i64, u64> = HashMap::new();
    // Leads of one import are adjacent, so the last day is nearly always the next one's too.
    let mut run = (0, 0);
    for day in slots.iter().map(day) {
        if day != run.0 {
            *days.entry(run.0).or_default() += run.1;
            run = (day, 0);
        }
        run.1 += 1;
    }
    *days.entry(run.0).or_default() += run.1;
    let mut units: HashMap<Date, u64> = HashMap::new();
    for (day, count) in days.into_iter().filter(|(_, count)| *count > 0) {
        *units.entry(dates::begin(date(day), unit)).or_default() += count;
    }
    let group_count = units.len() as u64;
    let mut groups: Vec<(Date, u64)> = units.into_iter().collect();
    first(&mut groups, by, |(_, count)| *count, |a, b| a.0.cmp(&b.0));
    let shown = groups.into_iter().map(|(date, count)| {
        let key = if unit == TimeUnit::Month { date.strftime("%Y-%m").to_string() } else { date.to_string() };
        let label = (unit == TimeUnit::Week).then(|| date.strftime("%G-W%V").to_string());
        LeadGroup { key, label, count }
    });
    LeadGroups { groups: shown.collect(), group_count, missing_count: 0, total_count: 0 }
}

/// The date of a day counted from 1970; the calendar's ends for days beyond them.
fn date(day: i64) -> Date {
    let span = Span::new().try_days(day).unwrap_or_else(|_| 0.days());
    let epoch = Date::constant(1970, 1, 1);
    epoch.saturating_add(span)
}
