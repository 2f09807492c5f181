//! The lead list's query engine: an in-memory columnar index of all leads.
//!
//! Reader, exporter and chat ask it the same [`LeadQuery`]. Every change gets a new *slot*; the slot it replaces dies.
//! So columns only ever grow at their end: values are kept folded in one buffer a column and searched as one text,
//! repeating values once ([`columns`]), and sort orders, made when first asked for, are brought up to date by merging
//! the new slots in ([`order`]). When half of the slots are dead, all is packed anew.

mod arena;
mod bits;
mod columns;
mod fold;
mod order;
mod search;
mod store;

use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::query::{LIST_REMARKS_CHARS, LeadQuery, SortOrder, Sorting};
use uuid::Uuid;

use crate::lead::LeadValues;
use order::Orders;
use search::Selection;
use store::Store;

/// Matches up to this many are sorted by themselves; more are picked out of the order of all leads.
const SORTED_ALONE: usize = 2_000;

/// A lead as the index takes it in. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedLead {
    /// The lead's id.
    pub lead_id: Uuid,
    /// Its seven values.
    pub values: LeadValues,
    /// Name of the file that last provided the data.
    pub source_file: String,
    /// When the lead was first stored.
    pub created_at_ms: i64,
    /// When a field last changed.
    pub updated_at_ms: i64,
    /// When the item was last written; orders changes.
    pub changed_at_ms: i64,
}

/// A change of the feed.
#[allow(clippy::large_enum_variant, reason = "nearly all changes are upserts; a box would cost each of them")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadChange {
    /// The lead is now so.
    Upsert(IndexedLead),
    /// The lead is gone.
    Delete {
        /// The lead's id.
        lead_id: Uuid,
        /// When it was deleted, in milliseconds since 1970.
        changed_at_ms: i64,
    },
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The page's leads; remarks are cut at [`LIST_REMARKS_CHARS`].
    pub leads: Vec<Lead>,
    /// How many leads match, on all pages.
    pub total_count: u64,
}

/// All leads, searchable and sortable.
#[derive(Debug, Default)]
pub struct LeadIndex {
    store: Store,
    orders: Orders,
}

impl LeadIndex {
    /// An index without leads.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leads there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.live_count()
    }

    /// Are there no leads?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in a change. The newest `changed_at_ms` of a lead wins whatever the order of arrival; at equal times a
    /// deletion wins, and of two upserts the one that arrived last, because a feed is read anew, never backwards.
    pub fn apply(&mut self, change: LeadChange) {
        self.store.apply(change);
        if self.store.wants_packing() {
            let moved = self.store.pack();
            self.orders.follow(&moved);
        }
    }

    /// Takes in many changes.
    pub fn apply_all(&mut self, changes: impl IntoIterator<Item = LeadChange>) {
        changes.into_iter().for_each(|change| self.apply(change));
    }

    /// A lead with its remarks in full.
    #[must_use]
    pub fn get(&self, lead_id: Uuid) -> Option<Lead> {
        self.store.slot_of(lead_id).map(|slot| self.store.lead(slot))
    }

    /// How many leads match.
    #[must_use]
    pub fn count(&self, query: &LeadQuery) -> u64 {
        match search::select(&self.store, query) {
            Selection::All => self.len() as u64,
            Selection::Some(slots) => slots.count() as u64,
        }
    }

    /// One page of the matches, counted from 1, and how many there are in all. A page beyond the last is empty.
    #[must_use]
    pub fn list(&self, query: &LeadQuery, page: u64, page_size: u32) -> ListPage {
        let selection = search::select(&self.store, query);
        let total = match &selection {
            Selection::All => self.len(),
            Selection::Some(slots) => slots.count(),
        };
        let skip = page.saturating_sub(1).saturating_mul(u64::from(page_size));
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let leads = if skip < total {
            self.in_order(&selection, total, query.sorting, skip, page_size as usize)
        } else {
            Vec::new()
        };
        ListPage {
            leads: leads.into_iter().map(|slot| self.listed(slot)).collect(),
            total_count: total as u64,
        }
    }

    /// All matches in order, remarks in full.
    pub fn select(&self, query: &LeadQuery) -> impl ExactSizeIterator<Item = Lead> + use<'_> {
        let selection = search::select(&self.store, query);
        let slots = self.in_order(&selection, self.len(), query.sorting, 0, usize::MAX);
        slots.into_iter().map(|slot| self.store.lead(slot))
    }

    /// Up to `take` slots of the selection after the first `skip`.
    fn in_order(
        &self,
        selection: &Selection,
        total: usize,
        sorting: Sorting,
        skip: usize,
        take: usize,
    ) -> Vec<u32> {
        match selection {
            Selection::All => {
                let order = self.orders.get(&self.store, sorting.sort_by);
                order.slots(sorting.sort_order, skip).take(take).collect()
            }
            Selection::Some(slots) if total <= SORTED_ALONE => {
                let mut slots: Vec<u32> = slots.iter().collect();
                let descending = sorting.sort_order == SortOrder::Desc;
                slots.sort_unstable_by(|a, b| self.store.compare(sorting.sort_by, descending, *a, *b));
                slots.into_iter().skip(skip).take(take).collect()
            }
            Selection::Some(slots) => {
                let order = self.orders.get(&self.store, sorting.sort_by);
                let all = order.slots(sorting.sort_order, 0);
                all.filter(|slot| slots.has(*slot)).skip(skip).take(take).collect()
            }
        }
    }

    fn listed(&self, slot: u32) -> Lead {
        let mut lead = self.store.lead(slot);
        if let Some((cut, _)) = lead.remarks.char_indices().nth(LIST_REMARKS_CHARS) {
            lead.remarks.truncate(cut);
        }
        lead
    }
}

/// Is it one of the columns whose values repeat?
const fn repeats(field: LeadField) -> bool {
    matches!(field, LeadField::FirstName | LeadField::LastName | LeadField::Title | LeadField::Company)
}

#[cfg(test)]
mod tests;
