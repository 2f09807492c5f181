//! Random choices, and pieces of text.

use fastrand::Rng;

pub(crate) fn chance(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

pub(crate) fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(..items.len())]
}

/// A random item, chosen by weight.
pub(crate) fn weighted<T: Copy>(rng: &mut Rng, items: &[(T, f64)]) -> T {
    let total: f64 = items.iter().map(|(_, weight)| weight).sum();
    let mut at = rng.f64() * total;
    for (item, weight) in items {
        at -= weight;
        if at < 0.0 {
            return *item;
        }
    }
    items[items.len() - 1].0
}

pub(super) fn digits(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + rng.u8(..10))).collect()
}

pub(super) fn number(rng: &mut Rng, most: u64) -> String {
    rng.u64(..=most).to_string()
}

/// Replaces each `#` with a digit.
pub(super) fn filled(rng: &mut Rng, pattern: &str) -> String {
    pattern.chars().map(|c| if c == '#' { char::from(b'0' + rng.u8(..10)) } else { c }).collect()
}

pub(crate) fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Latin letters and digits as written in addresses; empty for other scripts.
pub(super) fn ascii(text: &str) -> String {
    let mut plain = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => plain.push(c),
            'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => plain.push('a'),
            'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' | 'ő' => plain.push('o'),
            'ü' | 'ú' | 'ù' | 'û' | 'ű' | 'ů' | 'ū' => plain.push('u'),
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' | 'ē' => plain.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' | 'ī' => plain.push('i'),
            'ç' | 'č' | 'ć' => plain.push('c'),
            'ñ' | 'ń' | 'ň' => plain.push('n'),
            'š' | 'ś' | 'ş' | 'ș' => plain.push('s'),
            'ž' | 'ź' | 'ż' => plain.push('z'),
            'ř' => plain.push('r'),
            'ł' => plain.push('l'),
            'ý' | 'ÿ' => plain.push('y'),
            'ğ' => plain.push('g'),
            'ţ' | 'ť' | 'ț' => plain.push('t'),
            'ď' | 'đ' => plain.push('d'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            _ => {}
        }
    }
    plain
}

const SYLLABLES: [&str; 64] = [
    "ba", "be", "bo", "bri", "ca", "ce", "cor", "da", "del", "do", "dra", "el", "en", "fa", "fer", "fi",
    "ga", "gal", "gri", "ha", "hel", "hu", "in", "ja", "jor", "ka", "kel", "ko", "la", "len", "li", "lo",
    "lu", "ma", "mer", "mi", "mo", "na", "nel", "no", "or", "pa", "pel", "po", "qua", "ra", "ren", "ri",
    "ro", "sa", "sel", "si", "so", "sta", "ta", "tel", "tor", "tri", "ul", "va", "vel", "vi", "wa", "zen",
];

/// A meaningless invented word.
pub(crate) fn invented(rng: &mut Rng) -> String {
    let count = rng.usize(2..4);
    let mut word: String = (0..count).map(|_| *pick(rng, &SYLLABLES)).collect();
    word.push_str(pick::<&str>(
        rng,
        &["", "", "n", "x", "r", "s", "m", "tek", "lab", "soft", "port", "ware", "dyn", "ia", "on"],
    ));
    word
}

/// Languages that put the family name first and write without spaces.
pub(crate) fn is_unspaced(language: &str) -> bool {
    matches!(language, "ja" | "zh" | "ko")
}

/// Whether the language uses the Latin script.
pub(crate) fn is_latin(language: &str) -> bool {
    !matches!(
        language,
        "ar" | "bg"
            | "bn"
            | "el"
            | "fa"
            | "he"
            | "hi"
            | "hy"
            | "ja"
            | "ka"
            | "ko"
            | "ne"
            | "ru"
            | "ta"
            | "th"
            | "uk"
            | "zh"
            | "mk"
            | "mr"
            | "sr"
    )
}

/// Whether the letter belongs to the language's script.
pub(crate) fn is_of(language: &str, c: char) -> bool {
    let c = c as u32;
    match language {
        "ar" | "fa" => (0x600..0x780).contains(&c),
        "he" => (0x590..0x600).contains(&c),
        "ru" | "uk" | "bg" | "mk" | "sr" => (0x400..0x530).contains(&c),
        "el" => (0x370..0x400).contains(&c),
        "hi" | "ne" | "mr" => (0x900..0x980).contains(&c),
        "bn" => (0x980..0xa00).contains(&c),
        "ta" => (0xb80..0xc00).contains(&c),
        "th" => (0xe00..0xe80).contains(&c),
        "ja" => (0x3040..0x3100).contains(&c) || (0x4e00..0xa000).contains(&c),
        "zh" => (0x4e00..0xa000).contains(&c),
        "ko" => (0xac00..0xd7b0).contains(&c),
        "ka" => (0x10a0..0x1100).contains(&c),
        "hy" => (0x530..0x590).contains(&c),
        _ => c < 0x250,
    }
}
