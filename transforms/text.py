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
    pieces = (
        articles.lazy()
        .select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("article"), piece=pl.col("text").str.extract_all(TOKEN))
        .explode("piece", empty_as_null=False)
        .with_columns(
            form=pl.col("piece").str.strip_chars_end(BLANK),
            reach=pl.col("piece").str.len_chars().cast(pl.Int64).cum_sum(),
            size=pl.col("piece").str.len_chars().cast(pl.Int64),
        )
        .with_columns(start=pl.col("reach") - pl.col("size"))
        .with_columns(start=pl.col("start") - pl.col("start").first().over("article"))
        .filter(pl.col("form").str.len_bytes() > 0)
        .with_columns(end=pl.col("start") + pl.col("form").str.len_chars())
        .select(
            "article",
            pl.col("start", "end").cast(pl.Int32),
            "form",
            is_joined=(pl.col("start") == pl.col("end").shift(1)) & (pl.col("article") == pl.col("article").shift(1)),
        )
        .collect()
    )
    forms = (
        pieces.select("form")
        .unique(maintain_order=True)
        .with_row_index("form_id")
        .with_columns(
            lower=plain_apostrophes(pl.col("form").str.to_lowercase()), is_capital=pl.col("form").str.contains(CAPITAL)
        )
    )
    return pieces.with_columns(pl.col("is_joined").fill_null(value=False)).join(
        forms, on="form", how="left", maintain_order="left"
    )


def with_form_features(tokens: pl.DataFrame, **features: pl.Expr) -> pl.DataFrame:
    """Add columns that depend on the columns `form`, `lower`, `is_capital` alone, computed once per distinct form.

    In: tokens with `form_id`, and those of the three columns that the features name.
    """
    base = [c for c in ("form_id", "form", "lower", "is_capital") if c in tokens.columns]
    forms = tokens.select(base).unique("form_id").with_columns(**features).select("form_id", *features)
    return tokens.join(forms, on="form_id", how="left", maintain_order="left")


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
    patterns = {rule: rule.compiled(alphabet) for rule in rules}
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
    parts = pl.col("hit").str.extract_groups(pattern)
    return matches.select(place=before.cast(pl.Int64).cum_sum(), parts=parts).unnest("parts").select(columns)


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

    In: tokens; `phrases` with `phrase` (in the spelling of `lower`: tokens separated by one blank; made by
    `phrase_key`) and any columns of its own. Out: one row per occurrence: `first`, `last` (UInt32 token positions, last
    inclusive) and the columns of `phrases`. The grain is occurrence × entry: an ambiguous phrase yields several rows.
    """
    keys = phrases.with_columns(words=pl.col("phrase").str.count_matches(" ") + 1)
    opening = keys.select(pl.col("phrase").str.split(" ").list.head(2).alias("words")).to_series()
    opens = _is_one_of(tokens, opening.list.first())
    # Longer entries are looked up only where a first and a second word stand: « la » and « de » open too many.
    goes_on = _is_one_of(tokens, opening.list.get(1, null_on_oob=True)).shift(-1, fill_value=False)
    single, double = (
        tokens.select("article").with_row_index("first").filter(mask) for mask in (opens, opens & goes_on)
    )
    pairs = opening.filter(opening.list.len() > 1).list.join(" ").unique()
    double = _extended(double, tokens, 2).filter(pl.col("phrase").is_in(pairs.implode())).drop("phrase")
    found = []
    for words in keys["words"].unique().sort():
        places = _extended(single if words == 1 else double, tokens, words)
        entries = keys.filter(pl.col("words") == words).drop("words")
        last = (pl.col("first") + (words - 1)).alias("last")
        found.append(places.select("first", last, "phrase").join(entries, on="phrase", how="inner"))
    matches = pl.concat(found).sort("first", "last", descending=[False, True], maintain_order=True)
    # Longest first: an occurrence goes where an earlier start, or a longer one at the same start, covers it.
    cover = pl.col("last").cum_max().shift(1)
    distinct = matches.select("first", "last").unique(maintain_order=True)
    kept = distinct.filter((pl.col("first") > cover).fill_null(value=True))
    return matches.join(kept, on=["first", "last"], how="semi", maintain_order="left")


def _is_one_of(tokens: pl.DataFrame, words: pl.Series) -> pl.Series:
    """For every token, whether its `lower` is one of the words; looked up once per distinct form."""
    if "form_id" not in tokens.columns:
        return tokens["lower"].is_in(words.drop_nulls().unique().implode())
    forms = tokens.select("form_id", "lower").unique("form_id")
    known = forms.filter(pl.col("lower").is_in(words.drop_nulls().unique().implode()))["form_id"]
    return tokens["form_id"].is_in(known.implode())


def _extended(places: pl.DataFrame, tokens: pl.DataFrame, words: int) -> pl.DataFrame:
    """Places with the `phrase` of that many words from there on; those that would leave the article are dropped."""
    whole = places.filter(places["first"] + (words - 1) < tokens.height)
    whole = whole.filter(tokens["article"].gather(whole["first"] + (words - 1)) == whole["article"])
    parts = [tokens["lower"].gather(whole["first"] + k).alias(str(k)) for k in range(words)]
    return whole.with_columns(pl.DataFrame(parts).select(phrase=pl.concat_str(pl.all(), separator=" ")).to_series())


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
    form, lower = pl.col("form"), pl.col("lower")
    is_line = form == "\n"
    stop = form.str.contains(SENTENCE_END)
    after_short = (
        (form == ".")
        & lower.shift(1).str.contains(ABBREVIATION)
        & (pl.col("is_capital").shift(1) | lower.shift(1).is_in(["p", "art", "n", "cf", "no", "ex", "env", "av"]))
        & (form.shift(-1) != "\n")
    )
    closing = form.is_in(CLOSING) & (pl.col("is_joined") | (form == "»"))
    # The stop's force passes over the closing marks behind it.
    ends = (
        pl.when(stop & ~after_short).then(pl.lit(True)).when(closing).then(None).otherwise(pl.lit(False))
    ).forward_fill()
    following = form.shift(-1)
    starts_anew = (
        pl.col("is_capital").shift(-1) | following.str.contains(r"^[\d«“\"—–\-▪•●*(\[\n]") | following.is_null()
    )
    more_closing = (following.is_in(CLOSING) & (pl.col("is_joined").shift(-1) | (following == "»"))).fill_null(
        value=False
    )
    boundary = (ends & starts_anew & ~more_closing) | is_line
    new_article = pl.col("article") != pl.col("article").shift(1)
    return (
        tokens.lazy()
        .with_columns(boundary=boundary.fill_null(value=True), line=is_line)
        .with_columns(
            sentence=(pl.col("boundary").shift(1, fill_value=False) | new_article.fill_null(value=False))
            .cum_sum()
            .cast(pl.UInt32),
            paragraph=(pl.col("line").shift(1, fill_value=False) | new_article.fill_null(value=False))
            .cum_sum()
            .cast(pl.UInt32),
        )
        .drop("boundary", "line")
        .collect()
    )


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
