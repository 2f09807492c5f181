//! Saved views in the app-state table, each user's in a separate partition.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_shared::views::View;
use serde::{Deserialize, Serialize};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use super::AwsError;

/// The saved views.
#[derive(Debug, Clone)]
pub struct Views {
    client: Client,
    table: String,
}

/// A view as stored in the table. The state is stored as text, because an item would not keep every number exactly.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewItem {
    pk: String,
    sk: String,
    name: String,
    state: String,
    updated_at: String,
}

fn partition(user: &str) -> String {
    format!("views#{user}")
}

impl Views {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// A user's views, by name.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn list(&self, user: &str) -> Result<Vec<View>, AwsError> {
        const QUERY: &str = "DynamoDB Query views";
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition(user)))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut views = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::new(QUERY, &error))?;
            for item in page.items.unwrap_or_default() {
                let item: ViewItem =
                    from_item(item).map_err(|_| AwsError::malformed(QUERY, "item is not a view"))?;
                let state = serde_json::from_str(&item.state)
                    .map_err(|_| AwsError::malformed(QUERY, "state is not JSON"))?;
                views.push(View { view_id: item.sk, name: item.name, state, updated_at: item.updated_at });
            }
        }
        views.sort_by(|a, b| (a.name.to_lowercase(), &a.view_id).cmp(&(b.name.to_lowercase(), &b.view_id)));
        Ok(views)
    }

    /// Saves a view, replacing the one with its id.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put(&self, user: &str, view: &View) -> Result<(), AwsError> {
        const PUT: &str = "DynamoDB PutItem view";
        let item = ViewItem {
            pk: partition(user),
            sk: view.view_id.clone(),
            name: view.name.clone(),
            state: view.state.to_string(),
            updated_at: view.updated_at.clone(),
        };
        let item = to_item(item).map_err(|_| AwsError::malformed(PUT, "view cannot be stored as an item"))?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map_err(|error| AwsError::new(PUT, &error))?;
        Ok(())
    }

    /// Deletes a view.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn delete(&self, user: &str, view_id: &str) -> Result<(), AwsError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(partition(user)))
            .key("sk", AttributeValue::S(view_id.to_owned()))
            .send()
            .await
            .map_err(|error| AwsError::new("DynamoDB DeleteItem view", &error))?;
        Ok(())
    }
}
