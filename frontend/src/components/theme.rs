//! Light, dark or system theme. The choice is stored in this browser; `boot.js` applies it before the first paint.

use leptos::prelude::*;

use super::button::IconButton;
use super::icon::IconName;
use crate::browser;

const KEY: &str = "easy-crm.theme";

/// The user's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn stored() -> Self {
        match browser::local_get(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::System => "Theme: system. Switch to light",
            Self::Light => "Theme: light. Switch to dark",
            Self::Dark => "Theme: dark. Switch to system",
        }
    }

    const fn icon(self) -> IconName {
        match self {
            Self::System => IconName::System,
            Self::Light => IconName::Sun,
            Self::Dark => IconName::Moon,
        }
    }

    fn apply(self) {
        browser::local_set(KEY, self.attribute());
        let Some(root) = document().document_element() else { return };
        // Neither call fails for a constant name.
        let _ = match self.attribute() {
            Some(value) => root.set_attribute("data-theme", value),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// A button that cycles through the three themes.
#[component]
pub(crate) fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::stored());
    let toggle = move |_| {
        theme.update(|theme| *theme = theme.next());
        theme.get_untracked().apply();
    };
    view! {
        <IconButton test_id="theme-toggle" icon=Signal::derive(move || theme.get().icon()) label=move || theme.get().label() on_click=toggle />
    }
}
