//! Builds a query from what was gathered: joined conditions, order, number, groups.

use easy_crm_shared::chat::ChatContext;
use easy_crm_shared::query::analysis::{
    DEFAULT_GROUPS, GroupBy, GroupKey, GroupOrder, LeadAnalysis, MAX_GROUPS,
};
use easy_crm_shared::query::condition::{Condition, DateField};
use easy_crm_shared::query::{SortField, SortOrder, Sorting};

use super::Unclear;
use super::follow_up;
use super::said::{Said, slot};
use super::scan::{Piece, Scan};
use super::values::any;

impl Scan<'_> {
    /// Builds the query from the scanned words.
    pub(super) fn finish(
        mut self,
        context: Option<&ChatContext>,
        utc_offset_minutes: i32,
    ) -> Result<ChatContext, Unclear> {
        let conditions = self.conditions()?;
        let group = self.group()?;
        let (sorting, limit) = self.order(group.is_some())?;
        let asks = &self.asks;
        if asks.only && conditions.is_empty() && limit.is_none() && sorting.is_none() && asks.search.is_none()
        {
            return Err(Unclear::Unfinished);
        }
        let said = Said {
            words: asks.search.clone(),
            sorting,
            limit,
            analysis: match group {
                Some(group) => Some(LeadAnalysis::GroupBy(group)),
                None if asks.count => Some(LeadAnalysis::Count),
                None if asks.list => Some(LeadAnalysis::List),
                None => None,
            },
            conditions,
        };
        let says = !said.conditions.is_empty()
            || said.words.is_some()
            || said.sorting.is_some()
            || said.analysis.is_some();
        if !says && !asks.leads && asks.instead.is_none() {
            return Err(Unclear::NotUnderstood);
        }
        let refers = asks.only || asks.those || asks.follows;
        // "Who has no phone?" asks about all leads, though "who has" is otherwise only one way to say "with".
        let who = asks.who || self.lexemes.first().is_some_and(|first| first.token.key.starts_with("who "));
        let subject = asks.leads || who || asks.list || asks.count || asks.search.is_some() || asks.top;
        let lone_count = asks.count && !asks.leads && said.conditions.is_empty() && group.is_none();
        let refines =
            refers || !subject && !said.conditions.iter().any(is_whole) || lone_count && !asks.distinct;
        match context {
            Some(context) if refines => follow_up::refine(context, said, &self, utc_offset_minutes),
            None if asks.those || asks.instead.is_some() || asks.follows && !asks.leads => {
                Err(Unclear::Unfinished)
            }
            _ if asks.instead.is_some() => Err(Unclear::Unfinished),
            _ => Ok(said.alone(utc_offset_minutes)),
        }
    }

    /// The conditions, joined; all of them have to be met.
    fn conditions(&mut self) -> Result<Vec<Condition>, Unclear> {
        let mut pieces = std::mem::take(&mut self.pieces);
        let dated = |piece: &Piece| matches!(piece, Piece::Condition(condition) if is_date(condition));
        if self.asks.updated {
            if self.asks.created {
                return Err(Unclear::NotUnderstood);
            }
            pieces.iter_mut().for_each(|piece| {
                if let Piece::Condition(condition) = piece {
                    of_updates(condition);
                }
            });
        }
        let has_date = pieces.iter().any(dated);
        let asks = &self.asks;
        let placed = |condition: &Condition| {
            matches!(
                condition,
                Condition::Text { field: easy_crm_shared::query::condition::TextField::SourceFile, .. }
            )
        };
        let from_file =
            pieces.iter().any(|piece| matches!(piece, Piece::Condition(condition) if placed(condition)));
        let timed = asks.newest || asks.oldest || asks.first || asks.sort.is_some();
        if asks.updated && !has_date && !timed
            || asks.created && !has_date && !timed && asks.group.is_none() && !from_file
        {
            return Err(Unclear::NotUnderstood);
        }
        if matches!(pieces.last(), Some(Piece::And | Piece::Or)) {
            return Err(Unclear::Unfinished);
        }
        join(pieces)
    }

    fn group(&self) -> Result<Option<GroupBy>, Unclear> {
        let asks = &self.asks;
        let ranked = asks.most || asks.fewest || asks.distinct || asks.top || asks.by_count;
        let key = match (asks.group, asks.bare) {
            (Some(group), Some(bare)) if group != bare => return Err(Unclear::NotUnderstood),
            (Some(group), _) => group,
            (None, Some(bare)) => {
                let told = matches!(
                    bare,
                    GroupKey::Company | GroupKey::Title | GroupKey::EmailDomain | GroupKey::SourceFile
                );
                let asked = told && (asks.list || asks.count || asks.who) && !asks.leads;
                if !ranked && !asked {
                    return Err(Unclear::Unfinished);
                }
                bare
            }
            (None, None) if asks.most || asks.fewest || asks.distinct || asks.by_count => {
                return Err(Unclear::RankedByWhat);
            }
            (None, None) if asks.top && !asks.newest && !asks.oldest => return Err(Unclear::RankedByWhat),
            (None, None) => return Ok(None),
        };
        let (usual, order) = match key {
            GroupKey::CreatedDay => (30, GroupOrder::ByKeyDescending),
            GroupKey::CreatedWeek | GroupKey::CreatedMonth => (12, GroupOrder::ByKeyDescending),
            _ => (DEFAULT_GROUPS, GroupOrder::LargestFirst),
        };
        let order = match (asks.fewest, asks.most) {
            (true, true) => return Err(Unclear::NotUnderstood),
            (true, false) => GroupOrder::SmallestFirst,
            (false, true) => GroupOrder::LargestFirst,
            (false, false) => order,
        };
        let one = (asks.most || asks.fewest) && self.is_singular_field();
        let limit = asks.number.unwrap_or(if one { 1 } else { usual });
        if limit > MAX_GROUPS {
            return Err(Unclear::NotUnderstood);
        }
        Ok(Some(GroupBy { by: key, limit, order }))
    }

    /// "which company has the most": English distinguishes one from many.
    fn is_singular_field(&self) -> bool {
        self.lexemes.iter().any(|lexeme| matches!(lexeme.token.key.as_str(), "company" | "domain" | "file"))
            && self.asks.group.is_none()
    }

    fn order(&self, grouped: bool) -> Result<(Option<Sorting>, Option<u64>), Unclear> {
        let asks = &self.asks;
        let by = if asks.updated { SortField::UpdatedAt } else { SortField::CreatedAt };
        let time = |sort_order| Some(Sorting { sort_by: by, sort_order });
        let sorting = match (asks.newest, asks.oldest, asks.sort) {
            (true, true, _) => return Err(Unclear::NotUnderstood),
            (true, false, None) => time(SortOrder::Desc),
            (false, true, None) => time(SortOrder::Asc),
            (false, false, sort) => sort,
            _ => return Err(Unclear::NotUnderstood),
        };
        if grouped {
            // "latest groups" has no meaning here
            return if sorting.is_some() || asks.first {
                Err(Unclear::NotUnderstood)
            } else {
                Ok((None, None))
            };
        }
        let limit = match asks.number {
            Some(n) if sorting.is_some() => Some(u64::from(n)),
            Some(_) => return Err(Unclear::RankedByWhat),
            None if (asks.newest || asks.oldest) && asks.single => Some(1),
            None if asks.first => return Err(Unclear::NotUnderstood),
            None => None,
        };
        Ok((sorting, limit))
    }
}

fn is_date(condition: &Condition) -> bool {
    match condition {
        Condition::Not(inner) => is_date(inner),
        Condition::Date { .. } => true,
        _ => false,
    }
}

/// Whether it is about one lead, whatever was asked before.
fn is_whole(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::SharedBy(_)
            | Condition::Text {
                field: easy_crm_shared::query::condition::TextField::Email,
                test: easy_crm_shared::query::condition::TextTest::Equals(_)
            }
    )
}

fn of_updates(condition: &mut Condition) {
    match condition {
        Condition::Not(inner) => of_updates(inner),
        Condition::Date { field, .. } => *field = DateField::UpdatedAt,
        _ => {}
    }
}

/// Joins conditions: `or` only between tests of one field, or between all of them.
fn join(pieces: Vec<Piece>) -> Result<Vec<Condition>, Unclear> {
    let count = pieces.iter().filter(|piece| matches!(piece, Piece::Condition(_))).count();
    let ors = pieces.iter().filter(|piece| **piece == Piece::Or).count();
    let mut joined: Vec<Condition> = Vec::new();
    let all_or = ors > 0 && ors + 1 == count;
    let mut joint: Option<Piece> = None;
    for piece in pieces {
        let condition = match piece {
            Piece::Condition(condition) => condition,
            Piece::Or => {
                joint = Some(Piece::Or);
                continue;
            }
            Piece::And => {
                joint = joint.or(Some(Piece::And));
                continue;
            }
        };
        let same = joined.last().is_some_and(|last| slot(last).is_some() && slot(last) == slot(&condition));
        let value = slot(&condition).is_some_and(|slot| slot.is_value());
        match (joint.take(), joined.pop()) {
            (Some(Piece::Or), Some(last)) if same || all_or => joined.push(or(last, condition)),
            (Some(Piece::Or), Some(_)) => return Err(Unclear::MixedJoints),
            // "at Google and at Apple", "directors and engineers": no lead is both
            (Some(Piece::And), Some(last)) if same && value => joined.push(or(last, condition)),
            (_, Some(last)) => joined.extend([last, condition]),
            (_, None) => joined.push(condition),
        }
    }
    Ok(joined)
}

fn or(first: Condition, second: Condition) -> Condition {
    match first {
        Condition::Any(mut parts) => {
            parts.push(second);
            any(parts)
        }
        first => any(vec![first, second]),
    }
}
