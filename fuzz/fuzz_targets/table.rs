//! A table of arbitrary cells: where it begins, what its columns are, what its rows contain.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            easy_crm_fuzz::standardize(&easy_crm_fuzz::sheet(text));
        }
    }
);
