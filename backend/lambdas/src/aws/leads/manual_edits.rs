//! Writes for manual changes: marking leads deleted or restored, and changing several items at once.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use easy_crm_domain::identity::{LeadId, RowOrder};
use easy_crm_domain::upsert::StoredLead;
use jiff::Timestamp;
use serde_dynamo::aws_sdk_dynamodb_1::to_item;

use super::{Leads, WriteResult, stored_item};
use crate::aws::AwsError;
use crate::aws::items::{LeadItem, RESTORABLE_FOR, sortable};

/// A lead that a transaction replaces, provided it is still what was read.
#[derive(Debug)]
pub struct Replacement {
    /// The new version of the lead.
    pub lead: StoredLead,
    /// What was read.
    pub read: StoredLead,
    /// Whether the lead was deleted and must still be so.
    pub must_be_deleted: bool,
}

/// A mark has an order of its own, but the values keep theirs. A lead from an older deployment may have none.
const KEEP_VALUES_ORDER: &str = "valuesOrder = if_not_exists(valuesOrder, if_not_exists(rowOrder, :never))";

impl Leads {
    /// Marks a lead deleted if it exists, is not deleted and is older than `order`. `at` must be later than its last
    /// change.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn mark_deleted(
        &self,
        lead_id: LeadId,
        order: &RowOrder,
        at: Timestamp,
    ) -> Result<WriteResult, AwsError> {
        let ttl = at.as_second() + RESTORABLE_FOR.as_secs();
        let update = self
            .mark(lead_id, order, at)
            .update_expression(
                format!("SET deletedAt = :at, changedAt = :at, rowOrder = :order, #ttl = :ttl, {KEEP_VALUES_ORDER}"),
            )
            .condition_expression(
                "attribute_exists(leadId) AND attribute_not_exists(aliasOf) AND attribute_not_exists(deletedAt) \
                 AND (attribute_not_exists(changedAt) OR changedAt < :at) \
                 AND (attribute_not_exists(rowOrder) OR rowOrder < :order)",
            )
            .expression_attribute_values(":ttl", AttributeValue::N(ttl.to_string()));
        send(update).await
    }

    /// Removes a lead's deletion mark if it has one, kept its address and is older than `order`; with `undoes`, only if
    /// it was deleted with that order. `at` must be later than its last change.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn mark_restored(
        &self,
        lead_id: LeadId,
        order: &RowOrder,
        undoes: Option<&RowOrder>,
        at: Timestamp,
    ) -> Result<WriteResult, AwsError> {
        let is_older = if undoes.is_some() { "rowOrder = :undone" } else { "rowOrder < :order" };
        let mut update = self
            .mark(lead_id, order, at)
            .update_expression(format!(
                "SET changedAt = :at, rowOrder = :order, {KEEP_VALUES_ORDER} REMOVE deletedAt, #ttl"
            ))
            .condition_expression(format!(
                "attribute_exists(deletedAt) AND attribute_not_exists(releasedEmail) AND attribute_not_exists(erased) \
                 AND changedAt < :at AND {is_older}"
            ));
        if let Some(undone) = undoes {
            update =
                update.expression_attribute_values(":undone", AttributeValue::S(undone.as_str().to_owned()));
        }
        send(update).await
    }

    fn mark(&self, lead_id: LeadId, order: &RowOrder, at: Timestamp) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("leadId", AttributeValue::S(lead_id.to_string()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":at", AttributeValue::S(sortable(at)))
            .expression_attribute_values(":order", AttributeValue::S(order.as_str().to_owned()))
            .expression_attribute_values(":never", AttributeValue::S(String::new()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// Puts an alias of a lead where there is nothing; `false` if something has been stored there meanwhile.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put_alias(&self, at: LeadId, of: LeadId) -> Result<bool, AwsError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("leadId", AttributeValue::S(at.to_string()))
            .item("aliasOf", AttributeValue::S(of.to_string()))
            .condition_expression("attribute_not_exists(leadId)");
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(AwsError::new("DynamoDB PutItem alias", &error)),
            },
        }
    }

    /// Replaces leads and puts an alias where there is nothing, all or nothing; `false` if any of it has changed
    /// meanwhile or is being written to by others right now.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn replace_together(
        &self,
        replacements: Vec<Replacement>,
        alias: (LeadId, LeadId),
    ) -> Result<bool, AwsError> {
        const TRANSACT: &str = "DynamoDB TransactWriteItems leads";
        let built = |put: aws_sdk_dynamodb::types::builders::PutBuilder| {
            let put = put.build().map_err(|_| AwsError::malformed(TRANSACT, "a put is incomplete"))?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        let mut items = Vec::new();
        for Replacement { lead, read, must_be_deleted } in replacements {
            let item = to_item(LeadItem::new(lead))
                .map_err(|_| AwsError::malformed(TRANSACT, "lead cannot be stored as an item"))?;
            let deleted = if must_be_deleted { "exists" } else { "not_exists" };
            // A lead from an older deployment has no order yet.
            let put = Put::builder().table_name(&self.table).set_item(Some(item));
            items.push(built(if read.order.is_empty() {
                put.condition_expression(format!(
                    "attribute_exists(leadId) AND attribute_not_exists(rowOrder) AND attribute_{deleted}(deletedAt)"
                ))
            } else {
                put.condition_expression(format!(
                    "rowOrder = :order AND (attribute_not_exists(changedAt) OR changedAt = :changed) \
                     AND attribute_{deleted}(deletedAt)"
                ))
                .expression_attribute_values(":order", AttributeValue::S(read.order.as_str().to_owned()))
                .expression_attribute_values(":changed", AttributeValue::S(sortable(read.changed_at)))
            })?);
        }
        let (at, of) = alias;
        let put = Put::builder()
            .table_name(&self.table)
            .item("leadId", AttributeValue::S(at.to_string()))
            .item("aliasOf", AttributeValue::S(of.to_string()))
            .condition_expression("attribute_not_exists(leadId)");
        items.push(built(put)?);
        let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
        let Err(error) = sent else { return Ok(true) };
        let met_others = |error: &TransactWriteItemsError| match error {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                let codes = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
                codes
                    .clone()
                    .all(|code| matches!(code, "None" | "ConditionalCheckFailed" | "TransactionConflict"))
            }
            _ => false,
        };
        if error.as_service_error().is_some_and(met_others) {
            return Ok(false);
        }
        Err(AwsError::new(TRANSACT, &error))
    }
}

async fn send(update: UpdateItemFluentBuilder) -> Result<WriteResult, AwsError> {
    const UPDATE: &str = "DynamoDB UpdateItem lead";
    match update.send().await {
        Ok(_) => Ok(WriteResult::Written),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(WriteResult::Overtaken(stored_item(failed.item.clone(), UPDATE)?))
            }
            _ => Err(AwsError::new(UPDATE, &error)),
        },
    }
}
