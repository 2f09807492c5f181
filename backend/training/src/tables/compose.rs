//! Which columns a table has, and the defects it gets.

use easy_crm_domain::standardize::planner::kinds::{ColumnRole, HeaderKind, ValueKind};
use fastrand::Rng;

use super::Spec;
use crate::data::Data;
use crate::headers::{self, Script};
use crate::world::{World, chance, pick, weighted};

/// The columns of a real product, some left out, some renamed to synonyms.
pub(super) fn of_known_product(world: &World<'_>, rng: &mut Rng) -> (Vec<Spec>, String) {
    let set = pick(rng, &world.data.sets);
    let keep: f64 = *pick(rng, &[1.0, 1.0, 0.8, 0.6]);
    let rename = *pick(rng, &[0.0, 0.0, 0.2, 0.5]);
    let mut specs = Vec::new();
    for column in &set.columns {
        let is_field = headers::role_of(column.kind) != ColumnRole::Other;
        if !chance(rng, if is_field { keep.max(0.85) } else { keep }) {
            continue;
        }
        let script = Script::of(&column.header);
        let renamed = !column.of_other_person && chance(rng, rename);
        let header = if renamed {
            headers::random(world.data, rng, column.kind, &script)
        } else {
            column.header.clone()
        };
        let missing =
            if is_field { *pick(rng, &[0.0, 0.0, 0.1, 0.3]) } else { *pick(rng, &[0.0, 0.1, 0.5, 0.9, 1.0]) };
        let spec = Spec::new(header, column.kind).missing(missing);
        specs.push(if column.of_other_person { spec.of_other_person() } else { spec });
    }
    (specs, set.product.clone())
}

/// A prefix for the headers of the lead's own fields (`Attendee`), if any.
struct Prefix(Option<String>);

impl Prefix {
    fn apply(&self, rng: &mut Rng, header: String) -> String {
        match &self.0 {
            Some(word) if Script::of(word) == Script::of(&header) && chance(rng, 0.75) => {
                headers::of_person(rng, word, &header)
            }
            _ => header,
        }
    }
}

/// Headers of the lead's own fields, as used in one table.
struct OwnHeaders<'w, 's> {
    data: &'w Data,
    script: &'s Script,
    prefix: Prefix,
}

impl OwnHeaders<'_, '_> {
    fn random_header(&self, rng: &mut Rng, kind: HeaderKind) -> String {
        let header = headers::random(self.data, rng, kind, self.script);
        self.prefix.apply(rng, header)
    }

    fn spec(&self, rng: &mut Rng, kind: HeaderKind) -> Spec {
        Spec::new(self.random_header(rng, kind), kind)
    }
}

/// A random share of empty cells in a column of a field.
fn gaps(rng: &mut Rng) -> f64 {
    *pick(rng, &[0.0, 0.0, 0.05, 0.2, 0.4])
}

/// A table composed of columns of any product and language.
pub(super) fn composed(world: &World<'_>, rng: &mut Rng, script: &Script) -> Vec<Spec> {
    use HeaderKind as H;
    let data = world.data;
    // a school writes to the parents
    let is_school = chance(rng, 0.04);
    let words = if is_school { &data.guardians } else { &data.lead_words };
    let has_prefix = is_school || chance(rng, 0.25);
    let word = headers::a_word(rng, words, script).filter(|_| has_prefix);
    let own = OwnHeaders { data, script, prefix: Prefix(word.map(str::to_owned)) };
    let mut names = names(&own, rng);
    if chance(rng, 0.03) && !names.is_empty() {
        // a list of names without any contact details
        return names;
    }
    let with_company = chance(rng, 0.8);
    let mut block = position(&own, rng, with_company, names.len());
    if chance(rng, 0.05) {
        let kind = if chance(rng, 0.5) { H::Details } else { H::Card };
        if kind == H::Card {
            names.clear();
            block.clear();
        }
        block.push(own.spec(rng, kind));
    } else {
        block.extend(addresses_and_numbers(&own, rng));
    }
    let others_alone = chance(rng, 0.07);
    let mut around = distractors(world, rng, script);
    if is_school {
        around.extend(ward(world, rng, script));
    }
    if chance(rng, 0.2) {
        around.extend(other_person(world, rng, script));
    } else if own.prefix.0.is_some()
        && chance(rng, 0.12)
        && let Some(word) = headers::a_word(rng, &data.other_words, script)
    {
        // the buyer is asked for the same fields as the ticket holder
        let kinds: Vec<HeaderKind> = names.iter().chain(&block).map(|spec| spec.kind).collect();
        around.extend(fields_of(world, rng, script, word, &kinds));
    }
    if with_company
        && chance(rng, 0.08)
        && let Some(word) = headers::a_word(rng, &data.other_companies, script)
    {
        let missing = *pick(rng, &[0.0, 0.2, 0.6]);
        around.push(Spec::new(word.to_owned(), H::Company).missing(missing).of_other_person());
    }
    if others_alone {
        // an owners' list: people who are somebody else in other files are the leads here, perhaps next to agents
        around.retain(|spec| !spec.of_other_person);
        if chance(rng, 0.35) {
            around.extend(other_person(world, rng, script));
        }
        if let Some(word) = headers::a_word(rng, &data.other_words, script) {
            for spec in names.iter_mut().chain(&mut block) {
                spec.header = if spec.role == ColumnRole::Full {
                    word.to_owned()
                } else {
                    headers::of_person(rng, word, &spec.header)
                };
            }
        }
    }
    arranged(rng, names, block, around)
}

/// The columns of the lead's name.
fn names(own: &OwnHeaders<'_, '_>, rng: &mut Rng) -> Vec<Spec> {
    use HeaderKind as H;
    let mut names = Vec::new();
    match rng.usize(..100) {
        0..48 => {
            let (mut first, mut last) = (own.spec(rng, H::First), own.spec(rng, H::Last));
            // `Nom, Prénom`: the other half of a name is often called just a name
            match rng.usize(..20) {
                0 => last.header = own.random_header(rng, H::Name),
                1 => first.header = own.random_header(rng, H::Name),
                _ => {}
            }
            names = if chance(rng, 0.3) { vec![last, first] } else { vec![first, last] };
            if chance(rng, 0.15) {
                let kind = *pick(rng, &[H::Full, H::Name, H::Person]);
                let full = own.spec(rng, kind);
                let at = if chance(rng, 0.5) { 0 } else { names.len() };
                names.insert(at, Spec { role: ColumnRole::Full, ..full });
            }
            if chance(rng, 0.1) {
                let missing = *pick(rng, &[0.0, 0.5, 0.9]);
                names.insert(1, own.spec(rng, H::NameVariant).missing(missing));
            }
        }
        48..90 => {
            let kind = weighted(
                rng,
                &[(H::Full, 4.0), (H::Name, 3.0), (H::Person, 2.5), (H::FullLastFirst, 1.0), (H::First, 0.3)],
            );
            let full = own.spec(rng, kind);
            names.push(Spec { role: ColumnRole::Full, ..full });
        }
        90..93 => names.push(own.spec(rng, H::First)),
        _ => {}
    }
    names
}

/// Title and company.
fn position(own: &OwnHeaders<'_, '_>, rng: &mut Rng, with_company: bool, name_columns: usize) -> Vec<Spec> {
    use HeaderKind as H;
    let mut block = Vec::new();
    if chance(rng, if with_company { 0.65 } else { 0.15 }) {
        block.push(own.spec(rng, H::Title).missing(gaps(rng)));
    }
    if with_company {
        let kind = weighted(
            rng,
            &[(H::Company, 16.0), (H::Person, 0.6), (H::Name, if name_columns == 0 { 0.0 } else { 0.8 })],
        );
        let company = own.spec(rng, kind).missing(gaps(rng));
        block.push(Spec { role: ColumnRole::Company, ..company });
        // accounting programs call their customers names or contacts, next to the parts of a person's name
        if chance(rng, 0.08) && name_columns == 2 {
            let at = block.len() - 1;
            let kind = *pick(rng, &[H::Full, H::Name, H::Person]);
            // "Member Name | Primary Rep First Name"
            block[at].header = if chance(rng, 0.5) {
                headers::random(own.data, rng, kind, own.script)
            } else {
                own.random_header(rng, kind)
            };
        }
    }
    block
}

fn addresses_and_numbers(own: &OwnHeaders<'_, '_>, rng: &mut Rng) -> Vec<Spec> {
    use HeaderKind as H;
    let mut block = Vec::new();
    if chance(rng, 0.88) {
        let called = if chance(rng, 0.04) { *pick(rng, &[H::Details, H::Person, H::Card]) } else { H::Email };
        block.push(Spec::new(own.random_header(rng, called), H::Email).missing(gaps(rng)));
    }
    if chance(rng, 0.85) {
        let kind = weighted(rng, &[(H::Phone, 6.0), (H::Mobile, 1.5)]);
        // "Contact" over numbers only
        let called = if chance(rng, 0.07) { *pick(rng, &[H::Details, H::Person, H::Card]) } else { kind };
        block.push(Spec::new(own.random_header(rng, called), kind).missing(gaps(rng)));
        if kind == H::Phone && chance(rng, 0.4) {
            block.push(own.spec(rng, H::Mobile).missing(gaps(rng)));
        }
    }
    if chance(rng, 0.15) {
        let kind = *pick(rng, &[H::PhoneHome, H::PhoneMain, H::PhoneOther]);
        block.push(own.spec(rng, kind).missing(*pick(rng, &[0.0, 0.4, 0.8])));
    }
    if chance(rng, 0.12) {
        block.push(own.spec(rng, H::EmailHome).missing(*pick(rng, &[0.0, 0.4, 0.8])));
    }
    block
}

/// The columns in one of the orders that occur in files.
fn arranged(rng: &mut Rng, names: Vec<Spec>, mut block: Vec<Spec>, mut around: Vec<Spec>) -> Vec<Spec> {
    if chance(rng, 0.35) {
        rng.shuffle(&mut block);
    }
    let mut main = names;
    if chance(rng, 0.15) {
        block.append(&mut main);
        main = block;
    } else {
        main.append(&mut block);
    }
    if chance(rng, 0.12) {
        rng.shuffle(&mut main);
    }
    match rng.usize(..100) {
        0..45 => {
            for spec in around {
                main.insert(rng.usize(..=main.len()), spec);
            }
            main
        }
        45..80 => {
            main.extend(around);
            main
        }
        _ => {
            let at = rng.usize(..=around.len());
            let after = around.split_off(at);
            around.extend(main);
            around.extend(after);
            around
        }
    }
}

/// Columns that fit no field of a lead.
fn distractors(world: &World<'_>, rng: &mut Rng, script: &Script) -> Vec<Spec> {
    use HeaderKind as H;
    const KINDS: [(HeaderKind, f64); 30] = [
        (H::Date, 2.5),
        (H::Id, 2.0),
        (H::Username, 1.0),
        (H::Url, 1.2),
        (H::Street, 1.0),
        (H::City, 1.6),
        (H::State, 1.0),
        (H::Country, 1.3),
        (H::Postal, 0.8),
        (H::Industry, 1.4),
        (H::Department, 1.4),
        (H::Status, 1.8),
        (H::Source, 1.4),
        (H::Boolean, 1.4),
        (H::Number, 1.4),
        (H::Money, 0.9),
        (H::Note, 1.4),
        (H::Tag, 1.1),
        (H::Honorific, 1.0),
        (H::Suffix, 0.4),
        (H::NameVariant, 0.6),
        (H::Fax, 0.8),
        (H::Event, 0.9),
        (H::Gender, 0.5),
        (H::Language, 0.5),
        (H::Timezone, 0.2),
        (H::Seniority, 0.7),
        (H::RolePermission, 1.0),
        (H::Deal, 0.6),
        (H::Technical, 0.5),
    ];
    let count = *pick(rng, &[0, 0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 28]);
    let mut specs = Vec::new();
    for _ in 0..count {
        let kind = if chance(rng, 0.02) { H::Token } else { weighted(rng, &KINDS) };
        let mut header = headers::random(world.data, rng, kind, script);
        if kind == H::Honorific && *script == Script::Latin && chance(rng, 0.35) {
            header =
                (*pick(rng, &["Title", "Titel", "title", "Titolo", "Título", "Titre", "Tytuł", "TITLE"]))
                    .to_owned();
        }
        let missing = *pick(rng, &[0.0, 0.0, 0.1, 0.3, 0.6, 0.9]);
        specs.push(Spec::new(header, kind).missing(missing));
    }
    specs
}

/// The fields of somebody who is not the lead.
fn other_person(world: &World<'_>, rng: &mut Rng, script: &Script) -> Vec<Spec> {
    use HeaderKind as H;
    let Some(word) = headers::a_word(rng, &world.data.other_words, script) else { return Vec::new() };
    const SETS: [&[HeaderKind]; 11] = [
        &[H::Full],
        &[H::Full],
        &[H::Full],
        &[H::Full, H::Email],
        &[H::Full, H::Email, H::Phone],
        &[H::First, H::Last],
        &[H::First, H::Last, H::Email],
        &[H::Email],
        &[H::Full, H::Phone],
        &[H::Full, H::Title, H::Email],
        &[H::First, H::Last, H::Email, H::Phone, H::Company],
    ];
    let set = *pick(rng, &SETS);
    let missing = *pick(rng, &[0.0, 0.0, 0.2, 0.6]);
    let mut specs = fields_of(world, rng, script, word, set);
    specs.iter_mut().for_each(|spec| spec.missing = missing);
    specs
}

/// The child, pupil or patient whose guardian is the lead.
fn ward(world: &World<'_>, rng: &mut Rng, script: &Script) -> Vec<Spec> {
    use HeaderKind as H;
    let Some(word) = headers::a_word(rng, &world.data.wards, script) else { return Vec::new() };
    const SETS: [&[HeaderKind]; 5] =
        [&[H::Full], &[H::Full], &[H::First, H::Last], &[H::Last, H::First], &[H::First, H::Last, H::Email]];
    let set = *pick(rng, &SETS);
    fields_of(world, rng, script, word, set)
}

/// Fields of somebody who is not the lead, prefixed with the word for that person.
fn fields_of(
    world: &World<'_>,
    rng: &mut Rng,
    script: &Script,
    word: &str,
    kinds: &[HeaderKind],
) -> Vec<Spec> {
    let field = |kind: &HeaderKind| {
        let is_plain = *kind == HeaderKind::Full && chance(rng, 0.6);
        let header = if is_plain {
            word.to_owned()
        } else {
            let field = headers::random(world.data, rng, *kind, script);
            headers::of_person(rng, word, &field)
        };
        Spec::new(header, *kind).of_other_person()
    };
    kinds.iter().map(field).collect()
}

/// Adds the defects of real files: headers over the wrong values, empty columns under the right headers, swapped
/// headers.
pub(super) fn disturb(world: &World<'_>, rng: &mut Rng, script: &Script, specs: &mut Vec<Spec>) {
    use HeaderKind as H;
    const FIELDS: [HeaderKind; 8] =
        [H::First, H::Last, H::Name, H::Company, H::Person, H::Phone, H::Title, H::Email];
    // values that plainly contradict a field's header; a company may be named like a city
    const VALUES: [ValueKind; 12] = [
        ValueKind::Date,
        ValueKind::Id,
        ValueKind::Id,
        ValueKind::Number,
        ValueKind::Boolean,
        ValueKind::Money,
        ValueKind::Url,
        ValueKind::Note,
        ValueKind::Status,
        ValueKind::Username,
        ValueKind::Industry,
        ValueKind::Department,
    ];
    // a header of a field over something else
    if chance(rng, 0.1) {
        let kind = *pick(rng, &FIELDS);
        let header = headers::random(world.data, rng, kind, script);
        let values = *pick(rng, &VALUES);
        let at = rng.usize(..=specs.len());
        specs.insert(at, Spec::new(header, kind).filled_with(values));
    }
    // the exact header over an almost empty column, the values elsewhere
    if chance(rng, 0.12)
        && let Some(at) = specs.iter().position(|spec| {
            matches!(spec.role, ColumnRole::Company | ColumnRole::Title | ColumnRole::Full)
                && spec.missing < 0.3
        })
    {
        let kind = specs[at].kind;
        let header = headers::random(world.data, rng, kind, script);
        let spare = Spec {
            role: ColumnRole::Other,
            ..Spec::new(header, kind).missing(*pick(rng, &[0.9, 0.95, 1.0]))
        };
        let place = rng.usize(..=specs.len());
        specs.insert(place, spare);
    }
    // two swapped headers
    if chance(rng, 0.03) && specs.len() > 3 {
        let fields: Vec<usize> = (0..specs.len())
            .filter(|at| {
                matches!(
                    specs[*at].role,
                    ColumnRole::Email
                        | ColumnRole::Phone
                        | ColumnRole::Company
                        | ColumnRole::Title
                        | ColumnRole::Full
                )
            })
            .collect();
        if let [one, other] = rng.choose_multiple(fields, 2)[..] {
            let header = std::mem::take(&mut specs[one].header);
            specs[one].header = std::mem::replace(&mut specs[other].header, header);
        }
    }
    settle(specs);
}

/// The share of missing cells above which a column is not a field, whatever it is called.
const NEARLY_EMPTY: f64 = 0.9;

/// Keeps each role that only one column can have for one column, and decides what `Name` and `Contact` are.
fn settle(specs: &mut [Spec]) {
    use HeaderKind as H;
    let is_filled = |spec: &Spec| spec.missing < NEARLY_EMPTY;
    let has =
        |specs: &[Spec], role: ColumnRole| specs.iter().any(|spec| spec.role == role && is_filled(spec));
    for at in 0..specs.len() {
        if specs[at].of_other_person || specs[at].instead.is_some() || specs[at].role != ColumnRole::Other {
            continue;
        }
        if !matches!(specs[at].kind, H::Name | H::Person) || !is_filled(&specs[at]) {
            continue;
        }
        let (first, last) = (has(specs, ColumnRole::First), has(specs, ColumnRole::Last));
        specs[at].role = match (specs[at].kind, first, last) {
            (H::Name, true, false) => ColumnRole::Last,
            (H::Name, false, true) => ColumnRole::First,
            _ if !has(specs, ColumnRole::Full) => ColumnRole::Full,
            _ if !has(specs, ColumnRole::Company) => ColumnRole::Company,
            _ => {
                specs[at].instead = Some(ValueKind::Deal);
                ColumnRole::Other
            }
        };
    }
    for role in [
        ColumnRole::First,
        ColumnRole::Last,
        ColumnRole::Full,
        ColumnRole::Title,
        ColumnRole::Company,
        ColumnRole::Card,
    ] {
        let of_role = specs.iter().enumerate().filter(|(_, spec)| spec.role == role);
        let Some(fullest) =
            of_role.min_by(|(_, one), (_, other)| one.missing.total_cmp(&other.missing)).map(|(at, _)| at)
        else {
            continue;
        };
        for (at, spec) in specs.iter_mut().enumerate() {
            if at != fullest && spec.role == role {
                spec.role = ColumnRole::Other;
            }
        }
    }
}
