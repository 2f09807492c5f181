//! Which columns the table shows and how wide they are. Stored in this browser.

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::SortField;
use leptos::prelude::*;
use strum::IntoEnumIterator as _;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

use super::text;
use crate::browser;
use crate::components::icon::{Icon, IconName};
use crate::query_string::{pairs, query};

const KEY: &str = "easy-crm.columns";
/// Narrowest and widest column, in pixels.
const WIDTHS: std::ops::RangeInclusive<i32> = 64..=960;
/// How far an arrow key changes a width, in pixels.
const STEP: i32 = 16;
/// Stored for a hidden column in place of its width.
const HIDDEN: &str = "hidden";

/// Widths and hidden columns, by the name of the column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Layout(Vec<(String, Option<i32>)>);

impl Layout {
    fn from_text(text: &str) -> Self {
        let known = |name: &str| SortField::iter().any(|field| field.name() == name);
        let read = |(name, value): (String, String)| match value.as_str() {
            HIDDEN => Some((name, None)),
            width => Some((name, Some(clamped(width.parse().ok()?)))),
        };
        Self(pairs(text).into_iter().filter(|(name, _)| known(name)).filter_map(read).collect())
    }

    fn to_text(&self) -> String {
        query(
            self.0
                .iter()
                .map(|(name, width)| (name, width.map_or(HIDDEN.to_owned(), |width| width.to_string()))),
        )
    }

    fn of(&self, name: &str) -> Option<Option<i32>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, width)| *width)
    }

    fn set(&mut self, name: &str, value: Option<Option<i32>>) {
        self.0.retain(|(known, _)| known != name);
        self.0.extend(value.map(|value| (name.to_owned(), value)));
    }
}

fn clamped(width: i32) -> i32 {
    width.clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// The table's columns. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Columns(RwSignal<Layout>);

/// The columns of this list.
pub(super) fn use_columns() -> Columns {
    expect_context()
}

/// Reads what was kept.
pub(super) fn provide() {
    let kept = browser::local_get(KEY).map(|text| Layout::from_text(&text)).unwrap_or_default();
    provide_context(Columns(RwSignal::new(kept)));
}

impl Columns {
    /// The hidden columns, as the style sheet looks for them.
    pub(super) fn hidden_names(self) -> String {
        let layout = self.0.read();
        let hidden = layout.0.iter().filter(|(_, width)| width.is_none());
        hidden.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The width the user gave a column, in pixels.
    pub(super) fn width(self, field: SortField) -> Option<i32> {
        self.0.read().of(field.name()).flatten()
    }

    /// Widths and hidden columns as text, for a saved view.
    pub(super) fn text(self) -> String {
        self.0.read().to_text()
    }

    /// Applies widths and hidden columns of a saved view.
    pub(super) fn set_text(self, text: &str) {
        self.change(|layout| *layout = Layout::from_text(text));
    }

    fn change(self, change: impl FnOnce(&mut Layout)) {
        self.0.update(change);
        let text = self.0.with_untracked(Layout::to_text);
        browser::local_set(KEY, (!text.is_empty()).then_some(&text));
    }
}

/// A list of columns to show or hide.
#[component]
pub(super) fn ColumnChooser() -> impl IntoView {
    let columns = use_columns();
    let all = LeadField::iter().map(|field| (SortField::from(field), text::label(field)));
    let all = all.into_iter().chain([(SortField::CreatedAt, "Added")]);
    let item = move |(field, label): (SortField, &'static str)| {
        let name = field.name();
        let is_shown = move || columns.0.read().of(name) != Some(None);
        let toggle = move |_| {
            let hide = is_shown().then_some(None);
            columns.change(|layout| layout.set(name, hide));
        };
        // The first column has the button that opens the lead.
        let is_fixed = field == SortField::FirstName;
        view! {
            <label>
                <input type="checkbox" data-testid=format!("column-{name}") disabled=is_fixed prop:checked=is_shown on:change=toggle />
                {label}
            </label>
        }
    };
    view! {
        <details class="menu" name="menu" data-testid="columns">
            <summary class="button"><Icon name=IconName::Columns />"Columns"</summary>
            <div class="menu-body card" role="group" aria-label="Columns">
                {all.map(item).collect_view()}
                <button type="button" class="button button-quiet button-small" data-testid="columns-reset"
                    on:click=move |_| columns.change(|layout| layout.0.clear())>
                    "Reset columns"
                </button>
            </div>
        </details>
    }
}

/// The right edge of a column head: drag it, or focus it and use the arrow keys.
#[component]
pub(super) fn Resizer(columns: Columns, sort_by: SortField, label: &'static str) -> impl IntoView {
    let name = sort_by.name();
    // Where the drag began, and the width of the column then.
    let drag = StoredValue::new(None::<(i32, i32)>);
    let set = move |width: i32| columns.change(|layout| layout.set(name, Some(Some(clamped(width)))));
    let down = move |event: PointerEvent| {
        let Some(handle) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        // Without capture the drag ends at the edge of the handle; the pointer may be gone already.
        let _ = handle.set_pointer_capture(event.pointer_id());
        drag.set_value(head_width(&handle).map(|width| (event.client_x(), width)));
        event.prevent_default();
    };
    let moved = move |event: PointerEvent| {
        if let Some((from, width)) = drag.get_value() {
            set(width + event.client_x() - from);
        }
    };
    let key = move |event: KeyboardEvent| {
        let handle = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let Some(width) = handle.as_ref().and_then(head_width) else { return };
        match event.key().as_str() {
            "ArrowLeft" => set(width - STEP),
            "ArrowRight" => set(width + STEP),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <span
            class="resizer"
            role="separator"
            aria-orientation="vertical"
            aria-label=format!("Width of {label}")
            aria-valuemin=*WIDTHS.start()
            aria-valuemax=*WIDTHS.end()
            aria-valuenow=move || columns.width(sort_by).unwrap_or(160)
            tabindex="0"
            data-testid=format!("resize-{name}")
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |_| drag.set_value(None)
            on:dblclick=move |_| columns.change(|layout| layout.set(name, None))
            on:keydown=key
        ></span>
    }
}

fn head_width(handle: &HtmlElement) -> Option<i32> {
    handle
        .parent_element()
        .and_then(|head| head.dyn_into::<HtmlElement>().ok())
        .map(|head| head.offset_width())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_survives_the_storage() {
        let mut layout = Layout::default();
        layout.set("email", Some(Some(300)));
        layout.set("title", Some(None));
        layout.set("phone", Some(Some(5_000)));
        layout.set("phone", None);
        assert_eq!(layout.to_text(), "email=300&title=hidden");
        assert_eq!(Layout::from_text(&layout.to_text()), layout);
        let check =
            |text, expected: Option<Option<i32>>| assert_eq!(Layout::from_text(text).of("email"), expected);
        check("email=9999999", Some(Some(960)));
        check("email=-4", Some(Some(64)));
        check("email=wide&shoe=3", None);
    }
}
