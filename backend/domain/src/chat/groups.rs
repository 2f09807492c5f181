//! Groups in questions: "per company", "top 5 domains", "which companies have the most leads".

use easy_crm_shared::query::SortField;
use easy_crm_shared::query::analysis::GroupKey;
use easy_crm_shared::query::condition::TextField;

use super::Unclear;
use super::scan::Scan;
use super::words::{FieldRef, Meaning};

/// The group key of a field.
pub(super) const fn key_of(field: FieldRef) -> Option<GroupKey> {
    let FieldRef::One(field) = field else { return None };
    Some(match field {
        TextField::FirstName => GroupKey::FirstName,
        TextField::LastName => GroupKey::LastName,
        TextField::Title => GroupKey::Title,
        TextField::Company => GroupKey::Company,
        TextField::Email => GroupKey::Email,
        TextField::Phone => GroupKey::Phone,
        TextField::Remarks => GroupKey::Remarks,
        TextField::EmailDomain => GroupKey::EmailDomain,
        TextField::SourceFile => GroupKey::SourceFile,
    })
}

impl Scan<'_> {
    fn group_key(&self, at: usize) -> Option<GroupKey> {
        match self.meaning(at) {
            Meaning::Field(field) => key_of(field),
            Meaning::Domain => Some(GroupKey::EmailDomain),
            Meaning::File => Some(GroupKey::SourceFile),
            Meaning::Day => Some(GroupKey::CreatedDay),
            Meaning::Week => Some(GroupKey::CreatedWeek),
            Meaning::MonthUnit => Some(GroupKey::CreatedMonth),
            _ => None,
        }
    }

    /// "by company", "for each file", "by number of leads"; in German also "nach Firma sortiert".
    pub(super) fn by(&mut self, at: usize) -> Result<usize, Unclear> {
        let mut next = self.skip_of(at + 1);
        while matches!(self.meaning(next), Meaning::By | Meaning::Per | Meaning::Created) {
            next = self.skip_of(next + 1);
        }
        if self.meaning(next) == Meaning::Count {
            self.asks.by_count = true;
            return Ok(next + 1);
        }
        if self.meaning(self.skip(next + 1)) == Meaning::Sort
            && let Some(sort_by) = self.sort_by(next)
        {
            self.set_sort(sort_by)?;
            return Ok(self.skip(next + 1) + 1);
        }
        if self.asks.sort.is_some() {
            let sort_by = self.sort_by(next).ok_or(Unclear::NotUnderstood)?;
            self.set_sort(sort_by)?;
            return Ok(next + 1);
        }
        let key = self.group_key(next).ok_or(Unclear::NotUnderstood)?;
        if self.asks.group.replace(key).is_some() {
            return Err(Unclear::NotUnderstood);
        }
        Ok(next + 1)
    }

    fn sort_by(&self, at: usize) -> Option<SortField> {
        match self.meaning(at) {
            Meaning::Field(FieldRef::One(field)) => field.lead_field().map(SortField::from),
            Meaning::Field(FieldRef::Name) => Some(SortField::LastName),
            _ => None,
        }
    }

    /// A field on its own.
    pub(super) fn bare(&mut self, key: GroupKey) -> Result<(), Unclear> {
        match self.asks.bare.replace(key) {
            Some(before) if before != key => Err(Unclear::NotUnderstood),
            _ => Ok(()),
        }
    }
}
