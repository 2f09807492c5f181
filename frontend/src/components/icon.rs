//! Icons as inline SVG: 24-unit grid, drawn with strokes in the text colour. Decoration only: the meaning is in a text
//! next to the icon or in the `aria-label` of the control.

use leptos::prelude::*;

/// The available icons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IconName {
    Alert,
    ArrowDown,
    ArrowRight,
    Bookmark,
    Chat,
    Check,
    ChevronLeft,
    ChevronRight,
    Close,
    Columns,
    Copy,
    Keyboard,
    Download,
    Edit,
    File,
    Moon,
    More,
    Refresh,
    Search,
    SignOut,
    SortAscending,
    SortDescending,
    SortNone,
    Stop,
    Sun,
    System,
    Trash,
    Upload,
}

impl IconName {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => {
                "M12 8v5M12 16.5v.01M10.3 3.9 2.4 17.6A2 2 0 0 0 4.1 20.6h15.8a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z"
            }
            Self::ArrowDown => "M12 5v14M6 13l6 6 6-6",
            Self::ArrowRight => "M5 12h14M13 6l6 6-6 6",
            Self::Bookmark => "M6.5 4h11v16L12 15.5 6.5 20Z",
            Self::Chat => {
                "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v9a1.5 1.5 0 0 1-1.5 1.5h-7L7.5 20v-3.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5Z"
            }
            Self::Check => "M5 12.5 10 17.5 19.5 7",
            Self::ChevronLeft => "M14.5 6l-6 6 6 6",
            Self::ChevronRight => "M9.5 6l6 6-6 6",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Columns => "M4 5h16v14H4ZM9.5 5v14M14.5 5v14",
            Self::Keyboard => "M3 6.5h18v11H3ZM6.5 10h.01M10 10h.01M13.5 10h.01M17 10h.01M8 14h8",
            Self::Copy => {
                "M9 9h10a1.5 1.5 0 0 1 1.5 1.5V19a1.5 1.5 0 0 1-1.5 1.5h-8.5A1.5 1.5 0 0 1 9 19ZM15 9V5A1.5 1.5 0 0 0 13.5 3.5H5A1.5 1.5 0 0 0 3.5 5v8.5A1.5 1.5 0 0 0 5 15h4"
            }
            Self::Download => {
                "M12 4v11.5M7 11l5 5 5-5M4 16.5v2A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5v-2"
            }
            Self::Edit => "M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17ZM14.5 7.5l3 3",
            Self::File => "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8ZM14 3v5h5M9 13h6M9 17h6",
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
            Self::More => "M5.5 12h.01M12 12h.01M18.5 12h.01",
            Self::Refresh => "M20 5v5h-5M4 19v-5h5M19.3 10A8 8 0 0 0 5.5 7.3M4.7 14a8 8 0 0 0 13.8 2.7",
            Self::Search => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM20 20l-4-4",
            Self::SignOut => "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9.5",
            Self::SortAscending => "M12 19V6M6.5 11.5 12 6l5.5 5.5",
            Self::SortDescending => "M12 5v13M6.5 12.5 12 18l5.5-5.5",
            Self::SortNone => "M8 10l4-4 4 4M8 14l4 4 4-4",
            Self::Stop => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM6 6l12 12",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::System => "M4 5h16v11H4ZM9 20h6M12 16v4",
            Self::Trash => "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5",
            Self::Upload => {
                "M12 15.5V4M7 8.5 12 3.5l5 5M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15"
            }
        }
    }
}

/// One icon.
#[component]
pub(crate) fn Icon(#[prop(into)] name: Signal<IconName>) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=move || name.get().path() />
        </svg>
    }
}
