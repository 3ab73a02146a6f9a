"""
Send requests to the Revox API from an event loop, over aiohttp.

httpx takes several times the CPU per poll, and a triggerer waits for thousands of campaigns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from yarl import URL

from airflow_provider_revox.client.body import Body, max_seconds, more_seconds
from airflow_provider_revox.client.config import ClientConfig
from airflow_provider_revox.client.endless_answers import Connector, FloodError
from airflow_provider_revox.client.errors import (
    InvalidConfigurationError,
    NoAnswerError,
    NotSentError,
    RevoxError,
    TransportError,
)
from airflow_provider_revox.client.frames import without_frames
from airflow_provider_revox.client.messages import (
    REMEMBERED,
    Answer,
    Endpoint,
    Request,
    Sink,
    check_success,
    remember,
    wants_body,
)
from airflow_provider_revox.client.retry import retry_pause
from airflow_provider_revox.client.transport import (
    headers,
    lower_names,
    proxy_url,
    secrets,
    tls_context,
    took_longer_than,
)

T = TypeVar("T")

_CHUNK = 1 << 16
_MAX_HEADER = 65_536
"""Bytes that one header may have: as many as httpx accepts."""


class AsyncRevoxClient:
    """
    Asks the Revox API from an event loop.

    Make the client with :meth:`open`: the constructor reads certificates, which takes over 100 ms. Close the
    client, or use it as a context manager.

    :param config: How to reach the API.
    :raises InvalidConfigurationError: The CA bundle, the proxy or the base URL can't be used.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        try:
            self._base = str(URL(config.base_url)).rstrip("/")
        except ValueError:
            raise InvalidConfigurationError("the base URL (host) is not a URL") from None
        self._tls = tls_context(config)
        self._proxy = proxy_url(config)
        self._secrets = secrets(config)
        self._sent: deque[Request] = deque(maxlen=REMEMBERED)
        self._timeout = aiohttp.ClientTimeout(
            total=None,
            # aiohttp counts the wait for a free connection as a part of this time.
            connect=config.pool_timeout + config.connect_timeout,
            sock_connect=config.connect_timeout,
            sock_read=config.read_timeout,
        )
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    async def open(cls, config: ClientConfig) -> Self:
        """
        Make a client in a thread, so that the event loop does not stand still.

        :raises InvalidConfigurationError: The CA bundle, the proxy or the base URL can't be used.
        """
        return await asyncio.to_thread(cls, config)

    async def send(
        self, endpoint: Endpoint[T], *, retries: int | None = None, within: float = float("inf")
    ) -> T:
        """
        Ask an endpoint; send the request again if that is safe and may help.

        :param endpoint: From ``airflow_provider_revox.client.endpoints``.
        :param retries: How often the request may be sent again. Default: as the settings say.
        :param within: Seconds that each attempt may take in all. The limits of the settings count, too.
        :return: What the answer says.
        :raises RevoxError: The last attempt failed.
        """
        retries = self.config.retries if retries is None else retries
        attempt = 0
        while True:
            try:
                return await self._send_once(endpoint, within)
            except RevoxError as error:
                pause = retry_pause(
                    error, repeatable=endpoint.request.repeatable, attempt=attempt, retries=retries
                )
                if pause is None:
                    raise
            attempt += 1
            await asyncio.sleep(pause)

    async def _send_once(self, endpoint: Endpoint[T], within: float) -> T:
        try:
            return await self._attempt(endpoint, within)
        except RevoxError as error:
            failure = without_frames(error)
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
            failure = transport_error(endpoint.request, error)
        except BaseException as error:
            # Such as a cancellation. The frames of aiohttp hold the request, with its key and people.
            error.__traceback__ = None
            raise
        raise failure

    async def _attempt(self, endpoint: Endpoint[T], within: float) -> T:
        read, sink = endpoint.begin_attempt()
        answer = await self._transmit(endpoint.request, sink, within)
        check_success(endpoint.request, answer, self._secrets, self._sent)
        return read(answer)

    async def _transmit(self, request: Request, sink: Sink | None, within: float) -> Answer:
        remember(self._sent, request)
        seconds = min(within, max_seconds(request, self.config.limits))
        ends_at = asyncio.get_running_loop().time() + within

        def prolong(chunk: bytes) -> None:
            if more := more_seconds(request, chunk):
                time_left.reschedule(min(ends_at, (time_left.when() or 0.0) + more))

        if self._session is None:
            self._session = self._new_session()
        try:
            async with (
                asyncio.timeout(seconds) as time_left,
                self._session.request(**self._arguments(request)) as response,
            ):
                found = lower_names(response.headers)
                content: bytes | bytearray = b""
                if wants_body(request, response.status):
                    body = Body(request, response.status, found, self.config.limits, sink)
                    content = await self._read(response, body, prolong)
        except TimeoutError:
            if time_left.expired():
                raise NoAnswerError(request.method, request.path, took_longer_than(seconds)) from None
            raise
        return Answer(response.status, found, content)

    async def _read(
        self, response: aiohttp.ClientResponse, body: Body, prolong: Callable[[bytes], None]
    ) -> bytes | bytearray:
        while not response.content.at_eof():
            chunk = await response.content.read(_CHUNK)
            prolong(chunk)
            is_first = True
            for _ in body.feed(chunk):
                if not is_first:
                    await asyncio.sleep(0)  # a chunk may unpack to a thousand times its size
                is_first = False
            if body.is_enough:
                response.close()  # the rest is not read
                break
        return body.finish()

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=self._timeout,
            auto_decompress=False,
            connector=Connector(ssl=True if self._tls is None else self._tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )

    def _arguments(self, request: Request) -> dict[str, Any]:
        url = URL(f"{self._base}{request.path}", encoded=True)
        return {
            "method": request.method,
            "url": url.with_query(request.query) if request.query else url,
            "data": request.body,
            "headers": headers(self.config, request),
            "proxy": self._proxy,
            "allow_redirects": False,
        }

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


def transport_error(request: Request, error: Exception) -> TransportError:
    """
    Turn an error of aiohttp into one that says whether the request may have reached Revox.

    Only its kind is shown: its text may hold the query, the password of a proxy or what came over the wire.
    """
    reason = str(error) if isinstance(error, FloodError) else type(error).__name__
    if isinstance(error, _NOT_SENT):
        cause = None
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            # Before 3.14 aiohttp fails if it is asked for `os_error` here.
            cause = getattr(error.certificate_error, "strerror", None)
        elif isinstance(error, aiohttp.ClientConnectorError):
            cause = error.os_error.strerror
        return NotSentError(request.method, request.path, f"{reason}: {cause}" if cause else reason)
    return NoAnswerError(request.method, request.path, reason)
