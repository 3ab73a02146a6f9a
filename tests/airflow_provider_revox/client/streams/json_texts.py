"""Values of JSON that readers get wrong, and texts that are none."""

from __future__ import annotations

ODD = [
    "-0", "-0.0", "1e400", "1E5", "4.9e-324", "0.1", "1.7976931348623157e308", "9" * 400, "1" * 19,
    r'"\ud800"', r'"\ude00\ud83d"', r'"\ud83d\ude00"', r'"\u00e9\u0000"', '"\x7f\u2028"', '{"k": 1, "k": 2}',
    '{"b": 1, "a": 2, "b": 3}', "[[], {}]", "[[], [{}]]",
]  # fmt: skip
WRONG = [
    "NaN", "-Infinity", "01", "1.", "+1", "nul", "[1,]", '{"a": 1,}', '"\n"', "'a'", "{a: 1}", "9" * 5000,
    "[1 2]", r'"\x41"', "1}], [{", '1}}], "rows": [{"id": "b", "call": {"x": 1',
    '1}}], [{"id": "b", "call": {"x": 1', '1}}]], [[{"id": "b", "call": {"x": 1',
]  # fmt: skip


def answer(rows):
    return f'{{"rows": [{", ".join(rows)}]}}'.encode()
