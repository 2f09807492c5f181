//! A question in plain words, after another one or alone: what the grammar understands is a query within the limits,
//! and the list, its number and its words agree.
#![no_main]

use easy_crm_domain::chat::{Parsed, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let now = easy_crm_fuzz::now();
    let mut context = None;
    for question in text.split('\n').take(3) {
        if let Parsed::Understood(understood) = parse(question, context.as_ref(), now, 60) {
            easy_crm_fuzz::ask(&understood.query, &understood.analysis);
            context = Some(understood);
        }
    }
});
