"""Role noun phrases: where they begin and end, what they say of side, gender and class."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.roles import role_spans
from transforms.schemas import ROLE_CATEGORIES
from transforms.text import slices, tokenize, with_offsets


def read(text: str) -> pl.DataFrame:
    """The role phrases of a text, with `role` and `bare` as written."""
    articles = pl.DataFrame({"text": [text]})
    tokens = tokenize(articles)
    spans = role_spans(tokens)
    placed = with_offsets(
        spans.select(pl.all(), role_first="first", role_last="last", inner_first="first", inner_last="bare_last"),
        tokens, "role", "inner",
    )  # fmt: skip
    whole = pl.lit(text)
    return placed.with_columns(
        role=slices(whole, pl.col("role_start"), pl.col("role_end")),
        bare=slices(whole, pl.col("inner_start"), pl.col("inner_end")),
    )


BOUNDARIES = [
    ("Le secrétaire américain à la Défense Tom Brand parle.", ["secrétaire américain à la Défense"]),
    ("le ministre des Affaires étrangères Ali Benz", ["ministre des Affaires étrangères"]),
    ("ministre de l'Économie, des Finances et du Plan, Ada Kone", ["ministre de l'Économie, des Finances et du Plan"]),
    ("la ministre de la Santé et de l'Hygiène publique Ada Kone", ["ministre de la Santé et de l'Hygiène publique"]),
    ("cheffe de cabinet d'Ada van der Meer, a dit", ["cheffe de cabinet d'Ada van der Meer"]),
    ("un conseiller spécial du Premier ministre grec", ["conseiller spécial du Premier ministre grec"]),
    (
        "le vice-premier ministre letton et le maire de Riga Ivars Ozols",
        ["vice-premier ministre letton", "maire de Riga"],
    ),
    ("général à la retraite, il", ["général à la retraite"]),
    ("envoyée spéciale pour la mer Rouge, elle", ["envoyée spéciale pour la mer Rouge"]),
    (
        "la directrice du Département des frontières du Pérou Eva Luz",
        ["directrice du Département des frontières du Pérou"],
    ),
    ("le président du Burkina Faso Ali Sana", ["président du Burkina Faso"]),
    ("l'ambassadeur de Chine Li Tan", ["ambassadeur de Chine"]),
    ("le négociateur en chef Omar Saïd", ["négociateur en chef"]),
    ("le ministre explique que le président accueille", ["ministre", "président"]),
    ("les ministres qui voyagent", ["ministres"]),
    ("une jeune interprète, Nina", ["interprète"]),
    ("d'importants conseillers comme Ali Benz", ["conseillers"]),
    ("ses vice-chefs Ali Benz, Tom Brand", ["vice-chefs"]),
    ("chargé d'affaires turc ; homme d'affaires", ["chargé d'affaires turc", "homme d'affaires"]),
    ("le brigadier-général R. J. Moss et le directeur général Luc Tan", ["brigadier-général", "directeur général"]),
    ("il a envoyé une aide militaire aux élus", ["élus"]),
    ("flanqué du ministre de la Défense et du chef d'état-major", ["ministre de la Défense", "chef d'état-major"]),
    (
        "le ministre à la réunion, le conseiller à la sécurité nationale",
        ["ministre", "conseiller à la sécurité nationale"],
    ),
    ("chef du protocoleMoss sera là", ["chef du protocole"]),
    ("Bruno Le Maire arrive", []),
]


@pytest.mark.parametrize(("text", "roles"), BOUNDARIES)
def test_boundaries(text: str, roles: list[str]) -> None:
    assert read(text)["role"].to_list() == roles


def test_a_name_behind_an_inner_role_can_be_cut_off() -> None:
    found = read("le gendre du président Ali Benz")
    assert found.select("role", "bare").row(0) == ("gendre du président Ali Benz", "gendre du président")


PARTIES = [
    ("le président russe", "RU"),
    ("la cheffe de la diplomatie belge", "BE"),
    ("le ministre des Affaires européennes", None),
    ("l'envoyé spécial américain pour le Soudan", "US"),
    ("l'envoyé spécial pour le Soudan", None),
    ("le représentant permanent de l'Inde auprès de l'ONU", "IN"),
    ("le patron de l'Otan", "NATO"),
    ("l'ambassadeur de France au Mali", "FR"),
    ("le secrétaire du Conseil de sécurité nationale", None),
    ("l'assistant du président de la Fédération de Russie", "RU"),
    ("le ministre", None),
]


@pytest.mark.parametrize(("text", "party"), PARTIES)
def test_party(text: str, party: str | None) -> None:
    assert read(text)["party"].to_list() == [party]


CATEGORIES = [
    ("le roi", "head_of_state"),
    ("la Première ministre", "head_of_government"),
    ("le chef de la diplomatie", "minister"),
    ("le secrétaire d'État", "minister"),
    ("le secrétaire à la Défense", "minister"),
    ("la vice-ministre", "deputy_minister"),
    ("un conseiller", "adviser"),
    ("l'émissaire", "envoy"),
    ("le chef du protocole", "diplomat"),
    ("le chef d'état-major", "military"),
    ("le directeur de la CIA", "intelligence"),
    ("la porte-parole", "spokesperson"),
    ("le directeur de cabinet", "chief_of_staff"),
    ("ses vice-chefs", "staff"),
    ("le président du Sénat", "legislator"),
    ("l'ex-ministre de la Défense", "other"),
    ("le président de la Commission", "other"),
]


@pytest.mark.parametrize(("text", "category"), CATEGORIES)
def test_category(text: str, category: str) -> None:
    assert read(text)["category"].to_list() == [category]


def test_every_category_is_reached() -> None:
    assert {category for _, category in CATEGORIES} == set(ROLE_CATEGORIES)


def test_head_gender_and_number() -> None:
    found = read("la ministre, les ambassadrices, un vice-amiral, ses porte-parole").select(
        "head", "gender", "is_plural"
    )
    expected = pl.DataFrame(
        {
            "head": ["ministre", "ambassadeur", "amiral", "porte-parole"],
            "gender": ["f", "f", "m", None],
            "is_plural": [False, True, False, True],
        }
    )
    assert_frame_equal(found, expected)
