//! The list of leads: what is shown is in the address, so that a reload, a bookmark and the back button keep it.

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
pub(crate) mod scroll;
pub(crate) mod selection;
pub(crate) mod state;
mod strip;
mod table;
pub(crate) mod text;
mod views;
