//! Where in a host name the registered part begins, by the public suffix list (`data/public_suffixes.txt`).
//!
//! As code, as in the crates for it, the list takes 0.7 MB of a program; as a data file it takes a fifth of that.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::lexicon::lines;

/// The rules below one top-level domain, whose own label is omitted from them.
#[derive(Debug, Default)]
struct Rules {
    plain: HashSet<&'static str>,
    /// Parents whose children are all suffixes; an empty string is the top-level domain itself.
    parents: HashSet<&'static str>,
    /// Children that are exceptions to that.
    exceptions: HashSet<&'static str>,
}

static RULES: LazyLock<HashMap<&'static str, Rules>> = LazyLock::new(|| {
    let mut by_top: HashMap<&str, Rules> = HashMap::new();
    for line in lines(include_str!("../../data/public_suffixes.txt")) {
        let Some((top, list)) = line.split_once(": ") else { continue };
        let rules = by_top.entry(top).or_default();
        for rule in list.split(' ') {
            if let Some(exception) = rule.strip_prefix('!') {
                rules.exceptions.insert(exception);
            } else if let Some(parent) = rule.strip_prefix("*.") {
                rules.parents.insert(parent);
            } else if rule == "*" {
                rules.parents.insert("");
            } else {
                rules.plain.insert(rule);
            }
        }
    }
    by_top
});

/// The public suffix of a host name in lower case: `co.uk` of `mail.acme.co.uk`. The longest rule wins; without one the
/// last label is the suffix. <https://github.com/publicsuffix/list/wiki/Format#algorithm>
pub(super) fn suffix(host: &str) -> &str {
    let Some((before, top)) = host.rsplit_once('.') else { return host };
    let Some(rules) = RULES.get(top) else { return top };
    let mut candidate = before;
    let mut start = 0;
    loop {
        let child_of = candidate.split_once('.').map(|(_, parent)| parent);
        if rules.exceptions.contains(candidate) {
            return child_of
                .map_or(top, |parent| host.get(host.len() - parent.len() - top.len() - 1..).unwrap_or(top));
        }
        if rules.plain.contains(candidate) || rules.parents.contains(child_of.unwrap_or_default()) {
            return host.get(start..).unwrap_or(top);
        }
        let Some(parent) = child_of else { return top };
        start += candidate.len() - parent.len();
        candidate = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, expected: &str) {
        assert_eq!(suffix(host), expected, "{host}");
    }

    /// From the list's own test cases.
    #[test]
    fn suffixes() {
        check("com", "com");
        check("example.com", "com");
        check("b.example.example", "example");
        check("uk.com", "uk.com");
        check("a.b.example.uk.com", "uk.com");
        check("test.ac", "ac");
        check("b.c.mm", "c.mm");
        check("a.b.c.mm", "c.mm");
        check("www.test.k12.ak.us", "k12.ak.us");
        check("test.kyoto.jp", "kyoto.jp");
        check("b.ide.kyoto.jp", "ide.kyoto.jp");
        check("c.kobe.jp", "c.kobe.jp");
        check("a.b.c.kobe.jp", "c.kobe.jp");
        check("www.city.kobe.jp", "kobe.jp");
        check("www.ck", "ck");
        check("www.www.ck", "ck");
        check("b.test.ck", "test.ck");
        check("食狮.公司.cn", "公司.cn");
        check("xn--85x722f.xn--55qx5d.cn", "xn--55qx5d.cn");
        check("acme.github.io", "github.io");
        check("", "");
        check(".com", "com");
    }
}
