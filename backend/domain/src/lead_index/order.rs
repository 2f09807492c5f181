//! Sort orders of all leads, built on first use and then kept up to date.

use std::sync::{Arc, Mutex, PoisonError};

use easy_crm_shared::query::{SortField, SortOrder};
use strum::EnumCount as _;

use super::columns::Column;
use super::store::{GONE, Store};
use super::text_sort::sort_by_text;

/// The orders built so far, by [`SortField`].
#[derive(Debug, Default)]
pub(super) struct Orders {
    by_field: [Mutex<Option<Arc<Order>>>; SortField::COUNT],
}

/// All live slots in ascending order, those without a value separately.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    present: Vec<u32>,
    missing: Vec<u32>,
    /// Slots from here on are not in it yet.
    slots_seen: u32,
    /// Live leads when it was built: with the same slots seen, fewer means that some died.
    live_seen: usize,
}

impl Orders {
    /// The order by a field, up to date.
    pub(super) fn get(&self, store: &Store, field: SortField) -> Arc<Order> {
        // A panic while an order was being built left the old one in place, which is still right.
        let mut order = self.by_field[field as usize].lock().unwrap_or_else(PoisonError::into_inner);
        match &*order {
            Some(order) if order.slots_seen == store.slots() && order.live_seen == store.live_count() => {
                Arc::clone(order)
            }
            known => {
                let updated = Arc::new(match known {
                    Some(known) => known.updated(store, field),
                    None => Order::new(store, field),
                });
                *order = Some(Arc::clone(&updated));
                updated
            }
        }
    }

    /// Renames slots after packing.
    pub(super) fn follow(&mut self, moved: &[u32]) {
        for order in &mut self.by_field {
            let order = order.get_mut().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = order.take() {
                *order = Some(Arc::new(known.followed(moved)));
            }
        }
    }
}

impl Order {
    fn new(store: &Store, field: SortField) -> Self {
        let mut order = Self { slots_seen: store.slots(), live_seen: store.live_count(), ..Self::default() };
        let mut present: Vec<(u128, u32)> = Vec::with_capacity(store.live_count());
        for slot in store.live().iter() {
            if store.is_missing(slot, field) {
                order.missing.push(slot);
            } else {
                present.push((0, slot));
            }
        }
        let compare = |a, b| store.compare(field, false, a, b);
        let column = store.sorted_column(field);
        if let Some(Column::Texts(column)) = column {
            sort_by_text(&mut present, 0, &|slot| column.folded(slot), &compare);
        } else {
            // The key is nearly always enough: the rank of the value, or the time, and as much of the age as fits.
            let ranks = match column {
                Some(Column::Dictionary(column)) => Some((column, column.ranks())),
                _ => None,
            };
            let in_order = |time: i64| time as u64 ^ (1 << 63);
            for (key, slot) in &mut present {
                let created_at = in_order(store.time(*slot, SortField::CreatedAt));
                let position = store.position(*slot).number();
                *key = match (&ranks, field) {
                    (Some((column, ranks)), _) => {
                        let rank = ranks[column.entry(*slot) as usize];
                        u128::from(rank) << 96 | u128::from(!created_at) << 32 | u128::from(position)
                    }
                    (None, SortField::CreatedAt) => {
                        u128::from(created_at) << 64 | u128::from(!position) << 32
                    }
                    (None, _) => {
                        u128::from(in_order(store.time(*slot, field))) << 64 | u128::from(created_at)
                    }
                };
            }
            present.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(a.1, b.1)));
        }
        order.present = present.into_iter().map(|(_, slot)| slot).collect();
        order.missing.sort_unstable_by(|a, b| store.compare_age(*a, *b));
        order
    }

    /// The order updated with the slots added and removed since.
    fn updated(&self, store: &Store, field: SortField) -> Self {
        let live = store.live();
        let is_live =
            |slots: &[u32]| slots.iter().copied().filter(|slot| live.has(*slot)).collect::<Vec<_>>();
        let (mut missing, mut present): (Vec<u32>, Vec<u32>) = (self.slots_seen..store.slots())
            .filter(|slot| live.has(*slot))
            .partition(|slot| store.is_missing(*slot, field));
        for new in [&mut present, &mut missing] {
            new.sort_unstable_by(|a, b| store.compare(field, false, *a, *b));
        }
        Self {
            present: merged(&is_live(&self.present), &present, |a, b| {
                store.compare(field, false, a, b).is_lt()
            }),
            missing: merged(&is_live(&self.missing), &missing, |a, b| store.compare_age(a, b).is_lt()),
            slots_seen: store.slots(),
            live_seen: store.live_count(),
        }
    }

    fn followed(&self, moved: &[u32]) -> Self {
        let follow = |slots: &[u32]| {
            slots.iter().map(|slot| moved[*slot as usize]).filter(|slot| *slot != GONE).collect::<Vec<_>>()
        };
        let seen = &moved[..self.slots_seen as usize];
        let slots_seen = seen.iter().filter(|slot| **slot != GONE).count() as u32;
        let (present, missing) = (follow(&self.present), follow(&self.missing));
        Self { live_seen: present.len() + missing.len(), present, missing, slots_seen }
    }

    /// The slots in a direction, without the first `skip`. Slots without a value come last in both.
    pub(super) fn slots(&self, direction: SortOrder, skip: usize) -> impl Iterator<Item = u32> {
        let present = self.present.len();
        let taken = skip.min(present);
        let (ascending, descending) = match direction {
            SortOrder::Asc => (&self.present[taken..], &self.present[..0]),
            SortOrder::Desc => (&self.present[..0], &self.present[..present - taken]),
        };
        let missing = &self.missing[(skip - taken).min(self.missing.len())..];
        ascending.iter().chain(descending.iter().rev()).chain(missing).copied()
    }
}

/// Merges a few sorted slots into many: the place of each is found by bisection, the runs between are copied.
fn merged(many: &[u32], few: &[u32], before: impl Fn(u32, u32) -> bool) -> Vec<u32> {
    let mut all = Vec::with_capacity(many.len() + few.len());
    let mut rest = many;
    for slot in few {
        let (smaller, larger) = rest.split_at(rest.partition_point(|other| before(*other, *slot)));
        all.extend_from_slice(smaller);
        all.push(*slot);
        rest = larger;
    }
    all.extend_from_slice(rest);
    all
}
