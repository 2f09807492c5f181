//! Questions in plain words, turned into queries by a fixed grammar.
//!
//! A wrong query is never made: every word of a question has to be understood as vocabulary ([`words`], from the lists
//! in `data/chat`) or be where a value belongs. Anything else is returned as unclear, to be handled by a language model
//! or rephrased by the user. `test_data/chat/README.md` specifies how questions are read.

pub mod answer;
mod assemble;
mod conditions;
mod dates;
mod examples;
mod follow_up;
mod groups;
pub mod model;
mod said;
mod scan;
mod tokens;
mod values;
mod words;

use easy_crm_shared::chat::{ChatContext, MAX_QUESTION_CHARS};
use jiff::Timestamp;

pub use examples::examples;
use scan::Scan;
use words::Language;

/// The result of parsing a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// The query, and what is asked about its leads.
    Understood(ChatContext),
    /// No query.
    Unclear(Unclear),
}

/// Why a question does not become a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// There are no words in it.
    Empty,
    /// It is longer than [`MAX_QUESTION_CHARS`].
    TooLong,
    /// Some of it is not vocabulary, or is not where it could be understood.
    NotUnderstood,
    /// It asks for something that is not in the leads, or for a change.
    NotInTheLeads,
    /// Something is missing: a value, a field, a previous question.
    Unfinished,
    /// It ranks leads without saying by what.
    RankedByWhat,
    /// It asks for leads that share an email address; there are none.
    SharedAddress,
    /// A date like 03/04/2026 is ambiguous.
    TwoDates,
    /// All and any are combined ambiguously.
    MixedJoints,
}

impl Unclear {
    /// Whether a language model could still make a query of the question.
    #[must_use]
    pub const fn may_ask_model(self) -> bool {
        matches!(self, Self::NotUnderstood | Self::Unfinished | Self::MixedJoints | Self::NotInTheLeads)
    }

    /// The reason, in words for the user.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "Please ask a question about your leads.",
            Self::TooLong => "That question is too long; the limit is 500 characters.",
            Self::NotUnderstood => "I did not understand all of that, so I did not guess.",
            Self::NotInTheLeads => {
                "I can only find, count and group the stored leads. Your question asks for something else, or for a change."
            }
            Self::Unfinished => "Something seems to be missing from that question.",
            Self::RankedByWhat => "Ranked by what? I can sort leads by newest, oldest or any field.",
            Self::SharedAddress => {
                "No two leads share an email address. Duplicates can be found by phone number or by name."
            }
            Self::TwoDates => "That date is ambiguous. Please write it like 2026-04-03 or 3 April 2026.",
            Self::MixedJoints => {
                "The combination of \"and\" and \"or\" is ambiguous there. Please ask in two steps."
            }
        }
    }
}

/// Parses a question. `context` is what the previous answer was about; days begin at midnight of a clock
/// `utc_offset_minutes` ahead of UTC.
#[must_use]
pub fn parse(
    question: &str,
    context: Option<&ChatContext>,
    now: Timestamp,
    utc_offset_minutes: i32,
) -> Parsed {
    if question.chars().count() > MAX_QUESTION_CHARS {
        return Parsed::Unclear(Unclear::TooLong);
    }
    let languages = Language::candidates(question);
    if languages.is_empty() {
        return Parsed::Unclear(Unclear::Empty);
    }
    let mut unclear = Unclear::NotUnderstood;
    for (nth, language) in languages.into_iter().enumerate() {
        let scan = Scan::new(question, language, dates::today(now, utc_offset_minutes));
        let read = scan.run().and_then(|scan| scan.finish(context, utc_offset_minutes));
        match read {
            Ok(understood)
                if understood.query.validate().is_ok() && understood.analysis.validate().is_ok() =>
            {
                return Parsed::Understood(understood);
            }
            Ok(_) => {}
            Err(why) if nth == 0 => unclear = why,
            Err(_) => {}
        }
    }
    Parsed::Unclear(unclear)
}

#[cfg(test)]
mod tests;
