"""What every dataset must satisfy: rules derived from its schema, and rules written by hand with the reason beside.

A `Rule` is one expectation, whatever tool judges it. `suite_for` turns the rules of a table into a suite of Great
Expectations: what a GX expectation can phrase on a column (null, vocabulary, key) becomes that expectation, every
other rule is a boolean column made by Polars (`Rule.holds`) that GX expects to be true.

Severity follows from what a reader would suffer. *critical*: the row is wrong, or cannot be traced to its words, so
it must not be published. *warning*: publishable, but someone should look. *info*: a measure worth following.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from expectations import drift
from transforms import integrity
from transforms.lexicon import load
from transforms.schemas import DATE, INSTANT, TABLES, Span, Table

if TYPE_CHECKING:
    import great_expectations as gx

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")


@dataclass(frozen=True, eq=False)
class Rule:
    """One expectation on the rows of a table.

    `name` is unique within the table, `says` what must hold, `notes` why; a rule without a reason is none. `holds` is
    the boolean expression behind the rule, over the table's columns and those of `integrity.with_context`; without it
    `expects` names the expectation of `frugal` that judges the column itself, with its `options`.
    """

    name: str
    says: str
    column: str | None = None
    severity: Severity = "critical"
    notes: str = ""
    holds: pl.Expr | None = None
    expects: str = "ExpectOneOf"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the GX expectation: the rule's own boolean column, or its options."""
        return dict(self.options) if self.holds is None else {"column": self.name, "value_set": [True]}


@dataclass(frozen=True)
class Fact:
    """A count of what is wrong with a table as a whole, by the rule that it is named after."""

    dataset: str
    name: str
    violations: int
    observed: str

    @property
    def full_name(self) -> str:
        """`<dataset>.<name>`, as in the results."""
        return f"{self.dataset}.{self.name}"

    @property
    def rule(self) -> Rule:
        """The rule that it tells of."""
        return _named()[self.full_name]


@cache
def rules(table: Table) -> tuple[Rule, ...]:
    """Every rule on the rows of the table: those that its schema implies, then those written by hand."""
    return (*_derived(table), *_BY_HAND.get(table.name, ()))


@cache
def release_rules() -> dict[str, Rule]:
    """Every rule on whole tables by its full name: those of one shard's schema, and those over all shards."""
    found = {
        "articles.release_not_empty": Rule(
            "release_not_empty", "there is an article",
            notes="A run that reads nothing must not replace a release that holds something.",
        ),
        "actors.release_counts_agree": Rule(
            "release_counts_agree", "the counts of an actor are those of the tables published",
            notes="Whoever ranks actors by their counts must find as many rows.",
        ),
        "article_duplicates.release_points_to_earliest": Rule(
            "release_points_to_earliest", "no article is repeated that itself repeats another", "duplicate_of",
            notes="One join must lead to the story; chains would count it more than once.",
        ),
        "delegations.release_member_count_agrees": Rule(
            "release_member_count_agrees", "member_count is the number of members published", "member_count",
            notes="Members that were rejected must not be counted.",
        ),
        "delegations.release_sizes_as_stated": Rule(
            "release_sizes_as_stated", "the members found over all articles are those that the texts state",
            "stated_size", "info",
            "One delegation in ten may be named in part; the sum shows how many people the rules miss.",
        ),
        "delegation_members.release_person_in_one_delegation": Rule(
            "release_person_in_one_delegation", "nobody is a member of two delegations of one article", "person_id",
            "warning", "Nobody sits on two sides of a table: one of the two rows is wrong, or two people were joined.",
        ),
    }  # fmt: skip
    found |= {
        "disagreements.release_rows_published": Rule(
            "release_rows_published", "every row that disagrees is published", "row_id",
            notes="Whoever looks at a disagreement must find both rows.",
        ),
        "figures.release_values_agree": Rule(
            "release_values_agree", "no two articles give one figure different values", "value", "info",
            "Sources do differ, and figures are updated; the pairs stand in disagreements.",
        ),
        "statements.release_speakers_agree": Rule(
            "release_speakers_agree", "no two articles give one quotation different speakers", "speaker_name",
            "warning",
            "The same words are seldom said twice: mostly one speaker was read wrongly. See disagreements.",
        ),
    }  # fmt: skip
    for table in TABLES.values():
        found |= {f"{table.name}.{rule.name}": rule for rule in _on_release(table)}
    return found


def _on_release(table: Table) -> Iterator[Rule]:
    """The rules on a whole table that its declaration implies."""
    for name in ("columns_and_types", "release_columns_and_types"):
        yield Rule(
            name, "the columns, their order and their types are those declared",
            notes="Readers and dashboards name columns; another type or name breaks them without a word.",
        )  # fmt: skip
    if table.key:
        yield Rule(
            "release_key_unique", f"no two rows of the release share {', '.join(table.key)}",
            notes="Two shards may each be sound and hold one key twice; joins on it would multiply rows.",
        )  # fmt: skip
    yield Rule(
        "release_rows_accounted_for", "rows extracted = rows published + rows rejected",
        notes="Nothing is dropped in silence.",
    )  # fmt: skip
    for r in table.references:
        yield Rule(
            f"release_{r.column}_in_{r.table}", f"every {r.column} is in {r.table}.{r.target}", r.column,
            notes="A join that finds nothing loses rows in silence.",
        )  # fmt: skip
    for column in drift.dated(table):
        yield Rule(
            f"release_{column}_not_future", f"no {column} lies after the day of the run", column, "warning",
            "One such date was misread; many show a clock or a source that is wrong.",
        )  # fmt: skip
    if table.is_sharded or table.name in drift.FOLLOWED:
        yield Rule(
            "release_rows_steady",
            f"rows are at least {drift.FEWER:.0%} and at most {drift.MORE:.0%} of the median of the last releases",
            None, "warning", "A source that changed its layout, or a rule that broke, shows first as missing rows.",
        )  # fmt: skip
    for column in drift.nullable(table):
        yield Rule(
            f"release_{column}_filled_steady",
            f"{column} is filled about as often as in the median of the last releases", column, "warning",
            "A column that empties or fills of a sudden was lost, or is read from another place.",
        )  # fmt: skip
    for share in drift.SHARES:
        if share.dataset == table.name:
            yield Rule(f"release_{share.measure}", share.says, None, "warning", share.notes)
            yield Rule(
                f"release_{share.measure}_steady", "the share is about that of the median of the last releases", None,
                "info", "The share may be bearable and still have doubled since the last change of a rule.",
            )  # fmt: skip


@cache
def on_rows() -> frozenset[str]:
    """The full names of the expectations on rows, as against those on whole tables."""
    return frozenset(f"{table.name}.{rule.name}" for table in TABLES.values() for rule in rules(table))


@cache
def sayings() -> dict[str, str]:
    """What each expectation says, on rows and on whole tables, by its full name (`figures.value_finite`)."""
    return {name: rule.says for name, rule in _named().items()}


@cache
def reasons() -> dict[str, str]:
    """Why each expectation is there, by its full name."""
    return {name: rule.notes for name, rule in _named().items()}


@cache
def _named() -> dict[str, Rule]:
    """Every rule, on rows and on whole tables, by its full name."""
    return {f"{t.name}.{r.name}": r for t in TABLES.values() for r in rules(t)} | release_rules()


@cache
def day_bound() -> frozenset[str]:
    """The expectations whose outcome on one and the same row depends on the day of the run, by full name."""
    return frozenset(
        f"{table.name}.{rule.name}"
        for table in TABLES.values()
        for rule in rules(table)
        if rule.holds is not None and "_today" in rule.holds.meta.root_names()
    )


@cache
def suite_for(table: Table) -> gx.ExpectationSuite:
    """The suite of a table, named like it: one expectation per rule, its full name in `meta["name"]`.

    It validates the frames of `checkpoints.checked`, which hold a boolean column for every rule that has `holds`.
    Suites are built once per process and shared.
    """
    return _suite(table.name, {f"{table.name}.{rule.name}": rule for rule in rules(table)})


def facts_suite(facts: Iterable[Fact]) -> gx.ExpectationSuite:
    """The suite of facts on whole tables: each is a column of counts, named `<dataset>.<name>`, of zero at most."""
    return _suite(
        "tables",
        {
            f.full_name: replace(
                f.rule, holds=None, expects="ExpectAtMost", options={"column": f.full_name, "max_value": 0}
            )
            for f in facts
        },
    )


def _suite(name: str, named: Mapping[str, Rule]) -> gx.ExpectationSuite:
    import great_expectations as gx  # noqa: PLC0415 - it takes seconds

    from expectations import frugal  # noqa: PLC0415 - likewise

    return gx.ExpectationSuite(
        name=name,
        expectations=[
            getattr(frugal, rule.expects)(
                **rule.arguments, meta={"name": full_name}, severity=rule.severity, description=rule.says,
                notes=rule.notes or None,
            )
            for full_name, rule in named.items()
        ],
    )  # fmt: skip


def _derived(table: Table) -> Iterator[Rule]:
    """The rules that the declaration of a table implies."""
    placed = {name for span in table.spans for name in (span.start, span.end)}
    identified = {row_id for row_id, _, _ in _IDS.get(table.name, ())} | {r.column for r in table.references}
    for f in table.fields:
        column = pl.col(f.name)
        if f.name not in table.nullable:
            yield Rule(
                f"{f.name}_not_null", f"{f.name} is filled", f.name,
                notes="The contract promises a value: readers join, group and slice without asking for null.",
                expects="ExpectFilled", options={"column": f.name},
            )  # fmt: skip
        if f.vocabulary:
            yield Rule(
                f"{f.name}_in_vocabulary", f"{f.name} is one of {', '.join(f.vocabulary)}", f.name,
                notes="A word outside the closed list falls through every filter written against it.",
                options={"column": f.name, "value_set": list(f.vocabulary)},
            )  # fmt: skip
        if f.pattern and f.name not in identified:
            yield Rule(
                f"{f.name}_matches_pattern", f"{f.name} matches {f.pattern}", f.name,
                notes="Ids and digests are compared as they are: another form finds nothing.",
                # Not by GX: in pandas, `$` also matches before a final newline.
                holds=column.str.contains(f"^(?:{f.pattern})$"),
            )  # fmt: skip
        if (f.minimum is not None or f.maximum is not None) and f.name not in placed:
            low, high = f.minimum, f.maximum
            within = column >= low if high is None else column <= high if low is None else column.is_between(low, high)
            bounds = (
                f"at least {low:g}" if high is None else f"at most {high:g}" if low is None else f"{low:g} to {high:g}"
            )
            # Not by GX: it compares row after row in Python, twenty times as slow.
            yield Rule(
                f"{f.name}_in_range",
                f"{f.name} is {bounds}",
                f.name,
                notes="A value that cannot be was misread or miscounted, and spoils every sum and mean.",
                holds=within & column.cast(pl.Float64).is_not_nan(),
            )
        if f.dtype in (DATE, INSTANT):
            yield Rule(
                f"{f.name}_not_future", f"{f.name} does not lie in the future", f.name, "warning",
                "A date in the future was misread. Not critical: whether a row is published must not depend on the "
                "day of the run.",
                holds=integrity.is_not_future(f.name),
            )  # fmt: skip
    if table.key:
        yield Rule(
            "key_unique", f"no two rows share {', '.join(table.key)}", table.key[0] if len(table.key) == 1 else None,
            notes="Which of two rows of one key is right cannot be told, so neither is published.",
            expects="ExpectUnique" if len(table.key) == 1 else "ExpectUniqueTogether",
            options={"column": table.key[0]} if len(table.key) == 1 else {"column_list": list(table.key)},
        )  # fmt: skip
    for span in table.spans:
        yield from _span_rules(table, span)
    for row_id, letter, span in _IDS.get(table.name, ()):
        yield Rule(
            f"{row_id}_names_place", f"{row_id} is <article_id>-{letter}<{span.start}>", row_id,
            notes="The id alone must lead to the words, and be the same in every run.",
                holds=integrity.names_place(row_id, letter, span),
        )  # fmt: skip
    if any(r.column == "article_id" for r in table.references):
        yield Rule(
            "article_id_in_articles", "the article is among articles", "article_id",
            notes="A row without its article cannot be checked against the text.",
                holds=integrity.TEXT.is_not_null(),
        )  # fmt: skip


def _span_rules(table: Table, span: Span) -> Iterator[Rule]:
    name = span.surface
    yield Rule(
        f"{name}_span_whole", f"{name}, {span.start} and {span.end} are all filled or all null", name,
        notes="Half a place cannot be looked up.",
                holds=integrity.is_whole(span),
    )  # fmt: skip
    yield Rule(
        f"{name}_span_in_order",
        f"0 ≤ {span.start} < {span.end}",
        name,
        notes="An empty or inverted place slices to nothing.",
        holds=integrity.is_in_order(span),
    )
    yield Rule(
        f"{name}_verbatim", f"the article's text from {span.start} to {span.end} is {name}", name,
        notes="Every row is tied to the exact words; one that is not cannot be checked by a reader.",
        holds=integrity.is_verbatim(span),
    )  # fmt: skip
    yield Rule(
        f"{name}_trimmed", f"{name} neither starts nor ends with white space", name, "warning",
        "White space at an edge makes equal words differ in groups and joins.",
        holds=integrity.is_trimmed(span),
    )  # fmt: skip
    if span is table.spans[0] and "sentence" in table.polars_schema:
        yield Rule(
            f"{name}_in_sentence", f"sentence contains {name}", name, "warning",
            "The sentence is what readers see; the span's own words must stand in it.",
            holds=integrity.holds_words("sentence", name),
        )  # fmt: skip


# The ids made of an article and a place: column, letter, the span whose start they name.
_IDS: dict[str, tuple[tuple[str, str, Span], ...]] = {
    name: ((row_id, letter, TABLES[name].spans[0]),)
    for name, row_id, letter in (
        ("delegation_members", "member_id", "m"),
        ("statements", "statement_id", "s"),
        ("figures", "figure_id", "f"),
    )
}


def _measured_in() -> dict[str, set[str]]:
    """The units of each kind of figure, from the lexicons. A calibre is a length; `other` takes any unit."""
    units: defaultdict[str, set[str]] = defaultdict(set)
    for unit in load("units")["unit"]:
        units[unit["kind"]].add(unit["code"])
    units["money"] = {currency["code"] for currency in load("currencies")["currency"]}
    units["calibre"] = units["calibre"] | units["distance"]
    units["count"] = {"1"}
    units.pop("other", None)
    return dict(units)


_SURE = Rule(
    "confidence_not_low", "confidence is at least 0.5", "confidence", "info",
    "The share of doubtful rows is followed over releases.",
    holds=pl.col("confidence") >= 0.5,
)  # fmt: skip
_CODED = (
    Rule(
        "country_by_code", "the delegation of a country goes by its ISO 3166-1 alpha-2 code", "delegation",
        notes="One country under two spellings would be two delegations.",
        holds=integrity.is_country_code(),
    ),
    Rule(
        "group_not_like_country", "the delegation of a group looks not like a country code", "delegation", "warning",
        "Where an acronym is a country's code, the full name stands instead.",
        holds=integrity.is_no_country_code(),
    ),
)  # fmt: skip
_DESCRIBED = "The row would refer to nobody in actors, which keeps the whole release back: better to lose the row."

_BY_HAND: dict[str, tuple[Rule, ...]] = {
    "articles": (
        Rule("text_not_blank", "the text holds more than white space", "text",
             notes="An article without words has nothing to be read in.",
             holds=pl.col("text").str.contains(r"\S")),
        Rule("char_count_is_length", "char_count is the number of code points of the text", "char_count",
             notes="Offsets are checked against it; a count of bytes would be longer.",
             holds=pl.col("char_count") == pl.col("text").str.len_chars()),
        Rule("text_newlines_plain", "no line of the text ends in \\r\\n", "text",
             notes="Offsets count in a text whose line ends are \\n; a carriage return elsewhere is kept as received.",
             holds=~pl.col("text").str.contains("\r\n", literal=True)),
        Rule("published_on_from_iff_dated", "published_on and published_on_from are filled together",
             "published_on_from",
             notes="A day without its origin cannot be weighed; an origin without a day says nothing.",
             holds=integrity.both_or_neither("published_on", "published_on_from")),
        Rule("source_uri_smallest", "source_uri is the smallest of the article's sources", "source_uri",
             notes="Where several records have one text, the choice among them must not depend on their order.",
             holds=pl.col("source_uri").eq_missing(pl.col("_smallest_uri"))),
        Rule("language_tag", "language is a BCP 47 tag", "language",
             notes="Readers filter by language; a name in words escapes them.",
             holds=pl.col("language").str.contains(integrity.LANGUAGE_TAG)),
        Rule("language_read", "the article is in French", "language", "info",
             "Articles in other languages are published, but yield no rows.",
             holds=pl.col("language").str.starts_with("fr")),
        Rule("published_on_known", "the day of publication is known", "published_on", "info",
             "Without it « lundi » and « hier » cannot be turned into dates.",
             holds=pl.col("published_on").is_not_null()),
    ),
    "article_duplicates": (
        Rule("not_of_itself", "no article duplicates itself", "duplicate_of",
             notes="Whoever drops duplicates would drop the story with all its copies.",
             holds=pl.col("duplicate_of") != pl.col("article_id")),
    ),
    "delegation_members": (
        *_CODED,
        Rule("person_id_described", "the article's actors include the person", "person_id", notes=_DESCRIBED,
             holds=pl.col("_is_described")),
        Rule("role_has_category", "a role has a category", "role_category", "warning",
             "A role without a category is missing from the lexicon of roles.",
             holds=pl.col("role").is_null() | pl.col("role_category").is_not_null()),
        Rule("one_head", "a delegation has one head at most", "is_head", "warning",
             "Two heads are rare enough to be looked at: mostly one of them leads another side.",
             holds=~pl.col("is_head") | (pl.col("is_head").sum().over(integrity.DELEGATION) <= 1)),
        Rule("person_in_one_delegation", "a person belongs to one delegation of an article", "person_id", "warning",
             "Nobody sits on two sides of a table.",
             holds=pl.len().over("article_id", "person_id") == 1),
        Rule("listed_in_delegations", "the member's delegation is among delegations", "delegation", "warning",
             "The delegation is counted from its members: a missing count is no reason to lose them.",
             holds=pl.col("_is_listed")),
        _SURE,
    ),
    "delegations": (
        *_CODED,
        Rule("member_count_found", "member_count is the number of members, one at least", "member_count",
             notes="The count must be that of the rows a reader finds.",
             holds=(pl.col("member_count") >= 1) & pl.col("member_count").eq_missing(pl.col("_members"))),
        Rule("head_is_member", "the head is a member that leads", "head_person_id",
             notes="A head that is nobody of the delegation was taken from another.",
             holds=pl.col("head_person_id").is_null()
             | pl.col("_heads").list.contains(pl.col("head_person_id")).fill_null(value=False)),
        Rule("head_named_where_led", "a delegation with a member that leads names its head", "head_person_id",
             "warning", "The head stands among the members and is missing where readers look for it.",
             holds=pl.col("head_person_id").is_not_null() | (pl.col("_heads").list.len() == 0)),
        Rule("stated_size_iff_text", "stated_size and stated_text are filled together", "stated_size",
             notes="A stated size is only as good as the words that state it.",
             holds=integrity.both_or_neither("stated_size", "stated_text")),
        Rule("stated_text_verbatim", "stated_text stands in the article", "stated_text",
             notes="The words must be found again in the text.",
             holds=integrity.holds_words("_text", "stated_text")),
        Rule("agrees_iff_stated", "agrees and stated_size are filled together", "agrees",
             notes="Without a stated size there is nothing to agree with.",
             holds=integrity.both_or_neither("agrees", "stated_size")),
        Rule("agrees_computed", "agrees compares stated_size with the members, with or without the head", "agrees",
             notes="Readers filter on it instead of counting themselves.",
             holds=pl.col("agrees") == integrity.size_agrees()),
        Rule("size_as_stated", "as many members are found as the text states", "stated_text", "warning",
             "The text counts people whom the rules did not find, or does not name them all.",
             holds=pl.col("agrees")),
    ),
    "statements": (
        Rule("mixed_has_quotes", "a mixed statement has quoted words", "quoted_spans",
             notes="A mixed statement without quoted words is indirect.",
             holds=(pl.col("mode") != "mixed") | integrity.has_quotes()),
        Rule("indirect_has_no_quotes", "an indirect statement has no quoted words", "quoted_spans",
             notes="An indirect statement with quoted words is mixed.",
             holds=(pl.col("mode") != "indirect") | ~integrity.has_quotes()),
        Rule("direct_has_quotes", "a direct statement has quoted words, or is dialogue", "quoted_spans", "warning",
             "Dialogue after a dash and interviews go without quotation marks.",
             holds=(pl.col("mode") != "direct") | integrity.has_quotes() | integrity.is_dialogue()),
        Rule("quoted_spans_inside", "quoted_spans lie within the statement", "quoted_spans",
             notes="Quoted words outside the statement belong to another.",
             holds=integrity.quotes_are_inside()),
        Rule("quoted_spans_in_order", "quoted_spans follow one another, each start before its end", "quoted_spans",
             notes="Overlapping quotations would be read twice.",
             holds=integrity.quotes_are_in_order()),
        Rule("speaker_null_iff_elided", "the speaker is null exactly where the reference is elided", "speaker",
             notes="Null means that the text names nobody, and nothing else.",
             holds=pl.col("speaker").is_null() == (pl.col("speaker_reference") == "elided")),
        Rule("speaker_id_described", "the article's actors include the speaker", "speaker_id", notes=_DESCRIBED,
             holds=pl.col("_is_described")),
        Rule("speaker_id_has_name", "a speaker with an id has a name", "speaker_name",
             notes="An id without a name cannot be shown.",
             holds=pl.col("speaker_id").is_null() | pl.col("speaker_name").is_not_null()),
        Rule("unnamed_has_no_id", "an unnamed source has no id", "speaker_id",
             notes="« Un diplomate » is nobody in actors; an id would put words into his mouth.",
             holds=(pl.col("speaker_kind") != "unnamed") | pl.col("speaker_id").is_null()),
        Rule("cue_null_only_direct", "only direct statements go without a cue", "cue", "warning",
             "The cue is null where nothing but punctuation announces the words.",
             holds=pl.col("cue").is_not_null() | (pl.col("mode") == "direct")),
        Rule("medium_in_sentence", "the medium stands in the statement's sentence", "medium", "warning",
             notes="A medium from another sentence belongs to another statement.",
             holds=integrity.holds_words("sentence", "medium")),
        Rule("said_on_not_after_publication", "it was not said after the article was published", "said_on", "warning",
             "A day resolved to after the publication was resolved in the wrong direction.",
             holds=pl.col("said_on") <= integrity.PUBLISHED_ON),
        Rule("speaker_resolved", "the speaker has a name, or is unnamed in the text", "speaker_name", "info",
             "The share of unresolved speakers is followed over releases.",
             holds=pl.col("speaker_name").is_not_null() | (pl.col("speaker_kind") == "unnamed")),
        _SURE,
    ),
    "figures": (
        Rule("value_finite", "the value is a finite number", "value", notes="One infinite value spoils every sum.",
             holds=pl.col("value").is_finite()),
        Rule("value_not_negative", "only temperatures, percentages and others go below zero", "value", "warning",
             "A minus sign read from a dash or a range.",
             holds=(pl.col("value") >= 0) | pl.col("kind").is_in(["temperature", "percent", "other"])),
        Rule("bounds_iff_between", "both bounds stand exactly where the qualifier is between", "qualifier",
             notes="Readers of ranges filter on the qualifier.",
             holds=integrity.has_bounds_iff_between()),
        Rule("bounds_in_order", "value_low ≤ value ≤ value_high", "value",
             notes="A value outside its own range was misread.",
             holds=integrity.has_bounds_in_order()),
        Rule("value_is_midpoint", "the value of a range is its midpoint", "value",
             notes="The contract makes it so, so that ranges can be added up with values.",
             holds=integrity.is_midpoint()),
        Rule("lone_bound_vague", "a bound stands alone only for « plusieurs dizaines »: about, and the value itself",
             "value_low", notes="One bound alone means « plusieurs dizaines de »; elsewhere the other was lost.",
             holds=integrity.has_lone_bound_where_vague()),
        Rule("money_in_currency", "money has a currency of three capitals", "unit",
             notes="Sums are grouped by currency; « € » and EUR would be two.",
             holds=(pl.col("kind") != "money") | pl.col("unit").str.contains(integrity.CURRENCY_CODE)),
        Rule("count_in_ones", "counts have the unit 1", "unit",
             notes="A count in a unit is a measure.",
             holds=(pl.col("kind") != "count") | (pl.col("unit") == "1")),
        Rule("unit_of_kind", "the unit is one in which the kind is measured", "unit", "warning",
             "A unit that the lexicon does not give to the kind: the unit or the kind was misread, or one is missing.",
             holds=integrity.is_unit_of_kind(_measured_in())),
        Rule("counted_only_for_counts", "only counts have a head noun counted", "counted", "warning",
             notes="Money and measures have a unit; what they count was misread.",
             holds=integrity.only_if(["counted"], pl.col("kind") == "count")),
        Rule("aid_stage_only_for_aid", "only aid has a stage", "aid_stage",
             notes="Whoever sums up what was delivered filters on the stage alone.",
             holds=integrity.only_if(["aid_stage"], pl.col("topic") == "aid")),
        Rule("parties_only_for_aid", "only aid has a giver and a receiver", "giver", "warning",
             notes="Who gives is told of aid alone; elsewhere the party was taken from another clause.",
             holds=integrity.only_if(["giver", "receiver"], pl.col("topic") == "aid")),
        Rule("giver_not_receiver", "nobody gives to itself", "receiver", "warning",
             notes="Nobody gives to itself: one of the two was taken for the other.",
             holds=pl.col("giver") != pl.col("receiver")),
        Rule("qualifier_in_sentence", "qualifier_text stands in the figure's sentence", "qualifier_text", "warning",
             notes="A qualifier from another sentence bounds another figure.",
             holds=integrity.holds_words("sentence", "qualifier_text")),
        Rule("figures_apart", "figures of an article do not overlap", "text_start", "warning",
             "One quantity read twice.", holds=integrity.starts_after_previous()),
        Rule("aid_has_stage", "aid has a stage", "aid_stage", "info",
             "The share of aid whose stage could not be told is followed over releases.",
             holds=(pl.col("topic") != "aid") | pl.col("aid_stage").is_not_null()),
        _SURE,
    ),
    "disagreements": (
        Rule("row_ids_of_articles", "the ids of the rows begin with those of their articles", "row_id",
             notes="The id leads to the words; one of another article leads astray.",
             holds=pl.col("row_id").str.starts_with(pl.col("article_id"))
             & pl.col("other_row_id").str.starts_with(pl.col("other_article_id"))),
        Rule("values_differ", "the rows say different things", "other_value",
             notes="Two rows that say the same do not disagree.", holds=pl.col("value") != pl.col("other_value")),
        Rule("articles_differ", "only one person's two delegations stand in one article", "other_article_id",
             notes="An article that corrects or repeats itself is no second source.",
             holds=(pl.col("article_id") == pl.col("other_article_id"))
             == (pl.col("kind").cast(pl.String) == "person_two_delegations")),
    ),
    "actors": (
        Rule("country_by_code", "country is an ISO 3166-1 alpha-2 code", "country",
             notes="Countries are grouped by code; a name would be another country.",
             holds=pl.col("country").str.contains(integrity.COUNTRY_CODE)),
        Rule("is_met", "an actor is met in an article, as a member or a source", "article_count",
             notes="An actor whom nobody meets in an article is a row too many.",
             holds=(pl.col("article_count") >= 1) & (pl.col("statement_count") + pl.col("membership_count") >= 1)),
        Rule("has_alias", "an actor has a spelling met", "aliases", "warning",
             "An actor that is published was written somehow.", holds=pl.col("aliases").list.len() > 0),
        Rule("wikidata_id_unique", "no two actors are the same Wikidata item", "wikidata_id", "warning",
             "Two ids for one person: the register should join them.",
             holds=pl.col("wikidata_id").is_null() | (pl.len().over("wikidata_id") == 1)),
    ),
}  # fmt: skip
