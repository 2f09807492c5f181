//! The list as a strip of rows behind a window: which rows are in view, and the height of the space above and below.

use std::ops::Range;

/// Extra rows rendered above and below the window.
const SPARE: u64 = 8;
/// The tallest strip, in pixels. Firefox lays out nothing taller than about 17 million, Chromium nothing over 33 million.
const MAX_PX: f64 = 8_000_000.0;

/// The position of a strip of rows of equal height. If the list is taller than [`MAX_PX`], the scroll bar cannot cover
/// all of it: scrolling within a window's height moves by pixels, a longer jump by proportion, and `shift` is the
/// difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strip {
    /// Total number of rows.
    pub(super) total: u64,
    /// Height of a row, in pixels.
    pub(super) row_px: f64,
    /// Height of the window, in pixels.
    pub(super) view_px: f64,
    top: f64,
    shift: f64,
}

impl Strip {
    /// A strip without rows, before anything is measured; `row_px` is the expected height of a row.
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

    /// The height the scroll bar cannot cover.
    fn hidden_px(&self) -> f64 {
        self.full_px() - self.height_px()
    }

    /// The position of the scroll bar.
    pub(super) fn top(&self) -> f64 {
        self.top
    }

    /// The user scrolled to here.
    pub(super) fn scrolled(&mut self, top: f64) {
        let is_jump = (top - self.top).abs() > self.view_px;
        self.top = top;
        let reach = self.reach_px();
        // Both ends are the list's ends, however they were reached.
        if top <= 0.0 {
            self.shift = 0.0;
        } else if top >= reach - 1.0 {
            self.shift = self.hidden_px();
        } else if is_jump {
            self.shift = self.hidden_px() * top / reach;
        }
    }

    /// Scrolls a row to the top of the window, if enough rows follow to fill it.
    pub(super) fn go_to(&mut self, row: u64) {
        let end = (self.full_px() - self.view_px).max(0.0);
        let at = (row as f64 * self.row_px).min(end);
        self.top = if end > 0.0 { (at / end * self.reach_px()).round() } else { 0.0 };
        self.shift = at - self.top;
    }

    /// The first row that is fully in the window.
    pub(super) fn first(&self) -> u64 {
        (((self.top + self.shift) / self.row_px).ceil().max(0.0) as u64).min(self.total.saturating_sub(1))
    }

    /// Whether the last row is in the window.
    pub(super) fn is_at_end(&self) -> bool {
        self.top + self.shift + self.view_px >= self.full_px() - 1.0
    }

    /// The rows to render.
    pub(super) fn rows(&self) -> Range<u64> {
        let in_window = (self.view_px / self.row_px).ceil() as u64 + 1;
        let first = self.first();
        first.saturating_sub(SPARE + 1)..(first + in_window + SPARE).min(self.total)
    }

    /// Heights of the space above and below the rendered rows, in pixels.
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

    /// The window shows only rendered rows, each in its place.
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
                // The browser reports the scroll position it was given; nothing moves.
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
