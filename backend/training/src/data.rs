//! The input of the table generator: headers by meaning, header rows of real products, and pools of values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use easy_crm_domain::standardize::planner::kinds::HeaderKind;

/// Texts by kind.
pub(crate) type Pools = BTreeMap<String, Vec<String>>;

/// Names, places and jobs of one locale.
#[derive(Debug, Clone)]
pub(crate) struct Locale {
    pub(crate) name: String,
    pub(crate) pools: Pools,
}

impl Locale {
    /// The language's code.
    pub(crate) fn language(&self) -> &str {
        self.name.split('_').next().unwrap_or(&self.name)
    }
}

/// A column of a real product's file.
#[derive(Debug, Clone)]
pub(crate) struct KnownColumn {
    pub(crate) header: String,
    pub(crate) kind: HeaderKind,
    /// Whether it is about somebody who is not the lead.
    pub(crate) of_other_person: bool,
}

/// The header row of a real product.
#[derive(Debug, Clone)]
pub(crate) struct HeaderSet {
    pub(crate) product: String,
    pub(crate) columns: Vec<KnownColumn>,
}

/// All input of the generator.
#[derive(Debug, Clone)]
pub(crate) struct Data {
    pub(crate) locales: Vec<Locale>,
    pub(crate) phrases: Pools,
    pub(crate) headers: BTreeMap<HeaderKind, Vec<String>>,
    /// Words for people who are the lead (`Contact`) and who are not (`Owner`).
    pub(crate) lead_words: Vec<String>,
    pub(crate) other_words: Vec<String>,
    /// Words for people who write (`Parent`), and for those they write about (`Student`).
    pub(crate) guardians: Vec<String>,
    pub(crate) wards: Vec<String>,
    /// Companies that are not the lead's (`Competitor`, `Bank`).
    pub(crate) other_companies: Vec<String>,
    pub(crate) sets: Vec<HeaderSet>,
}

/// Which part of the texts is used. The models of values and headers are trained on different texts than the network
/// that relies on them, or it would trust them too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// For the models of values and headers.
    Kinds,
    /// For the network.
    Roles,
}

/// Percentage of texts in [`Part::Kinds`].
const KINDS_SHARE: u64 = 65;

/// A hash that is the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn is_in(text: &str, part: Part) -> bool {
    ((hash(text) >> 20) % 100 < KINDS_SHARE) == (part == Part::Kinds)
}

/// The folder of the data.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

fn split(list: &str) -> Vec<String> {
    list.split(';').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

impl Data {
    /// Reads the files in the data folder.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let read = |name: &str| {
            std::fs::read_to_string(folder().join(name)).with_context(|| format!("cannot read data/{name}"))
        };
        let mut locales: Vec<Locale> = Vec::new();
        for line in lines(&read("pools.txt")?) {
            let mut parts = line.splitn(3, '|');
            let (Some(locale), Some(kind), Some(values)) = (parts.next(), parts.next(), parts.next()) else {
                anyhow::bail!("pools.txt: a line needs locale|kind|values: {line}");
            };
            if locales.last().is_none_or(|last| last.name != locale) {
                locales.push(Locale { name: locale.to_owned(), pools: Pools::new() });
            }
            if let Some(last) = locales.last_mut() {
                last.pools.insert(kind.to_owned(), values.split('\t').map(str::to_owned).collect());
            }
        }
        let mut phrases = Pools::new();
        for line in lines(&read("phrases.txt")?) {
            let (kind, list) = line.split_once(':').with_context(|| format!("phrases.txt: {line}"))?;
            phrases.entry(kind.trim().to_owned()).or_default().extend(split(list));
        }
        let mut headers: BTreeMap<HeaderKind, Vec<String>> = BTreeMap::new();
        let (mut lead_words, mut other_words) = (Vec::new(), Vec::new());
        let (mut guardians, mut wards, mut other_companies) = (Vec::new(), Vec::new(), Vec::new());
        for line in lines(&read("headers.txt")?) {
            let (kind, list) = line.split_once(':').with_context(|| format!("headers.txt: {line}"))?;
            match kind.trim() {
                "lead_person" => lead_words.extend(split(list)),
                "other_person" => other_words.extend(split(list)),
                "guardian" => guardians.extend(split(list)),
                "ward" => wards.extend(split(list)),
                "other_company" => other_companies.extend(split(list)),
                kind if is_part(kind) => {}
                kind => headers.entry(header_kind(kind)?).or_default().extend(split(list)),
            }
        }
        let mut sets: Vec<HeaderSet> = Vec::new();
        for line in lines(&read("header_sets.txt")?) {
            if let Some(product) = line.strip_prefix('@') {
                sets.push(HeaderSet { product: product.trim().to_owned(), columns: Vec::new() });
                continue;
            }
            let (header, kind) = line.rsplit_once('|').with_context(|| format!("header_sets.txt: {line}"))?;
            let (of_other_person, kind) = match kind.trim().strip_prefix("other_person") {
                Some(kind) => (true, kind.trim_start_matches(':').trim()),
                None => (false, kind.trim()),
            };
            if is_part(kind) {
                continue;
            }
            let kind = if kind.is_empty() { HeaderKind::Full } else { header_kind(kind)? };
            let set = sets.last_mut().context("header_sets.txt: a header before the first product")?;
            set.columns.push(KnownColumn { header: header.trim().to_owned(), kind, of_other_person });
        }
        ensure!(!locales.is_empty() && !sets.is_empty(), "the data folder is not complete");
        Ok(Self {
            locales,
            phrases,
            headers,
            lead_words,
            other_words,
            guardians,
            wards,
            other_companies,
            sets,
        })
    }

    /// The data restricted to one part of its texts; a pool that would be empty stays whole.
    pub(crate) fn part(&self, part: Part) -> Self {
        let mut data = self.clone();
        let keep = |texts: &mut Vec<String>| {
            if texts.iter().any(|text| is_in(text, part)) {
                texts.retain(|text| is_in(text, part));
            }
        };
        data.locales.iter_mut().for_each(|locale| locale.pools.values_mut().for_each(keep));
        data.phrases.values_mut().for_each(keep);
        // headers are few and each is unique: the network may see those of the header model
        if part == Part::Kinds {
            data.headers.values_mut().for_each(keep);
        }
        data
    }
}

/// Pieces of names and numbers with columns of their own: only a header can identify them, so the product's vocabulary
/// does.
fn is_part(kind: &str) -> bool {
    matches!(kind, "last2" | "particle" | "phone_part")
}

fn header_kind(name: &str) -> anyhow::Result<HeaderKind> {
    let name = match name {
        "currency" => "tag",
        "company_size" => "number",
        name => name,
    };
    name.parse().with_context(|| format!("not a kind of header: {name:?}"))
}
