//! Generated tables with known columns: header rows of real products with other rows of data, and freely composed ones.

use easy_crm_domain::standardize::planner::kinds::{ColumnRole, HeaderKind, ValueKind};
use fastrand::Rng;

use crate::headers::{self, Script};
use crate::world::{
    Maker, NameStyle, Person, World, capitalized, chance, invented, is_latin, is_unspaced, pick, weighted,
};

/// A column whose meaning is known.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) header: String,
    pub(crate) role: ColumnRole,
    pub(crate) cells: Vec<String>,
}

/// A table whose columns are known.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// What is left out together when it is measured how well unseen layouts are read.
    pub(crate) family: String,
    pub(crate) columns: Vec<Column>,
}

impl Table {
    pub(crate) fn headers(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.header.clone()).collect()
    }

    pub(crate) fn rows(&self) -> Vec<Vec<&str>> {
        let count = self.columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
        let row = |at: usize| {
            self.columns.iter().map(|column| column.cells.get(at).map_or("", String::as_str)).collect()
        };
        (0..count).map(row).collect()
    }
}

/// A column that is to be filled.
struct Spec {
    header: String,
    kind: HeaderKind,
    of_other_person: bool,
    role: ColumnRole,
    /// Share of the cells that are empty.
    missing: f64,
    /// Values of another kind than the header says.
    instead: Option<ValueKind>,
}

impl Spec {
    fn new(header: String, kind: HeaderKind) -> Self {
        Self {
            header,
            kind,
            of_other_person: false,
            role: headers::role_of(kind),
            missing: 0.0,
            instead: None,
        }
    }

    /// Is it empty where there is a company only?
    const fn is_of_a_person(&self) -> bool {
        use ColumnRole as R;
        matches!(self.role, R::First | R::Last | R::Full | R::Title)
    }

    fn missing(mut self, share: f64) -> Self {
        self.missing = share;
        self
    }

    fn of_other_person(mut self) -> Self {
        self.of_other_person = true;
        self.role = if headers::role_of(self.kind) == ColumnRole::Other {
            ColumnRole::Other
        } else {
            ColumnRole::OtherPerson
        };
        self
    }

    fn filled_with(mut self, kind: ValueKind) -> Self {
        self.instead = Some(kind);
        self.role = ColumnRole::Other;
        self
    }
}

/// One generated table.
pub(crate) fn generate(world: &World<'_>, rng: &mut Rng) -> Table {
    let locale = world.locale(rng);
    let language = world.of(locale).language().to_owned();
    let script =
        if is_latin(&language) || chance(rng, 0.35) { Script::Latin } else { Script::Of(language.clone()) };
    let count = *pick(rng, &[1, 2, 2, 3, 3, 4, 6, 8, 12, 20, 30]);
    let (mut specs, family) = if chance(rng, 0.45) {
        of_known_product(world, rng)
    } else {
        (composed(world, rng, &script), format!("composed/{}", world.of(locale).name))
    };
    disturb(world, rng, &script, &mut specs);
    let columns = fill(world, rng, locale, count, &specs);
    let columns = dress(rng, columns);
    Table { family, columns }
}

/// The columns of a real product, some left out, some under other words for the same.
fn of_known_product(world: &World<'_>, rng: &mut Rng) -> (Vec<Spec>, String) {
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
        let header =
            if renamed { headers::one(world.data, rng, column.kind, &script) } else { column.header.clone() };
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

fn composed(world: &World<'_>, rng: &mut Rng, script: &Script) -> Vec<Spec> {
    use HeaderKind as H;
    let data = world.data;
    // a school writes to the parents
    let is_school = chance(rng, 0.04);
    let words = if is_school { &data.guardians } else { &data.lead_words };
    let has_prefix = is_school || chance(rng, 0.25);
    let word = headers::a_word(rng, words, script).filter(|_| has_prefix);
    let prefix = Prefix(word.map(str::to_owned));
    let header = |rng: &mut Rng, kind: H| {
        let header = headers::one(data, rng, kind, script);
        prefix.apply(rng, header)
    };
    let gaps = |rng: &mut Rng| *pick(rng, &[0.0, 0.0, 0.05, 0.2, 0.4]);
    let mut names = Vec::new();
    match rng.usize(..100) {
        0..48 => {
            let (mut first, mut last) =
                (Spec::new(header(rng, H::First), H::First), Spec::new(header(rng, H::Last), H::Last));
            // `Nom, Prénom`: the other half of a name is often called just a name
            match rng.usize(..20) {
                0 => last.header = header(rng, H::Name),
                1 => first.header = header(rng, H::Name),
                _ => {}
            }
            names = if chance(rng, 0.3) { vec![last, first] } else { vec![first, last] };
            if chance(rng, 0.15) {
                let kind = *pick(rng, &[H::Full, H::Name, H::Person]);
                let full = Spec::new(header(rng, kind), kind);
                let at = if chance(rng, 0.5) { 0 } else { names.len() };
                names.insert(at, Spec { role: ColumnRole::Full, ..full });
            }
            if chance(rng, 0.1) {
                let missing = *pick(rng, &[0.0, 0.5, 0.9]);
                names.insert(1, Spec::new(header(rng, H::NameVariant), H::NameVariant).missing(missing));
            }
        }
        48..90 => {
            let kind = weighted(
                rng,
                &[(H::Full, 4.0), (H::Name, 3.0), (H::Person, 2.5), (H::FullLastFirst, 1.0), (H::First, 0.3)],
            );
            let full = Spec::new(header(rng, kind), kind);
            names.push(Spec { role: ColumnRole::Full, ..full });
        }
        90..93 => names.push(Spec::new(header(rng, H::First), H::First)),
        _ => {}
    }
    if chance(rng, 0.03) && !names.is_empty() {
        // a list of names and nothing that reaches anybody
        return names;
    }
    let mut block = Vec::new();
    let with_company = chance(rng, 0.8);
    if chance(rng, if with_company { 0.65 } else { 0.15 }) {
        block.push(Spec::new(header(rng, H::Title), H::Title).missing(gaps(rng)));
    }
    if with_company {
        let kind = weighted(
            rng,
            &[(H::Company, 16.0), (H::Person, 0.6), (H::Name, if names.is_empty() { 0.0 } else { 0.8 })],
        );
        let company = Spec::new(header(rng, kind), kind).missing(gaps(rng));
        block.push(Spec { role: ColumnRole::Company, ..company });
        // accounting programs call their customers names or contacts, beside the parts of a person's name
        if chance(rng, 0.04) && names.len() == 2 {
            let at = block.len() - 1;
            let kind = *pick(rng, &[H::Full, H::Name, H::Person]);
            block[at].header = header(rng, kind);
        }
    }
    let with_details = chance(rng, 0.05);
    if with_details {
        let kind = if chance(rng, 0.5) { H::Details } else { H::Card };
        if kind == H::Card {
            names.clear();
            block.clear();
        }
        block.push(Spec::new(header(rng, kind), kind));
    } else {
        if chance(rng, 0.88) {
            let called =
                if chance(rng, 0.04) { *pick(rng, &[H::Details, H::Person, H::Card]) } else { H::Email };
            block.push(Spec::new(header(rng, called), H::Email).missing(gaps(rng)));
        }
        if chance(rng, 0.85) {
            let kind = weighted(rng, &[(H::Phone, 6.0), (H::Mobile, 1.5)]);
            // "Contact" over numbers alone
            let called = if chance(rng, 0.07) { *pick(rng, &[H::Details, H::Person, H::Card]) } else { kind };
            block.push(Spec::new(header(rng, called), kind).missing(gaps(rng)));
            if kind == H::Phone && chance(rng, 0.4) {
                block.push(Spec::new(header(rng, H::Mobile), H::Mobile).missing(gaps(rng)));
            }
        }
        if chance(rng, 0.15) {
            let kind = *pick(rng, &[H::PhoneHome, H::PhoneMain, H::PhoneOther]);
            block.push(Spec::new(header(rng, kind), kind).missing(*pick(rng, &[0.0, 0.4, 0.8])));
        }
        if chance(rng, 0.12) {
            block.push(
                Spec::new(header(rng, H::EmailHome), H::EmailHome).missing(*pick(rng, &[0.0, 0.4, 0.8])),
            );
        }
    }
    let others_alone = chance(rng, 0.07);
    let mut around = distractors(world, rng, script);
    if is_school {
        around.extend(ward(world, rng, script));
    }
    if chance(rng, 0.2) {
        around.extend(other_person(world, rng, script));
    } else if prefix.0.is_some()
        && chance(rng, 0.12)
        && let Some(word) = headers::a_word(rng, &data.other_words, script)
    {
        // the buyer is asked for the same as the holder of the ticket
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
        // an agents' list: the people who are somebody else elsewhere are the leads here
        around.retain(|spec| !spec.of_other_person);
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

/// Columns that no field of a lead takes.
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
        let mut header = headers::one(world.data, rng, kind, script);
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

/// Fields of somebody who is not the lead, called by the word for that person.
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
            let field = headers::one(world.data, rng, *kind, script);
            headers::of_person(rng, word, &field)
        };
        Spec::new(header, *kind).of_other_person()
    };
    kinds.iter().map(field).collect()
}

/// What goes wrong in real files: headers over the wrong values, empty columns under the right headers, headers swapped.
fn disturb(world: &World<'_>, rng: &mut Rng, script: &Script, specs: &mut Vec<Spec>) {
    use HeaderKind as H;
    const FIELDS: [HeaderKind; 8] =
        [H::First, H::Last, H::Name, H::Company, H::Person, H::Phone, H::Title, H::Email];
    // what contradicts a field's header plainly; a company may be called like a city
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
        let header = headers::one(world.data, rng, kind, script);
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
        let header = headers::one(world.data, rng, kind, script);
        let spare = Spec {
            role: ColumnRole::Other,
            ..Spec::new(header, kind).missing(*pick(rng, &[0.9, 0.95, 1.0]))
        };
        let place = rng.usize(..=specs.len());
        specs.insert(place, spare);
    }
    // two headers changed places
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
        if fields.len() > 1 {
            let (one, other) = (*pick(rng, &fields), *pick(rng, &fields));
            let header = std::mem::take(&mut specs[one].header);
            specs[one].header = std::mem::replace(&mut specs[other].header, header);
        }
    }
    settle(specs);
}

/// Leaves each role that only one column can have to one column, and decides what `Name` and `Contact` are.
fn settle(specs: &mut [Spec]) {
    use HeaderKind as H;
    let has =
        |specs: &[Spec], role: ColumnRole| specs.iter().any(|spec| spec.role == role && spec.missing < 0.9);
    for at in 0..specs.len() {
        if specs[at].of_other_person || specs[at].instead.is_some() || specs[at].role != ColumnRole::Other {
            continue;
        }
        if !matches!(specs[at].kind, H::Name | H::Person) {
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

/// What stands for a missing value in a file.
const MISSING: [&str; 6] = ["", "", "", "N/A", "-", "null"];

fn fill(world: &World<'_>, rng: &mut Rng, locale: usize, count: usize, specs: &[Spec]) -> Vec<Column> {
    let language = world.of(locale).language();
    let mixed = chance(rng, 0.12);
    let with_company = specs.iter().any(|spec| spec.role == ColumnRole::Company);
    let repeated = chance(rng, 0.12);
    let companies: Vec<String> =
        (0..if repeated { count.div_ceil(3) } else { count }).map(|_| world.company(rng, locale)).collect();
    let phone_style = rng.usize(..World::PHONE_STYLES);
    let mixed_phones = chance(rng, 0.3);
    // a list of one trade's people has few titles
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
    // orders, calls and tickets have the same few people again and again
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
    // the same few people in every row, or another one each
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
                mixed_phones.then_some(()).map_or(Some(phone_style), |()| None),
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

/// The pool of a kind of choices, and how many different ones a column has.
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

/// Names written in capitals are so in the columns of names alone.
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
        (H::First, ColumnRole::Full) | (_, ColumnRole::Full) => {
            let style = match (spec.kind, name_style) {
                (H::FullLastFirst, NameStyle::Plain) => {
                    *pick(rng, &[NameStyle::LastCommaFirst, NameStyle::LastFirst])
                }
                (_, style) => style,
            };
            // some lists know people by their given names
            let given_alone = matches!(spec.kind, H::Name | H::Person) && chance(rng, 0.05);
            // some of those who call or order are companies
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

/// Headers as a file writes them, and some without.
fn dress(rng: &mut Rng, mut columns: Vec<Column>) -> Vec<Column> {
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
