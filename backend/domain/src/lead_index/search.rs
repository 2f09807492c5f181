//! Which leads match a query: tests run over whole columns, or lead by lead where few are left.

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::condition::TextField;
use strum::IntoEnumIterator as _;

use super::bits::Bits;
use super::columns::Column;
use super::compiled::{How, Term, Test, whole_digits};
use super::duplicates;
use super::store::Store;

/// When fewer than one lead in this many is left, leads are checked one by one.
const FEW: usize = 32;

/// Those of the given slots that pass a test.
pub(super) fn passing(store: &Store, test: &Test, within: &Bits) -> Bits {
    match test {
        Test::All(tests) => {
            let mut left = within.clone();
            for test in tests {
                if left.is_empty() {
                    break;
                }
                left = passing(store, test, &left);
            }
            left
        }
        Test::Any(tests) => {
            let mut left = within.clone();
            let mut found = Bits::none(store.slots());
            for test in tests {
                if left.is_empty() {
                    break;
                }
                let passed = passing(store, test, &left);
                left.remove(&passed);
                found.add(&passed);
            }
            found
        }
        Test::Not(test) => {
            let mut left = within.clone();
            left.remove(&passing(store, test, within));
            left
        }
        _ => {
            let mut found = Bits::none(store.slots());
            let is_looked_up =
                matches!(test, Test::Ids(_) | Test::Shared(_) | Test::Text(TextField::Email, How::Equals, _));
            if !is_looked_up && within.count() * FEW < store.slots() as usize {
                let test = prepared(store, test);
                within.iter().filter(|slot| holds(store, &test, *slot)).for_each(|slot| found.set(slot));
            } else {
                search(store, test, &mut found);
                found.keep(within);
            }
            found
        }
    }
}

/// Sets the slots that pass a test without subtests; dead slots may be among them.
fn search(store: &Store, test: &Test, found: &mut Bits) {
    match test {
        Test::All(_) | Test::Any(_) | Test::Not(_) => {}
        Test::Missing(field) => match store.column(*field) {
            Column::Dictionary(column) => {
                let entries = column.entries_where(|entry| column.written_entry(entry).is_empty());
                found.set_where(|slot| entries.has(column.entry(slot)));
            }
            Column::Texts(column) => found.set_where(|slot| column.is_missing(slot)),
        },
        Test::Text(TextField::Email, How::Equals, term) => {
            store.slots_with_email(term.text.needle(), |slot| found.set(slot));
        }
        Test::Text(field, how, term) => search_field(store, *field, *how, term, found),
        Test::Anywhere(term) => {
            for field in LeadField::iter() {
                search_field(store, field.into(), How::Contains, term, found);
            }
        }
        Test::Time(field, from, to) => {
            let times = store.times(*field);
            found.set_where(|slot| (*from..*to).contains(&times[slot as usize]));
        }
        Test::Ids(ids) => ids.iter().filter_map(|id| store.slot_of(*id)).for_each(|slot| found.set(slot)),
        Test::Upload(upload_id) => {
            if let Some(entry) = store.uploads().find(upload_id) {
                found.set_where(|slot| store.uploads().entry(slot) == entry);
            }
        }
        Test::Shared(shared_by) => duplicates::find(store, *shared_by, found),
    }
}

fn search_field(store: &Store, field: TextField, how: How, term: &Term, found: &mut Bits) {
    match (store.column(field), &term.digits) {
        (Column::Texts(_), Some(digits)) if field == TextField::Phone => {
            store.digits().search(digits, |slot| {
                if how == How::Contains || how.holds(whole_digits(store.digits().get(slot)), digits) {
                    found.set(slot);
                }
            });
        }
        (Column::Texts(column), _) => column.search(&term.text, |slot| {
            if how == How::Contains || how.holds(column.folded(slot), &term.text) {
                found.set(slot);
            }
        }),
        (Column::Dictionary(column), _) => {
            let mut entries = column.entries_with(&term.text);
            if how != How::Contains {
                let found = entries.clone();
                let held = found.iter().filter(|entry| how.holds(column.folded_entry(*entry), &term.text));
                entries = Bits::of(held, column.entry_count());
            }
            if !entries.is_empty() {
                found.set_where(|slot| entries.has(column.entry(slot)));
            }
        }
    }
}

/// A test prepared for checking single leads.
enum Single<'a> {
    Plain(&'a Test),
    /// The entry of the upload, if any lead has it.
    Upload(Option<u32>),
}

fn prepared<'a>(store: &Store, test: &'a Test) -> Single<'a> {
    match test {
        Test::Upload(upload_id) => Single::Upload(store.uploads().find(upload_id)),
        _ => Single::Plain(test),
    }
}

/// Whether one lead passes the test.
fn holds(store: &Store, test: &Single<'_>, slot: u32) -> bool {
    match test {
        Single::Upload(entry) => *entry == Some(store.uploads().entry(slot)),
        Single::Plain(Test::Missing(field)) => store.column(*field).is_missing(slot),
        Single::Plain(Test::Text(field, how, term)) => field_holds(store, *field, *how, term, slot),
        Single::Plain(Test::Anywhere(term)) => {
            let mut fields = LeadField::iter();
            fields.any(|field| field_holds(store, field.into(), How::Contains, term, slot))
        }
        Single::Plain(Test::Time(field, from, to)) => {
            (*from..*to).contains(&store.times(*field)[slot as usize])
        }
        Single::Plain(_) => false,
    }
}

fn field_holds(store: &Store, field: TextField, how: How, term: &Term, slot: u32) -> bool {
    match &term.digits {
        Some(digits) if field == TextField::Phone => {
            let number = store.digits().get(slot);
            how.holds(if how == How::Contains { number } else { whole_digits(number) }, digits)
        }
        _ => how.holds(store.column(field).folded(slot), &term.text),
    }
}
