//! The columns of the index and the slots they share.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::BuildHasher;

use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::query::SortField;
use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;
use uuid::Uuid;

use crate::lead::{LeadValues, or_missing};

use super::arena::Arena;
use super::bits::Bits;
use super::columns::{Dictionary, Texts};
use super::{IndexedLead, LeadChange, fold, repeats};

/// Below this many dead slots packing is not worth its while.
const DEAD_SLOTS_KEPT: usize = 4_096;
/// A slot that did not survive packing.
pub(super) const GONE: u32 = u32::MAX;

/// All values of all leads.
#[derive(Debug)]
pub(super) struct Store {
    ids: Vec<Uuid>,
    /// First name, last name, title, company.
    names: [Dictionary; 4],
    email: Texts,
    phone: Texts,
    /// The digits of the telephone numbers.
    digits: Arena,
    remarks: Texts,
    source_file: Dictionary,
    created_at_ms: Vec<i64>,
    updated_at_ms: Vec<i64>,
    changed_at_ms: Vec<i64>,
    live: Bits,
    live_count: usize,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// When deleted leads were deleted.
    deleted_at_ms: HashMap<Uuid, i64>,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            names: Default::default(),
            email: Texts::mostly_folded(),
            phone: Texts::mostly_folded(),
            digits: Arena::default(),
            remarks: Texts::any(),
            source_file: Dictionary::default(),
            created_at_ms: Vec::new(),
            updated_at_ms: Vec::new(),
            changed_at_ms: Vec::new(),
            live: Bits::default(),
            live_count: 0,
            by_id: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            deleted_at_ms: HashMap::new(),
        }
    }
}

impl Store {
    pub(super) fn live_count(&self) -> usize {
        self.live_count
    }

    pub(super) fn live(&self) -> &Bits {
        &self.live
    }

    /// Slots in use, dead ones included.
    pub(super) fn slots(&self) -> u32 {
        self.ids.len() as u32
    }

    pub(super) fn slot_of(&self, lead_id: Uuid) -> Option<u32> {
        let hash = self.hasher.hash_one(lead_id);
        self.by_id.find(hash, |slot| self.ids[*slot as usize] == lead_id).copied()
    }

    pub(super) fn apply(&mut self, change: LeadChange) {
        match change {
            LeadChange::Upsert(lead) => self.upsert(&lead),
            LeadChange::Delete { lead_id, changed_at_ms } => self.delete(lead_id, changed_at_ms),
        }
    }

    fn upsert(&mut self, lead: &IndexedLead) {
        if self.deleted_at_ms.get(&lead.lead_id).is_some_and(|deleted| *deleted >= lead.changed_at_ms) {
            return;
        }
        if let Some(slot) = self.slot_of(lead.lead_id) {
            let known = self.changed_at_ms[slot as usize];
            if known > lead.changed_at_ms || (known == lead.changed_at_ms && self.holds(slot, lead)) {
                return;
            }
            self.kill(slot);
        }
        self.deleted_at_ms.remove(&lead.lead_id);
        self.push(lead);
    }

    fn delete(&mut self, lead_id: Uuid, changed_at_ms: i64) {
        if let Some(slot) = self.slot_of(lead_id) {
            if self.changed_at_ms[slot as usize] > changed_at_ms {
                return;
            }
            self.kill(slot);
        }
        let deleted = self.deleted_at_ms.entry(lead_id).or_insert(changed_at_ms);
        *deleted = changed_at_ms.max(*deleted);
    }

    fn kill(&mut self, slot: u32) {
        let hash = self.hasher.hash_one(self.ids[slot as usize]);
        if let Ok(entry) = self.by_id.find_entry(hash, |known| *known == slot) {
            entry.remove();
        }
        self.live.clear(slot);
        self.live_count -= 1;
    }

    fn push(&mut self, lead: &IndexedLead) {
        let slot = self.slots();
        self.ids.push(lead.lead_id);
        for (column, field) in self.names.iter_mut().zip(LeadField::ALL) {
            column.push(lead.values.get(field));
        }
        self.email.push(&lead.values.email);
        self.phone.push(&lead.values.phone);
        self.digits.push_with(|out| out.extend(digits_of(self.phone.folded(slot))));
        self.remarks.push(&lead.values.remarks);
        self.source_file.push(&lead.source_file);
        self.created_at_ms.push(lead.created_at_ms);
        self.updated_at_ms.push(lead.updated_at_ms);
        self.changed_at_ms.push(lead.changed_at_ms);
        self.live.push(true);
        self.live_count += 1;
        let (ids, hasher) = (&self.ids, &self.hasher);
        self.by_id
            .insert_unique(hasher.hash_one(lead.lead_id), slot, |slot| hasher.hash_one(ids[*slot as usize]));
    }

    fn holds(&self, slot: u32, lead: &IndexedLead) -> bool {
        LeadField::ALL.into_iter().all(|field| self.written(slot, field) == lead.values.get(field))
            && self.source_file.written(slot) == lead.source_file
            && self.created_at_ms[slot as usize] == lead.created_at_ms
            && self.updated_at_ms[slot as usize] == lead.updated_at_ms
    }

    pub(super) fn wants_packing(&self) -> bool {
        let dead = self.ids.len() - self.live_count;
        dead > DEAD_SLOTS_KEPT && dead > self.live_count
    }

    /// Moves the live slots together; returns the new slot of each old one, or [`GONE`].
    pub(super) fn pack(&mut self) -> Vec<u32> {
        let mut packed = Self { deleted_at_ms: std::mem::take(&mut self.deleted_at_ms), ..Self::default() };
        let mut moved = vec![GONE; self.ids.len()];
        for slot in self.live.iter() {
            moved[slot as usize] = packed.slots();
            packed.push(&self.indexed(slot));
        }
        *self = packed;
        moved
    }

    fn indexed(&self, slot: u32) -> IndexedLead {
        let mut values = LeadValues::default();
        for field in LeadField::ALL {
            self.written(slot, field).clone_into(values.get_mut(field));
        }
        let at = slot as usize;
        IndexedLead {
            lead_id: self.ids[at],
            values,
            source_file: self.source_file.written(slot).to_owned(),
            created_at_ms: self.created_at_ms[at],
            updated_at_ms: self.updated_at_ms[at],
            changed_at_ms: self.changed_at_ms[at],
        }
    }

    /// The lead as the API shows it.
    pub(super) fn lead(&self, slot: u32) -> Lead {
        let shown = |field| or_missing(self.written(slot, field)).to_owned();
        Lead {
            lead_id: self.ids[slot as usize].to_string(),
            first_name: shown(LeadField::FirstName),
            last_name: shown(LeadField::LastName),
            title: shown(LeadField::Title),
            company: shown(LeadField::Company),
            email: shown(LeadField::Email),
            phone: shown(LeadField::Phone),
            remarks: shown(LeadField::Remarks),
            source_file: self.source_file.written(slot).to_owned(),
            created_at: rfc3339(self.created_at_ms[slot as usize]),
            updated_at: rfc3339(self.updated_at_ms[slot as usize]),
        }
    }

    /// The column of a field whose values repeat.
    pub(super) fn dictionary(&self, field: LeadField) -> Option<&Dictionary> {
        if repeats(field) { self.names.get(field.index()) } else { None }
    }

    /// The column of a field whose values differ.
    pub(super) fn texts(&self, field: LeadField) -> Option<&Texts> {
        match field {
            LeadField::Email => Some(&self.email),
            LeadField::Phone => Some(&self.phone),
            LeadField::Remarks => Some(&self.remarks),
            _ => None,
        }
    }

    pub(super) fn digits(&self) -> &Arena {
        &self.digits
    }

    pub(super) fn written(&self, slot: u32, field: LeadField) -> &str {
        match (self.dictionary(field), self.texts(field)) {
            (Some(column), _) => column.written(slot),
            (_, Some(column)) => column.written(slot),
            _ => "",
        }
    }

    pub(super) fn folded(&self, slot: u32, field: LeadField) -> &str {
        match (self.dictionary(field), self.texts(field)) {
            (Some(column), _) => column.folded(slot),
            (_, Some(column)) => column.folded(slot),
            _ => "",
        }
    }

    pub(super) fn is_missing(&self, slot: u32, field: SortField) -> bool {
        field.lead_field().is_some_and(|field| self.written(slot, field).is_empty())
    }

    pub(super) fn id(&self, slot: u32) -> Uuid {
        self.ids[slot as usize]
    }

    /// The time of a slot, for a field that is a time.
    pub(super) fn time(&self, slot: u32, field: SortField) -> i64 {
        let column = if field == SortField::UpdatedAt { &self.updated_at_ms } else { &self.created_at_ms };
        column[slot as usize]
    }

    /// Ascending order, with ties broken by lead id and missing values last; descending is its reverse, missing values
    /// last again.
    pub(super) fn compare(&self, field: SortField, descending: bool, a: u32, b: u32) -> Ordering {
        let missing = (self.is_missing(a, field), self.is_missing(b, field));
        let by_value = match field.lead_field() {
            Some(field) => {
                let column = self.dictionary(field);
                if column.is_some_and(|column| column.entry(a) == column.entry(b)) {
                    Ordering::Equal
                } else {
                    fold::compare(self.folded(a, field), self.folded(b, field))
                }
            }
            None => self.time(a, field).cmp(&self.time(b, field)),
        };
        let order = by_value.then_with(|| self.id(a).cmp(&self.id(b)));
        missing.0.cmp(&missing.1).then(if descending && !missing.0 { order.reverse() } else { order })
    }
}

/// The digits of a folded telephone number.
pub(super) fn digits_of(folded: &str) -> impl Iterator<Item = char> {
    folded.chars().filter(char::is_ascii_digit)
}

fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}
