//! Sorts many slots by their texts.

use std::cmp::Ordering;

use super::fold;

/// Sorts by text, sixteen bytes of all texts at a time: comparing texts one by one would wait for memory each time.
/// `compare` decides where texts share a long prefix, or few are left.
pub(super) fn sort_by_text<'t>(
    slots: &mut [(u128, u32)],
    skip: usize,
    text: &impl Fn(u32) -> &'t str,
    compare: &impl Fn(u32, u32) -> Ordering,
) {
    const FEW: usize = 16;
    const LONG: usize = 16 * fold::KEY_BYTES;
    for (key, slot) in slots.iter_mut() {
        *key = fold::sort_key(text(*slot), skip);
    }
    slots.sort_unstable_by_key(|(key, _)| *key);
    for tied in slots.chunk_by_mut(|a, b| a.0 == b.0) {
        let at_end = tied[0].0 & 0xff == 0;
        if at_end || tied.len() <= FEW || skip >= LONG {
            tied.sort_unstable_by(|a, b| compare(a.1, b.1));
        } else {
            sort_by_text(tied, skip + fold::KEY_BYTES, text, compare);
        }
    }
}
