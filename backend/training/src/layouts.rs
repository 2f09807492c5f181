//! The layouts of the domain's own tests: real-world tables with known columns. `layout_roles.txt` says what each
//! column is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use easy_crm_domain::spreadsheet::{Limits, Workbook, read};
use easy_crm_domain::standardize::planner::kinds::ColumnRole;
use easy_crm_domain::standardize::{Role, plan_workbook};

use crate::tables::{Column, Table};

/// The folders of the layouts.
fn folders() -> [PathBuf; 2] {
    ["layouts", "unseen"]
        .map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/test_data").join(name))
}

fn workbook(path: &Path) -> anyhow::Result<Workbook> {
    let text = std::fs::read_to_string(path)?;
    let (_, rest) = text.split_once("\n--- ").context("a file section")?;
    let (name, rest) = rest.split_once('\n').context("a file name")?;
    let (body, _) = rest.split_once("\n--- expected\n").context("an expected section")?;
    Ok(read(name, body.as_bytes(), &Limits::default())?)
}

fn paths() -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for folder in folders() {
        for entry in std::fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The training role of a planned column.
pub(crate) const fn column_role(role: Role) -> ColumnRole {
    match role {
        Role::FirstName => ColumnRole::First,
        Role::LastName | Role::SecondLastName => ColumnRole::Last,
        Role::FullName(_) => ColumnRole::Full,
        Role::Title => ColumnRole::Title,
        Role::Company => ColumnRole::Company,
        Role::Email(_) => ColumnRole::Email,
        Role::Phone(_) => ColumnRole::Phone,
        Role::ContactDetails => ColumnRole::Details,
        Role::Card => ColumnRole::Card,
        Role::OtherPerson => ColumnRole::OtherPerson,
        _ => ColumnRole::Other,
    }
}

/// The roles of all columns of all layouts as they are planned now, one table per line: the draft of
/// `layout_roles.txt`, to be reviewed by a person before it is kept.
pub(crate) fn planned_roles() -> anyhow::Result<String> {
    let mut text = String::new();
    for path in paths()? {
        let workbook = workbook(&path)?;
        for (nth, table) in plan_workbook(&workbook).iter().enumerate() {
            if table.rows.is_empty() {
                continue;
            }
            let roles: Vec<&str> =
                table.layout.columns.iter().map(|plan| column_role(plan.role).into()).collect();
            writeln!(text, "{} {nth}: {}", name(&path), roles.join(" "))?;
        }
    }
    Ok(text)
}

/// The text of `layout_roles.txt`.
fn known_roles() -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(crate::data::folder().join("layout_roles.txt"))?)
}

/// Whether the known roles cover the layout.
fn is_known(known: &str, path: &Path) -> bool {
    let key = format!("{} ", name(path));
    known.lines().any(|line| line.starts_with(&key))
}

/// The files of the layouts used for training, for the digest of the training.
pub(crate) fn files() -> anyhow::Result<Vec<Vec<u8>>> {
    let known = known_roles()?;
    let used = paths()?.into_iter().filter(|path| is_known(&known, path));
    used.map(|path| Ok(std::fs::read(path)?)).collect()
}

/// All tables of the layouts with their columns' roles.
pub(crate) fn tables() -> anyhow::Result<Vec<Table>> {
    let known = known_roles()?;
    let mut tables = Vec::new();
    for path in paths()?.into_iter().filter(|path| is_known(&known, path)) {
        let workbook = workbook(&path)?;
        let planned = plan_workbook(&workbook);
        for (nth, table) in planned.iter().enumerate() {
            let key = format!("{} {nth}: ", name(&path));
            let Some(roles) = known.lines().find_map(|line| line.strip_prefix(&key)) else { continue };
            let roles: Vec<ColumnRole> = roles.split(' ').map(str::parse).collect::<Result<_, _>>()?;
            if roles.len() != table.layout.headers.len() {
                continue;
            }
            let sheet = table.sheet(&workbook);
            // all rows, not only the leads: which rows are leads depends on the weights that are to be trained
            let rows: Vec<Vec<&str>> =
                table.all_rows().into_iter().map(|row| sheet.row(row).cells().collect()).collect();
            let columns =
                table.layout.headers.iter().zip(roles).enumerate().map(|(at, (header, role))| Column {
                    header: header.clone(),
                    role,
                    cells: rows.iter().map(|row| row.get(at).copied().unwrap_or("").to_owned()).collect(),
                });
            tables.push(Table { family: format!("layout/{}", name(&path)), columns: columns.collect() });
        }
    }
    Ok(tables)
}
