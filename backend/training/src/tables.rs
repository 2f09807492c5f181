//! Generated tables with known columns: header rows of real products over generated rows, and freely composed ones.

use easy_crm_domain::standardize::planner::kinds::{ColumnRole, HeaderKind, ValueKind};
use fastrand::Rng;

use crate::headers::{self, Script};
use crate::world::{World, chance, is_latin, pick};

mod compose;
mod fill;

use compose::{composed, disturb, of_known_product};
use fill::{dress, fill};

/// A column of known meaning.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) header: String,
    pub(crate) role: ColumnRole,
    pub(crate) cells: Vec<String>,
}

/// A table of known columns.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Tables of one family are held out together when unseen layouts are evaluated.
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

/// A column to be filled.
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

    /// Whether it is empty in rows with only a company.
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

/// Generates one table.
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
