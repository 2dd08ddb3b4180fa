"""Every table of the data contract, declared once.

From these declarations come the Polars and Arrow schemas, the field metadata of the Parquet files, the data dictionary
(`datapackage.json`, docs/data-dictionary.md) and the derived expectations. A field that several tables carry is
described one time; a description under `table.field` overrides it where the contract gives one name two contents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl
import pyarrow as pa

CONTRACT_VERSION = "1.2.0"

STRING, BOOLEAN, DATE = pl.String(), pl.Boolean(), pl.Date()
INTEGER, LONG, FLOAT = pl.Int32(), pl.Int64(), pl.Float64()
INSTANT = pl.Datetime("us", "UTC")
STRINGS = pl.List(pl.String())
QUOTED_SPANS = pl.List(pl.Struct({"quote_start": pl.Int32(), "quote_end": pl.Int32()}))

ROLE_CATEGORIES = (
    "head_of_state", "head_of_government", "minister", "deputy_minister", "adviser", "envoy", "diplomat", "military",
    "intelligence", "spokesperson", "chief_of_staff", "staff", "legislator", "other",
)  # fmt: skip
FIGURE_KINDS = (
    "money", "count", "percent", "duration", "distance", "area", "mass", "volume", "speed", "energy", "temperature",
    "calibre", "other",
)  # fmt: skip
DATASET_NAMES = (
    "articles", "article_sources", "article_duplicates", "delegation_members", "delegations", "statements", "figures",
    "actors", "disagreements", "rejected", "quality_results",
)  # fmt: skip

WARNINGS = {
    "repeated_mentions": "Several articles, or one twice, may report the same fact: do not add rows up blindly.",
    "rule_based": "Found by rules: look at `rule`, `confidence` and `sentence` before quoting a single row.",
    "reported_not_verified": "What the article reports, not what is true.",
    "agency_copies": "Agency copy is reprinted: join article_duplicates to count each story once.",
}


@dataclass(frozen=True)
class Field:
    """A column: its type, what it holds, and what its values must satisfy.

    `vocabulary` is closed; `pattern` must match the whole value; `minimum` and `maximum` are inclusive.
    """

    name: str
    dtype: pl.DataType
    description: str
    unit: str | None = None
    vocabulary: tuple[str, ...] | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def polars_type(self) -> pl.DataType:
        """The type in Polars: closed vocabularies are enums, which raise on an unknown value."""
        return pl.Enum(self.vocabulary) if self.vocabulary else self.dtype


ID = r"[0-9a-f]{16}"
PARTY = "ISO 3166-1 alpha-2 for countries; EU, UN, NATO, AU for bodies; else acronym or name as written."
POINTS = "code points"

_FIELDS = [
    Field("article_id", STRING, "First 16 hex digits of the SHA-256 of the text, white space collapsed.", pattern=ID),
    Field("source_uri", STRING, "Path relative to the raw folder, or URL; a record in a file: export.jsonl#12."),
    Field("source_format", STRING, "Format of the raw file.",
          vocabulary=("text", "html", "json", "csv", "parquet", "feed", "warc")),
    Field("title", STRING, "Headline, where the source gives one."),
    Field("publisher", STRING, "Name of the publishing medium."),
    Field("url", STRING, "Address of the article."),
    Field("authors", STRINGS, "Authors as signed."),
    Field("language", STRING, "Language of the text (BCP 47)."),
    Field("published_on", DATE, "Day of publication."),
    Field("published_on_from", STRING, "Where the day of publication was read.", vocabulary=("metadata", "text")),
    Field("articles.text", STRING, "The decoded text (NFC, \\n): every offset counts in it."),
    Field("char_count", INTEGER, "Length of the text.", unit=POINTS, minimum=0),
    Field("word_count", INTEGER, "Words of the text.", unit="words", minimum=0),
    Field("encoding", STRING, "Encoding that the bytes were decoded from: declared, or told by them."),
    Field("sha256", STRING, "SHA-256 of the bytes received.", pattern=r"[0-9a-f]{64}"),
    Field("first_seen_at", INSTANT, "When a run first read this record.", unit="UTC"),
    Field("duplicate_of", STRING, "Article that this one repeats: the earliest by published_on, then source_uri.",
          pattern=ID),
    Field("similarity", FLOAT, "Share of the text in common.", minimum=0, maximum=1),
    Field("member_id", STRING, "<article_id>-m<name_start>.", pattern=ID + r"-m\d+"),
    Field("delegation", STRING, f"Party that the delegation represents. {PARTY}"),
    Field("delegation_kind", STRING, "Kind of party.", vocabulary=("country", "body", "group")),
    Field("person_name", STRING, "Name as first written in the article."),
    Field("person_id", STRING, "The person, in actors."),
    Field("canonical_name", STRING, "Name in its reference spelling: the register's, else the fullest of the article."),
    Field("role", STRING, "Role as written, without article."),
    Field("role_category", STRING, "Class of the role.", vocabulary=ROLE_CATEGORIES),
    Field("is_head", BOOLEAN, "Whether the person leads the delegation."),
    Field("name_start", INTEGER, "Start of person_name in the text.", unit=POINTS, minimum=0),
    Field("name_end", INTEGER, "End of person_name in the text, exclusive.", unit=POINTS, minimum=0),
    Field("role_start", INTEGER, "Start of role in the text.", unit=POINTS, minimum=0),
    Field("role_end", INTEGER, "End of role in the text, exclusive.", unit=POINTS, minimum=0),
    Field("mention_count", INTEGER, "Mentions of the full name in the article, any spelling.", minimum=1),
    Field("sentence", STRING, "The sentence or sentences that the span touches."),
    Field("rule", STRING, "Name of the rule that found the row."),
    Field("confidence", FLOAT, "How far the rule can be trusted here: a rank, not a probability.",
          minimum=0, maximum=1),
    Field("head_person_id", STRING, "The head, in actors."),
    Field("member_count", INTEGER, "Members found, head included.", unit="persons", minimum=0),
    Field("stated_size", INTEGER, "Size that the text states.", unit="persons", minimum=0),
    Field("stated_text", STRING, "The words that state the size."),
    Field("agrees", BOOLEAN, "Whether stated_size equals the members found, with or without the head."),
    Field("statement_id", STRING, "<article_id>-s<text_start>.", pattern=ID + r"-s\d+"),
    Field("mode", STRING, "How the words are reported.", vocabulary=("direct", "indirect", "mixed")),
    Field("statements.text", STRING, "The content stated, as written."),
    Field("figures.text", STRING, "From the first digit or number word to the last word of the unit or head noun."),
    Field("text_start", INTEGER, "Start of text in the article.", unit=POINTS, minimum=0),
    Field("text_end", INTEGER, "End of text in the article, exclusive.", unit=POINTS, minimum=0),
    Field("quoted_spans", QUOTED_SPANS, "Places of the quoted words in the article, marks excluded.", unit=POINTS),
    Field("speaker", STRING, "Who says it, as written; null where elided."),
    Field("speaker_start", INTEGER, "Start of speaker in the text.", unit=POINTS, minimum=0),
    Field("speaker_end", INTEGER, "End of speaker in the text, exclusive.", unit=POINTS, minimum=0),
    Field("speaker_kind", STRING, "Kind of source.",
          vocabulary=("person", "organisation", "state", "document", "unnamed")),
    Field("speaker_reference", STRING, "How the text refers to the source.",
          vocabulary=("name", "pronoun", "description", "elided")),
    Field("speaker_id", STRING, "The source, in actors; null where unresolved, unnamed or joint."),
    Field("speaker_name", STRING, "Canonical name of the source; null where it cannot be told for sure."),
    Field("cue", STRING, "The words of saying; null where only punctuation announces the statement."),
    Field("cue_start", INTEGER, "Start of cue in the text.", unit=POINTS, minimum=0),
    Field("cue_end", INTEGER, "End of cue in the text, exclusive.", unit=POINTS, minimum=0),
    Field("medium", STRING, "Where it was said, as written in the statement's own sentence."),
    Field("said_on", DATE, "Day on which it was said, where the sentence gives it."),
    Field("figure_id", STRING, "<article_id>-f<text_start>.", pattern=ID + r"-f\d+"),
    Field("figures.kind", STRING, "What is measured.", vocabulary=FIGURE_KINDS),
    Field("value", FLOAT, "Value in `unit`, scale words applied; the midpoint of a range.", unit="see unit"),
    Field("value_low", FLOAT, "Lower bound of a range.", unit="see unit"),
    Field("value_high", FLOAT, "Upper bound of a range.", unit="see unit"),
    Field("qualifier", STRING, "How the value bounds the quantity.",
          vocabulary=("exact", "about", "at_least", "at_most", "between", "over", "under")),
    Field("qualifier_text", STRING, "The words of the qualifier."),
    Field("unit", STRING, "ISO 4217 for money, UCUM for measures, 1 for counts and fractions."),
    Field("counted", STRING, "Head noun of a count, as written."),
    Field("per", STRING, "Unit that the quantity is per (UCUM): « par mois » is mo."),
    Field("subject", STRING, "Noun phrase that the figure quantifies."),
    Field("topic", STRING, "Topic of the thing quantified.", vocabulary=("aid", "military", "diplomacy", "other")),
    Field("giver", STRING, f"Party that gives the aid. {PARTY}"),
    Field("receiver", STRING, f"Party that receives the aid. {PARTY}"),
    Field("aid_stage", STRING, "How far the aid has come.",
          vocabulary=("requested", "promised", "committed", "delivered")),
    Field("actor_id", STRING, "The register's id, else kind, folded fullest name and country."),
    Field("wikidata_id", STRING, "Wikidata item, where verified.", pattern=r"Q\d+"),
    Field("name", STRING, "Canonical name."),
    Field("actors.kind", STRING, "Kind of actor.", vocabulary=("person", "organisation", "state")),
    Field("aliases", STRINGS, "Every spelling met, sorted."),
    Field("country", STRING, "ISO 3166-1 alpha-2."),
    Field("roles", STRINGS, "Every role met, as written, sorted."),
    Field("in_register", BOOLEAN, "Whether the register knows the actor."),
    Field("article_count", INTEGER, "Articles in which the actor is a member or a source.", minimum=0),
    Field("statement_count", INTEGER, "Statements of the actor.", minimum=0),
    Field("membership_count", INTEGER, "Delegation memberships of the actor.", minimum=0),
    Field("disagreement_id", STRING, "<row_id>~<other_row_id>.", pattern=rf"{ID}-[msf]\d+~{ID}-[msf]\d+"),
    Field("disagreements.kind", STRING, "What the two rows disagree about: rows of figures, statements or "
          "delegation_members.", vocabulary=("figure_value", "quotation_speaker", "person_two_delegations")),
    Field("about", STRING, "What both rows tell of: giver, receiver and thing; the words quoted; the person."),
    Field("other_article_id", STRING, "Article of the other row, published later; the same for two delegations.",
          pattern=ID),
    Field("row_id", STRING, "Id of the row in its dataset.", pattern=ID + r"-[msf]\d+"),
    Field("other_row_id", STRING, "Id of the other row in its dataset.", pattern=ID + r"-[msf]\d+"),
    Field("disagreements.value", STRING, "What the row says: qualifier, value and unit; the speaker; the delegation."),
    Field("other_value", STRING, "What the other row says of the same."),
    Field("disagreements.text", STRING, "The words that the row is about, as written."),
    Field("other_text", STRING, "The words that the other row is about, as written."),
    Field("other_text_start", INTEGER, "Start of other_text in the other article.", unit=POINTS, minimum=0),
    Field("other_text_end", INTEGER, "End of other_text in the other article, exclusive.", unit=POINTS, minimum=0),
    Field("other_sentence", STRING, "The sentence or sentences that the other span touches."),
    Field("dataset", STRING, "Dataset of the row; `raw` for records that could not be read.",
          vocabulary=("raw", *DATASET_NAMES)),
    Field("row_json", STRING, "The row kept out, as JSON."),
    Field("expectations", STRINGS, "Every expectation that the row failed."),
    Field("reason", STRING, "Why it was kept out, in words."),
    Field("run_id", STRING, "The run that wrote the row."),
    Field("rejected_at", INSTANT, "When it was kept out.", unit="UTC"),
    Field("expectation", STRING, "Name of the expectation."),
    Field("column_name", STRING, "Column it concerns; null for the whole table."),
    Field("severity", STRING, "What a failure means: critical keeps rows or the release back.",
          vocabulary=("critical", "warning", "info")),
    Field("success", BOOLEAN, "Whether the expectation was met."),
    Field("observed", STRING, "What was observed."),
    Field("unexpected_count", LONG, "Rows that failed.", unit="rows", minimum=0),
    Field("unexpected_percent", FLOAT, "Share of rows that failed.", unit="%", minimum=0, maximum=100),
    Field("checked_at", INSTANT, "When it was checked.", unit="UTC"),
]  # fmt: skip
FIELDS: dict[str, Field] = {f.name: f for f in _FIELDS}


@dataclass(frozen=True)
class Span:
    """A surface column and the columns that say where it stands in the text of the article that `of` names."""

    surface: str
    start: str
    end: str
    of: str = "article_id"


@dataclass(frozen=True)
class Reference:
    """A foreign key: values of `column` (where not null) stand in `table.target`."""

    column: str
    table: str
    target: str


@dataclass(frozen=True)
class Table:
    """A dataset: its columns in order (`?` marks a nullable one), key, places, references and what users must know.

    `is_timed` tables carry times, so their files differ from run to run; `is_sharded` ones are written in parts by
    article_id prefix.
    """

    name: str
    grain: str
    columns: str
    key: tuple[str, ...]
    spans: tuple[Span, ...] = ()
    references: tuple[Reference, ...] = ()
    warnings: tuple[str, ...] = ()
    is_timed: bool = False
    is_sharded: bool = True
    nullable: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = self.columns.split()
        object.__setattr__(self, "nullable", frozenset(n.removesuffix("?") for n in names if n.endswith("?")))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields in column order, under their plain names."""
        found = []
        for name in (n.removesuffix("?") for n in self.columns.split()):
            declared = FIELDS.get(f"{self.name}.{name}") or FIELDS[name]
            found.append(Field(**{**declared.__dict__, "name": name}))
        return tuple(found)

    @cached_property
    def polars_schema(self) -> pl.Schema:
        """Column names and Polars types, in order."""
        return pl.Schema({f.name: f.polars_type for f in self.fields})

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the published files: plain strings, non-null where the contract says so, described fields."""
        return pa.schema(
            [
                pa.field(f.name, _arrow_type(f.dtype), nullable=f.name in self.nullable).with_metadata(
                    {"description": f.description} | ({"unit": f.unit} if f.unit else {})
                )
                for f in self.fields
            ],
            metadata={"dataset": self.name, "grain": self.grain, "contract_version": CONTRACT_VERSION},
        )

    def empty(self) -> pl.DataFrame:
        """A frame of no rows with the table's schema."""
        return pl.DataFrame(schema=self.polars_schema)

    def to_arrow(self, frame: pl.DataFrame) -> pa.Table:
        """The rows as published.

        Raises:
            polars.exceptions.SchemaError: columns missing, left over or of another type.
            ValueError: a null where the contract allows none; it names the column.
        """
        return frame.match_to_schema(self.polars_schema).to_arrow().cast(self.arrow_schema)


def _arrow_type(dtype: pl.DataType) -> pa.DataType:
    """The Arrow type published for a Polars type."""
    plain: dict[pl.DataType, pa.DataType] = {
        STRING: pa.string(), BOOLEAN: pa.bool_(), DATE: pa.date32(), INTEGER: pa.int32(), LONG: pa.int64(),
        FLOAT: pa.float64(), INSTANT: pa.timestamp("us", "UTC"), STRINGS: pa.list_(pa.string()),
        QUOTED_SPANS: pa.list_(pa.struct([pa.field("quote_start", pa.int32()), pa.field("quote_end", pa.int32())])),
    }  # fmt: skip
    return plain[dtype]


_ARTICLE = Reference("article_id", "articles", "article_id")

ARTICLES = Table(
    "articles", "one row per distinct article",
    "article_id source_uri source_format title? publisher? url? authors language published_on? published_on_from? "
    "text char_count word_count",
    key=("article_id",), warnings=("agency_copies",),
)  # fmt: skip
ARTICLE_SOURCES = Table(
    "article_sources", "one row per raw record",
    "article_id source_uri source_format sha256 encoding? first_seen_at",
    key=("source_uri",), references=(_ARTICLE,), is_timed=True,
)  # fmt: skip
ARTICLE_DUPLICATES = Table(
    "article_duplicates", "one row per article that nearly repeats an earlier one",
    "article_id duplicate_of similarity",
    key=("article_id",), references=(_ARTICLE, Reference("duplicate_of", "articles", "article_id")),
)  # fmt: skip
DELEGATION_MEMBERS = Table(
    "delegation_members", "one row per article, delegation and person",
    "member_id article_id delegation delegation_kind person_name person_id canonical_name role? role_category? is_head "
    "name_start name_end role_start? role_end? mention_count sentence rule confidence",
    key=("article_id", "delegation", "person_id"),
    spans=(Span("person_name", "name_start", "name_end"), Span("role", "role_start", "role_end")),
    references=(_ARTICLE, Reference("person_id", "actors", "actor_id")),
    warnings=("repeated_mentions", "rule_based", "reported_not_verified"),
)  # fmt: skip
DELEGATIONS = Table(
    "delegations", "one row per article and delegation",
    "article_id delegation delegation_kind head_person_id? member_count stated_size? stated_text? agrees?",
    key=("article_id", "delegation"),
    references=(_ARTICLE, Reference("head_person_id", "actors", "actor_id")),
    warnings=("repeated_mentions", "rule_based"),
)  # fmt: skip
STATEMENTS = Table(
    "statements", "one row per reported statement",
    "statement_id article_id mode text text_start text_end quoted_spans speaker? speaker_start? speaker_end? "
    "speaker_kind speaker_reference speaker_id? speaker_name? cue? cue_start? cue_end? medium? said_on? sentence rule "
    "confidence",
    key=("statement_id",),
    spans=(Span("text", "text_start", "text_end"), Span("speaker", "speaker_start", "speaker_end"),
           Span("cue", "cue_start", "cue_end")),
    references=(_ARTICLE, Reference("speaker_id", "actors", "actor_id")),
    warnings=("repeated_mentions", "rule_based", "reported_not_verified"),
)  # fmt: skip
FIGURES = Table(
    "figures", "one row per quantity",
    "figure_id article_id text text_start text_end kind value value_low? value_high? qualifier qualifier_text? unit "
    "counted? per? subject? topic giver? receiver? aid_stage? sentence rule confidence",
    key=("figure_id",), spans=(Span("text", "text_start", "text_end"),), references=(_ARTICLE,),
    warnings=("repeated_mentions", "rule_based", "reported_not_verified"),
)  # fmt: skip
ACTORS = Table(
    "actors", "one row per person, organisation or state met",
    "actor_id wikidata_id? name kind aliases country? roles in_register article_count statement_count membership_count",
    key=("actor_id",), warnings=("rule_based",), is_sharded=False,
)  # fmt: skip
DISAGREEMENTS = Table(
    "disagreements", "one row per pair of rows that disagree",
    "disagreement_id kind about article_id other_article_id row_id other_row_id value other_value text text_start "
    "text_end other_text other_text_start other_text_end sentence other_sentence",
    key=("disagreement_id",),
    spans=(Span("text", "text_start", "text_end"),
           Span("other_text", "other_text_start", "other_text_end", of="other_article_id")),
    references=(_ARTICLE, Reference("other_article_id", "articles", "article_id")),
    warnings=("rule_based", "reported_not_verified"), is_sharded=False,
)  # fmt: skip
REJECTED = Table(
    "rejected", "one row per row, or raw record, that was kept out",
    "dataset source_uri row_json? expectations reason run_id rejected_at",
    key=(), is_timed=True, is_sharded=False,
)  # fmt: skip
QUALITY_RESULTS = Table(
    "quality_results", "one row per expectation and run",
    "run_id dataset expectation column_name? severity success observed? unexpected_count? unexpected_percent? "
    "checked_at",
    key=("run_id", "dataset", "expectation"), is_timed=True, is_sharded=False,
)  # fmt: skip

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        ARTICLES, ARTICLE_SOURCES, ARTICLE_DUPLICATES, DELEGATION_MEMBERS, DELEGATIONS, STATEMENTS, FIGURES, ACTORS,
        DISAGREEMENTS, REJECTED, QUALITY_RESULTS,
    )
}  # fmt: skip
