//! The AWS services on a laptop, called in-process through the SDK's own HTTP layer: no port, no second code path.

pub(crate) mod connector;
pub(crate) mod counters;
pub(crate) mod dynamodb;
pub(crate) mod faults;
pub(crate) mod queue_protocol;
pub(crate) mod queue_store;
pub(crate) mod recorder;
pub(crate) mod s3;
pub(crate) mod s3_events;
