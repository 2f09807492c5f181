//! Parts of a view that are worked out again when what they read changes. Leptos makes code of its own for every closure that is
//! one; here they have one type, which makes the page a good deal smaller.

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

/// What an event does.
pub(crate) fn handler<E: 'static>(handle: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(handle)
}
