"""Tokens, sentences, local grammars and their offsets."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.text import (
    Rule,
    expand,
    find,
    find_phrases,
    layer,
    phrase_key,
    tokenize,
    with_offsets,
    with_sentence_text,
    with_sentences,
)


def articles(*texts: str) -> pl.DataFrame:
    return pl.DataFrame({"text": list(texts)}, schema={"text": pl.String})


def forms(text: str) -> list[str]:
    return tokenize(articles(text))["form"].to_list()


def sentences(text: str) -> list[str]:
    tokens = with_sentences(tokenize(articles(text)))
    spans = tokens.group_by("sentence", maintain_order=True).agg(pl.col("start").min(), pl.col("end").max())
    return [text[start:end] for start, end in spans.select("start", "end").rows() if text[start:end].strip()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chef du protocoleSandu sera", ["chef", "du", "protocole", "Sandu", "sera"]),
        ("l’avion d'Oslo", ["l’", "avion", "d'", "Oslo"]),
        ("a-t-elle dit", ["a-t-elle", "dit"]),
        ("1\u00a0300 chars, 12,5\u202f%", ["1\u00a0300", "chars", ",", "12,5", "%"]),
        ("120'000 francs et 3.500.000 pesos", ["120'000", "francs", "et", "3.500.000", "pesos"]),
        ("F-16 et 2A6", ["F", "-", "16", "et", "2", "A", "6"]),
        ("«Oui…» !", ["«", "Oui", "…", "»", "!"]),
        ("MacAllister et al-Kindi", ["MacAllister", "et", "al-Kindi"]),
        ("", []),
        ("  \u00a0 ", []),
    ],
)
def test_tokens(text, expected):
    assert forms(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="aéZ’'«»\" \u00a0\u202f\n.,-1🙂e\u0301\u200f", max_size=40), max_size=4))
def test_every_token_is_where_it_says_and_nothing_but_blanks_lies_between(texts):
    tokens = with_sentences(tokenize(articles(*texts)))
    for position, text in enumerate(texts):
        reach = 0
        for start, end, form in tokens.filter(article=position).select("start", "end", "form").rows():
            assert text[start:end] == form
            assert text[reach:start].strip(" \t\u00a0\u202f\u2009\u2007\u2002\u2003\u200b\u2060\ufeff") == ""
            reach = end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M. Dupont arrive. Il parle.", ["M. Dupont arrive.", "Il parle."]),
        ("R. J. Mac est là. Oui.", ["R. J. Mac est là.", "Oui."]),
        ("« C'est fini. », a-t-il dit. Puis rien.", ["« C'est fini. », a-t-il dit.", "Puis rien."]),
        ('Il part. "On verra", dit-il.', ["Il part.", '"On verra", dit-il.']),
        ("Fin du plan.Le ministre sort.", ["Fin du plan.", "Le ministre sort."]),
        ("Titre sans point\nPremière phrase.", ["Titre sans point", "Première phrase."]),
        ("Il a 3.5 ans… et attend. Bien.", ["Il a 3.5 ans… et attend.", "Bien."]),
    ],
)
def test_sentences(text, expected):
    assert [sentence.strip() for sentence in sentences(text)] == expected


def test_articles_share_no_sentence():
    tokens = with_sentences(tokenize(articles("Sans point", "Autre texte")))
    assert tokens.group_by("article").agg(pl.col("sentence").unique()).height == 2
    assert tokens["sentence"].n_unique() == 2


ALPHABET = {"noun": "N", "verb": "V", "stop": "."}


def test_a_rule_gives_its_named_parts_in_tokens():
    letters = layer(pl.Series(["N", "N", "V", ".", "V", "N", "."]))
    rule = Rule("clause", subject="<noun>*", verb="<verb>", _end="<^stop>* <stop>")
    found = find(letters, [rule], ALPHABET)
    assert found.rows() == [("clause", 0, 1, 2, 2), ("clause", None, None, 4, 4)]


def test_a_rule_rejects_an_empty_part_and_an_unknown_class():
    with pytest.raises(ValueError, match="part verb is empty"):
        Rule("r", verb=" ").compiled(ALPHABET)
    with pytest.raises(KeyError):
        expand("<adjective>", ALPHABET)


def test_a_layer_needs_one_letter_per_token():
    with pytest.raises(ValueError, match="exactly one"):
        layer(pl.Series(["N", "NN"]))
    with pytest.raises(ValueError, match="exactly one"):
        layer(pl.Series(["N", None]))
    assert find(layer(pl.Series([], dtype=pl.String)), [Rule("r", noun="<noun>")], ALPHABET).height == 0


def test_offsets_of_parts():
    tokens = tokenize(articles("Été à l’Élysée"))
    found = pl.DataFrame(
        {"place_first": [2, None], "place_last": [3, None]},
        schema_overrides=dict.fromkeys(("place_first", "place_last"), pl.UInt32),
    )
    assert with_offsets(found, tokens, "place").select("place_start", "place_end").rows() == [(6, 14), (None, None)]


def test_phrases_longest_first_within_one_article():
    tokens = tokenize(articles("La Corée du Nord et la Corée", "du Nord"))
    phrases = pl.DataFrame({"phrase": phrase_key(["Corée", "Corée du Nord", "Nord"]), "code": ["?", "KP", "n"]})
    found = find_phrases(tokens, phrases)
    assert found.select("first", "last", "code").rows() == [(1, 3, "KP"), (6, 6, "?"), (8, 8, "n")]


def test_sentence_text_covers_every_sentence_touched():
    frame = articles("Un. Deux mots. Trois.")
    tokens = with_sentences(tokenize(frame))
    spans = pl.DataFrame(
        {"article": [0, 0], "first": [2, 3], "last": [3, 5]},
        schema=dict.fromkeys(("article", "first", "last"), pl.UInt32),
    )
    assert with_sentence_text(spans, tokens, frame)["sentence"].to_list() == ["Deux mots.", "Deux mots. Trois."]
