//! Leads that share a phone number or a name with another lead.

use std::hash::{BuildHasher, Hash};

use easy_crm_shared::query::condition::{SharedBy, TextField};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::bits::Bits;
use super::columns::Column;
use super::compiled::whole_digits;
use super::store::Store;

/// Sets the live slots that share something with another live slot.
pub(super) fn find(store: &Store, shared_by: SharedBy, found: &mut Bits) {
    match shared_by {
        SharedBy::Phone => {
            let number = |slot| whole_digits(store.digits().get(slot));
            mark_repeated(store, |slot| !number(slot).is_empty(), number, found);
        }
        SharedBy::Name => {
            let (Column::Dictionary(first), Column::Dictionary(last)) =
                (store.column(TextField::FirstName), store.column(TextField::LastName))
            else {
                return;
            };
            let (firsts, lasts) = (first.classes().0, last.classes().0);
            let is_named = |slot| !first.written(slot).is_empty() && !last.written(slot).is_empty();
            let name = |slot| (firsts[first.entry(slot) as usize], lasts[last.entry(slot) as usize]);
            mark_repeated(store, is_named, name, found);
        }
    }
}

fn mark_repeated<K: Hash + Eq>(
    store: &Store,
    has_key: impl Fn(u32) -> bool,
    key: impl Fn(u32) -> K,
    found: &mut Bits,
) {
    let hasher = DefaultHashBuilder::default();
    let mut first_with: HashTable<u32> = HashTable::with_capacity(store.live_count());
    for slot in store.live().iter().filter(|slot| has_key(*slot)) {
        let hash = hasher.hash_one(key(slot));
        let known =
            first_with.entry(hash, |other| key(*other) == key(slot), |other| hasher.hash_one(key(*other)));
        match known {
            hashbrown::hash_table::Entry::Occupied(first) => {
                found.set(*first.get());
                found.set(slot);
            }
            hashbrown::hash_table::Entry::Vacant(place) => {
                place.insert(slot);
            }
        }
    }
}
