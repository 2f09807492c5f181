//! Parts of the page that are built in a task of their own.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// A part of the page that is built in a task of its own: in between the browser paints what is there and takes keys and taps.
pub(crate) fn later<V: IntoView + 'static>(view: impl Fn() -> V + Send + 'static) -> impl IntoView {
    let is_time = RwSignal::new(false);
    let timeout = Timeout::new(0, move || {
        is_time.try_set(true);
    });
    timeout.forget();
    move || is_time.get().then(&view)
}
