//! Text whose columns are aligned by spaces, as reports and database consoles print it: a column begins after positions
//! that are blank in all lines.

use std::ops::Range;

/// Lines that are examined to find the columns.
const SAMPLE_LINES: usize = 500;
/// Minimum number of lines and of columns: less than that is more likely a letter or a card than a table.
const MIN_LINES: usize = 3;
const MIN_COLUMNS: usize = 3;
/// Widest line that is examined, in characters. Printers end at 132, consoles at a few hundred.
const MAX_WIDTH: usize = 2_000;
/// One line in this many may cross the gap between two columns: a title, a total, a value too long for its column.
const CROSSING_ONE_IN: usize = 20;
/// In a table most lines have a run of blanks inside; in prose none do.
const MIN_SPACED: f64 = 0.6;
/// Blanks between columns. A single one separates the words of a value.
const MIN_GAP: usize = 2;

/// Where the columns of a text begin, in characters; `None` if it is not such a text.
pub(super) fn columns(sample: &str) -> Option<Vec<usize>> {
    let lines: Vec<&str> = sample.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES).collect();
    if lines.len() < MIN_LINES || sample.contains('\t') {
        return None;
    }
    let spaced = lines.iter().filter(|line| line.trim().contains("  ")).count();
    if (spaced as f64) < MIN_SPACED * lines.len() as f64 {
        return None;
    }
    let mut filled = Vec::new();
    for line in &lines {
        for (at, c) in line.trim_end().chars().enumerate().take(MAX_WIDTH) {
            if filled.len() <= at {
                filled.resize(at + 1, 0_usize);
            }
            filled[at] += usize::from(!c.is_whitespace());
        }
    }
    let crossing = lines.len() / CROSSING_ONE_IN;
    let mut starts = vec![0];
    let mut gap = 0;
    for (at, count) in filled.iter().enumerate() {
        if *count <= crossing {
            gap += 1;
            continue;
        }
        if gap >= MIN_GAP && at > gap {
            starts.push(at);
        }
        gap = 0;
    }
    let is_table = starts.len() >= MIN_COLUMNS && are_used(&lines, &starts);
    is_table.then_some(starts)
}

/// Whether each column has a value in a fair share of the lines.
fn are_used(lines: &[&str], starts: &[usize]) -> bool {
    let mut used = vec![0_usize; starts.len()];
    for line in lines {
        for (column, cell) in cells(line, starts).into_iter().enumerate() {
            used[column] += usize::from(!line[cell].trim().is_empty());
        }
    }
    used.iter().all(|count| count * 3 >= lines.len())
}

/// The cells of a line as byte ranges, surrounding blanks included. A value that runs over the start of the next column
/// stays in its own.
pub(super) fn cells(line: &str, starts: &[usize]) -> Vec<Range<usize>> {
    let mut cuts = Vec::with_capacity(starts.len() + 1);
    let mut next = starts.iter().peekable();
    let mut before = ' ';
    for (position, (at, c)) in line.char_indices().enumerate() {
        if next.next_if(|start| **start == position).is_some() {
            // Mid-word: this value began in the previous column.
            cuts.push(if before.is_whitespace() || c.is_whitespace() { Some(at) } else { None });
        }
        before = c;
        if next.peek().is_none() {
            break;
        }
    }
    cuts.resize(starts.len(), Some(line.len()));
    let mut ranges = Vec::with_capacity(starts.len());
    let mut end = line.len();
    for cut in cuts.iter().rev() {
        match cut {
            Some(at) => {
                ranges.push(*at..end);
                end = *at;
            }
            None => ranges.push(end..end),
        }
    }
    ranges.reverse();
    ranges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[usize]>) {
        assert_eq!(columns(text).as_deref(), expected);
    }

    #[test]
    fn finds_columns() {
        check("Name  City   Tel\nAnn   Paris  123\nBob   Rome   456\n", Some(&[0, 6, 13]));
        check("Name  City   Tel\nAnn          123\nBob   Rome   456\n", Some(&[0, 6, 13]));
        check("Dear Ann,\nthank you for the letter.\nBest wishes,  Bob\n", None);
        check("Name:   Ann\nPhone:  123\nCity:   Rome\n", None);
        check("one\ntwo\nthree\n", None);
    }

    #[test]
    fn cuts_lines() {
        let line = "Élodie Martin Paris  123";
        let cut: Vec<&str> = cells(line, &[0, 8, 21]).into_iter().map(|cell| line[cell].trim()).collect();
        assert_eq!(cut, ["Élodie Martin Paris", "", "123"]);
        assert_eq!(cells("ab", &[0, 6, 13]), [0..2, 2..2, 2..2]);
    }

    proptest! {
        /// No piece of a line is lost or duplicated, wherever the columns are.
        #[test]
        fn lines_are_cut_without_loss(line in "[a-zé 株]{0,40}", widths in proptest::collection::vec(1..9_usize, 0..6)) {
            let mut starts = vec![0];
            for width in widths {
                starts.push(starts[starts.len() - 1] + width);
            }
            let pieces: String = cells(&line, &starts).into_iter().map(|cell| &line[cell]).collect();
            prop_assert_eq!(pieces, line);
        }

        /// What was printed in columns is read back.
        #[test]
        fn printed_tables_are_read_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z]{1,5}( [a-z]{1,4})?", 3..=3), 4..12),
        ) {
            let print = |row: &[String]| format!("{:<14}{:<14}{}\n", row[0], row[1], row[2]);
            let header = ["Name and place".replace(" and place", ""), "Company".into(), "Telephone".into()];
            let text: String = std::iter::once(print(&header)).chain(rows.iter().map(|row| print(row))).collect();
            let starts = columns(&text);
            prop_assert!(starts.is_some());
            for (line, row) in text.lines().skip(1).zip(&rows) {
                let read: Vec<&str> =
                    cells(line, starts.as_deref().unwrap()).into_iter().map(|cell| line[cell].trim()).collect();
                prop_assert_eq!(&read.join("|"), &row.join("|"));
            }
        }
    }
}
