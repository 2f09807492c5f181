//! The session: who is signed in, and a token that is always fresh. OAuth 2.0 authorization code with PKCE; tokens are
//! kept in memory, the refresh token also in the tab's session storage, so that a reload keeps the user signed in.

use easy_crm_shared::site::SiteConfig;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::ev;
use leptos::prelude::*;

mod oauth;
mod pkce;

use oauth::{CallbackError, PendingSignIn};

use crate::api::{ApiError, TokenSource, login};
use crate::browser;

/// A token that expires sooner than this is renewed first.
const RENEW_BEFORE_MS: f64 = 60_000.0;
const REFRESH_TOKEN_KEY: &str = "easy-crm.refresh-token";
const PENDING_KEY: &str = "easy-crm.pending-sign-in";
/// When a tab last signed out; all tabs see the change.
const SIGNED_OUT_KEY: &str = "easy-crm.signed-out";

/// Whether somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// A refresh token was found and is being checked.
    Restoring,
    /// Nobody is. `expired`: the session ended without the user signing out.
    SignedOut { expired: bool },
    /// This user is.
    SignedIn { email: String },
}

#[derive(Clone)]
struct Tokens {
    id_token: String,
    refresh_token: Option<String>,
    expires_at_ms: f64,
}

type Renewal = Shared<LocalBoxFuture<'static, Result<String, ApiError>>>;

/// The session of this tab. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    config: StoredValue<SiteConfig>,
    state: RwSignal<SessionState>,
    tokens: StoredValue<Option<Tokens>>,
    // One renewal at a time: all requests that need a new token wait for it.
    renewal: StoredValue<Option<Renewal>, LocalStorage>,
    /// Called on sign-out, to forget whatever else is kept of the user.
    on_sign_out: StoredValue<Vec<fn()>>,
}

/// The page's session.
pub(crate) fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Starts signed out, or restores the session of a reloaded tab.
    pub(crate) fn new(config: StoredValue<SiteConfig>) -> Self {
        let session = Self {
            config,
            state: RwSignal::new(SessionState::SignedOut { expired: false }),
            tokens: StoredValue::new(None),
            renewal: StoredValue::new_local(None),
            on_sign_out: StoredValue::new(Vec::new()),
        };
        session.follow_other_tabs();
        if let Some(refresh_token) = browser::session_get(REFRESH_TOKEN_KEY) {
            session.state.set(SessionState::Restoring);
            let tokens =
                Tokens { id_token: String::new(), refresh_token: Some(refresh_token), expires_at_ms: 0.0 };
            session.tokens.set_value(Some(tokens));
            leptos::task::spawn_local(session.restore());
        }
        session
    }

    /// Registers a function to call when the user signs out, in this tab or another.
    pub(crate) fn on_sign_out(self, forget: fn()) {
        self.on_sign_out.update_value(|listeners| listeners.push(forget));
    }

    /// Whether somebody is signed in.
    pub(crate) fn state(self) -> Signal<SessionState> {
        self.state.into()
    }

    /// The user's email address; empty when signed out.
    pub(crate) fn email(self) -> Signal<String> {
        Signal::derive(move || match self.state.get() {
            SessionState::SignedIn { email } => email,
            _ => String::new(),
        })
    }

    async fn restore(self) {
        // The server may be starting: retry for a while before asking the user to sign in.
        for wait_ms in [0, 1_000, 3_000] {
            browser::sleep_ms(wait_ms).await;
            match self.valid_token().await {
                Err(ApiError::Unreachable) => {}
                _ => return,
            }
        }
        self.state.try_set(SessionState::SignedOut { expired: false });
    }

    async fn valid_token(self) -> Result<String, ApiError> {
        let tokens = self.tokens.try_get_value().flatten().ok_or(ApiError::SessionExpired)?;
        if tokens.expires_at_ms - browser::now_ms() > RENEW_BEFORE_MS {
            return Ok(tokens.id_token);
        }
        self.other_token(tokens.id_token).await
    }

    async fn other_token(self, refused: String) -> Result<String, ApiError> {
        let tokens = self.tokens.try_get_value().flatten().ok_or(ApiError::SessionExpired)?;
        if tokens.id_token != refused {
            return Ok(tokens.id_token);
        }
        let under_way = self.renewal.try_get_value().flatten();
        let renewal = under_way.unwrap_or_else(|| {
            let renewal = self.renew(tokens.refresh_token).boxed_local().shared();
            self.renewal.set_value(Some(renewal.clone()));
            renewal
        });
        renewal.await
    }

    async fn renew(self, refresh_token: Option<String>) -> Result<String, ApiError> {
        let answer = match (refresh_token, self.config.try_get_value()) {
            (Some(refresh_token), Some(config)) => login::refresh(&config, &refresh_token).await,
            _ => Err(ApiError::SessionExpired),
        };
        self.renewal.try_set_value(None);
        match answer {
            Ok(answer) => Ok(self.accept(answer)),
            // 400 and 401: the refresh token is used up, revoked or expired. Any other error may be temporary.
            Err(error) if error.is_status(400) || error.is_status(401) => {
                self.expire();
                Err(ApiError::SessionExpired)
            }
            Err(ApiError::SessionExpired) => {
                self.expire();
                Err(ApiError::SessionExpired)
            }
            Err(error) => Err(error),
        }
    }

    fn accept(self, answer: login::TokenResponse) -> String {
        let before = self.tokens.try_get_value().flatten();
        let refresh_token = answer.refresh_token.or_else(|| before.and_then(|tokens| tokens.refresh_token));
        browser::session_set(REFRESH_TOKEN_KEY, refresh_token.as_deref());
        let email = oauth::claims(&answer.id_token).map(|claims| claims.email).unwrap_or_default();
        let expires_at_ms = browser::now_ms() + f64::from(answer.expires_in) * 1_000.0;
        let id_token = answer.id_token;
        self.tokens.try_set_value(Some(Tokens { id_token: id_token.clone(), refresh_token, expires_at_ms }));
        let signed_in = SessionState::SignedIn { email };
        if self.state.try_with_untracked(|state| *state != signed_in) == Some(true) {
            self.state.try_set(signed_in);
        }
        id_token
    }

    /// Forgets the session because it can no longer be renewed.
    fn expire(self) {
        self.forget();
        self.state.try_set(SessionState::SignedOut { expired: true });
    }

    /// Forgets the session, here and at the login service.
    fn forget(self) {
        if let Some(refresh_token) = browser::session_get(REFRESH_TOKEN_KEY) {
            self.config.with_value(|config| login::revoke(config, &refresh_token));
        }
        browser::session_set(REFRESH_TOKEN_KEY, None);
        browser::session_set(PENDING_KEY, None);
        self.tokens.try_set_value(None);
    }

    /// Forgets the session and whatever else this tab keeps of the user.
    fn forget_user(self) {
        self.forget();
        self.on_sign_out.with_value(|listeners| listeners.iter().for_each(|forget| forget()));
    }

    /// Redirects to the login service, which returns the user to `return_to`.
    pub(crate) async fn begin_sign_in(self, return_to: String) -> Result<(), String> {
        let no_crypto = |_| {
            "Signing in needs a secure connection. Open this page over HTTPS, or at http://localhost."
                .to_owned()
        };
        let state = pkce::random_text().map_err(no_crypto)?;
        let verifier = pkce::random_text().map_err(no_crypto)?;
        let challenge = pkce::challenge(&verifier).await.map_err(no_crypto)?;
        let url = self.config.with_value(|c| oauth::authorize_url(c, &browser::origin(), &state, &challenge));
        let pending = PendingSignIn { state, verifier, return_to };
        browser::session_set_json(PENDING_KEY, &pending);
        browser::go_to(&url);
        Ok(())
    }

    /// Completes a sign-in with what the login service sent back; returns the path to go to.
    pub(crate) async fn finish_sign_in(self, search: &str) -> Result<String, String> {
        let pending: Option<PendingSignIn> = browser::session_get_json(PENDING_KEY);
        // A code can be used only once.
        browser::session_set(PENDING_KEY, None);
        let code = oauth::code_of(search, pending.as_ref()).map_err(|error| match error {
            CallbackError::Denied(words) => words,
            CallbackError::NotOurs => "This sign-in link is no longer valid. Please start again.".to_owned(),
        })?;
        let pending = pending.ok_or("Please sign in again.")?;
        let config = self.config.get_value();
        let redirect_uri = oauth::redirect_uri(&browser::origin());
        let answer = login::exchange_code(&config, &code, &pending.verifier, &redirect_uri).await;
        self.accept(answer.map_err(|error| error.message())?);
        Ok(oauth::safe_return_path(&pending.return_to).to_owned())
    }

    /// Signs out when another tab does. The browser notifies every tab except the one that wrote.
    fn follow_other_tabs(self) {
        let before = browser::local_get(SIGNED_OUT_KEY);
        browser::listen(ev::storage, move |_| {
            if browser::local_get(SIGNED_OUT_KEY) != before {
                self.forget_user();
                self.state.try_set(SessionState::SignedOut { expired: false });
            }
        });
    }

    /// Forgets the user in this tab and all others, and ends the login service's session as well.
    pub(crate) fn sign_out(self) {
        self.forget_user();
        browser::local_set(SIGNED_OUT_KEY, Some(&(browser::now_ms() as u64).to_string()));
        let url = self.config.with_value(|config| oauth::logout_url(config, &browser::origin()));
        browser::go_to(&url);
    }
}

impl TokenSource for Session {
    fn token(&self) -> LocalBoxFuture<'static, Result<String, ApiError>> {
        self.valid_token().boxed_local()
    }

    fn renewed_token(&self, refused: String) -> LocalBoxFuture<'static, Result<String, ApiError>> {
        self.other_token(refused).boxed_local()
    }

    fn give_up(&self) {
        self.expire();
    }
}
