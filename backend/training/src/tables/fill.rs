//! The cells of a table's columns, and how its headers are written.

use easy_crm_domain::standardize::planner::kinds::{ColumnRole, HeaderKind, ValueKind};
use fastrand::Rng;

use super::{Column, Spec};
use crate::headers;
use crate::world::{
    Maker, NameStyle, Person, World, capitalized, chance, invented, is_unspaced, pick, weighted,
};

/// How a missing value is written in a file.
const MISSING: [&str; 6] = ["", "", "", "N/A", "-", "null"];

pub(super) fn fill(
    world: &World<'_>,
    rng: &mut Rng,
    locale: usize,
    count: usize,
    specs: &[Spec],
) -> Vec<Column> {
    let language = world.of(locale).language();
    let mixed = chance(rng, 0.12);
    let with_company = specs.iter().any(|spec| spec.role == ColumnRole::Company);
    let repeated = chance(rng, 0.12);
    let companies: Vec<String> =
        (0..if repeated { count.div_ceil(3) } else { count }).map(|_| world.company(rng, locale)).collect();
    let phone_style = rng.usize(..World::PHONE_STYLES);
    let mixed_phones = chance(rng, 0.3);
    // a list of people of one trade has few titles
    let titles: Vec<String> = if chance(rng, 0.45) {
        let different = rng.usize(1..9);
        (0..different).map(|_| world.title(rng, locale)).collect()
    } else {
        Vec::new()
    };
    let mut people: Vec<Person> = (0..count)
        .map(|at| {
            let own = if mixed { world.locale(rng) } else { locale };
            let company =
                if mixed { world.company(rng, own) } else { companies[at % companies.len()].clone() };
            let company = if with_company || chance(rng, 0.3) { company } else { String::new() };
            let style = if mixed_phones { rng.usize(..World::PHONE_STYLES) } else { phone_style };
            let mut person = world.person(rng, own, company, style);
            if !titles.is_empty() {
                person.title.clone_from(pick(rng, &titles));
            }
            person
        })
        .collect();
    // orders, calls and tickets repeat the same few people
    if chance(rng, 0.06) {
        let different = rng.usize(1..=people.len().min(5));
        people = (0..count).map(|_| people[rng.usize(..different)].clone()).collect();
    }
    // some customers are companies without a person
    let nameless = if with_company && chance(rng, 0.12) { *pick(rng, &[0.1, 0.3, 0.5]) } else { 0.0 };
    let has_person: Vec<bool> = (0..count).map(|_| !chance(rng, nameless)).collect();
    let styles = [
        (NameStyle::Plain, 5.0),
        (NameStyle::LastCommaFirst, 0.8),
        (NameStyle::LastFirst, 0.6),
        (NameStyle::CapitalLastFirst, 0.3),
        (NameStyle::Honorific, 0.5),
        (NameStyle::Suffix, 0.4),
        (NameStyle::MiddleInitial, 0.4),
        (NameStyle::Mixed, 0.4),
    ];
    let mut name_style = weighted(rng, &styles);
    if matches!(language, "ru" | "uk" | "hu" | "vi") && chance(rng, 0.5) {
        name_style = NameStyle::LastFirst;
    }
    let letter_case = rng.usize(..100);
    let cased = |text: String| match letter_case {
        0..6 => text.to_uppercase(),
        6..9 => text.to_lowercase(),
        _ => text,
    };
    // the same few people in every row, or a different one each
    let few = chance(rng, 0.6);
    let others: Vec<Person> = (0..if few { rng.usize(1..4) } else { count })
        .map(|_| {
            let company = world.company(rng, locale);
            world.person(rng, locale, company, phone_style)
        })
        .collect();
    let whose: Vec<usize> = (0..count).map(|at| if few { rng.usize(..others.len()) } else { at }).collect();

    specs
        .iter()
        .map(|spec| {
            let missing = *pick(rng, &MISSING);
            let mut maker = maker_of(
                world,
                rng,
                locale,
                spec,
                name_style,
                if mixed_phones { None } else { Some(phone_style) },
            );
            let cells = (0..count)
                .map(|at| {
                    let person = if spec.of_other_person { &others[whose[at]] } else { &people[at] };
                    if chance(rng, spec.missing) || !has_person[at] && spec.is_of_a_person() {
                        missing.to_owned()
                    } else {
                        cased_for(spec, maker(rng, person), &cased)
                    }
                })
                .collect();
            Column { header: spec.header.clone(), role: spec.role, cells }
        })
        .collect()
}

/// The pool of a kind of choices, and how many different values a column has.
const fn pool_of(kind: HeaderKind) -> Option<(&'static str, usize)> {
    use HeaderKind as H;
    Some(match kind {
        H::Gender => ("gender", 3),
        H::Seniority => ("seniority", 6),
        H::RolePermission => ("role_permission", 4),
        H::Language => ("language", 4),
        H::Timezone => ("timezone", 4),
        H::Event => ("event", 5),
        H::Source => ("source", 6),
        H::Status => ("status", 6),
        _ => return None,
    })
}

/// Names in capitals are capitals only in name columns.
fn cased_for(spec: &Spec, text: String, cased: &impl Fn(String) -> String) -> String {
    if matches!(spec.role, ColumnRole::First | ColumnRole::Last | ColumnRole::Full) {
        cased(text)
    } else {
        text
    }
}

fn maker_of<'w>(
    world: &'w World<'_>,
    rng: &mut Rng,
    locale: usize,
    spec: &Spec,
    name_style: NameStyle,
    phone_style: Option<usize>,
) -> Maker<'w> {
    use HeaderKind as H;
    if let Some(kind) = spec.instead {
        return world.maker(rng, kind, locale);
    }
    match (spec.kind, spec.role) {
        (_, ColumnRole::Company) => return Box::new(|_, person| person.company.clone()),
        (_, ColumnRole::Full) => {
            let style = match (spec.kind, name_style) {
                (H::FullLastFirst, NameStyle::Plain) => {
                    *pick(rng, &[NameStyle::LastCommaFirst, NameStyle::LastFirst])
                }
                (_, style) => style,
            };
            // some lists have only given names
            let given_alone = matches!(spec.kind, H::Name | H::Person) && chance(rng, 0.05);
            // some callers and buyers are companies
            let companies = if chance(rng, 0.08) { *pick(rng, &[0.1, 0.25, 0.4]) } else { 0.0 };
            let beside = if given_alone { 0 } else { rng.usize(1..30) };
            return Box::new(move |rng, person| {
                if chance(rng, companies) {
                    return world.company(rng, person.locale);
                }
                let name = world.full_name(rng, person, style);
                match beside {
                    0 => person.given.clone(),
                    1 => format!("{name} <{}>", person.email),
                    2 => format!("{name}{}{}", pick::<&str>(rng, &[", ", " - ", " / "]), person.title),
                    3 => format!("{name} ({})", person.title),
                    4 if chance(rng, 0.7) => format!(
                        "{} {} {name}",
                        world.names(rng, person.locale).0,
                        pick::<&str>(rng, &["&", "and", "und", "y"])
                    ),
                    5 if chance(rng, 0.3) => format!("The {} Family", person.surname),
                    _ => name,
                }
            });
        }
        (H::Name, ColumnRole::First) => return Box::new(|_, person| person.given.clone()),
        (H::Name, ColumnRole::Last) => return Box::new(|_, person| person.surname.clone()),
        _ => {}
    }
    let kind = match spec.kind {
        H::First => return Box::new(|_, person| person.given.clone()),
        H::Last => return Box::new(|_, person| person.surname.clone()),
        H::Full | H::FullLastFirst | H::Name | H::Person | H::OtherPerson => {
            return Box::new(move |rng, person| world.full_name(rng, person, name_style));
        }
        H::Title => return Box::new(|_, person| person.title.clone()),
        H::Company => return Box::new(|_, person| person.company.clone()),
        H::Email => return Box::new(|_, person| person.email.clone()),
        H::EmailHome => ValueKind::Email,
        H::Phone => return Box::new(|_, person| person.phone.clone()),
        H::Mobile | H::PhoneHome | H::PhoneMain | H::PhoneOther | H::Fax => {
            return match phone_style {
                Some(style) if chance(rng, 0.7) => Box::new(move |rng, _| World::phone(rng, style)),
                _ => world.maker(rng, ValueKind::Phone, locale),
            };
        }
        H::NameVariant => {
            return if chance(rng, 0.5) && !is_unspaced(world.of(locale).language()) {
                Box::new(|rng, _| {
                    format!("{}{}", char::from(rng.u8(b'A'..=b'Z')), pick::<&str>(rng, &["", "."]))
                })
            } else {
                world.maker(rng, ValueKind::Given, locale)
            };
        }
        H::Token => return Box::new(|rng, _| (0..40).map(|_| rng.alphanumeric()).collect()),
        other => {
            if let Some((pool, most)) = pool_of(other) {
                return world.few_of(rng, pool, world.of(locale).language(), most);
            }
            headers::values_of(other)
        }
    };
    world.maker(rng, kind, locale)
}

/// Writes the headers as a file would, and leaves some out.
pub(super) fn dress(rng: &mut Rng, mut columns: Vec<Column>) -> Vec<Column> {
    let style = headers::Style::any(rng);
    let bare = chance(rng, 0.07);
    let numbered = (!bare && chance(rng, 0.05)).then(|| {
        let pattern = pick::<&str>(
            rng,
            &["Column{}", "Column {}", "Field {}", "Spalte{}", "col{}", "F{}", "Unnamed: {}", "列{}", ""],
        );
        // "QX1", "ZZ_02"
        let code = |rng: &mut Rng| {
            let letters: String = (0..rng.usize(1..4)).map(|_| rng.uppercase()).collect();
            format!("{letters}{}{{}}", pick::<&str>(rng, &["", "_", "-", "0"]))
        };
        if pattern.is_empty() || chance(rng, 0.3) { code(rng) } else { (*pattern).to_owned() }
    });
    for (at, column) in columns.iter_mut().enumerate() {
        column.header = if bare {
            String::new()
        } else if let Some(pattern) = &numbered {
            pattern.replace("{}", &(at + 1).to_string())
        } else {
            match rng.usize(..200) {
                0..4 => String::new(),
                4..7 => capitalized(&invented(rng)),
                7..10 => (*pick(
                    rng,
                    &[
                        "Info",
                        "Data",
                        "Value",
                        "Field",
                        "Misc",
                        "X",
                        "Other",
                        "Custom 1",
                        "Text",
                        "Attribute 1",
                    ],
                ))
                .to_owned(),
                _ => headers::decorated(rng, style.apply(&column.header)),
            }
        };
    }
    columns
}
