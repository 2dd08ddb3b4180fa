from typing import Any

import polars as pl
import pytest

from expectations.checkpoints import checked
from expectations.suites import SEVERITIES, rules, sayings, suite_for
from tests.expectations.shard import ARTICLE, AT, TEXT, TODAY, place, shard, with_row
from transforms.schemas import ACTORS, TABLES

OTHER, OTHER_TEXT = "0123456789abcdef", "Elle compte trois personnes."

# What breaks each rule that looks at more than null, vocabulary or key: table, row, the values changed, the rule.
BROKEN: list[tuple[str, int, dict[str, Any], str]] = [
    ("articles", 0, {"article_id": "ABCDEF0123456789"}, "article_id_matches_pattern"),
    ("articles", 0, {"article_id": ARTICLE + "\n"}, "article_id_matches_pattern"),
    ("articles", 0, {"char_count": -1}, "char_count_in_range"),
    ("articles", 0, {"word_count": -1}, "word_count_in_range"),
    ("articles", 0, {"published_on": TODAY.replace(year=2027)}, "published_on_not_future"),
    ("articles", 0, {"text": " \n"}, "text_not_blank"),
    ("articles", 0, {"char_count": len(TEXT.encode())}, "char_count_is_length"),
    ("articles", 0, {"text": TEXT.replace("\n", "\r\n")}, "text_newlines_plain"),
    ("articles", 0, {"published_on_from": None}, "published_on_from_iff_dated"),
    ("articles", 0, {"source_uri": "b.txt"}, "source_uri_smallest"),
    ("articles", 0, {"source_uri": "elsewhere.txt"}, "source_uri_smallest"),
    ("articles", 0, {"language": "français"}, "language_tag"),
    ("articles", 0, {"language": "uk"}, "language_read"),
    ("articles", 0, {"published_on": None}, "published_on_known"),
    ("article_sources", 0, {"sha256": "0" * 63}, "sha256_matches_pattern"),
    ("article_sources", 0, {"first_seen_at": AT.replace(year=2027)}, "first_seen_at_not_future"),
    ("article_sources", 0, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("delegation_members", 0, {"name_end": 20}, "person_name_verbatim"),
    ("delegation_members", 0, {"name_start": -5}, "person_name_span_in_order"),
    ("delegation_members", 0, {"name_end": None}, "person_name_span_whole"),
    ("delegation_members", 0, {"role_end": None}, "role_span_whole"),
    ("delegation_members", 0, {"role": None}, "role_span_whole"),
    ("delegation_members", 0, {"role_start": 12, "role_end": 12}, "role_span_in_order"),
    ("delegation_members", 0, {"role": "Ministre"}, "role_verbatim"),
    ("delegation_members", 0, {"person_name": "Anne Dorval "}, "person_name_trimmed"),
    ("delegation_members", 0, {"role": " ministre"}, "role_trimmed"),
    ("delegation_members", 0, {"sentence": "Elle est venue."}, "person_name_in_sentence"),
    ("delegation_members", 1, {"member_id": f"{ARTICLE}-m0"}, "member_id_names_place"),
    ("delegation_members", 1, {"mention_count": 0}, "mention_count_in_range"),
    ("delegation_members", 1, {"confidence": 1.5}, "confidence_in_range"),
    ("delegation_members", 1, {"confidence": float("nan")}, "confidence_in_range"),
    ("delegation_members", 1, {"confidence": 0.4}, "confidence_not_low"),
    ("delegation_members", 1, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("delegation_members", 1, {"delegation": "France"}, "country_by_code"),
    ("delegation_members", 1, {"delegation_kind": "group"}, "group_not_like_country"),
    ("delegation_members", 0, {"person_id": "person:fr:Luc Roy"}, "person_id_described"),
    ("delegation_members", 0, {"role_category": None}, "role_has_category"),
    ("delegation_members", 1, {"is_head": True}, "one_head"),
    ("delegation_members", 1, {"person_id": "person:fr:Anne Dorval"}, "person_in_one_delegation"),
    ("delegation_members", 1, {"delegation": "DE"}, "listed_in_delegations"),
    ("delegations", 0, {"delegation": "France"}, "country_by_code"),
    ("delegations", 0, {"delegation_kind": "group"}, "group_not_like_country"),
    ("delegations", 0, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("delegations", 0, {"member_count": 3}, "member_count_found"),
    ("delegations", 0, {"member_count": -1}, "member_count_in_range"),
    ("delegations", 0, {"delegation": "DE"}, "member_count_found"),
    ("delegations", 0, {"head_person_id": "person:fr:Paul Mercier"}, "head_is_member"),
    ("delegations", 0, {"head_person_id": None}, "head_named_where_led"),
    ("delegations", 0, {"stated_text": None}, "stated_size_iff_text"),
    ("delegations", 0, {"stated_size": -1}, "stated_size_in_range"),
    ("delegations", 0, {"stated_text": "trois personnes"}, "stated_text_verbatim"),
    ("delegations", 0, {"agrees": None}, "agrees_iff_stated"),
    ("delegations", 0, {"stated_size": 3}, "agrees_computed"),
    ("delegations", 0, {"agrees": False}, "size_as_stated"),
    ("statements", 0, {"text_end": 120}, "text_verbatim"),
    ("statements", 0, {"text_start": 300, "text_end": 299}, "text_span_in_order"),
    ("statements", 0, {"text_start": None}, "text_span_whole"),
    ("statements", 0, {"text": "Nous verserons "}, "text_trimmed"),
    ("statements", 0, {"sentence": "Elle parle."}, "text_in_sentence"),
    ("statements", 0, {"statement_id": f"{ARTICLE}-s1"}, "statement_id_names_place"),
    ("statements", 0, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("statements", 0, {"confidence": -0.1}, "confidence_in_range"),
    ("statements", 0, {"confidence": 0.2}, "confidence_not_low"),
    ("statements", 1, {"speaker_start": None}, "speaker_span_whole"),
    ("statements", 1, {"speaker_start": 170, "speaker_end": 160}, "speaker_span_in_order"),
    ("statements", 1, {"speaker": "il"}, "speaker_verbatim"),
    ("statements", 1, {"speaker": "elle "}, "speaker_trimmed"),
    ("statements", 1, {"cue_end": None}, "cue_span_whole"),
    ("statements", 1, {"cue_start": -1}, "cue_span_in_order"),
    ("statements", 1, {"cue": "D'après"}, "cue_verbatim"),
    ("statements", 1, {"cue": " Selon"}, "cue_trimmed"),
    ("statements", 1, {"mode": "mixed"}, "mixed_has_quotes"),
    ("statements", 0, {"mode": "indirect"}, "indirect_has_no_quotes"),
    ("statements", 1, {"mode": "direct"}, "direct_has_quotes"),
    ("statements", 0, {"quoted_spans": [{"quote_start": 0, "quote_end": 110}]}, "quoted_spans_inside"),
    ("statements", 0, {"quoted_spans": [{"quote_start": 110, "quote_end": 400}]}, "quoted_spans_inside"),
    (
        "statements", 0,
        {"quoted_spans": [{"quote_start": 110, "quote_end": 118}, {"quote_start": 112, "quote_end": 120}]},
        "quoted_spans_in_order",
    ),
    ("statements", 0, {"quoted_spans": [{"quote_start": 110, "quote_end": 110}]}, "quoted_spans_in_order"),
    ("statements", 0, {"speaker_reference": "elided"}, "speaker_null_iff_elided"),
    ("statements", 0, {"speaker": None}, "speaker_null_iff_elided"),
    ("statements", 0, {"speaker_id": "person:fr:Luc Roy"}, "speaker_id_described"),
    ("statements", 0, {"speaker_name": None}, "speaker_id_has_name"),
    ("statements", 0, {"speaker_kind": "unnamed"}, "unnamed_has_no_id"),
    ("statements", 1, {"cue": None}, "cue_null_only_direct"),
    ("statements", 0, {"medium": "télévision"}, "medium_in_sentence"),
    ("statements", 0, {"said_on": TODAY}, "said_on_not_after_publication"),
    ("statements", 0, {"said_on": TODAY.replace(year=2027)}, "said_on_not_future"),
    ("statements", 0, {"speaker_name": None}, "speaker_resolved"),
    ("figures", 0, {"text_start": 1}, "text_verbatim"),
    ("figures", 0, {"text_start": 9, "text_end": 9}, "text_span_in_order"),
    ("figures", 0, {"text_end": None}, "text_span_whole"),
    ("figures", 0, {"text": "deux personnes "}, "text_trimmed"),
    ("figures", 0, {"sentence": "Elle compte."}, "text_in_sentence"),
    ("figures", 0, {"figure_id": f"{ARTICLE}-m66"}, "figure_id_names_place"),
    ("figures", 0, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("figures", 0, {"confidence": 2.0}, "confidence_in_range"),
    ("figures", 0, {"confidence": 0.1}, "confidence_not_low"),
    ("figures", 0, {"value": float("nan")}, "value_finite"),
    ("figures", 0, {"value": float("inf")}, "value_finite"),
    ("figures", 0, {"value": -2.0}, "value_not_negative"),
    ("figures", 0, {"qualifier": "between"}, "bounds_iff_between"),
    ("figures", 0, {"value_low": 1.0, "value_high": 3.0}, "bounds_iff_between"),
    ("figures", 0, {"qualifier": "between", "value_low": 3.0, "value_high": 5.0}, "bounds_in_order"),
    ("figures", 0, {"qualifier": "between", "value_low": 2.0, "value_high": 1.0}, "bounds_in_order"),
    ("figures", 0, {"qualifier": "between", "value_low": 1.0, "value_high": 9.0}, "value_is_midpoint"),
    ("figures", 0, {"value_low": 2.0}, "lone_bound_vague"),
    ("figures", 0, {"value_high": 2.0}, "lone_bound_vague"),
    ("figures", 1, {"unit": "€"}, "money_in_currency"),
    ("figures", 0, {"unit": "h"}, "count_in_ones"),
    ("figures", 0, {"kind": "duration"}, "unit_of_kind"),
    ("figures", 1, {"unit": "ZZZ"}, "unit_of_kind"),
    ("figures", 1, {"counted": "euros"}, "counted_only_for_counts"),
    ("figures", 0, {"aid_stage": "delivered"}, "aid_stage_only_for_aid"),
    ("figures", 0, {"giver": "FR"}, "parties_only_for_aid"),
    ("figures", 1, {"receiver": "FR"}, "giver_not_receiver"),
    ("figures", 0, {"qualifier_text": "près de"}, "qualifier_in_sentence"),
    ("figures", 1, {"text_start": place("personnes")[0]}, "figures_apart"),
    ("figures", 1, {"aid_stage": None}, "aid_has_stage"),
    ("article_duplicates", 0, {"duplicate_of": ARTICLE}, "not_of_itself"),
    ("article_duplicates", 0, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("article_duplicates", 0, {"similarity": 1.1}, "similarity_in_range"),
    ("disagreements", 0, {"disagreement_id": "a~b"}, "disagreement_id_matches_pattern"),
    ("disagreements", 0, {"row_id": "f66"}, "row_id_matches_pattern"),
    ("disagreements", 0, {"other_row_id": f"{ARTICLE}-f"}, "other_row_id_matches_pattern"),
    ("disagreements", 0, {"article_id": "0" * 16}, "article_id_in_articles"),
    ("disagreements", 0, {"text_end": None}, "text_span_whole"),
    ("disagreements", 0, {"text_start": 90}, "text_span_in_order"),
    ("disagreements", 0, {"text": "Deux personnes"}, "text_verbatim"),
    ("disagreements", 0, {"text": "deux personnes "}, "text_trimmed"),
    ("disagreements", 0, {"sentence": "Elle compte."}, "text_in_sentence"),
    ("disagreements", 0, {"other_text_end": None}, "other_text_span_whole"),
    ("disagreements", 0, {"other_text_start": 40}, "other_text_span_in_order"),
    ("disagreements", 0, {"other_text_start": 10}, "other_text_verbatim"),
    ("disagreements", 0, {"other_text": "trois personnes "}, "other_text_trimmed"),
    ("disagreements", 0, {"row_id": f"{OTHER}-f1"}, "row_ids_of_articles"),
    ("disagreements", 0, {"other_row_id": f"{ARTICLE}-f1"}, "row_ids_of_articles"),
    ("disagreements", 0, {"other_value": "exact 2.0 1"}, "values_differ"),
    ("disagreements", 0, {"kind": "person_two_delegations"}, "articles_differ"),
    ("disagreements", 0, {"other_article_id": ARTICLE}, "articles_differ"),
    ("actors", 0, {"country": "France"}, "country_by_code"),
    ("actors", 0, {"article_count": 0}, "is_met"),
    ("actors", 0, {"statement_count": 0, "membership_count": 0}, "is_met"),
    ("actors", 0, {"article_count": -1}, "article_count_in_range"),
    ("actors", 0, {"statement_count": -1}, "statement_count_in_range"),
    ("actors", 0, {"membership_count": -1}, "membership_count_in_range"),
    ("actors", 0, {"aliases": []}, "has_alias"),
    ("actors", 0, {"wikidata_id": "42"}, "wikidata_id_matches_pattern"),
    ("actors", 1, {"wikidata_id": "Q1"}, "wikidata_id_unique"),
]  # fmt: skip


def tables() -> dict[str, pl.DataFrame]:
    """The sound shard, with a duplicate of its article, and the actors that it refers to and tells of."""
    duplicate = {"article_id": ARTICLE, "duplicate_of": "f" * 16, "similarity": 0.9}
    people = [
        {
            "actor_id": f"person:fr:{name}", "wikidata_id": wikidata_id, "name": name, "kind": "person",
            "aliases": [name], "country": "FR", "roles": [], "in_register": False, "article_count": 1,
            "statement_count": said, "membership_count": 1,
        }
        for name, wikidata_id, said in (("Anne Dorval", "Q1", 2), ("Paul Mercier", None, 0))
    ]  # fmt: skip
    start, end = place("deux personnes")
    pair = {
        "disagreement_id": f"{ARTICLE}-f{start}~{OTHER}-f12", "kind": "figure_value", "about": "FR → UA: personnes",
        "article_id": ARTICLE, "other_article_id": OTHER, "row_id": f"{ARTICLE}-f{start}",
        "other_row_id": f"{OTHER}-f12", "value": "exact 2.0 1", "other_value": "exact 3.0 1", "text": "deux personnes",
        "text_start": start, "text_end": end, "other_text": "trois personnes", "other_text_start": 12,
        "other_text_end": 27, "sentence": TEXT.splitlines()[0], "other_sentence": OTHER_TEXT,
    }  # fmt: skip
    sound = shard()
    more = {"article_id": OTHER, "source_uri": "c.txt", "text": OTHER_TEXT, "char_count": len(OTHER_TEXT)}
    articles = pl.concat([sound["articles"], sound["articles"].with_columns(**{k: pl.lit(v) for k, v in more.items()})])
    sources = sound["article_sources"]
    third = sources.head(1).with_columns(article_id=pl.lit(OTHER), source_uri=pl.lit("c.txt"))
    return {
        **sound,
        "articles": articles.cast(dict(sound["articles"].schema)),
        "article_sources": pl.concat([sources, third]),
        "disagreements": pl.DataFrame([pair], schema=TABLES["disagreements"].polars_schema),
        "article_duplicates": pl.DataFrame([duplicate], schema=TABLES["article_duplicates"].polars_schema),
        "actors": pl.DataFrame(people, schema=ACTORS.polars_schema),
        "actor_mentions": pl.DataFrame({"article_id": ARTICLE, "actor_id": [p["actor_id"] for p in people]}),
    }


@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("rejected", "quality_results")])
def test_sound_rows_satisfy_every_rule(name: str) -> None:
    found = checked(TABLES[name], tables()[name], tables(), TODAY)
    broken = [r.name for r in rules(TABLES[name]) if r.holds is not None and not found[r.name].all()]
    assert broken == []


@pytest.mark.parametrize(("name", "row", "values", "rule"), BROKEN)
def test_a_broken_row_is_noticed(name: str, row: int, values: dict[str, Any], rule: str) -> None:
    changed = with_row(tables(), name, row, **values)
    found = checked(TABLES[name], changed[name], changed, TODAY)
    assert not found[rule][row]


def test_every_rule_with_an_expression_is_seen_to_fail() -> None:
    tried = {(name, rule) for name, _, _, rule in BROKEN}
    written = {(t.name, r.name) for t in TABLES.values() for r in rules(t) if r.holds is not None}
    assert {(name, rule) for name, rule in written - tried if name not in ("rejected", "quality_results")} == set()


def test_without_what_articles_tell_of_actors_nothing_is_said_about_them() -> None:
    alone = {name: frame for name, frame in tables().items() if name != "actor_mentions"}
    found = checked(TABLES["statements"], alone["statements"], alone, TODAY)
    assert found["speaker_id_described"].all()


def test_an_elided_or_unresolved_speaker_needs_no_description() -> None:
    unknown = with_row(tables(), "statements", 0, speaker_id=None)
    found = checked(TABLES["statements"], unknown["statements"], unknown, TODAY)
    assert found["speaker_id_described"].all()


def test_a_single_low_bound_is_allowed_where_vague() -> None:
    vague = with_row(tables(), "figures", 0, qualifier="about", value=20.0, value_low=20.0)
    found = checked(TABLES["figures"], vague["figures"], vague, TODAY)
    assert found["lone_bound_vague"].all()
    assert found["bounds_in_order"].all()


def test_dialogue_may_go_without_quotation_marks() -> None:
    text = "Au micro :\n— Nous partons demain, dit Luc."
    start = text.index("Nous")
    spoken = with_row(tables(), "articles", 0, text=text)
    spoken = with_row(
        spoken, "statements", 1, mode="direct", text="Nous partons demain", text_start=start, text_end=start + 19
    )
    found = checked(TABLES["statements"], spoken["statements"], spoken, TODAY)
    assert found["direct_has_quotes"][1]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_a_suite_has_one_named_expectation_per_rule(table: Any) -> None:
    suite = suite_for(table)
    names = [e.meta["name"] for e in suite.expectations]
    assert suite.name == table.name
    assert names == [f"{table.name}.{r.name}" for r in rules(table)]
    assert len(set(names)) == len(names)
    assert {e.severity for e in suite.expectations} <= set(SEVERITIES)


def test_suites_are_derived_from_the_schema() -> None:
    names = {r.name for r in rules(TABLES["statements"])}
    assert {
        "statement_id_not_null",
        "mode_in_vocabulary",
        "key_unique",
        "text_verbatim",
        "confidence_in_range",
    } <= names
    assert not {"speaker_not_null", "cue_not_null"} & names


def test_every_expectation_says_what_must_hold() -> None:
    for table in TABLES.values():
        for rule in rules(table):
            assert sayings()[f"{table.name}.{rule.name}"] == rule.says != ""
