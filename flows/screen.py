"""What the command line shows: progress by stage while a run goes on, then what it came to."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from flows.progress import Told

if TYPE_CHECKING:
    from types import TracebackType

    from flows.fetch import FetchOutcome
    from flows.outcome import Outcome

PLAIN_WIDTH = 120  # of tables that go to a file or a pipe


class Screen:
    """Shows a run: on a terminal a moving line per stage, elsewhere a line at each stage's end.

    Attributes:
        seconds: what each stage took so far; what comes before the first stage of the run is the stage `start`.
    """

    def __init__(self) -> None:
        self.console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)
        self.seconds: dict[str, float] = {}
        self._started = time.perf_counter()
        self._line: TaskID | None = None
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )

    def __enter__(self) -> Screen:
        self._progress.start()
        self._line = self._progress.add_task("start", total=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, told: Told) -> None:
        """Show one thing told of a run."""
        if told.message:
            self.say(told.message)
        elif told.seconds is not None:
            self._end(told.stage, told.seconds)
        elif told.total and self._line is not None:
            self._progress.update(self._line, description=f"{told.stage} {told.done + 1}/{told.total}")
        else:
            if not self.seconds:
                self._end("start", time.perf_counter() - self._started)
            self._line = self._progress.add_task(told.stage, total=1)

    def _end(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = seconds
        if self._line is not None:
            self._progress.update(self._line, description=stage, completed=1)
        if not self.console.is_terminal:
            self.console.print(f"{stage:<8} {seconds:6.1f} s")

    def say(self, message: str, style: str | None = None) -> None:
        """Print a message as it is, however long and whatever names it quotes."""
        self.console.print(escape(printable(message)), style=style, soft_wrap=True)

    def complain(self, message: str) -> None:
        """Print what went wrong, on standard error."""
        Console(stderr=True, highlight=False).print(escape(printable(message)), style="red", soft_wrap=True)

    def summary(self, outcome: Outcome) -> None:
        """Show what a run came to: what was read, rows, expectations, seconds, the release and the reports."""
        loaded = outcome.loaded
        self.console.print()
        self.say(
            f"{_many(loaded.articles, 'article')} read from {_many(loaded.records, 'record')}; "
            f"{_many(loaded.unreadable, 'raw file')} kept out, {loaded.hidden} hidden left alone"
        )
        if loaded.carried and outcome.previous:
            self.say(
                f"{_many(loaded.carried, 'article')} unchanged since release {outcome.previous.release_id}, "
                f"{loaded.articles - loaded.carried} extracted"
            )
        for kept_out in loaded.named:
            self.say(f"  kept out: {kept_out.source_uri} {kept_out.reason}", style="yellow")
        if loaded.unreadable > len(loaded.named):
            self.say(f"  … and {loaded.unreadable - len(loaded.named)} more, all listed in the dataset `rejected`")
        self._table("Rows", ["dataset", "extracted", "rejected", "published"], outcome.counts.rows())
        self._table("Expectations", ["severity", "passed", "failed"], outcome.by_severity())
        self._table("Seconds", list(self.seconds), [tuple(f"{seconds:.1f}" for seconds in self.seconds.values())])
        self.say(outcome.verdict, style="red" if outcome.blocking else "green")
        self.say(f"Reports: {outcome.report}")

    def fetched(self, outcome: FetchOutcome) -> None:
        """Show what fetching came to: counts by source, and everything that was not fetched, with the reason."""
        self.console.print()
        for one in outcome.kept_out:
            self.say(f"  {one.result}: {one.url} {one.reason}", style="yellow")
        self._table("Fetched", ["source", *outcome.columns], outcome.rows())
        self._table("Seconds", list(self.seconds), [tuple(f"{seconds:.1f}" for seconds in self.seconds.values())])
        self.say(outcome.verdict, style="red" if outcome.failed_sources else "green")

    def _table(self, title: str, columns: list[str], rows: Iterable[tuple[object, ...]]) -> None:
        table = Table(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, justify="left" if column in {"dataset", "severity", "source"} else "right")
        for row in rows:
            table.add_row(*(escape(printable(str(value))) for value in row))
        self.console.print(table)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def printable(text: str) -> str:
    """The text with what would steer a terminal (escapes, line ends, marks of direction) spelt out."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
