//! Proof Key for Code Exchange (RFC 7636) with the browser's Web Crypto API.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use js_sys::Uint8Array;
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Crypto;

/// The browser offers Web Crypto only to pages on HTTPS or localhost.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoCrypto;

fn crypto() -> Result<Crypto, NoCrypto> {
    window().crypto().map_err(|_| NoCrypto)
}

/// 32 random bytes as text: a PKCE verifier, or a `state`.
pub(super) fn random_text() -> Result<String, NoCrypto> {
    let mut bytes = [0_u8; 32];
    crypto()?.get_random_values_with_u8_array(&mut bytes).map_err(|_| NoCrypto)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The S256 challenge of a verifier.
pub(super) async fn challenge(verifier: &str) -> Result<String, NoCrypto> {
    let crypto = crypto()?;
    let subtle = js_sys::Reflect::get(&crypto, &"subtle".into()).map_err(|_| NoCrypto)?;
    let subtle: web_sys::SubtleCrypto = subtle.dyn_into().map_err(|_| NoCrypto)?;
    let digest = subtle.digest_with_str_and_u8_array("SHA-256", verifier.as_bytes()).map_err(|_| NoCrypto)?;
    let digest = JsFuture::from(digest).await.map_err(|_| NoCrypto)?;
    Ok(URL_SAFE_NO_PAD.encode(Uint8Array::new(&digest).to_vec()))
}
