"""Disagreements from raw files to the release, over runs that extract only what is new."""

from pathlib import Path

import polars as pl

from tests.flows.incremental import rows, run

ONE = (
    "La France a livré 36 canons Caesar à l'Arménie. Le convoi a traversé la Géorgie pendant la nuit.\n"
    "« Nous ne céderons pas un pouce de notre territoire », a déclaré le Premier ministre Nikol Pachinian.\n"
)
OTHER = (
    "À Erevan, la pluie tombait lundi sur la place. La France a livré 30 canons Caesar à l'Arménie.\n"
    "« Nous ne céderons pas un pouce de notre territoire », a affirmé le ministre Ararat Mirzoyan.\n"
)


def write(raw: Path, name: str, text: str) -> None:
    """An article of 2 March 2026."""
    raw.mkdir(exist_ok=True)
    (raw / f"{name}.txt").write_text(text)
    (raw / f"{name}.txt.toml").write_text("date = 2026-03-02\n")


def test_articles_of_two_runs_disagree_until_one_is_gone(tmp_path: Path) -> None:
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    write(raw, "one", ONE)
    release, _, _ = run(raw, curated)
    assert release is not None
    assert release.row_counts["disagreements"] == 0
    write(raw, "other", OTHER)
    release, loaded, _ = run(raw, curated)
    assert release is not None
    assert loaded.carried == 1
    found = rows(release, "disagreements").select(pl.col("kind").cast(pl.String), "value", "other_value")
    assert {(kind, frozenset(values)) for kind, *values in found.rows()} == {
        ("figure_value", frozenset({"exact 36.0 1", "exact 30.0 1"})),
        ("quotation_speaker", frozenset({"Nikol Pachinian", "Ararat Mirzoïan"})),
    }
    told = rows(release, "quality_results").filter(pl.col("expectation").str.ends_with("s_agree"), ~pl.col("success"))
    assert dict(told.select("expectation", "observed").rows()) == {
        "figures.release_values_agree": "pairs in disagreements: 1",
        "statements.release_speakers_agree": "pairs in disagreements: 1",
    }
    full, _, _ = run(raw, tmp_path / "anew")
    assert full is not None
    assert rows(full, "disagreements").equals(rows(release, "disagreements"))
    assert release.measures.filter(dataset="disagreements")["count"].to_list() == [2]
    (raw / "other.txt").unlink()
    (raw / "other.txt.toml").unlink()
    release, _, _ = run(raw, curated)
    assert release is not None
    assert release.row_counts["disagreements"] == 0


def test_a_release_that_drifts_is_published_and_goes_on_being_carried_over(tmp_path: Path) -> None:
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    for place in range(60):
        write(raw, f"a{place}", f"Le ministre est venu. {place + 2} chars ont été vus à Kiev, selon lui.")
    for more in range(3):
        write(raw, f"b{more}", f"Un texte de plus, le {more}.")
        run(raw, curated)
    for place in range(20):
        (raw / f"a{place}.txt").unlink()
        (raw / f"a{place}.txt.toml").unlink()
    release, _, blocking = run(raw, curated)
    assert release is not None
    assert blocking == ()
    told = release.scan("quality_results").filter(~pl.col("success")).collect()
    drifted = told.filter(pl.col("expectation") == "articles.release_rows_steady")
    assert drifted["observed"].to_list() == ["43 rows, 62 in the median of 3 releases"]
    assert drifted["severity"].cast(pl.String).to_list() == ["warning"]
    write(raw, "c", "Encore un texte.")
    _, loaded, _ = run(raw, curated)
    assert loaded.carried == 43
