//! The lead list's query engine: an in-memory columnar index of all leads.
