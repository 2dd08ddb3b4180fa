"""robots.txt (RFC 9309): asked for once per host and run, and obeyed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from protego import Protego

MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: what must be read, at least


class RobotsError(Exception):
    """The address may not be asked; the message says by which robots.txt."""


class Robots:
    """The robots.txt files of one run.

    Args:
        agent: the name that rules may give this robot.
        ask: status and first bytes of the file at an address, redirects followed. It raises where the file cannot be
            had: then nothing may be asked of that host either (RFC 9309, 2.3.1.4).
        slow_down: told the host and the seconds between requests that its file asks for.
    """

    def __init__(
        self,
        agent: str,
        ask: Callable[[str], Awaitable[tuple[int, bytes]]],
        slow_down: Callable[[str, float], None],
    ) -> None:
        self._agent = agent.partition("/")[0]
        self._ask = ask
        self._slow_down = slow_down
        self._files: dict[str, asyncio.Task[Protego]] = {}

    async def check(self, url: httpx.URL) -> None:
        """Make sure that an address may be asked.

        Raises:
            RobotsError: its host forbids it.
            Exception: what `ask` raised.
        """
        place = str(url.copy_with(raw_path=b"/robots.txt"))
        if place not in self._files:
            self._files[place] = asyncio.create_task(self._read(place, url.host))
        rules = await asyncio.shield(self._files[place])
        if not rules.can_fetch(str(url), self._agent):
            raise RobotsError(f"forbidden by {place}")

    async def _read(self, place: str, host: str) -> Protego:
        status, body = await self._ask(place)
        if status != 200:
            body = b""  # 4xx: nothing is forbidden
        if len(body) >= MAX_BYTES:
            body = body[: body.rfind(b"\n") + 1]  # half a line says something else: `Disallow: /` where `/x` stood
        rules = await asyncio.to_thread(Protego.parse, body.decode("utf-8-sig", "replace"))
        delay = rules.crawl_delay(self._agent)
        if delay:
            self._slow_down(host, delay)
        return rules
