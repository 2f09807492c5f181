//! What leaves the store: everything that is logged, measured and sent to the language model while a system does
//! everything it can do with marked values. None of these may be in a log line or a metric, whatever the log level; of
//! the questions to the model, only those that the data policy allows contain any.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use easy_crm_local::model::DataPolicy;
use easy_crm_local::{Call, Fault, Faults};
use easy_crm_shared::routes;
use easy_crm_tests::fake_deepseek::{API_KEY, FakeDeepSeek, Reply};
use easy_crm_tests::{ALICE, BOB, System, Upload};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Values in leads.
const OF_LEADS: [&str; 6] =
    ["zebulon", "quirrelmark", "@mark.example", "5550199", "marked-remark", "marked-title"];
/// Values on business cards.
const OF_CARDS: [&str; 4] = ["cardulon", "carrelmark", "@card.example", "5550277"];
/// Values that users type.
const TYPED: [&str; 2] = ["typedmark", "typed@mark"];

/// All captured output.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn add(&self, line: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(line.as_bytes());
        all.push(b'\n');
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).to_lowercase()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Breaks some calls, so that failures are logged that could include what was sent.
struct Trouble;

impl Faults for Trouble {
    fn of(&self, call: Call<'_>) -> Fault {
        let mentions = |word: &[u8]| call.body.windows(word.len()).any(|window| window == word);
        // A lead that the table rejects, and one whose write fails until the batch is given up.
        if call.operation == "PutItem" && mentions(b"refused@mark.example") {
            let body = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"refused@mark.example Zebulon"}"#;
            return Fault::Answer { status: 400, body: body.to_owned(), carried_out: false };
        }
        if matches!(call.operation, "Query" | "ExecuteStatement") && mentions(b"blind@mark.example") {
            let body = r#"{"__type":"InternalServerError","message":"blind@mark.example Zebulon"}"#;
            return Fault::Answer { status: 500, body: body.to_owned(), carried_out: false };
        }
        Fault::None
    }
}

/// The answer of a model that could be talked into anything.
fn answer(material: &Value) -> Value {
    if let Some(rows) = material["rows"].as_array() {
        let rows = rows.iter().map(|row| {
            json!({ "id": row["id"], "firstName": "Cardulon", "lastName": "Carrelmark", "title": "", "company": "",
                "phone": "+49 171 5550277" })
        });
        return json!({ "rows": rows.collect::<Vec<_>>() });
    }
    if material.get("columns").is_some() {
        return json!({ "columns": [{ "column": 1, "holds": "Zebulon Quirrelmark" }] });
    }
    json!({ "query": { "q": "Quirrelmark" } })
}

async fn call(system: &System, method: Method, path: &str, body: Value) -> Result<(StatusCode, Value)> {
    system.api(ALICE, method, path, Some(body)).await
}

/// Makes a system do everything it can. The responses do not matter here, but that each thing is done does.
async fn everything(system: &System) -> Result<()> {
    let head = "First Name,Last Name,Email,Phone,Job Title,Notes";
    let long = "marked-remark ".repeat(20_000);
    let mut text = format!(
        "{head}\nZebulon,Quirrelmark,zq@mark.example,+49 171 5550199,marked-title,marked-remark\n\
         Zebulon,Quirrelmark,long@mark.example,,,{long}\nZebulon,Refused,refused@mark.example,,,\n\
         Zebulon,Blind,blind@mark.example,,,\n"
    );
    for n in 0..40 {
        text.push_str(&format!(
            "Zebulon{n},Quirrelmark,zq{n}@mark.example,,marked-title,{}\n",
            "marked-remark ".repeat(900)
        ));
    }
    let status = system.import(ALICE, &Upload::text("people.csv", &text)).await?;
    ensure!(
        (status.progress.created_leads, status.progress.failed_leads) == (42, 2),
        "{:?}",
        status.progress
    );
    system.get::<Value>(ALICE, &routes::status_problems(&status.upload_id)).await?;
    // The same people changed, an unknown layout, cards, and a file that is not a spreadsheet.
    let changed = format!("{head}\nZebulon,Quirrelmark,zq@mark.example,,marked-title of old,\n");
    let status = system.import(BOB, &Upload::text("changed.csv", &changed)).await?;
    ensure!(status.progress.updated_leads == 1, "{:?}", status.progress);
    let strange = "QX1,QX2,QX3,QX4\nZebulon,Quirrelmark,strange@mark.example,marked-title of numbers\n\
        Zebulon,Other,other@mark.example,marked-title of codes\n";
    system.import(ALICE, &Upload::text("strange.csv", strange)).await?;
    let card =
        "Business card\n\"Card & Sons\nCardulon Carrelmark\nTel: +49 171 5550277\nmail@card.example\"\n";
    system.import(ALICE, &Upload::text("cards.csv", card)).await?;
    let mut bad = b"PK\x03\x04zebulon quirrelmark zq@mark.example".to_vec();
    bad.resize(400, b'z');
    system.import(ALICE, &Upload { name: "bad.xlsx".to_owned(), bytes: bad, policy: None }).await?;
    // Cancelled before its file arrived, and a file of a different length.
    let announced = system.announce(ALICE, &Upload::text("late.csv", &changed)).await?;
    ensure!(system.put(&announced, b"zebulon@mark.example").await? == StatusCode::FORBIDDEN);
    call(system, Method::POST, &routes::status_cancel(&announced.upload_id), Value::Null).await?;

    let lead = system.list("filter_email=zq@mark").await?.leads.remove(0);
    let path = routes::lead(&lead.lead_id);
    let edit = |fields: Value| json!({ "updatedAt": lead.updated_at, "fields": fields });
    for fields in
        [json!({ "email": "typedmark" }), json!({ "typedmark": "x" }), json!({ "company": "typedmark" })]
    {
        call(system, Method::PATCH, &path, edit(fields)).await?;
    }
    let (status, _) =
        call(system, Method::PATCH, &path, edit(json!({ "email": "typed@mark.example" }))).await?;
    ensure!(status == StatusCode::CONFLICT);
    let lead = system.list("filter_email=zq@mark").await?.leads.remove(0);
    let fields = json!({ "updatedAt": lead.updated_at, "fields": { "email": "typed@mark.example" } });
    ensure!(call(system, Method::PATCH, &path, fields).await?.0 == StatusCode::OK);
    let query = json!({ "query": { "q": "Quirrelmark" } });
    let (_, job) = call(system, Method::POST, routes::LEADS_DELETE, query).await?;
    ensure!(job["done"].as_u64() > Some(40), "{job}");
    call(system, Method::POST, routes::LEADS_RESTORE, json!({ "jobId": job["jobId"] })).await?;
    for format in ["csv", "xlsx"] {
        call(system, Method::POST, routes::EXPORT, json!({ "q": "Quirrelmark", "format": format })).await?;
    }
    system.local.wait_idle().await?;
    system.local.app().write_snapshot().await?;
    for question in
        ["how many leads at typedmark?", "typedmark Quirrelmark folks zq@mark.example please", "{\"typedmark"]
    {
        call(system, Method::POST, routes::CHAT, json!({ "query": question })).await?;
    }
    for (method, path, body) in [
        (Method::POST, routes::CHAT, json!({ "query": "typedmark".repeat(100) })),
        (Method::POST, routes::UPLOAD, json!({ "fileName": "typedmark.exe", "fileSize": 1 })),
        (
            Method::PUT,
            "/views/typedmark%20zq@mark.example",
            json!({ "name": "typedmark", "state": "Quirrelmark" }),
        ),
        (Method::PUT, "/views/mine", json!({ "name": "typedmark", "state": { "q": "Quirrelmark" } })),
        (Method::POST, routes::LEADS_DELETE, json!({ "typedmark": ["zq@mark.example"] })),
        (Method::GET, "/leads/zq@mark.example", Value::Null),
        (Method::GET, "/leads?query={\"q\":\"typedmark\"}&q=Quirrelmark", Value::Null),
        (Method::GET, "/leads?filter_typedmark=zq@mark.example", Value::Null),
    ] {
        call(system, method, path, body).await?;
    }
    let token = "Bearer eyJhbGciOiJub25lIn0.typedmark.";
    system.raw(Method::GET, "/api/leads?q=Quirrelmark", Some(token)).await?;
    let erased =
        call(system, Method::POST, routes::LEADS_ERASE, json!({ "email": "typed@mark.example" })).await?;
    ensure!(erased.0 == StatusCode::OK && erased.1["erasedLeads"] == 1, "{erased:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_leaves_the_store_but_where_it_may() -> Result<()> {
    let log = Captured::default();
    let writer = log.clone();
    // As the product logs, with all levels enabled.
    let lines = tracing_subscriber::fmt::layer().json().with_writer(move || writer.clone());
    let logging = tracing_subscriber::registry().with(easy_crm_local::log_filter("trace")?).with(lines);
    ensure!(logging.try_init().is_ok(), "somebody else logs in this process");
    for policy in [DataPolicy::Masked, DataPolicy::Rows] {
        let metrics = Captured::default();
        let sink = metrics.clone();
        let model = FakeDeepSeek::start(|material, _| Reply::json(&answer(material))).await?;
        let config = model.config(policy);
        let system = System::start_with(|options| {
            options.model = config;
            options.direct_export_rows = 10;
            options.faults = Some(Arc::new(Trouble));
            options.metric_sink = Arc::new(move |line| sink.add(line));
        })
        .await?;
        everything(&system).await?;
        let token = system.local.token_for(ALICE)?;
        system.shut_down().await;

        let (log, metrics) = (log.text(), metrics.text());
        for what in
            ["audit", "lead_updated", "lead_edited", "lead_deleted", "lead_erased", "batch done", "\"trace\""]
        {
            ensure!(log.contains(what), "nothing about {what} was logged");
        }
        ensure!(
            metrics.contains("leadscreated") && metrics.contains("emailindexqueryerrors"),
            "too little is measured"
        );
        let key = API_KEY.to_lowercase();
        let signature = token.rsplit('.').next().unwrap_or_default().to_lowercase();
        for mark in
            OF_LEADS.iter().chain(&OF_CARDS).chain(&TYPED).copied().chain([key.as_str(), signature.as_str()])
        {
            for (what, text) in [("log", &log), ("metrics", &metrics)] {
                if let Some(line) = text.lines().find(|line| line.contains(mark)) {
                    anyhow::bail!("{mark} is in the {what} ({policy:?}): {line}");
                }
            }
        }
        let questions = model.requests();
        ensure!(questions.len() >= 3, "{}", questions.len());
        for question in &questions {
            let text = question["messages"].to_string().to_lowercase();
            let is_chat = text.contains("typedmark");
            let is_card = text.contains("\\\"rows\\\"") && policy == DataPolicy::Rows;
            for mark in OF_LEADS {
                // A question that names a person is sent as it was typed.
                ensure!(is_chat || !text.contains(mark), "{mark} was sent to the model ({policy:?}): {text}");
            }
            for mark in OF_CARDS {
                ensure!(is_card || !text.contains(mark), "{mark} was sent to the model ({policy:?}): {text}");
            }
        }
        let cards = questions.iter().any(|question| question.to_string().contains("Carrelmark"));
        ensure!(cards == (policy == DataPolicy::Rows), "cards are sent under the policy rows: {cards}");
    }
    Ok(())
}
