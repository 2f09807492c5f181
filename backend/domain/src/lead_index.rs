//! The lead list's query engine: an in-memory columnar index of all leads.
//!
//! Reader, exporter, bulk changes and chat run the same [`LeadQuery`](easy_crm_shared::query::LeadQuery) on it,
//! compiled to a [`CompiledQuery`]. Every change gets a new *slot*; the slot it replaces dies. So columns are
//! append-only: values are kept folded in one buffer per column and searched as one text, repeated values once
//! ([`columns`]), tests yield sets of slots ([`search`]), and sort orders, built on first use, are updated by merging
//! in the new slots ([`order`]). When half of the slots are dead, the index is packed.

mod arena;
mod bits;
mod columns;
mod compiled;
mod dates;
mod duplicates;
mod fingerprint;
mod fold;
mod groups;
mod order;
mod search;
pub mod snapshot;
mod store;
mod text_sort;

use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::analysis::{GroupBy, LeadGroups};
use easy_crm_shared::query::{LIST_REMARKS_CHARS, SortOrder, Sorting};
use uuid::Uuid;

use crate::identity::FilePosition;
use crate::lead::LeadValues;
use bits::Bits;
use order::Orders;
use store::Store;

pub use compiled::CompiledQuery;

/// Up to this many matches are sorted on their own; more are picked from the order of all leads.
const SORTED_ALONE: usize = 2_000;

/// A lead as input of the index. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedLead {
    /// The lead's id.
    pub lead_id: Uuid,
    /// Its seven values.
    pub values: LeadValues,
    /// Name of the file that last provided the data.
    pub source_file: String,
    /// Upload that last provided the data; empty if none did.
    pub upload_id: String,
    /// When the lead was first stored.
    pub created_at_ms: i64,
    /// Where in the file it was first read from.
    pub position: FilePosition,
    /// When a field last changed.
    pub updated_at_ms: i64,
    /// When the item was last written; orders changes.
    pub changed_at_ms: i64,
}

/// A change of the feed.
#[allow(clippy::large_enum_variant, reason = "nearly all changes are upserts; a box would cost each of them")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadChange {
    /// The new state of a lead.
    Upsert(IndexedLead),
    /// A deletion.
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
    /// The page's leads; remarks are truncated at [`LIST_REMARKS_CHARS`].
    pub leads: Vec<Lead>,
    /// Number of matching leads, on all pages.
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

    /// Number of leads.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.live_count()
    }

    /// Whether there are no leads.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Applies a change. The newest `changed_at_ms` of a lead wins whatever the order of arrival; at equal times a
    /// deletion wins, and of two upserts the one that arrived last, because a feed may be read again, but never
    /// backwards.
    pub fn apply(&mut self, change: LeadChange) {
        self.store.apply(change);
        if self.store.wants_packing() {
            let moved = self.store.pack();
            self.orders.follow(&moved);
        }
    }

    /// Applies many changes.
    pub fn apply_all(&mut self, changes: impl IntoIterator<Item = LeadChange>) {
        changes.into_iter().for_each(|change| self.apply(change));
    }

    /// A lead with its remarks in full.
    #[must_use]
    pub fn get(&self, lead_id: Uuid) -> Option<Lead> {
        self.store.slot_of(lead_id).map(|slot| self.store.lead(slot))
    }

    /// A fingerprint of the contents of all leads: the same in every process with the same leads.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.store.fingerprint()
    }

    /// Number of matching leads.
    #[must_use]
    pub fn count(&self, query: &CompiledQuery) -> u64 {
        self.count_of(&self.selection(query), query) as u64
    }

    /// One page of the matches, counted from 1, and the total number of matches. A page beyond the last is empty.
    #[must_use]
    pub fn list(&self, query: &CompiledQuery, page: u64, page_size: u32) -> ListPage {
        let selection = self.selection(query);
        let total = self.count_of(&selection, query);
        let skip = page.saturating_sub(1).saturating_mul(u64::from(page_size));
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let take = (page_size as usize).min(total.saturating_sub(skip));
        let leads = if take > 0 { self.in_order(&selection, query.sorting, skip, take) } else { Vec::new() };
        ListPage {
            leads: leads.into_iter().map(|slot| self.listed(slot)).collect(),
            total_count: total as u64,
        }
    }

    /// All matches in order, remarks in full.
    pub fn select(&self, query: &CompiledQuery) -> impl ExactSizeIterator<Item = Lead> + use<'_> {
        self.all_in_order(query).into_iter().map(|slot| self.store.lead(slot))
    }

    /// The ids of all matches in order.
    pub fn select_ids(&self, query: &CompiledQuery) -> impl ExactSizeIterator<Item = Uuid> + use<'_> {
        self.all_in_order(query).into_iter().map(|slot| self.store.id(slot))
    }

    /// The matches in groups.
    #[must_use]
    pub fn groups(&self, query: &CompiledQuery, by: &GroupBy) -> LeadGroups {
        let selection = self.selection(query);
        let limited;
        let slots = match &selection {
            _ if query.limit < self.len() => {
                let first = self.in_order(&selection, query.sorting, 0, query.limit);
                limited = Bits::of(first, self.store.slots());
                &limited
            }
            Selection::All => self.store.live(),
            Selection::Some(slots) => slots,
        };
        groups::group(&self.store, slots, by, query.utc_offset_minutes)
    }

    fn selection(&self, query: &CompiledQuery) -> Selection {
        match &query.test {
            None => Selection::All,
            Some(test) => Selection::Some(search::passing(&self.store, test, self.store.live())),
        }
    }

    fn count_of(&self, selection: &Selection, query: &CompiledQuery) -> usize {
        let matches = match selection {
            Selection::All => self.len(),
            Selection::Some(slots) => slots.count(),
        };
        matches.min(query.limit)
    }

    fn all_in_order(&self, query: &CompiledQuery) -> Vec<u32> {
        self.in_order(&self.selection(query), query.sorting, 0, query.limit)
    }

    /// Up to `take` slots of the selection after the first `skip`.
    fn in_order(&self, selection: &Selection, sorting: Sorting, skip: usize, take: usize) -> Vec<u32> {
        match selection {
            Selection::All => {
                let order = self.orders.get(&self.store, sorting.sort_by);
                order.slots(sorting.sort_order, skip).take(take).collect()
            }
            Selection::Some(slots) if slots.count() <= SORTED_ALONE => {
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

/// The leads that match.
enum Selection {
    /// All of them: the query has no condition.
    All,
    /// Those in these slots, all of them live.
    Some(Bits),
}

/// A text folded for comparison in the list: without case and accents.
pub(crate) fn fold_text(text: &str) -> String {
    fold::fold(text)
}

#[cfg(test)]
mod tests;
