//! Arbitrary bytes under any name: detection, decoding, reading, standardising.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let names = ["a.csv", "a.tsv", "a.xlsx", "a.xls", "a.xlsb", "a.ods", "a.txt", "a"];
        let Some((first, rest)) = bytes.split_first() else { return };
        easy_crm_fuzz::whole_way(names[usize::from(*first) % names.len()], rest);
    }
);
