//! What manual changes do to stored leads: pure decisions, exact when they are repeated or race with imports.
//!
//! A manual change has an order like a row of a file ([`RowOrder::of_change`]), so a row of an upload announced before
//! it never overwrites it. The caller reads, asks here, writes on the condition that what it read is still there, and
//! asks again if it is not.

use std::collections::BTreeMap;

use easy_crm_shared::changes::{MAX_FIELD_CHARS, MAX_REMARKS_CHARS};
use easy_crm_shared::lead::{LeadField, MISSING};
use easy_crm_shared::upload::UpdatePolicy;
use jiff::Timestamp;

use crate::email::NormalizedEmail;
use crate::identity::{FilePosition, LeadId, RowOrder};
use crate::lead::LeadValues;
use crate::revision::{Revision, Revisions};
use crate::standardize::is_email_address;
use crate::upsert::{StoredLead, later};

/// Longest email address, in bytes (RFC 5321, 4.5.3.1: 64 of the local part, 255 of the domain).
pub(crate) const MAX_EMAIL_BYTES: usize = 320;

/// A value that cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongValue {
    /// The field at fault.
    pub field: LeadField,
    /// What is wrong with it and what to do, as a sentence.
    pub problem: String,
}

/// Normalises the new values for storage: trimmed, empty where missing, the address normalised.
///
/// # Errors
/// The first value that cannot be stored.
pub fn checked(fields: &BTreeMap<LeadField, String>) -> Result<BTreeMap<LeadField, String>, WrongValue> {
    let checked = fields.iter().map(|(&field, text)| match stored_value(field, text) {
        Ok(value) => Ok((field, value)),
        Err(problem) => Err(WrongValue { field, problem }),
    });
    checked.collect()
}

fn stored_value(field: LeadField, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text == MISSING {
        return Ok(String::new());
    }
    if field == LeadField::Email {
        let Some(email) = NormalizedEmail::parse(text) else { return Ok(String::new()) };
        if email.as_str().len() > MAX_EMAIL_BYTES || !is_email_address(email.as_str()) {
            return Err("This is not an email address. Write it like name@company.com.".to_owned());
        }
        return Ok(email.as_str().to_owned());
    }
    let longest = if field == LeadField::Remarks { MAX_REMARKS_CHARS } else { MAX_FIELD_CHARS };
    if text.chars().count() > longest {
        return Err(format!("{field} must not be longer than {longest} characters."));
    }
    Ok(text.to_owned())
}

/// A lead after a change of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The lead as it should be stored.
    pub lead: StoredLead,
    /// Fields that change; if there are none, there is nothing to write.
    pub fields_changed: Vec<LeadField>,
}

/// Changes fields. `values` are those of [`checked`], `change` distinguishes this change from others of the same
/// moment.
#[must_use]
pub fn edited(
    stored: &StoredLead,
    values: &BTreeMap<LeadField, String>,
    change: &str,
    now: Timestamp,
) -> Edited {
    let mut lead = stored.clone();
    for (&field, value) in values {
        lead.values.get_mut(field).clone_from(value);
    }
    let fields_changed: Vec<_> = stored.values.fields_changed(&lead.values).collect();
    if !fields_changed.is_empty() {
        lead.order = order_after(stored, change, now);
        for &field in &fields_changed {
            lead.revisions.set(field, Revision::written(lead.order.clone()));
        }
        lead.changed_at = StoredLead::next_change(Some(stored), now);
        // The version users see must increase, however the clocks of writers differ.
        lead.updated_at = later(stored.updated_at, now);
    }
    Edited { lead, fields_changed }
}

/// The lead as restored to the list, with its address again if another lead had taken it and has released it.
#[must_use]
pub fn restored(stored: &StoredLead, order: &RowOrder, now: Timestamp) -> StoredLead {
    let mut lead = stored.clone();
    if let Some(email) = lead.released_email.take() {
        lead.values.email = email;
    }
    lead.deleted_at = None;
    lead.order = order.clone();
    lead.changed_at = StoredLead::next_change(Some(stored), now);
    lead
}

/// What is left of a lead whose person is permanently erased: nothing that was said about them. `digest` represents the
/// address it had, `order` makes rows of files announced before it lose.
#[must_use]
pub fn erased(stored: &StoredLead, digest: String, order: RowOrder, now: Timestamp) -> StoredLead {
    let changed_at = StoredLead::next_change(Some(stored), now);
    let order = order.max(stored.order.clone());
    StoredLead {
        lead_id: stored.lead_id,
        values: LeadValues::default(),
        revisions: Revisions::written(order.clone(), UpdatePolicy::Replace),
        source_file: String::new(),
        created_at: changed_at,
        position: FilePosition::default(),
        updated_at: changed_at,
        // A row that was already counted counts the same on redelivery.
        tallies: stored.tallies.clone(),
        order,
        changed_at,
        deleted_at: Some(changed_at),
        released_email: None,
        erased: Some(digest),
    }
}

/// A deleted lead that releases its address to another one. Its order stays, so that undoing its deletion still finds
/// it.
#[must_use]
pub fn released(stored: &StoredLead, now: Timestamp) -> StoredLead {
    let mut lead = stored.clone();
    match &mut lead.erased {
        Some(digest) => digest.clear(),
        None => lead.released_email = Some(std::mem::take(&mut lead.values.email)),
    }
    lead.changed_at = StoredLead::next_change(Some(stored), now);
    lead
}

/// What deleting or restoring does to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Write it.
    Write,
    /// This very change already wrote it.
    Done,
    /// The lead is in that state already, or was changed later.
    Skip,
    /// The lead's address went to another lead that needed it.
    AskForAddress,
}

/// Decides about deleting a lead. `order` is the order shared by all deletions of the job.
#[must_use]
pub fn delete(stored: &StoredLead, order: &RowOrder) -> Step {
    match stored.deleted_at {
        _ if stored.order == *order => Step::Done,
        None if stored.order < *order => Step::Write,
        _ => Step::Skip,
    }
}

/// Decides about restoring a lead. `undoes` is the order of the deletion to undo; without it any deletion is undone.
#[must_use]
pub fn restore(stored: &StoredLead, order: &RowOrder, undoes: Option<&RowOrder>) -> Step {
    match stored.deleted_at {
        _ if stored.order == *order => Step::Done,
        _ if stored.erased.is_some() => Step::Skip,
        None => Step::Skip,
        Some(_) if stored.order > *order || undoes.is_some_and(|undone| *undone != stored.order) => {
            Step::Skip
        }
        Some(_) if stored.released_email.is_some() => Step::AskForAddress,
        Some(_) => Step::Write,
    }
}

/// What a lead means for another one that is to get an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It does not have the address.
    NotThis,
    /// It is deleted and has it: it has to release it.
    Release,
    /// It has it.
    Taken,
}

/// Whether `other` prevents giving `email`, whose keyed digest is `digest`, to the lead `claimant`.
#[must_use]
pub fn claim(email: &NormalizedEmail, digest: &str, claimant: LeadId, other: &StoredLead) -> Claim {
    let has_it = match &other.erased {
        Some(had) => had == digest,
        None => NormalizedEmail::parse(&other.values.email).as_ref() == Some(email),
    };
    match other.deleted_at {
        _ if other.lead_id == claimant || !has_it => Claim::NotThis,
        None => Claim::Taken,
        Some(_) => Claim::Release,
    }
}

fn order_after(stored: &StoredLead, change: &str, now: Timestamp) -> RowOrder {
    let last = Timestamp::from_millisecond(stored.order.millisecond()).unwrap_or(Timestamp::UNIX_EPOCH);
    RowOrder::of_change(later(last, now), change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdNamespace;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn email(text: &str) -> NormalizedEmail {
        NormalizedEmail::parse(text).unwrap()
    }

    fn lead() -> StoredLead {
        StoredLead {
            lead_id: IdNamespace::new("test").lead_id_of_email(&email("a@x.example"), 0),
            values: LeadValues {
                first_name: "Ada".into(),
                email: "a@x.example".into(),
                ..LeadValues::default()
            },
            revisions: Revisions::written(RowOrder::of_row(at(1), "u", 0, 2), UpdatePolicy::Replace),
            source_file: "a.csv".into(),
            created_at: at(1),
            position: FilePosition::new(0, 2),
            updated_at: at(1),
            order: RowOrder::of_row(at(1), "u", 0, 2),
            tallies: Vec::new(),
            changed_at: at(1),
            deleted_at: None,
            released_email: None,
            erased: None,
        }
    }

    #[track_caller]
    fn check_value(field: LeadField, text: &str, expected: Option<&str>) {
        let checked = checked(&BTreeMap::from([(field, text.to_owned())]));
        assert_eq!(checked.ok().map(|values| values[&field].clone()).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn values_are_checked_and_made_ready() {
        check_value(LeadField::Title, "  CEO ", Some("CEO"));
        check_value(LeadField::Title, "N/A", Some(""));
        check_value(LeadField::Email, " Ada@X.Example ", Some("ada@x.example"));
        check_value(LeadField::Email, "none", Some(""));
        for wrong in ["ada", "ada@x", "a@x.example b@x.example", "<ada@x.example>", "ada@x.example;"] {
            check_value(LeadField::Email, wrong, None);
        }
        check_value(LeadField::Email, &format!("{}@x.example", "a".repeat(400)), None);
        check_value(LeadField::Company, &"é".repeat(MAX_FIELD_CHARS), Some(&"é".repeat(MAX_FIELD_CHARS)));
        check_value(LeadField::Company, &"é".repeat(MAX_FIELD_CHARS + 1), None);
        check_value(
            LeadField::Remarks,
            &"é".repeat(MAX_FIELD_CHARS + 1),
            Some(&"é".repeat(MAX_FIELD_CHARS + 1)),
        );
    }

    #[test]
    fn an_edit_moves_version_order_and_feed_even_against_a_slow_clock() {
        let stored = lead();
        let values = BTreeMap::from([(LeadField::Title, "CEO".to_owned())]);
        for now in [at(-100), at(1), at(100)] {
            let edit = edited(&stored, &values, "c", now);
            assert_eq!(edit.fields_changed, [LeadField::Title]);
            assert!(edit.lead.order > stored.order, "{now}");
            assert!(edit.lead.updated_at > stored.updated_at && edit.lead.changed_at > stored.changed_at);
            assert_eq!((edit.lead.created_at, edit.lead.values.first_name.as_str()), (at(1), "Ada"));
        }
        let same = edited(&stored, &BTreeMap::from([(LeadField::FirstName, "Ada".to_owned())]), "c", at(9));
        assert_eq!(same, Edited { lead: stored, fields_changed: Vec::new() });
    }

    #[test]
    fn a_deletion_is_done_once_and_never_goes_back() {
        let order = RowOrder::of_change(at(5), "delete");
        let mut stored = lead();
        assert_eq!(delete(&stored, &order), Step::Write);
        assert_eq!(restore(&stored, &order, None), Step::Skip);
        (stored.deleted_at, stored.order) = (Some(at(5)), order.clone());
        assert_eq!(delete(&stored, &order), Step::Done);
        assert_eq!(delete(&stored, &RowOrder::of_change(at(6), "again")), Step::Skip);
        stored.deleted_at = None;
        stored.order = RowOrder::of_row(at(6), "u", 0, 2);
        assert_eq!(delete(&stored, &order), Step::Skip, "imported again since");
    }

    #[test]
    fn undoing_meets_its_own_deletion_only() {
        let (first, second) = (RowOrder::of_change(at(5), "first"), RowOrder::of_change(at(6), "second"));
        let undo = RowOrder::of_change(at(7), "undo");
        let mut stored = lead();
        (stored.deleted_at, stored.order) = (Some(at(6)), second.clone());
        assert_eq!(restore(&stored, &undo, Some(&first)), Step::Skip);
        assert_eq!(restore(&stored, &undo, Some(&second)), Step::Write);
        assert_eq!(restore(&stored, &undo, None), Step::Write);
        let back = restored(&stored, &undo, at(7));
        assert_eq!((back.deleted_at, &back.order, back.updated_at), (None, &undo, at(1)));
        assert!(back.changed_at > stored.changed_at);
        assert_eq!(restore(&back, &undo, Some(&second)), Step::Done);
        assert_eq!(delete(&back, &second), Step::Skip, "a deletion that comes late leaves it");
    }

    #[test]
    fn an_address_is_claimed_from_deleted_leads_only() {
        let mut other = lead();
        let (claimant, address) =
            (IdNamespace::new("test").lead_id_of_email(&email("b@x.example"), 0), email("A@x.example"));
        assert_eq!(claim(&address, "digest", claimant, &other), Claim::Taken);
        assert_eq!(claim(&address, "digest", other.lead_id, &other), Claim::NotThis);
        assert_eq!(claim(&email("c@x.example"), "digest", claimant, &other), Claim::NotThis);
        other.deleted_at = Some(at(5));
        assert_eq!(claim(&address, "digest", claimant, &other), Claim::Release);
        let without = released(&other, at(6));
        assert_eq!(claim(&address, "digest", claimant, &without), Claim::NotThis);
        let undo = RowOrder::of_change(at(7), "undo");
        assert_eq!(restore(&without, &undo, Some(&other.order)), Step::AskForAddress);
        let back = restored(&without, &undo, at(7));
        assert_eq!((back.values.email.as_str(), back.released_email), ("a@x.example", None));
    }

    #[test]
    fn an_erased_lead_cannot_be_restored_and_gives_its_address_away() {
        let order = RowOrder::of_change(at(5), "erased");
        let marker = erased(&lead(), "digest".into(), order.clone(), at(5));
        assert_eq!((&marker.order, marker.deleted_at), (&order, Some(at(5))));
        let undo = RowOrder::of_change(at(7), "undo");
        assert_eq!(restore(&marker, &undo, None), Step::Skip);
        assert_eq!(restore(&marker, &undo, Some(&order)), Step::Skip);
        assert_eq!(delete(&marker, &undo), Step::Skip);
        let claimant = IdNamespace::new("test").lead_id_of_email(&email("b@x.example"), 0);
        assert_eq!(claim(&email("a@x.example"), "digest", claimant, &marker), Claim::Release);
        assert_eq!(claim(&email("c@x.example"), "another", claimant, &marker), Claim::NotThis);
        let released = released(&marker, at(6));
        assert_eq!((released.erased.as_deref(), released.released_email), (Some(""), None));
    }
}
