//! What the tabs of a browser tell each other about the session, over a `BroadcastChannel`: only pages of the same origin
//! hear it, and nothing of it is stored.

use serde::{Deserialize, Serialize};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::tokens::Tokens;

const CHANNEL: &str = "easy-crm.session";

/// What one tab tells all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Message {
    /// It needs the current tokens.
    Ask,
    /// The current tokens: an answer, or news after a sign-in or a renewal.
    Tokens(Tokens),
    /// The user signed out, which ends this session.
    SignedOut { session_id: Option<String> },
}

/// The connection to the other tabs.
#[derive(Clone)]
pub(super) struct Tabs(BroadcastChannel);

impl Tabs {
    /// Connects to the other tabs; `hear` is called with what they say, as long as the page exists. `None` where the
    /// browser has no such channel: then every tab has its own session.
    pub(super) fn open(hear: impl Fn(Message) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            // Another version of the page may say things that this one does not know.
            let message = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
            if let Some(message) = message {
                hear(message);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        Some(Self(channel))
    }

    /// Tells all other tabs.
    pub(super) fn tell(&self, message: &Message) {
        if let Ok(text) = serde_json::to_string(message) {
            // Fails only for a closed channel, and this one is never closed.
            let _ = self.0.post_message(&JsValue::from_str(&text));
        }
    }
}
