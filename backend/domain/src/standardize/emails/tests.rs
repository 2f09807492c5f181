//! Addresses in all kinds of cells, and the property that none is a piece of a longer word.

use proptest::prelude::*;

use super::*;

#[test]
fn finds_addresses() {
    let check = |cell: &str, expected: Option<&str>| assert_eq!(first(cell).as_deref(), expected, "{cell}");
    check(" Jane.DOE@Acme.com ", Some("jane.doe@acme.com"));
    check("mailto:a@b.co", Some("a@b.co"));
    check("mailto:a@b.co?subject=Hello", Some("a@b.co"));
    check("Jane Doe <jane@doe.org>", Some("jane@doe.org"));
    check("Doe(jane@doe.org)", Some("jane@doe.org"));
    check("a@b.co; c@d.co", Some("a@b.co"));
    check("a@b.co,c@d.co", Some("a@b.co"));
    check("@handle", None);
    check("a@b", None);
    check("müller@bücher.de", Some("müller@bücher.de"));
    check("mu\u{308}ller@x.de", Some("mu\u{308}ller@x.de"));
    check("राम@उदाहरण.भारत", Some("राम@उदाहरण.भारत"));
    check("me@ x, you@there.net", Some("you@there.net"));
    check("'ned.voss@harntek.com'", Some("ned.voss@harntek.com"));
    check("siobhan.o'brien@dunvarra.ie", Some("siobhan.o'brien@dunvarra.ie"));
    check("lea@x.com#mailto:lea@x.com#", Some("lea@x.com"));
    check("[pia@x.com](mailto:pia@x.com)", Some("pia@x.com"));
    check("write to pia@x.com.", Some("pia@x.com"));
    check("邮箱：pia@x.com（工作）", Some("pia@x.com"));
    check("E-Mail/pia@x.com", Some("pia@x.com"));
    check("0171 123/pia@x.com", Some("pia@x.com"));
    check("a@b.co\\nc@d.co", Some("a@b.co"));
    check("?email=jane@x.com", Some("jane@x.com"));
    check("https://x.com/?email=jane@x.com", None);
    check("email=jane@x.com", Some("jane@x.com"));
}

/// A piece of a longer word is another person's address.
#[test]
fn pieces_are_no_addresses() {
    for cell in [
        "\"john doe\"@x.com",
        "\"john\"@x.com",
        "'neil'@x.com",
        "o´neil@x.com",
        "o`neil@x.com",
        "o’neil@x.com",
        "o\"neil@x.com",
        "ada\u{fffd}rowe@x.com",
        "ada\u{1}rowe@x.com",
        "ada$rowe@x.com",
        "ada(work)rowe@x.com",
        ".rowe@x.com",
        "ada..rowe@x.com",
        "ada.@x.com",
        "john/jane@x.com",
        "ACME\\jane@x.com",
        "https://user:secret@x.com/path",
        "https://medium.com/@jane",
        "john%20doe@x.com",
        "ada@b.cc@d.co",
        "ada@x.com_old",
        "ada@x.com’s",
        "ada@x.com请联系",
        "ada@foo_bar.com",
        "ada@-x.com",
    ] {
        assert_eq!(first(cell), None, "{cell}");
    }
}

#[test]
fn keeps_the_rest() {
    let check = |cell: &str, expected: &str| {
        assert_eq!(find(cell, 0).map(|span| rest(cell, span)).as_deref(), Some(expected), "{cell}");
    };
    check("<a@b.co>", "");
    check("mailto:a@b.co", "");
    check("<mailto:a@b.co>", "");
    check("mailto:a@b.co?subject=Hello%20you&body=x", "");
    check("a@b.co?cc=c@d.co", "?cc=c@d.co");
    check("a@b.co; c@d.co", "c@d.co");
    check("a@b.co;", "");
    check("a@b.co.", "");
    check("Jane Doe <jane@doe.org>", "Jane Doe");
    check("a@b.co / 0171 123456", "0171 123456");
    check("lea@x.com#mailto:lea@x.com#", "");
    check("[pia@x.com](mailto:pia@x.com)", "");
    check("\"'rolf@x.com'\" <rolf@x.com>", "");
    check("Mr. <rolf@x.com>", "Mr.");
    check("eva@x.com (work), eva@gmail.com (private)", "(work), eva@gmail.com (private)");
    check("Denk, Reinhold (rd@x.gov)", "Denk, Reinhold");
}

#[test]
fn personal_texts_are_seen() {
    assert!(may_hold_address("o´neil@x.com"));
    assert!(!may_hold_address("E-mail @"));
    assert!(!may_hold_address("Name"));
}

proptest! {
    /// What touches an address on either side cannot be part of an address.
    #[test]
    fn addresses_stand_by_themselves(cell in "[a-c.@'\"´ _<>(),;:/é\u{301}漢%+-]{0,30}(@b\\.co)?[a-c. ´_]{0,3}") {
        if let Some(span) = find(&cell, 0) {
            let goes_on = |c: char| c.is_alphanumeric() || is_local_char(c) && !matches!(c, '\'' | '-' | '=' | '#' | '!' | '&') || matches!(c, '@' | '´' | '\\');
            prop_assert!(!cell[..span.start].chars().next_back().is_some_and(goes_on), "{cell:?}");
            let after = cell[span.end..].trim_start_matches(['.', '-']);
            prop_assert!(!after.chars().next().is_some_and(goes_on), "{cell:?}");
        }
    }

    #[test]
    fn any_text_is_searched(cell in "\\PC{0,40}") {
        if let Some(span) = find(&cell, 0) {
            prop_assert!(rest(&cell, span).len() <= cell.len());
        }
    }
}
