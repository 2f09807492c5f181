//! The list of leads: what is shown is in the URL, so that it survives a reload, a bookmark and the back button.

pub(crate) mod actions;
pub(crate) mod address;
mod blank;
mod cards;
mod chips;
mod columns;
pub(crate) mod details;
mod details_view;
mod edit;
mod erase;
mod filters;
pub(crate) mod list;
pub(crate) mod page;
mod pager;
mod row;
pub(crate) mod selection;
mod table;
pub(crate) mod text;
mod viewport;
pub(crate) mod views;
