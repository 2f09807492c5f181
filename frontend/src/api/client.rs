//! The API client: adds the base path and the token, and retries once with a new token on a 401.

use std::rc::Rc;

use easy_crm_shared::site::SiteConfig;
use futures::future::LocalBoxFuture;
use gloo_net::http::{Method, RequestBuilder};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::http;
use crate::browser;

/// The longest `Retry-After` the page obeys, in seconds.
const MAX_WAIT_SECONDS: u32 = 60;

/// Most responses in the cache; the oldest is evicted first.
const MOST_REMEMBERED: usize = 32;

/// A cached response.
#[derive(Clone)]
struct Remembered {
    path: String,
    tag: String,
    text: String,
}

/// Where the client gets its tokens from.
pub(crate) trait TokenSource {
    /// A token that is valid for at least a minute.
    fn token(&self) -> LocalBoxFuture<'static, Result<String, ApiError>>;

    /// A token other than the one the server refused.
    fn renewed_token(&self, refused: String) -> LocalBoxFuture<'static, Result<String, ApiError>>;

    /// Even a new token was refused: the user has to sign in again.
    fn give_up(&self);
}

/// Sends requests as the signed-in user. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    config: StoredValue<SiteConfig>,
    tokens: StoredValue<Rc<dyn TokenSource>, LocalStorage>,
    remembered: StoredValue<Vec<Remembered>>,
}

/// The page's client.
pub(crate) fn use_client() -> Client {
    expect_context()
}

impl Client {
    /// A client for a deployment and its user.
    pub(crate) fn new(config: StoredValue<SiteConfig>, tokens: impl TokenSource + 'static) -> Self {
        Self {
            config,
            tokens: StoredValue::new_local(Rc::new(tokens)),
            remembered: StoredValue::new(Vec::new()),
        }
    }

    /// `GET`s JSON.
    pub(super) async fn get<T: DeserializeOwned>(self, path: String) -> Result<T, ApiError> {
        http::parse(&self.call(Method::GET, path, None, None).await?.text)
    }

    /// `GET`s JSON that is often unchanged, which the server then only confirms (304). The cache key is `key`; `rest` is
    /// appended to the path.
    pub(super) async fn get_again<T: DeserializeOwned>(self, key: &str, rest: &str) -> Result<T, ApiError> {
        let of_path = |remembered: &Vec<Remembered>| remembered.iter().find(|one| one.path == key).cloned();
        // After sign-out the cache is gone.
        let known = self.remembered.try_with_value(of_path).flatten();
        let tag = known.as_ref().map(|known| known.tag.clone());
        let answer = self.call(Method::GET, format!("{key}{rest}"), None, tag).await?;
        if let (true, Some(known)) = (answer.is_known, known) {
            return http::parse(&known.text);
        }
        let read = http::parse(&answer.text)?;
        if let Some(tag) = answer.tag {
            self.remembered.try_update_value(|remembered| {
                remembered.retain(|one| one.path != key);
                remembered.push(Remembered { path: key.to_owned(), tag, text: answer.text });
                let surplus = remembered.len().saturating_sub(MOST_REMEMBERED);
                remembered.drain(..surplus);
            });
        }
        Ok(read)
    }

    /// Clears the cache.
    pub(crate) fn forget(self) {
        self.remembered.try_update_value(Vec::clear);
    }

    /// `POST`s JSON and reads JSON.
    pub(super) async fn post<T: DeserializeOwned>(
        self,
        path: String,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        self.change(Method::POST, path, body).await
    }

    /// `DELETE`s and reads JSON.
    pub(super) async fn delete<T: DeserializeOwned>(self, path: String) -> Result<T, ApiError> {
        http::parse(&self.call(Method::DELETE, path, None, None).await?.text)
    }

    /// Sends JSON with any method and reads JSON.
    pub(super) async fn change<T: DeserializeOwned>(
        self,
        method: Method,
        path: String,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        let body = serde_json::to_string(body).map_err(|_| ApiError::Unreadable)?;
        http::parse(&self.call(method, path, Some(body), None).await?.text)
    }

    /// Sends a request and returns the successful response. On "too many requests" (429), waits as long as the server
    /// asks and retries, a few times. Boxed, so that its code is compiled once and not for every caller.
    fn call(
        self,
        method: Method,
        path: String,
        body: Option<String>,
        tag: Option<String>,
    ) -> LocalBoxFuture<'static, Result<http::Answer, ApiError>> {
        Box::pin(async move {
            let mut tries = 0;
            loop {
                let answer = self.send(method.clone(), &path, body.as_deref(), tag.as_deref()).await;
                tries += 1;
                match &answer {
                    Err(error) if error.is_status(429) && tries < 4 => {
                        let seconds = error.retry_after_seconds().unwrap_or(2).clamp(1, MAX_WAIT_SECONDS);
                        browser::sleep_ms(seconds * 1_000).await;
                    }
                    _ => return answer,
                }
            }
        })
    }

    async fn send(
        self,
        method: Method,
        path: &str,
        body: Option<&str>,
        tag: Option<&str>,
    ) -> Result<http::Answer, ApiError> {
        let base = self.config.try_with_value(|config| config.api_base.clone());
        let url = format!("{}{path}", base.ok_or(ApiError::SessionExpired)?);
        let tokens = self.tokens.try_get_value().ok_or(ApiError::SessionExpired)?;
        let token = tokens.token().await?;
        match send_with(&url, method.clone(), &token, body, tag).await {
            Err(error) if error.is_status(401) => {
                let token = tokens.renewed_token(token).await?;
                match send_with(&url, method, &token, body, tag).await {
                    Err(error) if error.is_status(401) => {
                        tokens.give_up();
                        Err(ApiError::SessionExpired)
                    }
                    answer => answer,
                }
            }
            answer => answer,
        }
    }
}

async fn send_with(
    url: &str,
    method: Method,
    token: &str,
    body: Option<&str>,
    tag: Option<&str>,
) -> Result<http::Answer, ApiError> {
    let mut builder = RequestBuilder::new(url)
        .method(method)
        .header("Authorization", &format!("Bearer {token}"))
        .header("Accept", "application/json");
    if let Some(tag) = tag {
        builder = builder.header("If-None-Match", tag);
    }
    let request = match body {
        None => http::without_body(builder)?,
        Some(body) => {
            let builder = builder.header("Content-Type", "application/json");
            builder.body(body.to_owned()).map_err(|_| ApiError::Unreachable)?
        }
    };
    http::send(request).await
}
