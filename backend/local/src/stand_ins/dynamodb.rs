//! DynamoDB: `dynoxide` on an SQLite file. It has no port, because its own HTTP server checks no signatures and would
//! hand the leads to any web page.

use std::path::Path;

use dynoxide::{Database, DynoxideError};
use easy_crm_lambdas::aws::tables::{self, TableShape};
use easy_crm_lambdas::config::Config;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Why the database could not be opened or set up.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database failed.
    #[error("the local database failed: {0}")]
    Database(#[from] DynoxideError),
    /// One of our requests was not what the database expects.
    #[error("a request to the local database could not be built: {0}")]
    Request(#[from] serde_json::Error),
    /// The data folder's path cannot be passed to SQLite.
    #[error("the data folder's path is not valid UTF-8")]
    Path,
}

/// A response in DynamoDB's JSON protocol.
pub(crate) struct JsonAnswer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// SQS repeats the error code in terms of its older protocol, and that is the one the SDK reads.
    pub(crate) query_error: Option<String>,
}

/// The local DynamoDB. Cheap to clone.
#[derive(Clone)]
pub(crate) struct DynamoDb {
    database: Database,
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DynamoDb")
    }
}

impl DynamoDb {
    /// Opens the database and creates missing tables.
    ///
    /// # Errors
    /// When the file cannot be opened or a table cannot be created.
    pub(crate) fn open(file: &Path, config: &Config) -> Result<Self, DatabaseError> {
        let database = Database::new(file.to_str().ok_or(DatabaseError::Path)?)?;
        // Sets synchronous=NORMAL: with the default every write waits for the disk (300 per second).
        database.disable_bulk_loading()?;
        let tables = [
            (&config.leads_table, tables::LEADS),
            (&config.status_table, tables::STATUS),
            (&config.app_state_table, tables::APP_STATE),
        ];
        for (name, shape) in tables {
            create_table(&database, name, &shape)?;
        }
        Ok(Self { database })
    }

    /// Deletes expired items, which DynamoDB does on its own but the embedded database does not.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn sweep_expired(&self) -> Result<usize, DatabaseError> {
        Ok(self.database.sweep_ttl()?)
    }

    /// The response of `DescribeTable` for a table; null if there is none. Blocks.
    pub(crate) fn describe(&self, table: &str) -> Value {
        let body = json!({ "TableName": table }).to_string();
        let answer = self.call("DescribeTable", body.as_bytes());
        serde_json::from_str::<Value>(&answer.body).map(|answer| answer["Table"].clone()).unwrap_or_default()
    }

    /// Serves one call of the JSON protocol. Blocks; run it where that is allowed.
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> JsonAnswer {
        match self.dispatch(operation, body) {
            Ok(body) => JsonAnswer { status: 200, body, query_error: None },
            Err(error) => {
                JsonAnswer { status: error.status_code(), body: error.to_json(), query_error: None }
            }
        }
    }

    fn dispatch(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let db = &self.database;
        match operation {
            "PutItem" => answer(body, |request| db.put_item(request)),
            "GetItem" => answer(body, |request| db.get_item(request)),
            "UpdateItem" => answer(body, |request| db.update_item(request)),
            "DeleteItem" => answer(body, |request| db.delete_item(request)),
            "Query" => answer(body, |request| db.query(request)),
            "Scan" => answer(body, |request| db.scan(request)),
            "BatchGetItem" => answer(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => answer(body, |request| db.batch_write_item(request)),
            "ExecuteStatement" => answer(body, |request| db.execute_statement(request)),
            "TransactWriteItems" => answer(body, |request| db.transact_write_items(request)),
            "TransactGetItems" => answer(body, |request| db.transact_get_items(request)),
            "CreateTable" => answer(body, |request| db.create_table(request)),
            "DeleteTable" => answer(body, |request| db.delete_table(request)),
            "DescribeTable" => answer(body, |request| db.describe_table(request)),
            "ListTables" => answer(body, |request| db.list_tables(request)),
            "UpdateTimeToLive" => answer(body, |request| db.update_time_to_live(request)),
            "DescribeTimeToLive" => answer(body, |request| db.describe_time_to_live(request)),
            _ => Err(DynoxideError::ValidationException(format!("{operation} is not supported here"))),
        }
    }
}

fn answer<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_slice(body)
        .map_err(|error| DynoxideError::SerializationException(error.to_string()))?;
    serde_json::to_string(&operation(request)?)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn create_table(database: &Database, name: &str, shape: &TableShape) -> Result<(), DatabaseError> {
    let request: dynoxide::actions::create_table::CreateTableRequest =
        serde_json::from_value(create_table_request(name, shape))?;
    match database.create_table(request) {
        Ok(_) => {}
        // The table already exists from an earlier run.
        Err(DynoxideError::ResourceInUseException(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if let Some(attribute) = shape.ttl_attribute {
        database.update_time_to_live(serde_json::from_value(json!({
            "TableName": name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        }))?)?;
    }
    Ok(())
}

/// The `CreateTable` request of a shape.
fn create_table_request(name: &str, shape: &TableShape) -> Value {
    let mut attributes: Vec<&str> = vec![shape.partition_key];
    attributes.extend(shape.sort_key);
    for index in shape.indexes {
        attributes.push(index.partition_key);
        attributes.extend(index.sort_key);
    }
    attributes.sort_unstable();
    attributes.dedup();
    let indexes: Vec<Value> = shape
        .indexes
        .iter()
        .map(|index| {
            json!({
                "IndexName": index.name,
                "KeySchema": key_schema(index.partition_key, index.sort_key),
                "Projection": { "ProjectionType": "ALL" },
            })
        })
        .collect();
    let mut request = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key_schema(shape.partition_key, shape.sort_key),
        "AttributeDefinitions": attributes
            .iter()
            .map(|attribute| json!({ "AttributeName": attribute, "AttributeType": "S" }))
            .collect::<Vec<_>>(),
    });
    if !indexes.is_empty() {
        request["GlobalSecondaryIndexes"] = Value::Array(indexes);
    }
    request
}

fn key_schema(partition_key: &str, sort_key: Option<&str>) -> Vec<Value> {
    let mut schema = vec![json!({ "AttributeName": partition_key, "KeyType": "HASH" })];
    schema.extend(sort_key.map(|key| json!({ "AttributeName": key, "KeyType": "RANGE" })));
    schema
}
