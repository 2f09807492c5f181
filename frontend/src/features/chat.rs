//! Questions about the leads, in a panel next to the list. The server computes the answers; nothing is counted here.

pub(crate) mod answer;
pub(crate) mod panel;
pub(crate) mod state;
