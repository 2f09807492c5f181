//! The HTTP client of the AWS SDK and of the language model: HTTP/1.1, TLS by rustls.
//!
//! The SDK's own client is the same libraries put together, and HTTP/2 with them, which none of the services needs and which adds
//! 290 kB to the zip of each function.

use std::error::Error;
use std::io;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, HttpConnector as TcpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};

/// How long a connection may take to come about, TLS included. The SDK's own default.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// The client. Clones share their connections.
#[derive(Debug, Clone)]
pub struct HttpsClient {
    client: Client<TimeoutConnector<HttpsConnector<TcpConnector>>, SdkBody>,
}

impl HttpsClient {
    /// A client that trusts the certificates `SSL_CERT_FILE` or `SSL_CERT_DIR` names, else those Mozilla trusts. The latter are
    /// part of the program: to read those of the machine would take as long as all else of a cold start.
    ///
    /// # Errors
    /// When certificates are named and none can be read.
    pub fn new() -> io::Result<Self> {
        let tls = tls_versions().map_err(io::Error::other)?;
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_named = is_set("SSL_CERT_FILE") || is_set("SSL_CERT_DIR");
        let tls = if is_named { tls.with_native_roots()? } else { tls.with_webpki_roots() };
        Ok(Self::with(tls.with_no_client_auth(), CONNECT_TIMEOUT))
    }

    fn with(tls: ClientConfig, connect_timeout: Duration) -> Self {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        // A small write is not held back until the last one is acknowledged.
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let mut connector = TimeoutConnector::new(https.wrap_connector(tcp));
        connector.set_connect_timeout(Some(connect_timeout));
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { client }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// With what went wrong before there was a status.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let connection = capture_connection(&mut request);
        // After a transient error the SDK asks for another connection than the one that brought it.
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || {
                connection.connection_metadata().as_ref()?;
                let connection = connection.clone();
                let poison = move || connection.connection_metadata().iter().for_each(Connected::poison);
                Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
            });
        }
        let response = self.client.request(request).await.map_err(connector_error)?;
        HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
            .map_err(|error| ConnectorError::other(error.into(), None))
    }
}

/// TLS 1.2 and 1.3 by *ring*.
fn tls_versions() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
}

/// What the SDK is to make of a failure: of those on the way it tries again.
fn connector_error(error: hyper_util::client::legacy::Error) -> ConnectorError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(known) = cause {
        let is_timeout =
            known.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::TimedOut);
        if is_timeout {
            return ConnectorError::timeout(error.into());
        }
        if known.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_user) {
            return ConnectorError::user(error.into());
        }
        cause = known.source();
    }
    ConnectorError::io(error.into())
}

impl HttpConnector for HttpsClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(async move { client.send(request).await })
    }
}

impl HttpClient for HttpsClient {
    // Of the settings only time-outs for reading could matter, and nothing here sets one: the SDK drops a call that takes too long.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use http_body_util::BodyExt as _;
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use rustls::{RootCertStore, ServerConfig};
    use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// What a server of the tests does with the connections it gets.
    struct Server {
        listener: TcpListener,
        tls: TlsAcceptor,
        roots: RootCertStore,
    }

    impl Server {
        async fn new() -> Self {
            let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            let certificate = issued.cert.der().clone();
            let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
            let tls = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.clone()], key.into())
                .unwrap();
            let mut roots = RootCertStore::empty();
            roots.add(certificate).unwrap();
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
            Self { listener, tls: Arc::new(tls).into(), roots }
        }

        fn request(&self, path: &str) -> HttpRequest {
            let port = self.listener.local_addr().unwrap().port();
            let request = http::Request::get(format!("https://localhost:{port}/{path}"));
            request.body(SdkBody::empty()).unwrap().try_into().unwrap()
        }

        async fn connection(&self) -> TcpStream {
            self.listener.accept().await.unwrap().0
        }
    }

    fn client(roots: &RootCertStore, connect_timeout: Duration) -> HttpsClient {
        let tls = tls_versions().unwrap().with_root_certificates(roots.clone()).with_no_client_auth();
        HttpsClient::with(tls, connect_timeout)
    }

    /// Reads the head of a request, and says whether there was one.
    async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> bool {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return false,
            }
        }
        true
    }

    async fn answer(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        stream.write_all(response.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
    }

    async fn text(response: HttpResponse) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
    }

    #[tokio::test]
    async fn one_connection_serves_request_after_request() {
        let server = Server::new().await;
        let client = client(&server.roots, CONNECT_TIMEOUT);
        let serve = async {
            let mut stream = server.tls.accept(server.connection().await).await.unwrap();
            for text in ["one", "two"] {
                assert!(read_head(&mut stream).await);
                answer(&mut stream, text).await;
            }
            // Open until both are read.
            stream
        };
        let ask = async {
            let one = text(client.send(server.request("1")).await.unwrap()).await;
            (one, text(client.send(server.request("2")).await.unwrap()).await)
        };
        let (_stream, texts) = tokio::join!(serve, ask);
        assert_eq!(texts, ("one".to_owned(), "two".to_owned()));
    }

    #[tokio::test]
    async fn a_server_that_nobody_vouches_for_gets_no_request() {
        let server = Server::new().await;
        let stranger = Server::new().await;
        let client = client(&stranger.roots, CONNECT_TIMEOUT);
        let serve = async {
            match server.tls.accept(server.connection().await).await {
                Ok(mut stream) => read_head(&mut stream).await,
                Err(_) => false,
            }
        };
        let (was_asked, refused) = tokio::join!(serve, client.send(server.request("")));
        assert!(!was_asked);
        assert!(refused.unwrap_err().is_io());
    }

    #[tokio::test]
    async fn a_server_that_never_greets_is_a_time_out() {
        let server = Server::new().await;
        let client = client(&server.roots, Duration::from_millis(50));
        let (_silent, timed_out) = tokio::join!(server.connection(), client.send(server.request("")));
        assert!(timed_out.unwrap_err().is_timeout());
    }

    #[tokio::test]
    async fn an_answer_that_never_comes_is_worth_another_try() {
        let server = Server::new().await;
        let client = client(&server.roots, CONNECT_TIMEOUT);
        let serve = async {
            let mut stream = server.tls.accept(server.connection().await).await.unwrap();
            assert!(read_head(&mut stream).await);
        };
        let ((), broken) = tokio::join!(serve, client.send(server.request("")));
        assert!(broken.unwrap_err().is_io());
    }

    #[tokio::test]
    async fn a_poisoned_connection_is_not_used_again() {
        let server = Server::new().await;
        let client = client(&server.roots, CONNECT_TIMEOUT);
        let serve = async {
            let mut open = Vec::new();
            for text in ["one", "two"] {
                let mut stream = server.tls.accept(server.connection().await).await.unwrap();
                assert!(read_head(&mut stream).await);
                answer(&mut stream, text).await;
                open.push(stream);
            }
            open
        };
        let ask = async {
            let capture = CaptureSmithyConnection::new();
            let mut request = server.request("1");
            request.add_extension(capture.clone());
            let response = client.send(request).await.unwrap();
            capture.get().unwrap().poison();
            let one = text(response).await;
            (one, text(client.send(server.request("2")).await.unwrap()).await)
        };
        let (_open, texts) = tokio::join!(serve, ask);
        assert_eq!(texts, ("one".to_owned(), "two".to_owned()));
    }
}
