//! The queue of files: sends one after the other, then polls each to its end.

use std::collections::HashMap;

use easy_crm_shared::status::ProcessingStatus;
use easy_crm_shared::upload::{UpdatePolicy, UploadRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, XmlHttpRequest};

use super::file_checks;
use super::job::{Job, Phase};
use super::polling::{self, Watcher};
use super::remembered::{self, Remembered};
use super::update_policy;
use crate::api::Client;
use crate::api::uploads::{self, SendError};
use crate::components::toast::Toaster;
use crate::format;

/// All uploads on the screen. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Uploads {
    pub(crate) client: Client,
    toaster: Toaster,
    /// Called with the record of an upload that ended; the list must be at least that recent.
    on_leads_changed: Callback<ProcessingStatus>,
    max_file_size: u64,
    jobs: RwSignal<Vec<Job>>,
    next_id: StoredValue<u64>,
    files: StoredValue<HashMap<u64, File>, LocalStorage>,
    requests: StoredValue<HashMap<u64, XmlHttpRequest>, LocalStorage>,
    is_sending: StoredValue<bool>,
    /// What the next imports do to leads that already exist.
    update_policy: RwSignal<UpdatePolicy>,
    /// Whether the import dialog is open.
    pub(super) dialog: RwSignal<bool>,
}

/// The page's uploads.
pub(crate) fn use_uploads() -> Uploads {
    expect_context()
}

impl Uploads {
    /// An empty queue; [`Self::restore`] adds what was in progress before a reload.
    pub(crate) fn new(
        client: Client,
        toaster: Toaster,
        max_file_size: u64,
        on_leads_changed: Callback<ProcessingStatus>,
    ) -> Self {
        Self {
            client,
            toaster,
            on_leads_changed,
            max_file_size,
            jobs: RwSignal::new(Vec::new()),
            next_id: StoredValue::new(0),
            files: StoredValue::new_local(HashMap::new()),
            requests: StoredValue::new_local(HashMap::new()),
            is_sending: StoredValue::new(false),
            update_policy: RwSignal::new(update_policy::remembered()),
            dialog: RwSignal::new(false),
        }
    }

    /// The uploads to show, newest first.
    pub(crate) fn jobs(self) -> Signal<Vec<Job>> {
        self.jobs.into()
    }

    /// Largest accepted file in bytes.
    pub(super) fn max_file_size(self) -> u64 {
        self.max_file_size
    }

    /// What the next imports do to leads that already exist.
    pub(super) fn update_policy(self) -> ReadSignal<UpdatePolicy> {
        self.update_policy.read_only()
    }

    /// Chooses what imports do to leads that already exist, from now on.
    pub(super) fn choose_update_policy(self, policy: UpdatePolicy) {
        update_policy::remember(policy);
        self.update_policy.set(policy);
    }

    /// Whether bytes are being sent, which leaving the page would interrupt.
    pub(crate) fn is_sending(self) -> bool {
        self.is_sending.try_get_value().unwrap_or_default()
    }

    /// Whether the upload is still on the screen. A closed or cancelled one is dropped.
    fn has(self, id: u64) -> bool {
        self.jobs.try_with_untracked(|jobs| jobs.iter().any(|job| job.id == id)).unwrap_or_default()
    }

    /// Adds files; those that cannot be imported get a panel that says why.
    pub(super) fn add(self, files: Vec<File>) {
        self.dialog.set(false);
        for file in files {
            let (name, size) = (file.name(), file.size() as u64);
            let phase = match file_checks::check_file(&name, size, self.max_file_size, format::size) {
                Ok(()) => Phase::Waiting,
                Err(message) => Phase::Failed { message, can_retry: false },
            };
            let job = self.push(name, size, phase);
            self.files.update_value(|files| {
                files.insert(job.id, file);
            });
        }
        self.start();
    }

    /// An id no other panel has.
    pub(crate) fn fresh_id(self) -> u64 {
        let id = self.next_id.try_get_value().unwrap_or_default();
        self.next_id.try_set_value(id + 1);
        id
    }

    fn push(self, file_name: String, file_size: u64, phase: Phase) -> Job {
        let job = Job::new(self.fresh_id(), file_name, file_size, phase);
        self.jobs.try_update(|jobs| jobs.insert(0, job.clone()));
        job
    }

    /// Tries a failed upload again.
    pub(crate) fn retry(self, job: &Job) {
        job.phase.set(Phase::Waiting);
        job.status.set(None);
        self.start();
    }

    /// Removes the panel from the screen.
    pub(crate) fn remove(self, job: &Job) {
        if let Some(upload_id) = job.upload_id.get_untracked() {
            remembered::forget(&upload_id);
        }
        self.files.try_update_value(|files| files.remove(&job.id));
        self.jobs.try_update(|jobs| jobs.retain(|other| other.id != job.id));
    }

    /// Cancels an upload in any phase.
    pub(crate) fn cancel(self, job: &Job) {
        let upload_id = job.upload_id.get_untracked();
        if job.phase.get_untracked() == Phase::Following {
            let Some(upload_id) = upload_id else { return };
            let job = job.clone();
            spawn_local(async move {
                match uploads::cancel(self.client, &upload_id).await {
                    Ok(_) => self.toaster.success(format!("Import of {} cancelled.", job.file_name)),
                    // 409: it had already ended; the panel shows how.
                    Err(error) if error.is_status(409) => {}
                    Err(error) => self.toaster.error(error.message()),
                }
                if let Ok(status) = uploads::status(self.client, &upload_id).await {
                    job.status.set(Some(status));
                }
            });
            return;
        }
        self.remove(job);
        if let Some(request) = self.requests.try_update_value(|requests| requests.remove(&job.id)).flatten() {
            // Fails only for a request that has already ended.
            let _ = request.abort();
        }
        self.cancel_quietly(upload_id);
        self.toaster.success(format!("{} was not imported.", job.file_name));
    }

    fn cancel_quietly(self, upload_id: Option<String>) {
        if let Some(upload_id) = upload_id {
            spawn_local(async move {
                // If this fails, the server gives up on its own when the URL expires.
                let _ = uploads::cancel(self.client, &upload_id).await;
            });
        }
    }

    fn start(self) {
        if self.is_sending() {
            return;
        }
        self.is_sending.set_value(true);
        spawn_local(async move {
            while let Some(job) = self.next_waiting() {
                if let Err(message) = self.send(&job).await {
                    job.phase.set(Phase::Failed { message, can_retry: true });
                }
            }
            self.is_sending.try_set_value(false);
        });
    }

    fn next_waiting(self) -> Option<Job> {
        let is_waiting = |job: &&Job| job.phase.get_untracked() == Phase::Waiting;
        self.jobs.try_with_untracked(|jobs| jobs.iter().rev().find(is_waiting).cloned()).flatten()
    }

    async fn send(self, job: &Job) -> Result<(), String> {
        job.phase.set(Phase::Preparing);
        let file = self.files.try_with_value(|files| files.get(&job.id).cloned()).flatten();
        let file = file.ok_or("This file is no longer available. Please add it again.")?;
        let request = UploadRequest {
            file_name: job.file_name.clone(),
            file_type: file.type_(),
            file_size: job.file_size,
            update_policy: self.update_policy.try_get_untracked(),
        };
        let announced = uploads::announce(self.client, &request).await;
        let announced = announced.map_err(|error| error.message())?;
        let upload_id = announced.upload_id;
        if !self.has(job.id) {
            self.cancel_quietly(Some(upload_id));
            return Ok(());
        }
        job.upload_id.set(Some(upload_id.clone()));
        job.phase.set(Phase::Sending { sent_bytes: 0 });
        let remember = |sent| {
            let (file_name, file_size) = (job.file_name.clone(), job.file_size);
            remembered::remember(Remembered { upload_id: upload_id.clone(), file_name, file_size, sent });
        };
        remember(false);
        match self.put(job, &file, &announced.upload_url, &announced.headers).await {
            _ if !self.has(job.id) => {}
            Ok(()) => {
                remember(true);
                job.phase.set(Phase::Following);
                polling::start(self, job.clone(), upload_id);
            }
            Err(error) => {
                remembered::forget(&upload_id);
                job.upload_id.set(None);
                self.cancel_quietly(Some(upload_id));
                return Err(match error {
                    SendError::Refused(http_status) => file_checks::refused_by_store(http_status),
                    SendError::ConnectionLost | SendError::Aborted => {
                        "The connection was lost while sending. Nothing was imported; please try again."
                            .to_owned()
                    }
                });
            }
        }
        Ok(())
    }

    async fn put(
        self,
        job: &Job,
        file: &File,
        url: &str,
        headers: &std::collections::BTreeMap<String, String>,
    ) -> Result<(), SendError> {
        let phase = job.phase.clone();
        let on_progress = move |sent: f64| phase.set(Phase::Sending { sent_bytes: sent as u64 });
        let mut sending = uploads::send_file(url, headers, file, on_progress)?;
        let request = sending.request.clone();
        self.requests.try_update_value(|requests| requests.insert(job.id, request));
        let outcome = sending.done().await;
        self.requests.try_update_value(|requests| requests.remove(&job.id));
        outcome
    }

    /// Shows the uploads that were on the screen before a reload, and those running in other tabs.
    pub(crate) fn restore(self) {
        for upload in remembered::all() {
            if upload.sent {
                self.follow_again(upload.upload_id, upload.file_name, upload.file_size);
            } else {
                remembered::forget(&upload.upload_id);
                self.cancel_quietly(Some(upload.upload_id));
                let message = "You left the page before this file was sent. Please add it again.".to_owned();
                self.push(upload.file_name, upload.file_size, Phase::Failed { message, can_retry: false });
            }
        }
        spawn_local(async move {
            // If this fails, only the panels of other tabs' uploads are missing.
            let Ok(recent) = uploads::recent(self.client).await else { return };
            for upload in recent.into_iter().rev() {
                use easy_crm_shared::status::UploadStatus::{Processing, Uploaded};
                let known = self.jobs.try_with_untracked(|jobs| {
                    jobs.iter().any(|job| job.upload_id.get_untracked().as_ref() == Some(&upload.upload_id))
                });
                if known == Some(false) && matches!(upload.status, Uploaded | Processing) {
                    let metadata = upload.metadata;
                    self.follow_again(upload.upload_id, metadata.file_name, metadata.file_size);
                }
            }
        });
    }

    fn follow_again(self, upload_id: String, file_name: String, file_size: u64) {
        let job = self.push(file_name, file_size, Phase::Following);
        job.upload_id.set(Some(upload_id.clone()));
        polling::start(self, job, upload_id);
    }
}

impl Watcher for Uploads {
    fn client(self) -> Client {
        self.client
    }

    fn is_shown(self, job: &Job) -> bool {
        self.has(job.id)
    }

    fn ended(self, record: &ProcessingStatus) {
        self.on_leads_changed.run(record.clone());
    }

    fn succeeded(self, text: String) {
        self.toaster.success(text);
    }

    fn close(self, job: &Job) {
        self.remove(job);
    }
}
