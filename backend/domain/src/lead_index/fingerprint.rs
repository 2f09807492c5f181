//! A fingerprint of everything in the index: the same for the same leads in every process, in whatever order they
//! arrived, so that two servers give a page the same entity tag.

use easy_crm_shared::lead::LeadField;
use strum::IntoEnumIterator as _;
use uuid::Uuid;

use super::IndexedLead;

/// A digest of all values of a lead.
pub(super) fn digest(lead: &IndexedLead) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    let texts = LeadField::iter().map(|field| lead.values.get(field));
    for text in texts.chain([lead.source_file.as_str(), lead.upload_id.as_str()]) {
        hasher.update(text.as_bytes());
        // Never occurs in UTF-8: distinguishes `ab` + `c` from `a` + `bc`.
        hasher.update(&[0xff]);
    }
    hasher.update(&lead.created_at_ms.to_le_bytes());
    hasher.update(&lead.position.number().to_le_bytes());
    hasher.update(&lead.updated_at_ms.to_le_bytes());
    hasher.finalize()
}

/// What a lead contributes to the index's fingerprint; `digest` is the digest of its values.
pub(super) fn of_lead(lead_id: Uuid, changed_at_ms: i64, digest: u32) -> u64 {
    let (high, low) = lead_id.as_u64_pair();
    [low, changed_at_ms as u64, u64::from(digest)]
        .into_iter()
        .fold(mixed(high), |mix, part| mixed(mix ^ part))
}

/// The mixing step of SplitMix64: every bit of the input changes half of the output's.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
