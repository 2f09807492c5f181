//! The binary parts of an XLSB: a sheet, the list of sheets, the shared strings, the styles.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let [sheet, book, strings, styles] = easy_crm_fuzz::pieces(bytes);
        let file = easy_crm_fuzz::archive(&[
            ("[Content_Types].xml", include_bytes!("../parts/xlsb_content_types.xml")),
            ("_rels/.rels", include_bytes!("../parts/xlsb_rels.xml")),
            ("xl/workbook.bin", book),
            ("xl/_rels/workbook.bin.rels", include_bytes!("../parts/xlsb_workbook.bin.rels")),
            ("xl/worksheets/sheet1.bin", sheet),
            ("xl/sharedStrings.bin", strings),
            ("xl/styles.bin", styles),
        ]);
        easy_crm_fuzz::whole_way("a.xlsb", &file);
    }
);
