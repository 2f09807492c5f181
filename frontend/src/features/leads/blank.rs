//! What stands in the list's place when there are no rows to show.

use leptos::prelude::*;

use super::list::{ListView, use_lead_list};
use crate::components::button::Button;
use crate::components::icon::IconName;
use crate::components::states::Blank;

/// What stands in the list's place when there are no rows to show.
#[component]
pub(super) fn ListBlank(view: ListView) -> impl IntoView {
    let list = use_lead_list();
    match view {
        ListView::Failed(message) => view! {
            <Blank icon=IconName::Alert title="The leads could not be loaded" text=message danger=true test_id="list-error">
                <Button test_id="retry" on_click=move |_| list.refresh()>"Try again"</Button>
            </Blank>
        }
        .into_any(),
        ListView::NoMatch => view! {
            <Blank icon=IconName::Search title="No lead matches" test_id="list-no-match"
                text="Check the spelling, or take a filter away. Case and accents do not matter.">
                <Button test_id="clear-filters-blank" on_click=move |_| list.clear_filters()>"Clear filters"</Button>
            </Blank>
        }
        .into_any(),
        ListView::PastEnd { last_page } => view! {
            <Blank icon=IconName::Search title="The list ends before this page" test_id="list-past-end"
                text="There are fewer leads than when this address was made.">
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
        ("Drop a file", "Any spreadsheet of leads, as messy as it is. All sheets are read."),
        (
            "We find the columns",
            "Names, companies, emails and phones go to their place. All else becomes remarks.",
        ),
        ("One lead per email", "Duplicates are merged, and every row is accounted for."),
    ];
    view! {
        <div class="first-steps" data-testid="list-empty">
            <p class="blank-title">"Your leads will be here"</p>
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
