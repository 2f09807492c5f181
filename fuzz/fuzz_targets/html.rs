//! A web page with a table, which some programs save as .xls.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let page = [b"<html><table>", bytes, b"</table>"].concat();
        easy_crm_fuzz::whole_way("a.xls", &page);
    }
);
