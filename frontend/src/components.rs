//! Widgets used by more than one feature.

pub(crate) mod brand;
pub(crate) mod button;
pub(crate) mod icon;
pub(crate) mod later;
pub(crate) mod menu;
pub(crate) mod modal;
pub(crate) mod states;
pub(crate) mod theme;
pub(crate) mod toast;
