//! The questions and answers since the user signed in.

use easy_crm_shared::chat::{ChatContext, ChatPart, ChatResponse};
use easy_crm_shared::query::analysis::LeadAnalysis;
use leptos::prelude::*;

use crate::api::{Client, chat, use_client};

/// A question with its answer, once there is one; a failure is a message.
#[derive(Clone)]
pub(super) struct Turn {
    pub(super) number: usize,
    pub(super) question: String,
    context: Option<ChatContext>,
    /// What is sent: empty to run the context as it is.
    sent: String,
    pub(super) answer: Option<Result<ChatResponse, String>>,
}

/// The conversation. Cheap to copy; gone when its owner, the signed-in screen, is.
#[derive(Clone, Copy)]
pub(crate) struct Chat {
    client: Client,
    turns: RwSignal<Vec<Turn>>,
    /// Whether the panel is open.
    pub(crate) open: RwSignal<bool>,
    /// The text in the question field.
    pub(super) draft: RwSignal<String>,
}

/// The page's conversation.
pub(crate) fn use_chat() -> Chat {
    expect_context()
}

impl Chat {
    /// An empty conversation. Needs a client in the context.
    pub(crate) fn new() -> Self {
        let client = use_client();
        let (open, draft) = (RwSignal::new(false), RwSignal::new(String::new()));
        Self { client, turns: RwSignal::new(Vec::new()), open, draft }
    }

    pub(super) fn turns(self) -> ReadSignal<Vec<Turn>> {
        self.turns.read_only()
    }

    /// Whether an answer is pending.
    pub(super) fn is_asking(self) -> bool {
        self.turns.read().last().is_some_and(|turn| turn.answer.is_none())
    }

    /// Asks a question, as a follow-up to the last one that was understood.
    pub(super) fn ask(self, question: &str) {
        let question = question.trim();
        if question.is_empty() {
            return;
        }
        let context = self.turns.with_untracked(|turns| turns.iter().rev().find_map(context_of));
        if self.send(question.to_owned(), question.to_owned(), context) {
            self.draft.set(String::new());
        }
    }

    /// Runs an answer's query without one of its parts.
    pub(super) fn leave_out(self, part: &ChatPart, analysis: Option<LeadAnalysis>) {
        let context = analysis.map(|analysis| ChatContext { query: part.without.clone(), analysis });
        self.send(format!("Without “{}”", part.label), String::new(), context);
    }

    /// Asks a failed question again.
    pub(super) fn retry(self, number: usize) {
        let turn = self.turns.with_untracked(|turns| turns.get(number).cloned());
        if let Some(Turn { question, sent, context, .. }) = turn {
            self.send(question, sent, context);
        }
    }

    /// Sends a question unless an answer is pending; returns whether it did.
    fn send(self, question: String, sent: String, context: Option<ChatContext>) -> bool {
        if untrack(|| self.is_asking()) {
            return false;
        }
        let number = self.turns.read_untracked().len();
        let turn = Turn { number, question, context: context.clone(), sent: sent.clone(), answer: None };
        self.turns.update(|turns| turns.push(turn));
        leptos::task::spawn_local(async move {
            let answer = chat::ask(self.client, sent, context).await;
            // The screen may be gone by now.
            self.turns.try_update(|turns| {
                if let Some(turn) = turns.get_mut(number) {
                    turn.answer = Some(answer.map_err(|error| error.message()));
                }
            });
        });
        true
    }
}

fn context_of(turn: &Turn) -> Option<ChatContext> {
    let Some(Ok(answer)) = &turn.answer else { return None };
    let (query, analysis) = answer.query.clone().zip(answer.analysis)?;
    Some(ChatContext { query, analysis })
}
