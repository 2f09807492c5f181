//! The JSON form of a [`Condition`]: one flat object, so that parse errors name the field at fault instead of saying
//! just "no variant matched".

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::{Condition, DateField, DateRange, SharedBy, TextField, TextOp, TextTest, TimeSpan, TimeUnit};

/// All fields a condition can have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConditionWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    any: Option<Vec<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not: Option<Box<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<TextOp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<TimeSpan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    this: Option<TimeUnit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<TimeUnit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_by: Option<SharedBy>,
}

/// A field a condition can name.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
enum Field {
    FirstName,
    LastName,
    Title,
    Company,
    Email,
    Phone,
    Remarks,
    EmailDomain,
    SourceFile,
    CreatedAt,
    UpdatedAt,
}

impl Field {
    fn text(self) -> Option<TextField> {
        <&str>::from(self).parse().ok()
    }

    const fn date(self) -> DateField {
        if matches!(self, Self::UpdatedAt) { DateField::UpdatedAt } else { DateField::CreatedAt }
    }

    fn of_text(field: TextField) -> Self {
        match field {
            TextField::FirstName => Self::FirstName,
            TextField::LastName => Self::LastName,
            TextField::Title => Self::Title,
            TextField::Company => Self::Company,
            TextField::Email => Self::Email,
            TextField::Phone => Self::Phone,
            TextField::Remarks => Self::Remarks,
            TextField::EmailDomain => Self::EmailDomain,
            TextField::SourceFile => Self::SourceFile,
        }
    }
}

const ONE_MEANING: &str =
    "a condition is one of all, any, not, ids, uploadId, sharedBy, or a field with its test";
const NO_OP: &str = "op is missing: contains, equals, startsWith, isEmpty or isNotEmpty";
const NO_VALUE: &str = "value is missing";
const NEEDLESS_VALUE: &str = "isEmpty and isNotEmpty take no value";
const NO_RANGE: &str = "a time takes from and to, or last, or this, or previous";

impl TryFrom<ConditionWire> for Condition {
    type Error = &'static str;

    fn try_from(wire: ConditionWire) -> Result<Self, Self::Error> {
        let is_test = wire.field.is_some();
        let meanings = [
            wire.all.is_some(),
            wire.any.is_some(),
            wire.not.is_some(),
            is_test,
            wire.ids.is_some(),
            wire.upload_id.is_some(),
            wire.shared_by.is_some(),
        ];
        let has_range = wire.from.is_some()
            || wire.to.is_some()
            || wire.last.is_some()
            || wire.this.is_some()
            || wire.previous.is_some();
        let has_test = wire.op.is_some() || wire.value.is_some() || has_range;
        if meanings.into_iter().filter(|meant| *meant).count() != 1 || (has_test && !is_test) {
            return Err(ONE_MEANING);
        }
        if let Some(field) = wire.field {
            return match field.text() {
                Some(_) if has_range => Err("only createdAt and updatedAt take a range of time"),
                Some(field) => Ok(Self::Text { field, test: text_test(wire.op, wire.value)? }),
                None if wire.op.is_some() || wire.value.is_some() => Err(NO_RANGE),
                None => Ok(Self::Date { field: field.date(), range: date_range(wire)? }),
            };
        }
        Ok(match wire {
            ConditionWire { all: Some(all), .. } => Self::All(all),
            ConditionWire { any: Some(any), .. } => Self::Any(any),
            ConditionWire { not: Some(not), .. } => Self::Not(not),
            ConditionWire { ids: Some(ids), .. } => Self::Ids(ids),
            ConditionWire { upload_id: Some(upload_id), .. } => Self::UploadId(upload_id),
            ConditionWire { shared_by: Some(shared_by), .. } => Self::SharedBy(shared_by),
            _ => return Err(ONE_MEANING),
        })
    }
}

fn text_test(op: Option<TextOp>, value: Option<String>) -> Result<TextTest, &'static str> {
    match (op.ok_or(NO_OP)?, value) {
        (TextOp::Contains, value) => value.map(TextTest::Contains).ok_or(NO_VALUE),
        (TextOp::Equals, value) => value.map(TextTest::Equals).ok_or(NO_VALUE),
        (TextOp::StartsWith, value) => value.map(TextTest::StartsWith).ok_or(NO_VALUE),
        (TextOp::IsEmpty | TextOp::IsNotEmpty, Some(_)) => Err(NEEDLESS_VALUE),
        (TextOp::IsEmpty, None) => Ok(TextTest::IsEmpty),
        (TextOp::IsNotEmpty, None) => Ok(TextTest::IsNotEmpty),
    }
}

fn date_range(wire: ConditionWire) -> Result<DateRange, &'static str> {
    match (wire.from, wire.to, wire.last, wire.this, wire.previous) {
        (None, None, Some(span), None, None) => Ok(DateRange::Last(span)),
        (None, None, None, Some(unit), None) => Ok(DateRange::This(unit)),
        (None, None, None, None, Some(unit)) => Ok(DateRange::Previous(unit)),
        (None, None, None, None, None) => Err(NO_RANGE),
        (from, to, None, None, None) => Ok(DateRange::Between { from, to }),
        _ => Err(NO_RANGE),
    }
}

impl From<Condition> for ConditionWire {
    fn from(condition: Condition) -> Self {
        let none = Self::default();
        match condition {
            Condition::All(all) => Self { all: Some(all), ..none },
            Condition::Any(any) => Self { any: Some(any), ..none },
            Condition::Not(not) => Self { not: Some(not), ..none },
            Condition::Text { field, test } => Self {
                field: Some(Field::of_text(field)),
                op: Some(test.op()),
                value: test.value().map(str::to_owned),
                ..none
            },
            Condition::Date { field, range } => {
                let field = Some(match field {
                    DateField::CreatedAt => Field::CreatedAt,
                    DateField::UpdatedAt => Field::UpdatedAt,
                });
                match range {
                    DateRange::Between { from, to } => Self { field, from, to, ..none },
                    DateRange::Last(span) => Self { field, last: Some(span), ..none },
                    DateRange::This(unit) => Self { field, this: Some(unit), ..none },
                    DateRange::Previous(unit) => Self { field, previous: Some(unit), ..none },
                }
            }
            Condition::Ids(ids) => Self { ids: Some(ids), ..none },
            Condition::UploadId(upload_id) => Self { upload_id: Some(upload_id), ..none },
            Condition::SharedBy(shared_by) => Self { shared_by: Some(shared_by), ..none },
        }
    }
}
