//! A row into the leads table: look, decide, write if nothing changed meanwhile, else decide again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::LeadId;
use easy_crm_domain::upsert::{Decision, IncomingRow, RowOutcome, StoredLead, decide};

use crate::app::App;
use crate::audit::{self, LeadUpdate};
use crate::aws::AwsError;
use crate::aws::leads::WriteResult;
use crate::metrics::Metric;

/// Tries of one row against writers of the same lead. Each failed try means that another writer succeeded.
const TRIES: u32 = 50;

/// A row to be stored.
#[derive(Debug)]
pub(crate) struct Upsert {
    /// The row.
    pub(crate) row: IncomingRow,
    /// The id of a row without an address.
    pub(crate) fallback_id: Option<LeadId>,
}

/// Stores the rows of one batch.
pub(crate) struct Upserter<'a> {
    app: &'a App,
    batch_id: String,
    lookup_micros: AtomicU64,
    lookup_errors: AtomicU64,
}

/// Where a row is tried: the lead found through the index, or the derived ids one after the other.
enum Target {
    Found(Box<StoredLead>),
    Derived { generation: u32 },
}

impl<'a> Upserter<'a> {
    pub(crate) fn new(app: &'a App, batch_id: String) -> Self {
        Self { app, batch_id, lookup_micros: AtomicU64::new(0), lookup_errors: AtomicU64::new(0) }
    }

    /// Stores one row; answers what it counts as.
    pub(crate) async fn run(&self, upsert: Upsert) -> Result<RowOutcome, AwsError> {
        let Upsert { row, fallback_id } = upsert;
        let mut target = match &row.email {
            Some(email) => self.find(email).await,
            None => Target::Derived { generation: 0 },
        };
        let mut stored = None;
        for _ in 0..TRIES {
            let lead_id = match &mut target {
                Target::Found(lead) => {
                    let lead_id = lead.lead_id;
                    stored = stored.or_else(|| Some(lead.clone()));
                    lead_id
                }
                Target::Derived { generation } => match (&row.email, &fallback_id) {
                    (Some(email), _) => self.app.ids.lead_id_of_email(email, *generation),
                    (None, Some(lead_id)) => *lead_id,
                    (None, None) => return Err(AwsError::malformed("upsert", "row without any id")),
                },
            };
            let now = self.app.now();
            let (lead, outcome, fields_changed) = match decide(lead_id, &row, stored.as_deref(), now) {
                Decision::Done(outcome) => return Ok(outcome),
                Decision::NextId => {
                    stored = None;
                    target = match target {
                        // The index showed a lead that has another address by now.
                        Target::Found(_) => Target::Derived { generation: 0 },
                        Target::Derived { .. } if row.email.is_none() => {
                            return Err(AwsError::malformed(
                                "upsert",
                                "id of a row taken by a lead with address",
                            ));
                        }
                        Target::Derived { generation } => Target::Derived { generation: generation + 1 },
                    };
                    continue;
                }
                Decision::Write { lead, outcome, fields_changed } => (lead, outcome, fields_changed),
            };
            let read = stored.as_deref().map(|lead| &lead.order);
            match self.app.leads.write(*lead, read, now).await? {
                WriteResult::Written => {
                    if let Some(before) = stored.filter(|_| !fields_changed.is_empty()) {
                        audit::lead_updated(
                            &self.app.config.deployment_secret,
                            &LeadUpdate {
                                now,
                                email: row.email.as_ref(),
                                lead_id,
                                previous_source_file: &before.source_file,
                                new_source_file: &row.source_file,
                                fields_changed: &fields_changed,
                                batch_id: &self.batch_id,
                            },
                        );
                    }
                    return Ok(outcome);
                }
                WriteResult::Overtaken(Some(there)) => stored = Some(there),
                WriteResult::Overtaken(None) => {
                    stored = None;
                    target = Target::Derived { generation: 0 };
                }
            }
        }
        Err(AwsError::malformed("upsert", "too many writers of one lead"))
    }

    /// Looks in the index. Where that fails, the derived id still keeps one lead an address.
    async fn find(&self, email: &NormalizedEmail) -> Target {
        let began = Instant::now();
        let found = self.app.leads.find_by_email(email).await;
        self.lookup_micros
            .fetch_add(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        match found {
            Ok(Some(lead)) => Target::Found(Box::new(lead)),
            Ok(None) => Target::Derived { generation: 0 },
            Err(error) => {
                if self.lookup_errors.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::warn!(%error, batch_id = self.batch_id, "EmailIndex failed, going on with derived ids");
                }
                Target::Derived { generation: 0 }
            }
        }
    }

    /// Measures what the batch's lookups took.
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
