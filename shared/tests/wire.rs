//! The wire types against JSON as the founding document and the API description write it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fmt::Debug;

use easy_crm_shared::changes::{EditLeadRequest, EditLeadResponse, Job, LeadSelection, RestoreRequest};
use easy_crm_shared::chat::{ChatRequest, ChatResponse};
use easy_crm_shared::error::{ErrorCode, ErrorResponse};
use easy_crm_shared::export::{ExportRequest, ExportResponse};
use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::{LeadQuery, ListLeadsResponse, SortField};
use easy_crm_shared::site::SiteConfig;
use easy_crm_shared::status::{
    CancelResponse, ProcessingStatus, Stage, UploadErrorCode, UploadListResponse, UploadStatus,
};
use easy_crm_shared::upload::{FileType, UploadRequest, UploadResponse};
use easy_crm_shared::views::{DeleteViewResponse, PutViewRequest, View, ViewListResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

/// Parses a sample, writes it again and compares: nothing may be lost, renamed or added.
#[allow(clippy::needless_pass_by_value, reason = "samples are written where they are checked")]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(sample: Value) -> T {
    let value: T = serde_json::from_value(sample.clone()).expect("a sample can be read");
    assert_eq!(serde_json::to_value(&value).expect("a value can be written"), sample);
    value
}

#[test]
fn status_record_of_the_founding_document() {
    let sample = json!({
        "uploadId": "550e8400-e29b-41d4-a716-446655440000",
        "status": "processing",
        "stage": "batch_processing",
        "progress": {
            "totalBatches": 10, "completedBatches": 3, "totalLeads": 100, "processedLeads": 30, "percentage": 30.0
        },
        "metadata": {
            "fileName": "leads.xlsx",
            "fileSize": 1_024_000,
            "startTime": "2025-01-09T10:00:00Z",
            "estimatedCompletion": "2025-01-09T10:05:00Z"
        },
        "error": {
            "message": "Processing error description",
            "code": "DAMAGED_FILE",
            "timestamp": "2025-01-09T10:02:00Z"
        },
        "createdAt": "2025-01-09T10:00:00Z",
        "updatedAt": "2025-01-09T10:02:30Z",
        "ttl": 1_736_424_000
    });
    let status: ProcessingStatus = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(status.progress.processed_leads, 30);
    let written = serde_json::to_value(&status).unwrap();
    for (name, value) in sample.as_object().unwrap() {
        match value.as_object().filter(|_| name == "progress") {
            // The ledger's counters are additional.
            Some(progress) => {
                for (name, value) in progress {
                    assert_eq!(&written["progress"][name], value, "{name}");
                }
            }
            None => assert_eq!(&written[name], value, "{name}"),
        }
    }
    assert_eq!(written["progress"]["settled"], false);
    assert_eq!(status.error.unwrap().code, UploadErrorCode::DamagedFile);
}

#[test]
fn full_status_round_trips() {
    check::<UploadListResponse>(json!({ "uploads": [{
        "uploadId": "u", "status": "completed", "stage": "completed",
        "progress": {
            "totalBatches": 1, "completedBatches": 1, "totalLeads": 6, "processedLeads": 6, "percentage": 100.0,
            "createdLeads": 1, "updatedLeads": 1, "unchangedLeads": 1, "duplicateLeads": 1, "failedLeads": 1,
            "cancelledLeads": 1, "settled": true
        },
        "metadata": { "fileName": "a.csv", "fileSize": 1, "updatePolicy": "fill", "startTime": "t", "leadsPerSecond": 12.5 },
        "warnings": [{ "code": "HIDDEN_SHEET_SKIPPED", "message": "m" }],
        "plan": [{ "sheet": "Leads", "headerRow": 3, "leadRows": 6, "columns": [
            { "header": "Work Email", "role": "email", "confidence": 0.98, "reason": "header" }
        ]}],
        "createdAt": "t", "updatedAt": "t", "ttl": 1
    }]}));
}

#[test]
fn states_and_stages_have_the_names_of_the_founding_document() {
    let name = |value: Value| value.as_str().unwrap().to_owned();
    for status in ["uploading", "uploaded", "processing", "completed", "error", "cancelled"] {
        let parsed: UploadStatus = check(json!(status));
        assert_eq!(parsed.name(), status);
    }
    for stage in ["file_upload", "file_processing", "batch_processing", "completed", "cancelled"] {
        let parsed: Stage = check(json!(stage));
        assert_eq!(parsed.name(), name(serde_json::to_value(parsed).unwrap()));
    }
}

#[test]
fn upload_and_cancel() {
    check::<UploadRequest>(json!({ "fileName": "leads.csv", "fileType": "text/csv", "fileSize": 12 }));
    check::<UploadResponse>(json!({
        "uploadId": "u", "uploadUrl": "https://…", "headers": { "content-type": "text/csv" },
        "fileKey": "uploads/u", "expiresIn": 900, "maxFileSize": 52_428_800, "supportedTypes": [".csv"]
    }));
    check::<CancelResponse>(json!({
        "uploadId": "u", "status": "cancelled", "message": "Processing cancellation requested"
    }));
    for kind in FileType::iter() {
        assert_eq!(
            FileType::from_file_name(&format!("My Leads{}", kind.extension().to_uppercase())),
            Some(kind)
        );
    }
    assert_eq!(FileType::from_file_name("leads.pdf"), None);
}

#[test]
fn list_export_chat_share_one_query() {
    let lead = json!({
        "leadId": "l", "firstName": "Ada", "lastName": "N/A", "title": "N/A", "company": "N/A", "email": "a@b.c",
        "phone": "N/A", "remarks": "N/A", "sourceFile": "a.csv", "createdAt": "t", "updatedAt": "t"
    });
    let filters = json!({ "company": "acme" });
    let sorting = json!({ "sortBy": "lastName", "sortOrder": "asc" });
    check::<ListLeadsResponse>(json!({
        "leads": [lead],
        "pagination": { "page": 1, "pageSize": 50, "totalCount": 1, "totalPages": 1, "hasMore": false },
        "filters": filters, "sorting": sorting, "asOf": "t"
    }));
    let query = json!({ "filters": filters, "q": "ada", "sorting": sorting });
    check::<LeadQuery>(query.clone());
    check::<ExportRequest>(json!({ "filters": filters, "q": "", "sorting": sorting, "format": "csv" }));
    check::<ExportResponse>(
        json!({ "downloadUrl": "u", "fileName": "leads_export_20260101_000000.csv", "rowCount": 1 }),
    );
    let by_company = json!({ "groupBy": { "by": "company", "limit": 10, "order": "largestFirst" } });
    check::<ChatRequest>(json!({
        "query": "how many leads?", "context": { "query": query, "analysis": "count" }, "utcOffsetMinutes": 60
    }));
    check::<ChatResponse>(json!({
        "response": "1 lead.", "type": "success", "query": query, "analysis": by_company, "resultCount": 1,
        "leads": [lead], "groups": [{ "key": "Acme", "count": 1 }], "groupCount": 1, "missingCount": 0
    }));
}

#[test]
fn changes_by_hand_and_saved_views() {
    let lead = json!({
        "leadId": "l", "firstName": "Ada", "lastName": "N/A", "title": "N/A", "company": "N/A", "email": "a@b.c",
        "phone": "N/A", "remarks": "N/A", "sourceFile": "a.csv", "createdAt": "t", "updatedAt": "t"
    });
    check::<EditLeadRequest>(json!({ "updatedAt": "t", "fields": { "title": "", "email": "a@b.c" } }));
    check::<EditLeadResponse>(json!({ "lead": lead, "asOf": "t" }));
    check::<LeadSelection>(json!({ "leadIds": ["l"] }));
    let query =
        json!({ "filters": {}, "q": "ada", "sorting": { "sortBy": "createdAt", "sortOrder": "desc" } });
    check::<LeadSelection>(json!({ "query": query }));
    check::<RestoreRequest>(json!({ "jobId": "j" }));
    check::<RestoreRequest>(json!({ "leadIds": ["l"] }));
    for (kind, state) in [("delete", "running"), ("restore", "done")] {
        check::<Job>(json!({
            "jobId": "j", "kind": kind, "total": 3, "done": 1, "skipped": 1, "conflicts": 0, "state": state, "asOf": "t"
        }));
    }
    // Both at once, or neither, is not a valid selection.
    for wrong in [json!({}), json!({ "leadIds": [], "query": query }), json!({ "query": { "wher": {} } })] {
        assert!(serde_json::from_value::<LeadSelection>(wrong).is_err());
    }
    let state = json!({ "query": query, "columns": [1, 2] });
    check::<PutViewRequest>(json!({ "name": "Mine", "state": state }));
    check::<ViewListResponse>(json!({ "views": [
        { "viewId": "v", "name": "Mine", "state": state, "updatedAt": "t" }
    ]}));
    check::<View>(json!({ "viewId": "v", "name": "Mine", "state": null, "updatedAt": "t" }));
    check::<DeleteViewResponse>(json!({ "viewId": "v" }));
}

#[test]
fn errors_name_the_field_and_keep_their_status() {
    let error: ErrorResponse = check(json!({ "error": {
        "code": "INVALID_REQUEST", "message": "m", "field": "pageSize", "timestamp": "t"
    }}));
    assert_eq!(error.error.code.http_status(), 400);
    check::<ErrorResponse>(json!({ "error": {
        "code": "CONFLICT", "message": "m", "field": "email", "leadId": "l", "timestamp": "t"
    }}));
    let unknown: ErrorCode = serde_json::from_value(json!("SOMETHING_NEW")).unwrap();
    assert_eq!(unknown, ErrorCode::Unknown);
    check::<SiteConfig>(json!({
        "apiBase": "/api", "authBase": "https://login", "clientId": "c", "environment": "prod", "maxFileSize": 1
    }));
}

#[test]
fn field_names_are_the_same_everywhere() {
    for field in LeadField::iter() {
        assert_eq!(json!(field), json!(field.name()));
        assert_eq!(field.name().parse(), Ok(field));
        assert_eq!(SortField::from(field).lead_field(), Some(field));
        assert_eq!(SortField::from(field).name(), field.name());
    }
    for field in SortField::iter() {
        assert_eq!(json!(field), json!(field.name()));
        assert_eq!(field.name().parse(), Ok(field));
    }
    assert_eq!(SortField::CreatedAt.lead_field(), None);
    assert!("Company".parse::<LeadField>().is_err());
}
