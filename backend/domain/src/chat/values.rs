//! Values in questions: where one ends, and which test of a field it becomes.

use easy_crm_shared::query::condition::{Condition, TextField, TextTest};

use super::Unclear;
use super::scan::Scan;
use super::words::{FieldRef, Language, Meaning, is_channel, is_company_part, is_place};

/// Maximum number of uncapitalised words of a value after an operator.
const MOST_SMALL_WORDS: usize = 4;

/// How a value may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Any way, including several words.
    Any,
    /// With a capital, or one word.
    OneSmall,
    /// With a capital, or in quotes.
    Capital,
}

/// Which test was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// None: what is usual for the field.
    Auto,
    Contains,
    Equals,
    Starts,
    Ends,
}

/// Whether it is a host name, like `acme.com`.
pub(super) fn is_domain(text: &str) -> bool {
    let mut labels = text.rsplit('.');
    let last = labels.next().unwrap_or_default();
    text.contains('.')
        && !is_file(text)
        && last.len() >= 2
        && last.chars().all(|c| c.is_ascii_alphabetic())
        && labels.all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

/// Whether it is the name of a file that can be imported.
pub(super) fn is_file(text: &str) -> bool {
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    ["csv", "tsv", "txt", "xlsx", "xls", "xlsm", "xlsb", "ods", "vcf"].contains(&ending.as_str())
}

/// One test of one field.
pub(super) fn text_condition(field: TextField, op: Op, value: &str) -> Condition {
    let whole = match field {
        TextField::FirstName | TextField::LastName => true,
        TextField::Email => value.contains('@') && !value.starts_with('@'),
        TextField::EmailDomain => is_domain(value),
        TextField::SourceFile => is_file(value),
        _ => false,
    };
    let value =
        if field == TextField::EmailDomain { value.trim_start_matches('@') } else { value }.to_owned();
    let test = match op {
        Op::Equals => TextTest::Equals(value),
        Op::Starts => TextTest::StartsWith(value),
        Op::Auto if whole => TextTest::Equals(value),
        Op::Auto | Op::Contains | Op::Ends => TextTest::Contains(value),
    };
    Condition::Text { field, test }
}

/// Somebody of this name.
pub(super) fn name_condition(op: Op, value: &str) -> Condition {
    let either = |op, value: &str| {
        Condition::Any(vec![
            text_condition(TextField::FirstName, op, value),
            text_condition(TextField::LastName, op, value),
        ])
    };
    let full = |first: &str, last: &str| {
        Condition::All(vec![
            text_condition(TextField::FirstName, Op::Equals, first),
            text_condition(TextField::LastName, Op::Equals, last),
        ])
    };
    match (op, value.split_once(' '), value.rsplit_once(' ')) {
        (Op::Auto | Op::Equals, Some((first, rest)), Some((front, last))) => {
            if first == front {
                full(first, rest)
            } else {
                Condition::Any(vec![full(front, last), full(first, rest)])
            }
        }
        (Op::Auto, ..) => either(Op::Equals, value),
        _ => either(op, value),
    }
}

impl Scan<'_> {
    /// The value that begins at a word, as it was typed, and the position of the word after it.
    pub(super) fn value(&self, at: usize, case: Case) -> Option<(String, usize)> {
        let first = self.lexemes.get(at)?;
        if first.token.quoted {
            return Some((self.question.get(first.token.start..first.token.end)?.trim().to_owned(), at + 1));
        }
        let small =
            !first.token.capital && !first.token.key.starts_with(|c: char| c.is_ascii_digit() || c == '+');
        if small && case == Case::Capital || !self.begins_value(at) {
            return None;
        }
        if self.is_unspaced() {
            return self.unspaced_value(at, case);
        }
        let mut next = at + 1;
        let mut plain = self.is_plain(at);
        while self.goes_on(at, next, small, case) {
            plain |= self.is_plain(next);
            next += 1;
        }
        let last = self.lexemes.get(next - 1)?;
        let value = self.question.get(first.token.start..last.token.end)?;
        plain.then(|| (value.to_owned(), next))
    }

    fn is_unspaced(&self) -> bool {
        matches!(self.language, Language::Chinese | Language::Japanese)
    }

    /// A value of a script without spaces. If a single character of the vocabulary touches it, that may be part of the
    /// value, so only characters that join words are allowed there.
    fn unspaced_value(&self, at: usize, case: Case) -> Option<(String, usize)> {
        const JOINTS: &str = "的了是在有或和且从叫按は是含の が をにでとも与";
        let mut next = at + 1;
        while self.lexemes.get(next).is_some_and(|lexeme| {
            let touches = self.lexemes[next - 1].token.end == lexeme.token.start;
            let unknown = matches!(lexeme.meaning, Meaning::Unknown | Meaning::Title | Meaning::Number(_));
            touches && (unknown && !lexeme.token.quoted || lexeme.token.key == "为")
        }) {
            next += 1;
        }
        let (first, last) = (self.lexemes.get(at)?, self.lexemes.get(next - 1)?);
        let single = |at: usize| {
            self.lexemes.get(at).is_some_and(|lexeme| {
                let mut letters = lexeme.token.key.chars();
                let letter = letters.next().filter(|_| letters.next().is_none());
                letter.is_some_and(|c| super::tokens::is_cjk(c) && !JOINTS.contains(c) && c != '为')
            })
        };
        if at > 0 && single(at - 1) || single(next) {
            return None;
        }
        let value = self.question.get(first.token.start..last.token.end)?;
        // Longer ones contain more than a name, as far as can be told.
        let han = value.chars().filter(|c| matches!(c, '\u{3400}'..='\u{9fff}')).count();
        (han <= if case == Case::Any { 8 } else { 4 }).then(|| (value.to_owned(), next))
    }

    /// Whether it is not vocabulary. A misspelt word with a capital counts as a value.
    fn is_plain(&self, at: usize) -> bool {
        self.lexemes.get(at).is_some_and(|lexeme| {
            matches!(lexeme.meaning, Meaning::Unknown | Meaning::Title | Meaning::Number(_))
                || lexeme.fuzzy && at > 0
        })
    }

    fn is_capital_word(&self, at: usize) -> bool {
        self.language != Language::German
            && self
                .lexemes
                .get(at)
                .is_some_and(|lexeme| lexeme.token.capital && !lexeme.meaning.is_function())
            && self.lexemes.iter().filter(|lexeme| lexeme.token.capital).count() * 2 <= self.lexemes.len() + 1
    }

    fn begins_value(&self, at: usize) -> bool {
        let Some(lexeme) = self.lexemes.get(at) else { return false };
        let sign = |key: &str| !key.chars().any(char::is_alphanumeric);
        !sign(&lexeme.token.key) && (self.is_plain(at) || self.is_capital_word(at))
    }

    fn goes_on(&self, at: usize, next: usize, small: bool, case: Case) -> bool {
        let Some(lexeme) = self.lexemes.get(next) else { return false };
        let token = &lexeme.token;
        if token.quoted {
            return false;
        }
        let digits = token.key.starts_with(|c: char| c.is_ascii_digit());
        let capital = token.capital || digits;
        let after = self.lexemes.get(next + 1);
        let before_capital = after.is_some_and(|after| after.token.capital && !after.token.quoted);
        let touches = self.lexemes[next - 1].token.end == token.start;
        match lexeme.meaning {
            // "Johnson & Johnson", "Bank of America", "head of sales"
            Meaning::And if token.key == "&" => after.is_some(),
            Meaning::Of | Meaning::And if before_capital && !small => {
                lexeme.meaning == Meaning::Of && self.is_plain(next + 1)
                    || after.is_some_and(|after| is_company_part(&after.token.key))
            }
            Meaning::Of => {
                self.meaning(at) == Meaning::Title
                    && after.is_some_and(|after| matches!(after.meaning, Meaning::Unknown | Meaning::Title))
            }
            Meaning::Unknown | Meaning::Title | Meaning::Number(_)
                if !token.key.chars().any(char::is_alphanumeric) =>
            {
                false
            }
            Meaning::Unknown | Meaning::Title | Meaning::Number(_) if small => match case {
                Case::Any => !capital && next - at < MOST_SMALL_WORDS,
                _ => is_company_part(&token.key),
            },
            Meaning::Unknown | Meaning::Title | Meaning::Number(_) => {
                capital || touches || is_company_part(&token.key) || self.begins_small_particle(next)
            }
            _ if lexeme.fuzzy => token.capital && !small,
            _ => !small && self.is_capital_word(next),
        }
    }

    /// "von" in "Anna von Berg".
    fn begins_small_particle(&self, at: usize) -> bool {
        let next = self.lexemes.get(at + 1);
        self.lexemes[at].token.key.chars().count() <= 3
            && next.is_some_and(|next| {
                next.token.capital && next.meaning == Meaning::Unknown && !next.token.quoted
            })
    }

    pub(super) fn push_text(&mut self, field: TextField, op: Op, value: &str) {
        self.push(text_condition(field, op, value));
    }

    /// One value of a field or several, joined by or, and, commas.
    pub(super) fn field_values(&mut self, at: usize, field: FieldRef, op: Op) -> Result<usize, Unclear> {
        let case = if op == Op::Auto && !matches!(field, FieldRef::One(TextField::Title | TextField::Phone)) {
            Case::OneSmall
        } else {
            Case::Any
        };
        let (values, next) = self.values(at, case).ok_or(Unclear::Unfinished)?;
        let mut conditions = Vec::with_capacity(values.len());
        for value in values {
            conditions.push(match field {
                FieldRef::Name => name_condition(op, &value),
                FieldRef::One(TextField::Email)
                    if op == Op::Ends || op == Op::Auto && value.starts_with('@') =>
                {
                    let domain = value.trim_start_matches('@');
                    if !is_domain(domain) {
                        return Err(Unclear::NotUnderstood);
                    }
                    text_condition(TextField::EmailDomain, Op::Equals, domain)
                }
                FieldRef::One(_) if op == Op::Ends => return Err(Unclear::NotUnderstood),
                FieldRef::One(field) => text_condition(field, op, &value),
            });
        }
        self.push(any(conditions));
        Ok(next)
    }

    /// A value, and more of the same kind if it continues with "or", "and" or commas.
    pub(super) fn values(&self, at: usize, case: Case) -> Option<(Vec<String>, usize)> {
        let (first, mut next) = self.value(at, case)?;
        let mut values = vec![first];
        loop {
            let mut joint = next;
            while matches!(self.meaning(joint), Meaning::Or | Meaning::And | Meaning::Comma) {
                joint += 1;
            }
            let more = (joint > next && self.meaning(joint) != Meaning::Title || values.is_empty())
                .then(|| self.value(joint, case))
                .flatten();
            // "Acme, how many …" ends the list; "Bosch, Siemens or …" continues
            match more {
                Some((value, end)) if self.is_alternative(joint) => {
                    values.push(value);
                    next = end;
                }
                _ => return Some((values, next)),
            }
        }
    }

    fn is_alternative(&self, at: usize) -> bool {
        matches!(self.meaning(at), Meaning::Unknown | Meaning::Number(_))
            && self.lexemes.get(at).is_some_and(|lexeme| !lexeme.token.key.contains('@'))
    }

    /// The company after "at": a company, a domain of addresses, never a channel.
    pub(super) fn company_values(&mut self, at: usize) -> Result<usize, Unclear> {
        let next = self.skip(at);
        let article = next > at;
        let case = if article { Case::Capital } else { Case::OneSmall };
        let (values, end) = self.values(next, case).ok_or(Unclear::Unfinished)?;
        if values.iter().any(|value| is_channel(&crate::lead_index::fold_text(value))) {
            return Err(Unclear::NotUnderstood);
        }
        let conditions = values
            .iter()
            .map(|value| {
                if is_file(value) {
                    text_condition(TextField::SourceFile, Op::Equals, value)
                } else if is_domain(value) || value.starts_with('@') {
                    text_condition(TextField::EmailDomain, Op::Auto, value)
                } else if is_place(value)
                    && (self.is_unspaced() || self.meaning(at.saturating_sub(1)) != Meaning::At)
                {
                    text_condition(TextField::Remarks, Op::Contains, value)
                } else {
                    text_condition(TextField::Company, Op::Auto, value)
                }
            })
            .collect();
        self.push(any(conditions));
        Ok(end)
    }
}

/// Any of them, or the only one.
pub(super) fn any(mut conditions: Vec<Condition>) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        Some(last) => {
            conditions.push(last);
            Condition::Any(conditions)
        }
        None => Condition::Any(conditions),
    }
}
