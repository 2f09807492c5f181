//! Dates, times and spans of years, which are written with the same characters as phone numbers.

use crate::standardize::text::trimmed;

/// Years that people write.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2100;
/// Longer texts, in bytes, are not dates.
const LONGEST: usize = 60;

/// Whether the text is a date, a time, or a span of dates or years, in the usual ways of writing with digits.
pub(in crate::standardize) fn looks_like_date(text: &str) -> bool {
    let text = trimmed(text);
    is_date(text) || text.len() <= LONGEST && is_span(text)
}

fn is_date(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or(text);
    let mut parts = date.split(['-', '/', '.', '年', '月']).map(|part| part.trim_end_matches('日'));
    let (Some(a), Some(b), Some(c), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let number = |part: &str| part.parse::<u32>().ok();
    let (Some(x), Some(y), Some(z)) = (number(a), number(b), number(c)) else { return false };
    let year_first = a.len() == 4 && YEARS.contains(&x) && y <= 12 && z <= 31 && b.len() <= 2 && c.len() <= 2;
    let year_last = a.len() <= 2
        && b.len() <= 2
        && x <= 31
        && y <= 31
        && (c.len() == 4 && YEARS.contains(&z) || c.len() == 2);
    year_first || year_last
}

/// `2016-2017`, `2019 – 2021`, `2024-01-02/2024-01-05`.
fn is_span(text: &str) -> bool {
    let is_year = |text: &str| text.len() == 4 && text.parse().is_ok_and(|year| YEARS.contains(&year));
    text.char_indices().filter(|(_, c)| matches!(c, '-' | '–' | '—' | '/')).any(|(at, c)| {
        let (from, to) = (text[..at].trim(), text[at + c.len_utf8()..].trim());
        is_year(from) && is_year(to) || is_date(from) && is_date(to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_spans() {
        for text in [
            "2024-05-01",
            "01/02/2024",
            "2024-05-01 10:00",
            "2016-2017",
            "2019 – 2021",
            "2024-01-02/2024-01-05",
            "01.02.2024-03.02.2024",
        ] {
            assert!(looks_like_date(text), "{text}");
        }
        for text in ["2016-2117", "0221-2017", "555-0100", "2016", "1-2-3-4", "+49 2016-2017"] {
            assert!(!looks_like_date(text), "{text}");
        }
    }
}
