//! Text as people search and sort it: without case, without accents.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;

/// Appends the folded form of a text: compatibility decomposition without accents, in lower case.
///
/// Only marks that people leave out when they type are dropped. The vowel signs of Indic scripts and the voicing marks
/// of kana are combining marks as well, and different letters.
pub(super) fn fold_into(out: &mut String, text: &str) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
        return;
    }
    for c in text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            c if is_accent(c) => {}
            c => out.push(c),
        }
    }
}

/// The folded form of a text.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Compares folded texts: numbers within them by value (`a2` before `a10`), everything else by character. Equal only if
/// the texts are.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    natural(a.as_bytes(), b.as_bytes()).then_with(|| a.cmp(b))
}

fn natural(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        // Texts that differ within a number are compared from where the number begins.
        let digits = a[..same].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let in_number = [a, b].map(|text| text.get(same).is_some_and(u8::is_ascii_digit));
        if !(in_number[0] && in_number[1]) && (digits == 0 || in_number == [false; 2]) {
            return a.get(same).cmp(&b.get(same));
        }
        let (x, rest_a) = number(&a[same - digits..]);
        let (y, rest_b) = number(&b[same - digits..]);
        match x.len().cmp(&y.len()).then_with(|| x.cmp(y)) {
            Ordering::Equal => (a, b) = (rest_a, rest_b),
            order => return order,
        }
    }
}

/// The number a text begins with, without leading zeros, and what follows it.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let zeros = text.iter().take_while(|byte| **byte == b'0').count();
    let digits = text[zeros..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    text[zeros..].split_at(digits)
}

/// Bytes of a [`sort_key`].
pub(super) const KEY_BYTES: usize = 16;

/// Sixteen bytes that order texts as [`compare`] does wherever they differ. If they are equal, those after the next
/// `skip` bytes decide, and finally the texts.
///
/// They are a window of the text in which a number is written as `0`, its length without leading zeros, and its digits.
/// A key that ends in a zero byte has reached the text's end.
pub(super) fn sort_key(folded: &str, skip: usize) -> u128 {
    let mut key = [0; KEY_BYTES];
    let mut rest = folded.as_bytes();
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        for byte in bytes {
            if at >= skip + KEY_BYTES {
                return false;
            }
            if at >= skip {
                key[at - skip] = *byte;
            }
            at += 1;
        }
        true
    };
    while let [first, others @ ..] = rest {
        let goes_on = if first.is_ascii_digit() {
            let (digits, after) = number(rest);
            rest = after;
            let len = u8::try_from(digits.len()).unwrap_or(u8::MAX);
            // Numbers too long for the length byte are left to the comparison of the texts.
            put(&[b'0', len]) && len < u8::MAX && put(digits)
        } else {
            rest = others;
            put(&[*first])
        };
        if !goes_on {
            break;
        }
    }
    u128::from_be_bytes(key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(fold(text), expected);
    }

    #[test]
    fn folding() {
        check("MÜLLER", "muller");
        check("Straße", "strasse");
        check("Łódź", "lodz");
        check("Ørsted Ålesund", "orsted alesund");
        check("İstanbul ILIK ılık", "istanbul ilik ilik");
        check("ΓΙΏΡΓΟΣ Γιώργος", "γιωργοσ γιωργοσ");
        check("ＡＢＣ １２３", "abc 123");
        check("がか", "か\u{3099}か");
        check("ﬁne", "fine");
        check("का की", "का की");
    }

    #[test]
    fn order() {
        let mut names = ["b", "a10", "a2", "a 1", "", "a02"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["", "a 1", "a02", "a2", "a10", "b"]);
    }

    proptest! {
        #[test]
        fn keys_agree_with_the_order(a in "[ab01 /:é]{0,20}", b in "[ab01 /:é]{0,20}") {
            let by_key = sort_key(&a, 0).cmp(&sort_key(&b, 0)).then_with(|| sort_key(&a, 16).cmp(&sort_key(&b, 16)));
            prop_assert!(by_key == Ordering::Equal || by_key == compare(&a, &b));
        }

        #[test]
        fn order_is_an_order(mut texts in proptest::collection::vec("[a01 ]{0,5}", 3..6)) {
            texts.sort_by(|a, b| compare(a, b));
            for (i, a) in texts.iter().enumerate() {
                for b in &texts[i..] {
                    prop_assert!(compare(a, b) != Ordering::Greater, "{:?} {:?}", a, b);
                }
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in ".{0,12}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
