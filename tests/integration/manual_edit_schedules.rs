//! Random sequences of imports, edits, deletions and undos, compared with a simple model of the expected state.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail, ensure};
use easy_crm_local::{Call, Fault, Faults};
use easy_crm_shared::changes::{EditLeadResponse, Job};
use easy_crm_shared::routes;
use easy_crm_tests::{ALICE, System, Upload};
use fastrand::Rng;
use reqwest::{Method, StatusCode};
use serde_json::json;

const SEQUENCES: u64 = 24;
const STEPS: usize = 24;
/// Few, so that leads collide.
const ADDRESSES: [&str; 4] = ["a@x.example", "b@x.example", "c@x.example", "d@x.example"];

/// `EmailIndex` that may not show anything yet.
#[derive(Default)]
struct Index {
    blind: AtomicBool,
}

impl Faults for Index {
    fn of(&self, call: Call<'_>) -> Fault {
        let asks = ["Query", "ExecuteStatement"].contains(&call.operation)
            && call.body.windows(10).any(|window| window == b"EmailIndex");
        if !(asks && self.blind.load(Ordering::SeqCst)) {
            return Fault::None;
        }
        let body = r#"{"Items":[],"Count":0,"ScannedCount":0}"#.to_owned();
        Fault::Answer { status: 200, body, carried_out: false }
    }
}

/// An expected lead.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    email: String,
    company: String,
    /// The deletion that removed it, while it is deleted.
    deleted_by: Option<String>,
}

/// The expected state, by id.
type Account = BTreeMap<String, Expected>;

fn holder<'a>(account: &'a Account, email: &str) -> Option<&'a String> {
    let has = |lead: &Expected| lead.deleted_by.is_none() && lead.email == email;
    account.iter().find(|(_, lead)| has(lead)).map(|(id, _)| id)
}

fn any_live<'a>(rng: &mut Rng, account: &'a Account) -> Option<&'a String> {
    let live: Vec<_> =
        account.iter().filter(|(_, lead)| lead.deleted_by.is_none()).map(|(id, _)| id).collect();
    rng.choice(live)
}

/// Imports one row; the list shows which lead it became if no lead had the address.
async fn import(system: &System, account: &mut Account, email: &str, company: &str) -> Result<()> {
    let text = format!("First Name,Last Name,Company,Email\nAda,Byron,{company},{email}\n");
    let progress = system.import(ALICE, &Upload::text("a.csv", &text)).await?.progress;
    let before = holder(account, email).cloned();
    let expected = if before.is_some() { (0, 1) } else { (1, 0) };
    let outcome = (progress.created_leads, progress.updated_leads);
    ensure!(outcome == expected, "{outcome:?} instead of {expected:?}");
    let listed = system.list(&format!("filter_email={email}")).await?.leads;
    let [lead] = listed.as_slice() else { bail!("{} leads have {email}", listed.len()) };
    match before {
        Some(id) => ensure!(id == lead.lead_id, "another lead was updated"),
        None => ensure!(
            account.get(&lead.lead_id).is_none_or(|lead| lead.deleted_by.is_some()),
            "a lead that had another address was overwritten"
        ),
    }
    let now = Expected { email: email.to_owned(), company: company.to_owned(), deleted_by: None };
    account.insert(lead.lead_id.clone(), now);
    Ok(())
}

async fn edit(system: &System, account: &mut Account, id: &str, email: &str, company: &str) -> Result<()> {
    let updated_at =
        system.get::<serde_json::Value>(ALICE, &routes::lead(id)).await?["lead"]["updatedAt"].clone();
    let body = json!({ "updatedAt": updated_at, "fields": { "email": email, "company": company } });
    let (status, answer) = system.api(ALICE, Method::PATCH, &routes::lead(id), Some(body)).await?;
    match holder(account, email).filter(|holder| *holder != id && !email.is_empty()) {
        Some(holder) => {
            ensure!(status == StatusCode::CONFLICT, "{status} {answer}");
            ensure!(answer["error"]["leadId"] == json!(holder), "{answer}");
        }
        None => {
            ensure!(status == StatusCode::OK, "{status} {answer}");
            let lead = serde_json::from_value::<EditLeadResponse>(answer)?.lead;
            ensure!(lead.lead_id == id && lead.company == company);
            let email = if email.is_empty() { "N/A" } else { email };
            let now = Expected { email: email.to_owned(), company: company.to_owned(), deleted_by: None };
            account.insert(id.to_owned(), now);
        }
    }
    Ok(())
}

async fn job(system: &System, path: &str, body: serde_json::Value) -> Result<Job> {
    let (status, answer) = system.api(ALICE, Method::POST, path, Some(body)).await?;
    ensure!(status == StatusCode::OK, "{status} {answer}");
    Ok(serde_json::from_value(answer)?)
}

async fn undo(system: &System, account: &mut Account, job_id: &str) -> Result<()> {
    let taken: Vec<String> = account
        .iter()
        .filter(|(_, lead)| lead.deleted_by.as_deref() == Some(job_id))
        .map(|(id, _)| id.clone())
        .collect();
    let answer = job(system, routes::LEADS_RESTORE, json!({ "jobId": job_id })).await?;
    let mut restored = 0;
    let mut conflicts = 0;
    for id in taken {
        let email = account[&id].email.clone();
        if email != "N/A" && holder(account, &email).is_some() {
            conflicts += 1;
        } else if let Some(lead) = account.get_mut(&id) {
            lead.deleted_by = None;
            restored += 1;
        }
    }
    ensure!((answer.done, answer.conflicts) == (restored, conflicts), "{answer:?}");
    Ok(())
}

async fn agrees(system: &System, account: &Account) -> Result<()> {
    let listed: BTreeMap<_, _> = system
        .leads()
        .await?
        .into_iter()
        .map(|lead| (lead.lead_id, Expected { email: lead.email, company: lead.company, deleted_by: None }))
        .collect();
    let mut live = account.clone();
    live.retain(|_, lead| lead.deleted_by.is_none());
    ensure!(listed == live, "listed: {listed:#?}\nexpected: {live:#?}");
    Ok(())
}

async fn run(seed: u64) -> Result<()> {
    let mut rng = Rng::with_seed(seed);
    let index = Arc::new(Index::default());
    let faults = index.clone();
    let system = System::start_with(|options| {
        options.faults = Some(faults);
        options.rate_limits.change = u32::MAX;
    })
    .await?;
    let mut account = Account::new();
    let mut deletions: Vec<String> = Vec::new();
    for step in 0..STEPS {
        index.blind.store(rng.bool(), Ordering::SeqCst);
        let email = ADDRESSES[rng.usize(..ADDRESSES.len())];
        let company = format!("Firm {step}");
        let lead = any_live(&mut rng, &account).cloned();
        let (what, done) = match (rng.u8(..10), lead) {
            (4..=6, Some(id)) => {
                let email = if rng.u8(..6) == 0 { "" } else { email };
                (format!("edit {id} {email}"), edit(&system, &mut account, &id, email, &company).await)
            }
            (7..=8, Some(id)) => {
                let deleted = job(&system, routes::LEADS_DELETE, json!({ "leadIds": [id] })).await?;
                ensure!(deleted.done == 1, "seed {seed}, step {step}: {deleted:?}");
                deletions.push(deleted.job_id.clone());
                if let Some(lead) = account.get_mut(&id) {
                    lead.deleted_by = Some(deleted.job_id);
                }
                (format!("delete {id}"), Ok(()))
            }
            (9, _) if !deletions.is_empty() => {
                let job_id = &deletions[rng.usize(..deletions.len())];
                ("undo".to_owned(), undo(&system, &mut account, job_id).await)
            }
            _ => (format!("import {email}"), import(&system, &mut account, email, &company).await),
        };
        let at = || format!("seed {seed}, step {step}, {what}");
        done.with_context(at)?;
        agrees(&system, &account).await.with_context(at)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_changes_leaves_what_it_should() -> Result<()> {
    for seed in 0..SEQUENCES {
        run(seed).await?;
    }
    Ok(())
}
