//! Where the user chooses what imports do to leads that already exist.

use easy_crm_shared::upload::UpdatePolicy;
use leptos::prelude::*;

use super::queue::use_uploads;
use super::update_policy::CHOICES;

/// Radio buttons for the choice; `group` is their name, different on each form.
#[component]
pub(super) fn UpdateChoice(group: &'static str) -> impl IntoView {
    let uploads = use_uploads();
    let policy = uploads.update_policy();
    let option = move |(one, name, explanation): (UpdatePolicy, &'static str, &'static str)| {
        view! {
            <label class="choice-option">
                <input type="radio" name=group value=one.name() data-testid=format!("update-{one}")
                    prop:checked=move || policy.get() == one on:change=move |_| uploads.choose_update_policy(one) />
                <span>
                    <span class="choice-name">{name}</span>
                    <span class="muted">{explanation}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="choice" data-testid="update-choice">
            <legend>"If a lead already exists"</legend>
            {CHOICES.map(option).collect_view()}
        </fieldset>
    }
}
