//! Finds a file of the page, compressed if the browser accepts that and the compressed file exists.

use std::path::PathBuf;

use bytes::Bytes;

/// Where the page's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dist {
    /// In a folder, in the layout of `trunk build`.
    Folder(PathBuf),
    /// In this binary (feature `embed-dist`).
    #[cfg(feature = "embed-dist")]
    Embedded,
    /// Nowhere: API only.
    None,
}

#[cfg(feature = "embed-dist")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../../dist"]
struct EmbeddedDist;

/// A file as it is sent.
pub(super) struct SiteFile {
    pub(super) bytes: Bytes,
    pub(super) encoding: Option<&'static str>,
}

impl Dist {
    /// The file, in the best encoding that exists and is accepted.
    pub(super) async fn find(&self, name: &str, accept_encoding: &str) -> Option<SiteFile> {
        for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
            if accepts(accept_encoding, encoding)
                && let Some(bytes) = self.read(&format!("{name}{ending}")).await
            {
                return Some(SiteFile { bytes, encoding: Some(encoding) });
            }
        }
        Some(SiteFile { bytes: self.read(name).await?, encoding: None })
    }

    async fn read(&self, name: &str) -> Option<Bytes> {
        match self {
            Self::Folder(folder) => tokio::fs::read(folder.join(name)).await.ok().map(Bytes::from),
            #[cfg(feature = "embed-dist")]
            Self::Embedded => EmbeddedDist::get(name).map(|file| match file.data {
                std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
            }),
            Self::None => None,
        }
    }
}

/// Whether `Accept-Encoding` names the encoding without refusing it (`;q=0`).
fn accepts(accept_encoding: &str, encoding: &str) -> bool {
    accept_encoding.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        parts.next() == Some(encoding)
            && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Whether the name can lead only to files inside the folder.
pub(super) fn is_safe(name: &str) -> bool {
    !name.contains(['\\', '\0', ':']) && !name.split('/').any(|segment| segment.starts_with('.'))
}

/// Whether the file never changes: Trunk puts a hash of 12 to 20 hex digits into the names of such files:
/// `app-1f0c….js`.
pub(super) fn is_hashed(name: &str) -> bool {
    name.rsplit('/')
        .next()
        .unwrap_or_default()
        .split(['-', '.', '_'])
        .skip(1)
        .any(|part| (12..=64).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The media type for a file name's extension.
pub(super) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_outside_are_refused() {
        for bad in ["../secret", "a/../b", ".env", "a/.git/config", "a\\b", "C:/x", "a\0"] {
            assert!(!is_safe(bad), "{bad}");
        }
        assert!(is_safe("") && is_safe("a/b-1.js"));
    }

    #[test]
    fn hashed_names() {
        for good in [
            "easy-crm-frontend-1f0c9a2b3c4d5e6f.js",
            "a-1f0c9a2b3c4d5e6f_bg.wasm",
            "x/tokens-0123456789abcdef.css",
        ] {
            assert!(is_hashed(good), "{good}");
        }
        for bad in ["index.html", "boot.js", "config.json", "icons/deadbeef.svg", "abcdefabcdef.js"] {
            assert!(!is_hashed(bad), "{bad}");
        }
    }

    #[test]
    fn encodings() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("", "gzip"));
    }
}
