//! What the list shows, to and from the address. Plain Rust.

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::{
    DEFAULT_PAGE_SIZE, FILTER_PREFIX, Filters, MAX_PAGE_SIZE, QUERY_PARAMETER, SortField, SortOrder, Sorting,
};
use serde::{Deserialize, Serialize};

use crate::api::json::{self, RawJson};
use crate::url_encoding;

/// Page sizes to choose from.
pub(crate) const PAGE_SIZES: [u32; 5] = [25, DEFAULT_PAGE_SIZE, 100, 250, MAX_PAGE_SIZE];

/// Parameter of the address that holds [`ListState::rest`].
const REST: &str = "where";

/// What can be searched: one field, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FilterKey {
    Everything,
    /// What filters cannot say: [`ListState::rest`].
    Condition,
    Field(LeadField),
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListState {
    /// Page number, from 1.
    pub(crate) page: u64,
    /// Leads a page.
    pub(crate) page_size: u32,
    /// Order.
    pub(crate) sorting: Sorting,
    /// Search over all fields.
    pub(crate) q: String,
    /// Filters by field; no empty ones.
    pub(crate) filters: Filters,
    /// What the others cannot say, of a question: condition, limit and time zone, as a JSON object.
    pub(crate) rest: Option<String>,
    /// Id of the lead whose details are open.
    pub(crate) open: Option<String>,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            page: 1,
            page_size: DEFAULT_PAGE_SIZE,
            sorting: Sorting::default(),
            q: String::new(),
            filters: Filters::new(),
            rest: None,
            open: None,
        }
    }
}

impl ListState {
    /// Reads the address. What makes no sense is left out: an address is typed, cut and pasted by people.
    pub(crate) fn from_query(query: &str) -> Self {
        let mut state = Self::default();
        let (mut page, mut sort_by, mut sort_order) = (None, None, None);
        for (name, value) in url_encoding::pairs(query) {
            match name.as_str() {
                "page" => page = value.parse().ok().filter(|page| *page > 0),
                "pageSize" => {
                    let size = value.parse().ok().filter(|size| PAGE_SIZES.contains(size));
                    state.page_size = size.unwrap_or(DEFAULT_PAGE_SIZE);
                }
                "sortBy" => sort_by = value.parse::<SortField>().ok(),
                "sortOrder" => {
                    sort_order = [SortOrder::Asc, SortOrder::Desc].into_iter().find(|o| o.name() == value);
                }
                "q" => state.q = value,
                REST => state.rest = rest_of(&value),
                "lead" => state.open = Some(value).filter(|id| !id.is_empty()),
                _ => {
                    let field = name.strip_prefix(FILTER_PREFIX).and_then(|field| field.parse().ok());
                    if let Some(field) = field {
                        state.set_filter(FilterKey::Field(field), value);
                    }
                }
            }
        }
        if let Some(sort_by) = sort_by {
            let sort_order = sort_order.unwrap_or_else(|| first_order(sort_by));
            state.sorting = Sorting { sort_by, sort_order };
        }
        // Last, because a filter goes back to the first page.
        state.page = page.unwrap_or(1);
        state
    }

    /// The address's query string, without the question mark; defaults are left out.
    pub(crate) fn to_query(&self) -> String {
        let mut pairs = Vec::new();
        if self.page != 1 {
            pairs.push(("page".to_owned(), self.page.to_string()));
        }
        if self.page_size != DEFAULT_PAGE_SIZE {
            pairs.push(("pageSize".to_owned(), self.page_size.to_string()));
        }
        if self.sorting != Sorting::default() {
            pairs.extend(self.sorting_pairs());
        }
        pairs.extend(self.search_pairs());
        pairs.extend(self.rest.clone().map(|rest| (REST.to_owned(), rest)));
        pairs.extend(self.open.clone().map(|id| ("lead".to_owned(), id)));
        url_encoding::query(pairs)
    }

    /// The query string of `GET /leads` without the page: all that tells which leads there are, in which order.
    pub(crate) fn request_query(&self) -> String {
        let mut pairs = vec![("pageSize".to_owned(), self.page_size.to_string())];
        if self.rest.is_some() {
            pairs.push((QUERY_PARAMETER.to_owned(), self.lead_query()));
        } else {
            pairs.extend(self.sorting_pairs());
            pairs.extend(self.search_pairs());
        }
        url_encoding::query(pairs)
    }

    /// The leads of all pages as the query that list, export and chat share, as JSON.
    pub(crate) fn lead_query(&self) -> String {
        let plain = PlainQuery { filters: self.filters.clone(), q: self.q.clone(), sorting: self.sorting };
        // Texts and names can always be written; the server refuses an empty query.
        let plain = json::to_string(&plain).unwrap_or_default();
        match &self.rest {
            Some(rest) => {
                // Both are objects that hold something.
                let (first, second) = (plain.strip_suffix('}'), rest.strip_prefix('{'));
                format!("{},{}", first.unwrap_or_default(), second.unwrap_or_default())
            }
            None => plain,
        }
    }

    /// The list of the leads that a query finds; `None` when it is no query.
    pub(crate) fn of_query(query: &RawJson) -> Option<Self> {
        let PlainQuery { filters, q, sorting } = json::from_str(&query.0).ok()?;
        Some(Self { filters, q, sorting, rest: rest_of(&query.0), ..Self::default() })
    }

    /// What tells which leads match, in whatever order and on whatever page.
    pub(super) fn search_key(&self) -> (String, Filters, Option<String>) {
        (self.q.clone(), self.filters.clone(), self.rest.clone())
    }

    fn sorting_pairs(&self) -> [(String, String); 2] {
        let Sorting { sort_by, sort_order } = self.sorting;
        [
            ("sortBy".to_owned(), sort_by.name().to_owned()),
            ("sortOrder".to_owned(), sort_order.name().to_owned()),
        ]
    }

    fn search_pairs(&self) -> impl Iterator<Item = (String, String)> {
        let q = (!self.q.is_empty()).then(|| ("q".to_owned(), self.q.clone()));
        let filter = |(field, text): (&LeadField, &String)| (format!("{FILTER_PREFIX}{field}"), text.clone());
        q.into_iter().chain(self.filters.iter().map(filter))
    }

    /// The text a search or filter holds.
    pub(crate) fn filter(&self, key: FilterKey) -> &str {
        match key {
            FilterKey::Everything => &self.q,
            FilterKey::Condition => self.rest.as_deref().unwrap_or_default(),
            FilterKey::Field(field) => self.filters.get(&field).map_or("", String::as_str),
        }
    }

    /// Sets a search or filter and goes back to the first page.
    pub(crate) fn set_filter(&mut self, key: FilterKey, text: String) {
        if self.filter(key) == text {
            return;
        }
        self.page = 1;
        match key {
            FilterKey::Everything => self.q = text,
            FilterKey::Condition => self.rest = rest_of(&text),
            FilterKey::Field(field) if text.is_empty() => {
                self.filters.remove(&field);
            }
            FilterKey::Field(field) => {
                self.filters.insert(field, text);
            }
        }
    }

    /// Takes all filters and the search away.
    pub(crate) fn clear_filters(&mut self) {
        self.q.clear();
        self.filters.clear();
        self.rest = None;
        self.page = 1;
    }

    /// How many filters are set, the search included.
    pub(crate) fn filter_count(&self) -> usize {
        self.filters.len() + usize::from(!self.q.is_empty()) + usize::from(self.rest.is_some())
    }

    /// A click on a column: its natural order, then the other one, then the default again.
    pub(crate) fn toggle_sort(&mut self, sort_by: SortField) {
        let first = first_order(sort_by);
        self.page = 1;
        self.sorting = match self.order_of(sort_by) {
            None => Sorting { sort_by, sort_order: first },
            Some(order) if order == first => Sorting { sort_by, sort_order: reversed(first) },
            Some(_) => Sorting::default(),
        };
    }

    /// In which direction the list is sorted by this column, if it is.
    pub(crate) fn order_of(&self, sort_by: SortField) -> Option<SortOrder> {
        (self.sorting.sort_by == sort_by).then_some(self.sorting.sort_order)
    }

    /// Changes the page size and keeps the first lead of the page in sight.
    pub(crate) fn set_page_size(&mut self, page_size: u32) {
        let first = (self.page - 1).saturating_mul(u64::from(self.page_size));
        self.page_size = page_size;
        self.page = first / u64::from(page_size.max(1)) + 1;
    }
}

/// The part of a query that the page understands.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct PlainQuery {
    filters: Filters,
    q: String,
    sorting: Sorting,
}

/// The other part.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Rest {
    r#where: Option<RawJson>,
    limit: Option<u64>,
    utc_offset_minutes: Option<i32>,
}

/// The part of a query that the page does not understand, if there is one.
fn rest_of(query: &str) -> Option<String> {
    let Rest { r#where, limit, utc_offset_minutes } = json::from_str(query).ok()?;
    let mut members: Vec<String> = r#where.map(|raw| format!("\"where\":{}", raw.0)).into_iter().collect();
    members.extend(limit.map(|limit| format!("\"limit\":{limit}")));
    if members.is_empty() {
        return None;
    }
    members.extend(utc_offset_minutes.map(|minutes| format!("\"utcOffsetMinutes\":{minutes}")));
    Some(format!("{{{}}}", members.join(",")))
}

/// Texts begin at A, times with the newest.
fn first_order(sort_by: SortField) -> SortOrder {
    match sort_by {
        SortField::CreatedAt | SortField::UpdatedAt => SortOrder::Desc,
        _ => SortOrder::Asc,
    }
}

const fn reversed(order: SortOrder) -> SortOrder {
    match order {
        SortOrder::Asc => SortOrder::Desc,
        SortOrder::Desc => SortOrder::Asc,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> ListState {
        ListState {
            page: 3,
            page_size: 100,
            sorting: Sorting { sort_by: SortField::Company, sort_order: SortOrder::Desc },
            q: "müller & co".into(),
            filters: Filters::from([(LeadField::Email, "+x@y".into()), (LeadField::Remarks, "a=b".into())]),
            rest: Some(r#"{"where":{"field":"phone","op":"isEmpty"},"limit":10}"#.into()),
            open: Some("id-1".into()),
        }
    }

    #[test]
    fn the_address_keeps_everything() {
        for state in [ListState::default(), full()] {
            assert_eq!(ListState::from_query(&state.to_query()), state);
            assert_eq!(ListState::from_query(&format!("?{}", state.to_query())), state);
        }
        assert_eq!(ListState::default().to_query(), "");
    }

    #[test]
    fn nonsense_in_the_address_is_left_out() {
        let check = |query, expected| assert_eq!(ListState::from_query(query), expected);
        check("?page=0&pageSize=7&sortBy=shoe&sortOrder=up&filter_shoe=1&lead=&x", ListState::default());
        check("?page=abc&pageSize=1000&filter_email=", ListState::default());
        check("?where=x&where=%7B%7D", ListState::default());
        check("?sortOrder=asc", ListState::default());
        let by_company = Sorting { sort_by: SortField::Company, sort_order: SortOrder::Asc };
        check("?sortBy=company", ListState { sorting: by_company, ..ListState::default() });
    }

    #[test]
    fn the_page_in_the_address_survives_its_filters() {
        assert_eq!(ListState::from_query("?filter_email=x&page=4").page, 4);
        assert_eq!(ListState::from_query(&full().to_query()).page, 3);
    }

    #[test]
    fn the_request_names_every_parameter() {
        let expected = "pageSize=50&sortBy=createdAt&sortOrder=desc";
        assert_eq!(ListState::default().request_query(), expected);
        assert!(!full().request_query().contains("id-1"));
    }

    #[test]
    fn a_question_becomes_a_list() {
        let query = r#"{"filters":{"company":"a}"},"q":"{","where": {"any":[]} ,"limit":3,"sorting":{"sortBy":"email","sortOrder":"asc"},"utcOffsetMinutes":60}"#;
        let state = ListState::of_query(&RawJson(query.into())).expect("a query");
        assert_eq!(state.rest.as_deref(), Some(r#"{"where":{"any":[]},"limit":3,"utcOffsetMinutes":60}"#));
        assert_eq!(ListState::from_query(&state.to_query()), state);
        assert_eq!(ListState::of_query(&RawJson(state.lead_query())), Some(state.clone()));
        assert!(state.request_query().contains("query=%7B%22filters%22"));
        let plain = ListState::of_query(&RawJson("{}".into())).expect("a query");
        assert_eq!(plain, ListState::default());
        assert_eq!(ListState::of_query(&RawJson("[".into())), None);
    }

    #[test]
    fn a_new_filter_starts_at_the_first_page() {
        let mut state = full();
        state.set_filter(FilterKey::Field(LeadField::Email), "+x@y".into());
        assert_eq!(state.page, 3);
        state.set_filter(FilterKey::Field(LeadField::Email), String::new());
        assert_eq!((state.page, state.filter_count()), (1, 3));
        state.clear_filters();
        assert_eq!(state.filter_count(), 0);
    }

    #[test]
    fn three_clicks_on_a_column_lead_back() {
        let mut state = ListState::default();
        let mut click = |sort_by| {
            state.toggle_sort(sort_by);
            (state.sorting.sort_by, state.sorting.sort_order)
        };
        assert_eq!(click(SortField::Email), (SortField::Email, SortOrder::Asc));
        assert_eq!(click(SortField::Email), (SortField::Email, SortOrder::Desc));
        assert_eq!(click(SortField::Email), (SortField::CreatedAt, SortOrder::Desc));
        assert_eq!(click(SortField::CreatedAt), (SortField::CreatedAt, SortOrder::Asc));
    }

    #[test]
    fn another_page_size_keeps_the_place() {
        let mut state = ListState { page: 5, page_size: 50, ..ListState::default() };
        state.set_page_size(100);
        assert_eq!(state.page, 3);
        state.set_page_size(25);
        assert_eq!(state.page, 9);
    }
}
