//! Ranges of time of a query, as milliseconds since 1970.

use easy_crm_shared::query::QueryError;
use easy_crm_shared::query::condition::{DateRange, TimeUnit};
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// Milliseconds of a day.
pub(super) const DAY_MS: i64 = 86_400_000;

/// The current time, and where days begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    offset: Offset,
    today: Date,
}

impl Calendar {
    pub(super) fn new(now: Timestamp, utc_offset_minutes: i32) -> Self {
        let offset = Offset::from_seconds(utc_offset_minutes.saturating_mul(60)).unwrap_or(Offset::UTC);
        Self { offset, today: offset.to_datetime(now).date() }
    }

    /// First moment of the range and first moment after it; `path` is where the range's condition is.
    pub(super) fn range(&self, range: &DateRange, path: &str) -> Result<(i64, i64), QueryError> {
        match range {
            DateRange::Between { from, to } => {
                let from = self.time(from.as_deref(), i64::MIN, || format!("{path}.from"))?;
                let to = self.time(to.as_deref(), i64::MAX, || format!("{path}.to"))?;
                if from >= to {
                    return Err(QueryError::new(format!("{path}.to"), "must be later than from"));
                }
                Ok((from, to))
            }
            DateRange::Last(span) => {
                let from = moved(self.today, span.unit, -i64::from(span.n));
                Ok((from.map_or(i64::MIN, |from| self.midnight(from)), i64::MAX))
            }
            DateRange::This(unit) => Ok(self.unit_from(begin(self.today, *unit), *unit)),
            DateRange::Previous(unit) => {
                let begin = begin(self.today, *unit);
                let before = moved(begin, *unit, -1).unwrap_or(begin);
                Ok((self.midnight(before), self.midnight(begin)))
            }
        }
    }

    fn unit_from(&self, begin: Date, unit: TimeUnit) -> (i64, i64) {
        let end = moved(begin, unit, 1);
        (self.midnight(begin), end.map_or(i64::MAX, |end| self.midnight(end)))
    }

    fn time(&self, text: Option<&str>, open: i64, path: impl Fn() -> String) -> Result<i64, QueryError> {
        let Some(text) = text else { return Ok(open) };
        // Longer texts are times: a date parser would ignore what comes after the date.
        let date = if text.len() == DATE_LEN { text.parse::<Date>().ok() } else { None };
        match date {
            Some(date) => Ok(self.midnight(date)),
            None => text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| {
                QueryError::new(path(), "must be a date like 2026-01-31 or a time like 2026-01-31T09:30:00Z")
            }),
        }
    }

    fn midnight(&self, date: Date) -> i64 {
        let midnight = self.offset.to_timestamp(date.to_datetime(Time::midnight()));
        midnight.map_or(i64::MIN, Timestamp::as_millisecond)
    }
}

/// Length of `2026-01-31`.
const DATE_LEN: usize = 10;

/// The first day of the unit a day is in.
pub(super) fn begin(day: Date, unit: TimeUnit) -> Date {
    match unit {
        TimeUnit::Day => day,
        TimeUnit::Week => {
            let past = i64::from(day.weekday().to_monday_zero_offset());
            moved(day, TimeUnit::Day, -past).unwrap_or(day)
        }
        TimeUnit::Month => day.first_of_month(),
        TimeUnit::Year => day.first_of_year(),
    }
}

/// A day that many units later; `None` where the calendar ends.
fn moved(day: Date, unit: TimeUnit, n: i64) -> Option<Date> {
    let span = match unit {
        TimeUnit::Day => Span::new().try_days(n),
        TimeUnit::Week => Span::new().try_weeks(n),
        TimeUnit::Month => Span::new().try_months(n),
        TimeUnit::Year => Span::new().try_years(n),
    };
    day.checked_add(span.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use easy_crm_shared::query::condition::TimeSpan;

    use super::*;

    /// The range at 01:30 UTC on Monday, 1 June 2026.
    #[track_caller]
    fn check(range: &DateRange, utc_offset_minutes: i32, expected: [&str; 2]) {
        let calendar = Calendar::new("2026-06-01T01:30:00Z".parse().unwrap(), utc_offset_minutes);
        let ms = |text: &str| text.parse::<Timestamp>().map_or(i64::MAX, Timestamp::as_millisecond);
        assert_eq!(calendar.range(range, "where"), Ok((ms(expected[0]), ms(expected[1]))));
    }

    #[test]
    fn relative_ranges() {
        let week = DateRange::This(TimeUnit::Week);
        check(&week, 0, ["2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z"]);
        // In New York it is still Sunday.
        check(&week, -240, ["2026-05-25T04:00:00Z", "2026-06-01T04:00:00Z"]);
        check(&DateRange::Previous(TimeUnit::Day), 0, ["2026-05-31T00:00:00Z", "2026-06-01T00:00:00Z"]);
        check(&DateRange::Previous(TimeUnit::Month), 0, ["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"]);
        check(&DateRange::This(TimeUnit::Year), 60, ["2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"]);
        let last = |n, unit| DateRange::Last(TimeSpan { n, unit });
        check(&last(7, TimeUnit::Day), 0, ["2026-05-25T00:00:00Z", "end"]);
        check(&last(3, TimeUnit::Month), 0, ["2026-03-01T00:00:00Z", "end"]);
    }

    #[test]
    fn given_ranges() {
        let between = |from: Option<&str>, to: Option<&str>| DateRange::Between {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        check(&between(Some("2026-01-31"), None), 120, ["2026-01-30T22:00:00Z", "end"]);
        let to = "2026-02-01T10:00:00+02:00";
        check(&between(Some("2026-01-31"), Some(to)), 0, ["2026-01-31T00:00:00Z", "2026-02-01T08:00:00Z"]);
        let calendar = Calendar::new(Timestamp::UNIX_EPOCH, 0);
        let field =
            |from, to| calendar.range(&between(from, to), "where.all[1]").map_err(|error| error.field);
        assert_eq!(field(Some("31.1.2026"), None), Err("where.all[1].from".to_owned()));
        assert_eq!(field(None, Some("2026-01-31 noon")), Err("where.all[1].to".to_owned()));
        assert_eq!(field(Some("2026-01-31"), Some("2026-01-31")), Err("where.all[1].to".to_owned()));
        let ages = DateRange::Last(TimeSpan { n: 10_000, unit: TimeUnit::Year });
        assert_eq!(calendar.range(&ages, "where").map(|(_, to)| to), Ok(i64::MAX));
    }
}
