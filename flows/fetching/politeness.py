"""Each host is asked by one request at a time, with a pause between two, and left alone when it asks for that."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flows.fetching.settings import Limits

MAX_SILENT = 3  # addresses of a host that nobody answered at, in a row, before the others are not tried


class ClosedHostError(Exception):
    """The host is not asked again in this run; the message says why."""


@dataclass
class _Host:
    """What is known of one host: who is asking it, when it may be asked next, and why it is not asked any more."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    not_before: float = 0.0
    delay: float = 0.0
    silent: int = 0
    closed: str | None = None


class Hosts:
    """All hosts of one run."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self._connections = asyncio.Semaphore(limits.connections)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be asked; the pause begins when the request has ended.

        Raises:
            ClosedHostError: the host is not asked any more.
        """
        one = self._hosts[host]
        async with one.turn:
            now = asyncio.get_running_loop().time
            # Checked after each sleep: a request before this one may have been told to wait for longer.
            if one.closed is None and one.not_before > now():
                await asyncio.sleep(one.not_before - now())
            if one.closed is not None:
                raise ClosedHostError(one.closed)
            async with self._connections:
                try:
                    yield
                finally:
                    self.pause(host, max(one.delay, self._limits.delay))

    def pause(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long from now on, at least."""
        one = self._hosts[host]
        one.not_before = max(one.not_before, asyncio.get_running_loop().time() + seconds)

    def close(self, host: str, reason: str) -> None:
        """Do not ask the host again in this run."""
        self._hosts[host].closed = reason

    def slow_down(self, host: str, delay: float) -> None:
        """Pause for so long between two requests, as its robots.txt asks; a host that asks for too much is closed."""
        if delay > self._limits.longest_wait:
            self.close(host, f"{host} asks for {delay:g} s between requests (Crawl-delay); see longest_wait")
        self._hosts[host].delay = delay

    def heard(self, host: str) -> None:
        """Note that the host answered, to the end or by a status."""
        self._hosts[host].silent = 0

    def missed(self, host: str, reason: str) -> None:
        """Note that nobody answered, for all attempts at one address."""
        self._hosts[host].silent += 1
        if self._hosts[host].silent >= MAX_SILENT:
            self.close(host, f"{host} did not answer {MAX_SILENT} times in a row ({reason})")

    def back_off(self, host: str, attempt: int, asked: float | None) -> None:
        """Pause before another attempt: as long as the host asked for, or else twice as long each time, with jitter.

        Raises:
            ClosedHostError: the host asked for more than this run waits.
        """
        if asked is not None and asked > self._limits.longest_wait:
            self.close(host, f"{host} asks to be left alone for {asked:g} s (Retry-After); see longest_wait")
            raise ClosedHostError(self._hosts[host].closed)
        least = min(self._limits.backoff * 2**attempt, self._limits.longest_wait)
        # Jitter only ever adds, and spreads those that were turned away together.
        self.pause(host, max(least, asked or 0.0) + random.uniform(0, least))  # noqa: S311 - no secret hangs on it


def retry_after(value: str | None) -> float | None:
    """Seconds from now that a Retry-After header asks for (RFC 9110: seconds, or a date); None where it says none."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
