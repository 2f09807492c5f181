//! Writes rows about one person to the leads table: look, decide, write if nothing has changed meanwhile, else decide again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::{LeadId, RowFingerprint};
use easy_crm_domain::upsert::{Decision, IncomingLead, RowOutcome, StoredLead, decide};
use futures::{StreamExt, stream};

use crate::app::App;
use crate::audit::{self, LeadUpdate};
use crate::aws::AwsError;
use crate::aws::leads::by_email::EMAILS_AT_ONCE;
use crate::aws::leads::{StoredItem, WriteResult};
use crate::metrics::Metric;

/// Tries of one lead that competes with writers of the same lead. Each failed try means that another writer succeeded.
const TRIES: u32 = 50;
/// Concurrent calls that look up the leads of a batch.
const LOOKUPS_AT_ONCE: usize = 4;

/// Rows about one person, to be stored.
#[derive(Debug)]
pub(crate) struct RowsToWrite {
    /// The rows.
    pub(crate) lead: IncomingLead,
    /// Identifies a row without an address.
    pub(crate) identity: Option<RowIdentity>,
}

/// A row without an address: its cells, and how many equal rows precede it in the file.
#[derive(Debug)]
pub(crate) struct RowIdentity {
    pub(crate) fingerprint: RowFingerprint,
    pub(crate) ordinal: u32,
    /// The lead it names, if it comes from our own export.
    pub(crate) named: Option<LeadId>,
}

/// Stores the rows of one batch.
pub(crate) struct RowWriter<'a> {
    app: &'a App,
    batch_id: String,
    /// What the index showed for each looked-up address.
    looked_up: HashMap<NormalizedEmail, Option<StoredLead>>,
    lookup_micros: AtomicU64,
    lookup_errors: AtomicU64,
}

/// Where a row is tried: a lead found through the index or an alias, or the derived ids one after the other.
enum Target {
    /// `otherwise`: the generation to continue with if that lead has another address by now.
    Found {
        lead: Box<StoredLead>,
        otherwise: u32,
    },
    Derived {
        generation: u32,
    },
}

impl<'a> RowWriter<'a> {
    /// Looks up the leads with these addresses, many at a time. Addresses from a failed call are looked up one by one
    /// when their turn comes.
    pub(crate) async fn new(app: &'a App, batch_id: String, emails: &[NormalizedEmail]) -> Self {
        let began = Instant::now();
        let calls: Vec<_> = emails
            .chunks(EMAILS_AT_ONCE)
            .filter(|emails| emails.len() > 1)
            .map(|emails| {
                let emails = emails.to_vec();
                async move {
                    let found = app.leads.find_by_emails(&emails).await;
                    (emails, found)
                }
            })
            .collect();
        let answers: Vec<_> = stream::iter(calls).buffer_unordered(LOOKUPS_AT_ONCE).collect().await;
        let mut looked_up = HashMap::with_capacity(emails.len());
        for (emails, answer) in answers {
            match answer {
                Ok(mut found) => {
                    looked_up.extend(emails.into_iter().map(|email| {
                        let lead = found.remove(&email);
                        (email, lead)
                    }));
                }
                Err(error) => tracing::warn!(%error, batch_id, "leads are looked up one by one"),
            }
        }
        let lookup_micros = AtomicU64::new(micros(began));
        Self { app, batch_id, looked_up, lookup_micros, lookup_errors: AtomicU64::new(0) }
    }

    /// The batch, for logs.
    pub(crate) fn batch_id(&self) -> &str {
        &self.batch_id
    }

    /// Stores rows about one person; returns the outcome of each.
    pub(crate) async fn write(&self, rows: &RowsToWrite) -> Result<Vec<RowOutcome>, AwsError> {
        let RowsToWrite { lead: incoming, identity } = rows;
        let mut target = match &incoming.email {
            Some(email) => self.find(email).await,
            None => self.named(identity.as_ref()).await?,
        };
        let mut stored = None;
        for _ in 0..TRIES {
            let lead_id = match &mut target {
                Target::Found { lead, .. } => {
                    let lead_id = lead.lead_id;
                    stored = stored.or_else(|| Some(lead.clone()));
                    lead_id
                }
                Target::Derived { generation } => self.derived(incoming, identity.as_ref(), *generation)?,
            };
            let now = self.app.now();
            let (lead, outcomes, fields_changed) = match decide(lead_id, incoming, stored.as_deref(), now) {
                Decision::Done(outcomes) => return Ok(outcomes),
                Decision::NextId => {
                    stored = None;
                    target = match target {
                        Target::Found { otherwise, .. } => Target::Derived { generation: otherwise },
                        Target::Derived { generation } => Target::Derived { generation: generation + 1 },
                    };
                    continue;
                }
                Decision::Write { lead, outcomes, fields_changed } => (lead, outcomes, fields_changed),
            };
            match self.app.leads.write(*lead, stored.as_deref()).await? {
                WriteResult::Written => {
                    if let Some(before) = stored.filter(|_| !fields_changed.is_empty()) {
                        audit::lead_updated(
                            &self.app.config.deployment_secret,
                            &LeadUpdate {
                                now,
                                email: incoming.email.as_ref(),
                                lead_id,
                                previous_source_file: &before.source_file,
                                new_source_file: &incoming.source_file,
                                fields_changed: &fields_changed,
                                batch_id: &self.batch_id,
                            },
                        );
                    }
                    return Ok(outcomes);
                }
                WriteResult::Overtaken(StoredItem::Lead(there)) => stored = Some(there),
                WriteResult::Overtaken(StoredItem::Nothing) => {
                    stored = None;
                    target = Target::Derived { generation: 0 };
                }
                WriteResult::Overtaken(StoredItem::Alias(lead_id)) => {
                    stored = None;
                    let otherwise = match target {
                        Target::Found { otherwise, .. } => otherwise,
                        Target::Derived { generation } => generation + 1,
                    };
                    target = match self.app.leads.get(lead_id).await? {
                        StoredItem::Lead(lead) => Target::Found { lead, otherwise },
                        // The lead no longer exists; the address continues with the next id.
                        StoredItem::Nothing | StoredItem::Alias(_) => {
                            Target::Derived { generation: otherwise }
                        }
                    };
                }
            }
        }
        Err(AwsError::malformed("row", "too many writers of one lead"))
    }

    fn derived(
        &self,
        incoming: &IncomingLead,
        identity: Option<&RowIdentity>,
        generation: u32,
    ) -> Result<LeadId, AwsError> {
        let ids = &self.app.ids;
        match (&incoming.email, identity) {
            (Some(email), _) => Ok(ids.lead_id_of_email(email, generation)),
            (None, Some(row)) => Ok(ids.lead_id_of_row(&row.fingerprint, row.ordinal, generation)),
            (None, None) => Err(AwsError::malformed("row", "row without any id")),
        }
    }

    /// The lead named by a row without an address, if it exists.
    async fn named(&self, identity: Option<&RowIdentity>) -> Result<Target, AwsError> {
        let Some(lead_id) = identity.and_then(|identity| identity.named) else {
            return Ok(Target::Derived { generation: 0 });
        };
        Ok(match self.app.leads.get(lead_id).await? {
            StoredItem::Lead(lead) => Target::Found { lead, otherwise: 0 },
            StoredItem::Nothing | StoredItem::Alias(_) => Target::Derived { generation: 0 },
        })
    }

    /// Looks in the index. If that fails, the derived ids still guarantee one lead per address.
    async fn find(&self, email: &NormalizedEmail) -> Target {
        let found = match self.looked_up.get(email) {
            Some(found) => Ok(found.clone()),
            None => {
                let began = Instant::now();
                let found = self.app.leads.find_by_email(email).await;
                self.lookup_micros.fetch_add(micros(began), Ordering::Relaxed);
                found
            }
        };
        match found {
            Ok(Some(lead)) => Target::Found { lead: Box::new(lead), otherwise: 0 },
            Ok(None) => Target::Derived { generation: 0 },
            Err(error) => {
                if self.lookup_errors.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::warn!(%error, batch_id = self.batch_id, "EmailIndex failed, going on with derived ids");
                }
                Target::Derived { generation: 0 }
            }
        }
    }

    /// Reports how long the batch's lookups took.
    pub(crate) fn report(&self) {
        let milliseconds = self.lookup_micros.load(Ordering::Relaxed) as f64 / 1000.0;
        let errors = self.lookup_errors.load(Ordering::Relaxed);
        let mut values = vec![(Metric::DuplicateDetectionLatency, milliseconds)];
        if errors > 0 {
            values.push((Metric::EmailIndexQueryErrors, errors as f64));
        }
        self.app.measure("deepseek-caller", &values);
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
