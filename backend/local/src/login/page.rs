//! The sign-in page: plain HTML with its own CSS, no script.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

/// Where the style sheet is served.
pub(super) const STYLE_PATH: &str = "/oauth2/style.css";

/// The style sheet.
pub(super) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")], include_str!("page.css"))
        .into_response()
}

/// The form. `redirect_origin` is where the browser goes next; Chromium applies `form-action` to that, too.
pub(super) fn sign_in(
    status: StatusCode,
    redirect_origin: &str,
    email: &str,
    problem: Option<&str>,
) -> Response {
    let problem = problem.map_or_else(String::new, |problem| {
        format!("<p class=\"problem\" role=\"alert\">{}</p>", escape(problem))
    });
    // Focus the first empty field.
    let (focus_email, focus_password) = if email.is_empty() { ("autofocus", "") } else { ("", "autofocus") };
    let body = format!(
        "<h1>Sign in to Easy CRM</h1>{problem}
<form method=\"post\">
<label for=\"username\">Email address</label>
<input id=\"username\" name=\"username\" type=\"email\" autocomplete=\"username\" required {focus_email} value=\"{email}\">
<label for=\"password\">Password</label>
<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required {focus_password}>
<button type=\"submit\">Sign in</button>
</form>
<p class=\"hint\">Address and password are shown where the server was started.</p>",
        email = escape(email),
    );
    page(status, "Sign in", &body, &format!("'self' {redirect_origin}"))
}

/// A page that says what is wrong with a link.
pub(super) fn problem(message: &str) -> Response {
    let body = format!("<h1>This sign-in link does not work</h1><p>{}</p>", escape(message));
    page(StatusCode::BAD_REQUEST, "Sign in", &body, "'none'")
}

fn page(status: StatusCode, title: &str, body: &str, form_action: &str) -> Response {
    let html = format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title} - Easy CRM</title>
<link rel=\"stylesheet\" href=\"{STYLE_PATH}\">
</head>
<body><main>{body}</main></body>
</html>
"
    );
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response =
        (status, [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")], html)
            .into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Escapes text for HTML elements and quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
