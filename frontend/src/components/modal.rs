//! A modal dialog in the middle of the screen: the browser makes the rest of the page inert, closes the dialog on
//! Escape and restores the focus.

use leptos::html;
use leptos::prelude::*;

use super::button::IconButton;
use super::icon::IconName;

/// Shows a dialog while `is_open` returns true. The element's own state is not reactive, hence an effect.
pub(crate) fn show_while(dialog: NodeRef<html::Dialog>, is_open: impl Fn() -> bool + 'static) {
    Effect::new(move |_| {
        let is_open = is_open();
        let Some(dialog) = dialog.get() else { return };
        match (is_open, dialog.open()) {
            // Fails only for a dialog that is not in the page.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
}

/// A dialog that is shown while `open` is true. `on_close` must set it to false.
#[component]
pub(crate) fn Modal(
    test_id: &'static str,
    title: &'static str,
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] on_close: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    show_while(dialog, move || open.get());
    let title_id = format!("{test_id}-title");
    let labelled_by = title_id.clone();
    let body = move || {
        let title_id = title_id.clone();
        open.get().then(|| view! {
                <header class="drawer-head">
                    <h2 id=title_id>{title}</h2>
                    <IconButton test_id="modal-close" icon=IconName::Close label="Close" on_click=move |_| on_close.run(()) />
                </header>
                <div class="modal-body">{children()}</div>
        }.into_any())
    };
    view! {
        <dialog node_ref=dialog class="modal" aria-labelledby=labelled_by data-testid=test_id on:close=move |_| on_close.run(())>
            {body}
        </dialog>
    }
}
