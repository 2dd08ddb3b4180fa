"""What a figure is about, and whose aid it is: topic, giver, receiver and stage, from the words of its clause.

The topic is weighed: what is counted, the words next to the figure, its sentence, its paragraph and its article speak for
the topics of `lexicon/figures.toml`, the nearer the louder. Givers and receivers are the parties of the sentence, by the
word before their name (« à l'Ukraine », « de la Norvège ») and the verb of the clause.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.quantities import LETTERS
from transforms.text import with_form_features

# What a word of a topic weighs by where it stands, and how many words count at most.
THING = 4.0
NEAR, IN_SENTENCE, IN_PARAGRAPH, IN_ARTICLE = (1.2, 3), (0.7, 4), (0.3, 4), 60.0
NEAR_TOKENS = 7  # before and behind the figure
BASE = 1.5  # what speaks for « other » before any word does
GIVING = 2.5  # what a verb of giving adds for money and gear
# Kinds that can be given; the others are never aid (gold/NOTES.md, 22).
GIVEN_KINDS = ["money", "count", "percent", "mass", "volume", "energy", "other"]
SUBJECT_REACH, OBJECT_REACH, AID_REACH = 30, 20, 6  # tokens
STAGES = ("requested", "promised", "committed", "delivered", "received")
TO = ["à", "au", "aux", "pour", "envers"]
TO_ENDS = ["faveur", "profit", "destination", "bénéfice", "attention"]
OF = ["de", "d'", "du", "des"]
ASIDE = ["en", "dans", "sur", "contre", "depuis", "selon", "vers", "chez", "avec", "sous", "entre", "et", "ou"]
ARTICLES = ["le", "la", "l'", "les"]


@cache
def _patterns(section: str, part: str) -> dict[str, str]:
    """Topic or stage → the regular expression of its words."""
    entries = load("figures")[section]
    words = {name: entry[part] if part else entry for name, entry in entries.items()}
    return {name: f"^(?:{'|'.join(forms)})$" for name, forms in words.items() if forms}


def _bounds(tokens: pl.DataFrame, column: str, place: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The first token of the sentence, paragraph or article that places stand in, and the one behind its last."""
    at = tokens[column].gather(place)
    return (
        tokens[column].search_sorted(at, side="left").cast(pl.Int64),
        tokens[column].search_sorted(at, side="right").cast(pl.Int64),
    )


def with_topic(rows: pl.DataFrame, atoms: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add `topic`.

    In: rows with `first`, `last`, `noun` (places of atoms), `kind`, `rule`; their atoms; the tokens of all articles.
    """
    lower = pl.col("lower")
    contexts = _patterns("topic", "context")
    told = with_form_features(
        tokens.select("form", "lower"),
        **{name: lower.str.contains(pattern).cast(pl.Int64) for name, pattern in contexts.items()},
        verb=lower.str.contains(_giving()).cast(pl.Int64),
    )
    nouns = atoms.select(lower).to_series().gather(rows["noun"]).to_frame()
    things = nouns.select(
        lower.str.contains(pattern).fill_null(value=False).alias(f"{name}_thing")
        for name, pattern in _patterns("topic", "thing").items()
    )
    first, last = (atoms[c].gather(rows[c]).cast(pl.Int64) for c in ("first", "last"))
    opens, closes = _bounds(tokens, "sentence", first)
    begins, ends = _bounds(tokens, "article", first)
    near = pl.DataFrame({"opens": opens, "closes": closes, "first": first, "last": last}).select(
        low=pl.max_horizontal("opens", pl.col("first") - NEAR_TOKENS),
        high=pl.min_horizontal("closes", pl.col("last") + 1 + NEAR_TOKENS),
    )

    def count(name: str, low: pl.Series, high: pl.Series) -> pl.Series:
        """How many words of a class stand between two tokens."""
        before = pl.concat([pl.Series([0], dtype=pl.Int64), told[name].cum_sum()])
        return before.gather(high) - before.gather(low)

    scores = {}
    for name in contexts:
        windows = [
            (NEAR, near["low"], near["high"]),
            (IN_SENTENCE, opens, closes),
            (IN_PARAGRAPH, *_bounds(tokens, "paragraph", first)),
        ]
        score = sum(
            (count(name, low, high).clip(upper_bound=most) * weight for (weight, most), low, high in windows),
            start=pl.Series([0.0] * rows.height),
        )
        scores[name] = score + count(name, begins, ends) * IN_ARTICLE / (ends - begins).clip(lower_bound=100)
    gives = count("verb", opens, closes) > 0
    is_count = pl.col("kind") == "count"
    thing = {n.removesuffix("_thing"): pl.when(is_count & pl.col(n)).then(THING).otherwise(0.0) for n in things.columns}
    can_give = pl.col("kind").is_in(GIVEN_KINDS) & ~(
        is_count & (pl.col("military_thing") | pl.col("other_thing") | pl.col("diplomacy_thing"))
    )
    is_gift = pl.col("gives") & ((pl.col("kind") == "money") | pl.col("gear_thing"))
    scored = (
        rows.with_columns(gives=gives, **scores)
        .hstack(things)
        .with_columns(
            aid=pl.when(can_give)
            .then(pl.col("aid") + thing["aid"] + pl.when(is_gift).then(GIVING).otherwise(0.0))
            .otherwise(-1.0),
            military=pl.col("military") + thing["military"] + 0.5 * thing["gear"],
            diplomacy=pl.col("diplomacy") + thing["diplomacy"],
            other=pl.col("other") + thing["other"] + BASE,
        )
    )
    names = ["other", "aid", "military", "diplomacy"]
    best = pl.concat_list(names).list.arg_max().replace_strict(range(4), names, return_dtype=pl.String)
    top = pl.max_horizontal(names)
    told_rows = scored.with_columns(
        topic=pl.when(pl.col("kind") == "calibre").then(pl.lit("military")).otherwise(best), top=top
    )
    return told_rows.with_columns(topic=_carried()).drop(*things.columns, *names, "gives", "top")


def _giving() -> str:
    """The regular expression of verbs of giving, asking and receiving."""
    forms = [form for stage in STAGES for form in load("figures")["stage"][stage]]
    return f"^(?:{'|'.join(forms)})$"


def _carried() -> pl.Expr:
    """The topic, carried on from the figure before where the row leans on it: « six hélicoptères… Il en aura deux »."""
    before, kind_before = pl.col("topic").shift(1).over("article"), pl.col("kind").shift(1).over("article")
    same = pl.col("sentence") == pl.col("sentence").shift(1)
    leans = (pl.col("rule") == "ellipsis") & (pl.col("kind") == kind_before)
    listed = same & (before == "aid") & (pl.col("kind") == "money") & (kind_before == "money")
    return pl.when((leans | listed).fill_null(value=False)).then(before).otherwise("topic")


def with_aid(rows: pl.DataFrame, atoms: pl.DataFrame, tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Add `giver`, `receiver` and `aid_stage` to the rows of topic aid; null elsewhere and where the text tells none."""
    rows = rows.with_row_index("row").with_columns(
        token=atoms["first"].gather(rows["first"]).cast(pl.Int64),
        token_last=atoms["last"].gather(rows["last"]).cast(pl.Int64),
    )
    aid = rows.filter(topic="aid").select("row", "article", "sentence", "token", "token_last")
    if aid.is_empty():
        empty = dict.fromkeys(("giver", "receiver", "aid_stage"), pl.lit(None, dtype=pl.String))
        return rows.drop("row", "token", "token_last").with_columns(**empty)
    told = aid.join(_stages(aid, tokens), on="row", how="left").join(_parties(aid, tokens, named), on="row", how="left")
    asks = pl.col("stage").is_in(["requested", "received"])
    subject, other_subject = pl.col("subject"), pl.col("to")
    told = told.with_columns(
        giver=pl.coalesce("by", "adjective", "of_aid", pl.when(~asks).then(subject)),
        receiver=pl.coalesce(other_subject, pl.when(asks).then(subject)),
        aid_stage=pl.col("stage").replace({"received": "delivered"}),
    ).join(_receivers(tokens, named), on="article", how="left")
    told = told.with_columns(receiver=pl.coalesce("receiver", "usual")).with_columns(
        # One does not give to oneself: the name found twice is the giver's.
        receiver=pl.when(pl.col("receiver") == pl.col("giver"))
        .then(pl.when(pl.col("usual") != pl.col("giver")).then("usual"))
        .otherwise("receiver")
    )
    return rows.join(
        told.select("row", "giver", "receiver", "aid_stage"), on="row", how="left", maintain_order="left"
    ).drop("row", "token", "token_last")


def _stages(aid: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """The stage that the nearest word of giving tells: `row`, `stage`; one before the figure rather than one behind."""
    patterns = _patterns("stage", "")
    lower = pl.col("lower")
    stage = pl.coalesce(*(pl.when(lower.str.contains(patterns[name])).then(pl.lit(name)) for name in STAGES))
    told = with_form_features(tokens.select("form", "lower", "sentence"), stage=stage)
    before = told.select(pl.col("stage").forward_fill().over("sentence")).to_series()
    behind = told.select(pl.col("stage").backward_fill().over("sentence")).to_series()
    return aid.select("row", stage=pl.coalesce(before.gather(aid["token"]), behind.gather(aid["token"])))


def _placed(tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Parties with their `sentence` and `role`: by the words before them: to, by, of, aside, adjective or subject."""
    lower = tokens["lower"]
    article = lower.shift(1).gather(named["first"])
    skips = article.is_in(ARTICLES)
    before = pl.select(pl.when(skips).then(lower.shift(2).gather(named["first"])).otherwise(article)).to_series()
    before2 = pl.select(
        pl.when(skips).then(lower.shift(3).gather(named["first"])).otherwise(lower.shift(2).gather(named["first"]))
    ).to_series()
    role = (
        pl.when(pl.col("form") == "adjective")
        .then(pl.lit("adjective"))
        .when(pl.col("before").is_in(TO) | (pl.col("before").is_in(OF) & pl.col("before2").is_in(TO_ENDS)))
        .then(pl.lit("to"))
        .when(pl.col("before") == "par")
        .then(pl.lit("by"))
        .when(pl.col("before").is_in(OF))
        .then(pl.lit("of"))
        .when(pl.col("before").is_in(ASIDE))
        .then(pl.lit("aside"))
        .otherwise(pl.lit("subject"))
    )
    return named.with_columns(
        pl.col("first", "last").cast(pl.Int64),
        before=before,
        before2=before2,
        sentence=tokens["sentence"].gather(named["first"]),
    ).with_columns(role=role)


def _aid_words(tokens: pl.DataFrame) -> pl.Series:
    """Whether every token is a noun of aid."""
    return with_form_features(tokens.select("form", "lower"), is_aid=pl.col("lower").str.contains(AID_NOUN))["is_aid"]


AID_NOUN = r"^(?:aides?|soutien|dons?|fonds|contributions?|effort|financements?|promesses?|enveloppes?|paquets?|prêts?|assistance|subventions?|livraisons?|tranches?|appui)$"


def _parties(aid: pl.DataFrame, tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The parties around every figure by role: `row`, `subject`, `to`, `by`, `adjective`, `of_aid` (codes, or null)."""
    places = (
        tokens.select(is_aid=_aid_words(tokens))
        .with_row_index("place")
        .select(pl.when("is_aid").then("place").forward_fill().alias("aid_at"))["aid_at"]
        .cast(pl.Int64)
    )
    placed = _placed(tokens, named)
    placed = placed.with_columns(aid_before=pl.col("first") - places.gather(placed["first"]))
    near = (
        aid.select("row", "sentence", "token", "token_last")
        .join(placed, on="sentence")
        .with_columns(
            gap=pl.when(pl.col("first") < pl.col("token"))
            .then(pl.col("token") - pl.col("last"))
            .otherwise(pl.col("first") - pl.col("token_last")),
            is_before=pl.col("first") < pl.col("token"),
        )
    )
    by_aid = pl.col("aid_before") <= AID_REACH

    def nearest(name: str, test: pl.Expr) -> pl.DataFrame:
        found = near.filter(test).sort("row", "gap", "first").unique("row", keep="first", maintain_order=True)
        return found.select("row", pl.col("party").alias(name))

    out = aid.select("row")
    for name, test in {
        "subject": (pl.col("role") == "subject") & pl.col("is_before") & (pl.col("gap") <= SUBJECT_REACH),
        "to": (pl.col("role") == "to") & (pl.col("gap") <= OBJECT_REACH),
        "by": (pl.col("role") == "by") & (pl.col("gap") <= OBJECT_REACH),
        "adjective": (pl.col("role") == "adjective") & by_aid & (pl.col("gap") <= OBJECT_REACH),
        "of_aid": (pl.col("role") == "of") & (pl.col("aid_before") <= 3) & (pl.col("gap") <= OBJECT_REACH),
    }.items():
        out = out.join(nearest(name, test), on="row", how="left")
    return out


def _receivers(tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The party that an article most often names as receiving aid: `article`, `usual`."""
    placed = _placed(tokens, named)
    is_aid = _aid_words(tokens)
    near = is_aid.cast(pl.Int64).rolling_sum(AID_REACH + 4, min_samples=1).gather(placed["first"]) > 0
    return (
        placed.filter(pl.Series(near) & (pl.col("role") == "to"))
        .group_by("article", "party")
        .agg(pl.len(), pl.col("first").min())
        .sort("article", "len", "first", descending=[False, True, False])
        .unique("article", keep="first", maintain_order=True)
        .select("article", usual="party")
    )
