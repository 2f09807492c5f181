//! The columns of the index and the slots they share.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::hash::BuildHasher;

use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::query::SortField;
use easy_crm_shared::query::condition::{DateField, TextField};
use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;
use uuid::Uuid;

use crate::identity::FilePosition;
use crate::lead::or_missing;

use super::arena::Arena;
use super::bits::Bits;
use super::columns::{Column, Dictionary, Texts};
use super::{IndexedLead, LeadChange, fingerprint, fold};

/// Below this many dead slots packing is not worthwhile.
const DEAD_SLOTS_KEPT: usize = 4_096;
/// A slot that did not survive packing.
pub(super) const GONE: u32 = u32::MAX;

/// All values of all leads, by slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) ids: Vec<Uuid>,
    pub(super) first_name: Dictionary,
    pub(super) last_name: Dictionary,
    pub(super) title: Dictionary,
    pub(super) company: Dictionary,
    pub(super) email: Texts,
    pub(super) email_domain: Dictionary,
    pub(super) phone: Texts,
    /// The digits of the phone numbers.
    pub(super) digits: Arena,
    pub(super) remarks: Texts,
    pub(super) source_file: Dictionary,
    pub(super) upload: Dictionary,
    pub(super) created_at_ms: Vec<i64>,
    pub(super) positions: Vec<FilePosition>,
    pub(super) updated_at_ms: Vec<i64>,
    pub(super) changed_at_ms: Vec<i64>,
    /// Digests of all of a lead's values.
    pub(super) digests: Vec<u32>,
}

/// The columns, which of their slots are live, and how to find them.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) columns: Columns,
    live: Bits,
    live_count: usize,
    by_id: HashTable<u32>,
    by_email: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// When deleted leads were deleted, by id.
    deleted_at_ms: HashMap<Uuid, i64>,
    fingerprint: u64,
}

impl Columns {
    fn push(&mut self, lead: &IndexedLead, digest: u32) {
        let slot = self.ids.len() as u32;
        self.ids.push(lead.lead_id);
        self.first_name.push(&lead.values.first_name);
        self.last_name.push(&lead.values.last_name);
        self.title.push(&lead.values.title);
        self.company.push(&lead.values.company);
        self.email.push(&lead.values.email);
        let domain = self.email.folded(slot).rsplit_once('@').map_or("", |(_, domain)| domain.trim());
        self.email_domain.push(domain);
        self.phone.push(&lead.values.phone);
        self.digits.push_with(|out| out.extend(digits_of(self.phone.folded(slot))));
        self.remarks.push(&lead.values.remarks);
        self.source_file.push(&lead.source_file);
        self.upload.push(&lead.upload_id);
        self.created_at_ms.push(lead.created_at_ms);
        self.positions.push(lead.position);
        self.updated_at_ms.push(lead.updated_at_ms);
        self.changed_at_ms.push(lead.changed_at_ms);
        self.digests.push(digest);
    }

    /// What a slot contributes to the index's fingerprint.
    fn fingerprint(&self, slot: u32) -> u64 {
        let slot = slot as usize;
        fingerprint::of_lead(self.ids[slot], self.changed_at_ms[slot], self.digests[slot])
    }

    /// The columns with the live slots only.
    fn kept(&self, live: &Bits) -> Self {
        let times = |column: &[i64]| live.iter().map(|slot| column[slot as usize]).collect();
        Self {
            ids: live.iter().map(|slot| self.ids[slot as usize]).collect(),
            first_name: self.first_name.kept(live.iter()),
            last_name: self.last_name.kept(live.iter()),
            title: self.title.kept(live.iter()),
            company: self.company.kept(live.iter()),
            email: self.email.kept(live.iter()),
            email_domain: self.email_domain.kept(live.iter()),
            phone: self.phone.kept(live.iter()),
            digits: self.digits.kept(live.iter()),
            remarks: self.remarks.kept(live.iter()),
            source_file: self.source_file.kept(live.iter()),
            upload: self.upload.kept(live.iter()),
            created_at_ms: times(&self.created_at_ms),
            positions: live.iter().map(|slot| self.positions[slot as usize]).collect(),
            updated_at_ms: times(&self.updated_at_ms),
            changed_at_ms: times(&self.changed_at_ms),
            digests: live.iter().map(|slot| self.digests[slot as usize]).collect(),
        }
    }
}

impl Store {
    /// A store of packed columns: every slot is live.
    pub(super) fn of(columns: Columns, deleted_at_ms: HashMap<Uuid, i64>) -> Self {
        let slots = columns.ids.len() as u32;
        let live_count = columns.ids.len();
        let mut store =
            Self { columns, live: Bits::all(slots), live_count, deleted_at_ms, ..Self::default() };
        store.by_id = HashTable::with_capacity(live_count);
        store.by_email = HashTable::with_capacity(live_count);
        for slot in 0..slots {
            store.enter(slot);
        }
        store
    }

    pub(super) fn live_count(&self) -> usize {
        self.live_count
    }

    pub(super) fn live(&self) -> &Bits {
        &self.live
    }

    /// Slots in use, dead ones included.
    pub(super) fn slots(&self) -> u32 {
        self.live.len()
    }

    /// A fingerprint of the contents of all live leads, in whatever order they arrived.
    pub(super) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(super) fn deleted_at_ms(&self) -> &HashMap<Uuid, i64> {
        &self.deleted_at_ms
    }

    pub(super) fn slot_of(&self, lead_id: Uuid) -> Option<u32> {
        let hash = self.hasher.hash_one(lead_id);
        self.by_id.find(hash, |slot| self.columns.ids[*slot as usize] == lead_id).copied()
    }

    /// Calls `found` with every live slot whose folded email address is this one.
    pub(super) fn slots_with_email(&self, folded: &[u8], mut found: impl FnMut(u32)) {
        let hash = self.hasher.hash_one(folded);
        for slot in self.by_email.iter_hash(hash) {
            if self.email_key(*slot) == folded {
                found(*slot);
            }
        }
    }

    fn email_key(&self, slot: u32) -> &[u8] {
        self.columns.email.folded(slot).trim().as_bytes()
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
        let digest = fingerprint::digest(lead);
        if let Some(slot) = self.slot_of(lead.lead_id) {
            let known = self.columns.changed_at_ms[slot as usize];
            let holds_it = known == lead.changed_at_ms && self.columns.digests[slot as usize] == digest;
            if known > lead.changed_at_ms || holds_it {
                return;
            }
            self.kill(slot);
        }
        self.deleted_at_ms.remove(&lead.lead_id);
        let slot = self.slots();
        self.columns.push(lead, digest);
        self.live.push(true);
        self.live_count += 1;
        self.enter(slot);
    }

    fn delete(&mut self, lead_id: Uuid, changed_at_ms: i64) {
        if let Some(slot) = self.slot_of(lead_id) {
            if self.columns.changed_at_ms[slot as usize] > changed_at_ms {
                return;
            }
            self.kill(slot);
        }
        let deleted = self.deleted_at_ms.entry(lead_id).or_insert(changed_at_ms);
        *deleted = changed_at_ms.max(*deleted);
    }

    /// Adds a live slot to the look-ups.
    fn enter(&mut self, slot: u32) {
        let (hasher, columns) = (&self.hasher, &self.columns);
        let id_hash = |slot: u32| hasher.hash_one(columns.ids[slot as usize]);
        self.by_id.insert_unique(id_hash(slot), slot, |slot| id_hash(*slot));
        let email_hash = |slot: u32| hasher.hash_one(columns.email.folded(slot).trim().as_bytes());
        if !columns.email.is_missing(slot) {
            self.by_email.insert_unique(email_hash(slot), slot, |slot| email_hash(*slot));
        }
        self.fingerprint = self.fingerprint.wrapping_add(columns.fingerprint(slot));
    }

    fn kill(&mut self, slot: u32) {
        let hash = self.hasher.hash_one(self.columns.ids[slot as usize]);
        if let Ok(entry) = self.by_id.find_entry(hash, |known| *known == slot) {
            entry.remove();
        }
        let hash = self.hasher.hash_one(self.email_key(slot));
        if let Ok(entry) = self.by_email.find_entry(hash, |known| *known == slot) {
            entry.remove();
        }
        self.live.clear(slot);
        self.live_count -= 1;
        self.fingerprint = self.fingerprint.wrapping_sub(self.columns.fingerprint(slot));
    }

    pub(super) fn wants_packing(&self) -> bool {
        let dead = self.slots() as usize - self.live_count;
        dead > DEAD_SLOTS_KEPT && dead > self.live_count
    }

    /// The columns without dead slots, and without any of their contents.
    pub(super) fn packed_columns(&self) -> Columns {
        self.columns.kept(&self.live)
    }

    /// Compacts the live slots; returns the new slot of each old one, or [`GONE`].
    pub(super) fn pack(&mut self) -> Vec<u32> {
        let mut moved = vec![GONE; self.slots() as usize];
        for (new, old) in self.live.iter().enumerate() {
            moved[old as usize] = new as u32;
        }
        *self = Self::of(self.packed_columns(), std::mem::take(&mut self.deleted_at_ms));
        moved
    }

    /// The lead as the API shows it.
    pub(super) fn lead(&self, slot: u32) -> Lead {
        let shown = |field: LeadField| or_missing(&self.column(field.into()).written(slot)).to_owned();
        Lead {
            lead_id: self.id(slot).to_string(),
            first_name: shown(LeadField::FirstName),
            last_name: shown(LeadField::LastName),
            title: shown(LeadField::Title),
            company: shown(LeadField::Company),
            email: shown(LeadField::Email),
            phone: shown(LeadField::Phone),
            remarks: shown(LeadField::Remarks),
            source_file: self.columns.source_file.written(slot).to_owned(),
            created_at: rfc3339(self.columns.created_at_ms[slot as usize]),
            updated_at: rfc3339(self.columns.updated_at_ms[slot as usize]),
        }
    }

    pub(super) fn column(&self, field: TextField) -> Column<'_> {
        let columns = &self.columns;
        match field {
            TextField::FirstName => Column::Dictionary(&columns.first_name),
            TextField::LastName => Column::Dictionary(&columns.last_name),
            TextField::Title => Column::Dictionary(&columns.title),
            TextField::Company => Column::Dictionary(&columns.company),
            TextField::Email => Column::Texts(&columns.email),
            TextField::Phone => Column::Texts(&columns.phone),
            TextField::Remarks => Column::Texts(&columns.remarks),
            TextField::EmailDomain => Column::Dictionary(&columns.email_domain),
            TextField::SourceFile => Column::Dictionary(&columns.source_file),
        }
    }

    /// The column sorted by, if it is a text column.
    pub(super) fn sorted_column(&self, field: SortField) -> Option<Column<'_>> {
        field.lead_field().map(|field| self.column(field.into()))
    }

    pub(super) fn digits(&self) -> &Arena {
        &self.columns.digits
    }

    pub(super) fn uploads(&self) -> &Dictionary {
        &self.columns.upload
    }

    pub(super) fn id(&self, slot: u32) -> Uuid {
        self.columns.ids[slot as usize]
    }

    /// A time of every slot, in milliseconds since 1970.
    pub(super) fn times(&self, field: DateField) -> &[i64] {
        match field {
            DateField::CreatedAt => &self.columns.created_at_ms,
            DateField::UpdatedAt => &self.columns.updated_at_ms,
        }
    }

    /// The time of a slot, for a field that is a time.
    pub(super) fn time(&self, slot: u32, field: SortField) -> i64 {
        let is_update = field == SortField::UpdatedAt;
        self.times(if is_update { DateField::UpdatedAt } else { DateField::CreatedAt })[slot as usize]
    }

    pub(super) fn is_missing(&self, slot: u32, field: SortField) -> bool {
        self.sorted_column(field).is_some_and(|column| column.is_missing(slot))
    }

    /// The order of leads that are equal otherwise: newest first, those of one import as their file has them.
    pub(super) fn compare_age(&self, a: u32, b: u32) -> Ordering {
        let age = |slot: u32| {
            let at = slot as usize;
            (Reverse(self.columns.created_at_ms[at]), self.columns.positions[at], self.columns.ids[at])
        };
        age(a).cmp(&age(b))
    }

    /// Ascending order; descending is its reverse, but for values that are missing, which come last in both. Leads with equal
    /// texts are in the order of [`Store::compare_age`], those with equal times in its reverse, as times are mostly read newest
    /// first.
    pub(super) fn compare(&self, field: SortField, descending: bool, a: u32, b: u32) -> Ordering {
        let missing = (self.is_missing(a, field), self.is_missing(b, field));
        let by_age = || self.compare_age(a, b);
        let order = match self.sorted_column(field) {
            Some(_) if missing == (true, true) => by_age(),
            Some(Column::Dictionary(column)) if column.entry(a) == column.entry(b) => by_age(),
            Some(column) => fold::compare(column.folded(a), column.folded(b)).then_with(by_age),
            None => self.time(a, field).cmp(&self.time(b, field)).then_with(|| by_age().reverse()),
        };
        missing.0.cmp(&missing.1).then(if descending && !missing.0 { order.reverse() } else { order })
    }

    pub(super) fn position(&self, slot: u32) -> FilePosition {
        self.columns.positions[slot as usize]
    }
}

/// The digits of a folded phone number.
pub(super) fn digits_of(folded: &str) -> impl Iterator<Item = char> {
    folded.chars().filter(char::is_ascii_digit)
}

fn rfc3339(ms: i64) -> String {
    // Always with milliseconds, as everywhere else: the times of leads are compared as text.
    Timestamp::from_millisecond(ms).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
