//! Everything about one lead.

use easy_crm_shared::lead::{Lead, LeadField};
use leptos::prelude::*;
use strum::IntoEnumIterator as _;

use super::erase::EraseLead;
use super::{row, text};
use crate::browser;
use crate::components::button::IconButton;
use crate::components::icon::IconName;
use crate::components::toast::use_toaster;
use crate::format;

/// Name, contact, company, remarks, and where the lead came from.
#[component]
pub(super) fn LeadDetails(lead: Lead) -> impl IntoView {
    let name = text::display_name(&lead);
    let remarks = text::present(&lead.remarks).map(text::remark_parts).unwrap_or_default();
    let fields = LeadField::iter().filter(|field| *field != LeadField::Remarks);
    let fields = fields.map(|field| {
        let copyable = matches!(field, LeadField::Email | LeadField::Phone);
        let copied = text::present(field.of(&lead)).filter(|_| copyable).map(str::to_owned);
        view! {
            <div class="detail" data-field=field.name()>
                <dt>{text::label(field)}</dt>
                <dd>
                    <span>{row::value(&lead, field)}</span>
                    {copied.map(|text| view! { <CopyButton text label=text::label(field) test_id=if field == LeadField::Email { "copy-email" } else { "copy-phone" } /> })}
                </dd>
            </div>
        }
    });
    let remark_views = remarks.into_iter().map(|(header, value)| {
        let header = if header.is_empty() { "Note".to_owned() } else { header };
        view! { <div class="detail"><dt>{header}</dt><dd>{value}</dd></div> }
    });
    let remark_views = remark_views.collect_view();
    let has_remarks = !remark_views.is_empty();
    view! {
        <div class="drawer-body">
            <div class="lead-title">
                <span class="avatar avatar-large" aria-hidden="true">{text::initials(&name)}</span>
                <div>
                    <p class="lead-name" data-testid="lead-name">{name}</p>
                    {text::position(&lead).map(|position| view! { <p class="muted">{position}</p> })}
                </div>
            </div>
            <dl class="details">{fields.collect_view()}</dl>
            <h3>"Remarks"</h3>
            <div data-field="remarks">
                {if has_remarks {
                    view! { <dl class="details">{remark_views}</dl> }.into_any()
                } else {
                    view! { <p class="muted">"There was nothing else in the file."</p> }.into_any()
                }}
            </div>
            <h3>"Origin"</h3>
            <dl class="details">
                <div class="detail" data-field="sourceFile">
                    <dt>"Source file"</dt>
                    <dd>{text::present(&lead.source_file).map_or_else(|| row::missing().into_any(), |file| file.to_owned().into_any())}</dd>
                </div>
                <div class="detail" data-field="createdAt">
                    <dt>"Added"</dt>
                    <dd><time datetime=lead.created_at.clone()>{format::date_time(&lead.created_at)}</time></dd>
                </div>
                <div class="detail" data-field="updatedAt">
                    <dt>"Last changed"</dt>
                    <dd><time datetime=lead.updated_at.clone()>{format::date_time(&lead.updated_at)}</time></dd>
                </div>
                <div class="detail" data-field="leadId">
                    <dt>"Lead ID"</dt>
                    <dd class="mono">{lead.lead_id.clone()}</dd>
                </div>
            </dl>
            <h3>"Privacy"</h3>
            <EraseLead lead_id=lead.lead_id />
        </div>
    }
}

#[component]
fn CopyButton(text: String, label: &'static str, test_id: &'static str) -> impl IntoView {
    let toaster = use_toaster();
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            if browser::copy_text(&text).await {
                toaster.success(format!("{label} copied."));
            } else {
                toaster.error("The browser did not allow copying.");
            }
        });
    };
    view! {
        <IconButton class="icon-button icon-button-small" test_id=test_id icon=IconName::Copy label=format!("Copy {label}") on_click=copy />
    }
}
