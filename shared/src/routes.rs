//! Route names, below the API's base path, in one place for handlers, gateway, the templates' tests and the page.

/// Base path of the API on the site's host.
pub const API_BASE: &str = "/api";
/// `POST`: ask for a presigned upload URL.
pub const UPLOAD: &str = "/upload";
/// `GET`: list leads.
pub const LEADS: &str = "/leads";
/// `GET`: one lead; `PATCH`: change its fields.
pub const LEAD: &str = "/leads/{leadId}";
/// `POST`: delete leads.
pub const LEADS_DELETE: &str = "/leads/delete";
/// `POST`: restore deleted leads.
pub const LEADS_RESTORE: &str = "/leads/restore";
/// `POST`: permanently erase a person.
pub const LEADS_ERASE: &str = "/leads/erase";
/// `GET`: advance a job of mine and return its progress.
pub const JOB: &str = "/jobs/{jobId}";
/// `GET`: my saved views.
pub const VIEWS: &str = "/views";
/// `PUT`: save a view of mine; `DELETE`: delete it.
pub const VIEW: &str = "/views/{viewId}";
/// `GET`: my uploads of the last 24 hours.
pub const STATUS_LIST: &str = "/status";
/// `GET`: one upload's processing status.
pub const STATUS: &str = "/status/{uploadId}";
/// `POST`: cancel an upload.
pub const STATUS_CANCEL: &str = "/status/{uploadId}/cancel";
/// `GET`: a link to the upload's problem report.
pub const STATUS_PROBLEMS: &str = "/status/{uploadId}/problems";
/// `POST`: export leads.
pub const EXPORT: &str = "/export";
/// `POST`: ask a question.
pub const CHAT: &str = "/chat";
/// The page's run-time settings ([`crate::site::SiteConfig`]), on the site's own host, outside the API.
pub const SITE_CONFIG: &str = "/config.json";

/// A path with its parameter replaced by an id. (A substring search would add a search algorithm to the page's code.)
fn filled(path: &str, id: &str) -> String {
    path.split(['{', '}']).enumerate().map(|(nth, part)| if nth == 1 { id } else { part }).collect()
}

/// Path of one lead.
#[must_use]
pub fn lead(lead_id: &str) -> String {
    filled(LEAD, lead_id)
}

/// Path of one job.
#[must_use]
pub fn job(job_id: &str) -> String {
    filled(JOB, job_id)
}

/// Path of one saved view.
#[must_use]
pub fn view(view_id: &str) -> String {
    filled(VIEW, view_id)
}

/// Path of one upload's status.
#[must_use]
pub fn status(upload_id: &str) -> String {
    filled(STATUS, upload_id)
}

/// Path of one upload's problem report.
#[must_use]
pub fn status_problems(upload_id: &str) -> String {
    filled(STATUS_PROBLEMS, upload_id)
}

/// Path that cancels one upload.
#[must_use]
pub fn status_cancel(upload_id: &str) -> String {
    filled(STATUS_CANCEL, upload_id)
}
