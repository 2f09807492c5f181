//! Rearranges sheets that list one record downwards (`Name | Jane`, `E-mail | jane@…`), alone, one below the other, or
//! side by side, into rows.

use std::collections::HashSet;

use super::emails;
use super::headers::{Kind, Reading, read};
use super::raw_table::{LeftOut, LeftOutRow, RawTable};
use super::text::{one_line, trimmed};
use crate::spreadsheet::Sheet;

/// How many rows are examined to decide.
const LOOK_AT: usize = 400;

/// The records of a downward sheet as a table; `None` for any other sheet.
pub(super) fn unfold(sheet: &Sheet) -> Option<RawTable> {
    if let Some((pairs, left_out)) = mailed_forms(sheet)
        && let Some(mut table) = unfold_pairs(&pairs)
    {
        table.left_out.extend(left_out);
        table.left_out.sort_by_key(|row| row.position);
        return Some(table);
    }
    match labelled_lines(sheet) {
        Some(pairs) => unfold_pairs(&pairs),
        None => unfold_pairs(sheet).or_else(|| blocks_of_lines(sheet)),
    }
}

/// Maximum number of lines of a signature; longer runs of lines are a list.
const LONGEST_BLOCK: usize = 12;

/// Signatures and business cards one below the other, separated by blank lines: each becomes one cell.
fn blocks_of_lines(sheet: &Sheet) -> Option<RawTable> {
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut is_open = false;
    for position in 0..sheet.row_count() {
        let filled = sheet.row(position).cells().filter(|cell| !trimmed(cell).is_empty()).count();
        match (filled, is_open) {
            (0, _) => is_open = false,
            (_, true) => blocks.last_mut()?.push(position),
            (_, false) => {
                blocks.push(vec![position]);
                is_open = true;
            }
        }
    }
    let text = |block: &[usize]| -> String {
        let line = |position: &usize| {
            let cells: Vec<&str> =
                sheet.row(*position).cells().map(trimmed).filter(|cell| !cell.is_empty()).collect();
            cells.join(", ")
        };
        block.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    // lists have rows of several cells, and blank lines only between the few sections
    let is_line =
        |position: &usize| sheet.row(*position).cells().filter(|cell| !trimmed(cell).is_empty()).count() == 1;
    let lines = || blocks.iter().flatten();
    let signatures = blocks.iter().filter(|block| {
        (2..=LONGEST_BLOCK).contains(&block.len()) && emails::find(&text(block), 0).is_some()
    });
    if blocks.len() < 2
        || signatures.count() * 10 < blocks.len() * 8
        || lines().filter(|position| is_line(position)).count() * 10 < lines().count() * 8
    {
        return None;
    }
    let mut unfolded = Sheet::new(sheet.name().map(str::to_owned));
    for block in &blocks {
        unfolded.push_cell(&text(block));
        unfolded.end_row(sheet.row(*block.first()?).number());
    }
    let rows = (0..blocks.len()).collect();
    Some(RawTable { headers: vec![String::new()], rows, unfolded: Some(unfolded), ..RawTable::default() })
}

/// Labels of email header lines; none of them says anything about the lead.
const MAIL_HEAD: [&str; 10] =
    ["from", "to", "cc", "subject", "date", "sent", "received", "reply-to", "von", "betreff"];

/// The label of an email header line.
fn mail_head(line: &str) -> Option<&'static str> {
    let (label, _) = line.split_once([':', '：'])?;
    MAIL_HEAD.into_iter().find(|known| label.trim().eq_ignore_ascii_case(known))
}

fn is_separator(line: &str) -> bool {
    !line.is_empty() && !line.chars().any(char::is_alphanumeric)
}

/// The text of a line: in emailed forms, a comma may have split it into cells.
fn whole_line(cells: &mut dyn Iterator<Item = &str>) -> String {
    let cells: Vec<&str> = cells.map(trimmed).filter(|cell| !cell.is_empty()).collect();
    cells.join(", ")
}

/// Texts before the colon of several lines: the labels of a form, including those not in any vocabulary.
fn recurring_labels(sheet: &Sheet) -> HashSet<String> {
    const LONGEST: usize = 60;
    let mut once = HashSet::new();
    let mut again = HashSet::new();
    for row in sheet.rows().take(LOOK_AT) {
        let line = whole_line(&mut row.cells());
        let Some((label, _)) = line.split_once(':').filter(|(label, _)| label.len() <= LONGEST) else {
            continue;
        };
        if !once.insert(trimmed(label).to_owned()) {
            again.insert(trimmed(label).to_owned());
        }
    }
    again
}

/// Emailed forms, one below the other, as pairs of cells in their rows: email headers, `Label: value` lines, text that
/// continues over several lines. Email headers, signatures and text before the first label are left out, and returned
/// as such.
fn mailed_forms(sheet: &Sheet) -> Option<(Sheet, Vec<LeftOutRow>)> {
    let mut heads = HashSet::new();
    let (mut told, mut labelled, mut filled) = (0, 0, 0);
    for row in sheet.rows().take(LOOK_AT) {
        let line = whole_line(&mut row.cells());
        filled += usize::from(!line.is_empty());
        match mail_head(&line) {
            Some(head) => drop(heads.insert(head)),
            None => labelled += usize::from(label_of(&line).is_some()),
        }
        told += usize::from(mail_head(&line).is_some() || is_separator(&line));
    }
    // an email header has several lines; of other text there is at most as much as of headers and forms
    if heads.len() < 2 || labelled < 3 || (told + labelled) * 2 < filled {
        return None;
    }
    let labels = recurring_labels(sheet);
    let field = |line: &str| -> Option<(String, String)> {
        let (label, value) = label_of(line).or_else(|| {
            let (label, value) = line.split_once(':')?;
            labels.contains(trimmed(label)).then(|| (trimmed(label), trimmed(value)))
        })?;
        Some((label.to_owned(), value.to_owned()))
    };
    let mut pairs: Vec<Option<(String, String)>> = vec![None; sheet.row_count()];
    let mut left_out = Vec::new();
    // the field that text without a label continues
    let mut open: Option<usize> = None;
    for (position, row) in sheet.rows().enumerate() {
        let line = whole_line(&mut row.cells());
        if line.is_empty() {
            continue;
        }
        if mail_head(&line).is_some() || is_separator(&line) {
            // what follows a separator is the signature of whoever sent the form
            open = None;
        } else if let Some(pair) = field(&line) {
            pairs[position] = Some(pair);
            open = Some(position);
            continue;
        } else if let Some((_, value)) = open.and_then(|at| pairs[at].as_mut()) {
            value.push('\n');
            value.push_str(&line);
            continue;
        }
        left_out.push(LeftOutRow { position, reason: LeftOut::Banner });
    }
    let mut unfolded = Sheet::new(sheet.name().map(str::to_owned));
    for (pair, row) in pairs.into_iter().zip(sheet.rows()) {
        if let Some((label, value)) = pair {
            unfolded.push_cell(&label);
            unfolded.push_cell(&value);
        }
        unfolded.end_row(row.number());
    }
    Some((unfolded, left_out))
}

/// A sheet of one column that says `Name: Jane` line by line, as pairs of cells; `None` for any other sheet.
fn labelled_lines(sheet: &Sheet) -> Option<Sheet> {
    let lone = |cells: &mut dyn Iterator<Item = &str>| cells.filter(|cell| !trimmed(cell).is_empty()).count();
    let (mut filled, mut labelled) = (0, 0);
    for row in sheet.rows().take(LOOK_AT) {
        match lone(&mut row.cells()) {
            0 => continue,
            1 => filled += 1,
            _ => return None,
        }
        labelled += usize::from(row.cells().find_map(label_of).is_some());
    }
    if labelled < 3 || labelled * 10 < filled * 8 {
        return None;
    }
    let mut pairs = Sheet::new(sheet.name().map(str::to_owned));
    for row in sheet.rows() {
        match row.cells().find(|cell| !trimmed(cell).is_empty()) {
            None => {}
            Some(cell) => match label_of(cell) {
                Some((label, value)) => {
                    pairs.push_cell(label);
                    pairs.push_cell(value);
                }
                None => pairs.push_cell(cell),
            },
        }
        pairs.end_row(row.number());
    }
    Some(pairs)
}

/// The known label of a line and what follows it.
fn label_of(cell: &str) -> Option<(&str, &str)> {
    let (label, value) = cell.split_once([':', '：'])?;
    let label = trimmed(label);
    (label.len() <= 60 && !value.starts_with("//") && is_key(&read(label), label))
        .then_some((label, trimmed(value)))
}

fn unfold_pairs(sheet: &Sheet) -> Option<RawTable> {
    let mut pairs: Vec<(usize, usize, Reading)> = Vec::new();
    let (mut filled_rows, mut header_rows) = (0, 0);
    for position in 0..sheet.row_count().min(LOOK_AT) {
        let row = sheet.row(position);
        let mut cells = row.cells().map(trimmed).enumerate().filter(|(_, cell)| !cell.is_empty());
        let Some((column, key)) = cells.next() else { continue };
        filled_rows += 1;
        let reading = if key.len() <= 60 { read(key) } else { continue };
        if !is_key(&reading, key) {
            continue;
        }
        // a row of headings is a header, not a pair
        let headings = row.cells().skip(column + 1).map(trimmed).filter(|cell| !cell.is_empty());
        let (mut known, mut fields, mut count) = (0, 0, 0);
        for cell in headings.take(12).filter(|cell| cell.len() < 60) {
            count += 1;
            known += usize::from(is_heading(cell));
            fields += usize::from(is_heading(cell) && read(cell).is_field());
        }
        if known > 0 && known * 2 >= count && (count > 1 || fields > 0) {
            if count > 1 {
                return None;
            }
            header_rows += 1;
        }
        pairs.push((position, column, reading));
    }
    // now and then a value is a word that headers have too: `Position | Buyer`
    if header_rows * 5 > pairs.len() {
        return None;
    }
    let fields = pairs.iter().filter(|(_, _, reading)| reading.is_field()).count();
    let contact = pairs.iter().any(|(_, _, reading)| matches!(reading.kind, Kind::Email | Kind::Phone));
    let named = pairs.iter().any(|(_, _, reading)| {
        matches!(
            reading.kind,
            Kind::First | Kind::Last | Kind::Full | Kind::Name | Kind::Person | Kind::FullLastFirst
        )
    });
    let column = pairs.first()?.1;
    let aligned = pairs.iter().filter(|pair| pair.1 == column).count();
    if fields < 3
        || !(contact && named)
        || pairs.len() * 10 < filled_rows * 7
        || aligned * 10 < pairs.len() * 9
    {
        return None;
    }
    // below each other in most rows, or the keys of one column
    let width = sheet.rows().map(|row| row.len()).max().unwrap_or(0).min(2000);
    let mut keys: Vec<String> = Vec::new();
    let mut rows: Vec<(usize, usize)> = Vec::new();
    let mut left_out = Vec::new();
    // records[r] = (first position, values by key)
    let mut records: Vec<(usize, Vec<String>)> = Vec::new();
    let mut block: Vec<(usize, usize)> = Vec::new();
    let mut seen = vec![false; 0];
    for position in 0..sheet.row_count() {
        let row = sheet.row(position);
        let key = trimmed(row.cell(column)).trim_end_matches([':', '：']).trim();
        let blank = row.cells().all(|cell| trimmed(cell).is_empty());
        if blank {
            continue;
        }
        let known = !key.is_empty()
            && key.len() <= 60
            && (is_key(&read(key), key) || keys.iter().any(|other| other == key));
        let valued = row.cells().skip(column + 1).any(|cell| !trimmed(cell).is_empty());
        if !known && (!valued || key.is_empty()) {
            left_out.push(LeftOutRow { position, reason: LeftOut::Banner });
            continue;
        }
        let at = match keys.iter().position(|other| other == key) {
            Some(at) => at,
            None => {
                if keys.len() > 2000 {
                    return None;
                }
                keys.push(one_line(key).into_owned());
                seen.push(false);
                keys.len() - 1
            }
        };
        if seen[at] {
            flush(sheet, column, width, &mut block, &mut records);
            seen.iter_mut().for_each(|seen| *seen = false);
        }
        seen[at] = true;
        block.push((position, at));
        rows.push((position, at));
    }
    flush(sheet, column, width, &mut block, &mut records);
    if records.is_empty() || keys.len() > 2000 {
        return None;
    }
    let mut unfolded = Sheet::new(sheet.name().map(str::to_owned));
    let count = records.len();
    for (position, values) in records {
        for at in 0..keys.len() {
            unfolded.push_cell(values.get(at).map_or("", String::as_str));
        }
        unfolded.end_row(sheet.row(position).number());
    }
    Some(RawTable {
        header: None,
        headers: keys,
        rows: (0..count).collect(),
        title: None,
        left_out,
        unfolded: Some(unfolded),
    })
}

/// Whether the text is a heading rather than a value that contains a known word.
fn is_key(reading: &Reading, key: &str) -> bool {
    reading.is_known() && reading.strength >= 0.75 && key.bytes().filter(u8::is_ascii_digit).count() < 3
}

/// Whether the text is the name of a column and nothing else.
fn is_heading(text: &str) -> bool {
    let reading = read(text);
    reading.is_known() && reading.strength > 0.9 && !text.bytes().any(|b| b.is_ascii_digit())
}

/// The records of a block of pairs: one for each column of values.
fn flush(
    sheet: &Sheet,
    column: usize,
    width: usize,
    block: &mut Vec<(usize, usize)>,
    records: &mut Vec<(usize, Vec<String>)>,
) {
    let block = std::mem::take(block);
    let Some((first, _)) = block.first().copied() else { return };
    let keys = block.iter().map(|(_, at)| at + 1).max().unwrap_or(0);
    let used = (column + 1..width).filter(|at| {
        block.iter().filter(|(position, _)| !trimmed(sheet.row(*position).cell(*at)).is_empty()).count() > 0
    });
    let columns: Vec<usize> = used.collect();
    // a second value column with few cells is a note next to the first
    let cells = |at: usize| {
        block.iter().filter(|(position, _)| !trimmed(sheet.row(*position).cell(at)).is_empty()).count()
    };
    let most = columns.iter().map(|at| cells(*at)).max().unwrap_or(0);
    let records_at: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|at| cells(*at) * 2 >= most && cells(*at) > 1 || columns.len() == 1)
        .collect();
    for (nth, at) in records_at.iter().enumerate() {
        let mut values = vec![String::new(); keys];
        for (position, key) in &block {
            let row = sheet.row(*position);
            let mut value = trimmed(row.cell(*at)).to_owned();
            if nth == 0 {
                // what is in no record's column is kept with the first
                for other in columns.iter().filter(|other| !records_at.contains(other)) {
                    let more = trimmed(row.cell(*other));
                    if !more.is_empty() {
                        value = format!("{value} {more}").trim().to_owned();
                    }
                }
            }
            values[*key] = value;
        }
        records.push((first, values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Sheet {
        let mut sheet = Sheet::new(None);
        for (number, line) in (1_u32..).zip(text.lines()) {
            sheet.push_cell(line);
            sheet.end_row(number);
        }
        sheet
    }

    #[test]
    fn mailed_forms_keep_every_line_or_say_that_it_is_left_out() {
        let form = |name: &str| {
            format!(
                "From: Site <web@ours.example>\nSubject: Enquiry\n\nHello,\nName: {name}\nEmail: {name}@x.example\nPhone: 1\n\
                 Message: We need a quote.\nBy May.\n\nMany thanks.\n\n--\nSent by our site\n\n"
            )
        };
        let sheet = lines(&(form("ada") + &form("bob")));
        let table = unfold(&sheet).unwrap();
        let unfolded = table.unfolded.unwrap();
        let cells = |row: usize| unfolded.row(row).cells().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(table.headers, ["Name", "Email", "Phone", "Message"]);
        assert_eq!(cells(1), ["bob", "bob@x.example", "1", "We need a quote.\nBy May.\nMany thanks."]);
        let left_out: Vec<&str> = table.left_out.iter().map(|row| sheet.row(row.position).cell(0)).collect();
        let of_one =
            ["From: Site <web@ours.example>", "Subject: Enquiry", "Hello,", "--", "Sent by our site"];
        assert_eq!(left_out, [of_one, of_one].concat());
    }

    #[test]
    fn separators_alone_are_no_mail() {
        let text = "---\nName: Ada\nsomething\nEmail: ada@x.example\n---\nPhone: 1\nmore\nNote: x\n---";
        assert!(mailed_forms(&lines(text)).is_none());
    }
}
