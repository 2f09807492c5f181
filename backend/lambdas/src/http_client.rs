//! The AWS SDK's HTTP client, for the SDK and for the language model: TLS by rustls and *ring*.

use std::time::Duration;

use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};

/// How long establishing a connection may take, including TLS: the SDK's own default.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// The HTTP client shared by the SDK's clients. Their timeouts are those of the SDK's configuration.
#[must_use]
pub fn for_aws() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// A connector for a service outside AWS.
#[must_use]
pub fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).connector_settings(settings).build()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_sdk_dynamodb::Client;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use aws_smithy_runtime_api::client::http::HttpConnector as _;
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_types::body::SdkBody;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    use super::*;

    /// A server for one connection with an untrusted certificate. It returns what it was sent.
    async fn impostor() -> (String, JoinHandle<Vec<u8>>) {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let server = tokio::spawn(async move {
            let mut sent = Vec::new();
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
                // A client that hangs up is as good as one that sends nothing.
                drop(stream.read_to_end(&mut sent).await);
            }
            sent
        });
        (url, server)
    }

    fn request(url: &str) -> HttpRequest {
        let request = http::Request::get(url).header("authorization", "Bearer secret");
        HttpRequest::try_from(request.body(SdkBody::empty()).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn the_connector_sends_nothing_to_a_server_it_does_not_trust() {
        let (url, server) = impostor().await;
        assert!(connector().call(request(&url)).await.is_err());
        assert!(server.await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn clients_of_aws_send_nothing_to_a_server_they_do_not_trust() {
        let (url, server) = impostor().await;
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(for_aws())
            .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .endpoint_url(url)
            .build();
        assert!(Client::from_conf(config).list_tables().send().await.is_err());
        assert!(server.await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let answer = tokio::time::timeout(4 * CONNECT_TIMEOUT, connector().call(request(&url)));
        assert!(answer.await.expect("the connector gives up first").is_err());
    }
}
