//! Assigns one role to every column: the best plan of the table as a whole, in which no two columns are the company.

use strum::{EnumCount as _, IntoEnumIterator as _};

use super::kinds::ColumnRole;

/// Probabilities of the roles of a column, in the order of [`ColumnRole`].
pub type RoleProbabilities = [f32; ColumnRole::COUNT];

/// Columns that compete for a role; any others are too unlikely to matter.
const MOST_CANDIDATES: usize = 4;
/// The lowest probability that counts.
const LEAST: f32 = 1e-6;
/// How likely a column that looks like a field is a second one of its kind, which goes to the remarks.
const SPARE: f32 = 0.2;
/// A given name without a family name, or the other way round, is rare; the penalty for such a plan, as a logarithm.
const LONE_NAME_PART: f32 = 0.7;
/// The same next to a whole name, which makes the part redundant: a short form of the name is likelier than that.
const NAME_PART_BESIDE_WHOLE: f32 = 3.0;
/// A first and a last name under the words for different people belong to two people.
const NAME_PARTS_OF_DIFFERENT_PEOPLE: f32 = 2.0;
/// A name, and a company or a title, under the words for different people seldom belong to one person.
const FIELDS_OF_DIFFERENT_PEOPLE: f32 = 0.7;

/// The roles that make the plan likeliest. `taken`: columns that are certainly something else, or empty;
/// `groups`: the word that each column shares with others of the same person, if any.
#[must_use]
pub fn best(probabilities: &[RoleProbabilities], taken: &[bool], groups: &[Option<&str>]) -> Vec<ColumnRole> {
    let free = |at: &usize| !taken[*at];
    let log = |at: usize, role: ColumnRole| libm::logf(probabilities[at][role as usize].max(LEAST));
    // the role of a column that has none of the roles only one column can have
    let fallback: Vec<ColumnRole> = (0..probabilities.len())
        .map(|at| {
            let shared = ColumnRole::iter().filter(|role| !role.is_single());
            shared.max_by(|one, other| log(at, *one).total_cmp(&log(at, *other))).unwrap_or(ColumnRole::Other)
        })
        .collect();
    // penalty of a role: a column that loses its likeliest role to another is more likely spare than something unlikely
    let against = |at: usize, role: ColumnRole| {
        let others = ColumnRole::iter().filter(|other| other.is_single() && *other != role);
        let lost: f32 = others.map(|other| probabilities[at][other as usize]).sum();
        libm::logf((probabilities[at][fallback[at] as usize] + SPARE * lost).max(LEAST))
    };
    let candidates = |role: ColumnRole| {
        let gain = |at: usize| (at, log(at, role) - against(at, role));
        let mut gains: Vec<(usize, f32)> = (0..probabilities.len()).filter(free).map(gain).collect();
        gains.sort_by(|(one_at, one), (other_at, other)| other.total_cmp(one).then(one_at.cmp(other_at)));
        gains.truncate(MOST_CANDIDATES);
        // slightly negative gains are worth it if the other half of the name is sure
        gains.retain(|(_, gain)| *gain > -LONE_NAME_PART);
        (role, gains)
    };
    let single: Vec<(ColumnRole, Vec<(usize, f32)>)> =
        ColumnRole::iter().filter(|role| role.is_single()).map(candidates).collect();
    let mut search =
        Search { single: &single, groups, chosen: Vec::new(), best: Vec::new(), most: f32::NEG_INFINITY };
    search.choose(0, 0.0);
    let mut roles = fallback;
    for (at, role) in search.best {
        roles[at] = role;
    }
    for (at, role) in roles.iter_mut().enumerate() {
        if taken[at] {
            *role = ColumnRole::Other;
        }
    }
    roles
}

/// A search through all choices of columns for the roles that only one column can have.
struct Search<'a> {
    single: &'a [(ColumnRole, Vec<(usize, f32)>)],
    groups: &'a [Option<&'a str>],
    chosen: Vec<(usize, ColumnRole)>,
    best: Vec<(usize, ColumnRole)>,
    most: f32,
}

impl Search<'_> {
    fn choose(&mut self, next: usize, gained: f32) {
        let Some((role, candidates)) = self.single.get(next) else {
            let gained = gained - self.lone_name_parts() - self.different_people();
            if gained > self.most {
                self.most = gained;
                self.best.clone_from(&self.chosen);
            }
            return;
        };
        self.choose(next + 1, gained);
        for (at, gain) in candidates {
            if self.chosen.iter().any(|(other, _)| other == at) {
                continue;
            }
            self.chosen.push((*at, *role));
            self.choose(next + 1, gained + gain);
            self.chosen.pop();
        }
    }

    fn lone_name_parts(&self) -> f32 {
        let has = |wanted: ColumnRole| self.chosen.iter().any(|(_, role)| *role == wanted);
        match (has(ColumnRole::First) != has(ColumnRole::Last), has(ColumnRole::Full)) {
            (false, _) => 0.0,
            (true, false) => LONE_NAME_PART,
            (true, true) => NAME_PART_BESIDE_WHOLE,
        }
    }

    /// The penalty for fields of one lead under the words for different people.
    fn different_people(&self) -> f32 {
        use ColumnRole as R;
        let group_of = |wanted: R| {
            let (at, _) = self.chosen.iter().find(|(_, role)| *role == wanted)?;
            self.groups[*at]
        };
        let differ =
            |one: R, other: R| group_of(one).zip(group_of(other)).is_some_and(|(one, other)| one != other);
        let parts = if differ(R::First, R::Last) { NAME_PARTS_OF_DIFFERENT_PEOPLE } else { 0.0 };
        let fields = [R::First, R::Last, R::Full].into_iter().map(|name| {
            let count = [R::Company, R::Title].into_iter().filter(|field| differ(name, *field)).count();
            count as f32 * FIELDS_OF_DIFFERENT_PEOPLE
        });
        parts + fields.fold(0.0, f32::max)
    }
}
