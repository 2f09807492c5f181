//! Readers against workbooks of every kind, sound and hostile.
