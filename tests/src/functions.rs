//! The Lambda functions, as listed in `infrastructure/functions.txt`.

/// One of the Lambda functions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunctionSpec {
    /// Its name, without the prefix and the environment.
    pub name: &'static str,
    /// Maximum size of its zip in megabytes.
    pub zip_megabytes: f64,
}

/// All functions, in the order of the file.
///
/// # Panics
/// When a line of the file has no name or no size.
#[must_use]
pub fn all() -> Vec<FunctionSpec> {
    let lines = include_str!("../../infrastructure/functions.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(spec).collect()
}

fn spec(line: &'static str) -> FunctionSpec {
    let mut words = line.split(' ');
    let (Some(name), Some(Ok(zip_megabytes))) = (words.next(), words.next().map(str::parse)) else {
        panic!("infrastructure/functions.txt: {line}");
    };
    FunctionSpec { name, zip_megabytes }
}
