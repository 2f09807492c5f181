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

/// A condition on leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ConditionWire", into = "ConditionWire")]
pub enum Condition {
    /// All of these; true if there are none.
    All(Vec<Condition>),
    /// At least one of these; false if there are none.
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
    /// The lead has one of these ids.
    Ids(Vec<String>),
    /// The lead was last touched by this upload.
    UploadId(String),
    /// Some other lead, among all there are, has the same value.
    SharedBy(SharedBy),
}

/// A text that a condition can test: the seven fields, and two derived from them or from the lead's origin.
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
    /// Email address.
    Email,
    /// Phone number; compared by digits if the value has any.
    Phone,
    /// Remarks.
    Remarks,
    /// The part after the `@` of the email address.
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

/// A test of a text. Case and accents are ignored. The value `N/A` means a missing value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// The text contains the value.
    Contains(String),
    /// The text equals the value.
    Equals(String),
    /// The text begins with the value.
    StartsWith(String),
    /// The text is missing.
    IsEmpty,
    /// The text is not missing.
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

    /// The value to compare with, if the test has one.
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
    /// The text contains the value.
    Contains,
    /// The text equals the value.
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

/// A time range that excludes its end. Days, and the weeks (from Monday), months and years made of them, begin at
/// midnight of the query's [offset](super::LeadQuery::utc_offset_minutes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateRange {
    /// From one time up to another; either may be omitted, but not both. A time is RFC 3339 (`2026-01-31T09:30:00Z`) or
    /// a date (`2026-01-31`), which means its first moment.
    Between {
        /// The start.
        from: Option<String>,
        /// The end, which is not included.
        to: Option<String>,
    },
    /// From midnight this long before today, without an end: 7 days are the seven days before today, and today.
    Last(TimeSpan),
    /// The current day, week, month or year.
    This(TimeUnit),
    /// The previous one.
    Previous(TimeUnit),
}

/// A length of time in whole calendar units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeSpan {
    /// How many, from 1.
    pub n: u32,
    /// The unit.
    pub unit: TimeUnit,
}

/// A calendar unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// From midnight to midnight.
    Day,
    /// Starting on Monday.
    Week,
    /// Calendar month.
    Month,
    /// Calendar year.
    Year,
}

/// What duplicates have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SharedBy {
    /// The digits of the phone number.
    Phone,
    /// First and last name, if both are known, ignoring case and accents.
    Name,
}
