//! The content of an ODS.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let file = easy_crm_fuzz::archive(&[
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", bytes),
        ]);
        easy_crm_fuzz::whole_way("a.ods", &file);
    }
);
