"""The job before the main one: feeds, pages and lists of `sources.toml` in, raw files out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from prefect import flow, get_run_logger, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.fetching.http import Client, FetchError, Validators
from flows.fetching.links import NoLinksError, found_by, links
from flows.fetching.robots import RobotsError
from flows.fetching.settings import SUFFIXES, Settings, Source, read_settings
from flows.fetching.store import FOLDER, Store, Stored, opened
from flows.progress import LISTENER, Stages, Told, tell

Item = TypeVar("Item")
Result = TypeVar("Result")

COLUMNS = (*(str(stored) for stored in Stored), "forbidden", "failed")


@dataclass(frozen=True)
class Fetched:
    """What asking one address came to.

    Attributes:
        url: the address.
        source: what named it.
        result: one of COLUMNS.
        reason: why it is forbidden, or failed.
    """

    url: str
    source: Source
    result: str
    reason: str = ""


@dataclass(frozen=True)
class FetchOutcome:
    """What a run of the flow came to.

    Attributes:
        sources: all sources, in order.
        fetched: what each address came to: pages, feeds that are articles themselves, and other sources that failed.
        folder: where the files are.
        seconds: what each stage took.
    """

    sources: tuple[Source, ...]
    fetched: tuple[Fetched, ...]
    folder: Path
    seconds: dict[str, float]
    columns: tuple[str, ...] = COLUMNS

    @property
    def kept_out(self) -> list[Fetched]:
        """What was forbidden or failed, by source."""
        return [one for one in self.fetched if one.reason]

    @property
    def failed_sources(self) -> list[Fetched]:
        """The sources among these: what `sources.toml` itself names."""
        return [one for one in self.kept_out if one.url == one.source.url and one.result == "failed"]

    def rows(self) -> list[tuple[str, ...]]:
        """The address of each feed and list, and `pages` for all pages named one by one, with the counts of COLUMNS."""
        counts: dict[str, Counter[str]] = {_row(source): Counter() for source in self.sources}
        for one in self.fetched:
            counts[_row(one.source)][one.result] += 1
        return [(name, *(str(count[column]) for column in COLUMNS)) for name, count in counts.items()]

    @property
    def verdict(self) -> str:
        """In one line, what was stored and where."""
        counts = Counter(one.result for one in self.fetched)
        told = ", ".join(f"{counts[column]} {column}" for column in COLUMNS)
        return f"Fetched into {self.folder}: {told}"


class Fetching:
    """What the tasks of one run share: who asks, where it is kept, and what was wanted."""

    def __init__(self, settings: Settings, client: Client, store: Store) -> None:
        self.settings = settings
        self.client = client
        self.store = store

    async def poll(self, source: Source) -> tuple[list[str], Fetched | None]:
        """The pages that a source stands for, and what went wrong."""
        if not source.is_followed:
            return [source.url], None
        failed = None
        try:
            await self._list(source)
        except (FetchError, RobotsError, NoLinksError) as error:
            failed = _failure(source.url, source, error)
        known = self.store.known(source.url)
        listed = known.links or () if known and not failed else ()
        return list(dict.fromkeys([*listed, *self.store.pending(source)])), failed

    async def _list(self, source: Source) -> None:
        known = self.store.known(source.url)
        is_usable = known is not None and known.links is not None and known.links_by == found_by(source)
        reply = await self.client.get(source.url, SUFFIXES, known.validators if known and is_usable else None)
        if reply.body is None:
            return
        most = self.settings.limits.max_links
        found = await asyncio.to_thread(links, source, reply.body, reply.validators.url, reply.charset, most)
        self.store.list_links(source, found_by(source), found, reply.validators)

    async def fetch(self, url: str, source: Source) -> Fetched:
        """Fetch one page into the store."""
        known = self.store.known(url)
        validators: Validators | None = known.validators if known and known.file else None
        types = SUFFIXES if source.kind == "feed" and not source.follow else self.settings.limits.types
        try:
            reply = await self.client.get(url, types, validators)
        except (FetchError, RobotsError) as error:
            self.store.note_failure(url, passes=isinstance(error, FetchError) and error.passes)
            return _failure(url, source, error)
        return Fetched(url, source, str(await self.store.keep(url, source, reply)))


def _row(source: Source) -> str:
    return "pages" if source.kind == "page" else source.url


def _failure(url: str, source: Source, error: Exception) -> Fetched:
    return Fetched(url, source, "forbidden" if isinstance(error, RobotsError) else "failed", str(error))


async def _each(stage: str, items: Iterable[Item], work: Callable[[Item], Awaitable[Result]]) -> list[Result]:
    """The results of all items, which are worked on at once, telling how many are done."""
    found = list(items)
    done = 0

    async def one(item: Item) -> Result:
        nonlocal done
        result = await work(item)
        done += 1
        LISTENER.get()(Told(stage, min(done, len(found) - 1), len(found)))
        return result

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in found]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the first stopped the others: a full disk says so once
    return [task.result() for task in tasks]


@task(name="poll-sources", cache_policy=NO_CACHE)
async def poll_sources(fetching: Fetching) -> tuple[dict[str, Source], list[Fetched]]:
    """Ask every feed and list what it links to: each page with the first source that names it, and what failed."""
    polled = await _each("poll", fetching.settings.sources, fetching.poll)
    wanted: dict[str, Source] = {}
    for source, (pages, _) in zip(fetching.settings.sources, polled, strict=True):
        for page in pages:
            wanted.setdefault(page, source)
    return wanted, [failed for _, failed in polled if failed]


@task(name="fetch-pages", cache_policy=NO_CACHE)
async def fetch_pages(fetching: Fetching, wanted: dict[str, Source]) -> list[Fetched]:
    """Fetch every page that is wanted into the store."""
    return await _each("fetch", wanted.items(), lambda page: fetching.fetch(*page))


@flow(name="fetch", description="Feeds, pages and lists in, raw files for the curation out.")
async def fetch(sources: Path = Path("sources.toml"), raw: Path = Path("data/raw")) -> FetchOutcome:
    """Fetch what a file of sources names into a raw folder.

    Whatever fails is named in the outcome and stops nothing else.

    Args:
        sources: the file of feeds, pages and lists.
        raw: the raw folder; files come to its subfolder `fetched`.

    Raises:
        SettingsError: the file of sources is missing or wrong.
        StoreError: the state of the store is damaged.
        OSError: the raw folder cannot be written to.
    """
    settings = read_settings(sources)
    stages = Stages()
    with opened(raw, lambda: tell(f"Another fetch works on {raw}: waiting for it.")) as store:
        async with Client(settings) as client:
            fetching = Fetching(settings, client, store)
            with stages.stage("poll"):
                wanted, failed = await poll_sources(fetching)
            with stages.stage("fetch"):
                fetched = await fetch_pages(fetching, wanted)
    outcome = FetchOutcome(settings.sources, (*failed, *fetched), raw / FOLDER, stages.seconds)
    await _publish_artifacts(outcome)
    get_run_logger().info(outcome.verdict)
    return outcome


async def _publish_artifacts(outcome: FetchOutcome) -> None:
    """Show the counts and every failure beside the run in Prefect."""
    table: list[dict[str, Any]] = [dict(zip(("source", *COLUMNS), row, strict=True)) for row in outcome.rows()]
    await acreate_table_artifact(key="fetched", table=table, description="What each source came to.")
    lines = [f"- `{one.url.replace('`', '%60')}` {one.result}: {_plain(one.reason)}" for one in outcome.kept_out]
    await acreate_markdown_artifact(
        key="not-fetched", markdown="\n".join(lines) or "Nothing failed.", description="What was not fetched, and why."
    )


def _plain(text: str) -> str:
    """A reason, which may quote what servers say, as a span of code."""
    return f"`{' '.join(text.replace('`', '´').split())}`"
