//! Access control on AWS: the settings of the authorizer, the login and the site's headers. Forged tokens are tried
//! locally on every route by `tests/integration/access.rs`.

use easy_crm_local::deployment::security_headers;
use serde_json::{Value, json};

use easy_crm_tests::template::{of_type, read};

#[test]
fn every_route_is_behind_the_authorizer_and_takes_id_tokens_only() {
    let api = read("api-gateway");
    let mut routes = 0;
    for (name, method) in of_type(&api, "AWS::ApiGateway::Method") {
        if method["HttpMethod"] == "OPTIONS" {
            // A preflight has no token; it is answered without any function.
            assert_eq!(method["AuthorizationType"], "NONE", "{name}");
            assert_eq!(method["Integration"]["Type"], "MOCK", "{name}");
            continue;
        }
        routes += 1;
        assert_eq!(method["AuthorizationType"], "COGNITO_USER_POOLS", "{name}");
        assert_eq!(method["AuthorizerId"], json!({ "Ref": "Users" }), "{name}");
        // With scopes the authorizer would accept access tokens (token_use=access) instead of ID tokens.
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html>
        assert_eq!(method["AuthorizationScopes"], Value::Null, "{name}");
        assert_eq!(method["Integration"]["Type"], "AWS_PROXY", "{name}");
    }
    assert!(routes > 15, "{routes} routes");
}

/// The authorizer checks signature, algorithm, key id, issuer and expiry, with the pool's own keys; there is no other
/// authorizer whose settings could be wrong.
#[test]
fn the_authorizer_asks_the_user_pool_and_nobody_else() {
    let api = read("api-gateway");
    let authorizers = of_type(&api, "AWS::ApiGateway::Authorizer");
    assert_eq!(authorizers.keys().collect::<Vec<_>>(), [&"Users"]);
    let authorizer = authorizers["Users"];
    assert_eq!(authorizer["Type"], "COGNITO_USER_POOLS");
    assert_eq!(authorizer["IdentitySource"], "method.request.header.Authorization");
    assert_eq!(authorizer["ProviderARNs"], json!([{ "Ref": "UserPoolArn" }]));
    assert!(authorizer["AuthorizerResultTtlInSeconds"].as_u64() <= Some(300), "{authorizer}");
    let main = read("main");
    let stack = &main["Resources"]["ApiGatewayStack"]["Properties"]["Parameters"]["UserPoolArn"];
    assert_eq!(*stack, json!({ "Fn::GetAtt": ["CognitoStack", "Outputs.UserPoolArn"] }));
}

/// The authorizer accepts tokens of every client of the pool, so the audience is right as long as there is only one.
#[test]
fn the_page_is_the_only_client_and_signs_in_with_code_and_pkce() {
    let login = read("cognito");
    assert_eq!(of_type(&login, "AWS::Cognito::UserPool").len(), 1);
    let clients = of_type(&login, "AWS::Cognito::UserPoolClient");
    assert_eq!(clients.len(), 1);
    let client = clients["WebClient"];
    assert_eq!(client["AllowedOAuthFlows"], json!(["code"]));
    // A public client: Cognito issues codes for a code challenge, redeemable only by whoever knows the verifier.
    assert_eq!(client["GenerateSecret"], false);
    assert_eq!(client["ExplicitAuthFlows"], json!(["ALLOW_USER_SRP_AUTH"]));
    assert_eq!(client["EnableTokenRevocation"], true);
    assert_eq!(client["PreventUserExistenceErrors"], "ENABLED");
    for token in ["IdToken", "AccessToken"] {
        assert_eq!(client["TokenValidityUnits"][token], "minutes");
        assert!(client[format!("{token}Validity")].as_u64() <= Some(60), "{token}");
    }
    for address in client["CallbackURLs"].as_array().into_iter().flatten() {
        let text = address.to_string();
        assert!(text.contains("/signed-in") && !text.contains('*'), "{text}");
    }
    assert_eq!(read("main")["Parameters"]["AllowSelfSignUp"]["Default"], "false");
    let identities = of_type(&login, "AWS::Cognito::IdentityPool");
    assert!(identities.values().all(|pool| pool["AllowUnauthenticatedIdentities"] == false));
}

/// The policy is the same on AWS and locally (`code.rs` compares them); this checks its content.
#[test]
fn the_content_security_policy_lets_no_markup_run() {
    let headers: std::collections::BTreeMap<String, String> =
        security_headers("https://files.example").map(|(name, value)| (name.to_string(), value)).collect();
    let policy = &headers["content-security-policy"];
    let directive = |name: &str| -> Vec<&str> {
        let found =
            policy.split(';').map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {name} in {policy}")).split(' ').collect()
    };
    assert_eq!(directive("default-src"), ["'none'"]);
    assert_eq!(directive("script-src"), ["'self'", "'wasm-unsafe-eval'"]);
    assert_eq!(directive("style-src"), ["'self'"]);
    assert_eq!(directive("frame-ancestors"), ["'none'"]);
    assert_eq!(directive("base-uri"), ["'none'"]);
    assert_eq!(directive("form-action"), ["'self'"]);
    assert_eq!(directive("require-trusted-types-for"), ["'script'"]);
    assert_eq!(directive("connect-src"), ["'self'", "https://files.example"]);
    for never in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "strict-dynamic", "blob:"] {
        assert!(!policy.contains(never), "{never} in {policy}");
    }
    assert_eq!(headers["x-frame-options"], "DENY");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
}
