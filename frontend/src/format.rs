//! Numbers, sizes and times in the browser's locale.

use js_sys::{Array, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser;

thread_local! {
    // Building a formatter costs more than formatting a page of values with it.
    static NUMBER: Function = Intl::NumberFormat::new(&Array::new(), &Object::new()).format();
    static DATE: Function = date_format(&[("dateStyle", "medium")]);
    static DATE_TIME: Function = date_format(&[("dateStyle", "medium"), ("timeStyle", "short")]);
}

fn date_format(options: &[(&str, &str)]) -> Function {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::new(), &object).format()
}

fn call(function: &Function, argument: &JsValue) -> Option<String> {
    function.call1(&JsValue::NULL, argument).ok()?.as_string()
}

/// A count with the locale's digit groups: `12,345`.
pub(crate) fn count(number: u64) -> String {
    decimal(number as f64)
}

/// `1 lead`, `12,345 leads`.
pub(crate) fn leads(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "lead" } else { "leads" })
}

/// A number with the locale's digit groups and decimal separator, at most three decimals.
pub(crate) fn decimal(number: f64) -> String {
    NUMBER
        .with(|format| call(format, &JsValue::from_f64(number)))
        .unwrap_or_else(|| (number as i64).to_string())
}

/// The date of an RFC 3339 time; any other text is returned unchanged.
pub(crate) fn date(rfc3339: &str) -> String {
    time_with(rfc3339, &DATE)
}

/// Date and time, to the minute, of an RFC 3339 time; any other text is returned unchanged.
pub(crate) fn date_time(rfc3339: &str) -> String {
    time_with(rfc3339, &DATE_TIME)
}

fn time_with(rfc3339: &str, format: &'static std::thread::LocalKey<Function>) -> String {
    let formatted = browser::parse_time_ms(rfc3339).and_then(|milliseconds| {
        let date = js_sys::Date::new(&JsValue::from_f64(milliseconds));
        format.with(|format| call(format, date.unchecked_ref()))
    });
    formatted.unwrap_or_else(|| rfc3339.to_owned())
}

/// A size in bytes for display: `18 kB`, `4.2 MB`. Powers of 1024, as in file managers.
pub(crate) fn size(bytes: u64) -> String {
    size_with(bytes, decimal)
}

fn size_with(bytes: u64, number: impl Fn(f64) -> String) -> String {
    let mut value = bytes as f64;
    let mut unit = if bytes == 1 { "byte" } else { "bytes" };
    for larger in ["kB", "MB", "GB"] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    let rounded = if value < 10.0 && unit != "bytes" { (value * 10.0).round() / 10.0 } else { value.round() };
    format!("{} {unit}", number(rounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let check = |bytes, expected: &str| assert_eq!(size_with(bytes, |n| n.to_string()), expected);
        check(0, "0 bytes");
        check(1, "1 byte");
        check(1023, "1023 bytes");
        check(1024, "1 kB");
        check(1_600, "1.6 kB");
        check(4_404_019, "4.2 MB");
        check(50 * 1024 * 1024, "50 MB");
        check(3 << 30, "3 GB");
    }
}
