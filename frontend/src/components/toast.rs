//! Short messages at the edge of the screen, announced by screen readers.

use std::sync::Arc;

use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use super::button::{Button, IconButton};
use super::icon::{Icon, IconName};
use crate::browser;

/// How long a message stays, in milliseconds. Errors and messages with an undo button stay longer: they call for action.
const STAY_MS: u32 = 6_000;
const STAY_ERROR_MS: u32 = 12_000;
const STAY_UNDO_MS: u32 = 20_000;

/// Most messages shown at a time; beyond it, one more is shown rather than dropping an undo button for it.
const MOST: usize = 4;

/// Undoes an action; returns whether that is settled. It does not belong to a screen: the message outlives its screen.
type Undo = Arc<dyn Fn() -> LocalBoxFuture<'static, bool> + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    danger: bool,
    undo: Option<Undo>,
    /// The action is being undone.
    is_hidden: bool,
}

/// Adds a message. A repeated one replaces the earlier one, and the oldest are dropped if there are too many; those with
/// an undo button only for another one.
fn push(toasts: &mut Vec<Toast>, new: Toast) {
    toasts.retain(|toast| toast.undo.is_some() || toast.text != new.text);
    while toasts.len() >= MOST {
        match toasts.iter().position(|toast| toast.undo.is_none()) {
            Some(oldest) => drop(toasts.remove(oldest)),
            None if new.undo.is_some() => drop(toasts.remove(0)),
            None => break,
        }
    }
    toasts.push(new);
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

    /// Reports an action, with a button that undoes it. `undo` returns whether that is settled; if not, the message is
    /// shown again.
    pub(crate) fn undoable<U>(self, text: String, undo: impl Fn() -> U + Send + Sync + 'static)
    where
        U: Future<Output = bool> + 'static,
    {
        self.show(text, false, Some(Arc::new(move || Box::pin(undo()))));
    }

    /// Reports a failure.
    pub(crate) fn error(self, text: impl Into<String>) {
        self.show(text.into(), true, None);
    }

    fn show(self, text: String, danger: bool, undo: Option<Undo>) {
        let stay_ms = match (danger, undo.is_some()) {
            (true, _) => STAY_ERROR_MS,
            (false, true) => STAY_UNDO_MS,
            (false, false) => STAY_MS,
        };
        let id = self.new_id();
        self.toasts.try_update(|toasts| push(toasts, Toast { id, text, danger, undo, is_hidden: false }));
        self.dismiss_after(stay_ms, id);
    }

    fn new_id(self) -> u64 {
        let id = self.next_id.try_get_value().unwrap_or_default();
        self.next_id.try_set_value(id + 1);
        id
    }

    fn dismiss_after(self, stay_ms: u32, id: u64) {
        leptos::task::spawn_local(async move {
            browser::sleep_ms(stay_ms).await;
            self.dismiss(id);
        });
    }

    /// Undoes the newest action that can be undone; returns whether there is one.
    pub(crate) fn undo_newest(self) -> bool {
        let newest = self.toasts.with_untracked(|toasts| {
            let can_be_undone = |toast: &&Toast| toast.undo.is_some() && !toast.is_hidden;
            toasts.iter().rev().find(can_be_undone).map(|toast| toast.id)
        });
        if let Some(id) = newest {
            self.undo(id);
        }
        newest.is_some()
    }

    /// Hides a message while its action is being undone, and shows it again if that fails.
    fn undo(self, id: u64) {
        // With another id, it is not dismissed in the meantime.
        let new_id = self.new_id();
        let begun = self.toasts.try_update(|toasts| {
            let toast = toasts.iter_mut().find(|toast| toast.id == id)?;
            (toast.id, toast.is_hidden) = (new_id, true);
            toast.undo.clone()
        });
        let Some(undo) = begun.flatten() else { return };
        leptos::task::spawn_local(async move {
            if undo().await {
                self.dismiss(new_id);
                return;
            }
            self.toasts.try_update(|toasts| {
                toasts
                    .iter_mut()
                    .filter(|toast| toast.id == new_id)
                    .for_each(|toast| toast.is_hidden = false);
            });
            self.dismiss_after(STAY_UNDO_MS, new_id);
        });
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
        let is_shown = move |toast: &Toast| toast.danger == danger && !toast.is_hidden;
        move || toaster.toasts.get().into_iter().filter(is_shown).collect::<Vec<_>>()
    };
    let one = move |toast: Toast| {
        let id = toast.id;
        let icon = if toast.danger { IconName::Alert } else { IconName::Check };
        view! {
            <div class="toast" class:is-danger=toast.danger data-testid="toast">
                <Icon name=icon />
                <p>{toast.text}</p>
                {toast.undo.map(|_| {
                    view! { <Button class="button button-quiet" test_id="undo" on_click=move |_| toaster.undo(id)>"Undo"</Button> }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts that are shown after these messages; those that begin with "-" can be undone.
    fn shown_after(texts: &[&str]) -> Vec<String> {
        let mut toasts = Vec::new();
        for (id, text) in (0..).zip(texts) {
            let undo = text.starts_with('-').then(|| -> Undo { Arc::new(|| Box::pin(async { true })) });
            push(&mut toasts, Toast { id, text: (*text).to_owned(), danger: false, undo, is_hidden: false });
        }
        toasts.into_iter().map(|toast| toast.text).collect()
    }

    #[test]
    fn a_repeated_message_replaces_the_earlier_one_unless_that_can_be_undone() {
        assert_eq!(shown_after(&["a", "b", "a"]), ["b", "a"]);
        assert_eq!(shown_after(&["-a", "b", "-a"]), ["-a", "b", "-a"]);
    }

    #[test]
    fn no_undo_button_is_dropped_for_an_ordinary_message() {
        assert_eq!(shown_after(&["a", "b", "c", "d", "e"]), ["b", "c", "d", "e"]);
        assert_eq!(shown_after(&["-a", "b", "c", "d", "e"]), ["-a", "c", "d", "e"]);
        assert_eq!(shown_after(&["-a", "-b", "-c", "-d", "e", "f"]), ["-a", "-b", "-c", "-d", "f"]);
        assert_eq!(shown_after(&["-a", "-b", "-c", "-d", "e", "-f"]), ["-b", "-c", "-d", "-f"]);
    }
}
