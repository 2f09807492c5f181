//! Names and settings: what the code expects is what the templates create.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use easy_crm_local::deployment::tables::{self, TableShape};
use easy_crm_local::deployment::{Config, LIFECYCLE, api_routes, security_headers};
use serde_json::{Value, json};

use easy_crm_tests::template::{Known, of_type, read, resolve};

/// Variables read by Lambda, the runtime and the logger, which are not our settings.
const OF_THE_RUNTIME: [&str; 2] = ["AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "RUST_LOG"];

/// Settings whose default is right for AWS.
const LEFT_OUT: [&str; 1] = ["BATCH_ROWS"];

/// Converts `LeadSplitterFunction` etc. to `lead-splitter`.
pub(crate) fn function_name(logical: &str) -> String {
    let name = logical.strip_suffix("Function").unwrap_or(logical);
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

fn key_schema(partition_key: &str, sort_key: Option<&str>) -> Value {
    let mut keys = vec![json!({ "AttributeName": partition_key, "KeyType": "HASH" })];
    keys.extend(sort_key.map(|key| json!({ "AttributeName": key, "KeyType": "RANGE" })));
    keys.into()
}

#[test]
fn tables_have_the_keys_and_indexes_the_code_uses() {
    let storage = read("storage");
    let check = |logical: &str, shape: &TableShape| {
        let table = &storage["Resources"][logical]["Properties"];
        assert_eq!(table["KeySchema"], key_schema(shape.partition_key, shape.sort_key), "{logical}");
        let indexes: Vec<Value> = shape
            .indexes
            .iter()
            .map(|index| {
                json!({
                    "IndexName": index.name,
                    "KeySchema": key_schema(index.partition_key, index.sort_key),
                    "Projection": { "ProjectionType": "ALL" },
                })
            })
            .collect();
        let made = table.get("GlobalSecondaryIndexes").cloned().unwrap_or_else(|| json!([]));
        assert_eq!(made, Value::from(indexes), "{logical}");
        assert_eq!(
            table["TimeToLiveSpecification"]["AttributeName"].as_str(),
            shape.ttl_attribute,
            "{logical}"
        );
        let defined: BTreeSet<&str> = table["AttributeDefinitions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|attribute| attribute["AttributeName"].as_str())
            .collect();
        let mut used = BTreeSet::from([shape.partition_key]);
        used.extend(shape.sort_key);
        for index in shape.indexes {
            used.insert(index.partition_key);
            used.extend(index.sort_key);
        }
        assert_eq!(defined, used, "{logical}");
    };
    check("LeadsTable", &tables::LEADS);
    check("ProcessingStatusTable", &tables::STATUS);
    check("AppStateTable", &tables::APP_STATE);
}

/// Routes of the template: from method and path to function.
fn deployed_routes() -> BTreeMap<(String, String), String> {
    let api = read("api-gateway");
    fn path_of(api: &Value, resource: &str) -> String {
        let properties = &api["Resources"][resource]["Properties"];
        let part = properties["PathPart"].as_str().unwrap_or_else(|| panic!("{resource} has no part"));
        match properties["ParentId"]["Ref"].as_str() {
            Some("RootResourceId") | None => format!("/{part}"),
            Some(parent) => format!("{}/{part}", path_of(api, parent)),
        }
    }
    of_type(&api, "AWS::ApiGateway::Method")
        .into_values()
        .filter(|method| method["HttpMethod"] != "OPTIONS")
        .map(|method| {
            let path = path_of(&api, method["ResourceId"]["Ref"].as_str().unwrap_or_default());
            let uri = method["Integration"]["Uri"]["Fn::Sub"].as_str().unwrap_or_default();
            let function = uri.rsplit("${").next().and_then(|rest| rest.split_once("FunctionArn}"));
            let function = function.map(|(name, _)| function_name(name)).unwrap_or_default();
            ((method["HttpMethod"].as_str().unwrap_or_default().to_owned(), path), function)
        })
        .collect()
}

#[test]
fn stored_files_stay_as_long_as_on_a_laptop() {
    let template = read("storage");
    let upload_days = &template["Parameters"]["UploadRetentionDays"]["Default"];
    let days = |rule: &Value| {
        let days = &rule["ExpirationInDays"];
        if days.is_object() { upload_days.as_u64() } else { days.as_u64() }
    };
    let rules: BTreeSet<_> = of_type(&template, "AWS::S3::Bucket")
        .into_values()
        .flat_map(|bucket| bucket["LifecycleConfiguration"]["Rules"].as_array().cloned().unwrap_or_default())
        .filter_map(|rule| Some((rule["Prefix"].as_str()?.to_owned(), days(&rule)?)))
        .collect();
    let expected = LIFECYCLE.map(|(prefix, days)| (prefix.to_owned(), u64::from(days)));
    assert_eq!(rules, BTreeSet::from(expected));
}

#[test]
fn routes_lead_to_the_functions_the_code_has_for_them() {
    let code: BTreeMap<(String, String), String> = api_routes()
        .map(|(method, path, function)| ((method.to_string(), path.to_owned()), function.to_owned()))
        .collect();
    let deployed = deployed_routes();
    for (route, function) in &code {
        assert_eq!(deployed.get(route), Some(function), "{route:?}");
    }
    // A function that is not written yet has a route all the same.
    let written = programs();
    for (route, function) in &deployed {
        assert!(
            code.contains_key(route) || !written.contains(function),
            "{function} does not know {route:?}"
        );
    }
}

/// The existing functions.
fn programs() -> BTreeSet<String> {
    std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../backend/lambdas/src/bin"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_variable_a_function_reads_is_set_and_every_other_is_not() {
    let template = read("lambda");
    for (logical, function) in of_type(&template, "AWS::Lambda::Function") {
        let variables = resolve(&function["Environment"]["Variables"], &Known::new());
        let set: BTreeMap<&str, String> = variables
            .as_object()
            .unwrap_or_else(|| panic!("{logical} has no variables"))
            .iter()
            // The function fetches the secret whose ARN it is given.
            .map(|(name, value)| {
                (name.strip_suffix("_ARN").unwrap_or(name), value.as_str().unwrap_or_default().to_owned())
            })
            .collect();
        let asked = RefCell::new(BTreeSet::new());
        let config = Config::from_variables(|name| {
            asked.borrow_mut().insert(name.to_owned());
            match name {
                "MAX_FILE_SIZE" => Some("1".to_owned()),
                "UPDATE_POLICY" => Some("replace".to_owned()),
                "AI_DATA_POLICY" if set.contains_key(name) => Some("masked".to_owned()),
                "DEEPSEEK_BASE_URL" if set.contains_key(name) => Some("https://model.example".to_owned()),
                _ => set.get(name).cloned(),
            }
        });
        assert!(config.is_ok(), "{logical}: {:?}", config.err());
        let asked = asked.into_inner();
        for name in set.keys() {
            assert!(
                asked.contains(*name) || OF_THE_RUNTIME.contains(name),
                "{logical}: {name} is never read"
            );
        }
        let asks_model = set.contains_key("DEEPSEEK_API_KEY");
        for name in asked {
            let of_model = name.starts_with("DEEPSEEK_") || name == "AI_DATA_POLICY";
            let optional = LEFT_OUT.contains(&name.as_str()) || (of_model && !asks_model);
            assert!(optional || set.contains_key(name.as_str()), "{logical}: {name} is not set");
        }
    }
}

#[test]
fn the_site_sends_the_headers_the_local_server_sends() {
    let site = read("cloudfront");
    let known = Known::from([
        ("FilesOrigin".to_owned(), "https://files.example".to_owned()),
        ("LoginOrigin".to_owned(), "https://login.example".to_owned()),
    ]);
    let config =
        resolve(&site["Resources"]["SecurityHeaders"]["Properties"]["ResponseHeadersPolicyConfig"], &known);
    let security = &config["SecurityHeadersConfig"];
    let mut sent: BTreeMap<String, String> = config["CustomHeadersConfig"]["Items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| {
            (
                item["Header"].as_str().unwrap_or_default().to_lowercase(),
                item["Value"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    for (header, value) in [
        ("content-security-policy", &security["ContentSecurityPolicy"]["ContentSecurityPolicy"]),
        ("referrer-policy", &security["ReferrerPolicy"]["ReferrerPolicy"]),
        ("x-frame-options", &security["FrameOptions"]["FrameOption"]),
    ] {
        sent.insert(header.to_owned(), value.as_str().unwrap_or_default().to_owned());
    }
    if security["ContentTypeOptions"]["Override"] == true {
        sent.insert("x-content-type-options".to_owned(), "nosniff".to_owned());
    }
    // Only a site with a certificate may require encryption from now on.
    assert!(security["StrictTransportSecurity"]["AccessControlMaxAgeSec"].as_u64() > Some(31_536_000));
    let local: BTreeMap<String, String> = security_headers("https://files.example https://login.example")
        .map(|(name, value)| (name.to_string(), value))
        .collect();
    assert_eq!(sent, local);
}

#[test]
fn every_program_is_deployed() {
    let template = read("lambda");
    let functions: BTreeSet<String> =
        of_type(&template, "AWS::Lambda::Function").into_keys().map(function_name).collect();
    assert!(programs().is_subset(&functions), "{functions:?}");
}
