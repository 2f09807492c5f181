//! The grammar: scans a question word by word and gathers conditions, order, number and grouping.

use easy_crm_shared::query::analysis::GroupKey;
use easy_crm_shared::query::condition::{Condition, DateField, SharedBy, TextField};
use easy_crm_shared::query::{SortField, SortOrder, Sorting};
use jiff::civil::Date;

use super::Unclear;
use super::words::{FieldRef, Language, Lexeme, Meaning, is_provider};

/// A condition, or what joins it to the previous one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Condition(Condition),
    And,
    Or,
}

/// What a question asks for besides its conditions.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "words that were seen, in no order")]
pub(super) struct Asks {
    pub(super) count: bool,
    pub(super) list: bool,
    pub(super) who: bool,
    pub(super) leads: bool,
    pub(super) single: bool,
    pub(super) only: bool,
    pub(super) those: bool,
    pub(super) follows: bool,
    pub(super) created: bool,
    pub(super) updated: bool,
    pub(super) newest: bool,
    pub(super) oldest: bool,
    pub(super) first: bool,
    pub(super) top: bool,
    pub(super) most: bool,
    pub(super) fewest: bool,
    pub(super) distinct: bool,
    pub(super) by_count: bool,
    pub(super) number: Option<u32>,
    pub(super) sort: Option<Sorting>,
    pub(super) group: Option<GroupKey>,
    /// A field on its own: the group key, if other words say so.
    pub(super) bare: Option<GroupKey>,
    pub(super) search: Option<String>,
    /// A value that replaces that of the last question.
    pub(super) instead: Option<String>,
}

/// A question being scanned.
pub(super) struct Scan<'a> {
    pub(super) question: &'a str,
    pub(super) language: Language,
    pub(super) today: Date,
    pub(super) lexemes: Vec<Lexeme>,
    pub(super) at: usize,
    pub(super) pieces: Vec<Piece>,
    pub(super) not: bool,
    pub(super) asks: Asks,
}

impl<'a> Scan<'a> {
    pub(super) fn new(question: &'a str, language: Language, today: Date) -> Self {
        Self {
            question,
            language,
            today,
            lexemes: language.read(question),
            at: 0,
            pieces: Vec::new(),
            not: false,
            asks: Asks::default(),
        }
    }

    pub(super) fn meaning(&self, at: usize) -> Meaning {
        self.lexemes.get(at).map_or(Meaning::End, |lexeme| lexeme.meaning)
    }

    /// The position of the next word that is not a filler.
    pub(super) fn skip(&self, mut at: usize) -> usize {
        while self.meaning(at) == Meaning::Noise {
            at += 1;
        }
        at
    }

    pub(super) fn skip_of(&self, mut at: usize) -> usize {
        while matches!(self.meaning(at), Meaning::Noise | Meaning::Of) {
            at += 1;
        }
        at
    }

    pub(super) fn push(&mut self, condition: Condition) {
        let condition =
            if std::mem::take(&mut self.not) { Condition::Not(Box::new(condition)) } else { condition };
        self.pieces.push(Piece::Condition(condition));
    }

    /// Scans all words.
    pub(super) fn run(mut self) -> Result<Self, Unclear> {
        let begin = self.skip(0);
        self.asks.follows = matches!(self.meaning(begin), Meaning::And | Meaning::But | Meaning::WhatAbout);
        while self.at < self.lexemes.len() {
            self.at = self.step()?;
        }
        if self.not { Err(Unclear::Unfinished) } else { Ok(self) }
    }

    /// Parses what begins at the current word; returns where the next begins.
    fn step(&mut self) -> Result<usize, Unclear> {
        let at = self.at;
        if let Some((range, next)) = self.date(at)? {
            // The field is decided at the end, when all words are known.
            self.push(Condition::Date { field: DateField::CreatedAt, range });
            return Ok(next);
        }
        let next = at + 1;
        match self.meaning(at) {
            Meaning::Noise | Meaning::Stop | Meaning::Is | Meaning::Comma | Meaning::Group => {}
            Meaning::Reject => return Err(Unclear::NotInTheLeads),
            Meaning::And | Meaning::But => self.join(Piece::And),
            Meaning::Or => self.join(Piece::Or),
            Meaning::Only => self.asks.only = true,
            Meaning::Those => self.asks.those = true,
            Meaning::WhatAbout => self.asks.follows = true,
            Meaning::Count => self.asks.count = true,
            Meaning::List => self.asks.list = true,
            Meaning::Find | Meaning::Search => return Ok(self.find(at)),
            Meaning::Who => self.asks.who = true,
            Meaning::Leads => self.asks.leads = true,
            Meaning::Lead => (self.asks.leads, self.asks.single) = (true, true),
            Meaning::Not => self.not = !self.not,
            Meaning::Except => {
                self.not = !self.not;
                let value = self.skip(next);
                if self.meaning(value) == Meaning::Unknown
                    && self.value(value, super::values::Case::Capital).is_some()
                {
                    return self.company_values(value);
                }
            }
            Meaning::To if self.lexemes[at].token.key.starts_with(['-', '–']) => {}
            Meaning::Created => self.asks.created = true,
            Meaning::Updated => self.asks.updated = true,
            Meaning::Newest => self.asks.newest = true,
            Meaning::Oldest => self.asks.oldest = true,
            Meaning::Recent => self.asks.newest = true,
            Meaning::First => self.asks.first = true,
            Meaning::Last => self.asks.newest = true,
            Meaning::Top => self.asks.top = true,
            Meaning::Most | Meaning::Common => self.asks.most = true,
            Meaning::Fewest => self.asks.fewest = true,
            Meaning::Distinct => self.asks.distinct = true,
            Meaning::Number(n) => return self.number(at, n),
            Meaning::By | Meaning::Per => return self.by(at),
            Meaning::Sort => return self.sort(at),
            Meaning::Alphabetical => {
                let by = Sorting { sort_by: SortField::LastName, sort_order: SortOrder::Asc };
                self.asks.sort = self.asks.sort.or(Some(by));
            }
            Meaning::Ascending => return self.direction(SortOrder::Asc, next),
            Meaning::Descending => return self.direction(SortOrder::Desc, next),
            Meaning::Of => return self.of(at),
            Meaning::At => return self.at_company(at),
            Meaning::From => return self.from(at),
            Meaning::In | Meaning::On => return self.inside(at),
            Meaning::Named => return self.named(at),
            Meaning::With | Meaning::Without | Meaning::Missing | Meaning::Neither => return self.with(at),
            Meaning::Uses => return self.uses(at),
            Meaning::Field(field) => return self.field(at, field),
            Meaning::Domain => return self.domain(at),
            Meaning::File => return self.file(at),
            Meaning::Duplicate | Meaning::Same => return self.duplicates(at),
            Meaning::Title => return self.titles(at),
            Meaning::Unknown => return self.unknown(at),
            _ => return Err(Unclear::NotUnderstood),
        }
        Ok(next)
    }

    fn join(&mut self, piece: Piece) {
        if self.pieces.is_empty() {
            return;
        }
        self.pieces.push(piece);
    }

    fn number(&mut self, at: usize, n: u32) -> Result<usize, Unclear> {
        if self.asks.number.replace(n).is_some() || n == 0 {
            return Err(Unclear::NotUnderstood);
        }
        Ok(at + 1)
    }

    fn sort_field(&self, at: usize) -> Option<SortField> {
        match self.meaning(at) {
            Meaning::Field(FieldRef::One(field)) => field.lead_field().map(SortField::from),
            Meaning::Field(FieldRef::Name) => Some(SortField::LastName),
            Meaning::Created => Some(SortField::CreatedAt),
            Meaning::Updated => Some(SortField::UpdatedAt),
            _ => None,
        }
    }

    /// "sorted by company descending".
    fn sort(&mut self, at: usize) -> Result<usize, Unclear> {
        let mut next = self.skip(at + 1);
        while matches!(
            self.meaning(next),
            Meaning::Those | Meaning::By | Meaning::Leads | Meaning::Alphabetical | Meaning::In
        ) {
            self.asks.those |= self.meaning(next) == Meaning::Those;
            self.asks.leads |= self.meaning(next) == Meaning::Leads;
            next = self.skip(next + 1);
        }
        if matches!(self.meaning(next), Meaning::Newest | Meaning::Oldest | Meaning::Recent) {
            return Ok(next);
        }
        if self.meaning(next) == Meaning::Count {
            self.asks.by_count = true;
            return Ok(next + 1);
        }
        let sort_by = self.sort_field(next).ok_or(Unclear::Unfinished)?;
        self.set_sort(sort_by)?;
        Ok(next + 1)
    }

    pub(super) fn set_sort(&mut self, sort_by: SortField) -> Result<(), Unclear> {
        let by_time = matches!(sort_by, SortField::CreatedAt | SortField::UpdatedAt);
        let sort_order = if by_time { SortOrder::Desc } else { SortOrder::Asc };
        match self.asks.sort.replace(Sorting { sort_by, sort_order }) {
            Some(before) if before.sort_by != SortField::LastName => Err(Unclear::NotUnderstood),
            _ => Ok(()),
        }
    }

    fn direction(&mut self, order: SortOrder, next: usize) -> Result<usize, Unclear> {
        self.asks.sort.as_mut().ok_or(Unclear::Unfinished)?.sort_order = order;
        Ok(next)
    }

    /// "find Maria Lopez", "search for solar".
    fn find(&mut self, at: usize) -> usize {
        let search = self.meaning(at) == Meaning::Search;
        let next = self.skip(at + 1);
        let value =
            self.value(next, if search { super::values::Case::Any } else { super::values::Case::Capital });
        match value {
            Some((value, end)) if self.asks.search.is_none() && self.meaning(next) == Meaning::Unknown => {
                self.asks.search = Some(value);
                end
            }
            _ => {
                self.asks.list = true;
                at + 1
            }
        }
    }

    /// "duplicates by phone", "the same phone number".
    fn duplicates(&mut self, at: usize) -> Result<usize, Unclear> {
        let same = self.meaning(at) == Meaning::Same;
        let mut next = self.skip_of(at + 1);
        while matches!(self.meaning(next), Meaning::By | Meaning::With | Meaning::Same | Meaning::In)
            || matches!(self.meaning(next), Meaning::Leads | Meaning::Lead)
                && matches!(self.meaning(self.skip(next + 1)), Meaning::By | Meaning::With | Meaning::Same)
        {
            next = self.skip_of(next + 1);
        }
        if let Meaning::Field(field) = self.meaning(next) {
            let shared = shared_by(field)?;
            self.push(Condition::SharedBy(shared));
            return Ok(next + 1);
        }
        if same {
            return Err(Unclear::Unfinished);
        }
        if next != self.skip_of(at + 1) {
            next = at + 1;
        }
        self.push(Condition::Any(vec![
            Condition::SharedBy(SharedBy::Phone),
            Condition::SharedBy(SharedBy::Name),
        ]));
        self.asks.leads = true;
        Ok(next.max(at + 1))
    }

    fn unknown(&mut self, at: usize) -> Result<usize, Unclear> {
        let key = self.lexemes[at].token.key.clone();
        let quoted = self.lexemes[at].token.quoted;
        if !quoted {
            if let Some(domain) = key.strip_prefix('@').filter(|domain| domain.contains('.')) {
                self.push_text(TextField::EmailDomain, super::values::Op::Equals, domain);
                return Ok(at + 1);
            }
            if key.contains('@') {
                return self.field_values(at, FieldRef::One(TextField::Email), super::values::Op::Auto);
            }
            if matches!(
                self.meaning(at + 1),
                Meaning::Field(FieldRef::One(TextField::Email)) | Meaning::Address | Meaning::Domain
            ) && (is_provider(&key) || key.contains('.'))
            {
                self.push_text(TextField::EmailDomain, super::values::Op::Auto, &key);
                return Ok(at + 2);
            }
        }
        let follows = self.asks.follows && self.pieces.is_empty();
        if let Some((value, next)) = self.value(at, super::values::Case::Capital) {
            if at == self.skip(0) && self.meaning(next) == Meaning::Is {
                self.push_text(TextField::Company, super::values::Op::Auto, &value);
                return Ok(next + 1);
            }
            if follows && self.asks.instead.is_none() {
                self.asks.instead = Some(value);
                return Ok(next);
            }
        }
        Err(Unclear::NotUnderstood)
    }
}

pub(super) fn shared_by(field: FieldRef) -> Result<SharedBy, Unclear> {
    match field {
        FieldRef::One(TextField::Phone) => Ok(SharedBy::Phone),
        FieldRef::Name => Ok(SharedBy::Name),
        FieldRef::One(TextField::Email) => Err(Unclear::SharedAddress),
        FieldRef::One(_) => Err(Unclear::NotUnderstood),
    }
}
