//! Items as stored in the tables, and their conversion to and from the domain's types.

use std::collections::BTreeMap;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::{FilePosition, LeadId, RowOrder};
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::revision::{Revision, Revisions};
use easy_crm_domain::upsert::{StoredLead, Tally};
use easy_crm_shared::lead::{Lead, LeadField, MISSING};
use easy_crm_shared::upload::UpdatePolicy;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Shards of the change feed: simultaneous writes are spread over them, and a reader queries each.
pub const FEED_SHARDS: u32 = 8;

/// A lead in the leads table. Missing values are stored as `N/A`, but a missing email address is absent, so that
/// `EmailIndex` has no hot partition of leads without one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadItem {
    pub(crate) lead_id: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) title: String,
    pub(crate) company: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    pub(crate) phone: String,
    pub(crate) remarks: String,
    pub(crate) source_file: String,
    pub(crate) created_at: String,
    /// Leads of an older deployment have none.
    #[serde(default)]
    pub(crate) file_position: FilePosition,
    pub(crate) updated_at: String,
    #[serde(default)]
    pub(crate) row_order: String,
    /// The order of the row that wrote most of the values; absent if it is `row_order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) values_order: Option<RowOrder>,
    /// The policy of that row; absent if it replaced what was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) values_policy: Option<UpdatePolicy>,
    /// Fields with another revision.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) field_revisions: BTreeMap<LeadField, Revision>,
    #[serde(default)]
    pub(crate) tallies: Vec<Tally>,
    #[serde(default)]
    pub(crate) feed_shard: String,
    #[serde(default)]
    pub(crate) changed_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) released_email: Option<String>,
    /// Set if the person was erased: a digest of the address, empty if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) erased: Option<String>,
    /// When a deleted lead is permanently removed, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<i64>,
}

/// How long a deleted lead can be restored.
pub const RESTORABLE_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

impl LeadItem {
    /// The item of a lead.
    #[must_use]
    pub fn new(lead: StoredLead) -> Self {
        let StoredLead { lead_id, values, source_file, created_at, updated_at, order, tallies, .. } = lead;
        let stored = |value: String| if value.is_empty() { MISSING.to_owned() } else { value };
        let (values_order, policy, field_revisions) = lead.revisions.into_parts();
        Self {
            values_order: Some(values_order).filter(|values_order| *values_order != order),
            values_policy: Some(policy).filter(|policy| *policy != UpdatePolicy::Replace),
            field_revisions,
            feed_shard: feed_shard_of(lead_id),
            lead_id: lead_id.to_string(),
            first_name: stored(values.first_name),
            last_name: stored(values.last_name),
            title: stored(values.title),
            company: stored(values.company),
            email: NormalizedEmail::parse(&values.email).map(|email| email.as_str().to_owned()),
            phone: stored(values.phone),
            remarks: stored(values.remarks),
            source_file,
            created_at: sortable(created_at),
            file_position: lead.position,
            updated_at: sortable(updated_at),
            row_order: order.as_str().to_owned(),
            tallies,
            changed_at: sortable(lead.changed_at),
            deleted_at: lead.deleted_at.map(sortable),
            released_email: lead.released_email,
            erased: lead.erased,
            ttl: lead.deleted_at.map(|time| time.as_second() + RESTORABLE_FOR.as_secs()),
        }
    }

    /// The lead of an item.
    ///
    /// # Errors
    /// The name of the malformed attribute.
    pub fn into_stored(self) -> Result<StoredLead, &'static str> {
        // A lead from an older deployment has no place in the feed; it counts as changed when it was updated.
        let changed_at = if self.changed_at.is_empty() { &self.updated_at } else { &self.changed_at };
        let order = RowOrder::from(self.row_order);
        let values_order = self.values_order.unwrap_or_else(|| order.clone());
        let policy = self.values_policy.unwrap_or_default();
        Ok(StoredLead {
            revisions: Revisions::from_parts(values_order, policy, self.field_revisions),
            changed_at: changed_at.parse().map_err(|_| "changedAt")?,
            deleted_at: self.deleted_at.map(|time| time.parse()).transpose().map_err(|_| "deletedAt")?,
            released_email: self.released_email,
            erased: self.erased,
            lead_id: LeadId::parse(&self.lead_id).ok_or("leadId")?,
            created_at: self.created_at.parse().map_err(|_| "createdAt")?,
            position: self.file_position,
            updated_at: self.updated_at.parse().map_err(|_| "updatedAt")?,
            order,
            tallies: self.tallies,
            source_file: self.source_file,
            values: LeadValues {
                first_name: present(self.first_name),
                last_name: present(self.last_name),
                title: present(self.title),
                company: present(self.company),
                email: self.email.unwrap_or_default(),
                phone: present(self.phone),
                remarks: present(self.remarks),
            },
        })
    }
}

/// The lead as the API shows it, with full remarks.
#[must_use]
pub fn shown(stored: &StoredLead) -> Lead {
    let shown = |field| stored.values.shown(field).to_owned();
    Lead {
        lead_id: stored.lead_id.to_string(),
        first_name: shown(LeadField::FirstName),
        last_name: shown(LeadField::LastName),
        title: shown(LeadField::Title),
        company: shown(LeadField::Company),
        email: shown(LeadField::Email),
        phone: shown(LeadField::Phone),
        remarks: shown(LeadField::Remarks),
        source_file: stored.source_file.clone(),
        created_at: sortable(stored.created_at),
        updated_at: sortable(stored.updated_at),
    }
}

fn present(value: String) -> String {
    if value == MISSING { String::new() } else { value }
}

/// The shard of the change feed a lead belongs to.
#[must_use]
pub fn feed_shard_of(lead_id: LeadId) -> String {
    // FNV-1a: any fixed, evenly distributed hash will do.
    let hash = lead_id
        .uuid()
        .as_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    (hash % FEED_SHARDS).to_string()
}

/// A time as text that sorts chronologically: RFC 3339 in UTC, always with milliseconds.
#[must_use]
pub fn sortable(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_gives_back_its_lead() {
        let order = RowOrder::from("1".to_owned());
        let mut revisions = Revisions::written(order.clone(), UpdatePolicy::Replace);
        let derived =
            Revision { derived: true, policy: UpdatePolicy::Update, ..Revision::written(order.clone()) };
        revisions.set(LeadField::FirstName, derived);
        let lead = StoredLead {
            lead_id: LeadId::parse("550e8400-e29b-41d4-a716-446655440000").unwrap(),
            values: LeadValues {
                first_name: "Jürgen".into(),
                email: "j@x.de".into(),
                ..LeadValues::default()
            },
            source_file: "a.csv".into(),
            created_at: Timestamp::from_millisecond(1_700_000_000_000).unwrap(),
            position: FilePosition::new(1, 7),
            updated_at: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
            revisions,
            order,
            tallies: Vec::new(),
            changed_at: Timestamp::from_millisecond(1_700_000_000_124).unwrap(),
            deleted_at: Some(Timestamp::from_millisecond(1_700_000_000_124).unwrap()),
            released_email: None,
            erased: None,
        };
        let item = LeadItem::new(lead.clone());
        assert_eq!(item.ttl, Some(1_700_000_000 + 30 * 24 * 3600));
        assert_eq!((item.title.as_str(), item.email.as_deref()), ("N/A", Some("j@x.de")));
        assert_eq!((&item.values_order, item.field_revisions.len()), (&None, 1));
        assert_eq!(item.created_at, "2023-11-14T22:13:20.000Z");
        assert_eq!(item.into_stored(), Ok(lead));
    }
}
