//! Adding files: the drop zone, the checks before anything is sent, and the queue that sends them one by one.

pub(crate) mod job;
mod paste;
pub(crate) mod queue;
pub(crate) mod remembered;
pub(crate) mod state;
pub(crate) mod zone;
