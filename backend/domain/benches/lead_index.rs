//! How fast the list is with a million leads: the queries of the list, with 100 different search terms and no result
//! kept from one to the next.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::lead_index::{IndexedLead, LeadChange, LeadIndex};
use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::{LeadQuery, SortField, SortOrder, Sorting};
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

fn lead(i: u64, changed_at_ms: i64) -> LeadChange {
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
    LeadChange::Upsert(IndexedLead {
        lead_id: Uuid::from_u64_pair(Random(i).next(), i),
        values,
        source_file: format!("import-{}.csv", i / 20_000),
        created_at_ms: 1_700_000_000_000 + i as i64,
        updated_at_ms: 1_700_000_000_000 + changed_at_ms,
        changed_at_ms,
    })
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0)
        / 1024
}

fn query(filter: Option<(LeadField, String)>, q: &str, sort_by: SortField) -> LeadQuery {
    LeadQuery {
        filters: filter.into_iter().collect(),
        q: q.to_owned(),
        sorting: Sorting { sort_by, sort_order: SortOrder::Asc },
        ..LeadQuery::default()
    }
}

#[allow(clippy::print_stderr, reason = "memory and first calls are measured once, beside criterion's report")]
fn lead_index(c: &mut Criterion) {
    let empty_mb = resident_mb();
    let started = Instant::now();
    let mut index = LeadIndex::new();
    index.apply_all((0..LEADS).map(|i| lead(i, 0)));
    eprintln!("{LEADS} leads in {:.1?}, {} MB", started.elapsed(), resident_mb() - empty_mb);
    for sort_by in SortField::ALL {
        let started = Instant::now();
        black_box(index.list(&query(None, "", sort_by), 1, 50));
        eprintln!("first page by {sort_by}: {:.1?}", started.elapsed());
    }
    eprintln!("{} MB with all orders", resident_mb() - empty_mb);

    let mut group = c.benchmark_group("lead_index");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    let mut turn = 0;
    let mut next = move || {
        turn += 1;
        turn % TERMS
    };
    let company = |term: u64| Some((LeadField::Company, word(20_000 + term * 199).to_lowercase()));

    let by_name = query(None, "", SortField::LastName);
    group.bench_function("a: page 20 by last name", |b| b.iter(|| black_box(index.list(&by_name, 20, 50))));
    group.bench_function("b: company contains, sorted, page 1", |b| {
        b.iter(|| black_box(index.list(&query(company(next()), "", SortField::LastName), 1, 50)));
    });
    group.bench_function("c: count of b", |b| {
        b.iter(|| black_box(index.count(&query(company(next()), "", SortField::LastName))));
    });
    group.bench_function("d: q over seven fields, count", |b| {
        b.iter(|| black_box(index.count(&query(None, &word(100_000 + next() * 29), SortField::CreatedAt))));
    });
    group.bench_function("g: exact e-mail", |b| {
        b.iter(|| {
            let LeadChange::Upsert(lead) = lead(next() * 9_973, 0) else { return };
            black_box(index.list(
                &query(Some((LeadField::Email, lead.values.email)), "", SortField::CreatedAt),
                1,
                50,
            ));
        });
    });
    let mut round = 0;
    group.bench_function("f: 10,000 changes and page 1 after them", |b| {
        b.iter_batched(
            || {
                round += 1;
                (0..CHANGES).map(|i| lead((i * 97 + round) % LEADS, round as i64)).collect::<Vec<_>>()
            },
            |changes| {
                index.apply_all(changes);
                black_box(index.list(&by_name, 1, 50));
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, lead_index);
criterion_main!(benches);
