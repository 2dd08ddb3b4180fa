"""Spellings of one person meet, those of different people do not."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from transforms.names import fold_letters, fold_name, same_person

BENCH = Path(__file__).parents[3] / "shared" / "bench" / "name_pairs_dev.json"

SAME = [
    ("Mikheïl Saakachvili", "Mikheil Saakashvili"),
    ("Nouri al-Maliki", "Nuri al-Maliki"),
    ("Tchinguiz Aïtmatov", "Chinghiz Aitmatov"),
    ("Rodrigo Duterte", "Rodrigo DUTERTE"),
    ("Mohamed Ould Ghazouani", "Mohamed Ould Ghazwani"),
    ("Jeannette Kagamé", "Jeannette Kagame"),
    ("Oleksandr Syrskyï", "Oleksandr Syrsky"),
]
DIFFERENT = [
    ("Ilham Aliyev", "Heydar Aliyev"),
    ("Raúl Castro", "Fidel Castro"),
    ("Ali Bongo", "Omar Bongo"),
    ("Kim Jong-un", "Kim Yo-jong"),
    ("Mohammed ben Salmane", "Mohammed ben Zayed"),
    ("Alexandre Novak", "Alexandre Vucic"),
    ("Marine Le Pen", "Jean-Marie Le Pen"),
    ("Jean Dupont", "Jean Durand"),
]


def joined(pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    frame = pl.DataFrame(pairs, schema=["a", "b"], orient="row")
    folded = frame.with_columns(left=fold_name(pl.col("a")), right=fold_name(pl.col("b")))
    return set(same_person(folded).select("a", "b").rows())


def test_spellings_of_one_person_are_joined():
    assert joined(SAME) == set(SAME)


def test_different_people_are_never_joined():
    assert joined(DIFFERENT) == set()


@pytest.mark.skipif(not BENCH.exists(), reason=f"public pairs of names are missing: {BENCH}")
def test_public_pairs_no_false_join_and_at_most_one_miss():
    pairs = json.loads(BENCH.read_text("utf-8"))
    (other,) = set(pairs) - {"same"}
    assert joined([tuple(p) for p in pairs[other]]) == set()
    assert len(joined([tuple(p) for p in pairs["same"]])) >= len(pairs["same"]) - 1


@pytest.mark.parametrize(
    ("name", "letters", "folded"),
    [
        ("Jean-Noël L’Œil", "jean-noel loeil", "jean-noel loeil"),
        ("Iouri Ouchakov", "iouri ouchakov", "iuri ucakov"),
        ("Yuri Ushakov", "yuri ushakov", "iuri ucakov"),
        ("Łukasz Öztürk", "lukasz ozturk", "lukasz ozturk"),
    ],
)
def test_folds(name, letters, folded):
    frame = pl.DataFrame({"name": [name]})
    assert frame.select(fold_letters(pl.col("name"))).item() == letters
    assert frame.select(fold_name(pl.col("name"))).item() == folded


@pytest.mark.parametrize("times", [1, 2, 3, 5, 7, 8, 9, 23, 64])
def test_repeated_letters_count_once(times: int) -> None:
    assert pl.select(fold_name(pl.lit("Ne" + "l" * times + "a"))).item() == "nela"
