//! Web Locks (<https://www.w3.org/TR/web-locks/>): shared by all tabs of an origin, and released by the browser when a tab
//! is closed. Called by name, because `web-sys` offers them only as an unstable API.

use futures::channel::oneshot;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Who else may have the lock meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Exclusive,
    Shared,
}

/// A lock, or a place in the queue for it. Dropping it gives it up.
pub(super) struct Lock {
    granted: oneshot::Receiver<()>,
    release: Function,
}

impl Lock {
    /// Requests a lock. `None` where the browser has no locks.
    pub(super) fn request(name: &str, mode: Mode) -> Option<Self> {
        let locks = locks()?;
        let mode = match mode {
            Mode::Exclusive => "exclusive",
            Mode::Shared => "shared",
        };
        let options = Object::new();
        Reflect::set(&options, &"mode".into(), &mode.into()).ok()?;
        // The browser calls the function when the lock is granted, and takes it back when its promise is fulfilled.
        let mut release = None;
        let released = Promise::new(&mut |fulfil, _| release = Some(fulfil));
        let (sender, granted) = oneshot::channel();
        let hold = Closure::once_into_js(move |_lock: JsValue| {
            // Nobody waits for a shared lock.
            let _ = sender.send(());
            released
        });
        method(&locks, "request")?.call3(&locks, &name.into(), &options, &hold).ok()?;
        Some(Self { granted, release: release? })
    }

    /// Waits until the lock is granted.
    pub(super) async fn granted(mut self) -> Self {
        // Fails only if the browser refuses the lock; then there is nothing to wait for.
        let _ = (&mut self.granted).await;
        self
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Fulfilling a promise never fails.
        let _ = self.release.call0(&JsValue::NULL);
    }
}

/// The number of tabs that have the lock. `None` where the browser has no locks.
pub(super) async fn holders(name: &str) -> Option<usize> {
    let locks = locks()?;
    let answer: Promise = method(&locks, "query")?.call0(&locks).ok()?.dyn_into().ok()?;
    let held: Array = property(&JsFuture::from(answer).await.ok()?, "held")?.dyn_into().ok()?;
    let is_meant =
        |lock: &JsValue| property(lock, "name").and_then(|name| name.as_string()).as_deref() == Some(name);
    Some(held.iter().filter(is_meant).count())
}

fn locks() -> Option<JsValue> {
    property(&window().navigator(), "locks")
}

fn method(object: &JsValue, name: &str) -> Option<Function> {
    property(object, name)?.dyn_into().ok()
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined())
}
