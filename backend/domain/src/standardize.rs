//! Tables of text cells to leads: where tables begin and end, what each column means, and what a row says.
