//! Sign-in on a laptop, in the shape of Cognito's managed login: authorization code with PKCE, ID, access and refresh
//! tokens, sign-out. <https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html>
//!
//! There is no session cookie, unlike Cognito's: redirect URIs on any loopback port are accepted (development servers),
//! so a silent sign-in would let every local web page fetch tokens.

mod crypto;
mod grants;
mod page;
pub(crate) mod tokens;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use easy_crm_lambdas::clock::SystemClock;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::data_folder::{DataFolder, SignIn};
use crate::loopback;
use grants::{CodeGrant, GrantError, Grants};
use tokens::{CLIENT_ID, TOKEN_SECONDS, TokenError, Tokens};

/// Where the page receives the code.
const SIGNED_IN_PATH: &str = "/signed-in";

/// Why the login could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Keys or tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Codes and refresh tokens.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The data folder.
    #[error(transparent)]
    DataFolder(#[from] crate::data_folder::DataFolderError),
}

/// An ID token for a user, signed with a data folder's key, which is created if missing. No server need be running.
///
/// # Errors
/// When the folder cannot be used.
pub fn token_for(data_dir: &Path, email: &str) -> Result<String, LoginError> {
    let tokens = Tokens::open(&DataFolder::open(data_dir)?, Arc::new(SystemClock))?;
    Ok(tokens.id_token(email, tokens.now())?)
}

/// The login. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Login {
    tokens: Tokens,
    grants: Grants,
    users: Arc<Vec<SignIn>>,
}

impl Login {
    pub(crate) fn open(folder: &DataFolder, tokens: Tokens) -> Result<Self, LoginError> {
        Ok(Self {
            tokens,
            grants: Grants::open(&folder.file("login.sqlite"))?,
            users: Arc::new(folder.sign_ins()?.users),
        })
    }

    /// Its routes.
    pub(crate) fn router(self) -> Router {
        let for_scripts = Router::new()
            .route("/oauth2/token", post(token))
            .route("/oauth2/revoke", post(revoke))
            .route("/oauth2/userInfo", get(user_info))
            .route("/.well-known/jwks.json", get(jwks))
            .layer(loopback::cors([Method::GET, Method::POST], []));
        Router::new()
            .route("/oauth2/authorize", get(authorize).post(sign_in))
            .route("/logout", get(logout))
            .route(page::STYLE_PATH, get(page::style))
            .merge(for_scripts)
            .with_state(self)
    }

    /// The user with this address and password; takes the same time for unknown users.
    fn check_password(&self, email: &str, password: &str) -> Option<&SignIn> {
        let user = self.users.iter().find(|user| user.email.eq_ignore_ascii_case(email));
        let expected = grants::hash(user.map_or("", |user| &user.password));
        let equal: bool = grants::hash(password).as_bytes().ct_eq(expected.as_bytes()).into();
        user.filter(|_| equal)
    }

    fn tokens_answer(
        &self,
        email: &str,
        auth_time: i64,
        refresh_token: &str,
    ) -> Result<Response, LoginError> {
        let answer = json!({
            "id_token": self.tokens.id_token(email, auth_time)?,
            "access_token": self.tokens.access_token(email, auth_time)?,
            "refresh_token": refresh_token,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
        });
        Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
    }
}

/// The page's request. Absent parameters are empty, so that each gets its own error message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AuthorizeQuery {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
}

/// A valid request for a code.
struct AuthorizeRequest {
    redirect_uri: String,
    redirect_origin: String,
    state: String,
    code_challenge: String,
}

impl AuthorizeQuery {
    /// Checks the request; errors are shown on a page, or sent to the redirect URI once it is trusted.
    fn check(self) -> Result<AuthorizeRequest, Box<Response>> {
        if self.client_id != CLIENT_ID {
            return Err(Box::new(page::problem("It names an unknown application.")));
        }
        let Some((redirect_origin, path)) = loopback::loopback_url(&self.redirect_uri) else {
            return Err(Box::new(page::problem("It redirects to another machine.")));
        };
        if path != SIGNED_IN_PATH {
            return Err(Box::new(page::problem("It redirects to an unknown page.")));
        }
        let refused = |error: &str| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("error", error)
                .append_pair("state", &self.state)
                .finish();
            Box::new(Redirect::to(&format!("{}?{query}", self.redirect_uri)).into_response())
        };
        if self.response_type != "code" {
            return Err(refused("unsupported_response_type"));
        }
        if self.code_challenge_method != "S256" || self.code_challenge.len() != 43 {
            return Err(refused("invalid_request"));
        }
        Ok(AuthorizeRequest {
            redirect_uri: self.redirect_uri,
            redirect_origin,
            state: self.state,
            code_challenge: self.code_challenge,
        })
    }
}

async fn authorize(Query(query): Query<AuthorizeQuery>) -> Response {
    match query.check() {
        Ok(request) => page::sign_in(StatusCode::OK, &request.redirect_origin, "", None),
        Err(response) => *response,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignInForm {
    username: String,
    password: String,
}

async fn sign_in(
    State(login): State<Login>,
    Query(query): Query<AuthorizeQuery>,
    Form(form): Form<SignInForm>,
) -> Response {
    let request = match query.check() {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let email = form.username.trim();
    let now = login.tokens.now();
    let known = login.users.iter().any(|user| user.email.eq_ignore_ascii_case(email));
    // Unknown addresses share one counter, so that nobody can fill the memory with them.
    let counter = if known { email.to_lowercase() } else { String::new() };
    if let Some(seconds) = login.grants.must_wait(&counter, now) {
        let problem = format!("Too many wrong passwords. Try again in {seconds} seconds.");
        return page::sign_in(StatusCode::TOO_MANY_REQUESTS, &request.redirect_origin, email, Some(&problem));
    }
    let Some(user) = login.check_password(email, &form.password) else {
        login.grants.note_failure(&counter, now);
        let problem = "Wrong email address or password.";
        return page::sign_in(StatusCode::UNAUTHORIZED, &request.redirect_origin, email, Some(problem));
    };
    login.grants.forget_failures(&counter);
    let grant = CodeGrant {
        email: user.email.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge,
        issued_at: now,
    };
    match login.grants.issue_code(grant) {
        Ok(code) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("code", &code)
                .append_pair("state", &request.state)
                .finish();
            Redirect::to(&format!("{}?{query}", request.redirect_uri)).into_response()
        }
        Err(error) => internal(&error.into()),
    }
}

/// The body of `POST /oauth2/token`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenForm {
    grant_type: String,
    client_id: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    refresh_token: String,
}

async fn token(State(login): State<Login>, Form(form): Form<TokenForm>) -> Response {
    if form.client_id != CLIENT_ID {
        return refused("invalid_client");
    }
    let answer = match form.grant_type.as_str() {
        "authorization_code" => code_for_tokens(&login, &form).await,
        "refresh_token" => refresh(&login, &form).await,
        _ => return refused("unsupported_grant_type"),
    };
    match answer {
        Ok(Some(response)) => response,
        Ok(None) => refused("invalid_grant"),
        Err(error) => internal(&error),
    }
}

async fn code_for_tokens(login: &Login, form: &TokenForm) -> Result<Option<Response>, LoginError> {
    let now = login.tokens.now();
    let Some(grant) = login.grants.take_code(&form.code, now) else { return Ok(None) };
    // RFC 7636 requires 43 to 128 characters.
    let verifier_is_good = (43..=128).contains(&form.code_verifier.len())
        && bool::from(grants::hash(&form.code_verifier).as_bytes().ct_eq(grant.code_challenge.as_bytes()));
    if !verifier_is_good || grant.redirect_uri != form.redirect_uri {
        return Ok(None);
    }
    let refresh_token = login.grants.start_session(grant.email.clone(), now).await?;
    login.tokens_answer(&grant.email, grant.issued_at, &refresh_token).map(Some)
}

async fn refresh(login: &Login, form: &TokenForm) -> Result<Option<Response>, LoginError> {
    let Some(session) = login.grants.refresh(&form.refresh_token, login.tokens.now()).await? else {
        return Ok(None);
    };
    if !login.users.iter().any(|user| user.email == session.email) {
        return Ok(None);
    }
    login.tokens_answer(&session.email, session.auth_time, &session.refresh_token).map(Some)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RevokeForm {
    token: String,
}

async fn revoke(State(login): State<Login>, Form(form): Form<RevokeForm>) -> Response {
    match login.grants.revoke(&form.token).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => internal(&error.into()),
    }
}

async fn user_info(State(login): State<Login>, headers: HeaderMap) -> Response {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match login.tokens.authorize(authorization) {
        Ok(claims) => Json(json!({
            "sub": claims.sub,
            "email": claims.email,
            "email_verified": claims.email_verified,
            "username": claims.username,
        }))
        .into_response(),
        Err(_) => (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_token" }))).into_response(),
    }
}

async fn jwks(State(login): State<Login>) -> Response {
    Json(login.tokens.jwks()).into_response()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LogoutQuery {
    client_id: String,
    logout_uri: String,
}

async fn logout(Query(query): Query<LogoutQuery>) -> Response {
    if query.client_id != CLIENT_ID || loopback::loopback_url(&query.logout_uri).is_none() {
        return page::problem("It redirects to another machine.");
    }
    Redirect::to(&query.logout_uri).into_response()
}

fn refused(error: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, [(CACHE_CONTROL, "no-store")], Json(json!({ "error": error }))).into_response()
}

fn internal(error: &LoginError) -> Response {
    tracing::error!(%error, "the login failed");
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "server_error" }))).into_response()
}
