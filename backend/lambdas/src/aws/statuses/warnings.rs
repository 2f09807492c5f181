//! Warnings that come up while batches are processed.

use aws_sdk_dynamodb::types::AttributeValue;
use easy_crm_shared::status::UploadWarning;

use super::{Statuses, apply, attribute};
use crate::aws::AwsError;

impl Statuses {
    /// Adds a warning to a record, once, however often this is called.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn warn(&self, upload_id: &str, warning: &UploadWarning) -> Result<(), AwsError> {
        const WARN: &str = "DynamoDB UpdateItem status warning";
        let one = attribute(WARN, warning)?;
        let update = self
            .update(upload_id)
            .update_expression("SET warnings = list_append(if_not_exists(warnings, :none), :list)")
            .condition_expression("attribute_exists(uploadId) AND NOT contains(warnings, :one)")
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
            .expression_attribute_values(":list", AttributeValue::L(vec![one.clone()]))
            .expression_attribute_values(":one", one);
        apply(WARN, update).await?;
        Ok(())
    }
}
