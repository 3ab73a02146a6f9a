"""The words in the names of fields and headers that say whether an answer is a whole list or a page of it."""

from __future__ import annotations

from airflow_provider_revox.client.spelling import Vocabulary

Words = frozenset[str]


def _set(words: str) -> Words:
    return frozenset(words.split())


OTHER_TOPICS = _set(
    "account assistant assistants balance billing budget cost costs credit credits days hours license limits "
    "minutes organisation organization plan project quota quotas rate ratelimit retry seconds shards "
    "subscription team tenant tokens trial usage user voice workspace"
)
"""Words for something that has counts, limits and remainders of its own."""
OTHER_ITEMS = _set("call calls contact contacts number numbers people phone phones row rows")
"""What a list may hold. A count in an object of such a name is about these, unless the list holds them."""
NO_PAGE = _set(
    "action actions at attempt billing call calls campaign charge cycle date day invoice launch maintenance "
    "payment poll refresh release renewal reset run step steps sync time update version window"
)
"""Words that, beside ``next``, speak of something else than a page."""
EXPLANATION = _set("about details help info learn read see")
"""Words that, beside ``more``, lead to a text."""
CUT = _set(
    "abridged capped clipped cropped cutoff elided incomplete limited overflow partial shortened trimmed "
    "truncated"
)
MORE = _set("additional earlier further more older")
ESTIMATE = _set("approx approximate estimate estimated")
AT_THE_END = _set("complete done end entire eof exhausted exhaustive final finished last loaded")
REMAINDER = _set("left omitted remaining")
CURSOR = _set("bookmark continuation continue cursor cursors evaluated marker resumption scroll")
BEHIND_LAST = tuple(
    map(_set, ("last id", "last key", "max id", "min id", "since id", "before id", "until id"))
)
"""Names of a place in a list, after which more may follow."""
AFTER = _set("after id key page start starting")
COUNT = _set(
    "amount available cardinality count counts documents elements entries found hits items length matched "
    "matches objects of quantity records results rows total totals"
)
COUNTED = COUNT | _set(
    "all collection data document element entry full grand hit item list match matched matching n nb num "
    "number object odata overall record response result row size value"
)
TOTAL = _set("count counts total totals")
IS_TOTAL = _set("found hits matches total totals")
SAME_AS = dict.fromkeys(_set("batch chunk part segment slice"), "page")
SAME_AS |= dict.fromkeys(_set("batches chunks parts segments slices"), "pages")
NUMBER = _set("current index no num number page this")
SIZE = _set("count default items limit max maximum page per results rows size take top")
OFFSET = _set("at current first from index item offset page position record row skip start")
HEADER = (
    COUNTED
    | NUMBER
    | SIZE
    | OFFSET
    | CUT
    | CURSOR
    | MORE
    | _set("has is last next paged pages paginated pagination paging prev previous token x")
) - {"length", "limit"}
VENDOR_HEADERS = tuple(
    map(
        _set,
        (
            "has more",
            *(f"next {what}" for what in ("page", "cursor", "token", "link", "offset")),
            *(
                f"total {what}"
                for what in ("count", "pages", "items", "results", "records", "campaigns", "wp")
            ),
            "continuation ms",
        ),
    )
)
"""Words of headers that may have the word of a product in them: ``X-WP-TotalPages``."""
PAGER = _set("page pager pages pagination paging")
OF_ITEM = {
    "campaigns": _set("campaign campaigns"),
    "phone_history": _set("contact contacts history number numbers people phone phones"),
}

VOCABULARY = Vocabulary(
    (
        HEADER
        | COUNT
        | CUT
        | AT_THE_END
        | REMAINDER
        | CURSOR
        | MORE
        | _set("id info key limit link prev previous token url")
    )
    - {"n", "nb", "x", "no", "at", "of"}
)
