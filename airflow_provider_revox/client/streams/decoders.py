"""Make the decoders of a long answer: of its bytes, and of its items."""

from __future__ import annotations

import codecs
from json import JSONDecoder
from typing import NoReturn


def text_decoder(*, tolerant: bool) -> codecs.IncrementalDecoder:
    """
    Return a decoder of the pieces of UTF-8.

    :param tolerant: Whether to replace a byte that is not UTF-8. Otherwise it is an error.
    """
    return codecs.getincrementaldecoder("utf-8-sig")("replace" if tolerant else "strict")


def json_decoder(*, tolerant: bool) -> JSONDecoder:
    """
    Return a decoder of one item.

    :param tolerant: Whether to read what is not valid JSON, such as NaN and a raw line break in a text.
    """
    if tolerant:
        return JSONDecoder(parse_constant=lambda _: None, parse_int=_parse_integer, strict=False)
    return JSONDecoder(parse_constant=_refuse_constant)


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


def _parse_integer(digits: str) -> int | float:
    """Read an integer of any length: Python refuses very long ones."""
    return int(digits) if len(digits) < 1000 else float(digits)
