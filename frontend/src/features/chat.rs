//! Questions about the leads, in a panel beside the list. The answers are the server's: nothing is counted here.

pub(crate) mod answer;
pub(crate) mod panel;
pub(crate) mod state;
