//! The chat panel: earlier questions with their answers, and the field for the next one.

use easy_crm_shared::chat::MAX_QUESTION_CHARS;
use leptos::html;
use leptos::prelude::*;

use super::answer::{Suggestions, answer_of};
use super::state::{Turn, use_chat};
use crate::browser;
use crate::components::button::IconButton;
use crate::components::icon::{Icon, IconName};

/// Questions every list can answer.
const FIRST_QUESTIONS: [&str; 3] =
    ["How many leads do we have?", "Top 10 companies", "Leads without a phone"];

/// The button that opens and closes the panel.
#[component]
pub(crate) fn ChatButton() -> impl IntoView {
    let open = use_chat().open;
    view! {
        <button type="button" class="button chat-open" data-testid="chat-open" aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)>
            <Icon name=IconName::Chat />
            "Ask"
        </button>
    }
}

/// The panel, while it is open.
#[component]
pub(crate) fn ChatPanel() -> impl IntoView {
    let open = use_chat().open;
    move || open.get().then(|| view! { <Panel /> }.into_any())
}

#[component]
fn Panel() -> impl IntoView {
    let chat = use_chat();
    let (field, log) = (NodeRef::<html::Input>::new(), NodeRef::<html::Div>::new());
    // Focus and scroll position are not reactive, hence an effect.
    Effect::new(move |_| {
        chat.turns().track();
        if let (Some(field), Some(log)) = (field.get(), log.get()) {
            // Never fails for a field of the page.
            let _ = field.focus();
            log.set_scroll_top(log.scroll_height());
        }
    });
    let close = move || {
        chat.open.set(false);
        browser::focus(".chat-open");
    };
    let length = move || chat.draft.read().chars().count();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        chat.ask(&chat.draft.get_untracked());
    };
    view! {
        <aside class="chat" aria-labelledby="chat-title" data-testid="chat"
            on:keydown=move |event: web_sys::KeyboardEvent| if event.key() == "Escape" { close() }>
            <header class="drawer-head">
                <h2 id="chat-title">"Ask about your leads"</h2>
                <IconButton test_id="chat-close" icon=IconName::Close label="Close" on_click=move |_| close() />
            </header>
            <div class="chat-log" node_ref=log role="log" tabindex="0" aria-label="Questions and answers">
                {move || match chat.turns().get() {
                    turns if turns.is_empty() => introduction(),
                    turns => turns.into_iter().map(turn).collect_view().into_any(),
                }}
            </div>
            <form class="chat-form" on:submit=submit>
                <input node_ref=field class="input" data-testid="chat-question" aria-label="Your question" autocomplete="off"
                    placeholder="e.g. leads from Berlin" maxlength=MAX_QUESTION_CHARS.to_string()
                    prop:value=chat.draft on:input=move |event: web_sys::Event| chat.draft.set(event_target_value(&event)) />
                <button type="submit" class="button button-primary" data-testid="chat-ask"
                    disabled=move || length() == 0 || chat.is_asking()>"Ask"</button>
                <small class="muted">{move || format!("{} / {MAX_QUESTION_CHARS}", length())}</small>
            </form>
        </aside>
    }
}

fn introduction() -> AnyView {
    view! {
        <div class="chat-turn">
            <p class="muted">"Every number comes straight from your list. A language model may read your question, but never a lead."</p>
            <Suggestions questions=FIRST_QUESTIONS.map(str::to_owned).to_vec() />
        </div>
    }
    .into_any()
}

fn turn(turn: Turn) -> AnyView {
    view! {
        <div class="chat-turn" data-testid="chat-turn">
            <p class="chat-question">{turn.question.clone()}</p>
            {answer_of(&turn)}
        </div>
    }
    .into_any()
}
