"""A row of a campaign as the API shows it, and rows with fields of any value."""

from __future__ import annotations

from hypothesis import strategies as st

SAID = [{"role": "user", "content": "What was said"}]
ATTEMPT = {
    "id": "second",
    "started_at": "2026-11-24T09:00:00.000Z",
    "answered_at": "2026-11-24T09:00:05.250Z",
    "ended_at": "2026-11-24T09:01:00Z",
    "status": "completed",
    "result": "human",
    "recording_url": "https://recordings.invalid/1.mp3",
    "ended_by": "agent",
    "end_reason": "tool_end_call",
    "dial_error": None,
    "handled_by_ai": True,
    "handled_by_human": False,
    "structured_output": {"interested": True},
    "transcript": SAID,
    "post_call_transcript": None,
}
BUSY = {"id": "first", "status": "error", "dial_error": "busy", "ended_at": "2026-11-24T08:00:00.000Z"}
CALL = {
    "id": "call",
    "status": "completed",
    "direction": "outbound",
    "from_phone_number": "+2",
    "created_at": "2026-11-23T09:00:00.000Z",
    "scheduled_at": None,
    "outcome": "interested",
    "outcome_summary": "Wants a demo",
    "calls_count": 2.0,
    "last_call_attempt": ATTEMPT,
    "call_attempts": [ATTEMPT, BUSY],
}
ROW = {"id": "row", "row_index": 7.0, "phone_number": "+1", "input_data": {"who": "Ada"}, "call": CALL}
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.just("2026-11-24"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def some_of(fields, **more):
    return st.fixed_dictionaries({}, optional={name: more.get(name, ANY) for name in fields})
