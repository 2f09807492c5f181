//! The stand-ins for programs outside this process: the built functions, as tests run them. None of our servers exposes
//! this; a test opens a port of its own while it runs.

use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::LocalApp;

/// Key id and secret with which requests to the local S3 must be signed.
#[derive(Clone)]
pub struct AccessKeys {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
}

impl LocalApp {
    /// Serves a request from an AWS SDK to DynamoDB, SQS or S3.
    ///
    /// # Errors
    /// When the request is invalid or a stand-in fails.
    pub async fn answer_aws(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, ConnectorError> {
        let request = request.map(SdkBody::from).try_into().map_err(broken)?;
        let response = self.stand_ins.answer(request).await?.try_into_http1x().map_err(broken)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(ConnectorError::io)?.to_bytes();
        Ok(http::Response::from_parts(parts, body))
    }

    /// The keys with which requests to the local S3 must be signed.
    #[must_use]
    pub fn access_keys(&self) -> &AccessKeys {
        &self.access_keys
    }
}

fn broken(error: aws_smithy_runtime_api::http::HttpError) -> ConnectorError {
    ConnectorError::user(error.into())
}
