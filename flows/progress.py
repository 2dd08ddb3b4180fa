"""What a run tells while it runs: stages that begin, advance and end, with their seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Told:
    """One thing told of a stage: that it has begun, that `done` of `total` shards are done, or that it has ended.

    `seconds` is set at the end; `message` is what a stage came to, or what whoever started the run should know at once.
    """

    stage: str
    done: int = 0
    total: int = 0
    seconds: float | None = None
    message: str = ""


def _nobody(_told: Told) -> None:
    """Listen to runs that nobody watches: Prefect shows their tasks."""


LISTENER: ContextVar[Callable[[Told], None]] = ContextVar("LISTENER", default=_nobody)


class Stages:
    """The stages of one run, and the seconds that each took, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage, and tell when it begins and ends."""
        self._stage = name
        LISTENER.get()(Told(name))
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started
        LISTENER.get()(Told(name, seconds=self.seconds[name]))

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, telling how many of them the current stage has done."""
        found = list(items)
        for done, item in enumerate(found):
            LISTENER.get()(Told(self._stage, done, len(found)))
            yield item


def tell(message: str) -> None:
    """Say something that whoever started the run should know at once."""
    LISTENER.get()(Told("", message=message))
