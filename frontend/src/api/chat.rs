//! Asking questions.

use easy_crm_shared::chat::{ChatContext, ChatRequest, ChatResponse};
use easy_crm_shared::routes;

use super::{ApiError, Client};
use crate::browser;

/// Asks a question as a follow-up to `context`. An empty question runs the context as it is.
pub(crate) async fn ask(
    client: Client,
    query: String,
    context: Option<ChatContext>,
) -> Result<ChatResponse, ApiError> {
    let request = ChatRequest { query, context, utc_offset_minutes: browser::utc_offset_minutes() };
    client.post(routes::CHAT.to_owned(), &request).await
}
