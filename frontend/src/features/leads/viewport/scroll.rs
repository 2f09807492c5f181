//! Scrolling through the whole list: the rows in view, the page they are on, and the way to a row.

use std::ops::Range;

use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::strip::Strip;
use crate::browser;
use crate::features::leads::address::ListState;
use crate::features::leads::list::{LeadList, ListView};

/// How often rows that come into view are asked for while the user scrolls.
const SETTLE_MS: u32 = 80;

/// What scrolls, and the rows in it.
#[derive(Clone, Copy)]
pub(in crate::features::leads) enum Frame {
    /// The box around the table, whose head stays.
    Table(NodeRef<html::Div>),
    /// The window, whose header stays, with the list of cards in it.
    Cards(NodeRef<html::Ul>),
}

impl Frame {
    fn element(self) -> Option<HtmlElement> {
        match self {
            Self::Table(node) => node.try_get_untracked()?.map(JsCast::unchecked_into),
            Self::Cards(node) => node.try_get_untracked()?.map(JsCast::unchecked_into),
        }
    }

    /// About how tall a row is, before one is there to be measured, in pixels.
    fn usual_row_px(self) -> f64 {
        match self {
            Self::Table(_) => 44.0,
            Self::Cards(_) => 124.0,
        }
    }

    /// Heights of what stays above the rows, of a row, and of the window the rows are seen through.
    fn sizes(self, element: &Element) -> (f64, Option<f64>, f64) {
        let height = |found: Option<Element>| {
            found.map(|found| found.get_bounding_client_rect().height()).filter(|px| *px > 1.0)
        };
        let inside = |selector: &str| height(element.query_selector(selector).ok().flatten());
        match self {
            Self::Table(_) => {
                let head = inside("thead").unwrap_or_default();
                (head, inside(".table-row"), f64::from(element.client_height()) - head)
            }
            Self::Cards(_) => {
                let head = height(document().query_selector(".header").ok().flatten()).unwrap_or_default();
                let window = window().inner_height().ok().and_then(|px| px.as_f64()).unwrap_or_default();
                (head, inside(".lead-card"), window - head)
            }
        }
    }

    /// How far down the rows are scrolled, in pixels.
    fn top(self, element: &Element, head: f64) -> f64 {
        match self {
            Self::Table(_) => f64::from(element.scroll_top()),
            Self::Cards(_) => (head - element.get_bounding_client_rect().top()).max(0.0),
        }
    }

    fn set_top(self, element: &Element, head: f64, top: f64) {
        match self {
            Self::Table(_) => element.set_scroll_top(top as i32),
            // What is above the cards is worth seeing, too.
            Self::Cards(_) if top == 0.0 && self.top(element, head) == 0.0 => {}
            Self::Cards(_) => {
                let by = element.get_bounding_client_rect().top() - head + top;
                window().scroll_by_with_x_and_y(0.0, by);
            }
        }
    }
}

/// The list's scrolling. Cheap to copy.
#[derive(Clone, Copy)]
pub(in crate::features::leads) struct Scroll {
    list: LeadList,
    frame: Frame,
    strip: StoredValue<Strip>,
    /// The rows that are laid out.
    rows: RwSignal<Range<u64>>,
    /// The rows that go to the printer, while they do.
    printed: RwSignal<Option<Range<u64>>>,
    /// A row to go to when it is known how long the list is.
    pending: StoredValue<Option<u64>>,
    /// A row that gets the focus when it is there.
    focused: StoredValue<Option<u64>>,
    /// Where the page itself scrolled to: that turns no page.
    placed_at: StoredValue<f64>,
    /// Is the page about to scroll?
    placing: StoredValue<bool>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

/// What makes a list another list, with a first row of its own.
fn list_key(state: &ListState) -> impl PartialEq + use<> {
    (state.page_size, state.sorting, state.search_key())
}

/// Does the list differ, and is it another list?
fn differs<K: PartialEq>(before: Option<&(u64, K)>, now: &(u64, K)) -> (bool, bool) {
    (before.is_none_or(|before| before != now), before.is_none_or(|before| before.1 != now.1))
}

impl Scroll {
    /// Scrolls `frame`, and goes to the page the address names.
    pub(in crate::features::leads) fn new(list: LeadList, frame: Frame) -> Self {
        let scroll = Self {
            list,
            frame,
            strip: StoredValue::new(Strip::new(frame.usual_row_px())),
            rows: RwSignal::new(0..0),
            printed: RwSignal::new(None),
            pending: StoredValue::new(None),
            focused: StoredValue::new(None),
            placed_at: StoredValue::new(-1.0),
            placing: StoredValue::new(false),
            timer: StoredValue::new_local(None),
        };
        let state = list.state();
        // Scrolling is the browser's own, hence effects.
        let mut before = None;
        Effect::new(move |_| {
            let now = (state.read().page, list_key(&state.read()));
            let (is_changed, is_other) = differs(before.as_ref(), &now);
            // A page that came into view by scrolling is where it should be.
            if is_changed && (is_other || !scroll.shows_page(now.0)) {
                let size = u64::from(state.read().page_size);
                scroll.go_to(now.0.saturating_sub(1) * size);
            }
            before = Some(now);
        });
        Effect::new(move |_| {
            let total = list.with_page(|page| page.pagination.total_count);
            let Some(total) = total else { return };
            scroll.strip.update_value(|strip| strip.total = total);
            match scroll.pending.get_value() {
                Some(row) => scroll.go_to(row),
                None => scroll.show(),
            }
        });
        // What stands in the place of the rows when there are none is short, and the browser scrolls up for it.
        let mut had_rows = true;
        Effect::new(move |_| {
            let has_rows = *list.view().read() == ListView::Rows;
            if has_rows && !had_rows && scroll.total() > 0 {
                scroll.go_to(scroll.first());
            }
            had_rows = has_rows;
        });
        browser::listen(ev::resize, move |_| scroll.moved());
        browser::listen(ev::scroll, move |_| scroll.moved());
        // On paper the page is there as a whole.
        browser::listen(ev::beforeprint, move |_| scroll.printed.set(Some(scroll.page_rows())));
        browser::listen(ev::afterprint, move |_| scroll.printed.set(None));
        scroll
    }

    /// Does the page begin where the user sees it?
    fn shows_page(self, page: u64) -> bool {
        self.page_in_view() == Some(page)
    }

    /// The page of the first row in view; at the list's end the last page.
    fn page_in_view(self) -> Option<u64> {
        let size = u64::from(self.list.state().read_untracked().page_size);
        let strip = self.strip.get_value();
        let row = if strip.is_at_end() { strip.total.checked_sub(1)? } else { strip.first() };
        (strip.total > 0).then(|| row / size + 1)
    }

    /// Reads the sizes from the browser; gives the height of what stays above the rows.
    fn measure(self) -> Option<(HtmlElement, f64)> {
        let element = self.frame.element()?;
        let (head, row, view) = self.frame.sizes(&element);
        self.strip.update_value(|strip| {
            strip.row_px = row.unwrap_or(strip.row_px);
            strip.view_px = view.max(strip.row_px);
        });
        Some((element, head))
    }

    /// The user scrolled, or the window has another size.
    pub(in crate::features::leads) fn moved(self) {
        if *self.list.view().read_untracked() != ListView::Rows {
            return;
        }
        // Where the browser stands before it is put in its place says nothing.
        if self.placing.get_value() {
            return;
        }
        let Some((element, head)) = self.measure() else { return };
        let top = self.frame.top(&element, head);
        self.strip.update_value(|strip| strip.scrolled(top));
        self.show();
    }

    /// Lays out the rows that are in view, and sees to it that they are read.
    fn show(self) {
        let rows = self.strip.with_value(Strip::rows);
        if *self.rows.read_untracked() != rows {
            self.rows.set(rows);
        }
        self.settle_soon();
    }

    fn settle_soon(self) {
        if self.timer.with_value(Option::is_some) {
            return;
        }
        let top = self.strip.with_value(Strip::top);
        self.timer.set_value(Some(Timeout::new(SETTLE_MS, move || self.settle(top))));
    }

    /// Asks for the rows in view; when the user rests, the page in view is the address's.
    fn settle(self, top_before: f64) {
        // The table may be gone by now.
        if self.timer.try_set_value(None).is_some() {
            return;
        }
        let strip = self.strip.get_value();
        let rows = strip.rows();
        self.list.want(rows.clone());
        if (strip.top() - top_before).abs() > 0.5 {
            self.settle_soon();
        } else if (strip.top() - self.placed_at.get_value()).abs() > 1.0
            && self.list.is_answered()
            && let Some(page) = self.page_in_view()
        {
            self.placed_at.set_value(-1.0);
            self.list.turn_to(page);
        }
    }

    /// Puts a row first in the window.
    fn go_to(self, row: u64) {
        let is_known = self.strip.with_value(|strip| strip.total > 0);
        self.pending.set_value((!is_known).then_some(row));
        if !is_known {
            return;
        }
        self.measure();
        self.strip.update_value(|strip| strip.go_to(row));
        let top = self.strip.with_value(Strip::top);
        self.placed_at.set_value(top);
        self.show();
        // The rows have to be laid out before the bar can stand there.
        self.placing.set_value(true);
        request_animation_frame(move || {
            self.placing.try_set_value(false);
            if let Some(element) = self.frame.element() {
                let (head, ..) = self.frame.sizes(&element);
                self.frame.set_top(&element, head, top);
            }
        });
    }

    /// The rows to lay out.
    pub(in crate::features::leads) fn rows(self) -> Range<u64> {
        self.printed.get().unwrap_or_else(|| self.rows.get())
    }

    fn page_rows(self) -> Range<u64> {
        let state = self.list.state();
        let size = u64::from(state.read_untracked().page_size);
        let from = state.read_untracked().page.saturating_sub(1) * size;
        from..(from + size).min(self.total())
    }

    /// Pixels above the rows and below them.
    pub(in crate::features::leads) fn around_px(self) -> (f64, f64) {
        self.rows.track();
        self.strip.with_value(Strip::around_px)
    }

    /// Gives a row the focus, and brings it into view for that.
    pub(in crate::features::leads) fn focus(self, row: u64) {
        if focus_row(row) {
            self.focused.set_value(None);
            return;
        }
        self.focused.set_value(Some(row));
        self.go_to(row);
        // The user came here, not the page number.
        self.placed_at.set_value(-1.0);
    }

    /// A row is there: it gets the focus, if it was to.
    pub(in crate::features::leads) fn is_there(self, row: u64) {
        if self.focused.get_value() == Some(row) {
            request_animation_frame(move || {
                if self.awaited() == Some(row) {
                    focus_row(row);
                    self.focused.set_value(None);
                }
            });
        }
    }

    /// The row that gets the focus as soon as it is there. Keys pressed meanwhile go on from it.
    pub(in crate::features::leads) fn awaited(self) -> Option<u64> {
        self.focused.try_get_value().flatten()
    }

    /// The first row that is whole in view.
    pub(in crate::features::leads) fn first(self) -> u64 {
        self.strip.with_value(Strip::first)
    }

    /// Rows of the whole list.
    pub(in crate::features::leads) fn total(self) -> u64 {
        self.strip.with_value(|strip| strip.total)
    }
}

fn focus_row(row: u64) -> bool {
    crate::browser::focus(&format!("[data-row='{row}'] .row-open"))
}
