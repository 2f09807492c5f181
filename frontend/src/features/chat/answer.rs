//! One answer: text, parts of the query, chart, first leads, and follow-up actions.

use easy_crm_shared::chat::{ChatAnswerType, ChatPart, ChatResponse};
use easy_crm_shared::export::ExportFormat;
use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::analysis::LeadGroup;
use leptos::prelude::*;

use super::state::{Turn, use_chat};
use crate::browser;
use crate::components::button::Button;
use crate::components::icon::{Icon, IconName};
use crate::features::export::use_exports;
use crate::features::leads::address::ListState;
use crate::features::leads::list::use_lead_list;
use crate::features::leads::text;
use crate::format;

/// What is shown below a question.
pub(super) fn answer_of(turn: &Turn) -> AnyView {
    let number = turn.number;
    match turn.answer.clone() {
        None => view! { <p class="muted" data-testid="chat-waiting">"Searching…"</p> }.into_any(),
        Some(Err(message)) => failed(number, message),
        Some(Ok(answer)) if answer.kind == ChatAnswerType::Error => failed(number, answer.response),
        Some(Ok(answer)) => understood(answer),
    }
}

fn failed(number: usize, message: String) -> AnyView {
    let chat = use_chat();
    view! {
        <p class="notice notice-danger" data-testid="chat-error">{message}</p>
        <div><Button test_id="chat-retry" on_click=move |_| chat.retry(number)>"Try again"</Button></div>
    }
    .into_any()
}

fn understood(answer: ChatResponse) -> AnyView {
    let chat = use_chat();
    let ChatResponse { response, query, analysis, result_count, leads, groups, parts, suggestions, .. } =
        answer;
    let (leads, groups) = (leads.unwrap_or_default(), groups.unwrap_or_default());
    let is_any = result_count.is_some_and(|count| count > 0);
    let state = query.filter(|_| is_any).map(ListState::of_query);
    let has_parts = !parts.is_empty();
    let part = |part: ChatPart| {
        let text = part.label.clone();

        let leave_out = move |_| chat.leave_out(&part, analysis);
        view! {
            <li>
                <Button class="chip" test_id="chat-part" label=format!("Without {text}") on_click=leave_out>
                    <span>{text}</span>
                    <Icon name=IconName::Close />
                </Button>
            </li>
        }
    };
    let shows_leads = groups.is_empty() && !leads.is_empty();
    view! {
        <p data-testid="chat-response">{response}</p>
        {has_parts.then(|| view! {
            <ul class="chips" aria-label="Parts of the query">{parts.into_iter().map(part).collect_view()}</ul>
        })}
        {(!groups.is_empty()).then(|| chart(groups))}
        {shows_leads.then(|| first_leads(&leads))}
        {state.map(actions)}
        <Suggestions questions=suggestions />
    }
    .into_any()
}

fn actions(state: ListState) -> AnyView {
    let (list, exports, chat) = (use_lead_list(), use_exports(), use_chat());
    let query = state.lead_query();
    let show = move |_| {
        let state = state.clone();
        list.show(|shown| *shown = ListState { page_size: shown.page_size, ..state });
        // On a phone the panel is in front of the list.
        chat.open.set(!browser::is_narrow());
    };
    view! {
        <div class="chat-actions">
            <Button test_id="chat-open-table" on_click=show>"Open in table"</Button>
            <Button class="button button-quiet" test_id="chat-export" disabled=exports.is_busy()
                on_click=move |_| exports.start(query.clone(), ExportFormat::Csv)>"Export"</Button>
        </div>
    }
    .into_any()
}

/// A bar per group, the longest for the largest; the counts are shown as text.
fn chart(groups: Vec<LeadGroup>) -> AnyView {
    let most = groups.iter().map(|group| group.count).max().unwrap_or(1).max(1);
    let bar = |LeadGroup { key, label, count }: LeadGroup| {
        let width = (count * 100 / most).max(1).to_string();
        view! {
            <li>
                <span>{label.unwrap_or(key)}</span>
                <b>{format::count(count)}</b>
                <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width=width height="6" /></svg>
            </li>
        }
    };
    view! { <ul class="chat-bars" data-testid="chat-chart" aria-label="Groups">{groups.into_iter().map(bar).collect_view()}</ul> }
        .into_any()
}

fn first_leads(leads: &[Lead]) -> AnyView {
    let list = use_lead_list();
    let row = |lead: &Lead| {
        let lead_id = lead.lead_id.clone();
        let (name, position) = (text::display_name(lead), text::position(lead));
        let open = move |_| list.show(|state| state.open = Some(lead_id.clone()));
        view! {
            <li>
                <Button class="chat-lead" test_id="chat-lead" on_click=open>
                    <b>{name}</b>
                    <span class="muted">{position}</span>
                </Button>
            </li>
        }
    };
    view! { <ul class="chat-leads" aria-label="First leads">{leads.iter().map(row).collect_view()}</ul> }
        .into_any()
}

/// Questions the user can ask with a click.
#[component]
pub(super) fn Suggestions(questions: Vec<String>) -> impl IntoView {
    let chat = use_chat();
    let one = move |question: String| {
        let asked = question.clone();
        view! { <li><Button class="chip" test_id="chat-suggestion" on_click=move |_| chat.ask(&asked)>{question}</Button></li> }
    };
    (!questions.is_empty()).then(|| {
        view! { <ul class="chips" aria-label="Suggestions">{questions.into_iter().map(one).collect_view()}</ul> }
    })
}
