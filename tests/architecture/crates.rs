//! The dependencies between the crates: `cargo metadata` against the few that are allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Every crate of the workspace and the workspace crates it may depend on.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("easy-crm-shared", &[]),
    ("easy-crm-domain", &["easy-crm-shared"]),
    ("easy-crm-frontend", &["easy-crm-shared"]),
    ("easy-crm-lambdas", &["easy-crm-domain", "easy-crm-shared"]),
    ("easy-crm-local", &["easy-crm-domain", "easy-crm-lambdas", "easy-crm-shared"]),
    // Trains the planner's weights; nothing in production depends on it.
    ("easy-crm-training", &["easy-crm-domain"]),
    ("easy-crm-tests", &["easy-crm-local", "easy-crm-shared"]),
];

/// What the pure crates must not depend on, directly or indirectly.
const IMPURE: [&str; 7] =
    ["tokio", "reqwest", "hyper", "aws-sdk-dynamodb", "aws-sdk-s3", "aws-sdk-secretsmanager", "aws-sdk-sqs"];

struct Workspace {
    /// Direct dependencies by package name, without dev-dependencies.
    dependencies: BTreeMap<String, BTreeSet<String>>,
    members: BTreeSet<String>,
}

fn workspace() -> Workspace {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--manifest-path", manifest])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let name = |id: &Value| names[id.as_str().unwrap()].to_owned();
    let members = metadata["workspace_members"].as_array().unwrap().iter().map(name).collect();
    let mut dependencies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let normal = node["deps"].as_array().unwrap().iter().filter(|dependency| {
            dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
        });
        dependencies
            .entry(name(&node["id"]))
            .or_default()
            .extend(normal.map(|dependency| name(&dependency["pkg"])));
    }
    Workspace { dependencies, members }
}

#[test]
fn crates_depend_one_way() {
    let workspace = workspace();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let known: BTreeSet<String> = allowed.keys().map(|&name| name.to_owned()).collect();
    assert_eq!(workspace.members, known, "add new crates to this test");
    for member in &workspace.members {
        for dependency in workspace.dependencies[member].intersection(&workspace.members) {
            assert!(
                allowed[member.as_str()].contains(&dependency.as_str()),
                "{member} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn the_domain_stays_pure() {
    let workspace = workspace();
    for pure in ["easy-crm-shared", "easy-crm-domain"] {
        let mut reached = BTreeSet::from([pure.to_owned()]);
        let mut next = vec![pure.to_owned()];
        while let Some(package) = next.pop() {
            for dependency in &workspace.dependencies[&package] {
                if reached.insert(dependency.clone()) {
                    next.push(dependency.clone());
                }
            }
        }
        for impure in IMPURE {
            assert!(!reached.contains(impure), "{pure} depends on {impure}");
        }
    }
}
