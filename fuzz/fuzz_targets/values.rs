//! Cells under the headers with the most parsing: names, addresses, numbers, cards, combined cells.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        for header in ["Name\tEmail\tPhone\tCompany, Position", "Last, First\tContact details\tTitle\tCompany", "Id\tBusiness card\tTel", "E-mail 1 - Type\tE-mail 1 - Value\tPhone 1 - Type\tPhone 1 - Value", "Vorname\tNachname\tE-Mail\tVorwahl\tTelefon\tDurchwahl"] {
            easy_crm_fuzz::standardize(&easy_crm_fuzz::sheet(&format!("{header}\n{text}")));
        }
    }
);
