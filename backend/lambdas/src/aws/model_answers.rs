//! A language model's answers, in the app-state table: answers about layouts, which every file with the same headers
//! reuses, and decisions about one upload or one batch, so that a redelivery decides the same.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::AwsError;

/// How long an answer about a layout is valid, in seconds: 30 days.
const LAYOUT_SECONDS: i64 = 30 * 24 * 3600;
/// How long a decision is kept, in seconds: longer than a status record lives or a message can stay in the queues.
const DECISION_SECONDS: i64 = 30 * 24 * 3600;

/// Answers and decisions in the app-state table.
#[derive(Debug, Clone)]
pub struct ModelAnswers {
    client: Client,
    table: String,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy)]
pub enum Decided<'a> {
    /// The columns of an upload's tables.
    Columns {
        /// The upload.
        upload_id: &'a str,
    },
    /// The rows of a batch.
    Rows {
        /// The upload.
        upload_id: &'a str,
        /// The batch's number.
        batch_index: u32,
    },
}

/// Partition of the list of decisions about rows.
const ROWS_LIST: &str = "model#rows";

/// Where a decision about a batch's rows is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRows {
    upload_id: String,
    batch_index: u32,
}

impl KeptRows {
    /// The upload the rows belong to.
    #[must_use]
    pub fn upload_id(&self) -> &str {
        &self.upload_id
    }

    fn about(&self) -> Decided<'_> {
        Decided::Rows { upload_id: &self.upload_id, batch_index: self.batch_index }
    }
}

impl Decided<'_> {
    fn keys(self) -> (String, String) {
        match self {
            Self::Columns { upload_id } => (format!("upload#{upload_id}"), "model#columns".to_owned()),
            Self::Rows { upload_id, batch_index } => {
                (format!("upload#{upload_id}"), format!("model#rows#{batch_index:08}"))
            }
        }
    }
}

impl ModelAnswers {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The answer about a layout, if one was stored in the last 30 days.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn layout<T: DeserializeOwned>(
        &self,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<Option<T>, AwsError> {
        self.get((layout_key(fingerprint), "answer".to_owned()), now).await
    }

    /// Stores an answer about a layout.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn keep_layout<T: Serialize>(
        &self,
        fingerprint: &str,
        answer: &T,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let ttl = now.as_second() + LAYOUT_SECONDS;
        let put = self.put((layout_key(fingerprint), "answer".to_owned()), Some(answer), ttl)?;
        apply(put).await.map(|_| ())
    }

    /// Locks a layout for some time, so that only one function asks about it; `false` if another holds the lock. The
    /// lock is not released: with an answer stored nobody needs it, and without one nobody should ask again at once.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn lock_layout(
        &self,
        fingerprint: &str,
        hold: Duration,
        now: Timestamp,
    ) -> Result<bool, AwsError> {
        let ttl = now.as_second() + i64::try_from(hold.as_secs()).unwrap_or(i64::MAX / 2);
        let put = self
            .put::<()>((layout_key(fingerprint), "lock".to_owned()), None, ttl)?
            .condition_expression("attribute_not_exists(pk) OR #ttl <= :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()));
        apply(put).await
    }

    /// The earlier decision, if any.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn decided<T: DeserializeOwned>(
        &self,
        about: Decided<'_>,
        now: Timestamp,
    ) -> Result<Option<T>, AwsError> {
        self.get(about.keys(), now).await
    }

    /// Settles a decision: the first one wins, and is returned.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn decide<T: Serialize + DeserializeOwned>(
        &self,
        about: Decided<'_>,
        decision: T,
        now: Timestamp,
    ) -> Result<T, AwsError> {
        const DECIDE: &str = "DynamoDB UpdateItem model decision";
        let said = serde_json::to_string(&decision)
            .map_err(|_| AwsError::malformed(DECIDE, "decision cannot be written as JSON"))?;
        self.list(about, now).await?;
        let (pk, sk) = about.keys();
        let stored = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .update_expression("SET said = :said, #ttl = :ttl")
            .condition_expression("attribute_not_exists(pk)")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":said", AttributeValue::S(said))
            .expression_attribute_values(
                ":ttl",
                AttributeValue::N((now.as_second() + DECISION_SECONDS).to_string()),
            )
            .send()
            .await;
        match stored {
            Ok(_) => Ok(decision),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                    Ok(self.decided(about, now).await?.unwrap_or(decision))
                }
                _ => Err(AwsError::new(DECIDE, &error)),
            },
        }
    }

    /// The places of all decisions about rows that may still exist.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn settled_rows(&self) -> Result<Vec<KeptRows>, AwsError> {
        const QUERY: &str = "DynamoDB Query model decisions";
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(ROWS_LIST.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut kept = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::new(QUERY, &error))?;
            for item in page.items.unwrap_or_default() {
                let text = item.get("sk").and_then(|sk| sk.as_s().ok());
                let entry = text.and_then(|sk| sk.rsplit_once('#')).and_then(|(upload_id, batch_index)| {
                    Some(KeptRows { upload_id: upload_id.to_owned(), batch_index: batch_index.parse().ok()? })
                });
                kept.push(entry.ok_or_else(|| AwsError::malformed(QUERY, "item does not name a batch"))?);
            }
        }
        Ok(kept)
    }

    /// A decision listed by [`ModelAnswers::settled_rows`], if it still exists.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn get_kept<T: DeserializeOwned>(
        &self,
        kept: &KeptRows,
        now: Timestamp,
    ) -> Result<Option<T>, AwsError> {
        self.get(kept.about().keys(), now).await
    }

    /// Replaces an existing decision; the expiry time stays that of the first.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn replace<T: Serialize>(&self, kept: &KeptRows, decision: &T) -> Result<(), AwsError> {
        const REPLACE: &str = "DynamoDB UpdateItem model decision";
        let said = serde_json::to_string(decision)
            .map_err(|_| AwsError::malformed(REPLACE, "decision cannot be written as JSON"))?;
        let (pk, sk) = kept.about().keys();
        let replaced = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .update_expression("SET said = :said")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":said", AttributeValue::S(said))
            .send()
            .await;
        match replaced {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // It has expired meanwhile.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(AwsError::new(REPLACE, &error)),
            },
        }
    }

    /// Lists a decision about rows before it is stored, so that it can be found without its upload.
    async fn list(&self, about: Decided<'_>, now: Timestamp) -> Result<(), AwsError> {
        let Decided::Rows { upload_id, batch_index } = about else { return Ok(()) };
        let keys = (ROWS_LIST.to_owned(), format!("{upload_id}#{batch_index:08}"));
        let put = self.put::<()>(keys, None, now.as_second() + DECISION_SECONDS)?;
        apply(put).await.map(|_| ())
    }

    async fn get<T: DeserializeOwned>(
        &self,
        (pk, sk): (String, String),
        now: Timestamp,
    ) -> Result<Option<T>, AwsError> {
        const GET: &str = "DynamoDB GetItem model answer";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AwsError::new(GET, &error))?;
        let Some(item) = found.item else { return Ok(None) };
        let expires = item.get("ttl").and_then(|ttl| ttl.as_n().ok()).and_then(|ttl| ttl.parse().ok());
        if expires.is_none_or(|ttl: i64| ttl <= now.as_second()) {
            return Ok(None);
        }
        let text = item.get("said").and_then(|said| said.as_s().ok()).map_or("", String::as_str);
        serde_json::from_str(text).map(Some).map_err(|_| AwsError::malformed(GET, "item is not an answer"))
    }

    fn put<T: Serialize>(
        &self,
        (pk, sk): (String, String),
        said: Option<&T>,
        ttl: i64,
    ) -> Result<PutItemFluentBuilder, AwsError> {
        let mut put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(pk))
            .item("sk", AttributeValue::S(sk))
            .item("ttl", AttributeValue::N(ttl.to_string()));
        if let Some(said) = said {
            let text = serde_json::to_string(said)
                .map_err(|_| AwsError::malformed(PUT, "answer cannot be written as JSON"))?;
            put = put.item("said", AttributeValue::S(text));
        }
        Ok(put)
    }
}

const PUT: &str = "DynamoDB PutItem model answer";

fn layout_key(fingerprint: &str) -> String {
    format!("layout#{fingerprint}")
}

/// Runs a put; `false` when its condition did not hold.
async fn apply(put: PutItemFluentBuilder) -> Result<bool, AwsError> {
    match put.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(AwsError::new(PUT, &error)),
        },
    }
}
