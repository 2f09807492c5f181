//! Scrolling through the whole list: the rows in view, the page they are on, and jumping to a row.

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

/// Interval at which rows in view are requested while the user scrolls, in milliseconds.
const SETTLE_MS: u32 = 80;

/// The scroll container, and the element with the rows.
#[derive(Clone, Copy)]
pub(in crate::features::leads) enum Frame {
    /// The box around the table, with a sticky table header.
    Table(NodeRef<html::Div>),
    /// The window, with a sticky page header; the element is the list of cards.
    Cards(NodeRef<html::Ul>),
}

impl Frame {
    fn element(self) -> Option<HtmlElement> {
        match self {
            Self::Table(node) => node.try_get_untracked()?.map(JsCast::unchecked_into),
            Self::Cards(node) => node.try_get_untracked()?.map(JsCast::unchecked_into),
        }
    }

    /// Approximate height of a row in pixels, before one can be measured.
    fn usual_row_px(self) -> f64 {
        match self {
            Self::Table(_) => 44.0,
            Self::Cards(_) => 124.0,
        }
    }

    /// Heights of the sticky header, of a row, and of the visible area below the header.
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
            // Do not scroll past what is above the cards.
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
    /// The rows in the DOM.
    rows: RwSignal<Range<u64>>,
    /// The rows to print, while printing.
    printed: RwSignal<Option<Range<u64>>>,
    /// A row to go to once the length of the list is known.
    pending: StoredValue<Option<u64>>,
    /// A row to focus once it is in the DOM.
    focused: StoredValue<Option<u64>>,
    /// Where the code itself scrolled to: that does not change the page number.
    placed_at: StoredValue<f64>,
    /// Whether the code is about to scroll.
    placing: StoredValue<bool>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

/// What identifies a list: if it changes, the list is shown from the start of its page.
fn list_key(state: &ListState) -> impl PartialEq + use<> {
    (state.page_size, state.sorting, state.search_key())
}

/// Whether page or list changed, and whether the list did.
fn differs<K: PartialEq>(before: Option<&(u64, K)>, now: &(u64, K)) -> (bool, bool) {
    (before.is_none_or(|before| before != now), before.is_none_or(|before| before.1 != now.1))
}

impl Scroll {
    /// Scrolls `frame`, and goes to the page in the URL.
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
        // The scroll position is not reactive, hence effects.
        let mut before = None;
        Effect::new(move |_| {
            let now = (state.read().page, list_key(&state.read()));
            let (is_changed, is_other) = differs(before.as_ref(), &now);
            // A page that came into view by scrolling is already in place.
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
        // The placeholder for an empty list is short, which makes the browser scroll up.
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
        // The whole page is printed.
        browser::listen(ev::beforeprint, move |_| scroll.printed.set(Some(scroll.page_rows())));
        browser::listen(ev::afterprint, move |_| scroll.printed.set(None));
        scroll
    }

    /// Whether the page is the one in view.
    fn shows_page(self, page: u64) -> bool {
        self.page_in_view() == Some(page)
    }

    /// The page of the first row in view; at the end of the list, the last page.
    fn page_in_view(self) -> Option<u64> {
        let size = u64::from(self.list.state().read_untracked().page_size);
        let strip = self.strip.get_value();
        let row = if strip.is_at_end() { strip.total.checked_sub(1)? } else { strip.first() };
        (strip.total > 0).then(|| row / size + 1)
    }

    /// Measures the sizes in the browser; returns the scrolled element and the height of the sticky header.
    fn measure(self) -> Option<(HtmlElement, f64)> {
        let element = self.frame.element()?;
        let (head, row, view) = self.frame.sizes(&element);
        self.strip.update_value(|strip| {
            strip.row_px = row.unwrap_or(strip.row_px);
            strip.view_px = view.max(strip.row_px);
        });
        Some((element, head))
    }

    /// The user scrolled, or the window was resized.
    pub(in crate::features::leads) fn moved(self) {
        if *self.list.view().read_untracked() != ListView::Rows {
            return;
        }
        // Until the code has scrolled, the position is meaningless.
        if self.placing.get_value() {
            return;
        }
        let Some((element, head)) = self.measure() else { return };
        let top = self.frame.top(&element, head);
        self.strip.update_value(|strip| strip.scrolled(top));
        self.show();
    }

    /// Renders the rows in view, and has them loaded.
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

    /// Requests the rows in view; once the user stops scrolling, puts the page in view into the URL.
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

    /// Scrolls a row to the top of the window.
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
        // The rows must be laid out before the scroll bar can move there.
        self.placing.set_value(true);
        request_animation_frame(move || {
            self.placing.try_set_value(false);
            if let Some(element) = self.frame.element() {
                let (head, ..) = self.frame.sizes(&element);
                self.frame.set_top(&element, head, top);
            }
        });
    }

    /// The rows to render.
    pub(in crate::features::leads) fn rows(self) -> Range<u64> {
        self.printed.get().unwrap_or_else(|| self.rows.get())
    }

    fn page_rows(self) -> Range<u64> {
        let state = self.list.state();
        let size = u64::from(state.read_untracked().page_size);
        let from = state.read_untracked().page.saturating_sub(1) * size;
        from..(from + size).min(self.total())
    }

    /// Heights of the space above and below the rows, in pixels.
    pub(in crate::features::leads) fn around_px(self) -> (f64, f64) {
        self.rows.track();
        self.strip.with_value(Strip::around_px)
    }

    /// Focuses a row, scrolling it into view if needed.
    pub(in crate::features::leads) fn focus(self, row: u64) {
        if focus_row(row) {
            self.focused.set_value(None);
            return;
        }
        self.focused.set_value(Some(row));
        self.go_to(row);
        // The user moved here, so the page number has to follow.
        self.placed_at.set_value(-1.0);
    }

    /// A row has been rendered: focuses it if that was pending.
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

    /// The row to be focused once it is rendered. Keys pressed in the meantime continue from it.
    pub(in crate::features::leads) fn awaited(self) -> Option<u64> {
        self.focused.try_get_value().flatten()
    }

    /// The first row that is fully in view.
    pub(in crate::features::leads) fn first(self) -> u64 {
        self.strip.with_value(Strip::first)
    }

    /// The number of rows in the whole list.
    pub(in crate::features::leads) fn total(self) -> u64 {
        self.strip.with_value(|strip| strip.total)
    }
}

fn focus_row(row: u64) -> bool {
    crate::browser::focus(&format!("[data-row='{row}'] .row-open"))
}
