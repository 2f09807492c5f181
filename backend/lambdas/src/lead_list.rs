//! The lead list a warm function keeps: the columnar index, filled once from the change feed and kept fresh from it.
//!
//! No request scans the table. A refresh reads the feed from a little before the last one, because a write becomes
//! visible a moment after the time it carries; now and then one reads from further back, for writes that took long.
//! Applying a change twice does nothing.

use easy_crm_domain::lead_index::{IndexedLead, LeadChange, LeadIndex};
use easy_crm_domain::upsert::StoredLead;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, RwLock, RwLockReadGuard, mpsc};

use crate::aws::AwsError;
use crate::aws::leads::Leads;

/// A list this old is good enough for a request that asks for nothing newer.
const FRESH_ENOUGH: SignedDuration = SignedDuration::from_millis(1_000);
/// How far back every refresh reads.
const OVERLAP: SignedDuration = SignedDuration::from_secs(3);
/// How far back the thorough refreshes read, and how often they come.
const THOROUGH_OVERLAP: SignedDuration = SignedDuration::from_secs(90);
const THOROUGH_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// Pages of the feed that may wait to be applied; each holds up to 1 MB.
const PAGES_WAITING: usize = 4;

/// The list and how fresh it is.
#[derive(Debug)]
pub struct LeadList {
    leads: Leads,
    index: RwLock<LeadIndex>,
    freshness: Mutex<Option<Freshness>>,
}

#[derive(Debug, Clone, Copy)]
struct Freshness {
    as_of: Timestamp,
    thorough_as_of: Timestamp,
}

impl LeadList {
    pub(crate) fn new(leads: Leads) -> Self {
        Self { leads, index: RwLock::new(LeadIndex::new()), freshness: Mutex::new(None) }
    }

    /// The index, holding every change up to the time given back. `at_least` asks for a certain freshness; times to
    /// come are taken for now.
    ///
    /// # Errors
    /// When the feed cannot be read.
    pub async fn read(
        &self,
        now: Timestamp,
        at_least: Option<Timestamp>,
    ) -> Result<(RwLockReadGuard<'_, LeadIndex>, Timestamp), AwsError> {
        let as_of = self.refresh(now, at_least.map(|time| time.min(now))).await?;
        Ok((self.index.read().await, as_of))
    }

    async fn refresh(&self, now: Timestamp, at_least: Option<Timestamp>) -> Result<Timestamp, AwsError> {
        // Held while the feed is read: requests that come meanwhile wait for this refresh and share it.
        let mut freshness = self.freshness.lock().await;
        let since = match *freshness {
            None => Timestamp::UNIX_EPOCH,
            Some(last) => {
                let old = now.duration_since(last.as_of) > FRESH_ENOUGH;
                let behind = at_least.is_some_and(|time| time > last.as_of);
                if !old && !behind {
                    return Ok(last.as_of);
                }
                if now.duration_since(last.thorough_as_of) > THOROUGH_EVERY {
                    last.thorough_as_of - THOROUGH_OVERLAP
                } else {
                    last.as_of - OVERLAP
                }
            }
        };
        let thorough_as_of = match *freshness {
            Some(last) if now.duration_since(last.thorough_as_of) <= THOROUGH_EVERY => last.thorough_as_of,
            _ => now,
        };
        let (pages_to, mut pages) = mpsc::channel::<Vec<StoredLead>>(PAGES_WAITING);
        let apply = async {
            while let Some(page) = pages.recv().await {
                if !page.is_empty() {
                    self.index.write().await.apply_all(page.into_iter().map(change));
                }
            }
        };
        let (read, ()) = futures::join!(self.leads.changes_since(since, pages_to), apply);
        read?;
        *freshness = Some(Freshness { as_of: now, thorough_as_of });
        Ok(now)
    }
}

fn change(lead: StoredLead) -> LeadChange {
    let (lead_id, changed_at_ms) = (lead.lead_id.uuid(), lead.changed_at.as_millisecond());
    if lead.deleted_at.is_some() {
        return LeadChange::Delete { lead_id, changed_at_ms };
    }
    LeadChange::Upsert(IndexedLead {
        lead_id,
        values: lead.values,
        source_file: lead.source_file,
        created_at_ms: lead.created_at.as_millisecond(),
        updated_at_ms: lead.updated_at.as_millisecond(),
        changed_at_ms,
    })
}
