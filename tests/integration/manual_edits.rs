//! Manual changes over HTTP: edits, conflicts, deletions, undo, interrupted jobs, saved views.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use anyhow::{Result, ensure};
use easy_crm_local::{Call, Fault, Faults};
use easy_crm_shared::changes::{EditLeadResponse, Job, JobState};
use easy_crm_shared::lead::Lead;
use easy_crm_shared::routes;
use easy_crm_shared::views::ViewListResponse;
use easy_crm_tests::{ALICE, BOB, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Breaks connections on purpose.
#[derive(Default)]
struct Breaker {
    /// `EmailIndex` shows nothing, as if it lagged behind.
    blind_index: AtomicBool,
    /// This many marks of leads succeed; after that every one fails. Negative: all succeed.
    marks_left: AtomicI64,
}

impl Faults for Breaker {
    fn of(&self, call: Call<'_>) -> Fault {
        let mentions = |word: &[u8]| call.body.windows(word.len()).any(|window| window == word);
        if self.blind_index.load(Ordering::SeqCst) && call.operation == "Query" && mentions(b"EmailIndex") {
            let body = r#"{"Items":[],"Count":0,"ScannedCount":0}"#.to_owned();
            return Fault::Answer { status: 200, body, carried_out: false };
        }
        if call.operation == "UpdateItem" && mentions(b"deletedAt") {
            let left = self.marks_left.load(Ordering::SeqCst);
            if left == 0 {
                return Fault::Break { carried_out: true };
            }
            self.marks_left.store(left - 1, Ordering::SeqCst);
        }
        Fault::None
    }
}

async fn start() -> Result<(System, Arc<Breaker>)> {
    let breaker = Arc::new(Breaker::default());
    breaker.marks_left.store(-1, Ordering::SeqCst);
    let faults = breaker.clone();
    Ok((System::start_with(|options| options.faults = Some(faults)).await?, breaker))
}

fn people(name: &str, rows: &str) -> Upload {
    Upload::text(name, &format!("First Name,Last Name,Company,Email\n{rows}"))
}

async fn by_email(system: &System, email: &str) -> Result<Lead> {
    let mut leads = system.list(&format!("filter_email={email}")).await?.leads;
    ensure!(leads.len() == 1, "{email}: {leads:?}");
    Ok(leads.remove(0))
}

async fn edit(system: &System, lead: &Lead, fields: Value) -> Result<(StatusCode, Value)> {
    let body = json!({ "updatedAt": lead.updated_at, "fields": fields });
    system.api(ALICE, Method::PATCH, &routes::lead(&lead.lead_id), Some(body)).await
}

async fn edited(system: &System, lead: &Lead, fields: Value) -> Result<Lead> {
    let (status, body) = edit(system, lead, fields).await?;
    ensure!(status == StatusCode::OK, "{status} {body}");
    Ok(serde_json::from_value::<EditLeadResponse>(body)?.lead)
}

async fn job(system: &System, method: Method, path: &str, body: Option<Value>) -> Result<Job> {
    let (status, body) = system.api(ALICE, method, path, body).await?;
    ensure!(status.is_success(), "{status} {body}");
    let job: Job = serde_json::from_value(body)?;
    ensure!((status == StatusCode::OK) == (job.state == JobState::Done), "{status} {job:?}");
    Ok(job)
}

async fn delete(system: &System, selection: Value) -> Result<Job> {
    job(system, Method::POST, routes::LEADS_DELETE, Some(selection)).await
}

async fn undo(system: &System, deleted: &Job) -> Result<Job> {
    job(system, Method::POST, routes::LEADS_RESTORE, Some(json!({ "jobId": deleted.job_id }))).await
}

fn counts(job: &Job) -> (u64, u64, u64, u64) {
    (job.total, job.done, job.skipped, job.conflicts)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_seen_at_once_and_only_on_the_version_that_was_seen() -> Result<()> {
    let (system, _) = start().await?;
    system.import(ALICE, &people("a.csv", "Ada,Byron,Acme,ada@x.example\n")).await?;
    let before = by_email(&system, "ada@x.example").await?;
    let after =
        edited(&system, &before, json!({ "company": " Müller & 株式会社 ", "firstName": "N/A" })).await?;
    assert_eq!((after.company.as_str(), after.first_name.as_str()), ("Müller & 株式会社", "N/A"));
    assert!(after.updated_at > before.updated_at);
    assert_eq!((&after.created_at, &after.last_name), (&before.created_at, &before.last_name));
    assert_eq!(by_email(&system, "ada@x.example").await?, after);

    // Bob still sees the lead's earlier version.
    let (status, body) = edit(&system, &before, json!({ "title": "CEO" })).await?;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::CONFLICT, &json!("CONFLICT")));
    assert_eq!(body["error"]["leadId"], Value::Null);
    assert_eq!(by_email(&system, "ada@x.example").await?, after);
    // An edit that changes nothing does not change `updatedAt`.
    assert_eq!(edited(&system, &after, json!({ "firstName": "", "company": after.company })).await?, after);

    for (fields, field) in [
        (json!({ "email": "ada" }), "fields.email"),
        (json!({ "title": "x".repeat(1_001) }), "fields.title"),
        (json!({ "titel": "CEO" }), "fields"),
    ] {
        let (status, body) = edit(&system, &after, fields).await?;
        assert_eq!((status, &body["error"]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{body}");
    }
    let nobody = Lead { lead_id: "550e8400-e29b-41d4-a716-446655440000".into(), ..after };
    assert_eq!(edit(&system, &nobody, json!({ "title": "x" })).await?.0, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_wins_over_rows_of_before_and_loses_to_rows_of_after() -> Result<()> {
    let (system, _) = start().await?;
    system.import(ALICE, &people("a.csv", "Ada,Byron,Acme,ada@x.example\n")).await?;
    let late = people("late.csv", "Ada,Byron,Late,ada@x.example\n");
    let announced = system.announce(ALICE, &late).await?;
    let lead = by_email(&system, "ada@x.example").await?;
    edited(&system, &lead, json!({ "company": "By hand" })).await?;
    system.put(&announced, &late.bytes).await?;
    system.local.wait_idle().await?;
    assert_eq!(by_email(&system, "ada@x.example").await?.company, "By hand");
    system.import(ALICE, &people("b.csv", "Ada,Byron,After,ada@x.example\n")).await?;
    assert_eq!(by_email(&system, "ada@x.example").await?.company, "After");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_belongs_to_one_lead() -> Result<()> {
    for blind in [false, true] {
        let (system, breaker) = start().await?;
        let rows = "Ada,Byron,Acme,ada@x.example\nGrace,Hopper,Navy,grace@x.example\n";
        system.import(ALICE, &people("a.csv", rows)).await?;
        breaker.blind_index.store(blind, Ordering::SeqCst);
        let (ada, grace) =
            (by_email(&system, "ada@x.example").await?, by_email(&system, "grace@x.example").await?);
        let (status, body) = edit(&system, &ada, json!({ "email": "Grace@x.example" })).await?;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(
            (&body["error"]["field"], &body["error"]["leadId"]),
            (&json!("email"), &json!(grace.lead_id))
        );
        assert_eq!(by_email(&system, "ada@x.example").await?, ada);

        let moved = edited(&system, &ada, json!({ "email": "byron@x.example" })).await?;
        assert_eq!(moved.lead_id, ada.lead_id);
        // The old address belongs to a new lead; the new one finds the edited lead, whatever the index shows.
        let rows = "New,Person,Other,ada@x.example\nAda,Byron,Updated,byron@x.example\n";
        let progress = system.import(ALICE, &people("b.csv", rows)).await?.progress;
        assert_eq!((progress.created_leads, progress.updated_leads), (1, 1), "{progress:?}");
        let updated = by_email(&system, "byron@x.example").await?;
        assert_eq!((&updated.lead_id, updated.company.as_str()), (&ada.lead_id, "Updated"));
        assert_ne!(by_email(&system, "ada@x.example").await?.lead_id, ada.lead_id);

        // There and back again: the address that was given up is taken by now.
        let (status, _) = edit(&system, &updated, json!({ "email": "ada@x.example" })).await?;
        assert_eq!(status, StatusCode::CONFLICT);
        let without = edited(&system, &updated, json!({ "email": "" })).await?;
        assert_eq!(without.email, "N/A");
        let back = edited(&system, &without, json!({ "email": "byron@x.example" })).await?;
        let rows = "Ada,Byron,Again,byron@x.example\n";
        let progress = system.import(ALICE, &people("c.csv", rows)).await?.progress;
        assert_eq!(progress.updated_leads, 1, "{progress:?}");
        assert_eq!(by_email(&system, "byron@x.example").await?.lead_id, back.lead_id);
        assert_eq!(system.leads().await?.len(), 3);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_leads_come_back_as_they_were() -> Result<()> {
    let (system, _) = start().await?;
    let rows: String = (0..5).map(|n| format!("P{n},Q,Firm {n},p{n}@x.example\n")).collect();
    system.import(ALICE, &people("a.csv", &rows)).await?;
    let before = system.leads().await?;
    let ids: Vec<_> = before[..3].iter().map(|lead| lead.lead_id.clone()).collect();
    let first = delete(&system, json!({ "leadIds": [ids[0], ids[1], ids[0]] })).await?;
    assert_eq!(counts(&first), (2, 2, 0, 0));
    assert_eq!(system.leads().await?, before[2..]);
    assert_eq!(edit(&system, &before[0], json!({ "title": "x" })).await?.0, StatusCode::NOT_FOUND);
    let second = delete(&system, json!({ "leadIds": ids })).await?;
    assert_eq!(counts(&second), (3, 1, 2, 0));

    // Each undo restores what its own deletion removed.
    assert_eq!(counts(&undo(&system, &second).await?), (3, 1, 2, 0));
    assert_eq!(system.leads().await?, before[2..]);
    assert_eq!(counts(&undo(&system, &first).await?), (2, 2, 0, 0));
    assert_eq!(counts(&undo(&system, &first).await?), (2, 0, 2, 0));
    assert_eq!(system.leads().await?, before);
    // For imports too, restored leads are the earlier ones.
    let progress = system.import(ALICE, &people("b.csv", &rows)).await?.progress;
    assert_eq!(progress.unchanged_leads, 5, "{progress:?}");

    // A deleted lead that is imported again exists again, and undo leaves it alone.
    let third = delete(&system, json!({ "leadIds": [ids[0]] })).await?;
    let progress = system.import(ALICE, &people("c.csv", "New,Q,Firm,p0@x.example\n")).await?.progress;
    assert_eq!((progress.created_leads, progress.total_leads), (1, 1), "{progress:?}");
    assert_eq!(counts(&undo(&system, &third).await?), (1, 0, 1, 0));
    assert_eq!(by_email(&system, "p0@x.example").await?.first_name, "New");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_lead_leaves_its_address_and_takes_it_back() -> Result<()> {
    let (system, breaker) = start().await?;
    breaker.blind_index.store(true, Ordering::SeqCst);
    let rows = "Ada,Byron,Acme,ada@x.example\nGrace,Hopper,Navy,grace@x.example\n";
    system.import(ALICE, &people("a.csv", rows)).await?;
    let (ada, grace) =
        (by_email(&system, "ada@x.example").await?, by_email(&system, "grace@x.example").await?);
    let deleted = delete(&system, json!({ "leadIds": [ada.lead_id] })).await?;
    let moved = edited(&system, &grace, json!({ "email": "ada@x.example" })).await?;
    assert_eq!(counts(&undo(&system, &deleted).await?), (1, 0, 0, 1));
    assert_eq!(by_email(&system, "ada@x.example").await?, moved);
    // An import with the address updates the lead that has it now.
    system.import(ALICE, &people("b.csv", "Grace,Hopper,Army,ada@x.example\n")).await?;
    let moved = by_email(&system, "ada@x.example").await?;
    assert_eq!((&moved.lead_id, moved.company.as_str()), (&grace.lead_id, "Army"));

    edited(&system, &moved, json!({ "email": "grace@x.example" })).await?;
    assert_eq!(counts(&undo(&system, &deleted).await?), (1, 1, 0, 0));
    assert_eq!(by_email(&system, "ada@x.example").await?, ada);
    let progress = system.import(ALICE, &people("c.csv", "Ada,Byron,Acme,ada@x.example\n")).await?.progress;
    assert_eq!(progress.unchanged_leads, 1, "{progress:?}");
    assert_eq!(system.leads().await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_query_finds_in_a_job_that_is_cut_off_and_goes_on() -> Result<()> {
    let (system, breaker) = start().await?;
    let rows: String = (0..1_300).map(|n| format!("P{n},Q,Firm {},p{n}@x.example\n", n % 10)).collect();
    system.import(ALICE, &people("a.csv", &rows)).await?;
    let not_nine = json!({ "field": "company", "op": "equals", "value": "firm 9" });
    let query = json!({ "where": { "not": not_nine } });
    breaker.marks_left.store(700, Ordering::SeqCst);
    let cut_off = delete(&system, json!({ "query": query })).await?;
    assert_eq!((cut_off.state, cut_off.total, cut_off.done), (JobState::Running, 1_170, 500));
    let path = routes::job(&cut_off.job_id);
    assert_eq!(system.api(BOB, Method::GET, &path, None).await?.0, StatusCode::NOT_FOUND);
    let restore = json!({ "jobId": cut_off.job_id });
    let (status, _) = system.api(BOB, Method::POST, routes::LEADS_RESTORE, Some(restore.clone())).await?;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = system.api(ALICE, Method::POST, routes::LEADS_RESTORE, Some(restore)).await?;
    assert_eq!(status, StatusCode::CONFLICT, "it is still running");

    // The process dies; the next one continues, and what was marked before counts once.
    let system = system.crash_and_restart().await?;
    let done = job(&system, Method::GET, &path, None).await?;
    assert_eq!(counts(&done), (1_170, 1_170, 0, 0));
    assert_eq!(job(&system, Method::GET, &path, None).await?.done, 1_170);
    let left = system.list("").await?;
    assert_eq!(left.pagination.total_count, 130);
    assert!(left.leads.iter().all(|lead| lead.company == "Firm 9"));
    assert_eq!(counts(&undo(&system, &done).await?), (1_170, 1_170, 0, 0));
    assert_eq!(system.list("").await?.pagination.total_count, 1_300);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn selections_are_checked() -> Result<()> {
    let (system, _) = start().await?;
    for (path, body, field) in [
        (routes::LEADS_DELETE, json!({ "leadIds": ["x"] }), "leadIds[0]"),
        (routes::LEADS_DELETE, json!({ "leadIds": vec!["x"; 10_001] }), "leadIds"),
        (routes::LEADS_DELETE, json!({ "query": { "where": { "field": "x" } } }), "query.where.field"),
        (routes::LEADS_DELETE, json!({}), "body"),
        (routes::LEADS_RESTORE, json!({ "query": {} }), "body"),
    ] {
        let (status, answer) = system.api(ALICE, Method::POST, path, Some(body)).await?;
        assert_eq!((status, &answer["error"]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{answer}");
    }
    assert_eq!(counts(&delete(&system, json!({ "query": {} })).await?), (0, 0, 0, 0));
    let unknown = json!({ "leadIds": ["550e8400-e29b-41d4-a716-446655440000"] });
    assert_eq!(counts(&delete(&system, unknown).await?), (1, 0, 1, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_views_are_each_users_own() -> Result<()> {
    let (system, _) = start().await?;
    let put = async |user, id: &str, name: &str, state: Value| {
        let body = json!({ "name": name, "state": state });
        system.api(user, Method::PUT, &routes::view(id), Some(body)).await
    };
    let state = json!({ "query": { "q": "株式会社 🙂" }, "width": 1.50, "none": null });
    assert_eq!(put(ALICE, "b", " Newest ", state.clone()).await?.0, StatusCode::OK);
    assert_eq!(put(ALICE, "a", "Old", json!(1)).await?.0, StatusCode::OK);
    assert_eq!(put(ALICE, "a", "all", json!(2)).await?.0, StatusCode::OK);
    let views: ViewListResponse = system.get(ALICE, routes::VIEWS).await?;
    let shown: Vec<_> = views.views.iter().map(|view| (view.name.as_str(), &view.state)).collect();
    assert_eq!(shown, [("all", &json!(2)), ("Newest", &state)]);
    let others: ViewListResponse = system.get(BOB, routes::VIEWS).await?;
    assert!(others.views.is_empty());
    let (status, _) = system.api(BOB, Method::DELETE, &routes::view("a"), None).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(system.get::<ViewListResponse>(ALICE, routes::VIEWS).await?.views.len(), 2);
    system.api(ALICE, Method::DELETE, &routes::view("a"), None).await?;
    assert_eq!(system.get::<ViewListResponse>(ALICE, routes::VIEWS).await?.views.len(), 1);

    for (id, name, state, field) in [
        ("a%20b", "x", json!(1), "viewId"),
        ("c", " ", json!(1), "name"),
        ("c", "x", json!("x".repeat(16 * 1024)), "state"),
    ] {
        let (status, body) = put(ALICE, id, name, state).await?;
        assert_eq!((status, &body["error"]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{body}");
    }
    for n in 1..50 {
        assert_eq!(put(ALICE, &format!("v{n}"), "x", json!(n)).await?.0, StatusCode::OK);
    }
    assert_eq!(put(ALICE, "one-more", "x", json!(0)).await?.0, StatusCode::CONFLICT);
    assert_eq!(put(ALICE, "v1", "still", json!(0)).await?.0, StatusCode::OK);
    Ok(())
}
