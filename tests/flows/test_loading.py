"""The raw folder → shards of articles in staging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows import loading, releases
from flows.loading import Loaded, load
from flows.sources import NothingToReadError
from transforms.schemas import TABLES

AT = datetime(2026, 2, 16, 12, tzinfo=UTC)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def table(loaded: Loaded, name: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(shard / "extracted" / f"{name}.parquet") for shard in loaded.shards])


def test_tables_have_their_schemas_even_without_a_readable_file(raw: Path, work: Path) -> None:
    (raw / "a.txt").touch()
    loaded = load(raw, work, None, "run", AT)
    assert (loaded.articles, loaded.records, loaded.unreadable) == (0, 0, 1)
    for name in ("articles", "article_sources", "article_duplicates"):
        assert table(loaded, name).schema == TABLES[name].polars_schema


def test_empty_folder_is_an_error(raw: Path, work: Path) -> None:
    (raw / ".gitkeep").touch()
    with pytest.raises(NothingToReadError, match="holds no file to read"):
        load(raw, work, None, "run", AT)


def test_unreadable_files_are_rows_of_rejected(raw: Path, work: Path) -> None:
    (raw / "a.txt").write_text("Un accord.")
    (raw / "b.txt").write_bytes(b"\x00")
    load(raw, work, None, "run", AT)
    rejected = pl.read_parquet(work / "rejected.parquet")
    assert rejected.schema == TABLES["rejected"].polars_schema
    assert rejected.select("dataset", "source_uri", "expectations", "run_id", "rejected_at").rows() == [
        ("raw", "b.txt", ["is_readable"], "run", AT)
    ]
    assert "NUL" in rejected["reason"].item()


def test_shards_together_hold_every_article_once(raw: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH_TEXT_BYTES", 200)
    monkeypatch.setattr(loading, "SHARD_TEXT_BYTES", 300)
    for number in range(60):
        (raw / f"{number:02d}.txt").write_text(f"Texte numéro {number % 40}.")  # the last 20 repeat the first
    loaded = load(raw, work, None, "run", AT)
    articles, sources = table(loaded, "articles"), table(loaded, "article_sources")
    assert len(loaded.shards) == 4
    assert (loaded.articles, loaded.records) == (40, 60) == (articles.height, sources.height)
    assert sorted(articles["source_uri"]) == [f"{number:02d}.txt" for number in range(40)]
    assert sources["source_uri"].n_unique() == 60
    for index, shard in enumerate(loaded.shards):
        own = pl.read_parquet(shard / "extracted" / "articles.parquet")
        assert set(own.select(releases.part_of(pl.col("article_id"), 4)).to_series()) == {index}


def test_copies_are_found_over_all_shards(raw: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SHARD_TEXT_BYTES", 300)
    story = "Les riverains du lac ont signé mardi une trêve de six mois sur le partage des eaux, après onze jours."
    for number in range(8):
        (raw / f"{number}.txt").write_text(f"{story} Le ministre Ousmane Diarra doit rentrer demain. Copie {number}.")
    (raw / "autre.txt").write_text("Un tremblement de terre a été ressenti vendredi au large de Nouville sans victime.")
    loaded = load(raw, work, None, "run", AT)
    articles, duplicates = table(loaded, "articles"), table(loaded, "article_duplicates")
    assert len(loaded.shards) > 1
    uri = dict(articles.select("article_id", "source_uri").rows())
    told = {uri[a]: uri[b] for a, b in duplicates.select("article_id", "duplicate_of").rows()}
    assert told == {f"{number}.txt": "0.txt" for number in range(1, 8)}
    for shard in loaded.shards:
        own = pl.read_parquet(shard / "extracted" / "articles.parquet")["article_id"]
        assert (
            pl.read_parquet(shard / "extracted" / "article_duplicates.parquet")["article_id"].is_in(own.implode()).all()
        )


def test_articles_in_other_languages_stay(raw: Path, work: Path) -> None:
    (raw / "en.txt").write_text("The ministers met for an hour in the capital with their delegations.")
    articles = table(load(raw, work, None, "run", AT), "articles")
    assert articles.select("source_uri", "language").rows() == [("en.txt", "en")]


def test_known_records_keep_the_time_they_were_first_seen(raw: Path, work: Path, tmp_path: Path) -> None:
    (raw / "same.txt").write_text("Un accord.")
    (raw / "edited.txt").write_text("Une rupture.")
    first = load(raw, work, None, "one", AT)
    curated = tmp_path / "curated"
    with releases.staging(curated, "one") as staged:
        writer = releases.Writer(staged, None, 1)
        for name, declared in TABLES.items():
            found = table(first, name) if name in {"articles", "article_sources"} else declared.empty()
            writer.write(declared, found)
        releases.publish(curated, staged, writer, None, "one")

    (raw / "edited.txt").write_text("Une trêve.")
    (raw / "new.txt").write_text("Un accord.")
    later = AT + timedelta(days=1)
    again = tmp_path / "again"
    again.mkdir()
    sources = table(load(raw, again, releases.current(curated), "two", later), "article_sources")
    seen = dict(sources.select("source_uri", "first_seen_at").iter_rows())
    assert seen == {"same.txt": AT, "edited.txt": later, "new.txt": later}
