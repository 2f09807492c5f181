//! Speed of the list with a million leads: the queries of the list, with 100 different search terms and no result
//! cached from one to the next; the snapshot; and memory.
//!
//! `cargo bench -p easy-crm-domain --bench lead_index` prints medians. With `-- --to FOLDER` it also writes them, the
//! rows and the terms into a folder, for `duckdb_rival.py` to do the same with DuckDB.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use easy_crm_domain::identity::FilePosition;
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::lead_index::{CompiledQuery, IndexedLead, LeadChange, LeadIndex};
use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::analysis::{GroupBy, GroupKey, GroupOrder};
use easy_crm_shared::query::condition::{Condition, TextField, TextTest};
use easy_crm_shared::query::{LeadQuery, SortField, SortOrder, Sorting};
use jiff::Timestamp;
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;
use uuid::Uuid;

const LEADS: u64 = 1_000_000;
const LAST_NAMES: u64 = 5_000;
const COMPANIES: u64 = 20_000;
const TERMS: u64 = 100;
const CHANGES: u64 = 10_000;

/// SplitMix64: the same leads in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A pronounceable word, always the same for the same number.
fn word(number: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ter", "van", "sol", "dre", "bex", "cor", "ul", "zan", "fi", "ro", "hal", "qui",
        "nor",
    ];
    let mut random = Random(number);
    let syllables = 2 + random.below(3);
    let mut word: String = (0..syllables).map(|_| SYLLABLES[random.below(16) as usize]).collect();
    word[..1].make_ascii_uppercase();
    word
}

/// The lead with a number, as changed at a time.
fn lead(i: u64, changed_at_ms: i64) -> IndexedLead {
    let mut random = Random(i ^ (changed_at_ms as u64) << 32);
    let first_name = word(random.below(2_000));
    let last_name = word(10_000 + random.below(LAST_NAMES));
    let company_number = random.below(COMPANIES);
    let company = format!("{} {company_number} GmbH", word(20_000 + company_number));
    let email =
        format!("{first_name}.{last_name}{i}@{}.example", word(20_000 + company_number)).to_lowercase();
    let mut remarks = format!("Lead Source: {}; Notes:", word(random.below(30)));
    while remarks.len() < 120 {
        remarks.push(' ');
        remarks.push_str(&word(100_000 + random.below(3_000)));
    }
    let values = LeadValues {
        first_name,
        last_name,
        title: word(50_000 + random.below(300)) + " Manager",
        company,
        email,
        phone: format!("+49 {} {:07}", 200 + random.below(700), random.below(10_000_000)),
        remarks,
    };
    IndexedLead {
        lead_id: Uuid::from_u64_pair(Random(i).next(), i),
        values,
        source_file: format!("import-{}.csv", i / 20_000),
        upload_id: Uuid::from_u64_pair(7, i / 20_000).to_string(),
        created_at_ms: 1_700_000_000_000 + i as i64,
        position: FilePosition::new(0, (i % 20_000) as u32),
        updated_at_ms: 1_700_000_000_000 + changed_at_ms,
        changed_at_ms,
    }
}

/// Resident memory of the process, in MB.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0)
        / 1024
}

fn sorted_by(sort_by: SortField) -> LeadQuery {
    LeadQuery { sorting: Sorting { sort_by, sort_order: SortOrder::Asc }, ..LeadQuery::default() }
}

fn compiled(query: &LeadQuery) -> Result<CompiledQuery, easy_crm_shared::query::QueryError> {
    CompiledQuery::new(query, Timestamp::UNIX_EPOCH)
}

/// The 100 terms of each query that has one.
struct Terms {
    companies: Vec<String>,
    words: Vec<String>,
    emails: Vec<String>,
}

impl Terms {
    fn new() -> Self {
        let all = |term: &dyn Fn(u64) -> String| (0..TERMS).map(term).collect();
        Self {
            companies: all(&|i| word(20_000 + i * 199).to_lowercase()),
            words: all(&|i| word(100_000 + i * 29).to_lowercase()),
            emails: all(&|i| lead(i * 9_973, 0).values.email),
        }
    }
}

/// The medians measured so far.
struct Report(Vec<(&'static str, f64)>);

impl Report {
    /// Runs something for each number up to `runs`; `prepare` is not measured.
    #[allow(clippy::print_stdout, reason = "the report of a benchmark")]
    fn measure<P>(
        &mut self,
        name: &'static str,
        runs: usize,
        mut prepare: impl FnMut(usize) -> P,
        mut run: impl FnMut(P),
    ) {
        let mut times: Vec<Duration> = (0..runs)
            .map(|i| {
                let prepared = prepare(i);
                let started = Instant::now();
                run(prepared);
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (median, worst) = (ms(times[runs / 2]), ms(times[runs - 1]));
        println!("{name:<48} {median:>9.3} ms   worst {worst:>9.3} ms   {runs} runs");
        self.0.push((name, median));
    }
}

#[allow(clippy::print_stdout, reason = "the report of a benchmark")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--to").skip(1);
    let to = arguments.next().map(PathBuf::from);
    let terms = Terms::new();
    if let Some(folder) = &to {
        write_rows(folder)?;
    }

    let empty_mb = resident_mb();
    let started = Instant::now();
    let mut index = LeadIndex::new();
    index.apply_all((0..LEADS).map(|i| LeadChange::Upsert(lead(i, 0))));
    println!("{LEADS} leads generated and indexed in {:.1?}", started.elapsed());
    let memory_mb = resident_mb() - empty_mb;
    for sort_by in SortField::iter() {
        let query = compiled(&sorted_by(sort_by))?;
        let started = Instant::now();
        black_box(index.list(&query, 1, 50));
        println!("first order by {sort_by}: {:.1?}", started.elapsed());
    }
    let memory_with_orders_mb = resident_mb() - empty_mb;
    println!("memory: {memory_mb} MB, {memory_with_orders_mb} MB with all nine orders\n");

    let mut report = Report(Vec::new());
    queries(&mut report, &index, &terms)?;
    snapshot(&mut report, &index)?;
    let by_name = compiled(&sorted_by(SortField::LastName))?;
    let changes = |round: usize| {
        let at = round as u64 + 1;
        (0..CHANGES)
            .map(|i| lead((i * 97 + at) % LEADS, at as i64))
            .map(LeadChange::Upsert)
            .collect::<Vec<_>>()
    };
    report.measure("f: 10,000 changes and the first page after", 20, changes, |changes| {
        index.apply_all(changes);
        black_box(index.list(&by_name, 1, 50));
    });

    if let Some(folder) = &to {
        let medians: Value = report
            .0
            .iter()
            .map(|(name, ms)| (name.to_string(), json!(ms)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let result = json!({
            "leads": LEADS, "memoryMb": memory_mb, "memoryWithOrdersMb": memory_with_orders_mb, "mediansMs": medians,
            "companies": terms.companies, "words": terms.words, "emails": terms.emails,
        });
        std::fs::write(folder.join("lead_index.json"), result.to_string())?;
    }
    Ok(())
}

fn queries(report: &mut Report, index: &LeadIndex, terms: &Terms) -> Result<(), Box<dyn std::error::Error>> {
    let runs = TERMS as usize;
    let by_name = compiled(&sorted_by(SortField::LastName))?;
    report.measure(
        "a: page 20 by last name",
        runs,
        |_| (),
        |()| {
            black_box(index.list(&by_name, 20, 50));
        },
    );
    let company = |i: usize| LeadQuery {
        filters: [(LeadField::Company, terms.companies[i].clone())].into(),
        ..sorted_by(SortField::LastName)
    };
    report.measure("b: company contains, sorted, first page", runs, company, |query| {
        black_box(compiled(&query).map(|query| index.list(&query, 1, 50))).ok();
    });
    report.measure("c: count of b", runs, company, |query| {
        black_box(compiled(&query).map(|query| index.count(&query))).ok();
    });
    let words = |i: usize| LeadQuery { q: terms.words[i].clone(), ..LeadQuery::default() };
    report.measure("d: q over seven fields, count", runs, words, |query| {
        black_box(compiled(&query).map(|query| index.count(&query))).ok();
    });
    let everything = compiled(&LeadQuery::default())?;
    let by_company = GroupBy { by: GroupKey::Company, limit: 10, order: GroupOrder::LargestFirst };
    report.measure(
        "e: group by company, top 10",
        runs,
        |_| (),
        |()| {
            black_box(index.groups(&everything, &by_company));
        },
    );
    let email = |i: usize| LeadQuery {
        condition: Some(Condition::Text {
            field: TextField::Email,
            test: TextTest::Equals(terms.emails[i].clone()),
        }),
        ..LeadQuery::default()
    };
    report.measure("g: exact email", runs, email, |query| {
        black_box(compiled(&query).map(|query| index.list(&query, 1, 50))).ok();
    });
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the report of a benchmark")]
fn snapshot(report: &mut Report, index: &LeadIndex) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = Vec::new();
    let started = Instant::now();
    index.write_snapshot(0, &mut file)?;
    println!("snapshot of {} MB written in {:.1?}", file.len() / 1_000_000, started.elapsed());
    report.measure(
        "load of a snapshot",
        5,
        |_| (),
        |()| {
            black_box(LeadIndex::read_snapshot(&file)).ok();
        },
    );
    Ok(())
}

/// Writes all leads, and a round of changes, as CSV.
fn write_rows(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    let write = |name: &str, leads: &mut dyn Iterator<Item = IndexedLead>| {
        let mut csv = csv::Writer::from_writer(BufWriter::new(File::create(folder.join(name))?));
        let fields = LeadField::iter().map(LeadField::name);
        let times = ["sourceFile", "createdAt", "updatedAt"];
        csv.write_record(["leadId"].into_iter().chain(fields).chain(times))?;
        for lead in leads {
            let times = [lead.created_at_ms, lead.updated_at_ms].map(|time| time.to_string());
            let id = lead.lead_id.to_string();
            let values = LeadField::iter().map(|field| lead.values.get(field));
            let row = [id.as_str()].into_iter().chain(values).chain([lead.source_file.as_str()]);
            csv.write_record(row.chain(times.iter().map(String::as_str)))?;
        }
        csv.into_inner().map_err(|error| error.into_error())?.flush()
    };
    write("leads.csv", &mut (0..LEADS).map(|i| lead(i, 0)))?;
    write("changes.csv", &mut (0..CHANGES).map(|i| lead((i * 97 + 1) % LEADS, 1)))?;
    Ok(())
}
