//! The tables' keys and indexes, in one place: the adapters use the names, the local server creates the tables from
//! it, and the templates are checked against it.

/// Shape of a DynamoDB table.
#[derive(Debug, Clone, Copy)]
pub struct TableShape {
    /// Partition key (a string attribute).
    pub partition_key: &'static str,
    /// Sort key (a string attribute), if there is one.
    pub sort_key: Option<&'static str>,
    /// Global secondary indexes, all with all attributes projected.
    pub indexes: &'static [IndexShape],
    /// Attribute holding the expiry time in seconds since 1970.
    pub ttl_attribute: Option<&'static str>,
}

/// Shape of a global secondary index.
#[derive(Debug, Clone, Copy)]
pub struct IndexShape {
    /// The index's name.
    pub name: &'static str,
    /// Partition key (a string attribute).
    pub partition_key: &'static str,
    /// Sort key (a string attribute), if there is one.
    pub sort_key: Option<&'static str>,
}

/// Index of the leads by email address.
pub const EMAIL_INDEX: &str = "EmailIndex";
/// Index of the leads by time of change.
pub const CHANGE_FEED_INDEX: &str = "ChangeFeedIndex";
/// Index of the status records by owner.
pub const OWNER_INDEX: &str = "OwnerIndex";

/// The leads.
pub const LEADS: TableShape = TableShape {
    partition_key: "leadId",
    sort_key: None,
    indexes: &[
        IndexShape { name: EMAIL_INDEX, partition_key: "email", sort_key: None },
        IndexShape { name: CHANGE_FEED_INDEX, partition_key: "feedShard", sort_key: Some("changedAt") },
    ],
    ttl_attribute: Some("ttl"),
};

/// The processing status records, and nothing else.
pub const STATUS: TableShape = TableShape {
    partition_key: "uploadId",
    sort_key: None,
    indexes: &[IndexShape { name: OWNER_INDEX, partition_key: "owner", sort_key: Some("createdAt") }],
    ttl_attribute: Some("ttl"),
};

/// Batch markers and other small state.
pub const APP_STATE: TableShape =
    TableShape { partition_key: "pk", sort_key: Some("sk"), indexes: &[], ttl_attribute: Some("ttl") };
