//! Invented people, companies and whatever else stands in the columns of a spreadsheet.

use easy_crm_domain::standardize::planner::kinds::ValueKind;
use fastrand::Rng;

use crate::data::{Data, Locale};

/// Somebody with all a lead has.
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

pub(crate) fn chance(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

pub(crate) fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(..items.len())]
}

/// One of the texts, by their weights.
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

fn digits(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + rng.u8(..10))).collect()
}

fn number(rng: &mut Rng, most: u64) -> String {
    rng.u64(..=most).to_string()
}

/// `#` becomes a digit.
fn filled(rng: &mut Rng, pattern: &str) -> String {
    pattern.chars().map(|c| if c == '#' { char::from(b'0' + rng.u8(..10)) } else { c }).collect()
}

pub(crate) fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Latin letters and digits as they stand in addresses; empty for other scripts.
fn ascii(text: &str) -> String {
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

/// A word that means nothing.
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

/// Everything that values are made from.
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

    /// A text of a locale; of English where the locale has none.
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

    /// Texts of a kind in the language's own script, when there are some.
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

    pub(crate) fn phone(rng: &mut Rng, style: usize) -> String {
        let pattern = match style {
            0 => *pick(rng, &["+49 30 #######", "+49 (0)89 ######", "+49 171 #######", "+43 1 #######"]),
            1 => *pick(rng, &["+1 ### ### ####", "+1-###-###-####", "+1 (###) ###-####", "+1.###.###.####"]),
            2 => "(###) ###-####",
            3 => *pick(rng, &["0#########", "0##########"]),
            4 => *pick(rng, &["7########", "5#########", "6##########", "91##########", "49###########"]),
            5 => *pick(rng, &["###-###-####", "###-###-#### x###", "###-###-#### ext. ##", "###.###.####"]),
            6 => *pick(rng, &["0###/#######", "0### ######", "0##-########", "0### / ######"]),
            7 => *pick(rng, &["00###########", "00 ## ### ### ###"]),
            8 => *pick(rng, &["'+###########", "p:+###########", "tel:+##########", "=\"0#########\""]),
            9 => "0# ## ## ## ##",
            10 => *pick(
                rng,
                &["+86 138 #### ####", "138########", "010-########", "0755-########", "02-####-####"],
            ),
            11 => *pick(rng, &["+44 20 #### ####", "020 7946 0###", "+44 7### ######", "07### ######"]),
            12 => *pick(
                rng,
                &[
                    "+33 # ## ## ## ##",
                    "+34 ### ### ###",
                    "+39 02 ########",
                    "+351 ### ### ###",
                    "+48 ### ### ###",
                ],
            ),
            13 => *pick(
                rng,
                &["8 (###) ###-##-##", "+7 ### ###-##-##", "+7 (###) ###-##-##", "+380 ## ### ## ##"],
            ),
            15 => *pick(
                rng,
                &[
                    "02-####-#### ext ###",
                    "02-####-#####1##",
                    "03-####-#### 内線##",
                    "(02)####-####轉###",
                    "010-####-####",
                ],
            ),
            16 => *pick(
                rng,
                &[
                    "### ### ####; ### ### ####",
                    "Tel: 0## ######, Mobile: 07## ######",
                    "0### ###### / 01## #######",
                ],
            ),
            14 => *pick(
                rng,
                &["+55 11 9####-####", "(11) 9####-####", "+52 55 #### ####", "+54 9 11 ####-####"],
            ),
            _ => *pick(
                rng,
                &[
                    "+971 5# ### ####",
                    "+91 ##### #####",
                    "+65 #### ####",
                    "+61 4## ### ###",
                    "+90 5## ### ## ##",
                    "+81-3-####-####",
                ],
            ),
        };
        let number = filled(rng, pattern);
        match rng.usize(..200) {
            0 => format!("{number} / {}", filled(rng, pattern)),
            1 => format!("Tel: {number}"),
            2 => format!("{number} ext {}", digits(rng, 3)),
            3 => format!("{number}#{}", digits(rng, 3)),
            4 => format!("{number} (mobile)"),
            _ => number,
        }
    }

    /// How many styles [`World::phone`] knows.
    pub(crate) const PHONE_STYLES: usize = 18;

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

    /// Some texts of a pool, again and again, as the values of a choice are.
    pub(crate) fn few_of<'w>(&'w self, rng: &mut Rng, pool: &str, language: &str, most: usize) -> Maker<'w> {
        let all = self.phrases_for(pool, language);
        let count = rng.usize(1..=most);
        let some: Vec<&'d str> = (0..count).map(|_| *pick(rng, &all)).collect();
        Box::new(move |rng, _| (*pick(rng, &some)).to_owned())
    }

    /// A maker of values that belong to no lead field.
    pub(crate) fn maker<'w>(&'w self, rng: &mut Rng, kind: ValueKind, locale: usize) -> Maker<'w> {
        let language = self.of(locale).language();
        let from = |rng: &mut Rng, pool: &str, most: usize| self.few_of(rng, pool, language, most);
        match kind {
            ValueKind::Date => dates(rng, self, locale),
            ValueKind::Id => ids(rng),
            ValueKind::Username => usernames(rng),
            ValueKind::Url => self.urls(rng),
            ValueKind::Street => {
                let with_city = chance(rng, 0.25);
                Box::new(move |rng, _| {
                    let street = self.local(rng, locale, "street").replace('\n', ", ");
                    if with_city {
                        format!(
                            "{street}, {} {}",
                            self.local(rng, locale, "postal"),
                            self.local(rng, locale, "city")
                        )
                    } else {
                        street
                    }
                })
            }
            ValueKind::City => Box::new(move |rng, _| self.local(rng, locale, "city")),
            ValueKind::Region => {
                if chance(rng, 0.2) {
                    const CODES: [&str; 24] = [
                        "DE", "US", "FR", "GB", "ES", "IT", "AT", "CH", "NL", "PL", "CN", "JP", "BR", "CA",
                        "NY", "TX", "FL", "UK", "USA", "IN", "MX", "SE", "UAE", "BE",
                    ];
                    let count = rng.usize(1..9);
                    let some: Vec<&str> = (0..count).map(|_| *pick(rng, &CODES)).collect();
                    return Box::new(move |rng, _| (*pick(rng, &some)).to_owned());
                }
                let pool = if chance(rng, 0.5) { "state" } else { "country" };
                let count = *pick(rng, &[1, 2, 4, 12]);
                let some: Vec<String> = (0..count).map(|_| self.local(rng, locale, pool)).collect();
                Box::new(move |rng, _| pick(rng, &some).clone())
            }
            ValueKind::Postal => Box::new(move |rng, _| self.local(rng, locale, "postal")),
            ValueKind::Industry => from(rng, "industry", 10),
            ValueKind::Department => from(rng, "department", 8),
            ValueKind::Status => {
                let pool =
                    *pick(rng, &["status", "status", "status", "seniority", "role_permission", "gender"]);
                from(rng, pool, 6)
            }
            ValueKind::Source => {
                let pool = *pick(rng, &["source", "event"]);
                from(rng, pool, 6)
            }
            ValueKind::Tag => {
                let pool = *pick(
                    rng,
                    &["tag", "tag", "language", "timezone", "currency", "company_size", "t_shirt_size"],
                );
                let several = pool == "tag" && chance(rng, 0.4);
                let one = from(rng, pool, 12);
                let mut other = from(rng, pool, 12);
                let mut one = one;
                Box::new(move |rng, person| {
                    let first = one(rng, person);
                    if several && chance(rng, 0.5) {
                        format!("{first}, {}", other(rng, person))
                    } else {
                        first
                    }
                })
            }
            ValueKind::Boolean => {
                let pair = self.phrase(rng, "boolean_pair");
                let (yes, no) = pair
                    .split_once('/')
                    .map_or((pair.clone(), String::new()), |(yes, no)| (yes.to_owned(), no.to_owned()));
                let share = rng.f64();
                Box::new(move |rng, _| if chance(rng, share) { yes.clone() } else { no.clone() })
            }
            ValueKind::Number => {
                let most = *pick(rng, &[5, 10, 100, 1000, 5000, 100_000]);
                let style = rng.usize(..10);
                Box::new(move |rng, _| match style {
                    0 => format!("{:.2}", rng.f64() * most as f64),
                    1 => format!("{}%", rng.u64(..=100)),
                    2 => format!("{}-{}", rng.u64(1..50), rng.u64(51..500)),
                    _ => number(rng, most),
                })
            }
            ValueKind::Money => {
                let pattern = *pick(
                    rng,
                    &[
                        "{}",
                        "{}.00",
                        "€{}",
                        "${}",
                        "{} EUR",
                        "{},00",
                        "{} K",
                        "{},50 €",
                        "£{}.99",
                        "₹{}",
                        "{} zł",
                    ],
                );
                Box::new(move |rng, _| {
                    let most = *pick(rng, &[1000, 10_000, 1_000_000, 10_000_000]);
                    pattern.replace("{}", &rng.u64(10..most).to_string())
                })
            }
            ValueKind::Note => {
                let local = chance(rng, 0.5);
                Box::new(
                    move |rng, _| {
                        if local { self.local(rng, locale, "word_text") } else { self.phrase(rng, "note") }
                    },
                )
            }
            ValueKind::Honorific => from(rng, "honorific", 4),
            ValueKind::Suffix => from(rng, "suffix", 4),
            ValueKind::Deal => {
                let suffix = self.phrase(rng, "deal_suffix");
                let of_company = chance(rng, 0.6);
                Box::new(move |rng, person| {
                    let front = if of_company { person.company.clone() } else { person.surname.clone() };
                    let front =
                        if front.is_empty() || chance(rng, 0.2) { self.company(rng, locale) } else { front };
                    format!("{front} {}", suffix.trim())
                })
            }
            ValueKind::Title => Box::new(move |rng, _| self.title(rng, locale)),
            ValueKind::Company => Box::new(move |rng, _| self.company(rng, locale)),
            ValueKind::Given => Box::new(move |rng, _| self.names(rng, locale).0),
            ValueKind::Surname => Box::new(move |rng, _| self.names(rng, locale).1),
            ValueKind::Email => Box::new(move |rng, person| {
                let (given, surname) = self.names(rng, locale);
                let domain = if chance(rng, 0.5) { person.domain.clone() } else { self.domain(rng, "") };
                self.email(rng, &given, &surname, &domain)
            }),
            ValueKind::Phone => {
                let style = rng.usize(..Self::PHONE_STYLES);
                Box::new(move |rng, _| Self::phone(rng, style))
            }
            ValueKind::FullName | ValueKind::FullNameFamilyFirst => {
                let style =
                    if kind == ValueKind::FullName { NameStyle::Plain } else { NameStyle::LastCommaFirst };
                Box::new(move |rng, person| {
                    let (given, surname) = self.names(rng, locale);
                    self.full_name(rng, &Person { given, surname, locale, ..person.clone() }, style)
                })
            }
            ValueKind::Details => {
                let style = rng.usize(..5);
                Box::new(move |rng, person| {
                    let (email, phone) = (&person.email, &person.phone);
                    match style {
                        0 => {
                            if chance(rng, 0.5) {
                                email.clone()
                            } else {
                                phone.clone()
                            }
                        }
                        1 => format!("{email} / {phone}"),
                        2 => format!("{phone}, {email}"),
                        3 => format!("{email}\n{phone}"),
                        _ => format!("Tel. {phone}; {email}"),
                    }
                })
            }
            ValueKind::Card => {
                let joiner = *pick(rng, &["\n", "\n", " | ", ", ", "; "]);
                let label = *pick(rng, &["T: ", "Tel. ", "", "Phone: ", "M "]);
                let titled = chance(rng, 0.7);
                Box::new(move |rng, person| {
                    let mut lines = vec![self.full_name(rng, person, NameStyle::Plain)];
                    if titled {
                        lines.push(person.title.clone());
                    }
                    if !person.company.is_empty() {
                        lines.push(person.company.clone());
                    }
                    if chance(rng, 0.8) {
                        lines.push(format!("{label}{}", person.phone));
                    }
                    lines.push(person.email.clone());
                    lines.join(joiner)
                })
            }
        }
    }

    fn urls<'w>(&'w self, rng: &mut Rng) -> Maker<'w> {
        let style = rng.usize(..6);
        Box::new(move |rng, person| {
            let domain = if person.domain.is_empty() {
                format!("{}.com", invented(rng))
            } else {
                person.domain.clone()
            };
            match style {
                0 | 1 => format!(
                    "{}{domain}{}",
                    pick::<&str>(rng, &["https://www.", "http://www.", "www.", "https://"]),
                    pick::<&str>(rng, &["", "/", "/about"])
                ),
                2 => domain,
                3 => {
                    format!("https://www.linkedin.com/in/{}-{}", ascii(&person.given), ascii(&person.surname))
                }
                4 => format!(
                    "{}{}",
                    pick::<&str>(
                        rng,
                        &[
                            "https://facebook.com/",
                            "https://x.com/",
                            "instagram.com/",
                            "https://www.xing.com/profile/"
                        ]
                    ),
                    invented(rng)
                ),
                _ => format!(
                    "https://cdn.{}.com/{}/{}{}",
                    invented(rng),
                    invented(rng),
                    digits(rng, 5),
                    pick::<&str>(rng, &[".jpg", ".png", "?v=1"])
                ),
            }
        })
    }
}

/// Does the language use the Latin script?
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

/// Is the letter of the language's script?
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

fn dates<'w>(rng: &mut Rng, world: &'w World<'_>, locale: usize) -> Maker<'w> {
    const FORMATS: [&str; 22] = [
        "Y-M-D",
        "D.M.Y",
        "M/D/Y",
        "D/M/Y",
        "Y-M-D h:m:s",
        "Y-M-DTh:m:sZ",
        "M/D/Y h:m PM",
        "D N Y",
        "N D, Y",
        "h:m",
        "Y/M/D",
        "Y年M月D日",
        "D.M.Y h:m",
        "N",
        "D-N-y",
        "Y",
        "serial",
        "Y-M-D 00:00:00",
        "unix",
        "D. N Y",
        "N Y",
        "Y.M.D",
    ];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let format = *pick(rng, &FORMATS);
    let local = chance(rng, 0.4);
    Box::new(move |rng, _| {
        let year = if chance(rng, 0.1) { rng.u32(1955..2018) } else { rng.u32(2018..2027) };
        match format {
            "serial" => return rng.u32(40_000..46_000).to_string(),
            "unix" => return rng.u64(1_500_000_000..1_780_000_000).to_string(),
            _ => {}
        }
        let mut date = String::new();
        for c in format.chars() {
            match c {
                'Y' => date.push_str(&year.to_string()),
                'y' => date.push_str(&format!("{:02}", year % 100)),
                'M' => date.push_str(&format!("{:02}", rng.u32(1..13))),
                'D' => date.push_str(&format!("{:02}", rng.u32(1..29))),
                'h' => date.push_str(&format!("{:02}", rng.u32(..24))),
                'm' | 's' => date.push_str(&format!("{:02}", rng.u32(..60))),
                'N' if local => date.push_str(&world.local(rng, locale, "month")),
                'N' => date.push_str(pick::<&str>(rng, &MONTHS)),
                c => date.push(c),
            }
        }
        date
    })
}

fn ids<'w>(rng: &mut Rng) -> Maker<'w> {
    let style = rng.usize(..10);
    let prefix = *pick(
        rng,
        &["C", "K", "L", "CUS", "ACC", "T", "#", "KD-", "INV-", "P", "A", "BR-", "ORD", "M", "REG-"],
    );
    let mut next = if chance(rng, 0.5) { 0 } else { rng.u64(..5000) };
    let length = *pick(rng, &[8_usize, 16, 24, 32]);
    Box::new(move |rng, _| {
        next += 1;
        let hex = |rng: &mut Rng, count: usize| -> String {
            (0..count).map(|_| char::from(*pick(rng, b"0123456789abcdef"))).collect()
        };
        match style {
            0 | 1 => next.to_string(),
            2 => rng.u64(100_000..10_000_000).to_string(),
            3 => rng.u64(1_000_000_000..999_999_999_999).to_string(),
            4 => hex(rng, length),
            5 => [8, 4, 4, 4, 12].map(|count| hex(rng, count)).join("-"),
            6 => format!(
                "00{}{}",
                pick(rng, &['Q', '1', '3', '5']),
                (0..15).map(|_| rng.alphanumeric()).collect::<String>()
            ),
            7 => format!(
                "{}{}",
                pick::<&str>(rng, &["DE", "FR", "ATU", "PL", "ESB", "IT", "GB"]),
                digits(rng, 9)
            ),
            8 => format!("{}-{}", digits(rng, 2), digits(rng, 7)),
            _ => {
                let count = rng.usize(3..7);
                format!("{prefix}{}", digits(rng, count))
            }
        }
    })
}

fn usernames<'w>(rng: &mut Rng) -> Maker<'w> {
    let style = rng.usize(..7);
    Box::new(move |rng, person| {
        let (mut a, mut b) = (ascii(&person.given), ascii(&person.surname));
        if a.is_empty() || b.is_empty() || chance(rng, 0.2) {
            (a, b) = (invented(rng), invented(rng));
        }
        let initial: String = a.chars().take(1).collect();
        let name = match rng.usize(..7) {
            0 => format!("{initial}{b}"),
            1 => format!("{a}.{b}"),
            2 => format!("{a}{b}"),
            3 => format!("{b}{initial}"),
            4 => format!("{a}{}", rng.u32(1..999)),
            5 => format!("{a}_{b}"),
            _ => b.clone(),
        };
        match style {
            0 => format!("@{name}"),
            1 => format!("{}{name}", pick::<&str>(rng, &["wxid_", "live:", "wx_"])),
            2 => format!("{}{name}", pick::<&str>(rng, &["CORP\\", "AD\\", "u"])),
            3 => format!("{initial}{}", b.chars().take(7).collect::<String>()),
            _ => name,
        }
    })
}
