//! Parts of a view that are worked out again when what they read changes. Leptos makes code of its own for every closure that is
//! one; here they have one type, which makes the page a good deal smaller.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::tachys::view::any_view::IntoAny;

/// What works out a value.
pub(crate) type Dynamic<T> = Box<dyn FnMut() -> T + Send>;

/// An attribute's value, class or property.
pub(crate) fn dynamic<T: 'static>(value: impl FnMut() -> T + Send + 'static) -> Dynamic<T> {
    Box::new(value)
}

/// A child.
pub(crate) fn part<V: IntoAny>(mut view: impl FnMut() -> V + Send + 'static) -> Dynamic<AnyView> {
    Box::new(move || view().into_any())
}

/// What is done at first, and again whenever what it reads changes.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    // Not generic, so that there is one.
    fn of_boxed(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| run());
    }
    of_boxed(Box::new(run));
}

/// A part of the page that is built in a task of its own: in between the browser paints what is there and takes keys and taps.
pub(crate) fn later<V: IntoAny>(mut view: impl FnMut() -> V + Send + 'static) -> Dynamic<AnyView> {
    let is_time = RwSignal::new(false);
    let timeout = Timeout::new(0, move || {
        is_time.try_set(true);
    });
    timeout.forget();
    part(move || is_time.get().then(|| view().into_any()))
}

/// What an event does.
pub(crate) fn handler<E: 'static>(handle: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(handle)
}
