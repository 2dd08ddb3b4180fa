"""What tests of several packages share: the command as users run it, and one real run on the three articles."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import server
from flows.locks import exclusive

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "data" / "raw"
COMMAND = Path(sys.executable).with_name("depeche")


@dataclass(frozen=True)
class Ran:
    """A run that has ended: where it published, and its status and output."""

    curated: Path
    status: int
    output: str


def command(raw: Path, curated: Path, api_url: str | None) -> subprocess.Popen[str]:
    """`depeche run` as a process of its own, on the Prefect server at the address, or on a temporary one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.Popen(
        [COMMAND, "run", "--raw", raw, "--curated", curated],
        env=environment | ({"PREFECT_API_URL": api_url} if api_url else {}),
        cwd=curated.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(raw: Path, curated: Path, api_url: str | None) -> Ran:
    """A whole `depeche run`."""
    process = command(raw, curated, api_url)
    output, _ = process.communicate(timeout=120)
    return Ran(curated, process.returncode, output)


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Prefect server that runs for the whole session."""
    home = tmp_path_factory.mktemp("prefect")
    with exclusive(home / "lock", lambda: None) as held:
        api_url, process = server.start_temporary(home, held)
        yield api_url
        server.stop(process)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The first run ever on the three articles: through Prefect, on a temporary server of its own."""
    return run(SEEDS, tmp_path_factory.mktemp("first") / "curated", None)
