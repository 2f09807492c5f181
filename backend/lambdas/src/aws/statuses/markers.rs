//! The marker of a batch in the app-state table: whether it was begun, and whether it was counted.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use easy_crm_domain::status as machine;
use jiff::Timestamp;

use super::{Statuses, number, seconds};
use crate::aws::AwsError;
use crate::aws::items::sortable;

/// How much longer a marker is kept than its record, in seconds: longer than a message can stay in the queues.
const MARKER_EXTRA_SECONDS: i64 = 14 * 24 * 3600;

/// How far earlier deliveries of a batch got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Nobody has worked on it.
    New,
    /// Storing its rows has begun.
    Begun,
    /// It has been counted; nothing is left to do.
    Counted,
}

type Item = std::collections::HashMap<String, AttributeValue>;

fn state_of(item: Option<&Item>) -> BatchState {
    match item {
        Some(item) if item.contains_key("countedAt") => BatchState::Counted,
        Some(item) if item.contains_key("begunAt") => BatchState::Begun,
        _ => BatchState::New,
    }
}

pub(super) fn partition(upload_id: &str) -> AttributeValue {
    AttributeValue::S(format!("upload#{upload_id}"))
}

pub(super) fn sort_key(batch_index: u32) -> AttributeValue {
    AttributeValue::S(format!("batch#{batch_index:08}"))
}

pub(super) fn expires(now: Timestamp) -> AttributeValue {
    seconds(machine::unsettled_expiry(now) + MARKER_EXTRA_SECONDS)
}

impl Statuses {
    /// How far a batch got.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn batch_state(&self, upload_id: &str, batch_index: u32) -> Result<BatchState, AwsError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.app_state_table)
            .key("pk", partition(upload_id))
            .key("sk", sort_key(batch_index))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AwsError::new("DynamoDB GetItem batch marker", &error))?;
        Ok(state_of(found.item.as_ref()))
    }

    /// Marks a batch as begun; returns how far it had got before.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn begin_batch(
        &self,
        upload_id: &str,
        batch_index: u32,
        now: Timestamp,
    ) -> Result<BatchState, AwsError> {
        let before = self
            .client
            .update_item()
            .table_name(&self.app_state_table)
            .key("pk", partition(upload_id))
            .key("sk", sort_key(batch_index))
            .update_expression("SET begunAt = if_not_exists(begunAt, :now), #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", AttributeValue::S(sortable(now)))
            .expression_attribute_values(":ttl", expires(now))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(|error| AwsError::new("DynamoDB UpdateItem batch marker", &error))?;
        Ok(state_of(before.attributes.as_ref()))
    }

    /// Counts a user's request in a window; returns how many there are now.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn count_request(
        &self,
        user: &str,
        what: &str,
        window: i64,
        expires_at: i64,
    ) -> Result<u32, AwsError> {
        const COUNT: &str = "DynamoDB UpdateItem rate counter";
        let counted = self
            .client
            .update_item()
            .table_name(&self.app_state_table)
            .key("pk", AttributeValue::S(format!("rate#{user}")))
            .key("sk", AttributeValue::S(format!("{what}#{window}")))
            .update_expression("SET #ttl = :ttl ADD requests :one")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", seconds(expires_at))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| AwsError::new(COUNT, &error))?;
        let requests = counted.attributes.as_ref().and_then(|item| item.get("requests")?.as_n().ok());
        requests
            .and_then(|count| count.parse().ok())
            .ok_or_else(|| AwsError::malformed(COUNT, "no count in the response"))
    }

    /// Keys of the objects with an upload's failed rows, in the order of its batches.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn problem_keys(&self, upload_id: &str) -> Result<Vec<String>, AwsError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.app_state_table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :batch)")
            .filter_expression("failedRows > :none")
            .expression_attribute_values(":pk", partition(upload_id))
            .expression_attribute_values(":batch", AttributeValue::S("batch#".to_owned()))
            .expression_attribute_values(":none", number(0))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::new("DynamoDB Query batch markers", &error))?;
            let found = page.items.unwrap_or_default();
            keys.extend(found.iter().filter_map(|item| item.get("problemsKey")?.as_s().ok().cloned()));
        }
        Ok(keys)
    }
}
