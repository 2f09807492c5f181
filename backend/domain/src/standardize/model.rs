//! What a language model may be asked, and what is accepted of its answers.
//!
//! The rules decide alone wherever they can. A model is asked about the columns of a layout they are unsure of
//! ([`columns`]: headers and masked samples, never a cell), and, where the data policy allows it, about business cards
//! and other free text that no column plan fits ([`cards`]). No answer is trusted: a column must look like what it is
//! said to contain, a value must occur in the text it was read from, and whatever fails is left to the rules. So text
//! in a file that addresses the model can at worst make an answer useless.

pub mod cards;
pub mod columns;
mod evidence;
mod masks;

use std::fmt::Write as _;

/// A question to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What to do, and the format of the answer.
    pub instructions: String,
    /// The input, as JSON.
    pub material: String,
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // writing to a string cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}
