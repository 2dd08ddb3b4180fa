"""`depeche …`: the command line. A command imports what it needs when it runs, so that help comes at once."""

# ruff: noqa: PLC0415

from __future__ import annotations

import atexit
import gc
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from types import FrameType

    from flows.fetch import FetchOutcome
    from flows.outcome import Outcome
    from flows.screen import Screen

app = typer.Typer(name="depeche", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


class Status(IntEnum):
    """What the exit status of a command says."""

    DONE = 0
    BLOCKED = 1
    SOURCE_FAILED = 1
    USAGE = 2
    FAILED = 3
    INTERRUPTED = 130


class UsageError(Exception):
    """The command was given something that it cannot work on; the message says what to do."""


@app.callback()
def main() -> None:
    """French news articles in, validated datasets out: delegations, statements and figures."""


@app.command()
def run(
    raw: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of raw articles, read recursively and never changed.")
    ] = Path("data/raw"),
    curated: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of releases and reports; made where it is not there.")
    ] = Path("data/curated"),
    full: Annotated[
        bool, typer.Option("--full", help="Extract every article anew, not only what is new or changed.")
    ] = False,
) -> None:
    """Turn the raw folder into a release.

    Reads every article, extracts delegations, statements and figures from those that are new or changed, validates
    every row, and publishes one release of all datasets, or none. Where nothing has changed, nothing is published.

    Exit status: 0 published, or nothing changed; 1 not published, because an expectation of critical severity failed
    for a whole table: the previous release stays current; 2 wrong use, or a raw folder that is empty or cannot be read;
    3 any other failure; 130 interrupted.
    """
    from flows.screen import Screen

    # A signal that raises at once: asyncio's own handler would wait for the end of a stage.
    signal.signal(signal.SIGINT, _interrupt)
    screen = Screen()
    try:
        with screen:
            _check_folders(raw, curated)
            outcome = _curate(raw, curated, screen, full=full)
        screen.summary(outcome)
        status = Status.DONE
    except KeyboardInterrupt:
        screen.complain("Interrupted.")
        status = Status.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the status and the message are what the user gets of any failure
        status = _explain(error, curated, screen)
    # Without this the interpreter takes every object of the libraries apart before it ends, which lasts a second.
    gc.freeze()
    raise typer.Exit(status)


@app.command()
def fetch(
    sources: Annotated[
        Path, typer.Option(metavar="FILE", help="What to fetch; sources.example.toml explains it.")
    ] = Path("sources.toml"),
    raw: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of raw articles; what is fetched comes to its folder `fetched`.")
    ] = Path("data/raw"),
) -> None:
    """Fetch feeds, pages and lists into the raw folder.

    Asks politely (robots.txt, a pause between two requests to a host, only what has changed) and stores what is new as
    it was received. What fails is named and stops nothing else.

    Exit status: 0 every source was asked, whatever single pages came to; 1 a source that the file names failed: the
    rest is stored; 2 wrong use, or a file of sources that is missing or wrong; 3 any other failure; 130 interrupted.
    """
    from flows.screen import Screen

    signal.signal(signal.SIGINT, _interrupt)
    screen = Screen()
    home = raw / "fetched"
    try:
        with screen:
            _check_sources(sources, raw)
            with _prefect(home, f"Another fetch works on {raw}: waiting for it.", screen):
                outcome = _run_fetch(sources, raw, screen)
        screen.fetched(outcome)
        status = Status.SOURCE_FAILED if outcome.failed_sources else Status.DONE
    except KeyboardInterrupt:
        screen.complain("Interrupted.")
        status = Status.INTERRUPTED
    except UsageError as error:
        screen.complain(str(error))
        status = Status.USAGE
    except Exception as error:  # noqa: BLE001 - the status and the message are what the user gets of any failure
        screen.complain(f"Failed: {type(error).__name__}: {error}")
        screen.complain("What was fetched before is stored.")
        _write_details(error, home, screen)
        status = Status.FAILED
    gc.freeze()
    raise typer.Exit(status)


@app.command()
def evaluate(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="Folder of a release: data/curated/latest.")],
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Folder of articles annotated by hand.")],
    errors: Annotated[bool, typer.Option("--errors", help="List every difference, too.")] = False,
) -> None:
    """Score a release against articles annotated by hand, or against marks made on the review pages.

    GOLD is a folder of either, or one file of marks. The scorer of annotated articles is part of the source, not of the
    installed package: run it in a checkout.
    """
    if not (release / "articles").is_dir():
        typer.echo(f"{release} is no release (no folder `articles`): give data/curated/latest, or a release.", err=True)
        raise typer.Exit(Status.USAGE)
    marked = _marks(gold)
    if marked:
        from flows.marks import MarksError, measure, read_marks

        try:
            marks = read_marks(marked)
            complete = sum(article["complete"] for article in marks.values())
            typer.echo(f"{len(marks)} marked articles, {complete} complete")
            for name, found in measure(release, marks).items():
                for line in found.lines():
                    typer.echo(f"{name:<20}{line}")
        except MarksError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Status.USAGE) from error
        return
    scorer = Path(__file__).parents[1] / "tests" / "eval" / "score.py"
    if not scorer.is_file():
        typer.echo(f"The scorer is not installed ({scorer} is not there): run this command in a checkout.", err=True)
        raise typer.Exit(Status.USAGE)
    command = [sys.executable, str(scorer), str(release), str(gold), *(["--errors"] if errors else [])]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own script, no shell


def _marks(gold: Path) -> list[Path]:
    """The files of marks in a folder of gold; none where it holds annotated articles instead."""
    from flows.marks import MarksError, is_marks

    files = [gold] if gold.is_file() else sorted(gold.glob("*.json"))
    try:
        marked = [file for file in files if is_marks(file)]
    except MarksError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Status.USAGE) from error
    if marked and len(marked) < len(files):
        typer.echo(f"{gold} holds both marks and annotated articles: keep each in a folder of its own.", err=True)
        raise typer.Exit(Status.USAGE)
    return marked


CURATED = Annotated[Path, typer.Option(metavar="DIR", help="Folder of releases and reports.")]


@app.command()
def review(
    article: Annotated[
        list[str] | None, typer.Option(metavar="ARTICLE", help="An article, by article_id or source_uri; repeatable.")
    ] = None,
    sample: Annotated[int, typer.Option(min=0, metavar="N", help="So many articles at random.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the sample: the same seed takes the same articles.")] = 0,
    failing: Annotated[bool, typer.Option("--failing", help="Articles with rows kept out or failed warnings.")] = False,
    curated: CURATED = Path("data/curated"),
) -> None:
    """Write review pages of articles of the current release, beside those of the articles that runs changed.

    Prints the path of the index. Without an option it opens the index in the browser.
    """
    from flows.locks import exclusive
    from flows.releases import ReleaseError, current, lock_file
    from flows.review import NoSuchArticleError, Wanted, review_folder, write_wanted
    from flows.serving import show

    wanted = Wanted(tuple(article or ()), sample, seed, failing)
    index = review_folder(curated) / "index.html"
    if wanted == Wanted(seed=seed) and index.is_file():
        if not show(index):
            typer.echo(index.resolve())
        return
    try:
        if not curated.is_dir() or current(curated) is None:
            raise ReleaseError(f"{curated} holds no release yet: depeche run publishes one, or give another --curated.")  # noqa: TRY301
        with exclusive(lock_file(curated), lambda: typer.echo(f"A run works on {curated}: waiting for it.", err=True)):
            release = current(curated)
            assert release  # noqa: S101 - a release is never taken back
            index, written = write_wanted(curated, release, wanted)
    except (ReleaseError, NoSuchArticleError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Status.USAGE) from error
    typer.echo(f"{written} review page{'' if written == 1 else 's'} written: {index.resolve()}")


@app.command("open")
def open_overview(curated: CURATED = Path("data/curated")) -> None:
    """Open the overview of the quality reports in the browser; where there is no display, say where it is."""
    from flows.serving import show

    page = _reports(curated) / "index.html"
    if not show(page):
        typer.echo(page.resolve())


@app.command("serve-reports")
def serve_reports(
    curated: CURATED = Path("data/curated"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes one that is free.")] = 8008,
) -> None:
    """Serve the quality reports to this machine alone, until Ctrl-C."""
    from flows.serving import server

    signal.signal(signal.SIGINT, _interrupt)
    folder = _reports(curated)
    try:
        with server(folder, port) as served:
            typer.echo(f"http://127.0.0.1:{served.server_port}/  (Ctrl-C ends it)")
            served.serve_forever()
    except KeyboardInterrupt:
        pass
    except OSError as error:
        typer.echo(f"Port {port} cannot be served ({error.strerror}): give another by --port.", err=True)
        raise typer.Exit(Status.USAGE) from error


def _reports(curated: Path) -> Path:
    """The folder of the quality reports, where there are any."""
    folder = curated / "quality"
    if not (folder / "index.html").is_file():
        typer.echo(f"{folder} holds no report yet: depeche run writes it, or give another --curated.", err=True)
        raise typer.Exit(Status.USAGE)
    return folder


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_folders(raw: Path, curated: Path) -> None:
    """Find out what is wrong with the folders before anything slow begins.

    Raises:
        UsageError: the raw folder is missing or cannot be read, the curated one is a file, or one lies in the other.
    """
    from flows.sources import NothingToReadError, RawFolder

    try:
        RawFolder(raw).expect_files()
    except NothingToReadError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(
            f"{raw} cannot be read ({error.strerror}): give the folder of raw articles by --raw"
        ) from error
    if curated.exists() and not curated.is_dir():
        raise UsageError(f"{curated} is a file: give the folder of releases by --curated")
    inner, outer = raw.resolve(), curated.resolve()
    if inner == outer or inner in outer.parents or outer in inner.parents:
        raise UsageError(f"{raw} and {curated} lie one in the other: what is published would be read as raw articles")


def _check_sources(sources: Path, raw: Path) -> None:
    """Find out what is wrong with the file of sources and the raw folder before anything slow begins.

    Raises:
        UsageError: the file is missing or wrong, or the raw folder is a file.
    """
    from flows.fetching.settings import SettingsError, read_settings

    if raw.exists() and not raw.is_dir():
        raise UsageError(f"{raw} is a file: give the folder of raw articles by --raw")
    try:
        read_settings(sources)
    except SettingsError as error:
        raise UsageError(str(error)) from error


def _curate(raw: Path, curated: Path, screen: Screen, *, full: bool) -> Outcome:
    """Run the flow, on the Prefect server that answers or on a temporary one."""
    from flows import aside

    with _prefect(curated, f"Another run works on {curated}: waiting for it.", screen):
        aside.start()
        return _run_flow(raw, curated, screen, full=full)


@contextmanager
def _prefect(folder: Path, waiting: str, screen: Screen) -> Iterator[None]:
    """Have a Prefect server for a flow that works on a folder: the one that answers, or a temporary one.

    Args:
        folder: where a temporary server has its home.
        waiting: what to say while another process has that server.
        screen: where to say it.
    """
    from flows import server
    from flows.locks import exclusive

    server.be_quiet()
    home = server.home(folder)
    home.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str(home.resolve())
    api_url = os.environ.get("PREFECT_API_URL")
    with ExitStack() as held:
        if not api_url or not server.answers(api_url):
            if api_url:
                screen.say(f"No Prefect server answers at {api_url}: this run uses a temporary one.")
            lock = held.enter_context(exclusive(home / "lock", lambda: screen.say(waiting)))
            os.environ["PREFECT_API_URL"], process = server.start_temporary(home, lock)
            # Registered before Prefect is imported, so that it is called after Prefect's last words to the server.
            atexit.register(server.stop, process)
        yield


def _run_flow(raw: Path, curated: Path, screen: Screen, *, full: bool) -> Outcome:
    """Run the flow in this process."""
    gc.disable()  # collecting finds nothing while libraries load, and takes a tenth of the time
    import asyncio

    from flows.curate import curate
    from flows.progress import LISTENER

    gc.enable()
    LISTENER.set(screen.show)
    return asyncio.run(curate(raw, curated, full=full))


def _run_fetch(sources: Path, raw: Path, screen: Screen) -> FetchOutcome:
    """Run the flow that fetches in this process."""
    import asyncio

    from flows.fetch import fetch as fetch_flow
    from flows.progress import LISTENER

    LISTENER.set(screen.show)
    return asyncio.run(fetch_flow(sources, raw))


def _explain(error: Exception, curated: Path, screen: Screen) -> Status:
    """Say what went wrong in a line or two, and where the details are; the status that tells it."""
    if isinstance(error, UsageError):
        screen.complain(str(error))
        return Status.USAGE
    # A run that came as far as these errors has imported their modules: nothing is slow here.
    from flows.outcome import BlockedError
    from flows.sources import NothingToReadError

    if isinstance(error, NothingToReadError):
        screen.complain(str(error))
        return Status.USAGE
    if isinstance(error, BlockedError):
        screen.summary(error.outcome)
        return Status.BLOCKED
    screen.complain(f"Failed: {type(error).__name__}: {error}")
    screen.complain("Whatever was published before is as it was.")
    _write_details(error, curated, screen)
    return Status.FAILED


def _write_details(error: Exception, folder: Path, screen: Screen) -> None:
    """Write the traceback beside the home of the temporary server of a folder, and say where."""
    from flows.server import home

    log = home(folder) / "error.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        screen.complain(f"Details: {log}")
    except OSError:
        screen.complain("".join(traceback.format_exception(error)))
