//! Leads by their address, through `EmailIndex`.
//!
//! The index is only eventually consistent: leads it does not show may exist, and those it shows may be outdated.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::upsert::StoredLead;

use super::{Item, Leads, stored};
use crate::aws::AwsError;
use crate::aws::tables::EMAIL_INDEX;

/// Maximum number of partition key values in an `IN` list.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html>
pub const EMAILS_AT_ONCE: usize = 50;

impl Leads {
    /// All leads with an address in `EmailIndex`.
    ///
    /// # Errors
    /// When the query fails after the SDK's retries.
    pub async fn all_with_email(&self, email: &NormalizedEmail) -> Result<Vec<StoredLead>, AwsError> {
        const QUERY: &str = "DynamoDB Query EmailIndex";
        let items = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(EMAIL_INDEX)
            .key_condition_expression("email = :email")
            .expression_attribute_values(":email", AttributeValue::S(email.as_str().to_owned()))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<Item>, _>>()
            .await
            .map_err(|error| AwsError::new(QUERY, &error))?;
        items.into_iter().map(|item| stored(item, QUERY)).collect()
    }

    /// Finds the lead with an address. If there are several, the oldest is returned.
    ///
    /// # Errors
    /// When the query fails after the SDK's retries.
    pub async fn find_by_email(&self, email: &NormalizedEmail) -> Result<Option<StoredLead>, AwsError> {
        Ok(self.all_with_email(email).await?.into_iter().min_by_key(age))
    }

    /// Finds the leads with any of some addresses, in one call. If several share an address, the oldest is returned;
    /// addresses without a lead are missing from the result.
    ///
    /// # Errors
    /// When the statement fails after the SDK's retries, also for more than [`EMAILS_AT_ONCE`] addresses.
    pub async fn find_by_emails(
        &self,
        emails: &[NormalizedEmail],
    ) -> Result<BTreeMap<NormalizedEmail, StoredLead>, AwsError> {
        const SELECT: &str = "DynamoDB ExecuteStatement EmailIndex";
        let places = vec!["?"; emails.len()].join(",");
        let select = self
            .client
            .execute_statement()
            // With a sort order DynamoDB reads it address by address, never by a scan.
            .statement(format!(
                r#"SELECT * FROM "{}"."{EMAIL_INDEX}" WHERE "email" IN [{places}] ORDER BY "email""#,
                self.table
            ))
            .set_parameters(Some(
                emails.iter().map(|email| AttributeValue::S(email.as_str().to_owned())).collect(),
            ));
        let mut items = Vec::new();
        let mut page = None;
        loop {
            let answer = select.clone().set_next_token(page).send().await;
            let answer = answer.map_err(|error| AwsError::new(SELECT, &error))?;
            items.extend(answer.items.unwrap_or_default());
            page = answer.next_token;
            if page.is_none() {
                break;
            }
        }
        oldest(items, SELECT)
    }
}

/// Ranks leads with the same address: those that are not deleted before those that are, then the oldest first.
fn age(lead: &StoredLead) -> impl Ord + use<> {
    (lead.deleted_at.is_some(), lead.created_at, lead.lead_id)
}

/// The oldest lead of each address.
fn oldest(
    items: Vec<Item>,
    operation: &'static str,
) -> Result<BTreeMap<NormalizedEmail, StoredLead>, AwsError> {
    let mut found: BTreeMap<NormalizedEmail, StoredLead> = BTreeMap::new();
    for item in items {
        let lead = stored(item, operation)?;
        let email = NormalizedEmail::parse(&lead.values.email)
            .ok_or_else(|| AwsError::malformed(operation, "a lead in EmailIndex has no email address"))?;
        match found.get(&email) {
            Some(before) if age(before) <= age(&lead) => {}
            _ => drop(found.insert(email, lead)),
        }
    }
    Ok(found)
}
