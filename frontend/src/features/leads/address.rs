//! What the list shows, converted to and from the URL. Plain Rust.

use easy_crm_shared::lead::LeadField;
use easy_crm_shared::query::condition::Condition;
use easy_crm_shared::query::{
    DEFAULT_PAGE_SIZE, FILTER_PREFIX, Filters, LeadQuery, MAX_PAGE_SIZE, QUERY_PARAMETER, SortField,
    SortOrder, Sorting,
};
use serde::{Deserialize, Serialize};

use crate::query_string;

/// Page sizes to choose from.
pub(crate) const PAGE_SIZES: [u32; 5] = [25, DEFAULT_PAGE_SIZE, 100, 250, MAX_PAGE_SIZE];

/// URL parameter with [`ListState::restriction`] as JSON.
const RESTRICTION: &str = "where";

/// What a filter applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FilterKey {
    /// The search over all fields.
    Everything,
    /// What filters cannot express: [`ListState::restriction`].
    Restriction,
    Field(LeadField),
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListState {
    /// Page number, from 1.
    pub(crate) page: u64,
    /// Leads per page.
    pub(crate) page_size: u32,
    /// Sort order.
    pub(crate) sorting: Sorting,
    /// Search over all fields.
    pub(crate) q: String,
    /// Filters by field; no empty ones.
    pub(crate) filters: Filters,
    /// What filters cannot express, from a chat question.
    pub(crate) restriction: Option<Restriction>,
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
            restriction: None,
            open: None,
        }
    }
}

impl ListState {
    /// Parses the URL's query string. Invalid parts are ignored: people type, truncate and paste URLs.
    pub(crate) fn from_query(query: &str) -> Self {
        let mut state = Self::default();
        let (mut page, mut sort_by, mut sort_order) = (None, None, None);
        for (name, value) in query_string::pairs(query) {
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
                RESTRICTION => state.restriction = Restriction::from_text(&value),
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
        // Last, because setting a filter goes back to the first page.
        state.page = page.unwrap_or(1);
        state
    }

    /// The URL's query string, without the question mark; defaults are omitted.
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
        let restriction = self.restriction.as_ref().map(Restriction::to_text);
        pairs.extend(restriction.map(|text| (RESTRICTION.to_owned(), text)));
        pairs.extend(self.open.clone().map(|id| ("lead".to_owned(), id)));
        query_string::query(pairs)
    }

    /// The query string of `GET /leads` without the page number: which leads to list, in which order.
    pub(crate) fn request_query(&self) -> String {
        let mut pairs = vec![("pageSize".to_owned(), self.page_size.to_string())];
        if self.restriction.is_some() {
            // Serialising texts, names and numbers never fails.
            let query = serde_json::to_string(&self.lead_query()).unwrap_or_default();
            pairs.push((QUERY_PARAMETER.to_owned(), query));
        } else {
            pairs.extend(self.sorting_pairs());
            pairs.extend(self.search_pairs());
        }
        query_string::query(pairs)
    }

    /// The leads of all pages, as the query type that list, export and chat share.
    pub(crate) fn lead_query(&self) -> LeadQuery {
        let restriction = self.restriction.clone().unwrap_or_default();
        LeadQuery {
            filters: self.filters.clone(),
            q: self.q.clone(),
            sorting: self.sorting,
            condition: restriction.condition,
            limit: restriction.limit,
            utc_offset_minutes: restriction.utc_offset_minutes,
        }
    }

    /// The list of the leads that a query finds.
    pub(crate) fn of_query(query: LeadQuery) -> Self {
        let LeadQuery { filters, q, sorting, condition, limit, utc_offset_minutes } = query;
        let restriction = Restriction { condition, limit, utc_offset_minutes };
        Self { filters, q, sorting, restriction: restriction.if_any(), ..Self::default() }
    }

    /// What decides which leads match, regardless of order and page.
    pub(super) fn search_key(&self) -> (String, Filters, Option<Restriction>) {
        (self.q.clone(), self.filters.clone(), self.restriction.clone())
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

    /// Whether this search, filter or restriction is set.
    pub(crate) fn has(&self, key: FilterKey) -> bool {
        match key {
            FilterKey::Restriction => self.restriction.is_some(),
            _ => !self.filter(key).is_empty(),
        }
    }

    /// The text of a search or filter; a restriction has none.
    pub(crate) fn filter(&self, key: FilterKey) -> &str {
        match key {
            FilterKey::Everything => &self.q,
            FilterKey::Restriction => "",
            FilterKey::Field(field) => self.filters.get(&field).map_or("", String::as_str),
        }
    }

    /// Removes a search, a filter or the restriction, and goes back to the first page.
    pub(crate) fn remove(&mut self, key: FilterKey) {
        match key {
            FilterKey::Restriction => {
                self.restriction = None;
                self.page = 1;
            }
            _ => self.set_filter(key, String::new()),
        }
    }

    /// Sets a search or filter and goes back to the first page. A restriction cannot be typed.
    pub(crate) fn set_filter(&mut self, key: FilterKey, text: String) {
        if key == FilterKey::Restriction || self.filter(key) == text {
            return;
        }
        self.page = 1;
        match key {
            FilterKey::Everything => self.q = text,
            FilterKey::Restriction => {}
            FilterKey::Field(field) if text.is_empty() => {
                self.filters.remove(&field);
            }
            FilterKey::Field(field) => {
                self.filters.insert(field, text);
            }
        }
    }

    /// Removes all filters and the search.
    pub(crate) fn clear_filters(&mut self) {
        self.q.clear();
        self.filters.clear();
        self.restriction = None;
        self.page = 1;
    }

    /// The number of filters set, including the search.
    pub(crate) fn filter_count(&self) -> usize {
        self.filters.len() + usize::from(!self.q.is_empty()) + usize::from(self.restriction.is_some())
    }

    /// Handles a click on a column: its natural order, then the reverse, then the default again.
    pub(crate) fn toggle_sort(&mut self, sort_by: SortField) {
        let first = first_order(sort_by);
        self.page = 1;
        self.sorting = match self.order_of(sort_by) {
            None => Sorting { sort_by, sort_order: first },
            Some(order) if order == first => Sorting { sort_by, sort_order: reversed(first) },
            Some(_) => Sorting::default(),
        };
    }

    /// The direction in which the list is sorted by this column, if it is.
    pub(crate) fn order_of(&self, sort_by: SortField) -> Option<SortOrder> {
        (self.sorting.sort_by == sort_by).then_some(self.sorting.sort_order)
    }

    /// Changes the page size, keeping the first lead of the page in view.
    pub(crate) fn set_page_size(&mut self, page_size: u32) {
        let first = (self.page - 1).saturating_mul(u64::from(self.page_size));
        self.page_size = page_size;
        self.page = first / u64::from(page_size.max(1)) + 1;
    }
}

/// What a chat question can ask that filters cannot express.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Restriction {
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    /// Where the days of the condition begin, in minutes ahead of UTC.
    utc_offset_minutes: i32,
}

impl Restriction {
    /// The value for the URL.
    fn to_text(&self) -> String {
        // Serialising texts, names and numbers never fails.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Parses the value from the URL; `None` if it is invalid or excludes no lead.
    fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok()?.if_any()
    }

    fn if_any(self) -> Option<Self> {
        (self.condition.is_some() || self.limit.is_some()).then_some(self)
    }
}

/// The natural order of a column: texts from A, times from the newest.
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
            restriction: Restriction::from_text(r#"{"where":{"field":"phone","op":"isEmpty"},"limit":10}"#),
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
        let query: LeadQuery = serde_json::from_str(query).expect("a query");
        let state = ListState::of_query(query.clone());
        assert_eq!(state.lead_query(), query);
        assert_eq!(ListState::from_query(&state.to_query()), state);
        assert!(state.request_query().contains("query=%7B%22filters%22"));
        assert_eq!(ListState::of_query(LeadQuery::default()), ListState::default());
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
