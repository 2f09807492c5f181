//! The lead list that a warm function keeps: the columnar index, filled once from a snapshot and the change feed and
//! kept fresh from the feed.
//!
//! No request scans the table. A refresh reads the feed from a little before the last one, because a write becomes
//! visible a moment after its timestamp; now and then one reads from further back, for slow writes. Applying a change
//! twice does nothing. Work on the index runs on separate threads: with a million leads it takes longer than other
//! requests should wait.

use std::sync::{Arc, PoisonError, RwLock};

use easy_crm_domain::lead_index::snapshot::SnapshotError;
use easy_crm_domain::lead_index::{IndexedLead, LeadChange, LeadIndex};
use easy_crm_domain::upsert::StoredLead;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, mpsc};

use crate::aws::AwsError;
use crate::aws::leads::Leads;
use crate::aws::snapshots::Snapshots;

/// A list no older than this is fresh enough for a request that does not ask for a newer one.
const FRESH_ENOUGH: SignedDuration = SignedDuration::from_millis(1_000);
/// How far back every refresh reads.
const OVERLAP: SignedDuration = SignedDuration::from_secs(3);
/// How far back thorough refreshes read, and how often they run.
const THOROUGH_OVERLAP: SignedDuration = SignedDuration::from_secs(90);
const THOROUGH_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// An index or snapshot older than this is discarded. A deleted lead's item is kept for 30 days and then removed: a
/// list that misses all of those days would show the lead for ever.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(20 * 24);

/// Maximum number of feed pages waiting to be applied; each is up to 1 MB.
const PAGES_WAITING: usize = 4;

/// The list and how fresh it is.
#[derive(Debug)]
pub struct LeadList {
    leads: Leads,
    snapshots: Snapshots,
    index: Arc<RwLock<LeadIndex>>,
    freshness: Mutex<Option<Freshness>>,
}

#[derive(Debug, Clone, Copy)]
struct Freshness {
    as_of: Timestamp,
    thorough_as_of: Timestamp,
}

/// The list could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The feed or the bucket failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// Work on the index panicked; the next request rebuilds it.
    #[error("work on the lead index broke off")]
    BrokenOff,
    /// The index could not be written.
    #[error("the snapshot could not be written: {0}")]
    Snapshot(#[from] std::io::Error),
}

/// A snapshot that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenSnapshot {
    /// Leads in it.
    pub leads: usize,
    /// Bytes of the file.
    pub bytes: usize,
    /// The snapshot contains every change up to this time.
    pub as_of: Timestamp,
}

impl LeadList {
    pub(crate) fn new(leads: Leads, snapshots: Snapshots) -> Self {
        Self { leads, snapshots, index: Arc::default(), freshness: Mutex::new(None) }
    }

    /// Works on the index, which then contains every change up to the returned time. `at_least` asks for a minimum
    /// freshness; future times are treated as now.
    ///
    /// # Errors
    /// When the feed cannot be read, or the work panics.
    pub async fn read<T: Send + 'static>(
        &self,
        now: Timestamp,
        at_least: Option<Timestamp>,
        work: impl FnOnce(&LeadIndex) -> T + Send + 'static,
    ) -> Result<(T, Timestamp), ListError> {
        let as_of = self.refresh(now, at_least.map(|time| time.min(now))).await?.as_of;
        Ok((self.on_index(work).await?, as_of))
    }

    /// Writes a snapshot of the current list for cold starts, and removes snapshots that are no longer needed. Several
    /// writers may run at a time: the snapshot that contains most is used, whoever finishes last.
    ///
    /// # Errors
    /// When the feed cannot be read or the file cannot be stored.
    pub async fn write_snapshot(&self, now: Timestamp) -> Result<WrittenSnapshot, ListError> {
        let (written, _) = self.write(now).await?;
        self.snapshots.remove_older().await?;
        Ok(written)
    }

    /// Writes a snapshot; also returns its key.
    async fn write(&self, now: Timestamp) -> Result<(WrittenSnapshot, String), ListError> {
        let as_of = self.refresh(now, Some(now)).await?.thorough_as_of;
        let position_ms = as_of.as_millisecond();
        let written = self.on_index(move |index| {
            let mut file = Vec::new();
            index.write_snapshot(position_ms, &mut file).map(|()| (file, index.len()))
        });
        let (file, leads) = written.await??;
        let bytes = file.len();
        let key = self.snapshots.put(as_of, file).await?;
        tracing::info!(leads, bytes, "snapshot of the lead list written");
        Ok((WrittenSnapshot { leads, bytes, as_of }, key))
    }

    /// If there are snapshots, writes one of the current list and removes all others, which contain what was erased.
    ///
    /// # Errors
    /// When the feed cannot be read or the file cannot be stored.
    pub async fn renew_snapshots(&self, now: Timestamp) -> Result<(), ListError> {
        let kept = if self.snapshots.exist().await? { Some(self.write(now).await?.1) } else { None };
        Ok(self.snapshots.remove_all_but(kept.as_deref()).await?)
    }

    async fn on_index<T: Send + 'static>(
        &self,
        work: impl FnOnce(&LeadIndex) -> T + Send + 'static,
    ) -> Result<T, ListError> {
        let index = Arc::clone(&self.index);
        run_blocking(move || index.read().map(|index| work(&index)).map_err(|_| ListError::BrokenOff)).await?
    }

    async fn replace(&self, new: LeadIndex) -> Result<(), ListError> {
        let index = Arc::clone(&self.index);
        run_blocking(move || {
            *index.write().unwrap_or_else(PoisonError::into_inner) = new;
            index.clear_poison();
        })
        .await
    }

    async fn refresh(&self, now: Timestamp, at_least: Option<Timestamp>) -> Result<Freshness, ListError> {
        // Held while the feed is read: requests that arrive meanwhile wait for this refresh and share it.
        let mut freshness = self.freshness.lock().await;
        if self.index.is_poisoned()
            || freshness.is_some_and(|last| now.duration_since(last.as_of) > LONGEST_GAP)
        {
            *freshness = None;
        }
        if let Some(last) = *freshness {
            let is_old = now.duration_since(last.as_of) > FRESH_ENOUGH;
            if !is_old && at_least.is_none_or(|time| time <= last.as_of) {
                return Ok(last);
            }
        }
        let known = match *freshness {
            Some(last) => Some(last),
            None => self.start(now).await?,
        };
        let is_thorough = known.is_none_or(|last| now.duration_since(last.thorough_as_of) > THOROUGH_EVERY);
        let since = match known {
            None => Timestamp::UNIX_EPOCH,
            Some(last) if is_thorough => last.thorough_as_of - THOROUGH_OVERLAP,
            Some(last) => last.as_of - OVERLAP,
        };
        self.apply_feed(since).await?;
        let thorough_as_of = known.filter(|_| !is_thorough).map_or(now, |last| last.thorough_as_of);
        let reached = Freshness { as_of: now, thorough_as_of };
        *freshness = Some(reached);
        Ok(reached)
    }

    async fn apply_feed(&self, since: Timestamp) -> Result<(), ListError> {
        let (pages_to, mut pages) = mpsc::channel::<Vec<StoredLead>>(PAGES_WAITING);
        let apply = async {
            while let Some(page) = pages.recv().await {
                if page.is_empty() {
                    continue;
                }
                let index = Arc::clone(&self.index);
                let applied = run_blocking(move || match index.write() {
                    Ok(mut index) => {
                        index.apply_all(page.into_iter().map(change));
                        Ok(())
                    }
                    Err(_) => Err(ListError::BrokenOff),
                });
                applied.await??;
            }
            Ok(())
        };
        let read = async { Ok(self.leads.changes_since(since, pages_to).await?) };
        futures::try_join!(read, apply).map(|_| ())
    }

    /// Fills the index from the newest readable snapshot; without one it is empty.
    async fn start(&self, now: Timestamp) -> Result<Option<Freshness>, ListError> {
        match self.read_newest_snapshot(now).await {
            Ok(Some((index, as_of))) => {
                self.replace(index).await?;
                Ok(Some(Freshness { as_of, thorough_as_of: as_of }))
            }
            without => {
                if let Err(error) = without {
                    tracing::warn!(%error, "no snapshot of the lead list could be used; the whole feed is read");
                }
                self.replace(LeadIndex::new()).await?;
                Ok(None)
            }
        }
    }

    async fn read_newest_snapshot(
        &self,
        now: Timestamp,
    ) -> Result<Option<(LeadIndex, Timestamp)>, StartError> {
        let Some(file) = self.snapshots.newest().await? else { return Ok(None) };
        let bytes = file.len();
        let (index, position_ms) = run_blocking(move || LeadIndex::read_snapshot(&file))
            .await
            .map_err(|_| StartError::BrokenOff)??;
        let as_of = Timestamp::from_millisecond(position_ms).map_err(|_| SnapshotError::Damaged)?;
        if as_of > now || now.duration_since(as_of) > LONGEST_GAP {
            return Err(StartError::OutOfDate);
        }
        tracing::info!(leads = index.len(), bytes, "lead list started from a snapshot");
        Ok(Some((index, as_of)))
    }
}

/// Why no snapshot is used at the start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("the newest snapshot is too old or from the future")]
    OutOfDate,
    #[error("reading it broke off")]
    BrokenOff,
}

/// Runs long work on a separate thread.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ListError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ListError::BrokenOff)
}

fn change(lead: StoredLead) -> LeadChange {
    let (lead_id, changed_at_ms) = (lead.lead_id.uuid(), lead.changed_at.as_millisecond());
    if lead.deleted_at.is_some() {
        return LeadChange::Delete { lead_id, changed_at_ms };
    }
    LeadChange::Upsert(IndexedLead {
        lead_id,
        upload_id: lead.order.upload_id().unwrap_or_default().to_owned(),
        values: lead.values,
        source_file: lead.source_file,
        created_at_ms: lead.created_at.as_millisecond(),
        position: lead.position,
        updated_at_ms: lead.updated_at.as_millisecond(),
        changed_at_ms,
    })
}
