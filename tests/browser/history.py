"""A curated folder with a past: releases of growing size and a run that was kept back, made by the real command."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows import server
from flows.locks import exclusive
from tests.conftest import ROOT, run

ARTICLES = sorted(a for a in (ROOT / "tests" / "eval").glob("*/articles/*.txt") if a.parents[1].name != "seeds")
UNREADABLE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def make_past(folder: Path, releases: int) -> Path:
    """Publish so many releases (at least 3) of articles written for the evaluation, and block a run before the last."""
    raw, curated = folder / "raw", folder / "curated"
    raw.mkdir(parents=True)
    (raw / "photo.png").write_bytes(UNREADABLE)
    with exclusive(folder / "lock", lambda: None) as held:
        (folder / "prefect").mkdir()
        api_url, process = server.start_temporary(folder / "prefect", held)
        for step in range(1, releases + 1):
            if step == releases:
                empty = folder / "empty"
                empty.mkdir()
                (empty / "empty.txt").touch()
                assert run(empty, curated, api_url).status == 1
            for article in ARTICLES[: len(ARTICLES) * step // releases]:
                shutil.copy(article, raw / f"{article.parents[1].name}-{article.name}")
            ran = run(raw, curated, api_url)
            assert ran.status == 0, ran.output
        server.stop(process)
    return curated
