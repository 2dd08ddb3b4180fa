"""Names found by their shape, joined within the article, then looked up in the register."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.people import people, with_names
from transforms.text import tokenize, with_sentences


def articles(*texts: str) -> pl.DataFrame:
    return pl.DataFrame({"text": list(texts)})


def found(text: str) -> list[str]:
    frame = articles(text)
    return people(with_sentences(tokenize(frame)), frame).mentions["surface"].to_list()


def canonical(text: str) -> list[str]:
    frame = articles(text)
    who = people(with_sentences(tokenize(frame)), frame)
    return who.mentions.join(who.persons, on="person", maintain_order="left")["canonical_name"].to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La ministre Léa de Montbrun-Okala rencontre R. T. McLure.", ["Léa de Montbrun-Okala", "R. T. McLure"]),
        ("Hier, Joost van der Meulen et Amina el-Khatib ont signé.", ["Joost van der Meulen", "Amina el-Khatib"]),
        ("Selon Paulo T. Ribeiro, rien ne presse.", ["Paulo T. Ribeiro"]),
        ("M. Oyono et Mme Van Acker étaient là.", ["Oyono", "Van Acker"]),
        ("Le Dr Lindqvist attend.", ["Lindqvist"]),
        ("KABANGU ILUNGA Odette préside.", ["KABANGU ILUNGA Odette"]),
        ("Le chef du protocoleLouise Tembo sera là.", ["Louise Tembo"]),
        ("M. N'Diaye et Siobhán O’Leary sont là.", ["N'Diaye", "Siobhán O’Leary"]),
        ("L'Autrichien Karl Hofreiter attend.", ["Karl Hofreiter"]),
        ("N'Ayant rien dit, Odile Tamba part.", ["Odile Tamba"]),
        # Institutions, places and things that only look like names.
        ("Le ministre de la Défense Otto Brandl parle.", ["Otto Brandl"]),
        ("Le secrétaire au Trésor Ann Willard parle.", ["Ann Willard"]),
        ("Il a lu le Financial Chronicle et la Nouvelle Revue.", []),
        ("Les Nations unies et la Maison-Blanche attendent.", []),
        ("Vendredi, Genève accueille la Corée du Sud.", []),
        ("Pourtant Montluçon dort.", []),
    ],
)
def test_names_are_told_by_their_shape(text, expected):
    assert found(text) == expected


def test_a_surname_is_joined_to_the_one_who_bears_it():
    assert canonical("Odile Tamba et Marc Oyono arrivent. Tamba parle.")[-1] == "Odile Tamba"


def test_a_surname_that_two_bear_is_left_alone():
    assert canonical("Odile Tamba et Marc Tamba arrivent. Tamba parle.") == ["Odile Tamba", "Marc Tamba"]


def test_a_family_name_that_comes_first_is_joined_too():
    assert canonical("Le ministre Zhou Wenli arrive. Zhou parle.")[-1] == "Zhou Wenli"


def test_spellings_of_one_person_in_one_article_are_joined():
    assert len(set(canonical("Iouri Tchoubarov arrive. Yuri Chubarov parle."))) == 1


def test_the_register_gives_the_reference_spelling():
    assert canonical("Vladimir Zelenski arrive.") == ["Volodymyr Zelensky"]
    assert canonical("Poutine attend.") == ["Vladimir Poutine"]


def test_a_person_of_the_article_hides_a_public_surname():
    assert canonical("Jeanne Poutine arrive. Poutine parle.") == ["Jeanne Poutine", "Jeanne Poutine"]


def test_a_grammar_may_add_single_names():
    frame = articles("Une jeune interprète, Maïwenn, traduit. Maïwenn rit.")
    tokens = with_sentences(tokenize(frame))
    who = people(tokens, frame)
    place = tokens.with_row_index("first").filter(form="Maïwenn").select("first", last="first").head(1)
    more = with_names(who, place, tokens, frame)
    assert more.mentions["surface"].to_list() == ["Maïwenn", "Maïwenn"]
    assert more.persons["canonical_name"].to_list() == ["Maïwenn"]
    assert with_names(more, place, tokens, frame).mentions.equals(more.mentions)


def test_added_names_leave_the_people_of_other_articles():
    frame = articles(
        "M. Kouassi et Odile Tamba.", "L'interprète, Maïwenn, aide Jean Kouassi.", "Odile Tamba rit. Tamba part."
    )
    tokens = with_sentences(tokenize(frame))
    who = people(tokens, frame)
    place = tokens.with_row_index("first").filter(form="Maïwenn").select("first", last="first")
    more = with_names(who, place, tokens, frame)
    named = more.mentions.join(more.persons, on="person", how="left", maintain_order="left")
    assert named["canonical_name"].to_list() == [
        "Kouassi", "Odile Tamba", "Maïwenn", "Jean Kouassi", "Odile Tamba", "Odile Tamba",
    ]  # fmt: skip
    assert more.persons["person"].to_list() == list(range(5))


def test_ids_depend_on_the_person_alone():
    texts = ["La ministre Odile Tamba parle.", "Hier, Odile Tamba a dit non.", "Odile Tambà et Jean Kouassi sont là."]
    whole = articles(*texts)
    together = people(with_sentences(tokenize(whole)), whole).persons
    alone = pl.concat([people(with_sentences(tokenize(a)), a).persons for a in map(articles, texts)])
    assert sorted(together["person_id"]) == sorted(alone["person_id"])
    assert together.filter(canonical_name="Odile Tamba")["person_id"].n_unique() == 1


def test_no_article_no_people():
    frame = articles()
    who = people(with_sentences(tokenize(pl.DataFrame(schema={"text": pl.String}))), frame.cast(pl.String))
    assert who.mentions.is_empty()
    assert who.persons.is_empty()
