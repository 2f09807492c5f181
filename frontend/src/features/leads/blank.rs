//! What is shown in place of the list when there are no rows.

use leptos::prelude::*;

use super::list::{ListView, use_lead_list};
use crate::components::button::Button;
use crate::components::icon::IconName;
use crate::components::states::Blank;

/// What is shown in place of the list when there are no rows.
#[component]
pub(super) fn ListBlank(view: ListView) -> impl IntoView {
    let list = use_lead_list();
    match view {
        ListView::Failed(message) => view! {
            <Blank icon=IconName::Alert title="Leads could not be loaded" text=message danger=true test_id="list-error">
                <Button test_id="retry" on_click=move |_| list.refresh()>"Try again"</Button>
            </Blank>
        }
        .into_any(),
        ListView::NoMatch => view! {
            <Blank icon=IconName::Search title="No matching leads" test_id="list-no-match"
                text="Check the spelling or remove a filter. Case and accents do not matter.">
                <Button test_id="clear-filters-blank" on_click=move |_| list.clear_filters()>"Clear filters"</Button>
            </Blank>
        }
        .into_any(),
        ListView::PastEnd { last_page } => view! {
            <Blank icon=IconName::Search title="This page is past the end of the list" test_id="list-past-end"
                text="There are fewer leads now than when this link was created.">
                <Button test_id="go-to-last-page" on_click=move |_| list.change(|state| state.page = last_page)>"Go to the last page"</Button>
            </Blank>
        }
        .into_any(),
        ListView::Empty => view! { <FirstSteps /> }.into_any(),
        ListView::Loading | ListView::Rows => ().into_any(),
    }
}

/// What a new user sees instead of an empty table.
#[component]
fn FirstSteps() -> impl IntoView {
    let steps = [
        ("Drop a file", "Any spreadsheet of leads, however messy. All sheets are read."),
        (
            "We find the columns",
            "Names, companies, emails and phone numbers go to their own fields. Everything else goes to the remarks.",
        ),
        ("One lead per email", "Duplicates are merged, and every row is accounted for."),
    ];
    view! {
        <div class="first-steps" data-testid="list-empty">
            <p class="blank-title">"Your leads will appear here"</p>
            <ol>
                {steps.map(|(title, text)| view! {
                    <li>
                        <p class="step-title">{title}</p>
                        <p class="muted">{text}</p>
                    </li>
                }).collect_view()}
            </ol>
        </div>
    }
}
