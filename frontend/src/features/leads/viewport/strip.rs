//! The list as a strip of rows behind a window: which rows are in view, and how tall what is above and below them is.

use std::ops::Range;

/// Rows above and below the window that are there already.
const SPARE: u64 = 8;
/// The tallest strip, in pixels. Firefox lays out nothing taller than about 17 million, Chromium nothing over 33 million.
const MAX_PX: f64 = 8_000_000.0;

/// Where a strip of rows of one height stands. Of a list too long for [`MAX_PX`] a part lies outside of what the scroll bar
/// reaches: scrolling within a window's height moves by pixels, a longer jump by proportion, and `shift` is the difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strip {
    /// Rows in all.
    pub(super) total: u64,
    /// Height of a row, in pixels.
    pub(super) row_px: f64,
    /// Height of the window, in pixels.
    pub(super) view_px: f64,
    top: f64,
    shift: f64,
}

impl Strip {
    /// A strip without rows, before anything is measured; its rows will be about this tall.
    pub(super) fn new(row_px: f64) -> Self {
        Self { total: 0, row_px, view_px: 900.0, top: 0.0, shift: 0.0 }
    }

    fn full_px(&self) -> f64 {
        self.total as f64 * self.row_px
    }

    fn height_px(&self) -> f64 {
        self.full_px().min(MAX_PX)
    }

    /// How far down the scroll bar goes.
    fn reach_px(&self) -> f64 {
        (self.height_px() - self.view_px).max(0.0)
    }

    /// What the scroll bar has no room for.
    fn hidden_px(&self) -> f64 {
        self.full_px() - self.height_px()
    }

    /// Where the scroll bar stands.
    pub(super) fn top(&self) -> f64 {
        self.top
    }

    /// The user scrolled to here.
    pub(super) fn scrolled(&mut self, top: f64) {
        let is_jump = (top - self.top).abs() > self.view_px;
        self.top = top;
        let reach = self.reach_px();
        // Both ends are the list's ends, however one came there.
        if top <= 0.0 {
            self.shift = 0.0;
        } else if top >= reach - 1.0 {
            self.shift = self.hidden_px();
        } else if is_jump {
            self.shift = self.hidden_px() * top / reach;
        }
    }

    /// Puts a row first in the window, as far as there are rows to fill it.
    pub(super) fn go_to(&mut self, row: u64) {
        let end = (self.full_px() - self.view_px).max(0.0);
        let at = (row as f64 * self.row_px).min(end);
        self.top = if end > 0.0 { (at / end * self.reach_px()).round() } else { 0.0 };
        self.shift = at - self.top;
    }

    /// The first row that is whole in the window.
    pub(super) fn first(&self) -> u64 {
        (((self.top + self.shift) / self.row_px).ceil().max(0.0) as u64).min(self.total.saturating_sub(1))
    }

    /// Is the last row in the window?
    pub(super) fn is_at_end(&self) -> bool {
        self.top + self.shift + self.view_px >= self.full_px() - 1.0
    }

    /// The rows to lay out.
    pub(super) fn rows(&self) -> Range<u64> {
        let in_window = (self.view_px / self.row_px).ceil() as u64 + 1;
        let first = self.first();
        first.saturating_sub(SPARE + 1)..(first + in_window + SPARE).min(self.total)
    }

    /// Pixels above the rows to lay out, and below them.
    pub(super) fn around_px(&self) -> (f64, f64) {
        let rows = self.rows();
        let above = (rows.start as f64 * self.row_px - self.shift).max(0.0);
        let laid_out = (rows.end - rows.start) as f64 * self.row_px;
        (above, (self.height_px() - above - laid_out).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(total: u64) -> Strip {
        Strip { total, ..Strip::new(44.0) }
    }

    /// The window shows nothing but rows that are laid out, each in its place.
    fn check(strip: &Strip) {
        let (above, below) = strip.around_px();
        let rows = strip.rows();
        let laid_out = (rows.end - rows.start) as f64 * strip.row_px;
        let bottom = (strip.top + strip.view_px).min(strip.height_px());
        assert!(above <= strip.top + 1.0, "{strip:?} {above}");
        assert!(above + laid_out >= bottom - 1.0, "{strip:?} {above} {laid_out}");
        assert!((above + laid_out + below - strip.height_px()).abs() < 2.0, "{strip:?} {above} {below}");
        assert!(rows.end - rows.start <= 40, "{rows:?}");
    }

    #[test]
    fn every_row_can_be_gone_to() {
        for total in [0, 1, 5, 21, 22, 180, 12_345, 181_818, 200_000, 1_000_000, 1_048_576] {
            let mut strip = strip(total);
            check(&strip);
            for row in (0..total).step_by((total as usize / 997).max(1)).chain(total.checked_sub(1)) {
                strip.go_to(row);
                check(&strip);
                assert!(strip.rows().contains(&row), "{row} of {total}: {strip:?}");
                assert!(strip.first() == row || strip.is_at_end(), "{row} of {total}: {strip:?}");
                // The browser tells of the change it was asked for; nothing moves.
                let before = strip;
                strip.scrolled(strip.top);
                assert!(strip.first().abs_diff(before.first()) <= 1, "{before:?} {strip:?}");
            }
        }
    }

    #[test]
    fn a_wheel_moves_by_its_pixels_and_the_bar_to_both_ends() {
        for total in [500, 100_000, 1_000_000] {
            let mut strip = strip(total);
            let middle = (strip.reach_px() / 2.0).round();
            strip.scrolled(middle);
            check(&strip);
            assert!(strip.first().abs_diff(total / 2) < total / 20 + 30, "{strip:?}");
            let before = strip.top + strip.shift;
            strip.scrolled(middle + 100.0);
            check(&strip);
            assert!((strip.top + strip.shift - before - 100.0).abs() < 1e-6);
            strip.scrolled(strip.reach_px());
            check(&strip);
            assert!(strip.is_at_end() && strip.rows().end == total);
            strip.scrolled(0.0);
            assert_eq!((strip.first(), strip.rows().start), (0, 0));
        }
    }

    #[test]
    fn a_list_that_got_shorter_shows_its_end() {
        let mut strip = strip(10_000);
        strip.go_to(9_000);
        strip.total = 30;
        assert!(!strip.rows().is_empty(), "{strip:?}");
        strip.scrolled(strip.reach_px());
        check(&strip);
        assert_eq!(strip.rows().end, 30);
    }
}
