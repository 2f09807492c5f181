//! Development aid: standardises files into a folder.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a development aid")]
use easy_crm_domain::lead::or_missing;
use easy_crm_domain::spreadsheet::{Limits, read};
use easy_crm_domain::standardize::{RowStandardizer, plan_workbook};
fn main() {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap();
    let explain = std::env::var("EXPLAIN").is_ok();
    for file in args {
        let path = std::path::Path::new(&file);
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let workbook = match read(&name, &bytes, &Limits::default()) {
            Ok(w) => w,
            Err(e) => {
                eprintln!("{name}: {e}");
                continue;
            }
        };
        let mut leads = Vec::new();
        for table in plan_workbook(&workbook) {
            let sheet = table.sheet(&workbook);
            let s = RowStandardizer::new(&table.layout);
            if explain {
                println!(
                    "== {name} sheet {:?} header {:?} rows {} conf {:.2}",
                    table.layout.sheet,
                    table.layout.header_row,
                    table.rows.len(),
                    table.layout.confidence()
                );
                for (h, c) in table.layout.headers.iter().zip(&table.layout.columns) {
                    println!(
                        "   {:<32} {:<40} {:.2} {}",
                        h.chars().take(32).collect::<String>(),
                        format!(
                            "{:?}{}",
                            c.role,
                            c.label_column.map(|l| format!(" label {l}")).unwrap_or_default()
                        ),
                        c.confidence,
                        c.reason.text()
                    );
                }
                for l in &table.left_out {
                    println!(
                        "   - {} {:?}: {:?}",
                        l.position,
                        l.reason,
                        sheet
                            .row(l.position.min(sheet.row_count() - 1))
                            .cells()
                            .filter(|c| !c.is_empty())
                            .take(6)
                            .collect::<Vec<_>>()
                    );
                }
            }
            for row in &table.rows {
                let cells: Vec<&str> = sheet.row(*row).cells().collect();
                let l = s.standardize(&cells);
                assert_eq!(s.email(&cells).unwrap_or_default(), l.email);
                leads.push(serde_json::json!({"firstName": or_missing(&l.first_name), "lastName": or_missing(&l.last_name), "title": or_missing(&l.title), "company": or_missing(&l.company), "email": or_missing(&l.email), "phone": or_missing(&l.phone), "remarks": or_missing(&l.remarks)}));
            }
        }
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        std::fs::write(format!("{out}/{stem}.json"), serde_json::to_string_pretty(&leads).unwrap()).unwrap();
    }
}
