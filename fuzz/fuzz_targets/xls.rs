//! An OLE2 file: XLS and everything that looks like one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        easy_crm_fuzz::whole_way("a.xls", bytes);
    }
);
