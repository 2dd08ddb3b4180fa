"""Text as tokens, sentences and spans: the one place where offsets are made.

The way of every extractor: articles → tokens (one row each, with code-point offsets) → one letter per token and layer
(`tag`) → local grammars (`Rule`), regular expressions over those letters → spans of tokens → spans of text.

A local grammar over word classes is the finite-state tradition of French linguistics (M. Gross, *The construction of
local grammars*, 1997; the Unitex system). Written over letters it runs in Rust's linear-time regex engine, and because
every letter is ASCII, a byte offset in the string of letters *is* a token index: no offset arithmetic is left to rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from transforms.surfaces import surface

BLANK = " \t\u00a0\u202f\u2009\u2007\u2002\u2003\u200b\u2060\ufeff"
_WORD = r"(?:\p{Lu}[\p{L}\p{M}]*|[\p{Ll}\p{Lo}\p{Lt}\p{Lm}\p{M}]+)"
# A token with the blanks behind it, so that tokens tile the text and offsets are sums of lengths. A word that starts in
# lower case ends before an upper-case letter: « protocoleTrump » is two words. An elided word keeps its apostrophe.
TOKEN = (
    r"(?:\d{1,3}(?:[ \u00a0\u202f\u2009.'’]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
    rf"|{_WORD}(?:[-‑‐]{_WORD})*['’ʼ]?"
    rf"|\.\.+|\n|[^\s])[{BLANK}]*|\s"
)
CAPITAL = r"^\p{Lu}"
MAX_RULE_LENGTH = 20_000


def plain_apostrophes(text: pl.Expr) -> pl.Expr:
    """Typographic apostrophes → U+0027 and typographic hyphens → U+002D, one for one, so that offsets keep."""
    return text.str.replace_all(r"[’ʼ‘]", "'").str.replace_all(r"[‑‐]", "-")


def tokenize(articles: pl.DataFrame) -> pl.DataFrame:
    """Articles → tokens, in text order.

    In: one row per article with `text`. Out: one row per token: `article` (UInt32, position of the article in the
    frame), `start` and `end` (Int32, code points in the text, end exclusive), `form` (as written), `lower` (lower case,
    plain apostrophes and hyphens), `is_capital` (starts with an upper-case letter), `is_joined` (no blank before it),
    `form_id` (UInt32, one number per distinct form, of this frame alone).
    A line feed is a token; other blanks are none. Texts without any token yield no row.
    """
    pieces = articles.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("article"), piece=pl.col("text").str.extract_all(TOKEN)
    ).explode("piece", empty_as_null=False)
    # Whatever a piece alone decides is found once per distinct piece.
    kinds = (
        pieces.select("piece")
        .unique(maintain_order=True)
        .with_columns(form=pl.col("piece").str.strip_chars_end(BLANK))
        .with_columns(size=pl.col("piece").str.len_chars(), length=pl.col("form").str.len_chars())
    )
    forms = (
        kinds.select("form")
        .unique(maintain_order=True)
        .filter(pl.col("form") != "")
        .with_row_index("form_id")
        .with_columns(
            lower=plain_apostrophes(pl.col("form").str.to_lowercase()), is_capital=pl.col("form").str.contains(CAPITAL)
        )
    )
    kinds = kinds.join(forms, on="form", how="left", maintain_order="left").with_row_index("kind")
    kind = pieces.join(kinds.select("piece", "kind"), on="piece", how="left", maintain_order="left")["kind"]
    start, is_same = pl.col("start"), pl.col("article") == pl.col("article").shift(1)
    return (
        kinds.select("form", "lower", "is_capital", "form_id", "size", "length")[kind]
        .lazy()
        .with_columns(pieces["article"], start=pl.col("size").cast(pl.Int64).cum_sum() - pl.col("size"))
        .with_columns(start=start - start.first().over("article"))
        .filter(pl.col("form_id").is_not_null())
        .with_columns(start=start.cast(pl.Int32), end=(start + pl.col("length")).cast(pl.Int32))
        .select(
            "article", "start", "end", "form",
            ((start == pl.col("end").shift(1)) & is_same).fill_null(value=False).alias("is_joined"),
            "form_id", "lower", "is_capital",
        )
        .collect()
    )  # fmt: skip


def distinct_forms(tokens: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """One row per distinct form of these tokens: `form_id` and columns that the form alone decides."""
    first = tokens["form_id"].arg_unique()
    return tokens.select(pl.col("form_id", *columns).gather(first))


def per_token(tokens: pl.DataFrame, forms: pl.DataFrame) -> list[pl.Series]:
    """The columns of a table of forms (`form_id` and columns; every form of the tokens once), one value per token."""
    ids, row = forms["form_id"], tokens["form_id"]
    numbered = pl.int_range(len(ids), dtype=pl.UInt32, eager=True)
    if not ids.equals(numbered):  # tokens of a part of the frame, whose forms have gaps
        highest = ids.to_frame().select(pl.col("form_id").max().fill_null(0)).item()
        row = pl.repeat(0, highest + 1, dtype=pl.UInt32, eager=True).scatter(ids, numbered).gather(row)
    return forms.drop("form_id")[row].get_columns()


def with_form_features(tokens: pl.DataFrame, **features: pl.Expr) -> pl.DataFrame:
    """Add columns that depend on the columns `form`, `lower`, `is_capital` alone, computed once per distinct form.

    In: tokens with `form_id`, and those of the three columns that the features name.
    """
    base = [c for c in ("form", "lower", "is_capital") if c in tokens.columns]
    forms = distinct_forms(tokens, *base).with_columns(**features).select("form_id", *features)
    return tokens.with_columns(per_token(tokens, forms))


@dataclass(frozen=True, init=False)
class Rule:
    """A named local grammar: parts in a row, each a regular expression over the letters of a layer.

    `<name>` in a part stands for a class of the layer's alphabet, `<a|b>` for either, `<^a|b>` for any letter but
    these; blanks are for the reader. Parts whose name starts with `_` are context: matched, but not returned.
    """

    name: str
    parts: tuple[tuple[str, str], ...]

    def __init__(self, name: str, /, **parts: str) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "parts", tuple(parts.items()))

    def compiled(self, alphabet: Mapping[str, str]) -> str:
        """The regular expression, every part a group.

        Raises:
            KeyError: a class that the alphabet lacks.
            ValueError: an empty part, or a rule that grew beyond `MAX_RULE_LENGTH`.
        """
        groups = []
        for name, part in self.parts:
            if not part.strip():
                raise ValueError(f"rule {self.name}: part {name} is empty")
            groups.append(f"(?P<{name}>{expand(part, alphabet)})")
        pattern = "".join(groups)
        if len(pattern) > MAX_RULE_LENGTH:
            raise ValueError(f"rule {self.name} grew to {len(pattern)} characters")
        return pattern


def expand(pattern: str, alphabet: Mapping[str, str]) -> str:
    """Replace the classes of a pattern by letters: `<noun|name>` → `[nN]`; blanks go.

    Raises:
        KeyError: a class that the alphabet lacks.
    """

    def letters(match: re.Match[str]) -> str:
        negated, names = match["not"], match["names"].split("|")
        inside = "".join(re.escape(letter) for name in names for letter in alphabet[name])
        return f"[{'^' if negated else ''}{inside}]"

    return re.sub(r"<(?P<not>\^?)(?P<names>[a-z_]+(?:\|[a-z_]+)*)>", letters, re.sub(r"\s+", "", pattern))


def layer(tags: pl.Series) -> pl.Series:
    """The letters of all tokens as one string of one letter per token, for `find`.

    Raises:
        ValueError: a token without letter, or with more than one, or with one beyond ASCII.
    """
    if isinstance(tags.dtype, pl.Enum):  # joined from its categories, which is faster than from a cast
        tags = tags.dtype.categories.gather(tags.to_physical())
    joined = tags.str.join("").cast(pl.String)
    if int(joined.str.len_bytes()[0] or 0) != len(tags):
        raise ValueError("every token needs exactly one ASCII letter")
    return joined


def find(letters: pl.Series, rules: Sequence[Rule], alphabet: Mapping[str, str]) -> pl.DataFrame:
    """Find where rules match: leftmost, non-overlapping within a rule; rules are independent of each other.

    In: the letters of all tokens (`layer`). Out: one row per match, by rule then place: `rule`, and for every named
    part `<part>_first`, `<part>_last` (UInt32 token positions, last inclusive; null where the part matched nothing).
    """
    # All rules in one query, which Polars spreads over the cores; most match nothing in a small shard, and only those
    # that match are looked at again for their gaps and parts.
    letters_of = tuple(alphabet.items())
    patterns = {rule: _compiled(rule, letters_of) for rule in rules}
    text = letters.to_frame("letters")
    hits = text.select(pl.col("letters").str.extract_all(p).alias(str(n)) for n, p in enumerate(patterns.values()))
    counts = hits.select(pl.all().list.len()).row(0) if rules else ()
    met = {rule: n for n, rule in enumerate(patterns) if counts[n]}
    gaps = text.select(
        pl.col("letters").str.split(patterns[rule], literal=False).alias(str(n)) for rule, n in met.items()
    )
    found = pl.collect_all(
        [
            pl.DataFrame({"hit": hits[str(n)].explode(), "gap": gaps[str(n)].explode().head(counts[n])})
            .lazy()
            .pipe(_placed, rule, patterns[rule])
            for rule, n in met.items()
        ]
    )
    return pl.concat([_unmet(rules), *found], how="diagonal")


@cache
def _compiled(rule: Rule, alphabet: tuple[tuple[str, str], ...]) -> str:
    """`Rule.compiled`, once per rule and alphabet."""
    return rule.compiled(dict(alphabet))


def _unmet(rules: Sequence[Rule]) -> pl.DataFrame:
    """The columns of `find`, without a row."""
    parts = dict.fromkeys(name for rule in rules for name, _ in rule.parts if not name.startswith("_"))
    places = [f"{part}_{side}" for part in parts for side in ("first", "last")]
    return pl.DataFrame(schema={"rule": pl.String} | dict.fromkeys(places, pl.UInt32))


def _placed(matches: pl.LazyFrame, rule: Rule, pattern: str) -> pl.LazyFrame:
    """The places of the parts of a rule, from its matches (`hit`) and what stands before each (`gap`)."""
    before = pl.col("gap").str.len_bytes() + pl.col("hit").str.len_bytes().shift(1, fill_value=0)
    columns, reach = [pl.lit(rule.name).alias("rule")], pl.col("place")
    for name, _ in rule.parts:
        size = pl.col(name).str.len_bytes().cast(pl.Int64)
        if not name.startswith("_"):
            columns += [
                pl.when(size > 0).then(reach).cast(pl.UInt32).alias(f"{name}_first"),
                pl.when(size > 0).then(reach + size - 1).cast(pl.UInt32).alias(f"{name}_last"),
            ]
        reach = reach + size
    place = before.cast(pl.Int64).cum_sum().alias("place")
    if len(rule.parts) == 1:  # the hit is the part
        return matches.select(place, pl.col("hit").alias(rule.parts[0][0])).select(columns)
    distinct = (
        matches.select("hit").unique().with_columns(parts=pl.col("hit").str.extract_groups(pattern)).unnest("parts")
    )
    return matches.select(place, "hit").join(distinct, on="hit", how="left", maintain_order="left").select(columns)


def with_offsets(spans: pl.DataFrame, tokens: pl.DataFrame, *parts: str) -> pl.DataFrame:
    """Add `<part>_start`, `<part>_end` (code points) for parts given as `<part>_first`, `<part>_last`."""
    return spans.with_columns(
        tokens[edge].gather(spans[f"{part}_{side}"]).alias(f"{part}_{edge}")
        for part in parts
        for side, edge in (("first", "start"), ("last", "end"))
    )


def slices(text: pl.Expr, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The surface between two code-point offsets; null where an offset is."""
    return text.str.slice(start, end - start)


def find_phrases(tokens: pl.DataFrame, phrases: pl.DataFrame) -> pl.DataFrame:
    """Find the entries of a lexicon, the longest at a place first and none inside another.

    In: tokens with `article`, `form_id` and `lower` (or what stands for it: any spelling that the form alone decides);
    `phrases` with `phrase` (in that spelling: tokens separated by one blank; made by `phrase_key`) and any columns of
    its own. Out: one row per occurrence: `first`, `last` (UInt32 token positions, last inclusive) and the columns of
    `phrases`. The grain is occurrence × entry: an ambiguous phrase yields several rows.
    """
    # The lexicon is a tree of numbered beginnings: a word is looked up once per distinct form, and a place that has a
    # beginning walks on from word to word. It is an occurrence wherever an entry ends.
    words, steps, ends = _tree(tuple(phrases["phrase"]))
    forms = distinct_forms(tokens, "lower").join(
        words, left_on="lower", right_on="word", how="left", maintain_order="left"
    )
    reached, behind = per_token(tokens, forms.select("form_id", "opens", "follows"))
    first = reached.is_not_null().arg_true()
    places = pl.DataFrame({"first": first, "reached": reached.gather(first)})
    found: list[pl.DataFrame] = []
    # No entry goes on from the last word of an article.
    behind = pl.select(pl.when(tokens["article"] == tokens["article"].shift(1)).then(behind)).to_series()
    while not places.is_empty():
        depth = len(found)
        found.append(places.select("first", last=pl.col("first") + depth, end="reached"))
        places = places.filter(pl.col("first") + depth + 1 < tokens.height)
        places = (
            places.lazy()
            .with_columns(word=behind.gather(places["first"] + (depth + 1)))
            .filter(pl.col("word").is_not_null())
            .join(steps.lazy(), on=["reached", "word"], how="inner")
            .select("first", reached="leads_to")
            .collect()
        )
    entries = phrases.with_columns(end=ends)
    matches = (
        pl.concat([pl.DataFrame(schema={"first": pl.UInt32, "last": pl.UInt32, "end": pl.UInt32}), *found])
        .filter(pl.col("end").is_in(ends.unique().implode()))
        .sort("first", "last", descending=[False, True])
    )
    # Longest first: an occurrence goes where an earlier start, or a longer one at the same start, covers it.
    cover = pl.col("last").cum_max().shift(1)
    return (
        matches.filter((pl.col("first") > cover).fill_null(value=True))
        .join(entries, on="end", how="inner", maintain_order="left_right")
        .select("first", "last", *phrases.columns)
    )


@lru_cache(maxsize=64)
def _tree(phrases: tuple[str, ...]) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
    """A lexicon as a tree, whose branches are numbered from 1.

    Out: one row per word: `word`, `opens` (the branch that it begins an entry with) and `follows` (its own number,
    where it stands behind the first word of an entry), else null; the steps `reached`, `word`, `leads_to` from branch
    to branch; the branch that each entry ends at.
    """
    words: dict[str, int] = {}
    steps: dict[tuple[int, int], int] = {}
    ends = []
    for phrase in phrases:
        branch = 0
        for word in phrase.split(" "):
            branch = steps.setdefault((branch, words.setdefault(word, len(words))), len(steps) + 1)
        ends.append(branch)
    number = pl.DataFrame(
        {"word": words.keys(), "number": words.values()}, schema={"word": pl.String, "number": pl.UInt32}
    )
    step = pl.DataFrame(
        [(*key, branch) for key, branch in steps.items()],
        schema=dict.fromkeys(("reached", "word", "leads_to"), pl.UInt32),
        orient="row",
    )
    opening, onward = step.filter(reached=0), step.filter(pl.col("reached") > 0)
    return (
        number.join(opening.select(number="word", opens="leads_to"), on="number", how="left").select(
            "word", "opens", follows=pl.when(pl.col("number").is_in(onward["word"].unique().implode())).then("number")
        ),
        onward,
        pl.Series("end", ends, pl.UInt32),
    )


def phrase_key(names: Sequence[str]) -> list[str]:
    """Lexicon entries in the spelling that `find_phrases` looks up: the `lower` forms of their tokens."""
    if not names:
        return []
    entries = pl.DataFrame({"text": list(names)})
    tokens = tokenize(entries).group_by("article", maintain_order=True).agg(pl.col("lower").str.join(" "))
    return tokens["lower"].to_list()


SENTENCE_END = r"^(?:[.!?…]|\.\.+)$"
# Abbreviations whose full stop ends no sentence; a single capital is an initial (« R. J. MacAllister »).
ABBREVIATION = (
    r"^(?:m|mm|mme|mmes|mlle|dr|dre|pr|pre|me|mgr|st|ste|gal|gén|col|cdt|cne|lt|cf|p|pp|art|vol|no|n|av|apr|env|ex|etc|"
    r"ndlr|tél|janv|févr|avr|juil|sept|oct|nov|déc|s|f|b|v|j|c|\p{L})$"
)
CLOSING = ["»", "”", '"', "’", ")", "]", "*"]


def with_sentences(tokens: pl.DataFrame) -> pl.DataFrame:
    """Add `sentence` (UInt32, numbered over the frame) and `paragraph` (likewise).

    A sentence ends at . ! ? … (with the closing marks behind it) where a capital, a digit, an opening mark or a line
    end follows, and at a line end; not behind an abbreviation or an initial. A full stop inside quotation marks that a
    comma or a lower-case word follows does not end one (« … proche. », a-t-il affirmé).
    """
    form, lower, is_capital = pl.col("form"), pl.col("lower"), pl.col("is_capital")
    shortens = is_capital | lower.is_in(["p", "art", "n", "cf", "no", "ex", "env", "av"])
    forms = distinct_forms(tokens, "form", "lower", "is_capital").select(
        "form_id",
        is_line=form == "\n",
        is_stop=form.str.contains(SENTENCE_END),
        is_full_stop=form == ".",
        is_short=lower.str.contains(ABBREVIATION) & shortens,
        is_degree=form == "°",
        is_network=form == "X",
        is_on=lower == "sur",
        is_closing=form.is_in(CLOSING),
        is_guillemet=form == "»",
        starts_anew=is_capital | form.str.contains(r"^[\d«“\"—–\-▪•●*(\[\n]"),
    )
    is_line, is_stop, starts_anew = pl.col("is_line"), pl.col("is_stop"), pl.col("starts_anew")
    # « 51 °C. » is no initial.
    initial = pl.col("is_short").shift(1) & ~pl.col("is_degree").shift(2, fill_value=False)
    # « … sur X. Le ministre … »: nor is the network.
    initial = initial & ~(pl.col("is_network").shift(1) & pl.col("is_on").shift(2, fill_value=False))
    after_short = pl.col("is_full_stop") & initial & ~is_line.shift(-1)
    closing = pl.col("is_closing") & (pl.col("is_joined") | pl.col("is_guillemet"))
    # The stop's force passes over the closing marks behind it.
    ends = pl.when(is_stop & ~after_short).then(True).when(closing).then(None).otherwise(False).forward_fill()
    boundary = (ends & starts_anew.shift(-1, fill_value=True) & ~closing.shift(-1, fill_value=False)) | is_line
    is_new = pl.col("article") != pl.col("article").shift(1)
    numbers = (
        pl.DataFrame([tokens["article"], tokens["is_joined"], *per_token(tokens, forms)])
        .lazy()
        .select(is_new.fill_null(value=False), boundary.fill_null(value=True).alias("boundary"), "is_line")
        .select(
            (pl.col(end).shift(1, fill_value=False) | pl.col("article")).cum_sum().cast(pl.UInt32).alias(unit)
            for unit, end in (("sentence", "boundary"), ("paragraph", "is_line"))
        )
        .collect()
    )
    return tokens.with_columns(numbers)


def with_sentence_text(spans: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Add `sentence`: the text of the sentence or sentences that tokens `first`..`last` touch, line ends trimmed.

    In: spans with `article`, `first`, `last`; tokens with `sentence`; articles with `text`.
    """
    # Sentences tile the tokens, and a line end can only be the last of one.
    sentence = tokens["sentence"]
    opens = sentence.search_sorted(sentence.gather(spans["first"]), side="left")
    closes = sentence.search_sorted(sentence.gather(spans["last"]), side="right").cast(pl.Int64) - 1
    closes = closes - (tokens["form"].gather(closes) == "\n").cast(pl.Int64)
    edges = {"_opens": tokens["start"].gather(opens), "_closes": tokens["end"].gather(closes)}
    words = surface(articles, pl.col("article"), pl.col("_opens"), pl.col("_closes"))
    return spans.with_columns(**edges).with_columns(sentence=words).drop(edges)


def neighbours(frame: pl.DataFrame, places: pl.Series, *columns: str, reach: int) -> pl.DataFrame:
    """The values around places in a frame, one row per place.

    Out: for every column, `<column>-1`, `<column>+1` and so on up to `reach` before and behind, and `<column>` for the
    place itself; null beyond the edges of the frame.
    """
    at = places.cast(pl.Int64)
    found: dict[str, pl.Series] = {}
    for by in range(-reach, reach + 1):
        inside = pl.select(pl.when((at + by).is_between(0, frame.height - 1)).then(at + by)).to_series()
        found |= {f"{column}{by:+d}" if by else column: frame[column].gather(inside) for column in columns}
    return pl.DataFrame(found)
