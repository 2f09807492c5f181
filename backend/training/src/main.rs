//! Trains the weights of the column planner.
//!
//! `cargo run --release -p easy-crm-training -- train` regenerates `backend/domain/data/planner.weights`, bit for bit,
//! from the files in `data/` and the layouts of the domain's tests; `evaluate` measures how well families of layouts
//! are handled that were held out of training.

mod calibration;
mod data;
mod evaluation;
mod headers;
mod layouts;
mod linear;
mod network;
mod tables;
mod training;
mod world;

use std::io::Write as _;

use clap::Parser as _;
use easy_crm_domain::standardize::planner::features::FeatureGroup;

/// Trains the weights of the column planner.
#[derive(Debug, clap::Parser)]
enum Command {
    /// Train the weights and write them to the domain's data folder.
    Train,
    /// Hold out a fifth of the families of layouts, train, and evaluate on them.
    Evaluate {
        /// How many fifths are held out, one after the other.
        #[arg(long, default_value_t = 1)]
        folds: u64,
        /// Feature groups to leave out: header, values, table or agreement.
        #[arg(long)]
        without: Vec<FeatureGroup>,
    },
    /// Print the roles of the layouts' columns as they are planned now, for `data/layout_roles.txt`.
    LayoutRoles,
    /// Print generated tables for inspection.
    Show {
        /// Number of tables.
        #[arg(default_value_t = 3)]
        count: usize,
    },
}

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match Command::parse() {
        Command::Train => {
            let data = data::Data::load()?;
            let mut weights = training::learn(&data, &layouts::tables()?, &|_| true, &[]);
            weights.head.training = training::fingerprint(&data)?;
            let path = data::folder().join("../../domain/data/planner.weights");
            let bytes = weights.to_bytes();
            std::fs::write(&path, &bytes)?;
            writeln!(out, "{} bytes, training {}", bytes.len(), weights.head.training)?;
        }
        Command::Evaluate { folds, without } => {
            evaluation::run(&data::Data::load()?, folds, &without, &mut out)?;
        }
        Command::LayoutRoles => write!(out, "{}", layouts::planned_roles()?)?,
        Command::Show { count } => {
            let data = data::Data::load()?;
            let world = world::World::new(&data);
            for seed in 0..count {
                let table = tables::generate(&world, &mut fastrand::Rng::with_seed(seed as u64));
                writeln!(out, "{}", table.family)?;
                for column in &table.columns {
                    let cells: Vec<&str> = column.cells.iter().take(3).map(String::as_str).collect();
                    writeln!(out, "  {:<40} {:<12?} {cells:?}", column.header, column.role)?;
                }
            }
        }
    }
    Ok(())
}
