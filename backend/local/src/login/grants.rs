//! What the login issues besides tokens: authorization codes (in memory, for minutes) and refresh tokens (on disk, as
//! hashes), and its record of failed sign-ins.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, OptionalExtension, params};

use crate::data_folder::{DataFolderError, random_token};

/// Lifetime of an authorization code in seconds.
const CODE_SECONDS: i64 = 5 * 60;
/// Lifetime of a refresh token in seconds: Cognito's default of 30 days.
const REFRESH_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Seconds during which a rotated refresh token may be reused, because the response that replaced it was lost.
const ROTATION_GRACE_SECONDS: i64 = 10;
/// Wrong passwords in a row before the user has to wait.
const FREE_FAILURES: u32 = 5;
/// How long the wait is, in seconds.
const WAIT_SECONDS: i64 = 30;
/// Maximum number of codes kept; the oldest are dropped first.
const MAX_CODES: usize = 1_000;

/// Why codes or refresh tokens could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// SQLite failed.
    #[error("the login's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// No randomness.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The task that uses SQLite ended early.
    #[error("the login's task ended early")]
    Interrupted,
}

/// What an authorization code was issued for.
#[derive(Debug, Clone)]
pub(super) struct CodeGrant {
    pub(super) email: String,
    pub(super) redirect_uri: String,
    /// `BASE64URL(SHA256(code_verifier))`.
    pub(super) code_challenge: String,
    pub(super) issued_at: i64,
}

/// A session that was continued with a refresh token.
#[derive(Debug)]
pub(super) struct Refreshed {
    pub(super) email: String,
    pub(super) auth_time: i64,
    pub(super) refresh_token: String,
}

/// Codes, refresh tokens and failures. Cheap to clone.
#[derive(Clone)]
pub(super) struct Grants {
    inner: Arc<Inner>,
}

struct Inner {
    codes: Mutex<HashMap<String, CodeGrant>>,
    failures: Mutex<HashMap<String, Failures>>,
    connection: Mutex<Connection>,
}

#[derive(Default)]
struct Failures {
    count: u32,
    last_at: i64,
}

impl Grants {
    pub(super) fn open(file: &Path) -> Result<Self, GrantError> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS refresh_tokens (
                 token_hash TEXT PRIMARY KEY,
                 family TEXT NOT NULL,
                 email TEXT NOT NULL,
                 auth_time INTEGER NOT NULL,
                 expires_at INTEGER NOT NULL,
                 rotated_at INTEGER
             ) WITHOUT ROWID;",
        )?;
        Ok(Self {
            inner: Arc::new(Inner {
                codes: Mutex::default(),
                failures: Mutex::default(),
                connection: Mutex::new(connection),
            }),
        })
    }

    /// Issues a code.
    pub(super) fn issue_code(&self, grant: CodeGrant) -> Result<String, GrantError> {
        let code = random_token(32)?;
        let mut codes = self.inner.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let now = grant.issued_at;
        codes.retain(|_, grant| now < grant.issued_at + CODE_SECONDS);
        if codes.len() >= MAX_CODES
            && let Some(oldest) =
                codes.iter().min_by_key(|(_, grant)| grant.issued_at).map(|(code, _)| code.clone())
        {
            codes.remove(&oldest);
        }
        codes.insert(hash(&code), grant);
        Ok(code)
    }

    /// Consumes a code; it cannot be used again, whatever the caller does with it.
    pub(super) fn take_code(&self, code: &str, now: i64) -> Option<CodeGrant> {
        let grant = self.inner.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(code))?;
        (now < grant.issued_at + CODE_SECONDS).then_some(grant)
    }

    /// Seconds until the user may try again, if they have to wait.
    pub(super) fn must_wait(&self, user: &str, now: i64) -> Option<i64> {
        let failures = self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = failures.get(user).filter(|failures| failures.count >= FREE_FAILURES)?;
        let seconds = failures.last_at + WAIT_SECONDS - now;
        (seconds > 0).then_some(seconds)
    }

    pub(super) fn note_failure(&self, user: &str, now: i64) {
        let mut failures = self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = failures.entry(user.to_owned()).or_default();
        failures.count += 1;
        failures.last_at = now;
    }

    pub(super) fn forget_failures(&self, user: &str) {
        self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(user);
    }

    /// Issues the first refresh token of a session.
    pub(super) async fn start_session(&self, email: String, now: i64) -> Result<String, GrantError> {
        let (token, family) = (random_token(32)?, random_token(12)?);
        let token_hash = hash(&token);
        self.with_connection(move |connection| {
            connection.execute("DELETE FROM refresh_tokens WHERE expires_at <= ?1", [now])?;
            insert(connection, &token_hash, &family, &email, now, now + REFRESH_SECONDS)
        })
        .await?;
        Ok(token)
    }

    /// Rotates a refresh token. If it was already rotated, it has been copied: its whole session ends.
    pub(super) async fn refresh(&self, token: &str, now: i64) -> Result<Option<Refreshed>, GrantError> {
        let old_hash = hash(token);
        let refresh_token = random_token(32)?;
        let new_hash = hash(&refresh_token);
        let session = self
            .with_connection(move |connection| {
                let transaction = connection.transaction()?;
                let found: Option<(String, String, i64, i64, Option<i64>)> = transaction
                    .query_row(
                        "SELECT family, email, auth_time, expires_at, rotated_at FROM refresh_tokens
                         WHERE token_hash = ?1",
                        [&old_hash],
                        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
                    )
                    .optional()?;
                let Some((family, email, auth_time, expires_at, rotated_at)) = found else { return Ok(None) };
                if rotated_at.is_some_and(|at| now > at + ROTATION_GRACE_SECONDS) {
                    transaction.execute("DELETE FROM refresh_tokens WHERE family = ?1", [&family])?;
                    transaction.commit()?;
                    tracing::warn!("a refresh token came twice; its session was ended");
                    return Ok(None);
                }
                if expires_at <= now {
                    return Ok(None);
                }
                transaction.execute(
                    "UPDATE refresh_tokens SET rotated_at = COALESCE(rotated_at, ?2) WHERE token_hash = ?1",
                    params![old_hash, now],
                )?;
                insert(&transaction, &new_hash, &family, &email, auth_time, expires_at)?;
                transaction.commit()?;
                Ok(Some((email, auth_time)))
            })
            .await?;
        Ok(session.map(|(email, auth_time)| Refreshed { email, auth_time, refresh_token }))
    }

    /// Ends the session a refresh token belongs to.
    pub(super) async fn revoke(&self, token: &str) -> Result<(), GrantError> {
        let token_hash = hash(token);
        self.with_connection(move |connection| {
            connection.execute(
                "DELETE FROM refresh_tokens WHERE family IN
                 (SELECT family FROM refresh_tokens WHERE token_hash = ?1)",
                [token_hash],
            )?;
            Ok(())
        })
        .await
    }

    async fn with_connection<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, GrantError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            Ok(work(&mut inner.connection.lock().unwrap_or_else(PoisonError::into_inner))?)
        })
        .await
        .map_err(|_| GrantError::Interrupted)?
    }
}

fn insert(
    connection: &Connection,
    token_hash: &str,
    family: &str,
    email: &str,
    auth_time: i64,
    expires_at: i64,
) -> Result<(), rusqlite::Error> {
    connection.execute(
        "INSERT INTO refresh_tokens (token_hash, family, email, auth_time, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![token_hash, family, email, auth_time, expires_at],
    )?;
    Ok(())
}

/// SHA-256 in base64url: how secrets are stored, and how PKCE derives the challenge from the verifier.
pub(super) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
