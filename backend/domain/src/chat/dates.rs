//! Times in questions: "last week", "since Monday", "in October 2025", "between 1 and 15 October".

use easy_crm_shared::query::condition::{DateRange, TimeSpan, TimeUnit};
use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;
use jiff::{Span, Timestamp, ToSpan};

use super::Unclear;
use super::scan::Scan;
use super::words::{Language, Meaning};

/// Leads are not older than this: "older than 40 years" is about people.
const MOST_YEARS: u32 = 20;

/// Today's date on a clock ahead of UTC.
pub(super) fn today(now: Timestamp, utc_offset_minutes: i32) -> Date {
    let offset = Offset::from_seconds(utc_offset_minutes.saturating_mul(60)).unwrap_or(Offset::UTC);
    offset.to_datetime(now).date()
}

/// The days from one (inclusive) to another (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days {
    from: Date,
    to: Date,
}

/// A time as it was named.
struct Named {
    days: Days,
    /// As a range that moves with the clock, if it was named that way.
    relative: Option<DateRange>,
    next: usize,
}

type Found<T> = Result<Option<T>, Unclear>;

fn plus(date: Date, span: Span) -> Result<Date, Unclear> {
    date.checked_add(span).map_err(|_| Unclear::NotUnderstood)
}

fn units(n: u32, unit: TimeUnit) -> Span {
    let n = i64::from(n);
    match unit {
        TimeUnit::Day => n.days(),
        TimeUnit::Week => n.weeks(),
        TimeUnit::Month => n.months(),
        TimeUnit::Year => n.years(),
    }
}

fn unit(meaning: Meaning) -> Option<TimeUnit> {
    match meaning {
        Meaning::Day => Some(TimeUnit::Day),
        Meaning::Week => Some(TimeUnit::Week),
        Meaning::MonthUnit => Some(TimeUnit::Month),
        Meaning::Year => Some(TimeUnit::Year),
        _ => None,
    }
}

fn between(from: Option<Date>, to: Option<Date>) -> DateRange {
    DateRange::Between { from: from.map(|date| date.to_string()), to: to.map(|date| date.to_string()) }
}

fn month_days(year: i16, month: i8) -> Result<Days, Unclear> {
    let from = Date::new(year, month, 1).map_err(|_| Unclear::NotUnderstood)?;
    Ok(Days { from, to: plus(from, 1.month())? })
}

fn one_day(date: Date) -> Result<Days, Unclear> {
    Ok(Days { from: date, to: plus(date, 1.day())? })
}

fn is_year(n: u32) -> Option<i16> {
    (1990..=2100).contains(&n).then(|| i16::try_from(n).ok()).flatten()
}

impl Scan<'_> {
    /// The range of time that begins at a word, and the position of the word after it.
    pub(super) fn date(&self, at: usize) -> Found<(DateRange, usize)> {
        let prefix = self.meaning(at);
        let inner = self.skip(at + 1);
        match prefix {
            Meaning::Since => self.bounded(inner, |days| (Some(days.from), None)),
            Meaning::After => self.bounded(inner, |days| (Some(days.to), None)),
            Meaning::Before => self.bounded(inner, |days| (None, Some(days.from))),
            Meaning::Until => self.bounded(inner, |days| (None, Some(days.to))),
            Meaning::Between => self.two_days(inner, true),
            Meaning::Older | Meaning::Newer => self.age(prefix, inner),
            Meaning::Ago => self.ago(inner, true),
            Meaning::From | Meaning::In | Meaning::On => {
                if let Some(found) = self.two_days(inner, false)? {
                    return Ok(Some(found));
                }
                // "in the last week" is the seven days until now, "last week" the calendar week
                let back = matches!(self.meaning(inner), Meaning::Last) && prefix == Meaning::In;
                match unit(self.meaning(inner + 1)) {
                    Some(unit) if back && self.language == Language::English => {
                        Ok(Some((DateRange::Last(TimeSpan { n: 1, unit }), inner + 2)))
                    }
                    _ => self.plain(inner),
                }
            }
            _ => match self.two_days(at, false)? {
                Some(found) => Ok(Some(found)),
                None => self.plain(at),
            },
        }
    }

    fn plain(&self, at: usize) -> Found<(DateRange, usize)> {
        if let Some(found) = self.span_back(at)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.ago(at, false)? {
            return Ok(Some(found));
        }
        Ok(self.named_days(at)?.map(|named| {
            let range = named.relative.unwrap_or_else(|| between(Some(named.days.from), Some(named.days.to)));
            (range, named.next)
        }))
    }

    fn bounded(
        &self,
        at: usize,
        bounds: impl Fn(Days) -> (Option<Date>, Option<Date>),
    ) -> Found<(DateRange, usize)> {
        Ok(self.named_days(at)?.map(|named| {
            let (from, to) = bounds(named.days);
            (between(from, to), named.next)
        }))
    }

    /// "1 and 15 October", "1 Oct to 15 Oct". After "between", "and" joins the two.
    fn two_days(&self, at: usize, and: bool) -> Found<(DateRange, usize)> {
        let joins = |meaning| {
            matches!(meaning, Meaning::To | Meaning::Until) || and && matches!(meaning, Meaning::And)
        };
        if let (Meaning::Number(first), true) = (self.meaning(at), joins(self.meaning(at + 1))) {
            let last = self.named_days(self.skip(at + 2))?;
            if let Some(last) = last {
                let day = i8::try_from(first).map_err(|_| Unclear::NotUnderstood)?;
                let last_day = plus(last.days.to, -1.day())?;
                if first > 31 || last_day != last.days.from {
                    return Ok(None);
                }
                let from =
                    Date::new(last_day.year(), last_day.month(), day).map_err(|_| Unclear::NotUnderstood)?;
                return ordered(from, last.days.to, last.next);
            }
        }
        let Some(first) = self.named_days(at)? else { return Ok(None) };
        if !joins(self.meaning(first.next)) {
            return Ok(None);
        }
        match self.named_days(self.skip(first.next + 1))? {
            Some(last) => ordered(first.days.from, last.days.to, last.next),
            None => Err(Unclear::Unfinished),
        }
    }

    /// "last 7 days", "past month", "les 7 derniers jours".
    fn span_back(&self, at: usize) -> Found<(DateRange, usize)> {
        let [a, b, c] = [self.meaning(at), self.meaning(at + 1), self.meaning(at + 2)];
        let (n, last, next) = match (a, b, c) {
            (Meaning::Last | Meaning::Past, Meaning::Number(n), last) => (n, last, at + 3),
            (Meaning::Number(n), Meaning::Last | Meaning::Past, last) => (n, last, at + 3),
            (Meaning::Number(n), last, Meaning::Last | Meaning::Past) => (n, last, at + 3),
            (Meaning::Past, last, _) => (1, last, at + 2),
            _ => return Ok(None),
        };
        let Some(unit) = unit(last) else { return Ok(None) };
        plausible(n, unit)?;
        Ok(Some((DateRange::Last(TimeSpan { n, unit }), next)))
    }

    fn age(&self, prefix: Meaning, at: usize) -> Found<(DateRange, usize)> {
        if let (Meaning::Number(n), Some(unit)) = (self.meaning(at), unit(self.meaning(at + 1))) {
            plausible(n, unit)?;
            let next = if self.meaning(at + 2) == Meaning::Ago { at + 3 } else { at + 2 };
            return Ok(Some(match prefix {
                Meaning::Newer => (DateRange::Last(TimeSpan { n, unit }), next),
                _ => (between(None, Some(plus(self.today, -units(n, unit))?)), next),
            }));
        }
        match prefix {
            Meaning::Newer => self.bounded(at, |days| (Some(days.to), None)),
            _ => self.bounded(at, |days| (None, Some(days.from))),
        }
    }

    /// "3 days ago"; in other languages the word comes first.
    fn ago(&self, at: usize, first: bool) -> Found<(DateRange, usize)> {
        let (Meaning::Number(n), Meaning::Day) = (self.meaning(at), self.meaning(at + 1)) else {
            return Ok(None);
        };
        if first != (self.meaning(at + 2) != Meaning::Ago) {
            return Ok(None);
        }
        plausible(n, TimeUnit::Day)?;
        let day = one_day(plus(self.today, -units(n, TimeUnit::Day))?)?;
        Ok(Some((between(Some(day.from), Some(day.to)), at + if first { 2 } else { 3 })))
    }

    /// A day, week, month, quarter or year by its name.
    fn named_days(&self, at: usize) -> Found<Named> {
        let at = if matches!(self.meaning(at), Meaning::On | Meaning::In) { self.skip(at + 1) } else { at };
        let [a, b] = [self.meaning(at), self.meaning(at + 1)];
        let relative = match (a, b) {
            (Meaning::Today, _) => Some((DateRange::This(TimeUnit::Day), at + 1)),
            (Meaning::Yesterday, _) => Some((DateRange::Previous(TimeUnit::Day), at + 1)),
            (Meaning::This, b) => unit(b).map(|unit| (DateRange::This(unit), at + 2)),
            (Meaning::Last, b) => unit(b).map(|unit| (DateRange::Previous(unit), at + 2)),
            (a, Meaning::Last) => unit(a).map(|unit| (DateRange::Previous(unit), at + 2)),
            _ => None,
        };
        if let Some((range, next)) = relative {
            let days = self.calendar(&range)?;
            return Ok(Some(Named { days, relative: Some(range), next }));
        }
        let found = match (a, b) {
            (Meaning::Last, Meaning::Weekday(day)) => Some((self.weekday(day, false)?, at + 2)),
            (Meaning::Weekday(day), Meaning::Last) => Some((self.weekday(day, false)?, at + 2)),
            (Meaning::Weekday(day), _) => Some((self.weekday(day, true)?, at + 1)),
            (Meaning::Last, Meaning::Month(month)) => Some(self.month(month, at + 2)?),
            (Meaning::This | Meaning::Last, Meaning::Quarter) => {
                let quarter = (self.today.month() - 1) / 3 + i8::from(a == Meaning::This);
                let (year, quarter) =
                    if quarter == 0 { (self.today.year() - 1, 4) } else { (self.today.year(), quarter) };
                Some((quarter_days(year, quarter)?, at + 2))
            }
            (Meaning::Month(month), Meaning::Number(day)) if day <= 31 => {
                Some(self.day(day, month, at + 2)?)
            }
            (Meaning::Month(month), _) => Some(self.month(month, at + 1)?),
            (Meaning::Number(day), _) if day <= 31 => {
                let next = self.skip_of(at + 1);
                match self.meaning(next) {
                    Meaning::Month(month) => Some(self.day(day, month, next + 1)?),
                    _ => None,
                }
            }
            (Meaning::Number(n), b) => {
                // "2025年" or "2025"
                let next = if b == Meaning::Year { at + 2 } else { at + 1 };
                match is_year(n) {
                    Some(year) => {
                        Some((Days { from: first_of(year)?, to: first_of(year.saturating_add(1))? }, next))
                    }
                    None => None,
                }
            }
            (Meaning::Unknown, _) => self.written(at)?,
            _ => None,
        };
        Ok(found.map(|(days, next)| Named { days, relative: None, next }))
    }

    fn weekday(&self, day: i8, may_be_today: bool) -> Result<Days, Unclear> {
        let wanted = Weekday::from_monday_one_offset(day).map_err(|_| Unclear::NotUnderstood)?;
        let back = i64::from(self.today.weekday().since(wanted));
        let back = if back == 0 && !may_be_today { 7 } else { back };
        one_day(plus(self.today, -back.days())?)
    }

    /// The year that is named next, or the last one in which the time had already begun.
    fn year_after(
        &self,
        next: usize,
        from: impl Fn(i16) -> Result<Date, Unclear>,
    ) -> Result<(i16, usize), Unclear> {
        let named = if self.meaning(next) == Meaning::Comma { next + 1 } else { self.skip_of(next) };
        let number = self.meaning(named);
        if let Meaning::Number(n) = number
            && let Some(year) = is_year(n)
        {
            return Ok((year, named + 1));
        }
        let year = self.today.year();
        let begun = from(year).is_ok_and(|from| from <= self.today);
        Ok((if begun { year } else { year - 1 }, next))
    }

    fn month(&self, month: i8, next: usize) -> Result<(Days, usize), Unclear> {
        let (year, next) = self.year_after(next, |year| Ok(month_days(year, month)?.from))?;
        Ok((month_days(year, month)?, next))
    }

    fn day(&self, day: u32, month: i8, next: usize) -> Result<(Days, usize), Unclear> {
        let day = i8::try_from(day).map_err(|_| Unclear::NotUnderstood)?;
        let date = |year| Date::new(year, month, day).map_err(|_| Unclear::NotUnderstood);
        let (year, next) = self.year_after(next, date)?;
        Ok((one_day(date(year)?)?, next))
    }

    /// "2026-10-01", "1.10.2026", "Q3".
    fn written(&self, at: usize) -> Found<(Days, usize)> {
        let Some(lexeme) = self.lexemes.get(at).filter(|lexeme| !lexeme.token.quoted) else {
            return Ok(None);
        };
        let key = lexeme.token.key.as_str();
        if let Some(quarter @ 1..=4) = key.strip_prefix('q').and_then(|n| n.parse::<i8>().ok()) {
            let from = |year| Ok(quarter_days(year, quarter)?.from);
            let (year, next) = self.year_after(at + 1, from)?;
            return Ok(Some((quarter_days(year, quarter)?, next)));
        }
        let separators: Vec<char> = key.chars().filter(|c| !c.is_ascii_digit()).collect();
        let parts: Option<Vec<i16>> = key.split(['-', '/', '.']).map(|part| part.parse().ok()).collect();
        let ([separator, other], Some([a, b, c])) = (separators.as_slice(), parts.as_deref()) else {
            return Ok(None);
        };
        if separator != other {
            return Ok(None);
        }
        let (year, month, day) = match (separator, a, b) {
            _ if *a >= 1000 => (*a, *b, *c),
            _ if *c < 1000 => return Err(Unclear::TwoDates),
            ('.', a, b) => (*c, *b, *a),
            (_, a, b) if *a > 12 => (*c, *b, *a),
            (_, a, b) if *b > 12 => (*c, *a, *b),
            (_, a, b) if a == b => (*c, *a, *b),
            _ => return Err(Unclear::TwoDates),
        };
        let small = |n: i16| i8::try_from(n).map_err(|_| Unclear::NotUnderstood);
        let date = Date::new(year, small(month)?, small(day)?).map_err(|_| Unclear::NotUnderstood)?;
        Ok(Some((one_day(date)?, at + 1)))
    }

    /// The days of a range that moves with the clock.
    fn calendar(&self, range: &DateRange) -> Result<Days, Unclear> {
        let (unit, back) = match range {
            DateRange::This(unit) => (*unit, 0),
            DateRange::Previous(unit) => (*unit, 1),
            DateRange::Last(_) | DateRange::Between { .. } => return Err(Unclear::NotUnderstood),
        };
        let begun = match unit {
            TimeUnit::Day => self.today,
            TimeUnit::Week => self.weekday(1, true)?.from,
            TimeUnit::Month => self.today.first_of_month(),
            TimeUnit::Year => self.today.first_of_year(),
        };
        let from = plus(begun, -units(back, unit))?;
        Ok(Days { from, to: plus(from, units(1, unit))? })
    }
}

fn first_of(year: i16) -> Result<Date, Unclear> {
    Ok(month_days(year, 1)?.from)
}

fn quarter_days(year: i16, quarter: i8) -> Result<Days, Unclear> {
    let from = month_days(year, quarter * 3 - 2)?.from;
    Ok(Days { from, to: plus(from, 3.months())? })
}

fn ordered(from: Date, to: Date, next: usize) -> Found<(DateRange, usize)> {
    if from < to { Ok(Some((between(Some(from), Some(to)), next))) } else { Err(Unclear::NotUnderstood) }
}

fn plausible(n: u32, unit: TimeUnit) -> Result<(), Unclear> {
    let most = match unit {
        TimeUnit::Day => MOST_YEARS * 366,
        TimeUnit::Week => MOST_YEARS * 53,
        TimeUnit::Month => MOST_YEARS * 12,
        TimeUnit::Year => MOST_YEARS,
    };
    if (1..=most).contains(&n) { Ok(()) } else { Err(Unclear::NotInTheLeads) }
}
