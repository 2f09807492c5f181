//! The session: who is signed in, and a token that is always fresh. OAuth 2.0 authorization code with PKCE; tokens are
//! kept in memory, the refresh token also in the tab's session storage, so that a reload keeps the user signed in. The tabs
//! of a browser share one session (`tabs`): a new tab asks the others for the tokens, and only one renews them at a time.

use std::pin::pin;

use easy_crm_shared::site::SiteConfig;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, Shared, select};
use leptos::prelude::*;

mod locks;
mod oauth;
mod pkce;
mod tabs;
mod tokens;

use locks::{Lock, Mode};
use oauth::{CallbackError, PendingSignIn};
use tabs::{Message, Tabs};
use tokens::Tokens;

use crate::api::{ApiError, TokenSource, login};
use crate::browser;
use crate::routes;

const REFRESH_TOKEN_KEY: &str = "easy-crm.refresh-token";
const SESSION_ID_KEY: &str = "easy-crm.session-id";
const PENDING_KEY: &str = "easy-crm.pending-sign-in";
/// Lock that every signed-in tab shares: whether there is a tab to ask.
const SIGNED_IN_LOCK: &str = "easy-crm.signed-in";
/// Lock of the tab that renews the tokens.
const RENEWAL_LOCK: &str = "easy-crm.renewal";
/// How long a tab waits for the answer of the other signed-in tabs, in milliseconds. They may be busy.
const ANSWER_MS: u32 = 500;

/// Whether somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// It is being found out: from a refresh token, or from other tabs.
    Restoring,
    /// Nobody is. `expired`: the session ended without the user signing out.
    SignedOut { expired: bool },
    /// This user is.
    SignedIn { email: String },
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
    tabs: StoredValue<Option<Tabs>, LocalStorage>,
    /// The tab's share of [`SIGNED_IN_LOCK`].
    presence: StoredValue<Option<Lock>, LocalStorage>,
    /// Notified when another tab has answered.
    answered: StoredValue<Option<oneshot::Sender<()>>>,
    /// Sessions that are over: signed out of, or no longer renewable.
    ended: StoredValue<Vec<String>>,
    /// Called on sign-out, to forget whatever else is kept of the user.
    on_sign_out: StoredValue<Vec<fn()>>,
}

/// The page's session.
pub(crate) fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Starts with the session of a reloaded tab, or that of the other tabs, if there is one.
    pub(crate) fn new(config: StoredValue<SiteConfig>) -> Self {
        let session = Self {
            config,
            state: RwSignal::new(SessionState::Restoring),
            tokens: StoredValue::new(None),
            renewal: StoredValue::new_local(None),
            tabs: StoredValue::new_local(None),
            presence: StoredValue::new_local(None),
            answered: StoredValue::new(None),
            ended: StoredValue::new(Vec::new()),
            on_sign_out: StoredValue::new(Vec::new()),
        };
        session.tabs.set_value(Tabs::open(move |message| session.hear(message)));
        let stored = browser::session_get(REFRESH_TOKEN_KEY).map(|refresh_token| Tokens {
            session_id: browser::session_get(SESSION_ID_KEY).unwrap_or_default(),
            id_token: String::new(),
            refresh_token: Some(refresh_token),
            expires_at_ms: 0.0,
        });
        if stored.is_none() && browser::path_and_search().0 == routes::SIGNED_IN {
            // The user is just signing in: this tab will have a session of its own.
            session.state.set(SessionState::SignedOut { expired: false });
        } else {
            session.tokens.set_value(stored);
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

    fn tokens(self) -> Option<Tokens> {
        self.tokens.try_get_value().flatten()
    }

    async fn restore(self) {
        if self.tokens().is_none() {
            self.ask_other_tabs().await;
        }
        if self.tokens().is_some() {
            // The server may be starting: retry for a while before asking the user to sign in.
            for wait_ms in [0, 1_000, 3_000] {
                browser::sleep_ms(wait_ms).await;
                match self.valid_token().await {
                    Ok(_) | Err(ApiError::SessionExpired) => return,
                    Err(_) => {}
                }
            }
        }
        self.state.try_set(SessionState::SignedOut { expired: false });
    }

    /// Asks the other signed-in tabs, if there are any, for their tokens. Newer ones are taken over before this returns.
    async fn ask_other_tabs(self) {
        let own = self.presence.try_with_value(Option::is_some).unwrap_or_default();
        if locks::holders(SIGNED_IN_LOCK).await.is_some_and(|tabs| tabs <= usize::from(own)) {
            return;
        }
        let (sender, answer) = oneshot::channel();
        self.answered.try_set_value(Some(sender));
        self.tell(&Message::Ask);
        select(answer, pin!(browser::sleep_ms(ANSWER_MS))).await;
    }

    fn tell(self, message: &Message) {
        if let Some(tabs) = self.tabs.try_get_value().flatten() {
            tabs.tell(message);
        }
    }

    /// Another tab says something.
    fn hear(self, message: Message) {
        match message {
            Message::Ask => {
                if let Some(tokens) = self.tokens().filter(|tokens| !tokens.id_token.is_empty()) {
                    self.tell(&Message::Tokens(tokens));
                }
            }
            Message::Tokens(tokens) => {
                let session_id = tokens.session_id.clone();
                let ended = self.ended.try_get_value().unwrap_or_default();
                if tokens.replace(self.tokens().as_ref(), &ended) {
                    self.keep(tokens);
                }
                if self.tokens().is_some_and(|own| own.session_id == session_id)
                    && let Some(waiting) = self.answered.try_update_value(Option::take).flatten()
                {
                    // The wait may be over.
                    let _ = waiting.send(());
                }
            }
            Message::SignedOut { session_id } => {
                self.end(session_id);
                self.forget_user();
                self.state.try_set(SessionState::SignedOut { expired: false });
            }
        }
    }

    async fn valid_token(self) -> Result<String, ApiError> {
        let tokens = self.tokens().ok_or(ApiError::SessionExpired)?;
        if tokens.are_fresh(browser::now_ms()) {
            return Ok(tokens.id_token);
        }
        self.other_token(tokens.id_token).await
    }

    async fn other_token(self, refused: String) -> Result<String, ApiError> {
        let tokens = self.tokens().ok_or(ApiError::SessionExpired)?;
        if tokens.id_token != refused {
            return Ok(tokens.id_token);
        }
        let under_way = self.renewal.try_get_value().flatten();
        let renewal = under_way.unwrap_or_else(|| {
            let renewal = self.renew(refused).boxed_local().shared();
            self.renewal.set_value(Some(renewal.clone()));
            renewal
        });
        renewal.await
    }

    async fn renew(self, refused: String) -> Result<String, ApiError> {
        let renewed = self.renew_in_turn(&refused).await;
        self.renewal.try_set_value(None);
        renewed
    }

    /// Gets a token other than the refused one: from another tab, or else from the login service. Only one tab does this
    /// at a time, because a refresh token can be used only once: the next tab gets the new one by asking.
    async fn renew_in_turn(self, refused: &str) -> Result<String, ApiError> {
        let _turn = match Lock::request(RENEWAL_LOCK, Mode::Exclusive) {
            Some(lock) => Some(lock.granted().await),
            None => None,
        };
        self.ask_other_tabs().await;
        let tokens = self.tokens().ok_or(ApiError::SessionExpired)?;
        if tokens.id_token != refused && tokens.are_fresh(browser::now_ms()) {
            return Ok(tokens.id_token);
        }
        let config = self.config.try_get_value().ok_or(ApiError::SessionExpired)?;
        let answer = match &tokens.refresh_token {
            Some(refresh_token) => login::refresh(&config, refresh_token).await,
            None => Err(ApiError::SessionExpired),
        };
        let is_current = self.tokens().is_some_and(|own| own.session_id == tokens.session_id);
        match answer {
            Ok(answer) if is_current => Ok(self.accept(answer, tokens.session_id, tokens.refresh_token)),
            // The user has signed out meanwhile, or signed in again.
            Ok(answer) => {
                if let Some(refresh_token) = answer.refresh_token.or(tokens.refresh_token) {
                    login::revoke(&config, &refresh_token);
                }
                self.tokens().map(|own| own.id_token).ok_or(ApiError::SessionExpired)
            }
            Err(error) if is_over(&error) => {
                if is_current {
                    self.expire();
                    // The user may have signed in again in another tab.
                    self.ask_other_tabs().await;
                }
                Err(ApiError::SessionExpired)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps tokens of the login service, and tells the other tabs; returns the ID token.
    fn accept(
        self,
        answer: login::TokenResponse,
        session_id: String,
        refresh_token: Option<String>,
    ) -> String {
        let tokens = Tokens {
            session_id,
            id_token: answer.id_token,
            refresh_token: answer.refresh_token.or(refresh_token),
            expires_at_ms: browser::now_ms() + f64::from(answer.expires_in) * 1_000.0,
        };
        self.keep(tokens.clone());
        let id_token = tokens.id_token.clone();
        self.tell(&Message::Tokens(tokens));
        id_token
    }

    fn keep(self, tokens: Tokens) {
        browser::session_set(REFRESH_TOKEN_KEY, tokens.refresh_token.as_deref());
        browser::session_set(SESSION_ID_KEY, Some(&tokens.session_id));
        let email = oauth::claims(&tokens.id_token).map(|claims| claims.email).unwrap_or_default();
        self.tokens.try_set_value(Some(tokens));
        self.presence.try_update_value(|presence| {
            *presence = presence.take().or_else(|| Lock::request(SIGNED_IN_LOCK, Mode::Shared));
        });
        let signed_in = SessionState::SignedIn { email };
        if self.state.try_with_untracked(|state| *state != signed_in) == Some(true) {
            self.state.try_set(signed_in);
        }
    }

    /// Forgets the session because it can no longer be renewed.
    fn expire(self) {
        self.end(self.tokens().map(|tokens| tokens.session_id));
        self.forget();
        self.state.try_set(SessionState::SignedOut { expired: true });
    }

    /// Takes no more tokens of this session from other tabs.
    fn end(self, session_id: Option<String>) {
        self.ended.try_update_value(|ended| ended.extend(session_id));
    }

    /// Forgets the session in this tab.
    fn forget(self) {
        for key in [REFRESH_TOKEN_KEY, SESSION_ID_KEY, PENDING_KEY] {
            browser::session_set(key, None);
        }
        self.tokens.try_set_value(None);
        self.presence.try_set_value(None);
    }

    /// Ends the session at the login service, and forgets it and whatever else this tab keeps of the user.
    fn forget_user(self) {
        if let Some(refresh_token) = browser::session_get(REFRESH_TOKEN_KEY) {
            self.config.with_value(|config| login::revoke(config, &refresh_token));
        }
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
        self.accept(answer.map_err(|error| error.message())?, pending.state, None);
        Ok(oauth::safe_return_path(&pending.return_to).to_owned())
    }

    /// Forgets the user in this tab and all others, and ends the login service's session as well.
    pub(crate) fn sign_out(self) {
        let session_id = self.tokens().map(|tokens| tokens.session_id);
        self.end(session_id.clone());
        self.tell(&Message::SignedOut { session_id });
        self.forget_user();
        let url = self.config.with_value(|config| oauth::logout_url(config, &browser::origin()));
        browser::go_to(&url);
    }
}

/// Whether the refresh token is used up, revoked or expired. Any other error may be temporary.
fn is_over(error: &ApiError) -> bool {
    *error == ApiError::SessionExpired || error.is_status(400) || error.is_status(401)
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
