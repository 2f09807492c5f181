//! Numbers, dates and times as a careful person would write them: no exponent, no `.0`, ISO dates.

use std::fmt::Write as _;

use calamine::ExcelDateTime;

/// Last serial day of both of Excel's calendars (9999-12-31), plus one.
const SERIAL_END: f64 = 2_958_466.0;

/// Appends a number: as short as it can be without changing it.
pub(super) fn push_number(out: &mut String, value: f64) {
    // Writing to a string cannot fail.
    let _ = if value == 0.0 {
        out.write_str("0")
    } else if value.fract() == 0.0 && value.abs() < 9e15 {
        write!(out, "{}", value as i64)
    } else {
        write!(out, "{value}")
    };
}

/// Appends a date, a time of day, both, or a duration.
///
/// The size of a serial number decides what it means: below 1 it is a time, without a fraction a date. Numbers that are
/// not dates of Excel's calendar (a phone number in a date column) stay numbers.
pub(super) fn push_date_time(out: &mut String, value: &ExcelDateTime) {
    let serial = value.as_f64();
    if value.is_duration() {
        push_duration(out, serial);
    } else if (0.0..SERIAL_END).contains(&serial) {
        let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
        let has_time = (hour, minute, second, milli) != (0, 0, 0, 0);
        if serial >= 1.0 {
            let _ = write!(out, "{year:04}-{month:02}-{day:02}");
            if !has_time {
                return;
            }
            out.push(' ');
        }
        let _ = write!(out, "{hour:02}:{minute:02}:{second:02}");
        if milli > 0 {
            let _ = write!(out, ".{milli:03}");
        }
    } else {
        push_number(out, serial);
    }
}

fn push_duration(out: &mut String, days: f64) {
    let seconds = (days.abs() * 86_400.0).round();
    if seconds >= 9e15 || seconds.is_nan() {
        push_number(out, days);
        return;
    }
    let seconds = seconds as u64;
    let sign = if days < 0.0 { "-" } else { "" };
    let _ = write!(out, "{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/// Appends an ISO 8601 date and time with a space instead of the `T` and without a meaningless midnight.
pub(super) fn push_iso_date_time(out: &mut String, iso: &str) {
    let (date, time) = iso.split_once('T').unwrap_or((iso, ""));
    let time = time.trim_end_matches('Z');
    let time = match time.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        _ => time,
    };
    out.push_str(date);
    if !matches!(time, "" | "00:00" | "00:00:00") {
        out.push(' ');
        out.push_str(time);
    }
}

/// Appends an ISO 8601 duration (`PT14H30M00S`) as `14:30:00`; anything else unchanged.
pub(super) fn push_iso_duration(out: &mut String, iso: &str) {
    match iso_seconds(iso) {
        Some(seconds) => {
            let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        }
        None => out.push_str(iso),
    }
}

fn iso_seconds(iso: &str) -> Option<u64> {
    let mut rest = iso.strip_prefix("PT")?;
    let mut seconds: u64 = 0;
    for (unit, factor) in [('H', 3600), ('M', 60), ('S', 1)] {
        if let Some((value, after)) = rest.split_once(unit) {
            let whole: u64 = value.split_once(['.', ',']).map_or(value, |(whole, _)| whole).parse().ok()?;
            seconds = seconds.checked_add(whole.checked_mul(factor)?)?;
            rest = after;
        }
    }
    rest.is_empty().then_some(seconds)
}

/// What a number format does to a number, where it changes what the number says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NumberShape {
    /// At most decoration: colours, thousands separators, currencies.
    Plain,
    /// `0.5` is shown as `50%`.
    Percent,
    /// Leading zeros and separators: `00000`, `00000-0000`, `000 000 0000`.
    Mask(String),
}

impl NumberShape {
    /// Reads an Excel format code.
    pub(super) fn of_format(code: &str) -> Self {
        let section = code.split(';').next().unwrap_or_default();
        if section.ends_with('%') && !section.contains(['"', '\\', '[']) {
            return Self::Percent;
        }
        mask(section).map_or(Self::Plain, Self::Mask)
    }

    /// Appends a number in this format.
    pub(super) fn push(&self, out: &mut String, value: f64) {
        match self {
            Self::Mask(mask) if value >= 0.0 && value.fract() == 0.0 && value < 9e15 => {
                push_masked(out, mask, value as u64);
            }
            Self::Percent if value.abs() < 1e12 => {
                // Ten decimals hide that 0.07 * 100 is 7.000000000000001.
                let text = format!("{:.10}", value * 100.0);
                let text = text.trim_end_matches('0').trim_end_matches('.');
                out.push_str(if text == "-0" { "0" } else { text });
                out.push('%');
            }
            _ => push_number(out, value),
        }
    }
}

/// The mask of a format that consists of zeros and separators only, with at least two zeros.
fn mask(section: &str) -> Option<String> {
    let mut mask = String::new();
    let mut chars = section.chars();
    while let Some(c) = chars.next() {
        match c {
            '0' | '-' | ' ' | '(' | ')' | '+' => mask.push(c),
            '\\' => match chars.next()? {
                literal @ ('-' | ' ' | '(' | ')' | '+' | '.' | '/') => mask.push(literal),
                _ => return None,
            },
            _ => return None,
        }
    }
    (mask.bytes().filter(|byte| *byte == b'0').count() >= 2).then_some(mask)
}

fn push_masked(out: &mut String, mask: &str, value: u64) {
    let places = mask.bytes().filter(|byte| *byte == b'0').count();
    let digits = format!("{value:0places$}");
    let (surplus, mut rest) = digits.split_at(digits.len() - places);
    let mut first = true;
    for c in mask.chars() {
        if c == '0' {
            if first {
                out.push_str(surplus);
                first = false;
            }
            let (digit, after) = rest.split_at(1);
            out.push_str(digit);
            rest = after;
        } else {
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[track_caller]
    fn check(value: f64, expected: &str) {
        check_format("General", value, expected);
    }

    #[track_caller]
    fn check_format(format: &str, value: f64, expected: &str) {
        let mut text = String::new();
        NumberShape::of_format(format).push(&mut text, value);
        assert_eq!(text, expected);
    }

    #[track_caller]
    fn check_date(value: f64, is_1904: bool, expected: &str) {
        let mut text = String::new();
        push_date_time(&mut text, &ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904));
        assert_eq!(text, expected);
    }

    #[test]
    fn numbers() {
        check(6_591_234_567.0, "6591234567");
        check(-0.0, "0");
        check(0.1 + 0.2, "0.30000000000000004");
        check(1.1, "1.1");
        check(1e21, "1000000000000000000000");
        check(1e-7, "0.0000001");
        check(-42.0, "-42");
    }

    #[test]
    fn formats() {
        check_format("00000", 1234.0, "01234");
        check_format("00000", 123_456.0, "123456");
        check_format("00000\\-0000", 12_345_678.0, "01234-5678");
        check_format("000\\ 000\\ 0000", 412_345_678.0, "041 234 5678");
        check_format("#,##0.00", 1234.5, "1234.5");
        check_format("0", 7.0, "7");
        check_format("0%", 0.07, "7%");
        check_format("0.00%", 0.125, "12.5%");
        check_format("[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", 2_125_550_121.0, "2125550121");
    }

    #[test]
    fn dates() {
        check_date(45_356.0, false, "2024-03-05");
        check_date(45_356.604_166_666_7, false, "2024-03-05 14:30:00");
        check_date(43_894.0, true, "2024-03-05");
        check_date(0.604_166_666_7, false, "14:30:00");
        check_date(1.0, false, "1900-01-01");
        check_date(6_591_234_567.0, false, "6591234567");
        check_date(-1.0, false, "-1");
    }

    #[test]
    fn iso() {
        let mut text = String::new();
        push_iso_date_time(&mut text, "2024-03-05T14:30:00.000Z");
        text.push('|');
        push_iso_date_time(&mut text, "2024-03-05T00:00:00");
        text.push('|');
        push_iso_duration(&mut text, "PT26H05M00S");
        text.push('|');
        push_iso_duration(&mut text, "P1D");
        assert_eq!(text, "2024-03-05 14:30:00|2024-03-05|26:05:00|P1D");
    }
}
