//! The plan of a workbook: its tables of leads, and which of their rows are leads.

use std::collections::HashMap;

use super::headers::{Kind, read};
use super::layout::{ColumnPlan, Role, TableLayout};
use super::lexicon::TITLES;
use super::names;
use super::raw_table::{LeftOut, LeftOutRow, RawTable};
use super::row::RowStandardizer;
use super::tables;
use super::text::{trimmed, value};
use super::values::{profile, sample};
use super::{emails, own_export, phones, planner};
use crate::spreadsheet::{Sheet, Workbook};

/// A table of leads in a workbook.
#[derive(Debug, Clone)]
pub struct PlannedTable {
    /// Which sheet of the workbook it is in, from 0.
    pub sheet_index: usize,
    /// What its columns are.
    pub layout: TableLayout,
    /// Positions, in [`PlannedTable::sheet`], of the rows that are leads.
    pub rows: Vec<usize>,
    /// Rows of the sheet that are not leads. A sheet's rows outside any table are with its first or last table.
    pub left_out: Vec<LeftOutRow>,
    unfolded: Option<Sheet>,
    /// How many of [`PlannedTable::left_out`] are outside the table, whatever its columns are.
    outside: usize,
    /// Whether the words around the table say that it is about the organiser's own people.
    host: bool,
}

impl PlannedTable {
    /// A table that is a whole sheet below its first row.
    pub(super) fn whole_sheet(sheet_index: usize, layout: TableLayout, rows: Vec<usize>) -> Self {
        let left_out = vec![LeftOutRow { position: 0, reason: LeftOut::Header }];
        Self { sheet_index, layout, rows, left_out, unfolded: None, outside: 1, host: false }
    }

    /// The sheet [`PlannedTable::rows`] are positions in: the workbook's, unless its records run downwards or several
    /// tables are side by side, so that it had to be rearranged. Row numbers are those of the file in both cases.
    #[must_use]
    pub fn sheet<'a>(&'a self, workbook: &'a Workbook) -> &'a Sheet {
        static NOTHING: std::sync::LazyLock<Sheet> = std::sync::LazyLock::new(Sheet::default);
        self.unfolded.as_ref().or_else(|| workbook.sheets.get(self.sheet_index)).unwrap_or(&NOTHING)
    }

    /// Positions of all rows of the table, leads or not, however its columns were understood.
    #[must_use]
    pub fn all_rows(&self) -> Vec<usize> {
        let others = self.left_out.iter().skip(self.outside).map(|row| row.position);
        let mut rows: Vec<usize> = self.rows.iter().copied().chain(others).collect();
        rows.sort_unstable();
        rows
    }

    /// The cells the plan was made from.
    pub(super) fn sample<'a>(&'a self, workbook: &'a Workbook) -> Vec<Vec<&'a str>> {
        self.sample_of(workbook, &self.all_rows())
    }

    fn sample_of<'a>(&'a self, workbook: &'a Workbook, rows: &[usize]) -> Vec<Vec<&'a str>> {
        let mut cells = sampled(self.sheet(workbook), rows, self.layout.columns.len());
        if self.layout.bare_na {
            blank_bare_na(&mut cells);
        }
        cells
    }

    /// Replaces the table's columns and judges its rows again.
    pub(super) fn replan(&mut self, workbook: &Workbook, columns: Vec<ColumnPlan>) {
        let rows = self.all_rows();
        self.layout.columns = columns;
        self.left_out.truncate(self.outside);
        let mut left_out = std::mem::take(&mut self.left_out);
        let cells = self.sample_of(workbook, &rows);
        let rows = lead_rows(&self.layout, self.sheet(workbook), &cells, rows, self.host, &mut left_out);
        (self.rows, self.left_out) = (rows, left_out);
    }
}

/// All tables of leads of all sheets, in order. Sheets and tables without leads yield a table without rows, so that
/// every non-blank row is in one list or the other.
#[must_use]
pub fn plan_workbook(workbook: &Workbook) -> Vec<PlannedTable> {
    let mut planned: Vec<PlannedTable> = Vec::new();
    for (sheet_index, sheet) in workbook.sheets.iter().enumerate() {
        if let Some(table) = own_export::table(sheet, sheet_index) {
            planned.push(table);
            continue;
        }
        let raw = tables::find(sheet);
        let several = raw.len() > 1;
        let shared = shared_plans(sheet, &raw);
        for table in raw {
            let plan = if table.is_plain() { shared.get(&table.headers) } else { None };
            planned.push(plan_table(sheet, sheet_index, table, plan, several));
        }
    }
    // the organiser's own people on a sheet of their own, next to sheets of leads
    let is_host =
        |table: &PlannedTable| table.layout.sheet.as_deref().is_some_and(|name| TITLES.is("host", name));
    if planned.iter().any(|table| !table.rows.is_empty() && !is_host(table)) {
        for table in planned.iter_mut().filter(|table| is_host(table)) {
            let rows = std::mem::take(&mut table.rows);
            table
                .left_out
                .extend(rows.into_iter().map(|position| LeftOutRow { position, reason: LeftOut::NotLeads }));
        }
    }
    planned
}

/// What the columns under some headers are.
#[derive(Debug, Clone)]
struct Plan {
    width: usize,
    bare_na: bool,
    columns: Vec<ColumnPlan>,
    confidence: f64,
}

impl Plan {
    /// The plan of the rows, and the sample it was made from.
    fn new<'a>(sheet: &'a Sheet, headers: &[String], rows: &[usize]) -> (Self, Vec<Vec<&'a str>>) {
        let longest = rows.iter().map(|row| sheet.row(*row).len()).max().unwrap_or(0);
        let width = longest.max(headers.len());
        let mut headers = headers.to_vec();
        headers.resize(width, String::new());
        let mut cells = sampled(sheet, rows, width);
        let bare_na = uses_bare_na(&cells, width);
        if bare_na {
            blank_bare_na(&mut cells);
        }
        let (columns, confidence) = planner::columns(&headers, &cells);
        (Self { width, bare_na, columns, confidence }, cells)
    }

    fn sample<'a>(&self, sheet: &'a Sheet, rows: &[usize]) -> Vec<Vec<&'a str>> {
        let mut cells = sampled(sheet, rows, self.width);
        if self.bare_na {
            blank_bare_na(&mut cells);
        }
        cells
    }
}

/// One plan for all tables of the sheet under the same headers: a header repeated on every page means the same on each.
fn shared_plans(sheet: &Sheet, tables: &[RawTable]) -> HashMap<Vec<String>, Plan> {
    let mut alike: HashMap<&[String], Vec<&RawTable>> = HashMap::new();
    for table in tables.iter().filter(|table| table.is_plain()) {
        alike.entry(&table.headers).or_default().push(table);
    }
    let plan = |(headers, tables): (&[String], Vec<&RawTable>)| {
        let rows: Vec<usize> = tables.iter().flat_map(|table| table.rows.iter().copied()).collect();
        (headers.to_vec(), Plan::new(sheet, headers, &rows).0)
    };
    alike.into_iter().filter(|(_, tables)| tables.len() > 1).map(plan).collect()
}

/// Plans a table, unless it shares the plan of others.
fn plan_table(
    sheet: &Sheet,
    sheet_index: usize,
    mut raw: RawTable,
    shared: Option<&Plan>,
    several: bool,
) -> PlannedTable {
    let unfolded = raw.unfolded.take();
    let rows_of = unfolded.as_ref().unwrap_or(sheet);
    let (plan, cells) = match shared {
        Some(plan) => (plan.clone(), plan.sample(rows_of, &raw.rows)),
        None => Plan::new(rows_of, &raw.headers, &raw.rows),
    };
    let Plan { width, bare_na, columns, confidence } = plan;
    let mut headers = std::mem::take(&mut raw.headers);
    headers.resize(width, String::new());
    let layout = TableLayout {
        sheet: sheet.name().map(str::to_owned),
        header_row: raw.header.map(|row| rows_of.row(row).number()),
        headers,
        columns,
        confidence,
        bare_na,
        own_export: false,
    };
    let mut left_out = raw.left_out;
    let outside = left_out.len();
    let host = several && raw.title.as_deref().is_some_and(|title| TITLES.is("host", title));
    let rows = lead_rows(&layout, rows_of, &cells, raw.rows, host, &mut left_out);
    PlannedTable { sheet_index, layout, rows, left_out, unfolded, outside, host }
}

/// The rows that are leads; the others are added to `left_out`. `cells` is the sample.
fn lead_rows(
    layout: &TableLayout,
    sheet: &Sheet,
    cells: &[Vec<&str>],
    mut rows: Vec<usize>,
    host: bool,
    left_out: &mut Vec<LeftOutRow>,
) -> Vec<usize> {
    let notes = layout.sheet.as_deref().is_some_and(|name| TITLES.is("notes", name));
    if host || !holds_leads(&layout.columns, &layout.headers, cells, notes) {
        left_out.extend(rows.drain(..).map(|position| LeftOutRow { position, reason: LeftOut::NotLeads }));
    } else {
        let judge = Judge::new(layout, sheet, layout.columns.len());
        // below a legend or similar only rows with an address or number are leads
        let mut in_notes = false;
        rows.retain(|row| match judge.left_out(*row).or_else(|| judge.is_note(*row, in_notes)) {
            Some(reason) => {
                in_notes |= judge.begins_notes(*row);
                left_out.push(LeftOutRow { position: *row, reason });
                false
            }
            None => true,
        });
    }
    rows
}

/// The cells of a sample of the rows.
fn sampled<'a>(sheet: &'a Sheet, rows: &[usize], width: usize) -> Vec<Vec<&'a str>> {
    // single cells between the rows would blur the profiles
    let full: Vec<usize> =
        rows.iter().copied().filter(|row| width < 3 || filled_cells(sheet, *row) > 1).collect();
    let sampled = sample(if full.is_empty() { rows } else { &full }, width);
    sampled.iter().map(|row| sheet.row(*row).cells().collect()).collect()
}

fn blank_bare_na(cells: &mut [Vec<&str>]) {
    cells.iter_mut().flatten().filter(|cell| trimmed(cell) == "NA").for_each(|cell| *cell = "");
}

/// R writes `NA` into every kind of column; a country code or a region is in one only.
fn uses_bare_na(cells: &[Vec<&str>], width: usize) -> bool {
    let columns = (0..width).filter(|at| {
        let mut column = cells.iter().filter_map(|row| row.get(*at)).map(|cell| trimmed(cell));
        column.any(|cell| cell == "NA")
    });
    columns.take(2).count() > 1
}

fn filled_cells(sheet: &Sheet, row: usize) -> usize {
    sheet.row(row).cells().filter(|cell| !trimmed(cell).is_empty()).count()
}

/// Whether the table is about people. Addresses or numbers make it so; without them the names must be beyond doubt.
fn holds_leads(columns: &[ColumnPlan], headers: &[String], cells: &[Vec<&str>], notes: bool) -> bool {
    let has = |test: fn(Role) -> bool| columns.iter().any(|column| test(column.role));
    let column_profile = |at: usize| profile(cells.iter().map(|row| row.get(at).copied().unwrap_or("")));
    let mailbox =
        |at: usize| matches!(columns[at].role, Role::FullName(_)) && column_profile(at).email_inside > 0.3;
    let reach =
        has(|role| matches!(role, Role::Email(_) | Role::Phone(_) | Role::ContactDetails | Role::Card))
            || (0..columns.len()).any(mailbox);
    let name = columns
        .iter()
        .position(|column| matches!(column.role, Role::FullName(_) | Role::FirstName | Role::LastName));
    let both = has(|role| role == Role::FirstName) && has(|role| role == Role::LastName);
    if notes {
        return reach && name.is_some() && columns.len() > 2 && both;
    }
    if reach || both {
        return true;
    }
    name.is_some_and(|at| {
        let values = column_profile(at);
        let kind = headers.get(at).map(|header| read(header).kind);
        let told = matches!(kind, Some(Kind::Full | Kind::FullLastFirst | Kind::First | Kind::Last));
        values.person > 0.4 || (told && values.name_part > 0.5) || values.given > 0.5
    })
}

/// Separates leads from the other rows of a table.
struct Judge<'a> {
    layout: &'a TableLayout,
    sheet: &'a Sheet,
    width: usize,
    row: RowStandardizer<'a>,
    contact: Vec<usize>,
    names: Vec<usize>,
}

impl<'a> Judge<'a> {
    fn new(layout: &'a TableLayout, sheet: &'a Sheet, width: usize) -> Self {
        let columns = |test: fn(Role) -> bool| {
            layout.columns.iter().enumerate().filter(|(_, plan)| test(plan.role)).map(|(at, _)| at).collect()
        };
        Self {
            layout,
            sheet,
            width,
            row: RowStandardizer::new(layout),
            contact: columns(|role| {
                matches!(role, Role::Email(_) | Role::Phone(_) | Role::ContactDetails | Role::Card)
            }),
            names: columns(|role| matches!(role, Role::FullName(_) | Role::FirstName | Role::LastName)),
        }
    }

    /// Whether the row is a lone title of notes.
    fn begins_notes(&self, position: usize) -> bool {
        let mut cells = self.sheet.row(position).cells().map(trimmed).filter(|cell| !cell.is_empty());
        self.width > 2 && cells.next().is_some_and(|cell| TITLES.is("notes", cell)) && cells.next().is_none()
    }

    fn is_note(&self, position: usize, in_notes: bool) -> Option<LeftOut> {
        (in_notes && !self.is_reached(position)).then_some(LeftOut::Footer)
    }

    /// Whether the row has an address or a number.
    fn is_reached(&self, position: usize) -> bool {
        let row = self.sheet.row(position);
        self.contact.iter().any(|at| {
            let cell = value(row.cell(*at));
            !cell.is_empty() && (emails::find(cell, 0).is_some() || phones::digits(cell) >= 5)
        }) || self.names.iter().any(|at| emails::find(row.cell(*at), 0).is_some())
    }

    /// Why a row is not a lead; `None` if it is one.
    fn left_out(&self, position: usize) -> Option<LeftOut> {
        let row = self.sheet.row(position);
        if self.layout.bare_na && row.cells().all(|cell| matches!(trimmed(cell), "" | "NA")) {
            return Some(LeftOut::NoContact);
        }
        // a row that says what each column contains: `text | text | number`
        let typed = |cell: &str| TITLES.is("types", cell);
        let filled = || row.cells().map(trimmed).filter(|cell| !cell.is_empty());
        if filled().next().is_some_and(typed) && filled().nth(1).is_some() && filled().all(typed) {
            return Some(LeftOut::Header);
        }
        let (mut count, mut first, mut all_same) = (0, "", true);
        for cell in row.cells().map(trimmed).filter(|cell| !cell.is_empty()) {
            if count == 0 {
                first = cell;
            } else if cell != first {
                all_same = false;
            }
            count += 1;
            if count > 3 && !all_same {
                break;
            }
        }
        if count == 0 {
            return Some(LeftOut::Footer);
        }
        let reached = self.is_reached(position);
        if count > 3 && !all_same && reached {
            return None;
        }
        if !reached && count <= 4 && TITLES.begins("total", first) && !self.names_a_person(position, first) {
            return Some(LeftOut::Total);
        }
        if (count == 1 || all_same) && self.width > 2 && !self.names.is_empty() {
            return self.single_cell(position, first);
        }
        if count == 1 && self.width <= 2 && !reached {
            let person = self.names.iter().any(|at| !value(row.cell(*at)).is_empty())
                && first.split_whitespace().count() <= 5;
            if TITLES.begins("footer", first) || !person || first.len() > 80 || first.ends_with(':') {
                return Some(LeftOut::Footer);
            }
        }
        if count <= 2 && !reached && TITLES.begins("footer", first) && !self.names_a_person(position, first) {
            return Some(LeftOut::Footer);
        }
        let na = |text: &str| self.layout.bare_na && text == "NA";
        let named = self
            .names
            .iter()
            .map(|at| value(row.cell(*at)))
            .any(|text| !na(text) && text.chars().any(char::is_alphabetic));
        if reached || named {
            return None;
        }
        let cells: Vec<&str> = row.cells().collect();
        let lead = self.row.standardize(&cells);
        let nobody = lead.email.is_empty()
            && lead.phone.is_empty()
            && lead.first_name.is_empty()
            && lead.last_name.is_empty();
        nobody.then_some(LeftOut::NoContact)
    }

    /// Whether the text is in a name column and is a person's name.
    fn names_a_person(&self, position: usize, text: &str) -> bool {
        let row = self.sheet.row(position);
        self.names.iter().any(|at| trimmed(row.cell(*at)) == text)
            && names::looks_like_name(text)
            && text.split_whitespace().any(names::is_given)
    }

    /// A lone cell in a wide table is a lead only if it is surely somebody's name or address.
    fn single_cell(&self, position: usize, text: &str) -> Option<LeftOut> {
        let row = self.sheet.row(position);
        if let Some(at) = self.contact.iter().find(|at| trimmed(row.cell(**at)) == text) {
            let address = emails::is_address(text);
            let number = matches!(self.layout.columns[*at].role, Role::Phone(_)) && phones::is_phone(text);
            let card = self.layout.columns[*at].role == Role::Card;
            return if address || number || card { None } else { Some(LeftOut::Footer) };
        }
        let words = text.split_whitespace().count();
        if TITLES.begins("total", text) {
            return Some(LeftOut::Total);
        }
        if TITLES.begins("footer", text) || words > 6 {
            return Some(LeftOut::Footer);
        }
        if self.names.iter().any(|at| trimmed(row.cell(*at)) == text) {
            let known_word = text.split_whitespace().any(|word| {
                let reading = read(word);
                reading.is_known() && reading.words == 1
            });
            let given = text.split([' ', ',']).any(names::is_given);
            let letters = text.chars().all(|c| !c.is_numeric() && !matches!(c, '*' | ':' | '#' | '(' | '/'));
            if letters && (given || (names::looks_like_name(text) && !known_word)) {
                return None;
            }
        }
        Some(LeftOut::GroupHeading)
    }
}
