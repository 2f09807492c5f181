//! The CloudFormation templates against the code they deploy: names, routes, settings, permissions. Consistency among
//! the templates is checked by `scripts/validate-templates.sh`.

mod code;
mod permissions;
mod security;
