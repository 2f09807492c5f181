//! Makers of column values: of lead fields, and of whatever else is in a spreadsheet.

use easy_crm_domain::standardize::planner::kinds::ValueKind;
use fastrand::Rng;

use super::text::{ascii, chance, digits, invented, number, pick};
use super::{Maker, NameStyle, Person, World};

impl<'d> World<'d> {
    /// A few texts of a pool, repeated, like the values of a choice.
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
                let mut tag = from(rng, pool, 12);
                Box::new(move |rng, person| {
                    let first = tag(rng, person);
                    if several && chance(rng, 0.5) { format!("{first}, {}", tag(rng, person)) } else { first }
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
