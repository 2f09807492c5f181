//! The condition tree of a [`LeadQuery`](super::LeadQuery): tests on fields and times, joined by all, any and not.
//!
//! On the wire a condition is an object with exactly one meaning, recognised by its fields:
//! `{"all": […]}`, `{"any": […]}`, `{"not": {…}}`, `{"field": "company", "op": "contains", "value": "acme"}`,
//! `{"field": "createdAt", "last": {"n": 7, "unit": "day"}}`, `{"ids": […]}`, `{"uploadId": "…"}`,
//! `{"sharedBy": "phone"}`. Anything else does not parse.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

use crate::lead::LeadField;

mod wire;

use wire::ConditionWire;

/// What a lead has to fulfil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ConditionWire", into = "ConditionWire")]
pub enum Condition {
    /// Each of these; true when there is none.
    All(Vec<Condition>),
    /// At least one of these; false when there is none.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A text field passes a test.
    Text {
        /// The field.
        field: TextField,
        /// The test.
        test: TextTest,
    },
    /// A time lies in a range.
    Date {
        /// Which of the lead's times.
        field: DateField,
        /// The range.
        range: DateRange,
    },
    /// It is one of the leads with these ids.
    Ids(Vec<String>),
    /// It was last touched by this upload.
    UploadId(String),
    /// Another lead, of all there are, has the same.
    SharedBy(SharedBy),
}

/// A text a condition can test: the seven fields, and two that follow from them or from where the lead came from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum TextField {
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Job title.
    Title,
    /// Company.
    Company,
    /// E-mail address.
    Email,
    /// Telephone number; compared by digits wherever the value has any.
    Phone,
    /// Remarks.
    Remarks,
    /// What follows the `@` of the e-mail address.
    EmailDomain,
    /// Name of the file that last provided the data.
    SourceFile,
}

impl TextField {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The lead field tested, if it is one of the seven.
    #[must_use]
    pub fn lead_field(self) -> Option<LeadField> {
        self.name().parse().ok()
    }
}

impl From<LeadField> for TextField {
    fn from(field: LeadField) -> Self {
        match field {
            LeadField::FirstName => Self::FirstName,
            LeadField::LastName => Self::LastName,
            LeadField::Title => Self::Title,
            LeadField::Company => Self::Company,
            LeadField::Email => Self::Email,
            LeadField::Phone => Self::Phone,
            LeadField::Remarks => Self::Remarks,
        }
    }
}

/// A test of a text. Case and accents do not count. The value `N/A` stands for a missing value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// The value occurs in it.
    Contains(String),
    /// It is the value.
    Equals(String),
    /// It begins with the value.
    StartsWith(String),
    /// It is missing.
    IsEmpty,
    /// It is not missing.
    IsNotEmpty,
}

impl TextTest {
    /// The test's name on the wire.
    #[must_use]
    pub const fn op(&self) -> TextOp {
        match self {
            Self::Contains(_) => TextOp::Contains,
            Self::Equals(_) => TextOp::Equals,
            Self::StartsWith(_) => TextOp::StartsWith,
            Self::IsEmpty => TextOp::IsEmpty,
            Self::IsNotEmpty => TextOp::IsNotEmpty,
        }
    }

    /// What is compared with, where the test has such a value.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Contains(value) | Self::Equals(value) | Self::StartsWith(value) => Some(value),
            Self::IsEmpty | Self::IsNotEmpty => None,
        }
    }
}

/// Name of a [`TextTest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TextOp {
    /// The value occurs in the text.
    Contains,
    /// The text is the value.
    Equals,
    /// The text begins with the value.
    StartsWith,
    /// The text is missing.
    IsEmpty,
    /// The text is not missing.
    IsNotEmpty,
}

/// One of a lead's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DateField {
    /// When the lead was first stored.
    CreatedAt,
    /// When a field of the lead last changed.
    UpdatedAt,
}

/// A range of time, its end excluded. Days, and the weeks (from Monday), months and years made of them, begin at
/// midnight of the query's [offset](super::LeadQuery::utc_offset_minutes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateRange {
    /// From one time on, up to another; each may be left out, not both. A time is RFC 3339
    /// (`2026-01-31T09:30:00Z`) or a date (`2026-01-31`), which stands for its first moment.
    Between {
        /// Where it begins.
        from: Option<String>,
        /// Where it ends; this time itself is outside.
        to: Option<String>,
    },
    /// From the midnight this long before today until now and after: 7 days are the seven days before today, and
    /// today.
    Last(TimeSpan),
    /// The day, week, month or year it is now.
    This(TimeUnit),
    /// The one before.
    Previous(TimeUnit),
}

/// A length of time in whole units of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeSpan {
    /// How many, from 1.
    pub n: u32,
    /// Of what.
    pub unit: TimeUnit,
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// From midnight to midnight.
    Day,
    /// From Monday on.
    Week,
    /// Of the calendar.
    Month,
    /// Of the calendar.
    Year,
}

/// What duplicates have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SharedBy {
    /// The digits of the telephone number.
    Phone,
    /// First and last name, where both are known, without case and accents.
    Name,
}
