"""Delegations: members by passage, and what the tables owe each other."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.delegations import RULES, delegation_members, delegations
from transforms.people import people
from transforms.schemas import DELEGATION_MEMBERS, DELEGATIONS
from transforms.text import tokenize, with_sentences

CORPUS = Path(__file__).parents[1] / "corpus" / "delegations.toml"
PASSAGES: list[dict[str, Any]] = tomllib.loads(CORPUS.read_text("utf-8"))["passage"]
FLOOR = 0.93

Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def read(texts: list[str]) -> Frames:
    """The articles of texts, their members and delegations."""
    ids = [f"{n:016x}" for n in range(len(texts))]
    articles = pl.DataFrame({"article_id": ids, "text": texts}, schema={"article_id": pl.String, "text": pl.String})
    tokens = with_sentences(tokenize(articles))
    members = delegation_members(tokens, articles, people(tokens, articles))
    return articles, members, delegations(members, tokens, articles)


@pytest.fixture(scope="module")
def corpus() -> Frames:
    return read([p["text"].strip() for p in PASSAGES])


def found_in(members: pl.DataFrame, nth: int) -> list[list[Any]]:
    """The members of one passage as the corpus writes them, in text order."""
    own = members.filter(pl.col("article_id") == f"{nth:016x}").sort("name_start")
    own = own.select("delegation", "person_name", pl.col("role").fill_null(""), "is_head")
    return [list(row) for row in own.rows()]


def by_place(passage: dict[str, Any]) -> list[list[Any]]:
    return sorted(passage["members"], key=lambda m: passage["text"].index(m[1]))


READ = [n for n, p in enumerate(PASSAGES) if "gap" not in p]


@pytest.mark.parametrize("nth", READ, ids=[PASSAGES[n]["name"] for n in READ])
def test_passage(corpus: Frames, nth: int) -> None:
    assert found_in(corpus[1], nth) == by_place(PASSAGES[nth])


def test_the_corpus_is_read_well_enough(corpus: Frames) -> None:
    pairs = [
        ({tuple(m[:2]) for m in p["members"]}, {tuple(m[:2]) for m in found_in(corpus[1], n)})
        for n, p in enumerate(PASSAGES)
    ]
    hits = sum(len(wanted & found) for wanted, found in pairs)
    assert 2 * hits / sum(len(wanted) + len(found) for wanted, found in pairs) >= FLOOR


def test_the_corpus_is_wide_enough() -> None:
    traps = [p for p in PASSAGES if not p["members"]]
    parties = {m[0] for p in PASSAGES for m in p["members"]}
    assert (len(PASSAGES) - len(traps) >= 30, len(traps) >= 30, len(parties) >= 30) == (True, True, True)


def test_spans_reproduce_the_surfaces(corpus: Frames) -> None:
    articles, members, _ = corpus
    placed = members.join(articles, on="article_id", validate="m:1")
    name = pl.col("text").str.slice(pl.col("name_start"), pl.col("name_end") - pl.col("name_start"))
    role = pl.col("text").str.slice(pl.col("role_start"), pl.col("role_end") - pl.col("role_start"))
    assert placed.filter(name != pl.col("person_name")).is_empty()
    assert placed.filter(role.ne_missing(pl.col("role"))).is_empty()
    assert placed.filter(~pl.col("text").str.contains(pl.col("sentence"), literal=True)).is_empty()


def test_tables_are_of_the_contract(corpus: Frames) -> None:
    _, members, groups = corpus
    assert members.schema == DELEGATION_MEMBERS.polars_schema
    assert groups.schema == DELEGATIONS.polars_schema
    assert members.equals(members.sort("article_id", "delegation", "name_start"))
    assert not members.select(DELEGATION_MEMBERS.key).is_duplicated().any()
    assert groups.select("article_id", "delegation").equals(
        members.select("article_id", "delegation").unique().sort("article_id", "delegation")
    )


def test_every_rule_is_trusted_to_some_degree() -> None:
    assert all(0 < confidence < 1 for confidence in RULES.values())


def test_no_article_and_no_member() -> None:
    for texts in ([], [""], ["Il pleut sur Brest."]):
        _, members, groups = read(texts)
        assert members.equals(DELEGATION_MEMBERS.empty())
        assert groups.equals(DELEGATIONS.empty())


def test_each_article_is_read_by_itself() -> None:
    texts = [p["text"].strip() for p in PASSAGES]
    together, alone = read(texts)[1], [read([text])[1] for text in texts[:8]]
    for nth, members in enumerate(alone):
        assert found_in(members, 0) == found_in(together, nth)


def test_one_person_in_several_spellings_is_one_member() -> None:
    text = (
        "La délégation ukrainienne est conduite par Rustem Umerov. Roustem Oumerov, secrétaire du Conseil de sécurité, "
        "est arrivé hier. Oumerov a dormi."
    )
    _, members, _ = read([text])
    assert members.select("person_name", "canonical_name", "mention_count", "is_head").rows() == [
        ("Rustem Umerov", "Roustem Oumerov", 2, True)
    ]


SIZES = [
    ("Côté chilien, trois officiels seront du voyage, dont la ministre Eva Luz.", "CL", 3, "trois officiels", False),
    ("La délégation chilienne compte deux membres : Eva Luz et Juan Pino.", "CL", 2, "deux membres", True),
    ("La délégation chilienne, forte d'une douzaine de membres, est menée par Eva Luz.",
     "CL", 12, "une douzaine de membres", False),
    ("Une délégation chilienne de 2 personnes, conduite par Eva Luz, comprend Juan Pino et Ana Sol.",
     "CL", 2, "2 personnes", True),
    ("La délégation chilienne est menée par Eva Luz.", "CL", None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "party", "size", "words", "agrees"), SIZES)
def test_stated_sizes(text: str, party: str, size: int | None, words: str | None, agrees: bool | None) -> None:
    _, _, groups = read([text])
    assert groups.select("delegation", "stated_size", "stated_text", "agrees").rows() == [(party, size, words, agrees)]
