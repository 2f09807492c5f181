//! The HTTP client of the AWS SDK, for the SDK and for the language model: TLS by rustls and *ring*.

use std::time::Duration;

use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};

/// How long a connection may take to come about, TLS included: the SDK's own default.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// What the clients of the SDK share. Their time-outs are those of the SDK's configuration.
#[must_use]
pub fn for_aws() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// A connector for a service that is not one of AWS.
#[must_use]
pub fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).connector_settings(settings).build()
}
