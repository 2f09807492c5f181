//! An XML Spreadsheet 2003.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let head = br#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">"#;
        easy_crm_fuzz::whole_way("a.xml", &[head, bytes, b"</Workbook>"].concat());
    }
);
