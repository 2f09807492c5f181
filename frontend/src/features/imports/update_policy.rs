//! What imports do to leads that already exist: the choices, and the one remembered in this browser.

use easy_crm_shared::upload::UpdatePolicy;

use crate::browser;

const KEY: &str = "easy-crm.update-policy";

/// What to choose from: name and explanation.
pub(super) const CHOICES: [(UpdatePolicy, &str, &str); 4] = [
    (UpdatePolicy::Update, "Update", "Values in the file win, empty cells keep what is stored."),
    (UpdatePolicy::Fill, "Fill", "Only add what is missing."),
    (UpdatePolicy::Skip, "Skip", "Leave existing leads as they are."),
    (UpdatePolicy::Replace, "Replace", "The file replaces everything, empty cells too."),
];

/// The last choice in this browser.
pub(super) fn remembered() -> UpdatePolicy {
    browser::local_get(KEY).and_then(|name| name.parse().ok()).unwrap_or(UpdatePolicy::Update)
}

/// Remembers a choice.
pub(super) fn remember(policy: UpdatePolicy) {
    browser::local_set(KEY, Some(policy.name()));
}

/// The current choice in words.
pub(super) fn in_words(policy: UpdatePolicy) -> String {
    let chosen = CHOICES.iter().find(|(one, ..)| *one == policy);
    chosen.map(|(_, name, explanation)| format!("{name}: {explanation}")).unwrap_or_default()
}
