//! The leads table: lookup by address, conditional writes, the change feed.

pub mod by_email;
pub mod manual_edits;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use easy_crm_domain::identity::LeadId;
use easy_crm_domain::upsert::StoredLead;
use jiff::Timestamp;
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};
use tokio::sync::mpsc;

use super::AwsError;
use super::items::{FEED_SHARDS, LeadItem, sortable};
use super::tables::CHANGE_FEED_INDEX;

/// The leads table.
#[derive(Debug, Clone)]
pub struct Leads {
    client: Client,
    table: String,
}

/// The result of a conditional write.
#[derive(Debug)]
pub enum WriteResult {
    /// It was written.
    Written,
    /// Something else has been written meanwhile.
    Overtaken(StoredItem),
}

/// What is stored under an id.
#[derive(Debug)]
pub enum StoredItem {
    /// Nothing (any more).
    Nothing,
    /// This lead.
    Lead(Box<StoredLead>),
    /// A reference to the lead that was manually given this id's address.
    Alias(LeadId),
}

impl Leads {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Writes a lead if the table still holds what was read: the lead `read`, or nothing.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn write(&self, lead: StoredLead, read: Option<&StoredLead>) -> Result<WriteResult, AwsError> {
        const PUT: &str = "DynamoDB PutItem lead";
        let item = to_item(LeadItem::new(lead))
            .map_err(|_| AwsError::malformed(PUT, "lead cannot be stored as an item"))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match read {
            None => put.condition_expression("attribute_not_exists(leadId)"),
            // A lead from an older deployment has no order yet.
            Some(read) if read.order.is_empty() => {
                put.condition_expression("attribute_exists(leadId) AND attribute_not_exists(rowOrder)")
            }
            // A row that comes late changes a lead without changing its order, but not without changing its feed time.
            Some(read) => put
                .condition_expression(
                    "rowOrder = :order AND (attribute_not_exists(changedAt) OR changedAt = :changed)",
                )
                .expression_attribute_values(":order", AttributeValue::S(read.order.as_str().to_owned()))
                .expression_attribute_values(":changed", AttributeValue::S(sortable(read.changed_at))),
        };
        match put.send().await {
            Ok(_) => Ok(WriteResult::Written),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(WriteResult::Overtaken(stored_item(failed.item.clone(), PUT)?))
                }
                _ => Err(AwsError::new(PUT, &error)),
            },
        }
    }

    /// What is stored under an id.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn get(&self, lead_id: LeadId) -> Result<StoredItem, AwsError> {
        const GET: &str = "DynamoDB GetItem lead";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("leadId", AttributeValue::S(lead_id.to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AwsError::new(GET, &error))?;
        stored_item(found.item, GET)
    }

    /// Sends every lead written at or after `since`, page by page as they arrive, in no particular order.
    ///
    /// # Errors
    /// When a query fails after the SDK's retries.
    pub async fn changes_since(
        &self,
        since: Timestamp,
        pages_to: mpsc::Sender<Vec<StoredLead>>,
    ) -> Result<(), AwsError> {
        const QUERY: &str = "DynamoDB Query ChangeFeedIndex";
        let shards = (0..FEED_SHARDS).map(|shard| {
            let mut pages = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(CHANGE_FEED_INDEX)
                .key_condition_expression("feedShard = :shard AND changedAt >= :since")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
                .expression_attribute_values(":since", AttributeValue::S(sortable(since)))
                .into_paginator()
                .send();
            let pages_to = pages_to.clone();
            async move {
                while let Some(answer) = pages.next().await {
                    let answer = answer.map_err(|error| AwsError::new(QUERY, &error))?;
                    let items = answer.items.unwrap_or_default();
                    let leads: Vec<_> =
                        items.into_iter().map(|item| stored(item, QUERY)).collect::<Result<_, _>>()?;
                    if pages_to.send(leads).await.is_err() {
                        return Err(AwsError::malformed(QUERY, "the receiver of the pages is gone"));
                    }
                }
                Ok(())
            }
        });
        futures::future::try_join_all(shards).await?;
        Ok(())
    }
}

type Item = std::collections::HashMap<String, AttributeValue>;

fn stored_item(item: Option<Item>, operation: &'static str) -> Result<StoredItem, AwsError> {
    let Some(item) = item.filter(|item| !item.is_empty()) else { return Ok(StoredItem::Nothing) };
    match item.get("aliasOf") {
        None => Ok(StoredItem::Lead(Box::new(stored(item, operation)?))),
        Some(target) => {
            let target = target.as_s().ok().and_then(|id| LeadId::parse(id));
            target
                .map(StoredItem::Alias)
                .ok_or_else(|| AwsError::malformed(operation, "attribute aliasOf is not an id"))
        }
    }
}

fn stored(item: Item, operation: &'static str) -> Result<StoredLead, AwsError> {
    let item: LeadItem = from_item(item).map_err(|_| AwsError::malformed(operation, "item is not a lead"))?;
    item.into_stored()
        .map_err(|attribute| AwsError::malformed(operation, format!("attribute {attribute} is malformed")))
}
