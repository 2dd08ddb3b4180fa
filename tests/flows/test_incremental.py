"""Runs that extract only what is new or changed: the same release as a full run, whatever became of the raw folder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from flows import curate, datapackage, loading, releases
from flows.loading import Loaded
from flows.progress import LISTENER, Told
from flows.releases import Release
from flows.state import NoStateError, usable_state
from tests.conftest import run as run_command
from tests.flows.incremental import rows, run
from transforms.schemas import TABLES

EXAMPLES = int(os.environ.get("INCREMENTAL_EXAMPLES", "3"))  # each takes some 15 s

PEOPLE = ("Ivan Korsak", "Lise Maréchal", "Paul Vernier", "Nadia Benhaddou", "Igor Melnik", "Claire Aubert")


def article(number: int) -> str:
    """An article of its own for every number, with a row for every table."""
    head, other = PEOPLE[number % 6], PEOPLE[(number + 1 + number // 6) % 6]
    return (
        f"PARIS, {number + 1} mars 2026.\n\n"
        f"La délégation ukrainienne, conduite par le ministre {head}, comprend aussi la vice-ministre {other}.\n"
        f"« Nous avons reçu {number + 2} chars », a déclaré {head}. "
        f"Selon {other}, l'aide atteint {number + 3} millions d'euros.\n"
    )


# What a file may hold: bytes, and the lines of its sidecar.
CONTENTS: list[tuple[bytes, str]] = [
    *((article(number).encode(), "") for number in range(6)),
    (article(0).replace("\n\n", "\n \n").encode(), ""),  # the same article, its offsets moved
    (article(1).encode("utf-16"), ""),  # the same text in other bytes
    (article(2).encode(), 'title = "Un titre"\ndate = 2026-03-09'),
    (article(2).encode(), 'licence = "libre"'),  # noted, but in no table
    (article(3).encode(), "date = 2999-01-01"),  # rows that fail an expectation which depends on the day
    (article(4).encode(), 'titre = "une clé inconnue"'),
    (f"Une reprise\n{article(5)}".encode(), ""),  # a copy of another
    (f"La première version\n{article(5)}".encode(), "date = 2026-02-01"),  # which makes all others copies of it
    (b"The ministers met for talks in the town and said that they would be back on Monday.", ""),
    (b"\x00", ""),
    (b"", ""),
]
FOLDERS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(range(len(CONTENTS))), min_size=1)


def fill(raw: Path, folder: dict[str, int]) -> None:
    """Make the raw folder hold these files with these contents, and no others."""
    raw.mkdir(exist_ok=True)
    for left in raw.iterdir():
        left.unlink()
    for name, chosen in folder.items():
        data, sidecar = CONTENTS[chosen]
        (raw / f"{name}.txt").write_bytes(data)
        if sidecar:
            (raw / f"{name}.txt.toml").write_text(sidecar)


def assert_same(one: Release | None, other: Release | None) -> None:
    """The releases hold the same rows, run ids and times apart, and the same bytes where they hold neither."""
    assert one is not None
    assert other is not None
    for name, table in TABLES.items():
        assert rows(one, name).equals(rows(other, name)), name
        if not table.is_timed:
            files = [{f: h for f, h in r.hashes.items() if f.startswith(f"{name}/")} for r in (one, other)]
            assert files[0] == files[1]
    assert not one.damaged()


@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(FOLDERS, min_size=3, max_size=3), st.integers(0, 3))
def test_release_is_that_of_a_full_run_after_any_edits(folders: list[dict[str, int]], parts: int) -> None:
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patched:
        raw, curated = Path(temporary) / "raw", Path(temporary) / "curated"
        for number, folder in enumerate(folders):
            # Parts of other sizes: their number grows and shrinks with the text.
            patched.setattr(releases, "PART_CHARACTERS", 400 << parts)
            patched.setattr(loading, "SHARD_TEXT_BYTES", 1_600 << parts)
            fill(raw, folder)
            found, _, blocking = run(raw, curated)
            if number:
                full, _, blocking_full = run(raw, Path(temporary) / f"full-{number}")
                assert blocking == blocking_full
                if not blocking:  # else the release is an older one
                    assert_same(found, full)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `raw`, six articles, and `curated`, the release of a run on them."""
    folder = tmp_path_factory.mktemp("base")
    fill(folder / "raw", dict(zip("abcdef", range(6), strict=True)))
    release, loaded, _ = run(folder / "raw", folder / "curated")
    assert release is not None
    assert (loaded.articles, loaded.carried) == (6, 0)
    for name in ("delegation_members", "delegations", "statements", "figures", "actors"):
        assert release.row_counts[name] >= 6, name
    return folder


@pytest.fixture
def folder(base: Path, tmp_path: Path) -> Path:
    """A copy of the base, to change."""
    return shutil.copytree(base, tmp_path / "copy", symlinks=True)


def duplicates(release: Release) -> dict[str, str]:
    """For the raw file of every near-duplicate, the one that it repeats."""
    named = release.scan("articles").select("article_id", "source_uri")
    pairs = (
        release.scan("article_duplicates")
        .join(named, on="article_id")
        .join(named.rename({"article_id": "duplicate_of", "source_uri": "earliest"}), on="duplicate_of")
    )
    return dict(pairs.select("source_uri", "earliest").collect().iter_rows())


def test_an_article_carried_over_becomes_a_copy_and_ceases_to_be_one(folder: Path) -> None:
    copy = folder / "raw" / "z.txt"
    copy.write_text(f"La première version\n{article(5)}", encoding="utf-8")
    (folder / "raw" / "z.txt.toml").write_text("date = 2026-02-01")
    found, loaded = again(folder)
    assert duplicates(found) == {"f.txt": "z.txt"}
    assert loaded.carried == 5
    copy.unlink()
    (folder / "raw" / "z.txt.toml").unlink()
    found, _ = again(folder)
    assert duplicates(found) == {}


def again(folder: Path, *, full: bool = False) -> tuple[Release, Loaded]:
    release, loaded, blocking = run(folder / "raw", folder / "curated", full=full)
    assert release is not None
    assert not blocking
    return release, loaded


def state_of(folder: Path) -> Path:
    release = releases.current(folder / "curated")
    assert release is not None
    return releases.state_folder(folder / "curated", release)


def why_not(folder: Path) -> str:
    """Why nothing can be carried over."""
    release = releases.current(folder / "curated")
    assert release is not None
    with pytest.raises(NoStateError) as why:
        usable_state(folder / "curated", release)
    return str(why.value)


def test_only_new_and_changed_articles_are_extracted(folder: Path) -> None:
    (folder / "raw" / "g.txt").write_text(article(7))
    (folder / "raw" / "a.txt").write_text(article(8))
    release, loaded = again(folder)
    assert (loaded.articles, loaded.carried, loaded.records) == (7, 5, 7)
    assert release.row_counts["articles"] == 7


def test_removed_file_leaves_the_next_release(folder: Path) -> None:
    (folder / "raw" / "a.txt").unlink()
    release, loaded = again(folder)
    assert (loaded.articles, loaded.carried) == (5, 5)
    left = {name: release.scan(name).collect() for name in ("articles", "statements", "figures")}
    assert "a.txt" not in left["articles"]["source_uri"]
    for name in ("statements", "figures"):
        assert set(left[name]["article_id"]) == set(left["articles"]["article_id"])


def test_edited_sidecar_changes_its_article(folder: Path) -> None:
    (folder / "raw" / "a.txt.toml").write_text('title = "Un titre"')
    release, loaded = again(folder)
    assert loaded.carried == 5
    titles = dict(release.scan("articles").select("source_uri", "title").collect().iter_rows())
    assert (titles["a.txt"], titles["b.txt"]) == ("Un titre", None)


def test_nothing_changed_publishes_nothing_and_extracts_nothing(folder: Path) -> None:
    before = releases.current(folder / "curated")
    release, loaded = again(folder)
    assert release == before
    assert loaded.carried == 6


def test_full_extracts_everything_and_publishes_nothing_new(folder: Path) -> None:
    before = releases.current(folder / "curated")
    release, loaded = again(folder, full=True)
    assert release == before
    assert loaded.carried == 0
    assert again(folder)[1].carried == 6


def test_parts_of_unchanged_articles_are_linked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "PART_CHARACTERS", 300)
    before, _ = again(folder, full=True)
    (folder / "raw" / "g.txt").write_text(article(7))
    after, _ = again(folder)
    article_id = after.scan("articles").filter(pl.col("source_uri") == "g.txt").select("article_id").collect().item()
    for name in ("articles", "statements", "figures"):
        parts = sorted(p.name for p in (after.path / name).iterdir())
        assert len(parts) > 4
        changed = {
            part
            for part in parts
            if (before.path / name / part).stat().st_ino != (after.path / name / part).stat().st_ino
        }
        assert changed == {f"part-{int(article_id[:4], 16) * len(parts) // 0x10000:04d}.parquet"}


def test_code_that_changed_means_a_full_extraction(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.state.fingerprint", lambda: "another")
    assert "has changed" in why_not(folder)
    before = releases.current(folder / "curated")
    release, loaded = again(folder)
    assert loaded.carried == 0
    assert release == before
    # Nothing was published, and still the next run knows that the rows are those of the code of now.
    assert again(folder)[1].carried == 6


def test_fingerprint_follows_code_vocabulary_and_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {name: shutil.copytree(Path(name), tmp_path / name) for name in ("flows", "transforms", "expectations")}
    monkeypatch.setattr(datapackage.resources, "files", lambda name: packages[name])

    def now() -> str:
        datapackage.code_version.cache_clear()
        datapackage.fingerprint.cache_clear()
        return datapackage.fingerprint()

    try:
        seen = [now()]
        assert now() == seen[0]
        for file in ("flows/loading.py", "expectations/suites.py", "transforms/lexicon/units.toml"):
            with (tmp_path / file).open("a") as changed:
                changed.write("\n")
            seen.append(now())
        (tmp_path / "transforms" / "lexicon" / "units.toml").unlink()
        seen.append(now())
        of = datapackage.metadata.distribution

        class Newer:
            version = "999"
            requires: list[str] = []  # noqa: RUF012 - read only

        monkeypatch.setattr(datapackage.metadata, "distribution", lambda name: Newer if name == "numpy" else of(name))
        seen.append(now())
        assert len(set(seen)) == len(seen)
    finally:
        monkeypatch.undo()
        now()


def test_release_tells_its_fingerprint(folder: Path) -> None:
    release = releases.current(folder / "curated")
    assert release is not None
    assert release.package["fingerprint"] == datapackage.fingerprint()


@pytest.mark.parametrize("harm", ["lost", "damaged", "half"])
def test_state_that_was_lost_or_damaged_means_a_full_extraction(folder: Path, harm: str) -> None:
    state = state_of(folder)
    if harm == "lost":
        shutil.rmtree(state)
    elif harm == "damaged":
        (state / "failures.parquet").write_bytes((state / "failures.parquet").read_bytes()[:-1])
    else:
        (state / "state.json").write_text("{")
    assert {"lost": "not there", "damaged": "failures.parquet is damaged", "half": "state.json"}[harm] in why_not(
        folder
    )
    (folder / "raw" / "a.txt").unlink()
    assert again(folder)[1].carried == 0
    assert again(folder)[1].carried == 5


def test_damaged_release_is_not_gone_on_from(folder: Path) -> None:
    release = releases.current(folder / "curated")
    assert release is not None
    file = release.path / "figures" / "part-0000.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert "figures/part-0000.parquet is damaged" in why_not(folder)
    (folder / "raw" / "a.txt").unlink()
    assert not again(folder)[0].damaged()


def test_release_made_current_by_hand_is_extracted_anew(folder: Path) -> None:
    pointer = (folder / "curated" / "latest.json").read_text()
    (folder / "raw" / "a.txt").unlink()
    again(folder)
    (folder / "curated" / "latest.json").write_text(pointer)
    assert json.loads(pointer)["release_id"] in why_not(folder)
    release, loaded = again(folder)
    assert (loaded.articles, loaded.carried) == (5, 0)
    assert release.row_counts["articles"] == 5


def test_only_the_state_of_the_current_release_is_kept(folder: Path) -> None:
    (folder / "raw" / "a.txt").unlink()
    release, _ = again(folder)
    assert [p.name for p in (folder / "curated" / ".state").iterdir()] == [release.release_id]


def test_blocked_run_in_between_changes_nothing(folder: Path) -> None:
    before = releases.current(folder / "curated")
    hidden = folder / "hidden"
    shutil.move(folder / "raw", hidden)
    (folder / "raw").mkdir()
    (folder / "raw" / "a.txt").write_bytes(b"\x00")  # no article at all: the release would be empty
    _, _, blocking = run(folder / "raw", folder / "curated")
    assert blocking == ("articles.release_not_empty",)
    assert releases.current(folder / "curated") == before
    shutil.copytree(hidden, folder / "raw", dirs_exist_ok=True)
    release, loaded = again(folder)
    assert (release, loaded.carried) == (before, 6)


def test_article_with_rows_kept_out_is_extracted_each_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its rows failed is found anew, so that the rows of `rejected` are those of a full run."""
    from transforms import extract

    real = extract.extract

    def faulty(articles: pl.DataFrame) -> dict[str, pl.DataFrame]:
        found = real(articles)
        wrong = pl.col("text").str.starts_with("2 chars")
        found["figures"] = found["figures"].with_columns(value=pl.when(wrong).then(float("inf")).otherwise("value"))
        return found

    monkeypatch.setattr(extract, "extract", faulty)
    release, _ = again(folder, full=True)
    assert release.row_counts["rejected"] == 1
    (folder / "raw" / "f.txt").unlink()
    after, loaded = again(folder)
    assert (loaded.articles, loaded.carried) == (5, 4)
    full, _, _ = run(folder / "raw", folder / "anew")
    assert_same(after, full)


def test_names_that_look_alike_are_read_in_full(folder: Path) -> None:
    """Two files of one name in the tables: neither may pass for the other."""
    (folder / "raw" / "a.txt").rename(folder / "raw" / os.fsdecode(b"\xff.txt"))
    again(folder)
    (folder / "raw" / r"\xff.txt").write_text(article(0))
    found, _ = again(folder)
    full, _, _ = run(folder / "raw", folder / "anew")
    assert_same(found, full)


def test_command_extracts_what_is_new(folder: Path, prefect_api: str) -> None:
    (folder / "raw" / "g.txt").write_text(article(7))
    ran = run_command(folder / "raw", folder / "curated", prefect_api)
    assert ran.status == 0, ran.output
    assert "6 articles unchanged since release" in ran.output
    assert "1 extracted" in ran.output
    full, _, _ = run(folder / "raw", folder / "anew")
    assert_same(releases.current(folder / "curated"), full)


def test_why_nothing_is_carried_over_is_told(folder: Path) -> None:
    told: list[Told] = []
    token = LISTENER.set(told.append)
    try:
        previous = releases.current(folder / "curated")
        assert curate.kept_state(folder / "curated", previous, full=True) is None
        assert curate.kept_state(folder / "curated", previous, full=False) == state_of(folder)
        assert not told
        shutil.rmtree(state_of(folder))
        assert curate.kept_state(folder / "curated", previous, full=False) is None
    finally:
        LISTENER.reset(token)
    (only,) = told
    assert only.message.startswith("Every article is extracted anew: what was kept of release ")


def test_flow_without_a_release_says_nothing_of_a_state(tmp_path: Path) -> None:
    assert curate.kept_state(tmp_path, None, full=False) is None
