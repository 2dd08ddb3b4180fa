"""Every column and every rule of the contract has an expectation, and every expectation says why it is there."""

import pytest

from expectations.suites import SEVERITIES, Fact, facts_suite, reasons, release_rules, rules, sayings, suite_for
from transforms.schemas import TABLES, Field, Table

# What validation itself writes, when everything has been judged.
WRITTEN_AFTER = {"rejected", "quality_results"}
JUDGED = [table for name, table in TABLES.items() if name not in WRITTEN_AFTER]

# What the contract says in words, beyond types, nulls and vocabularies, and the expectations that hold it.
SAID = {
    "a span reproduces its surface": [f"{t.name}.{s.surface}_verbatim" for t in JUDGED for s in t.spans],
    "a row's id is its article and place": [
        "delegation_members.member_id_names_place", "statements.statement_id_names_place",
        "figures.figure_id_names_place", "disagreements.row_ids_of_articles",
    ],
    "line ends are \\n": ["articles.text_newlines_plain"],
    "languages are BCP 47": ["articles.language_tag"],
    "countries are ISO 3166-1 alpha-2": [
        "delegation_members.country_by_code", "delegations.country_by_code", "actors.country_by_code",
    ],
    "an acronym that is a country's code gives way to the full name": [
        "delegation_members.group_not_like_country", "delegations.group_not_like_country",
    ],
    "source_uri is the smallest of its records": ["articles.source_uri_smallest"],
    "a day of publication has an origin": ["articles.published_on_from_iff_dated"],
    "a duplicate points to the earliest": [
        "article_duplicates.not_of_itself", "article_duplicates.release_points_to_earliest",
    ],
    "one row per article, delegation and person": ["delegation_members.key_unique"],
    "a delegation has a head who leads it": ["delegation_members.one_head", "delegations.head_is_member"],
    "members are counted": ["delegations.member_count_found", "delegations.release_member_count_agrees"],
    "stated size, its words, and whether it agrees": [
        "delegations.stated_size_iff_text", "delegations.stated_text_verbatim", "delegations.agrees_iff_stated",
        "delegations.agrees_computed", "delegations.size_as_stated", "delegations.release_sizes_as_stated",
    ],
    "modes of statements": [
        "statements.direct_has_quotes", "statements.indirect_has_no_quotes", "statements.mixed_has_quotes",
    ],
    "quoted spans lie in the content": ["statements.quoted_spans_inside", "statements.quoted_spans_in_order"],
    "the speaker is null where elided": ["statements.speaker_null_iff_elided"],
    "unnamed sources are no actors": ["statements.unnamed_has_no_id"],
    "only typography goes without a cue": ["statements.cue_null_only_direct"],
    "the medium stands in the sentence": ["statements.medium_in_sentence"],
    "said before it was published": ["statements.said_on_not_after_publication"],
    "sentence holds the span": [
        "delegation_members.person_name_in_sentence", "statements.text_in_sentence", "figures.text_in_sentence",
    ],
    "money in ISO 4217, counts in 1, measures in UCUM": [
        "figures.money_in_currency", "figures.count_in_ones", "figures.unit_of_kind",
    ],
    "ranges have bounds and their midpoint": [
        "figures.bounds_iff_between", "figures.bounds_in_order", "figures.value_is_midpoint",
    ],
    "vague quantities have one bound": ["figures.lone_bound_vague"],
    "only counts have a head noun": ["figures.counted_only_for_counts"],
    "aid alone has giver, receiver and stage": ["figures.parties_only_for_aid", "figures.aid_stage_only_for_aid"],
    "actors are met and counted": ["actors.is_met", "actors.has_alias", "actors.release_counts_agree"],
    "people and speakers are in actors": [
        "delegation_members.release_person_id_in_actors", "statements.release_speaker_id_in_actors",
        "delegations.release_head_person_id_in_actors",
    ],
    "extracted = published + rejected": [f"{t.name}.release_rows_accounted_for" for t in JUDGED],
    "rows that disagree are published, and say different things": [
        "disagreements.release_rows_published", "disagreements.values_differ", "disagreements.articles_differ",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "field"), [pytest.param(t, f, id=f"{t.name}.{f.name}") for t in JUDGED for f in t.fields]
)
def test_every_column_has_an_expectation(table: Table, field: Field) -> None:
    concerned = set()
    for rule in rules(table):
        concerned |= {rule.column, *rule.options.get("column_list", [])}
        concerned |= set(rule.holds.meta.root_names()) if rule.holds is not None else set()
    concerned |= {rule.column for name, rule in release_rules().items() if name.startswith(f"{table.name}.")}
    assert field.name in concerned
    assert field.name in table.nullable or f"{table.name}.{field.name}_not_null" in sayings()
    assert not field.vocabulary or f"{table.name}.{field.name}_in_vocabulary" in sayings()


@pytest.mark.parametrize(("said", "names"), SAID.items())
def test_every_rule_of_the_contract_has_its_expectations(said: str, names: list[str]) -> None:
    assert names
    assert [name for name in names if name not in sayings()] == [], said


def test_every_table_is_judged_as_a_whole() -> None:
    for table in JUDGED:
        wanted = {
            "release_columns_and_types",
            "release_key_unique",
            "release_rows_accounted_for",
            "release_rows_steady",
        }
        wanted |= {f"release_{r.column}_in_{r.table}" for r in table.references}
        assert {f"{table.name}.{name}" for name in wanted} <= release_rules().keys()


def test_every_expectation_has_severity_notes_and_no_exceptions() -> None:
    """None is met by most rows: `mostly` would need a reason written, and a severity says the same better."""
    suites = [suite_for(table) for table in TABLES.values()]
    facts = [Fact(*name.split(".", 1), 0, "") for name in release_rules()]
    expectations = [e for suite in (*suites, facts_suite(facts)) for e in suite.expectations]
    assert len(expectations) == len(sayings())
    for expectation in expectations:
        name = expectation.meta["name"]
        assert expectation.severity in SEVERITIES
        assert expectation.notes == reasons()[name], name
        assert len(reasons()[name]) >= 20, name
        assert reasons()[name].endswith("."), name
        assert getattr(expectation, "mostly", 1) == 1, name


def test_a_rule_on_rows_may_be_judged_with_its_whole_table() -> None:
    """As those on actors are, and any that could not be evaluated."""
    (expectation,) = facts_suite([Fact("figures", "value_finite", 1, "")]).expectations
    assert expectation.meta["name"] == "figures.value_finite"
    assert expectation.notes == reasons()["figures.value_finite"]
