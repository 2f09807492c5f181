//! CloudWatch metrics in the Embedded Metric Format: one JSON line per measurement, which CloudWatch extracts from the
//! log.
//!
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

/// Namespace of all metrics.
pub const NAMESPACE: &str = "EasyCRM";

/// The metrics named by the founding document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Status requests.
    StatusPollingRequests,
    /// Milliseconds to update a status record.
    StatusUpdateLatency,
    /// Uploads cancelled.
    ProcessingCancellations,
    /// Status requests that failed.
    StatusApiErrors,
    /// Rows that matched an existing lead or were superseded by a later row.
    DuplicateLeadsDetected,
    /// Leads updated.
    LeadsUpdated,
    /// Leads created.
    LeadsCreated,
    /// Milliseconds a batch spent looking for existing leads.
    DuplicateDetectionLatency,
    /// Failed queries of `EmailIndex`.
    EmailIndexQueryErrors,
}

impl Metric {
    /// Name and CloudWatch unit.
    #[must_use]
    pub const fn name_and_unit(self) -> (&'static str, &'static str) {
        match self {
            Self::StatusPollingRequests => ("StatusPollingRequests", "Count"),
            Self::StatusUpdateLatency => ("StatusUpdateLatency", "Milliseconds"),
            Self::ProcessingCancellations => ("ProcessingCancellations", "Count"),
            Self::StatusApiErrors => ("StatusAPIErrors", "Count"),
            Self::DuplicateLeadsDetected => ("DuplicateLeadsDetected", "Count"),
            Self::LeadsUpdated => ("LeadsUpdated", "Count"),
            Self::LeadsCreated => ("LeadsCreated", "Count"),
            Self::DuplicateDetectionLatency => ("DuplicateDetectionLatency", "Milliseconds"),
            Self::EmailIndexQueryErrors => ("EmailIndexQueryErrors", "Count"),
        }
    }
}

/// Where metric lines go.
pub type MetricSink = Arc<dyn Fn(&str) + Send + Sync>;

/// Standard output, where Lambda picks up log lines.
#[must_use]
pub fn stdout_sink() -> MetricSink {
    Arc::new(|line| {
        if let Err(error) = writeln!(std::io::stdout(), "{line}") {
            tracing::warn!(%error, "a metric could not be written");
        }
    })
}

/// The log line for measurements taken together.
#[must_use]
pub fn line(now: Timestamp, environment: &str, function: &str, values: &[(Metric, f64)]) -> String {
    let definitions: Vec<_> = values
        .iter()
        .map(|(metric, _)| {
            let (name, unit) = metric.name_and_unit();
            json!({ "Name": name, "Unit": unit })
        })
        .collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Environment", "Function"]],
                "Metrics": definitions,
            }],
        },
        "Environment": environment,
        "Function": function,
    });
    for (metric, value) in values {
        line[metric.name_and_unit().0] = json!(value);
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_defines_and_holds_each_value() {
        let line = line(
            Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
            "prod",
            "deepseek-caller",
            &[(Metric::LeadsCreated, 3.0), (Metric::DuplicateDetectionLatency, 12.5)],
        );
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["LeadsCreated"], 3.0);
        assert_eq!(value["DuplicateDetectionLatency"], 12.5);
        assert_eq!(value["_aws"]["Timestamp"], 1_700_000_000_123_i64);
        let directive = &value["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "EasyCRM");
        assert_eq!(
            directive["Metrics"][1],
            json!({"Name": "DuplicateDetectionLatency", "Unit": "Milliseconds"})
        );
    }
}
