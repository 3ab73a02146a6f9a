"""Keep requests out of the logs of httpx and httpcore."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_sending: ContextVar[bool] = ContextVar("revox_sending", default=False)


def _is_not_ours(_: logging.LogRecord) -> bool:
    return not _sending.get()


# At INFO, httpx logs every URL with its query, and a query may hold a phone number. At DEBUG, httpcore logs
# the headers of answers, and a server may write anything into them.
for _name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy"))):
    logging.getLogger(_name).addFilter(_is_not_ours)


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep the requests of this context out of the logs of httpx and httpcore."""
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)
