//! Invented people, companies and whatever else is in the columns of a spreadsheet.

use fastrand::Rng;

use crate::data::{Data, Locale};

mod phones;
mod text;
mod values;

use text::ascii;
pub(crate) use text::{capitalized, chance, invented, is_latin, is_of, is_unspaced, pick, weighted};

/// A person with all the fields of a lead.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) locale: usize,
    pub(crate) given: String,
    pub(crate) surname: String,
    pub(crate) title: String,
    pub(crate) company: String,
    pub(crate) domain: String,
    pub(crate) email: String,
    pub(crate) phone: String,
}

/// How the full names of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameStyle {
    Plain,
    LastCommaFirst,
    LastFirst,
    CapitalLastFirst,
    Honorific,
    Suffix,
    MiddleInitial,
    Mixed,
}

/// Makes the cells of one column: the format is chosen once, the values vary.
pub(crate) type Maker<'w> = Box<dyn FnMut(&mut Rng, &Person) -> String + 'w>;

/// Everything that values are generated from.
pub(crate) struct World<'d> {
    pub(crate) data: &'d Data,
}

const COMMON_LOCALES: [&str; 14] = [
    "en_US", "en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "zh_CN", "ja_JP", "ru_RU",
    "en_IN", "nl_NL", "pl_PL",
];

impl<'d> World<'d> {
    pub(crate) fn new(data: &'d Data) -> Self {
        Self { data }
    }

    pub(crate) fn locale(&self, rng: &mut Rng) -> usize {
        if chance(rng, 0.45) {
            let name = *pick(rng, &COMMON_LOCALES);
            if let Some(at) = self.data.locales.iter().position(|locale| locale.name == name) {
                return at;
            }
        }
        rng.usize(..self.data.locales.len())
    }

    pub(crate) fn of(&self, locale: usize) -> &'d Locale {
        &self.data.locales[locale]
    }

    /// A text of a locale; an English one if the locale has none.
    pub(crate) fn local(&self, rng: &mut Rng, locale: usize, kind: &str) -> String {
        let english = || self.data.locales.iter().find(|locale| locale.name == "en_US");
        let pool =
            self.of(locale).pools.get(kind).or_else(|| english().and_then(|locale| locale.pools.get(kind)));
        match pool {
            Some(pool) if !pool.is_empty() => pick(rng, pool).clone(),
            _ => capitalized(&invented(rng)),
        }
    }

    pub(crate) fn phrase(&self, rng: &mut Rng, kind: &str) -> String {
        match self.data.phrases.get(kind) {
            Some(pool) if !pool.is_empty() => pick(rng, pool).clone(),
            _ => invented(rng),
        }
    }

    /// Texts of a kind in the language's own script, if there are any.
    fn phrases_for(&self, kind: &str, language: &str) -> Vec<&'d str> {
        let Some(pool) = self.data.phrases.get(kind) else { return vec!["x"] };
        let non_latin = |text: &&str| text.chars().any(|c| c.is_alphabetic() && c as u32 > 0x24f);
        if is_latin(language) {
            let latin: Vec<&str> = pool.iter().map(String::as_str).filter(|text| !non_latin(text)).collect();
            return if latin.is_empty() { pool.iter().map(String::as_str).collect() } else { latin };
        }
        let own: Vec<&str> =
            pool.iter().map(String::as_str).filter(|text| text.chars().any(|c| is_of(language, c))).collect();
        if own.len() < 2 { pool.iter().map(String::as_str).collect() } else { own }
    }

    pub(crate) fn company(&self, rng: &mut Rng, locale: usize) -> String {
        let language = self.of(locale).language();
        let name = |rng: &mut Rng| {
            let mut name = capitalized(&invented(rng));
            if chance(rng, 0.3) {
                name = format!("{name} {}", capitalized(&invented(rng)));
            }
            name
        };
        let form = |rng: &mut Rng| self.phrase(rng, "legal_form");
        let word = |rng: &mut Rng| capitalized(&self.phrase(rng, "company_word"));
        match language {
            "zh" if chance(rng, 0.8) => {
                let place: String = self.local(rng, locale, "city").chars().take(2).collect();
                let middle = *pick(
                    rng,
                    &["华", "明", "创", "宏", "天", "金", "海", "新", "達", "信", "源", "瑞", "盛"],
                );
                let end = *pick(
                    rng,
                    &[
                        "科技有限公司",
                        "贸易有限公司",
                        "股份有限公司",
                        "集团",
                        "電子股份有限公司",
                        "實業有限公司",
                        "信息技术有限公司",
                    ],
                );
                return format!("{place}{middle}{end}");
            }
            "ja" if chance(rng, 0.8) => {
                let front = *pick(rng, &["株式会社", "有限会社", "合同会社", "", ""]);
                let back = if front.is_empty() { *pick(rng, &["株式会社", "", "(株)"]) } else { "" };
                let business = *pick(
                    rng,
                    &["製作所", "商事", "工業", "電機", "システム", "建設", "物産", "", "テクノロジー"],
                );
                return format!("{front}{}{business}{back}", self.local(rng, locale, "surname"));
            }
            "ko" if chance(rng, 0.8) => {
                let front = *pick(rng, &["(주)", "주식회사 ", "㈜", ""]);
                let business = *pick(rng, &["전자", "상사", "테크", "물산", "건설", "시스템", "솔루션"]);
                return format!("{front}{}{business}", self.local(rng, locale, "surname"));
            }
            "ru" | "uk" | "bg" if chance(rng, 0.7) => {
                let front = *pick(rng, &["ООО ", "ИП ", "АО ", "ТОВ ", "ЗАО "]);
                let name = self.local(rng, locale, "surname");
                return if chance(rng, 0.6) {
                    format!("{front}«{name}»")
                } else {
                    format!("{front}{name}")
                };
            }
            "ar" if chance(rng, 0.7) => {
                let front = *pick(rng, &["شركة ", "مؤسسة ", "مجموعة "]);
                return format!("{front}{}", self.local(rng, locale, "surname"));
            }
            _ => {}
        }
        let surname = |rng: &mut Rng| self.local(rng, locale, "surname");
        match rng.usize(..100) {
            0..20 if self.of(locale).pools.contains_key("company") => self.local(rng, locale, "company"),
            0..42 => format!("{} {}", name(rng), form(rng)),
            42..58 => name(rng),
            58..74 => {
                let front = if chance(rng, 0.5) { name(rng) } else { surname(rng) };
                let legal = if chance(rng, 0.4) { format!(" {}", form(rng)) } else { String::new() };
                format!("{front} {}{legal}", word(rng))
            }
            74..82 => format!("{} {}", surname(rng), form(rng)),
            82..88 => {
                let second = if chance(rng, 0.4) {
                    surname(rng)
                } else {
                    (*pick(rng, &["Co", "Sons", "Partner"])).to_owned()
                };
                format!("{} & {second}", surname(rng))
            }
            88..92 => format!(
                "{} {}",
                pick::<&str>(rng, &["University of", "City of", "Bank of", "The", "Museum of"]),
                self.local(rng, locale, "city")
            ),
            92..95 => format!("{} {}", self.local(rng, locale, "city"), word(rng)),
            95 => name(rng).to_uppercase(),
            96 => word(rng),
            97 => surname(rng),
            98 => self.local(rng, locale, "city"),
            _ => format!("{}.{}", name(rng), pick::<&str>(rng, &["io", "ai", "com", "tech"])),
        }
    }

    pub(crate) fn title(&self, rng: &mut Rng, locale: usize) -> String {
        let language = self.of(locale).language();
        match rng.usize(..100) {
            0..20 if self.of(locale).pools.contains_key("job") => self.local(rng, locale, "job"),
            0..70 => (*pick(rng, &self.phrases_for("title", language))).to_owned(),
            _ => {
                let pattern = *pick(
                    rng,
                    &[
                        "Head of {}",
                        "VP {}",
                        "VP of {}",
                        "{} Manager",
                        "Director of {}",
                        "Senior {} Manager",
                        "{} Director",
                        "{} Specialist",
                        "{} Coordinator",
                        "{} Lead",
                        "{} Assistant",
                        "{} Analyst",
                        "Chief {} Officer",
                        "Leiter {}",
                        "Leiterin {}",
                        "Responsable {}",
                        "Director de {}",
                        "Manager, {}",
                        "Global {} Manager",
                        "{} Engineer",
                        "Junior {} Consultant",
                        "Teamleiter {}",
                        "{} Executive",
                    ],
                );
                let department = *pick(rng, &self.phrases_for("department", "en"));
                pattern.replace("{}", department)
            }
        }
    }

    fn domain(&self, rng: &mut Rng, company: &str) -> String {
        const ENDS: [&str; 22] = [
            "com", "com", "com", "de", "fr", "es", "it", "nl", "pl", "co.uk", "io", "net", "org", "eu", "ru",
            "com.br", "cz", "se", "com.tr", "cn", "co.jp", "example",
        ];
        if !company.is_empty() && chance(rng, 0.8) {
            let words: Vec<String> =
                company.split_whitespace().map(ascii).filter(|word| !word.is_empty()).take(2).collect();
            let name = match words.len() {
                0 => invented(rng),
                _ if chance(rng, 0.6) => words[0].clone(),
                _ => words.join(if chance(rng, 0.4) { "-" } else { "" }),
            };
            return format!("{name}.{}", pick(rng, &ENDS));
        }
        if chance(rng, 0.3) {
            format!("{}.{}", invented(rng), pick(rng, &ENDS))
        } else {
            self.phrase(rng, "free_mail")
        }
    }

    pub(crate) fn email(&self, rng: &mut Rng, given: &str, surname: &str, domain: &str) -> String {
        let part = |text: &str| ascii(text.split(' ').next_back().unwrap_or(text));
        let (mut a, mut b) = (ascii(given.split([' ', '.']).next().unwrap_or(given)), part(surname));
        if a.is_empty() || b.is_empty() {
            (a, b) = (invented(rng), invented(rng));
        }
        let initial: String = a.chars().take(1).collect();
        let local = match rng.usize(..100) {
            0..40 => format!("{a}.{b}"),
            40..55 => format!("{initial}{b}"),
            55..65 => a,
            65..72 => format!("{a}{b}"),
            72..78 => format!("{initial}.{b}"),
            78..82 => format!("{b}.{a}"),
            82..86 => format!("{a}_{b}"),
            86..90 => b,
            90..93 => {
                (*pick(rng, &["info", "sales", "office", "kontakt", "contact", "hello", "admin"])).to_owned()
            }
            93..96 => format!("{a}{}", rng.u32(1..99)),
            _ => invented(rng),
        };
        let email = format!("{local}@{domain}");
        match rng.usize(..100) {
            0 => email.to_uppercase(),
            1 => capitalized(&email),
            _ => email,
        }
    }

    pub(crate) fn names(&self, rng: &mut Rng, locale: usize) -> (String, String) {
        let language = self.of(locale).language();
        let (mut given, mut surname) = (self.local(rng, locale, "given"), self.local(rng, locale, "surname"));
        if matches!(language, "es" | "pt") && chance(rng, 0.4) {
            surname = format!("{surname} {}", self.local(rng, locale, "surname"));
        }
        if matches!(language, "nl" | "de") && chance(rng, 0.06) {
            surname = format!("{} {surname}", pick::<&str>(rng, &["van der", "de", "van", "von"]));
        }
        if language == "fr" && chance(rng, 0.05) {
            surname = format!("{} {surname}", pick::<&str>(rng, &["de", "Le", "du"]));
        }
        if !is_unspaced(language) {
            match rng.usize(..100) {
                0..6 => given = format!("{given} {}", self.local(rng, locale, "given")),
                6..10 => given = format!("{given} {}.", char::from(rng.u8(b'A'..=b'Z'))),
                10..13 => given = format!("{given}-{}", self.local(rng, locale, "given")),
                13..16 => surname = format!("{surname}-{}", self.local(rng, locale, "surname")),
                16..19 => given = given.chars().take(1).chain(['.']).collect(),
                _ => {}
            }
        }
        (given, surname)
    }

    pub(crate) fn full_name(&self, rng: &mut Rng, person: &Person, style: NameStyle) -> String {
        let (given, surname) = (&person.given, &person.surname);
        let unspaced = is_unspaced(self.of(person.locale).language());
        if unspaced && given.chars().next().is_some_and(|c| c as u32 > 0x2e80) {
            let space = if chance(rng, 0.3) { " " } else { "" };
            return format!("{surname}{space}{given}");
        }
        let style = if style == NameStyle::Mixed {
            *pick(
                rng,
                &[
                    NameStyle::Plain,
                    NameStyle::LastCommaFirst,
                    NameStyle::Honorific,
                    NameStyle::Suffix,
                    NameStyle::MiddleInitial,
                ],
            )
        } else {
            style
        };
        match style {
            NameStyle::Plain | NameStyle::Mixed => format!("{given} {surname}"),
            NameStyle::LastCommaFirst => format!("{surname}, {given}"),
            NameStyle::LastFirst => format!("{surname} {given}"),
            NameStyle::CapitalLastFirst => format!("{} {given}", surname.to_uppercase()),
            NameStyle::Honorific => format!("{} {given} {surname}", self.phrase(rng, "honorific")),
            NameStyle::Suffix => format!(
                "{given} {surname}{}",
                pick::<&str>(rng, &[", PhD", " Jr.", " III", ", MBA", ", CPA", ""])
            ),
            NameStyle::MiddleInitial => format!("{given} {}. {surname}", char::from(rng.u8(b'A'..=b'Z'))),
        }
    }

    pub(crate) fn person(&self, rng: &mut Rng, locale: usize, company: String, phone_style: usize) -> Person {
        let (given, surname) = self.names(rng, locale);
        let domain = self.domain(rng, &company);
        let email = self.email(rng, &given, &surname, &domain);
        let title = self.title(rng, locale);
        Person { locale, email, title, phone: Self::phone(rng, phone_style), given, surname, company, domain }
    }
}
