//! The parts of an XLSX: a sheet, the shared strings, the styles, the list of sheets.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let [sheet, strings, styles, book] = easy_crm_fuzz::pieces(bytes);
        let default_book: &[u8] = include_bytes!("../parts/workbook.xml");
        let file = easy_crm_fuzz::archive(&[
            ("[Content_Types].xml", include_bytes!("../parts/content_types.xml")),
            ("_rels/.rels", include_bytes!("../parts/rels.xml")),
            ("xl/workbook.xml", if book.is_empty() { default_book } else { book }),
            ("xl/_rels/workbook.xml.rels", include_bytes!("../parts/workbook.xml.rels")),
            ("xl/worksheets/sheet1.xml", sheet),
            ("xl/sharedStrings.xml", strings),
            ("xl/styles.xml", styles),
        ]);
        easy_crm_fuzz::whole_way("a.xlsx", &file);
    }
);
