//! Short messages at the edge of the screen, announced by screen readers.

use leptos::prelude::*;

use super::button::{Button, IconButton};
use super::icon::{Icon, IconName};
use crate::browser;

/// How long a message stays, in milliseconds. Errors and messages with an undo button stay longer: they call for action.
const STAY_MS: u32 = 6_000;
const STAY_ERROR_MS: u32 = 12_000;
const STAY_UNDO_MS: u32 = 20_000;

/// Most messages shown at a time; the oldest is dropped first.
const MOST: usize = 4;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    danger: bool,
    undo: Option<Callback<()>>,
}

/// Shows messages. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Toaster {
    toasts: RwSignal<Vec<Toast>>,
    next_id: StoredValue<u64>,
}

/// The page's toaster.
pub(crate) fn use_toaster() -> Toaster {
    expect_context()
}

impl Toaster {
    /// A toaster without messages.
    pub(crate) fn new() -> Self {
        Self { toasts: RwSignal::new(Vec::new()), next_id: StoredValue::new(0) }
    }

    /// Reports a success.
    pub(crate) fn success(self, text: impl Into<String>) {
        self.show(text.into(), false, None);
    }

    /// Reports an action, with a button that undoes it.
    pub(crate) fn undoable(self, text: String, undo: impl Fn() + Send + Sync + 'static) {
        self.show(text, false, Some(Callback::new(move |()| undo())));
    }

    /// Reports a failure.
    pub(crate) fn error(self, text: impl Into<String>) {
        self.show(text.into(), true, None);
    }

    fn show(self, text: String, danger: bool, undo: Option<Callback<()>>) {
        let stay_ms = match (danger, undo.is_some()) {
            (true, _) => STAY_ERROR_MS,
            (false, true) => STAY_UNDO_MS,
            (false, false) => STAY_MS,
        };
        let id = self.next_id.try_get_value().unwrap_or_default();
        self.next_id.try_set_value(id + 1);
        self.toasts.try_update(|toasts| {
            // A repeated message replaces the earlier one.
            toasts.retain(|toast| toast.text != text);
            toasts.push(Toast { id, text, danger, undo });
            let surplus = toasts.len().saturating_sub(MOST);
            toasts.drain(..surplus);
        });
        leptos::task::spawn_local(async move {
            browser::sleep_ms(stay_ms).await;
            self.dismiss(id);
        });
    }

    /// Undoes the newest action that can be undone; returns whether there is one.
    pub(crate) fn undo_newest(self) -> bool {
        let newest = self.toasts.with_untracked(|toasts| {
            let undoable = |toast: &Toast| toast.undo.map(|undo| (toast.id, undo));
            toasts.iter().rev().find_map(undoable)
        });
        if let Some((id, undo)) = newest {
            self.undo(id, undo);
        }
        newest.is_some()
    }

    fn undo(self, id: u64, undo: Callback<()>) {
        self.dismiss(id);
        undo.run(());
    }

    /// Removes all messages.
    pub(crate) fn clear(self) {
        self.toasts.try_update(Vec::clear);
    }

    fn dismiss(self, id: u64) {
        self.toasts.try_update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// Where the messages appear. The live regions must exist before the messages do.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toaster = use_toaster();
    let of_kind = move |danger: bool| {
        move || toaster.toasts.get().into_iter().filter(|toast| toast.danger == danger).collect::<Vec<_>>()
    };
    let one = move |toast: Toast| {
        let id = toast.id;
        let icon = if toast.danger { IconName::Alert } else { IconName::Check };
        view! {
            <div class="toast" class:is-danger=toast.danger data-testid="toast">
                <Icon name=icon />
                <p>{toast.text}</p>
                {toast.undo.map(|undo| {
                    view! { <Button class="button button-quiet" test_id="undo" on_click=move |_| toaster.undo(id, undo)>"Undo"</Button> }
                })}
                <IconButton class="icon-button icon-button-small" test_id="toast-dismiss" icon=IconName::Close label="Dismiss message" on_click=move |_| toaster.dismiss(id) />
            </div>
        }
    };
    view! {
        <div class="toasts">
            <div role="status" aria-live="polite" class="toast-stack">
                <For each=of_kind(false) key=|toast| toast.id children=one />
            </div>
            <div role="alert" aria-live="assertive" class="toast-stack">
                <For each=of_kind(true) key=|toast| toast.id children=one />
            </div>
        </div>
    }
}
