//! Delimited text in any encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        easy_crm_fuzz::whole_way("a.csv", bytes);
    }
);
