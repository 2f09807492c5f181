//! A CloudFormation template as JSON: short tags (`!Ref`) become their long forms (`{"Ref": …}`), and known values can
//! be filled in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

/// Reads `infrastructure/<name>.yaml`.
///
/// # Panics
/// When it does not exist or is not YAML.
#[must_use]
pub fn read(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../infrastructure/{name}.yaml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    to_json(yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn to_json(yaml: yaml_serde::Value) -> Value {
    match yaml {
        yaml_serde::Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let value = to_json(tagged.value);
            match tag {
                "Ref" | "Condition" => json!({ tag: value }),
                "GetAtt" => {
                    let path = value.as_str().unwrap_or_default();
                    json!({ "Fn::GetAtt": path.splitn(2, '.').collect::<Vec<_>>() })
                }
                _ => json!({ format!("Fn::{tag}"): value }),
            }
        }
        yaml_serde::Value::Mapping(mapping) => Value::Object(
            mapping
                .into_iter()
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), to_json(value)))
                .collect(),
        ),
        yaml_serde::Value::Sequence(values) => values.into_iter().map(to_json).collect(),
        plain => serde_json::to_value(plain).unwrap_or_default(),
    }
}

/// Properties of all resources of a type, by their logical names.
///
/// # Panics
/// When the template has no resources.
#[must_use]
pub fn of_type<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let resources =
        template["Resources"].as_object().unwrap_or_else(|| panic!("a template without resources"));
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        .collect()
}

/// Values of parameters and resources.
pub type Known = BTreeMap<String, String>;

/// Fills in `Ref`, `Fn::GetAtt` (as `Name.Attribute`), `Fn::Sub` and `Fn::If`, of which the first branch is used.
#[must_use]
pub fn resolve(value: &Value, known: &Known) -> Value {
    match value {
        Value::Object(object) if object.len() == 1 => {
            let (key, inner) = object.iter().next().unwrap_or_else(|| unreachable!());
            match key.as_str() {
                "Ref" => text_of(inner.as_str().unwrap_or_default(), known),
                "Fn::GetAtt" => {
                    let path: Vec<_> =
                        inner.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    text_of(&path.join("."), known)
                }
                "Fn::Sub" => Value::String(substitute(inner.as_str().unwrap_or_default(), known)),
                "Fn::If" => resolve(&inner[1], known),
                _ => resolve_all(object, known),
            }
        }
        Value::Object(object) => resolve_all(object, known),
        Value::Array(values) => values.iter().map(|value| resolve(value, known)).collect(),
        plain => plain.clone(),
    }
}

fn resolve_all(object: &Map<String, Value>, known: &Known) -> Value {
    Value::Object(object.iter().map(|(key, value)| (key.clone(), resolve(value, known))).collect())
}

fn text_of(name: &str, known: &Known) -> Value {
    Value::String(known.get(name).cloned().unwrap_or_else(|| format!("<{name}>")))
}

fn substitute(text: &str, known: &Known) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or_else(|| panic!("{text}"));
        result.push_str(before);
        result.push_str(text_of(name, known).as_str().unwrap_or_default());
        rest = after;
    }
    result + rest
}

/// Whether a text matches an IAM pattern, where `*` matches anything.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && fits(tail, &rest[at..]))
        }),
    }
}

#[test]
fn patterns_fit() {
    assert!(fits("b/uploads/*", "b/uploads/1") && fits("b", "b") && fits("a*c*e", "abcde"));
    assert!(!fits("b/uploads/*", "b/exports/1") && !fits("b", "bb") && !fits("a*c", "abcd"));
}
