"""Let an endpoint read an answer, without a server."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_revox.client.messages import Answer, Endpoint


def read(endpoint: Endpoint[Any], body: Any, status: int = 200, **headers: str) -> Any:
    """Let an endpoint read a successful answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    read_answer, sink = endpoint.begin_attempt()
    if sink:
        sink.feed(content)
    return read_answer(Answer(status, headers, content))
