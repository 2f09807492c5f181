//! The queues' SQL: the schema, and statements used in more than one place.

use rusqlite::{Row, Transaction, params};
use uuid::Uuid;

use super::{Message, NewMessage, Redrive};

pub(super) const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes_json TEXT NOT NULL,
        sent_at_ms INTEGER NOT NULL,
        visible_at_ms INTEGER NOT NULL,
        first_received_at_ms INTEGER,
        receive_count INTEGER NOT NULL DEFAULT 0,
        receipt_handle TEXT
    );
    CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at_ms);
    CREATE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt_handle) WHERE receipt_handle IS NOT NULL;
    CREATE TABLE IF NOT EXISTS announced_objects (object_key TEXT PRIMARY KEY) WITHOUT ROWID;
";

pub(super) fn insert(
    transaction: &Transaction<'_>,
    queue: &str,
    message: &NewMessage,
    now_ms: i64,
) -> Result<String, rusqlite::Error> {
    let message_id = Uuid::new_v4().to_string();
    let delay_ms = i64::try_from(message.delay.as_millis()).unwrap_or(0);
    transaction
        .prepare_cached(
            "INSERT INTO messages (queue, message_id, body, attributes_json, sent_at_ms, visible_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            queue,
            message_id,
            message.body,
            message.attributes_json.as_deref().unwrap_or("{}"),
            now_ms,
            now_ms + delay_ms,
        ])?;
    Ok(message_id)
}

pub(super) fn move_dead(
    transaction: &Transaction<'_>,
    queue: &str,
    redrive: &Redrive,
    now_ms: i64,
) -> Result<Vec<String>, rusqlite::Error> {
    transaction
        .prepare_cached(
            "UPDATE messages SET queue = ?2, visible_at_ms = ?3, receipt_handle = NULL
             WHERE queue = ?1 AND visible_at_ms <= ?3 AND receive_count >= ?4 RETURNING message_id",
        )?
        .query_map(params![queue, redrive.dead_letter_queue, now_ms, redrive.max_receives], |row| row.get(0))?
        .collect()
}

pub(super) fn read(row: &Row<'_>, now_ms: i64) -> Result<(i64, Message), rusqlite::Error> {
    let first_received_at_ms: Option<i64> = row.get(5)?;
    let receive_count: u32 = row.get(6)?;
    Ok((
        row.get(0)?,
        Message {
            message_id: row.get(1)?,
            body: row.get(2)?,
            attributes_json: row.get(3)?,
            sent_at_ms: row.get(4)?,
            first_received_at_ms: first_received_at_ms.unwrap_or(now_ms),
            receive_count: receive_count + 1,
            receipt_handle: Uuid::new_v4().to_string(),
        },
    ))
}
