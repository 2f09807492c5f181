//! A loopback server that speaks DeepSeek's wire format and misbehaves as instructed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use easy_crm_local::model::{DataPolicy, Deadlines, DeepSeekConfig, ModelConfig, Secret};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The key given to the system.
pub const API_KEY: &str = "sk-test-key-that-must-not-be-logged";

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A completion with this content.
    Content(String),
    /// A completion with this content and finish reason.
    Finished(&'static str, String),
    /// A completion after blank lines that keep the connection open.
    KeptAlive(String),
    /// A custom body, with status 200.
    Body(String),
    /// An HTTP error, with `Retry-After` in seconds if given.
    Status(u16, Option<u32>),
    /// Blank lines, and then nothing, for ever.
    Hangs,
    /// Half a response.
    Drops,
}

impl Reply {
    /// A completion with this JSON.
    #[must_use]
    pub fn json(content: &Value) -> Self {
        Self::Content(content.to_string())
    }
}

type Behaviour = Arc<dyn Fn(&Value, usize) -> Reply + Send + Sync>;

/// The running server; it stops when it is dropped.
pub struct FakeDeepSeek {
    base_url: String,
    requests: Arc<Mutex<Vec<Value>>>,
    server: JoinHandle<()>,
}

impl Drop for FakeDeepSeek {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl FakeDeepSeek {
    /// Starts a server; `behaviour` gets a request's material and the number of earlier requests.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(behaviour: impl Fn(&Value, usize) -> Reply + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, behaviour): (_, Behaviour) = (Arc::clone(&requests), Arc::new(behaviour));
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, behaviour) = (Arc::clone(&seen), Arc::clone(&behaviour));
                // clients that disconnect are part of what is tested
                tokio::spawn(async move { serve(stream, &seen, &behaviour).await });
            }
        });
        Ok(Self { base_url, requests, server })
    }

    /// Settings that point to this server, with short waits.
    #[must_use]
    pub fn config(&self, policy: DataPolicy) -> ModelConfig {
        let mut deepseek = DeepSeekConfig::new(Secret::new(API_KEY));
        deepseek.base_url.clone_from(&self.base_url);
        deepseek.retry_pause = Duration::from_millis(1);
        deepseek.rest = Duration::ZERO;
        ModelConfig { policy, deepseek: Some(deepseek), deadlines: Deadlines::default() }
    }

    /// The bodies of the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(stream: TcpStream, seen: &Mutex<Vec<Value>>, behaviour: &Behaviour) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut length, mut line, mut authorized) = (0, String::new(), false);
    while stream.read_line(&mut line).await? > 2 {
        let (name, value) = line.split_once(':').unwrap_or((line.as_str(), ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "authorization" => authorized = value.trim() == format!("Bearer {API_KEY}"),
            _ => {}
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body: Value = serde_json::from_slice(&body)?;
    let material = body["messages"][1]["content"].as_str().context("no material")?;
    let material: Value = serde_json::from_str(material)?;
    let before = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(body);
        seen.len() - 1
    };
    let reply = if authorized { behaviour(&material, before) } else { Reply::Status(401, None) };
    respond(stream.into_inner(), reply).await
}

async fn respond(mut stream: TcpStream, reply: Reply) -> Result<()> {
    let whole = |status: u16, extra: &str, body: &str| {
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{extra}connection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let text = match reply {
        Reply::Content(content) => whole(200, "", &completion("stop", &content)),
        Reply::Finished(reason, content) => whole(200, "", &completion(reason, &content)),
        Reply::KeptAlive(content) => whole(200, "", &format!("\n\n\r\n\n\n{}", completion("stop", &content))),
        Reply::Body(body) => whole(200, "", &body),
        Reply::Status(status, retry_after) => {
            let header = retry_after.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
            whole(status, &header, "{\"error\":{\"message\":\"no\"}}")
        }
        Reply::Drops => {
            let whole = whole(200, "", &completion("stop", "{}"));
            whole[..whole.len() - 10].to_owned()
        }
        Reply::Hangs => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n\n\n\n".to_owned(),
    };
    stream.write_all(text.as_bytes()).await?;
    if text.contains("content-length: 1000\r\n") {
        // until the client hangs up
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await?;
    }
    Ok(stream.shutdown().await?)
}

fn completion(finish_reason: &str, content: &str) -> String {
    json!({
        "id": "1", "object": "chat.completion", "created": 1, "model": "deepseek-v4-flash",
        "choices": [{
            "index": 0, "finish_reason": finish_reason,
            "message": { "role": "assistant", "content": content },
        }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
    })
    .to_string()
}
