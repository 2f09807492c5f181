//! Parts of the page that are rendered in a task of their own.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Renders a part of the page in a task of its own, so that the browser can paint and handle input in between.
pub(crate) fn later<V: IntoView + 'static>(view: impl Fn() -> V + Send + 'static) -> impl IntoView {
    let is_time = RwSignal::new(false);
    let timeout = Timeout::new(0, move || {
        is_time.try_set(true);
    });
    timeout.forget();
    move || is_time.get().then(&view)
}
