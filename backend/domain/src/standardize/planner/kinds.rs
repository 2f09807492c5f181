//! What the planner distinguishes: kinds of values, kinds of headers, and the roles it gives to columns.
//!
//! The names are those of the training data; the order is the order of the weights. Adding a kind requires retraining.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// What a single cell looks like.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    EnumCount,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ValueKind {
    Given,
    Surname,
    FullName,
    FullNameFamilyFirst,
    Title,
    Company,
    Email,
    Phone,
    /// An email address and a phone number in one cell.
    Details,
    /// A business card or signature as text.
    Card,
    Date,
    Id,
    Username,
    Url,
    Street,
    City,
    /// A state or a country.
    Region,
    Postal,
    Industry,
    Department,
    Status,
    /// A source, a campaign, an event or a product.
    Source,
    Boolean,
    Number,
    Money,
    Note,
    Tag,
    Honorific,
    Suffix,
    /// An opportunity, a household, a project.
    Deal,
}

/// What a header means.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum HeaderKind {
    First,
    Last,
    Full,
    FullLastFirst,
    /// `Name`, `Nom`: full, first or last name, or a company's.
    Name,
    /// `Contact`, `Customer`: a person, a company or contact details.
    Person,
    Title,
    Company,
    Email,
    EmailHome,
    Phone,
    Mobile,
    PhoneHome,
    PhoneMain,
    PhoneOther,
    Details,
    Card,
    OtherPerson,
    Date,
    Id,
    Username,
    Url,
    Street,
    City,
    State,
    Country,
    Postal,
    Industry,
    Department,
    Status,
    Source,
    Boolean,
    Number,
    Money,
    Note,
    Tag,
    Honorific,
    Suffix,
    NameVariant,
    Fax,
    Event,
    Gender,
    Language,
    Timezone,
    Seniority,
    RolePermission,
    Deal,
    Technical,
    Token,
}

/// What a column is for the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ColumnRole {
    /// The given name.
    First,
    /// The family name.
    Last,
    /// The whole name.
    Full,
    /// The job title.
    Title,
    /// The company.
    Company,
    /// An email address of the lead, preferred or not.
    Email,
    /// A phone number of the lead, preferred or not.
    Phone,
    /// Email addresses and numbers in one column.
    Details,
    /// A whole contact as text.
    Card,
    /// A field of somebody who is not the lead.
    OtherPerson,
    /// Anything else.
    Other,
}

impl ColumnRole {
    /// Whether only one column of a table may have it.
    #[must_use]
    pub const fn is_single(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::Full | Self::Title | Self::Company | Self::Card)
    }
}
