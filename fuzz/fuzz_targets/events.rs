//! Arbitrary input from S3, SQS and API Gateway to a function.
#![no_main]

use easy_crm_lambdas::hostile_events::{batch, failure, invocation, request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: easy_crm_fuzz::contained_panics(),
    |text: &str| {
        // Text of one kind is often text of another too, and nothing separates them on the way.
        let _ = (invocation(text), failure(text), batch(text), request(text));
    }
);
