//! Rows whose cells are one column away from their headers: a delimiter is missing, or there is an extra unquoted one
//! (`Acme, Inc.`). They are moved back if the address shows the shift and the other cells fit better afterwards.

use std::borrow::Cow;

use super::RowStandardizer;
use crate::standardize::company::{has_company_word, looks_like_company, looks_like_job};
use crate::standardize::layout::Role;
use crate::standardize::names::{looks_like_name, looks_like_name_part};
use crate::standardize::text::{trimmed, value};
use crate::standardize::{emails, phones};

/// How much better the cells must fit after the move.
const LEAST_GAIN: i32 = 4;

/// The evidence for a comma inside a cell: a space after it (`Director, Valuations`), which delimiters seldom have.
const SPACE_GAIN: i32 = 3;

impl RowStandardizer<'_> {
    /// The cells in their own columns; `None` for a row that is in order, or whose shift cannot be determined.
    pub(super) fn realigned<'c>(&self, cells: &[&'c str]) -> Option<Vec<Cow<'c, str>>> {
        let email = self.own_email?;
        let here = cells.get(email).copied().unwrap_or("");
        if here.contains('@') || self.named_columns < 3 {
            return None;
        }
        let address = |at: Option<usize>| {
            at.and_then(|at| cells.get(at)).is_some_and(|cell| cell.contains('@') && emails::is_address(cell))
        };
        let width = self.named_columns;
        let blank = |at: usize| cells.get(at).is_none_or(|cell| trimmed(cell).is_empty());
        let before = email.checked_sub(1);
        let fit = |cells: &[Cow<'c, str>]| self.fit(cells);
        let plain: Vec<Cow<'c, str>> = cells.iter().map(|cell| Cow::Borrowed(*cell)).collect();
        let mut best: Option<(i32, Vec<Cow<'c, str>>)> = None;
        let mut offer = |moved: Vec<Cow<'c, str>>, gain: i32| {
            let fit = fit(&moved) + gain;
            if best.as_ref().is_none_or(|(most, _)| fit >= *most) {
                best = Some((fit, moved));
            }
        };
        // An address beyond the named columns is next to no header that its row could be moved to.
        if address(before)
            && email < width
            && self.is_email_free(before)
            && (blank(width - 1) || email == width - 1)
            && blank(width)
        {
            for gap in 0..email {
                let mut moved = plain.clone();
                moved.truncate(if blank(width - 1) { width - 1 } else { width });
                moved.insert(gap, Cow::Borrowed(""));
                offer(moved, 0);
            }
        } else if address(Some(email + 1)) && self.is_email_free(Some(email + 1)) && cells.len() == width + 1
        {
            for at in 0..email {
                let mut moved = plain.clone();
                let next = moved.remove(at + 1);
                if trimmed(&moved[at]).is_empty() || trimmed(&next).is_empty() {
                    continue;
                }
                let gain = if next.starts_with(' ') { SPACE_GAIN } else { 0 };
                moved[at] = Cow::Owned(format!("{},{next}", moved[at]));
                offer(moved, gain);
            }
        }
        let (most, moved) = best?;
        (most >= self.fit(&plain) + LEAST_GAIN).then_some(moved)
    }

    /// Whether the column is of a kind that contains no addresses.
    fn is_email_free(&self, column: Option<usize>) -> bool {
        column.and_then(|at| self.layout.columns.get(at)).is_some_and(|plan| {
            !matches!(plan.role, Role::Email(_) | Role::ContactDetails | Role::Card | Role::OtherPerson)
        })
    }

    /// How well the cells fit the columns they are in.
    fn fit(&self, cells: &[Cow<'_, str>]) -> i32 {
        let score = |(cell, role): (&Cow<'_, str>, Role)| {
            let text = value(cell);
            if text.is_empty() {
                return 0;
            }
            let address = text.contains('@');
            let job = looks_like_job(text);
            let company = looks_like_company(text);
            match role {
                Role::Email(_) => {
                    if emails::is_address(text) {
                        3
                    } else {
                        -3
                    }
                }
                Role::Phone(_) => {
                    if phones::is_phone(phones::unwrapped(text)) {
                        2
                    } else {
                        -2
                    }
                }
                Role::Title => {
                    if address || company {
                        -2
                    } else if job {
                        2
                    } else {
                        0
                    }
                }
                Role::Company => {
                    if company {
                        3
                    } else if address || job {
                        -2
                    } else {
                        i32::from(has_company_word(text))
                    }
                }
                Role::FirstName | Role::LastName => {
                    if looks_like_name_part(text) && !job && !company {
                        1
                    } else {
                        -2
                    }
                }
                Role::FullName(_) => {
                    if looks_like_name(text) && !company {
                        1
                    } else {
                        -1
                    }
                }
                _ => 0,
            }
        };
        cells.iter().zip(self.layout.columns.iter().map(|plan| plan.role)).map(score).sum()
    }
}
