"""One polite GET: robots.txt, turns, redirects, attempts, conditions, and limits on what comes back."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType

import httpx

from flows.fetching import robots
from flows.fetching.addresses import CheckedTransport, NoSuchHostError, RefusedAddressError, UnfitUrlError, checked_url
from flows.fetching.politeness import ClosedHostError, Hosts, retry_after
from flows.fetching.robots import Robots
from flows.fetching.settings import SUFFIXES, Settings

REDIRECTS = (301, 302, 303, 307, 308)
COME_BACK = (408, 425, 429)  # and 5xx: the next attempt may succeed
CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
MAX_VALIDATOR = 1_000  # characters of an ETag that is kept
GZIP = 16 + zlib.MAX_WBITS


class FetchError(Exception):
    """An address could not be fetched; the message says why.

    Attributes:
        passes: whether a later run may succeed.
    """

    def __init__(self, reason: str, *, passes: bool = False) -> None:
        super().__init__(reason)
        self.passes = passes


class _ComeBackError(Exception):
    """An attempt failed in a way that may pass; `after` is when the host says to come back, in seconds."""

    def __init__(self, reason: str, *, answered: bool, after: float | None = None) -> None:
        super().__init__(reason)
        self.answered = answered
        self.after = after


@dataclass(frozen=True)
class Validators:
    """What a server said to ask by whether a page has changed, and the address at which it said so."""

    url: str
    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The condition, as headers of a request."""
        values = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Reply:
    """What was received.

    Attributes:
        body: the bytes, decompressed; None where the page has not changed.
        suffix: of the file to store them in, by their content type; empty where there is no body.
        charset: the encoding that the header states.
        validators: for the next time; their `url` is the address that answered, behind all redirects.
    """

    body: bytes | None
    suffix: str
    charset: str | None
    validators: Validators


@dataclass(frozen=True)
class _Answer:
    """What came from one address: body only of status 200."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes


class Client:
    """Asks politely, for one run. An asynchronous context manager."""

    def __init__(self, settings: Settings) -> None:
        self._limits = settings.limits
        self._hosts = Hosts(settings.limits)
        self._robots = Robots(settings.agent, self._robots_file, self._hosts.slow_down)
        self._client = httpx.AsyncClient(
            transport=CheckedTransport(settings.private_hosts, settings.limits.connections),
            headers={
                "User-Agent": settings.user_agent,
                "Accept": ", ".join([*settings.limits.types, "*/*;q=0.1"]),
                "Accept-Encoding": "gzip",
                "Connection": "close",
            },
            timeout=settings.limits.timeout,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,  # a proxy would resolve names by itself, past the check of addresses
        )

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, types: Collection[str], known: Validators | None = None) -> Reply:
        """What stands at an address, where its host allows to ask.

        Args:
            url: the address; redirects from it are followed, each checked as if it had been asked for.
            types: content types to take.
            known: what was said the last time; the body is None where nothing has changed since.

        Raises:
            RobotsError: the host forbids it.
            FetchError: anything else.
        """
        answer = await self._follow(url, types, known)
        validators = Validators(
            str(answer.url), _kept(answer.headers.get("etag")), _kept(answer.headers.get("last-modified"))
        )
        if answer.status == 304 and known and known.headers() and known.url == str(answer.url):
            return Reply(None, "", None, known)
        if answer.status != 200:
            raise FetchError(_told(answer.status))
        if not answer.body:
            raise FetchError("is empty")
        charset = CHARSET.search(answer.headers.get("content-type", ""))
        return Reply(answer.body, SUFFIXES[_type(answer.headers)], charset[1] if charset else None, validators)

    async def _robots_file(self, url: str) -> tuple[int, bytes]:
        """Status (200 or 4xx) and first bytes of a robots.txt.

        Raises:
            FetchError: it cannot be had.
        """
        try:
            answer = await self._follow(url, None, None)
        except FetchError as error:
            raise FetchError(f"robots.txt: {error}", passes=error.passes) from error
        return answer.status, answer.body

    async def _follow(self, url: str, types: Collection[str] | None, known: Validators | None) -> _Answer:
        """The answer behind all redirects; `types` is None for a robots.txt, which needs no leave and may be cut."""
        asked: list[httpx.URL] = []
        try:
            following = httpx.URL(checked_url(url))
            while len(asked) <= self._limits.redirects:
                if following in asked:
                    raise FetchError(f"redirects in a circle, by way of {following}")
                asked.append(following)
                if types is not None:
                    await self._robots.check(following)
                condition = known.headers() if known and known.url == str(following) else {}
                answer = await self._attempts(following, types, condition)
                if answer.status not in REDIRECTS:
                    return answer
                if "location" not in answer.headers:
                    raise FetchError(f"{_told(answer.status)} without saying where")
                following = httpx.URL(checked_url(str(following.join(answer.headers["location"]))))
        except (UnfitUrlError, httpx.InvalidURL) as error:
            raise FetchError(f"{'redirects: ' if asked else ''}{error}") from error
        raise FetchError(f"redirects more than {self._limits.redirects} times")

    async def _attempts(self, url: httpx.URL, types: Collection[str] | None, condition: dict[str, str]) -> _Answer:
        """The answer of one address, asked again where what went wrong may pass."""
        host, reason = url.host, ""
        for attempt in range(self._limits.retries + 1):
            try:
                async with self._hosts.turn(host):
                    try:
                        async with asyncio.timeout(self._limits.deadline):
                            answer = await self._exchange(url, types, condition)
                            self._hosts.heard(host)
                            return answer
                    except httpx.TransportError as error:
                        raise _come_back(error, self._limits.timeout) from error
                    except TimeoutError as error:
                        raise FetchError(f"took longer than {self._limits.deadline:g} s", passes=True) from error
            except _ComeBackError as error:
                reason, answered, after = str(error), error.answered, error.after
            except ClosedHostError as error:
                raise FetchError(str(error), passes=True) from error
            if answered:
                self._hosts.heard(host)
            elif attempt == self._limits.retries:
                self._hosts.missed(host, reason)
            try:
                self._hosts.back_off(host, attempt, after)
            except ClosedHostError as error:
                raise FetchError(str(error), passes=True) from error
        tries = self._limits.retries + 1
        raise FetchError(reason if tries == 1 else f"{reason}, {tries} times", passes=True)

    async def _exchange(self, url: httpx.URL, types: Collection[str] | None, condition: dict[str, str]) -> _Answer:
        """One request and its answer, the body of status 200 read within the limits."""
        async with self._client.stream("GET", url, headers=condition) as response:
            status = response.status_code
            if status in COME_BACK or status >= 500:
                after = retry_after(response.headers.get("retry-after"))
                raise _ComeBackError(_told(status), answered=True, after=after)
            body = b""
            if status == 200:
                if types is not None and _type(response.headers) not in types:
                    raise FetchError(f"is of type {_type(response.headers) or 'unknown'}, which is not fetched")
                body = await _body(
                    response, self._limits.max_bytes if types is not None else robots.MAX_BYTES, may_cut=types is None
                )
            return _Answer(url, status, response.headers, body)


async def _body(response: httpx.Response, limit: int, *, may_cut: bool) -> bytes:
    """The body, decompressed, of at most `limit` bytes; a larger one is cut there or else refused."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise FetchError(f"is encoded as {encoding}, which was not asked for")
    too_large = FetchError(f"is larger than {limit:,} bytes")
    length = response.headers.get("content-length", "")
    if not may_cut and length.isdigit() and int(length[:20]) > limit:
        raise too_large
    decoder = zlib.decompressobj(GZIP) if "gzip" in encoding else None
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            # One byte beyond the limit tells that it is passed: a bomb never unfolds further.
            body += decoder.decompress(chunk, limit + 1 - len(body)) if decoder else chunk
            if len(body) > limit and not may_cut:
                raise too_large
            if len(body) > limit:
                return bytes(body[:limit])
    except zlib.error as error:
        raise FetchError(f"is damaged ({error})") from error
    if decoder and not decoder.eof and response.num_bytes_downloaded:
        raise _ComeBackError("ends before its compressed body is complete", answered=True)
    return bytes(body)


def _come_back(error: httpx.TransportError, timeout: float) -> Exception:
    """What an error on the way means: to try again, or not."""
    if isinstance(error, RefusedAddressError | NoSuchHostError):
        return FetchError(str(error), passes=isinstance(error, NoSuchHostError))
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return FetchError(f"its certificate is not trusted ({error})")
    if isinstance(error, httpx.TimeoutException):
        return _ComeBackError(str(error) or f"nothing came for {timeout:g} s", answered=False)
    return _ComeBackError(str(error) or type(error).__name__, answered=False)


def _type(headers: httpx.Headers) -> str:
    return str(headers.get("content-type", "")).partition(";")[0].strip().lower()


def _told(status: int) -> str:
    return f"answers {status} {httpx.codes.get_reason_phrase(status)}".rstrip()


def _kept(validator: str | None) -> str | None:
    """A validator that can be sent back as it came."""
    return validator if validator and validator.isascii() and len(validator) <= MAX_VALIDATOR else None
