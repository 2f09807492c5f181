//! Business cards, signatures and other free text with a whole contact, parsed by fixed rules line by line.

use super::company::{has_company_word, looks_like_company, looks_like_job};
use super::headers::{Kind, is_all_label, read};
use super::names::{self, NameOrder};
use super::text::value;
use super::{emails, phones};
use crate::lead::LeadValues;

/// Longer texts are not cards; they stay whole.
pub(super) const LONGEST_CARD: usize = 4000;

/// Fills the fields of `lead` that are still empty and returns the rest of the card. The lead already has its email
/// address: it is settled for all columns together.
pub(super) fn parse(text: &str, lead: &mut LeadValues) -> String {
    if text.len() > LONGEST_CARD {
        return text.to_owned();
    }
    let mut lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() == 1 {
        lines = pieces(lines[0]);
    }
    let mut left: Vec<String> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut phone: Option<(u8, usize)> = None;
    for line in lines {
        if let Some(span) = emails::find(line, 0) {
            let address = line[span.start..span.end].to_lowercase();
            let rest = emails::rest(line, span);
            let rest = unlabelled(&rest);
            if address != lead.email {
                left.push(line.to_owned());
            } else if rest.chars().count() > 2 {
                open.push(rest.to_owned());
            }
            continue;
        }
        let numbers = phones::find_all(line);
        if let Some(number) = numbers.first().filter(|_| numbers.len() == 1) {
            let rank = if number.label.is_empty() { 10 } else { line_rank(number.label) };
            let digits = &line[number.span.start..number.span.end];
            let better = lead.phone.is_empty() || phone.is_some_and(|(best, _)| rank < best);
            if better && rank < phones::NEVER {
                if let Some((_, at)) = phone {
                    let previous = std::mem::take(&mut lead.phone);
                    left.insert(at.min(left.len()), previous);
                }
                phone = Some((rank, left.len()));
                lead.phone = digits.to_owned();
                continue;
            }
            left.push(line.to_owned());
            continue;
        }
        open.push(line.to_owned());
    }
    for line in open {
        let plain = unlabelled(&line);
        let has_digit = plain.chars().any(char::is_numeric);
        let url = plain.contains("://") || plain.starts_with("www.");
        let nameless = lead.first_name.is_empty() && lead.last_name.is_empty();
        if value(plain).is_empty() {
            if plain.is_empty() {
                left.push(line);
            }
            continue;
        }
        let told = told(&line);
        if plain.len() < line.trim().len() && !url && plain.len() <= 80 && tell(told, plain, lead, &mut left)
        {
            continue;
        }
        if url || plain.len() > 80 {
            left.push(line);
        } else if lead.company.is_empty() && looks_like_company(plain) {
            lead.company = plain.to_owned();
        } else if lead.title.is_empty() && !has_digit && looks_like_job(plain) {
            lead.title = plain.to_owned();
        } else if nameless && !has_digit && names::looks_like_name(plain) && !has_company_word(plain) {
            let name = names::split(plain, NameOrder::FirstLast);
            lead.first_name = name.first;
            lead.last_name = name.last;
            left.extend(name.extras);
        } else if lead.company.is_empty()
            && !has_digit
            && !nameless
            && !plain.contains(',')
            && plain.split_whitespace().count() <= 5
        {
            // a line that is neither name nor job nor address
            lead.company = plain.to_owned();
        } else {
            left.push(line.to_owned());
        }
    }
    left.join("\n")
}

/// The kind of a line according to its label.
fn told(line: &str) -> Kind {
    line.split_once([':', '：']).map_or(Kind::Unknown, |(label, _)| read(label).kind)
}

/// Stores a labelled line in the field its label names; `false` if the field is already filled or the label names none.
fn tell(kind: Kind, plain: &str, lead: &mut LeadValues, left: &mut Vec<String>) -> bool {
    let field = match kind {
        Kind::Company => &mut lead.company,
        Kind::Job => &mut lead.title,
        Kind::First => &mut lead.first_name,
        Kind::Last => &mut lead.last_name,
        Kind::Name | Kind::Full | Kind::Person | Kind::FullLastFirst => {
            if !lead.first_name.is_empty() || !lead.last_name.is_empty() {
                return false;
            }
            let order = if kind == Kind::FullLastFirst { NameOrder::LastFirst } else { NameOrder::FirstLast };
            let name = names::split(plain, order);
            lead.first_name = name.first;
            lead.last_name = name.last;
            left.extend(name.extras);
            return true;
        }
        _ => return false,
    };
    let free = field.is_empty();
    if free {
        plain.clone_into(field);
    }
    free
}

/// A card on one line, split at its separators.
fn pieces(line: &str) -> Vec<&str> {
    for separator in [" | ", "|", " • ", " · ", "; ", ";", " / ", " - ", " – ", ", "] {
        let pieces: Vec<&str> =
            line.split(separator).map(str::trim).filter(|piece| !piece.is_empty()).collect();
        if pieces.len() >= 3 {
            return pieces;
        }
    }
    vec![line]
}

/// The rank of a number by the label next to it.
fn line_rank(label: &str) -> u8 {
    phones::number_rank(label).unwrap_or(5)
}

/// Whether a number after this text may be called: not a fax or a pager.
pub(super) fn is_callable_after(before: &str) -> bool {
    let cuts = |c: char| c.is_numeric() || matches!(c, '\n' | ',' | ';' | '|' | '·' | '•');
    line_rank(before.rsplit(cuts).next().unwrap_or("").trim_matches(|c: char| !c.is_alphabetic()))
        < phones::NEVER
}

/// Whether the text is only the label of what followed it. One word that is not a label, like the name in `Office
/// Weber`, makes it more.
pub(super) fn is_label(text: &str) -> bool {
    let short = text.chars().count() <= 20 && !text.chars().any(char::is_numeric);
    short && (text.len() == 1 && text.is_ascii() || is_all_label(text))
}

/// `Company: Acme` without the label, if the label is a known word or a letter.
fn unlabelled(line: &str) -> &str {
    let Some((label, rest)) = line.split_once([':', '：']) else { return line.trim() };
    let is_label = label.chars().count() <= 20
        && !rest.starts_with("//")
        && !label.contains(' ')
        && (label.len() == 1 && label.bytes().all(|b| b.is_ascii_alphabetic()) || is_all_label(label));
    if is_label { rest.trim() } else { line.trim() }
}
