"""Whether an answer is taken for the whole list only if nothing in it says otherwise."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.whole_or_page import sign_of_more


def sign(members=None, headers=None, listed=1, item="campaigns"):
    return sign_of_more(members or {}, headers or {}, listed=listed, item=item)


MORE = [
    {"has_more": True},
    {"hasMore": True},
    {"has-more": True},
    {"HasMore": "true"},
    {"hasmore": 1},
    {"more": True},
    {"moreResultsAvailable": True},
    {"has_next": True},
    {"hasNextPage": True},
    {"next": "/campaigns?page=2"},
    {"next": 2},
    {"next": {"href": "/campaigns?page=2"}},
    {"next": {"link": {"href": "/campaigns?page=2"}}},
    {"next_page": 2},
    {"nextPage": "2"},
    {"next_cursor": "abc"},
    {"nextPageToken": "abc"},
    {"NextToken": "abc"},
    {"next_url": "https://example.com/campaigns?page=2"},
    {"nextURL": "https://example.com/campaigns?page=2"},
    {"@odata.nextLink": "https://example.com/campaigns?page=2"},
    {"next_offset": 1},
    {"links": {"next": "/campaigns?page=2"}},
    {"_links": {"self": {"href": "/"}, "next": {"href": "/campaigns?page=2"}}},
    {"links": [{"rel": "self", "href": "/"}, {"rel": "next", "href": "/campaigns?page=2"}]},
    {"link": '</campaigns?page=2>; rel="next"'},
    {"page": 1, "page_size": 1, "total": 2},
    {"page": 1, "pageSize": 1, "total": "2"},
    {"pagination": {"page": 1, "per_page": 1, "total_count": 2}},
    {"meta": {"pagination": {"total": 2}}},
    {"page_info": {"has_next_page": True}},
    {"pageInfo": {"hasNextPage": True, "endCursor": "abc"}},
    {"pageinfo": {"hasnextpage": True}},
    {"cursor": {"next": "abc"}},
    {"response_metadata": {"next_cursor": "abc"}},
    {"result": {"info": {"paging": {"has_more": True}}}},
    {"page": {"size": 1, "totalElements": 2, "totalPages": 2, "number": 0}},
    {"number_of_pages": 3},
    {"total_pages": 2},
    {"totalPages": 2.0},
    {"pageCount": 2},
    {"page_count": 2},
    {"num_pages": 2},
    {"pages": 2},
    {"last_page": 3},
    {"current_page": 1, "last_page": 2},
    {"page": 2},
    {"page": 2, "total": 1},
    {"current_page": 3, "has_more": False},
    {"offset": 0, "limit": 1, "total": 2},
    {"offset": 1, "limit": 10},
    {"skip": 5},
    {"from": 3, "to": 3},
    {"start_index": 2},
    {"total": 2},
    {"total": 0},
    {"total": -1},
    {"count": 2},
    {"totalCount": 2},
    {"total_results": 2},
    {"totalItems": 2},
    {"totalcount": 2},
    {"numFound": 2},
    {"@odata.count": 2},
    {"campaigns_count": 2},
    {"total_campaigns": 2},
    {"number_of_campaigns": 2},
    {"hits": {"total": {"value": 2, "relation": "eq"}}},
    {"total": {"campaigns": 2, "calls": 1}},
    {"counts": {"campaigns": 2}},
    {"batch": 1, "batches": 2},
    {"chunk": {"number": 1, "totalChunks": 3}},
    {"part": 2},
    {"truncated": True},
    {"limited": True},
    {"maxReached": True},
    {"limit_exceeded": "true"},
    {"eof": False},
    {"isTruncated": "true"},
    {"incomplete_results": True},
    {"partial": True},
    {"limit_reached": True},
    {"is_last": False},
    {"last": False},
    {"isLastPage": False},
    {"first": False},
    {"complete": False},
    {"is_complete": False},
    {"done": False},
    {"exhausted": False},
    {"remaining": 5},
    {"items_left": "5"},
    {"prev": "/campaigns?page=1"},
    {"hasPreviousPage": True},
    {"previous_page": 1},
    {"nbPages": 3},
    {"nb_pages": 3, "nbHits": 1},
    {"nbHits": 250},
    {"exhaustiveNbHits": False, "nbHits": 1},
    {"total": {"value": 1, "relation": "gte"}},
    {"hits": {"total": {"value": 1, "relation": "gt"}}},
    {"total": "1,250"},
    {"total": "1 250"},
    {"count": "2+"},
    {"total_count": "more than 1"},
    {"range": "1-100/250"},
    {"showing": "1-1 of 250"},
    {"message": "Showing 1 to 1 of 250 campaigns"},
    {"range": "101\u2013101 of 101"},
    {"limit_hit": True},
    {"has_additional": True},
    {"additionalResults": "true"},
    {"older": "/campaigns?until=abc"},
    {"available": 250},
    {"amount": 250},
    {"quantity": 250},
    {"of": 250},
    {"estimated_total": 250},
    {"approximateCount": 250},
    {"links": [{"rel": "NEXT", "href": "/campaigns?page=2"}]},
    {"links": [{"relation": "next", "url": "/campaigns?page=2"}]},
    {"links": [{"rel": ["self", "Next"], "href": "/campaigns?page=2"}]},
    {"startAt": 100, "maxResults": 100},
    {"page": "1 of 2"},
    {"pages": "1/2"},
    {"page": "Page 1 / 3"},
    {"pagination": {"current": 1, "last": 2}},
    {"pagination": [{"next": "/campaigns?page=2"}]},
    {"max_page": 2},
    {"hydra:totalItems": 9},
    {"returned": 1, "matched": 9},
    {"showing": "1/9"},
    {"not_shown": 4},
    {"all_loaded": False},
    {"links": [{"label": "Next &raquo;", "url": "/campaigns?page=2"}]},
    {"message": "first 1 of 9 campaigns"},
    # A sign that there is more is a sign, whatever else is there.
    {"total": 1, "has_more": True},
    {"has_more": False, "next": "/campaigns?page=2"},
    {"has_more": False, "total": 2},
    {"next": None, "pagination": {"total_pages": 4}},
]
UNCLEAR = [
    {"paginated": True},
    {"is_paged": "true"},
    {"chunk": 1},
    {"page": 1},
    {"page": 0},
    {"current_page": 1},
    {"page": 1, "page_size": 1},
    {"page": 1, "per_page": "1"},
    {"limit": 1},
    {"offset": 0},
    {"offset": 0, "limit": 1},
    {"from": 0, "size": 1},
    {"pagination": {"number": 1, "size": 1}},
    {"cursor": "abc"},
    {"cursor": {"after": "abc"}},
    {"paging": {"cursors": {"after": "abc"}}},
    {"end_cursor": "abc"},
    {"page_token": "abc"},
    {"continuation": {"token": "abc"}},
    {"LastEvaluatedKey": {"id": "a"}},
    {"scroll_id": "abc"},
    {"after": "abc"},
    {"cursor": "abc", "limit": 100},
    {"count": 1, "page": 1},
    {"startAt": 0, "maxResults": 1},
    {"maxResults": 1},
    {"resumptionToken": "abc"},
    {"last_id": "cmp_1"},
    {"lastKey": "cmp_1"},
    {"since_id": "cmp_1"},
    {"estimatedTotal": 1, "page": 1},
]
WHOLE = [
    {},
    {"has_more": False},
    {"hasMore": "false"},
    {"next": None},
    {"next": ""},
    {"next": False},
    {"next": {}},
    {"next": {"href": None}},
    {"next_cursor": "0"},
    {"links": {"self": "/campaigns", "next": None, "first": "/campaigns", "last": "/campaigns"}},
    {"links": [{"rel": "self", "href": "/campaigns"}]},
    {"link": '</campaigns>; rel="self"'},
    {"total": 1},
    {"total": "1"},
    {"count": 1},
    {"page": 1, "page_size": 100, "total": 1},
    {"page": 1, "page_size": 1, "total": 1},
    {"page": 1, "total_pages": 1},
    {"page": 0, "pages": 1},
    {"page": 1, "page_size": 100},
    {"page": 1, "has_more": False},
    {"offset": 0, "limit": 100},
    {"offset": 0, "limit": 1, "total": 1},
    {"from": 1, "to": 1, "total": 1, "current_page": 1, "last_page": 1, "per_page": 15},
    {"page": {"size": 20, "totalElements": 1, "totalPages": 1, "number": 0}, "first": True, "last": True},
    {"size": 1, "limit": 25, "isLastPage": True},
    {"pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "endCursor": "abc"}},
    {"cursor": "abc", "has_more": False},
    {"cursor": None},
    {"paging": {"cursors": {"before": None, "after": None}}},
    {"truncated": False, "is_last": True, "complete": True, "remaining": 0},
    {"prev": None, "previous": ""},
    {"hits": {"total": {"value": 1, "relation": "eq"}}},
    {"total": {"campaigns": 1, "calls": 20}},
    {"part": 1, "parts": 1},
    {"paginated": False},
    {"success": True, "ok": True, "error": None, "errors": [], "error_count": 3},
    {"error": False, "errors": {}},
    {"nbHits": 1, "exhaustiveNbHits": True, "nbPages": 1},
    {"total": "1", "range": "1-1/1", "showing": "1-1 of 1"},
    {"startAt": 0, "maxResults": 50},
    {"last_id": "cmp_1", "has_more": False},
    {"older": None, "additional": False, "limit_hit": False},
    {"message": "Listed on 2026-11-24 by 2 workers of 3", "name": "1,250", "description": "1-2"},
    {"pagination": {"current": 1, "last": 1}, "page": "1 of 1", "showing": "1/1", "not_shown": 0},
    {"links": [{"label": "Next &raquo;", "url": None}]},
    {"errors": {"count": 0}, "error": {"code": 0, "message": ""}},
    # Other topics.
    {"days_left": 14, "minutes_left": 100, "calls_remaining": 7, "limits": {"total": 100}},
    {"workspace": {"total": 3}, "team": {"count": 4}, "_shards": {"total": 5}, "cost": {"amount": 12}},
    {"calls": {"total": 200}, "contacts": {"total": 200}, "trace": {"sampled": True}, "next_campaign": "x"},
    {"rate_limit": {"limit": 100, "remaining": 5}, "quota": {"total": 1000}, "credits_left": 7},
    {"organization": {"total": 12, "page": 7}, "user": {"next": "x"}, "retry_after": 5},
    {"next_billing_at": "2030-01-01", "next_run": 5, "learn_more": "https://example.com"},
    {"total_calls": 200, "active_count": 3, "created_after": "2026-01-01", "version": 3},
    {"more": [1], "warnings": [], "assistants": [{"next": 1, "total": 5}]},
    # What bears the list's name holds its items.
    {"data": {"campaigns": {"a": {"has_more": True, "total": 9}}}},
]


@pytest.mark.parametrize("members", MORE, ids=json.dumps)
def test_a_sign_of_more_is_seen_however_it_is_spelled(members):
    assert "has more pages" in sign(members)


@pytest.mark.parametrize("members", UNCLEAR, ids=json.dumps)
def test_what_only_pages_have_is_a_sign_where_nothing_says_that_this_is_all(members):
    assert "may have more pages" in sign(members)
    assert sign({**members, "has_more": False}) == ""


@pytest.mark.parametrize("members", WHOLE, ids=json.dumps)
def test_what_says_that_this_is_all_is_no_sign(members):
    assert sign(members) == ""


@pytest.mark.parametrize(
    "members",
    [
        {"error": "timeout"},
        {"error": True},
        {"error": {"code": None}},
        {"errors": [{"message": "one shard failed"}]},
        {"success": False},
        {"ok": "false"},
        {"meta": {"success": False}, "total": 1},
    ],
    ids=json.dumps,
)
def test_an_answer_that_says_that_it_failed_is_no_list(members):
    assert sign(members).startswith("it says that something failed")
    assert sign(members, listed=0).startswith("it says that something failed")


@pytest.mark.parametrize("members", [{"total": 0}, {"page": 1, "page_size": 10, "total": 0}, {"count": 0}])
def test_an_empty_list_may_be_whole(members):
    assert sign(members, listed=0) == ""


@pytest.mark.parametrize(
    ("item", "members"),
    [
        ("phone_history", {"phone_count": 2}),
        ("phone_history", {"total_numbers": 2}),
        ("rows", {"row_count": 2}),
        ("phone_history", {"contacts": 2}),
    ],
)
def test_a_count_may_bear_the_name_of_what_it_counts(item, members):
    assert sign(members, item=item) != ""
    assert sign(members, item=item, listed=2) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"link": '<https://example.com/campaigns?page=2>; rel="next", <https://example.com/>; rel="last"'},
        {"link": "</campaigns?page=2>; rel=next"},
        {"x-next-page": "2"},
        {"x-has-more": "true"},
        {"x-total-count": "2"},
        {"x-total": "2"},
        {"total-count": "2"},
        {"x-total-pages": "2"},
        {"x-page": "2"},
        {"x-page": "1", "x-per-page": "1"},
        {"x-prev-page": "1"},
        {"content-range": "items 0-0/2"},
        {"content-range": "1-1/2"},
        {"x-content-range": "campaigns 0-0/2"},
        {"x-pagination": '{"TotalCount": 2, "CurrentPage": 1}'},
        {"x-pagination": '{"TotalCount": 2'},
        {"x-paging": '{"TotalCount": 2}'},
        {"x-pagination": "page=1;total=9"},
        {"x-paginated": "true"},
        {"x-wp-totalpages": "2", "x-wp-total": "2"},
        {"x-wp-total": "2"},
        {"x-ms-continuation": "abc"},
        {"x-revox-has-more": "true"},
        {"revox-next-page": "2"},
        {"x-revox-total-count": "2"},
        {"x-pagination-total": "2"},
        {"x-continuation": "abc"},
        {"x-cursor": "abc"},
        {"x-total-count": "1,250"},
    ],
)
def test_headers_may_say_that_there_is_more(headers):
    assert sign(headers=headers) != ""


@pytest.mark.parametrize(
    "headers",
    [
        {"content-length": "4711", "content-type": "application/json", "x-request-id": "2"},
        {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "99", "ratelimit-remaining": "99"},
        {"x-rate-limit-remaining": "99", "retry-after": "3", "x-powered-by": "Next.js", "age": "3"},
        {"accept-ranges": "bytes", "content-range": "bytes 0-99/200", "server-timing": "total;dur=2"},
        {"link": '</style.css>; rel="preload", <https://example.com/>; rel="self"'},
        {"x-next-page": "", "x-page": "1", "x-per-page": "20", "x-total": "1", "x-total-pages": "1"},
        {"x-middleware-next": "1", "x-next-revalidate": "60", "x-next-url": "/a", "x-cursor-rules": "on"},
        {"x-total-time": "12", "x-total-ms": "7", "x-total-tokens": "9", "x-more-info": "https://a.example"},
        {"x-page-views": "7", "x-page-cache": "1", "cf-cache-status": "HIT", "x-nextjs-cache": "HIT"},
        {"x-cache-hits": "7", "x-cache": "HIT", "x-served-by": "cache-1", "x-timer": "S1,VS0,VE9"},
        {"x-runtime-total": "0.52", "x-db-count": "7", "x-amz-cf-id": "abc", "x-request-start": "123"},
        {"x-ratelimit-total": "9", "x-api-version": "2", "age": "12", "x-frame-options": "DENY"},
        {"content-range": "items 0-0/1"},
        {"content-range": "items */0"},
    ],
)
def test_other_headers_are_no_sign(headers):
    assert sign(headers=headers, listed=0 if "*" in headers.get("content-range", "") else 1) == ""


def test_a_sign_names_the_field_and_no_value():
    assert '(see "meta.pagination.nextCursor")' in sign(
        {"meta": {"pagination": {"nextCursor": "+33612345678"}}}
    )
    text = sign({"next +33612345678 Ada": 2})
    assert text.endswith("(see a field of it)")
    assert "336" not in text


def test_an_answer_of_any_depth_is_looked_through():
    members = {"has_more": True}
    for _ in range(5000):
        members = {"meta": members}
    assert sign(members) != ""
