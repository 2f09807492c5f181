//! Headers: the role and the values of each kind, and the styles in which products write them.

use easy_crm_domain::standardize::planner::kinds::{ColumnRole, HeaderKind, ValueKind};
use fastrand::Rng;

use crate::data::Data;
use crate::world::{capitalized, chance, is_of, pick};

/// The role of a lead's column under a header of a kind; [`HeaderKind::Name`] and [`HeaderKind::Person`] depend on the
/// other columns.
pub(crate) const fn role_of(kind: HeaderKind) -> ColumnRole {
    use HeaderKind as H;
    match kind {
        H::First => ColumnRole::First,
        H::Last => ColumnRole::Last,
        H::Full | H::FullLastFirst => ColumnRole::Full,
        H::Title => ColumnRole::Title,
        H::Company => ColumnRole::Company,
        H::Email | H::EmailHome => ColumnRole::Email,
        H::Phone | H::Mobile | H::PhoneHome | H::PhoneMain | H::PhoneOther => ColumnRole::Phone,
        H::Details => ColumnRole::Details,
        H::Card => ColumnRole::Card,
        H::OtherPerson => ColumnRole::OtherPerson,
        _ => ColumnRole::Other,
    }
}

/// The values under a header of a kind.
pub(crate) const fn values_of(kind: HeaderKind) -> ValueKind {
    use HeaderKind as H;
    match kind {
        H::First | H::NameVariant => ValueKind::Given,
        H::Last => ValueKind::Surname,
        H::Full | H::Name | H::Person | H::OtherPerson => ValueKind::FullName,
        H::FullLastFirst => ValueKind::FullNameFamilyFirst,
        H::Title => ValueKind::Title,
        H::Company => ValueKind::Company,
        H::Email | H::EmailHome => ValueKind::Email,
        H::Phone | H::Mobile | H::PhoneHome | H::PhoneMain | H::PhoneOther | H::Fax => ValueKind::Phone,
        H::Details => ValueKind::Details,
        H::Card => ValueKind::Card,
        H::Date => ValueKind::Date,
        H::Id | H::Technical | H::Token => ValueKind::Id,
        H::Username => ValueKind::Username,
        H::Url => ValueKind::Url,
        H::Street => ValueKind::Street,
        H::City => ValueKind::City,
        H::State | H::Country => ValueKind::Region,
        H::Postal => ValueKind::Postal,
        H::Industry => ValueKind::Industry,
        H::Department => ValueKind::Department,
        H::Status | H::Gender | H::Seniority | H::RolePermission => ValueKind::Status,
        H::Source | H::Event => ValueKind::Source,
        H::Boolean => ValueKind::Boolean,
        H::Number => ValueKind::Number,
        H::Money => ValueKind::Money,
        H::Note => ValueKind::Note,
        H::Tag | H::Language | H::Timezone => ValueKind::Tag,
        H::Honorific => ValueKind::Honorific,
        H::Suffix => ValueKind::Suffix,
        H::Deal => ValueKind::Deal,
    }
}

/// The script headers are written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    /// The script of a language, by its code.
    Of(String),
    /// Not Latin; of any language.
    Other,
}

impl Script {
    pub(crate) fn of(text: &str) -> Self {
        let foreign = text.chars().any(|c| c.is_alphabetic() && c as u32 > 0x24f);
        if !foreign {
            return Self::Latin;
        }
        let languages = ["ja", "zh", "ko", "ru", "el", "ar", "he", "hi", "th", "bn", "ta", "ka", "hy"];
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let found = languages.iter().find(|language| {
            text.chars().filter(|c| c.is_alphabetic() && is_of(language, *c)).count() * 10 >= letters * 8
        });
        found.map_or(Self::Other, |language| Self::Of((*language).to_owned()))
    }

    pub(crate) fn is_unspaced(&self) -> bool {
        matches!(self, Self::Of(language) if matches!(language.as_str(), "ja" | "zh" | "ko" | "th"))
    }

    /// Whether a file with headers in the other script could have this one.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Of(one), Self::Of(other)) => {
                one == other
                    || matches!(
                        (one.as_str(), other.as_str()),
                        ("ja", "zh")
                            | ("zh", "ja")
                            | ("ru", "uk" | "bg" | "sr" | "mk")
                            | ("ar", "fa")
                            | ("hi", "ne" | "mr")
                    )
            }
            (one, other) => one == other,
        }
    }
}

/// A header of a kind in a script; in Latin letters if there is none in that script.
pub(crate) fn random(data: &Data, rng: &mut Rng, kind: HeaderKind, script: &Script) -> String {
    let Some(pool) = data.headers.get(&kind) else { return String::new() };
    let fitting: Vec<&String> = pool.iter().filter(|header| Script::of(header).fits(script)).collect();
    // the lists begin with the most common ones
    match fitting.len() {
        0 => pick(rng, pool).clone(),
        count if *script == Script::Latin && chance(rng, 0.4) => fitting[rng.usize(..count.min(24))].clone(),
        _ => (*pick(rng, &fitting)).clone(),
    }
}

/// How a product writes its headers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    AsIs,
    Snake,
    CapitalSnake,
    Camel,
    Pascal,
    Lower,
    Upper,
}

impl Style {
    pub(crate) const ALL: [Self; 7] =
        [Self::AsIs, Self::Snake, Self::CapitalSnake, Self::Camel, Self::Pascal, Self::Lower, Self::Upper];

    pub(crate) fn any(rng: &mut Rng) -> Self {
        if chance(rng, 0.55) { Self::AsIs } else { *pick(rng, &Self::ALL) }
    }

    pub(crate) fn apply(self, header: &str) -> String {
        if Script::of(header) != Script::Latin {
            return header.to_owned();
        }
        let words = || header.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        match self {
            Self::AsIs => header.to_owned(),
            Self::Snake => words().map(str::to_lowercase).collect::<Vec<_>>().join("_"),
            Self::CapitalSnake => words().map(str::to_uppercase).collect::<Vec<_>>().join("_"),
            Self::Camel => {
                let pascal: String = words().map(|word| capitalized(&word.to_lowercase())).collect();
                let mut chars = pascal.chars();
                chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
            }
            Self::Pascal => words().map(capitalized).collect(),
            Self::Lower => header.to_lowercase(),
            Self::Upper => header.to_uppercase(),
        }
    }
}

/// A header of a field combined with the word for the person it belongs to, as languages and products join them.
pub(crate) fn of_person(rng: &mut Rng, word: &str, header: &str) -> String {
    let unspaced = Script::of(word).is_unspaced();
    match rng.usize(..20) {
        0 => format!("{header} ({word})"),
        1 => format!("{word} - {header}"),
        2 => format!("{word}: {header}"),
        3 => format!("{word}.{header}"),
        4..7 if !unspaced => format!("{header} {word}"),
        _ if unspaced => format!("{word}{header}"),
        _ => format!("{word} {header}"),
    }
}

/// Adds marks that forms and exports put around headers.
pub(crate) fn decorated(rng: &mut Rng, header: String) -> String {
    match rng.usize(..100) {
        0..2 => format!("{header} *"),
        2 => format!("{header}*"),
        3 => format!("{header}:"),
        4 => format!("{header} (required)"),
        5 => format!("{header} 1"),
        6 => format!("\"{header}\""),
        _ => header,
    }
}

/// One of the words in a matching script.
pub(crate) fn a_word<'d>(rng: &mut Rng, words: &'d [String], script: &Script) -> Option<&'d str> {
    let fitting: Vec<&String> = words.iter().filter(|word| Script::of(word).fits(script)).collect();
    rng.choice(fitting).map(String::as_str)
}

/// Headers with their kinds for the header model: as listed, in other styles, and prefixed with the words for people.
pub(crate) fn examples(data: &Data, rng: &mut Rng) -> Vec<(String, HeaderKind)> {
    let mut examples = Vec::new();
    for (kind, pool) in &data.headers {
        let is_field = !matches!(role_of(*kind), ColumnRole::Other | ColumnRole::OtherPerson);
        for header in pool {
            for style in [Style::AsIs, Style::any(rng), Style::any(rng)] {
                examples.push((decorated(rng, style.apply(header)), *kind));
            }
            let takes_prefix = is_field
                || matches!(kind, HeaderKind::City | HeaderKind::Id | HeaderKind::Url | HeaderKind::Date);
            let script = Script::of(header);
            if takes_prefix && let Some(word) = a_word(rng, &data.lead_words, &script) {
                let joined = of_person(rng, word, header);
                examples.push((Style::any(rng).apply(&joined), *kind));
            }
            if is_field && let Some(word) = a_word(rng, &data.other_words, &script) {
                let joined = of_person(rng, word, header);
                examples.push((Style::any(rng).apply(&joined), HeaderKind::OtherPerson));
            }
        }
    }
    for word in &data.other_words {
        examples.push((Style::any(rng).apply(word), HeaderKind::OtherPerson));
    }
    for word in &data.other_companies {
        examples.push((Style::any(rng).apply(word), HeaderKind::OtherPerson));
    }
    for word in data.lead_words.iter() {
        examples.push((word.clone(), HeaderKind::Person));
    }
    for set in &data.sets {
        for column in &set.columns {
            let kind = if column.of_other_person && role_of(column.kind) != ColumnRole::Other {
                HeaderKind::OtherPerson
            } else {
                column.kind
            };
            for style in [Style::AsIs, Style::any(rng)] {
                examples.push((style.apply(&column.header), kind));
            }
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_headers_in_styles() {
        let check = |style: Style, expected: &str| assert_eq!(style.apply("First Name"), expected);
        check(Style::Snake, "first_name");
        check(Style::CapitalSnake, "FIRST_NAME");
        check(Style::Camel, "firstName");
        check(Style::Pascal, "FirstName");
    }

    #[test]
    fn tells_scripts() {
        let check = |text: &str, expected: Script| assert_eq!(Script::of(text), expected);
        check("Prénom", Script::Latin);
        check("姓名", Script::Of("ja".into()));
        check("Имя", Script::Of("ru".into()));
    }
}
