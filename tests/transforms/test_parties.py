"""Parties in a text: names, adjectives, capitals, bodies and groups."""

import polars as pl
import pytest

from transforms.parties import parties
from transforms.text import tokenize


def parties_of(*texts: str) -> list[list[tuple[str, str, str, str]]]:
    """The parties of texts: surface, party, kind and form."""
    tokens = tokenize(pl.DataFrame({"text": list(texts)}))
    found: list[list[tuple[str, str, str, str]]] = [[] for _ in texts]
    for row in parties(tokens).to_dicts():
        surface = texts[row["article"]][tokens["start"][row["first"]] : tokens["end"][row["last"]]]
        found[row["article"]].append((surface, row["party"], row["party_kind"], row["form"]))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("la Norvège et l'Ukraine", [("Norvège", "NO", "country", "name"), ("Ukraine", "UA", "country", "name")]),
        ("un ministre norvégien", [("norvégien", "NO", "country", "adjective")]),
        ("les Norvégiens", [("Norvégiens", "NO", "country", "people")]),
        ("Oslo répond à Kiev", [("Oslo", "NO", "country", "capital"), ("Kiev", "UA", "country", "capital")]),
        ("le Kremlin", [("Kremlin", "RU", "country", "institution")]),
        ("l’Union européenne", [("Union européenne", "EU", "body", "name")]),
        ("les talibans et le M23", [("talibans", "Talibans", "group", "name"), ("M23", "M23", "group", "name")]),
        ("la Corée du Nord", [("Corée du Nord", "KP", "country", "name")]),
        ("SOUDAN : des promesses", [("SOUDAN", "SD", "country", "name")]),
        ("elle est polie, il danse", []),
    ],
)
def test_party(text: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert parties_of(text) == [expected]


def test_a_shared_adjective_goes_to_the_country_that_the_article_names() -> None:
    found = parties_of("L'armée congolaise a quitté Kinshasa.", "L'armée congolaise a quitté Brazzaville.")
    assert [[party for _, party, _, _ in rows] for rows in found] == [["CD", "CD"], ["CG", "CG"]]


def test_no_party() -> None:
    assert parties(tokenize(pl.DataFrame({"text": ["rien"]}))).height == 0
