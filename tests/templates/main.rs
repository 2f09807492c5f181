//! The CloudFormation templates against the code they deploy: names, routes, settings, permissions. What the templates have
//! to agree about among themselves is checked by `scripts/validate-templates.sh`.

mod code;
mod permissions;
mod security;
