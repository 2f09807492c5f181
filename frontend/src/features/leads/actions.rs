//! Actions on the list and its leads, triggered by shortcuts.

use leptos::prelude::*;
use web_sys::Element;

use super::selection::{Selection, use_selection};
use super::viewport::scroll::Scroll;
use crate::browser;

/// Where the focus moves, relative to the focused row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Next,
    Previous,
    First,
    Last,
}

/// The actions of the list. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    selection: Selection,
    /// The scrolling of the rows on the screen, while there are any.
    scroll: StoredValue<Option<Scroll>, LocalStorage>,
}

/// The list's actions.
pub(crate) fn use_actions() -> Actions {
    expect_context()
}

/// Provides the list's actions. Needs a selection in the context.
pub(crate) fn provide() {
    provide_context(Actions { selection: use_selection(), scroll: StoredValue::new_local(None) });
}

impl Actions {
    /// Registers the scrolling of the rows on the screen, until its reactive owner is cleaned up.
    pub(super) fn scrolls_with(self, scroll: Scroll) {
        self.scroll.set_value(Some(scroll));
        on_cleanup(move || {
            self.scroll.try_set_value(None);
        });
    }

    /// Focuses the search field; returns whether there is one.
    pub(crate) fn search(self) -> bool {
        browser::focus("#filter-q")
    }

    /// Moves the focus from the row that has it, or is about to get it, to another one; returns whether keys go to the
    /// list.
    pub(crate) fn focus(self, to: Move) -> bool {
        let Some(scroll) = self.scroll.get_value().filter(|scroll| keys_go_to_list() && scroll.total() > 0)
        else {
            return false;
        };
        let (first_in_view, last) = (scroll.first(), scroll.total() - 1);
        let row = match (to, scroll.awaited().or_else(focused_row)) {
            (Move::First, _) => 0,
            (Move::Last, _) => last,
            (Move::Next | Move::Previous, None) => first_in_view,
            (Move::Next, Some(row)) => (row + 1).min(last),
            (Move::Previous, Some(row)) => row.saturating_sub(1),
        };
        scroll.focus(row);
        true
    }

    /// Selects or deselects the lead whose row is focused; returns whether there is one.
    pub(crate) fn toggle_focused(self) -> bool {
        let is_row = |element: &Element| element.class_list().contains("row-open");
        let row =
            focused_element().filter(is_row).and_then(|row| row.closest("[data-lead-id]").ok().flatten());
        let Some(lead_id) = row.and_then(|row| row.get_attribute("data-lead-id")) else { return false };
        self.selection.set(&lead_id, !untrack(|| self.selection.has(&lead_id)));
        true
    }

    /// Selects all leads of the page, or none if all are selected; returns whether there is a list.
    pub(crate) fn toggle_page(self) -> bool {
        if self.scroll.get_value().is_none() {
            return false;
        }
        self.selection.set_page(!untrack(|| self.selection.has_page()));
        true
    }

    /// Asks the user to confirm deleting the selected leads; returns whether any are selected.
    pub(crate) fn ask_to_delete(self) -> bool {
        self.selection.ask_to_delete()
    }
}

fn focused_element() -> Option<Element> {
    document().active_element()
}

/// The position of the focused row in the list.
fn focused_row() -> Option<u64> {
    focused_element()?.closest("[data-row]").ok()??.get_attribute("data-row")?.parse().ok()
}

/// Whether the keys that move through the list go to it: other controls have their own use for them.
fn keys_go_to_list() -> bool {
    focused_element().is_none_or(|element| {
        matches!(element.tag_name().as_str(), "BODY" | "MAIN")
            || element.closest(".list-card").is_ok_and(|card| card.is_some())
    })
}
