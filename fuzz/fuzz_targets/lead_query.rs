//! A query from a request, and what is asked about its leads: it is either refused, or it is within the limits,
//! round-trips through its own JSON, and the engine's answers agree.
#![no_main]

use easy_crm_shared::chat::ChatContext;
use easy_crm_shared::query::LeadQuery;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(query) = serde_json::from_slice::<LeadQuery>(bytes) {
        easy_crm_fuzz::ask(&query, &Default::default());
    }
    if let Ok(ChatContext { query, analysis }) = serde_json::from_slice(bytes) {
        easy_crm_fuzz::ask(&query, &analysis);
    }
});
