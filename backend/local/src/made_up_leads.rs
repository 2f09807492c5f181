//! Generated leads, always the same ones, as many as a measurement needs.

use std::io;

use easy_crm_domain::identity::FilePosition;
use easy_crm_domain::lead::LeadValues;
use easy_crm_domain::lead_index::snapshot::VERSION;
use easy_crm_domain::lead_index::{IndexedLead, LeadChange, LeadIndex};
use easy_crm_lambdas::aws::AwsError;
use easy_crm_lambdas::aws::snapshots::SNAPSHOTS_PREFIX;
use uuid::Uuid;

use crate::LocalApp;

/// Why the leads could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum MadeUpError {
    /// The snapshot could not be written.
    #[error("the snapshot could not be written: {0}")]
    Snapshot(#[from] io::Error),
    /// Writing it was interrupted by a panic.
    #[error("writing the snapshot broke off")]
    BrokenOff(#[from] tokio::task::JoinError),
    /// The object store refused it.
    #[error(transparent)]
    Aws(#[from] AwsError),
}

/// Stores a list of generated leads as a snapshot, where the next cold start finds it.
///
/// # Errors
/// When it cannot be written or stored.
pub async fn put_snapshot(local: &LocalApp, leads: u64) -> Result<(), MadeUpError> {
    let position_ms = local.app().now().as_millisecond();
    let file = tokio::task::spawn_blocking(move || {
        let mut index = LeadIndex::new();
        index.apply_all((0..leads).map(|i| LeadChange::Upsert(lead(i))));
        let mut file = Vec::new();
        index.write_snapshot(position_ms, &mut file).map(|()| file)
    });
    let file = file.await??;
    let put = local.clients().s3.put_object().bucket(&local.app().config().files_bucket);
    let key = format!("{SNAPSHOTS_PREFIX}v{VERSION}/{position_ms:015}-bench");
    put.key(key)
        .body(file.into())
        .send()
        .await
        .map_err(|error| AwsError::new("S3 PutObject snapshot", &error))?;
    Ok(())
}

/// The n-th lead: always the same.
#[must_use]
pub fn lead(i: u64) -> IndexedLead {
    let at = |salt: u64, end: u64| mixed(i.wrapping_mul(31).wrapping_add(salt)) % end;
    let company = at(3, 20_000);
    let (first_name, last_name) = (word(at(1, 2_000)), word(10_000 + at(2, 5_000)));
    let mut remarks = format!("Lead Source: {}; Notes:", word(at(4, 30)));
    let mut salt = 100;
    while remarks.len() < 117 {
        remarks.push(' ');
        remarks.push_str(&word(100_000 + at(salt, 3_000)));
        salt += 1;
    }
    IndexedLead {
        lead_id: Uuid::from_u64_pair(mixed(i), i),
        source_file: format!("import-{}.csv", i / 20_000),
        upload_id: Uuid::from_u64_pair(7, i / 20_000).to_string(),
        created_at_ms: 1_700_000_000_000 + i as i64,
        position: FilePosition::new(0, (i % 20_000) as u32),
        updated_at_ms: 1_700_000_000_000 + i as i64,
        changed_at_ms: 1_700_000_000_000 + i as i64,
        values: LeadValues {
            email: format!("{first_name}.{last_name}{i}@{}.example", word(20_000 + company)).to_lowercase(),
            first_name,
            last_name,
            title: word(50_000 + at(5, 300)) + " Manager",
            company: format!("{} {company} GmbH", word(20_000 + company)),
            phone: format!("+49 {} {:07}", 200 + at(6, 700), at(7, 10_000_000)),
            remarks,
        },
    }
}

/// A pronounceable word, always the same for the same number.
#[must_use]
pub fn word(number: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ter", "van", "sol", "dre", "bex", "cor", "ul", "zan", "fi", "ro", "hal", "qui",
        "nor",
    ];
    let mixed = mixed(number);
    let syllables = (0..2 + mixed % 3).map(|at| SYLLABLES[(mixed >> (8 + 4 * at)) as usize % 16]);
    let mut word: String = syllables.collect();
    word[..1].make_ascii_uppercase();
    word
}

/// SplitMix64.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
