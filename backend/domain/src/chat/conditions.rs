//! Conditions in questions: "at Acme", "without phone", "whose title contains engineer", "in Berlin".

use easy_crm_shared::query::condition::{Condition, TextField, TextTest};

use super::Unclear;
use super::scan::{Scan, shared_by};
use super::values::{Case, Op, any, is_domain, is_file, name_condition, text_condition};
use super::words::{FieldRef, Language, Meaning, is_place, is_provider, is_title_part, title_singular};

fn presence(field: FieldRef, present: bool) -> Condition {
    let one = |field| Condition::Text {
        field,
        test: if present { TextTest::IsNotEmpty } else { TextTest::IsEmpty },
    };
    let names = || vec![one(TextField::FirstName), one(TextField::LastName)];
    match field {
        FieldRef::One(field) => one(field),
        FieldRef::Name if present => Condition::Any(names()),
        FieldRef::Name => Condition::All(names()),
    }
}

impl Scan<'_> {
    fn field_at(&self, at: usize) -> Option<FieldRef> {
        match self.meaning(at) {
            Meaning::Field(field) => Some(field),
            _ => None,
        }
    }

    /// "with a phone", "without email or phone", "missing company", "neither … nor …", "with last name Schmidt".
    pub(super) fn with(&mut self, at: usize) -> Result<usize, Unclear> {
        let word = self.meaning(at);
        let mut first = self.skip_of(at + 1);
        if word == Meaning::With {
            match self.meaning(first) {
                Meaning::Without
                | Meaning::Missing
                | Meaning::Neither
                | Meaning::Duplicate
                | Meaning::Same => return Ok(first),
                Meaning::Not => return Ok(first),
                Meaning::Most | Meaning::Fewest => return Ok(first),
                Meaning::Unknown => return self.with_value(first, true),
                Meaning::Domain | Meaning::Title | Meaning::Named => return Ok(first),
                Meaning::File => return Err(Unclear::NotUnderstood),
                _ => {}
            }
        }
        if word == Meaning::Without && self.meaning(first) == Meaning::Unknown {
            return self.with_value(first, false);
        }
        if word == Meaning::Missing && self.field_at(first).is_none() {
            return Err(Unclear::Unfinished);
        }
        if matches!(self.meaning(first), Meaning::Present) {
            first = self.skip(first + 1);
        }
        let field = self.field_at(first).ok_or(Unclear::NotUnderstood)?;
        if matches!(word, Meaning::With | Meaning::Without) && self.has_test(first + 1) {
            if word == Meaning::Without {
                self.not = !self.not;
            }
            return self.field(first, field);
        }
        let (fields, either, next) = self.fields(first, field, word);
        let present = word == Meaning::With;
        let conditions = fields.into_iter().map(|field| presence(field, present)).collect();
        let joined = match word {
            Meaning::With | Meaning::Missing if either => any(conditions),
            _ => match conditions.len() {
                1 => any(conditions),
                _ => Condition::All(conditions),
            },
        };
        self.push(joined);
        // "contacts with missing company" ends with the field; "phone missing" begins with it
        Ok(next)
    }

    /// "email or phone": the fields, whether any is enough, and the word after them.
    fn fields(&self, at: usize, field: FieldRef, word: Meaning) -> (Vec<FieldRef>, bool, usize) {
        let (mut fields, mut either, mut next) = (vec![field], false, at + 1);
        loop {
            let mut joint = self.skip(next);
            let mut joined = false;
            while matches!(self.meaning(joint), Meaning::And | Meaning::Or | Meaning::Nor | Meaning::Comma) {
                either |= self.meaning(joint) == Meaning::Or;
                joined = true;
                joint = self.skip(joint + 1);
            }
            // "no email and no phone", "with email and with phone"
            if joined && self.meaning(joint) == word && word != Meaning::Missing {
                joint = self.skip_of(joint + 1);
            }
            match self.field_at(joint) {
                Some(field) if joined && !self.has_test(joint + 1) => {
                    fields.push(field);
                    next = joint + 1;
                }
                _ => return (fields, either && fields_joined(at, next), next),
            }
        }
    }

    /// Whether a field is followed by a test: an operator, or a value.
    fn has_test(&self, at: usize) -> bool {
        match self.meaning(at) {
            Meaning::Contains | Meaning::Equals | Meaning::Starts | Meaning::Ends | Meaning::Named => true,
            Meaning::Unknown => self.begins_test_value(at),
            Meaning::At => self.lexemes.get(at + 1).is_some_and(|next| is_domain(&next.token.key)),
            Meaning::Is => !matches!(
                self.meaning(self.skip(at + 1)),
                Meaning::Missing | Meaning::Present | Meaning::End | Meaning::Stop
            ),
            _ => false,
        }
    }

    fn begins_test_value(&self, at: usize) -> bool {
        self.lexemes.get(at).is_some_and(|lexeme| {
            lexeme.token.quoted
                || lexeme.token.capital
                || lexeme.token.key.contains(['@', '.'])
                || lexeme.token.key.starts_with(|c: char| c.is_ascii_digit() || c == '+')
        })
    }

    /// "with gmail addresses", "with a +44 number".
    fn with_value(&mut self, at: usize, with: bool) -> Result<usize, Unclear> {
        let token = self.lexemes[at].token.clone();
        let typed = self.question[token.start..token.end].to_owned();
        let field = self.field_at(at + 1);
        let phone = field == Some(FieldRef::One(TextField::Phone))
            && token.key.starts_with(|c: char| c.is_ascii_digit() || c == '+');
        let mailbox = field == Some(FieldRef::One(TextField::Email))
            || matches!(self.meaning(at + 1), Meaning::Address | Meaning::Domain);
        let domain = token.key.trim_start_matches('@');
        let condition = if phone {
            text_condition(TextField::Phone, Op::Starts, &typed)
        } else if mailbox && (is_provider(domain) || is_domain(domain)) {
            text_condition(TextField::EmailDomain, Op::Auto, domain)
        } else if is_provider(domain) {
            self.not ^= !with;
            self.push_text(TextField::EmailDomain, Op::Auto, domain);
            return Ok(at + 1);
        } else {
            return Err(Unclear::NotUnderstood);
        };
        self.not ^= !with;
        self.push(condition);
        Ok(at + 2)
    }

    /// "uses gmail".
    pub(super) fn uses(&mut self, at: usize) -> Result<usize, Unclear> {
        self.with_value(self.skip(at + 1), true)
    }

    /// A field and what is said about it: "company is not Acme", "phone missing", "電話番号のない", "titles at Acme".
    pub(super) fn field(&mut self, at: usize, field: FieldRef) -> Result<usize, Unclear> {
        let mut next = self.skip(at + 1);
        let mut linked = false;
        let negated = self.not;
        loop {
            match self.meaning(next) {
                Meaning::Is => linked = true,
                Meaning::Not => (linked, self.not) = (true, !self.not),
                _ => break,
            }
            next = self.skip(next + 1);
        }
        match self.meaning(next) {
            Meaning::Missing | Meaning::Present => {
                let present = self.meaning(next) == Meaning::Present;
                self.push(presence(field, present));
                return Ok(next + 1);
            }
            Meaning::Duplicate | Meaning::Same => {
                let shared = shared_by(field)?;
                self.push(Condition::SharedBy(shared));
                return Ok(next + 1);
            }
            // Chinese and Japanese say "field per": 会社別
            Meaning::Per if matches!(self.language, Language::Japanese) => {
                self.asks.group = Some(super::groups::key_of(field).ok_or(Unclear::NotUnderstood)?);
                return Ok(next + 1);
            }
            Meaning::At if field == FieldRef::One(TextField::Email) => {
                let domain = self.lexemes.get(next + 1).map(|lexeme| lexeme.token.key.clone());
                if let Some(domain) = domain.filter(|domain| is_domain(domain)) {
                    self.push_text(TextField::EmailDomain, Op::Equals, &domain);
                    return Ok(next + 2);
                }
            }
            _ => {}
        }
        let op = match self.meaning(next) {
            Meaning::Contains => Some(Op::Contains),
            Meaning::Equals => Some(Op::Equals),
            Meaning::Starts => Some(Op::Starts),
            Meaning::Ends => Some(Op::Ends),
            Meaning::Named => Some(Op::Auto),
            _ => None,
        };
        if let Some(op) = op {
            let mut value = self.skip(next + 1);
            while matches!(self.meaning(value), Meaning::Is | Meaning::By) {
                value = self.skip(value + 1);
            }
            return self.field_values(value, field, op);
        }
        // Japanese puts the operator last: 会社がトヨタを含む
        if linked || self.begins_test_value(next) || self.meaning(next) == Meaning::Title {
            let begins = self.value(next, Case::Any).is_some();
            if begins && (linked || self.not == negated) {
                let end = self.values(next, Case::Any).map_or(next, |(_, end)| end);
                let op = match self.meaning(self.skip(end)) {
                    Meaning::Contains if self.language == Language::Japanese => Op::Contains,
                    Meaning::Starts if self.language == Language::Japanese => Op::Starts,
                    _ => Op::Auto,
                };
                let after = self.field_values(next, field, op)?;
                return Ok(if op == Op::Auto { after } else { self.skip(after) + 1 });
            }
            if linked && matches!(self.meaning(next), Meaning::Unknown | Meaning::Title) {
                return Err(Unclear::NotUnderstood);
            }
        }
        if self.not != negated {
            return Err(Unclear::NotUnderstood);
        }
        self.bare(super::groups::key_of(field).ok_or(Unclear::Unfinished)?)?;
        Ok(at + 1)
    }

    /// "email domain is bosch.de", "domain acme.com".
    pub(super) fn domain(&mut self, at: usize) -> Result<usize, Unclear> {
        let field = FieldRef::One(TextField::EmailDomain);
        let next = self.skip(at + 1);
        if let Some(lexeme) = self.lexemes.get(next) {
            let key = lexeme.token.key.trim_start_matches('@').to_owned();
            if lexeme.meaning == Meaning::Unknown && (is_domain(&key) || is_provider(&key)) {
                self.push_text(TextField::EmailDomain, Op::Auto, &key);
                return Ok(next + 1);
            }
        }
        self.field(at, field)
    }

    /// "the file messe.xlsx", "source file contains fair".
    pub(super) fn file(&mut self, at: usize) -> Result<usize, Unclear> {
        self.field(at, FieldRef::One(TextField::SourceFile))
    }

    /// "named Anna", "called Tom Becker".
    pub(super) fn named(&mut self, at: usize) -> Result<usize, Unclear> {
        let (values, next) = self.values(self.skip(at + 1), Case::OneSmall).ok_or(Unclear::Unfinished)?;
        self.push(any(values.iter().map(|value| name_condition(Op::Auto, value)).collect()));
        Ok(next)
    }

    /// "employees of Volkswagen"; before vocabulary "of" means nothing.
    pub(super) fn of(&mut self, at: usize) -> Result<usize, Unclear> {
        let next = self.skip(at + 1);
        if self.asks.leads
            && self.value(next, Case::Capital).is_some()
            && self.meaning(next) != Meaning::Title
        {
            return self.company_values(next);
        }
        Ok(at + 1)
    }

    pub(super) fn at_company(&mut self, at: usize) -> Result<usize, Unclear> {
        self.company_values(at + 1)
    }

    /// "from Google", "from leads.csv", "from each file", "from Germany".
    pub(super) fn from(&mut self, at: usize) -> Result<usize, Unclear> {
        let next = self.skip(at + 1);
        match self.meaning(next) {
            Meaning::Per | Meaning::File | Meaning::Those | Meaning::At | Meaning::Created => Ok(next),
            Meaning::Leads => Ok(next),
            Meaning::Field(FieldRef::One(TextField::Company)) | Meaning::Domain => Ok(next),
            _ => self.company_values(at + 1),
        }
    }

    /// "in Berlin", "in contacts.ods".
    pub(super) fn inside(&mut self, at: usize) -> Result<usize, Unclear> {
        let next = self.skip(at + 1);
        match self.meaning(next) {
            Meaning::File | Meaning::Alphabetical | Meaning::Field(_) | Meaning::Leads | Meaning::List => {
                return Ok(next);
            }
            Meaning::Ascending | Meaning::Descending => return Ok(next),
            _ => {}
        }
        let (values, end) = self.values(next, Case::OneSmall).ok_or(Unclear::Unfinished)?;
        let mut conditions = Vec::new();
        for (nth, value) in values.iter().enumerate() {
            if is_file(value) {
                conditions.push(text_condition(TextField::SourceFile, Op::Equals, value));
                continue;
            }
            // An unknown place has to be written like one.
            let written = nth > 0 || self.value(next, Case::Capital).is_some();
            let known = is_place(value);
            if !known && (!written || is_title_part(&crate::lead_index::fold_text(value)) || is_domain(value))
            {
                return Err(Unclear::NotUnderstood);
            }
            // "en Madrid" and "en Telefónica": the word is used for places and for companies.
            if !known && matches!(self.language, Language::Spanish | Language::French) {
                conditions.push(text_condition(TextField::Company, Op::Contains, value));
            }
            conditions.push(text_condition(TextField::Remarks, Op::Contains, value));
        }
        self.push(any(conditions));
        Ok(end)
    }

    /// "sales managers", "heads of sales": job titles on their own.
    pub(super) fn titles(&mut self, at: usize) -> Result<usize, Unclear> {
        let mut last = at;
        while self.meaning(last + 1) == Meaning::Title {
            last += 1;
        }
        let start = self.lexemes[at].token.start;
        let word = &self.lexemes[last].token;
        let typed = &self.question[word.start..word.end];
        let before = &self.question[start..word.start];
        let singular = title_singular(&word.key, typed).unwrap_or(typed);
        let mut value = format!("{before}{singular}");
        let mut next = last + 1;
        if is_title_part(&word.key) && !is_whole_title(&word.key) {
            return Err(Unclear::NotUnderstood);
        }
        let of = self.skip(next + 1);
        if self.meaning(next) == Meaning::Of && of == next + 1 {
            let after = self.lexemes.get(of).filter(|after| is_title_part(&after.token.key));
            if let Some(after) = after {
                value = format!("{value}{}", &self.question[word.end..after.token.end]);
                next = of + 1;
            }
        }
        self.asks.leads = true;
        self.push_text(TextField::Title, Op::Contains, &value);
        Ok(next)
    }
}

const fn fields_joined(first: usize, next: usize) -> bool {
    next > first + 1
}

fn is_whole_title(key: &str) -> bool {
    !is_title_part(key)
}
