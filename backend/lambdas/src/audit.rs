//! The audit trail: one log record per changed lead, with ids and field names but no values.

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::LeadId;
use easy_crm_shared::changes::JobKind;
use easy_crm_shared::lead::LeadField;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::config::Secret;

/// A lead that an import changed.
#[derive(Debug)]
pub(crate) struct LeadUpdate<'a> {
    pub(crate) now: Timestamp,
    pub(crate) email: Option<&'a NormalizedEmail>,
    pub(crate) lead_id: LeadId,
    pub(crate) previous_source_file: &'a str,
    pub(crate) new_source_file: &'a str,
    pub(crate) fields_changed: &'a [LeadField],
    pub(crate) batch_id: &'a str,
}

/// Records that an import changed a lead.
pub(crate) fn lead_updated(secret: &Secret, update: &LeadUpdate<'_>) {
    let fields: Vec<&str> = update.fields_changed.iter().map(|field| field.name()).collect();
    tracing::info!(
        target: "audit",
        timestamp = %update.now,
        action = "lead_updated",
        emailHash = update.email.map(|email| email_hash(secret, email)),
        leadId = %update.lead_id,
        previousSourceFile = update.previous_source_file,
        newSourceFile = update.new_source_file,
        fieldsChanged = fields.join(","),
        batchId = update.batch_id,
    );
}

/// Records that a user changed fields of a lead.
pub(crate) fn lead_edited(now: Timestamp, lead_id: LeadId, user: &str, fields_changed: &[LeadField]) {
    let fields: Vec<&str> = fields_changed.iter().map(|field| field.name()).collect();
    tracing::info!(
        target: "audit",
        timestamp = %now,
        action = "lead_edited",
        leadId = %lead_id,
        userId = user,
        fieldsChanged = fields.join(","),
    );
}

/// Records that a user's job deleted or restored a lead.
pub(crate) fn lead_marked(now: Timestamp, lead_id: LeadId, user: &str, kind: JobKind, job_id: &str) {
    let action = match kind {
        JobKind::Delete => "lead_deleted",
        JobKind::Restore => "lead_restored",
    };
    tracing::info!(target: "audit", timestamp = %now, action, leadId = %lead_id, userId = user, jobId = job_id);
}

/// Records that a user erased a person.
pub(crate) fn lead_erased(now: Timestamp, lead_id: LeadId, user: &str) {
    tracing::info!(target: "audit", timestamp = %now, action = "lead_erased", leadId = %lead_id, userId = user);
}

/// HMAC-SHA256 of an address with the deployment's secret, in hexadecimal: the same address can be followed through
/// the trail, but only someone with the secret can tell whose it is.
fn email_hash(secret: &Secret, email: &NormalizedEmail) -> String {
    // HMAC accepts keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(b"easy-crm/audit/");
    mac.update(email.as_str().as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest kept in place of an address that must not be stored; empty if there is no address.
pub(crate) fn email_digest(secret: &Secret, email: Option<&NormalizedEmail>) -> String {
    email.map(|email| email_hash(secret, email)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_follow_secret_and_address_only() {
        let hash = |secret: &str, email: &str| {
            email_hash(&Secret::new(secret), &NormalizedEmail::parse(email).unwrap())
        };
        assert_eq!(hash("s", "A@b.c"), hash("s", "a@b.c "));
        assert_ne!(hash("s", "a@b.c"), hash("t", "a@b.c"));
        assert_eq!(hash("s", "a@b.c").len(), 64);
    }
}
