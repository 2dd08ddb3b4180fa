"""Figures: every quantity of a text, its value, unit, range, topic, and who gives what to whom.

`quantities` finds them; here a bare number gets its noun or unit from the figure before (« 2,6 milliards contre 2,4
»), an ambiguous currency its country, and every row its topic, its giver and receiver. docs/figures.md lists the
conventions.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.numerals import numerals
from transforms.parties import parties
from transforms.quantities import LETTERS, Atoms, distinct_forms, quantities, since, until
from transforms.schemas import FIGURES
from transforms.text import slices, with_sentence_text
from transforms.topics import topic_words, with_aid, with_topic

ELLIPSIS_REACH = 3  # sentences back in which a bare number finds its noun
PRONOUN_REACH = 6  # atoms between « en » and the number it stands with
CALIBRE_REACH = 6  # atoms between a weapon and its calibre
PER_REACH, EACH_REACH = 6, 4  # atoms between a figure and « par jour » behind it, « chaque jour » before it
COUNTRY_REACH = 25  # tokens back in which a country decides on a currency
SUBJECT_WORDS = 3
# How far a rule can be trusted: a rank, from the share of its rows found right by eye; an unsettled currency takes off.
CONFIDENCE = {
    "plain": 0.95, "sign_first": 0.95, "between": 0.95, "from_to": 0.9, "and_minor": 0.9, "ratio": 0.85, "pair": 0.85,
    "fraction": 0.8, "one": 0.75, "bare_minor": 0.7, "ellipsis": 0.6, "slash": 0.6,
}  # fmt: skip
# Currencies that follow the country in sight only where the article writes them out elsewhere: news mean US dollars.
DOLLARS = ["dollar", "$"]
DENOMINATOR_LIMIT = 12  # of fractions with a slash: beyond it stand pages, scores and dates
YEARS = (400, 2199)
# « promet d'en ajouter 80 »: verbs behind « en » whose number has the unit of the sum before.
ADDING = r"^(?:r?ajout|vers|promet|donn|débloqu|apport)"


def _letters(*names: str) -> list[str]:
    """The letters of classes of atoms."""
    return [LETTERS[name] for name in names]


@cache
def currency_readings() -> pl.DataFrame:
    """What ambiguous currency words mean by country: `money`, `country`, `reading`; one row per word and country."""
    rows = []
    for currency in load("currencies")["currency"]:
        words = {word.removesuffix("s") for word in currency.get("ambiguous", [])}
        words |= {word.removesuffix("s") for *pair, _ in currency.get("subunits", []) for word in pair}
        rows += [(word, country, currency["code"]) for word in words for country in currency.get("countries", [])]
    columns = ["money", "country", "reading"]
    return pl.DataFrame(rows, schema=columns, orient="row").unique(columns[:2], keep="first", maintain_order=True)


def _with_currency(rows: pl.DataFrame, atoms: Atoms, tokens: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Settle ambiguous currencies and add `doubt` (0–1).

    By the country named before it in its sentence, else the currency that the article writes out elsewhere, else the
    country that the article names most, else the default. Bare dollars are US dollars unless the article writes out
    others only, or, for the sign, unless it names another dollar country more than the United States.
    """
    place = atoms.at("first", rows["first"])
    rows = rows.with_row_index("row").with_columns(token=place)
    open_ = rows.filter(pl.col("money").is_not_null()).select("row", "article", "sentence", "money", "token", "unit")
    if open_.is_empty():
        return rows.drop("row", "token").with_columns(doubt=pl.lit(0.0))
    readings = currency_readings()
    named = named.filter(party_kind="country")
    countries = named.select("article", "party", "form", at="first", sentence=tokens["sentence"].gather(named["first"]))
    near = (
        open_.filter(~pl.col("money").is_in(DOLLARS))
        .join(countries.select("sentence", "party", "at"), on="sentence")
        .filter((pl.col("at") < pl.col("token")) & (pl.col("at") + COUNTRY_REACH > pl.col("token")))
        .join(readings, left_on=["money", "party"], right_on=["money", "country"])
        .sort("row", "at")
        .unique("row", keep="last")
        .select("row", near="reading")
    )
    written = (
        rows.filter((pl.col("kind") == "money") & pl.col("money").is_null())
        .select("article", reading="unit")
        .unique(maintain_order=True)
        # In the order of the text: the first that is written out settles it.
        .join(
            readings.select("money", "reading").unique(maintain_order=True), on="reading", maintain_order="left_right"
        )
        .unique(["article", "money"], keep="first", maintain_order=True)
        .rename({"reading": "written_out"})
    )
    often = (
        # Capitals are places of talks as often as governments.
        countries.filter(pl.col("form") != "capital")
        .group_by("article", "party")
        .len()
        .join(readings, left_on="party", right_on="country")
        .group_by("article", "money", "reading")
        .agg(pl.col("len").sum())
        .sort("article", "money", "len", "reading", descending=[False, False, True, False])
        .unique(["article", "money"], keep="first", maintain_order=True)
        .select("article", "money", often="reading", often_count="len")
    )
    told = (
        open_.join(near, on="row", how="left")
        .join(written, on=["article", "money"], how="left")
        .join(often, on=["article", "money"], how="left")
    )
    is_word, is_dollar = pl.col("money") == "dollar", pl.col("money").is_in(DOLLARS)
    by_count = pl.when(~is_word & (~is_dollar | (pl.col("often_count") > 1))).then("often")
    written_out = pl.when(~is_dollar | (pl.col("written_out") == pl.col("often"))).then("written_out")
    settled = told.select(
        "row",
        settled=pl.coalesce("near", written_out, by_count),
        doubt=pl.when(pl.col("near").is_not_null() | pl.col("written_out").is_not_null())
        .then(0.1)
        .when(is_dollar)
        .then(0.15)
        .otherwise(0.3),
    )
    return (
        rows.join(settled, on="row", how="left", maintain_order="left")
        .with_columns(unit=pl.coalesce("settled", "unit"), doubt=pl.col("doubt").fill_null(0.0))
        .drop("row", "token", "settled")
    )


def _measuring(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Drop what only looks like a measure.

    « un/une » with a unit where it is an article (« un jour, … »), kept where words of measure stand around it;
    fractions without a number or article of their own (« un pays tiers », « les quarts de finale »); « 630/631 ».
    """
    before, before2 = (atoms.at("lower", rows["first"], -k) for k in (1, 2))
    after, after2 = (atoms.at("lower", rows["last"], k) for k in (1, 2))
    number, unit = (atoms.at("lower", rows[c]) for c in ("at", "end"))
    words, written = load("figures")["measure"], rows["written"]
    is_time = atoms.at("letter", rows["end"]).is_in(_letters("years", "time", "hours", "minutes", "seconds"))
    measured = (
        before.is_in(words["before"])
        | ((before == "d'") & ~unit.str.contains("^(?:jour|nuit|ann)"))
        | ((before == "a") & (before2 == "y"))
        | ((before == "à") & after.is_in(["de", "d'", "du", "des"]))
        | after.is_in(words["after"])
        | ((after == "plus") & after2.is_in(["tard", "tôt"]))
    )
    is_article = (
        (written == "one") & (rows["rule"] == "one") & (rows["qualifier"] == "exact") & rows["more_value"].is_null()
    )
    measured = measured.fill_null(value=False)
    is_article = is_article & ~((is_time & measured) | (~is_time & ~unit.is_in(words["idioms"])))
    is_name = (
        (written == "fraction")
        & number.is_in(["tiers", "quart", "quarts", "moitié", "moitiés"])
        & (~before.is_in(load("figures")["fraction"]["before"]) | after2.is_in(["finale", "finales"]))
    )
    form = atoms.at("form", rows["at"])
    is_half = rows["kind"].is_null() & number.is_in(["demi", "demie"]) | (
        form.str.contains("^(?i)une?$") & (written == "fraction") & (rows["value"] == 1 / 2) & rows["kind"].is_null()
    )
    is_pair = (rows["rule"] == "slash") & rows["kind"].is_null() & (rows["minor_value"] > DENOMINATOR_LIMIT)
    struck = (is_article | is_name | is_half | is_pair).fill_null(value=False)
    return rows.filter(~struck)


def _with_ellipsis(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Give bare numbers the unit or noun of the figure before; drop those that nothing explains.

    « 2,6 milliards » after a sum of money is money; « contre 2,4 » is what was just told, its scale word included;
    « dont 43 » counts the noun counted last.
    """
    has_noun = pl.col("noun").is_not_null()
    rows = rows.with_columns(
        bare=~has_noun & pl.col("kind").is_null() & pl.col("rule").is_in(["plain", "between", "from_to", "pair"]),
        lead=pl.coalesce("qualifier_first", "first"),
        kind=pl.when(has_noun).then(pl.col("kind").fill_null("count")).otherwise("kind"),
        unit=pl.when(has_noun).then(pl.col("unit").fill_null("1")).otherwise("unit"),
    )
    before, before2 = (atoms.at("lower", rows["lead"], -k) for k in (1, 2))
    letter_before = atoms.at("letter", rows["lead"], -1)
    after = atoms.at("lower", rows["last"], 1)
    # « il en réclame vingt-trois »: the pronoun « en », not the preposition.
    places = atoms.where(pl.col("lower") == "en")
    subject = atoms.at("lower", places, -1).is_in(load("figures")["pronoun"]["words"]) | atoms.at(
        "letter", places, -1
    ).is_in(_letters("party", "name"))
    is_pronoun = subject & atoms.at("letter", places, 1).is_in(_letters("singular", "function"))
    en = since(atoms, places.filter(is_pronoun.fill_null(value=False)), rows["lead"])
    written = rows["written"]
    vague = written.is_in(["collective", "fraction"])
    pointed = (
        before.is_in(load("figures")["words"]["pointing"])
        | letter_before.is_in(_letters("being"))
        | after.is_in(["d'", "de", "des"])
        | (en <= PRONOUN_REACH)
        | vague
        | (rows["qualifier"] != "exact")
        | (rows["rule"] == "between")
        | (after == "contre")
    )
    # « au lieu de trente », « trois jours, pas deux »
    compared = ((before == "de") & (before2 == "lieu")) | (
        before.is_in(["non", "pas", "voire", "que"]) & (written == "words") & (before2 != "ne")
    )
    rows = rows.with_columns(
        pointed=pointed.fill_null(value=False),
        parted=after.is_in(["des", "de"]).fill_null(value=False),
        by_heaps=((before == "par") & (written == "collective")).fill_null(value=False),
        against=((letter_before == LETTERS["contre"]) | compared).fill_null(value=False),
        listed=((letter_before == LETTERS["party"]) & (written != "one")).fill_null(value=False),
        parted_off=before.is_in(["dont", "soit"]).fill_null(value=False),
        added=(
            (en <= PRONOUN_REACH)
            & (
                before.str.contains(ADDING)
                | (before.is_in(["que", "qu'", "déjà", "encore"]) & before2.str.contains(ADDING))
            )
        ).fill_null(value=False)
        & before2.is_not_null(),
    )
    is_money, is_count = pl.col("kind") == "money", (pl.col("kind") == "count") & has_noun
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    # Rows stand in text order: the last row before, or the next, of which something holds.
    told = rows.select(
        "article",
        "sentence",
        *(
            pl.when(test).then(row).forward_fill().shift(1).alias(name)
            for name, test in {"known": ~pl.col("bare"), "counted": is_count, "money": is_money}.items()
        ),
        next=pl.when(is_money).then(row).backward_fill(),
    )

    def row_of(name: str, passage: str) -> pl.Series:
        """The row found, where it stands in the same passage."""
        return told[name].set((told[passage][told[name]] != told[passage]).fill_null(value=False), None)

    known, counted, money = (row_of(name, "article") for name in ("known", "counted", "money"))
    sentence, unit = rows["sentence"].cast(pl.Int64), rows["unit"]
    told = rows.with_columns(
        *(rows[c][known].alias(f"last_{c}") for c in ("kind", "unit", "scale", "noun")),
        reach=sentence - sentence[known],
        last_counted=rows["noun"][counted],
        count_reach=sentence - sentence[counted],
        before=unit[money],
        behind=unit[row_of("next", "sentence")],
    ).with_columns(money=pl.coalesce("before", "behind"))
    bare, big = pl.col("bare"), pl.col("scale") >= 1e6
    in_part = pl.col("parted_off") & (
        pl.col("last_kind").is_in(["money", "mass", "volume", "area", "energy"])
        # « dix ans de prison dont quatre avec sursis », but « 83 missiles en trois jours, dont 43 abattus »
        | ((pl.col("last_kind") == "duration") & (pl.col("count_reach") != 0).fill_null(value=True))
    )
    follows = pl.col("reach") == 0
    same = (
        bare
        & follows
        & (pl.col("against") | pl.col("added") | pl.col("listed") | in_part | (big & (pl.col("last_scale") >= 1e6)))
    )
    # « Elle a promis 70 millions. Elle en a versé 20. »
    again = bare & pl.col("added") & (pl.col("reach") == 1) & (pl.col("last_kind") == "money")
    thousands = bare & (pl.col("scale") >= 1e3) & (pl.col("last_kind") == "money") & (pl.col("reach") <= 1)
    same = same | thousands.fill_null(value=False) | again.fill_null(value=False)
    grows = same & ~big & (pl.col("last_scale") >= 1e3) & (pl.col("value") < 1000)
    is_sum = bare & big & ~same & pl.col("money").is_not_null()
    counts = bare & ~same & ~is_sum
    # Years that stand without a preposition, zero, and « par centaines » count nothing.
    is_year = (pl.col("written") == "digits") & pl.coalesce("value_low", "value").is_between(*YEARS)
    is_void = bare & ((is_year & ~same) | (pl.col("value") == 0) | pl.col("by_heaps"))
    return told.filter(~is_void & (~bare | same | is_sum | big | pl.col("pointed"))).with_columns(
        rule=pl.when(bare).then(pl.lit("ellipsis")).otherwise("rule"),
        value=pl.when(grows).then(pl.col("value") * pl.col("last_scale")).otherwise("value"),
        kind=pl.when(same)
        .then("last_kind")
        .when(is_sum)
        .then(pl.lit("money"))
        .otherwise(pl.col("kind").fill_null("count")),
        unit=pl.when(same).then("last_unit").when(is_sum).then("money").otherwise(pl.col("unit").fill_null("1")),
        noun=pl.when(same)
        .then("last_noun")
        .when(counts & pl.col("parted") & (pl.col("lead").shift(-1) <= pl.col("last") + 2))
        .then(pl.when(pl.col("sentence") == pl.col("sentence").shift(-1)).then(pl.col("noun").shift(-1)))
        .when(counts & (pl.col("count_reach") <= ELLIPSIS_REACH))
        .then("last_counted")
        .otherwise("noun"),
    )


def _with_kind(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Millimetres near a weapon are a calibre, degrees of latitude no temperature."""
    weapons = atoms.where(pl.col("lower").is_in(load("figures")["calibre"]["words"]))
    near = (since(atoms, weapons, rows["first"]) <= CALIBRE_REACH) | (
        until(atoms, weapons, rows["last"]) <= CALIBRE_REACH // 2
    )
    is_calibre = (pl.col("unit") == "mm") & near.fill_null(value=False)
    after, after2 = (atoms.at("lower", rows["last"], k) for k in (1, 2))
    is_place = after.is_in(["nord", "sud", "est", "ouest"]) | after2.is_in(["latitude", "longitude"])
    is_angle = (pl.col("unit") == "Cel") & is_place.fill_null(value=False)
    return rows.with_columns(
        kind=pl.when(is_calibre).then(pl.lit("calibre")).when(is_angle).then(pl.lit("other")).otherwise("kind"),
        unit=pl.when(is_angle).then(pl.lit("deg")).otherwise("unit"),
    )


def _with_per(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Add `per`: the unit that the quantity is per (« par mois », « chaque jour », « de l'heure », « le baril »)."""
    words = {word: code for code, words in load("figures")["per"].items() for word in words}
    known = _letters("by", "all", "slash")
    places = atoms.where(pl.col("letter").is_in(known) | pl.col("lower").is_in(list(words)))
    marks = (
        pl.DataFrame(
            {"place": places, "unit": atoms.at("unit", places, 1)}
            | {c: atoms.at(c, places) for c in ("letter", "lower")}
        )
        .select(
            "place",
            per=pl.when(pl.col("letter").is_in(known))
            .then("unit")
            .otherwise(pl.col("lower").replace_strict(words, default=None, return_dtype=pl.String)),
            is_each=pl.col("letter") == LETTERS["all"],
        )
        .drop_nulls("per")
    )
    eaches = marks.filter("is_each")
    bars = pl.concat([atoms.words("stop", "comma", "line"), atoms.numbers()]).sort()
    last, first = rows["last"], rows["first"]
    ahead = until(atoms, marks["place"], last + 1)
    stop = until(atoms, bars, last + 1)
    back = since(atoms, eaches["place"], first)
    behind = marks["per"].gather(marks["place"].search_sorted(last + 1), null_on_oob=True)
    each = eaches["per"].gather(eaches["place"].search_sorted(first - back.fill_null(0)), null_on_oob=True)
    after = atoms.at("letter", last, 1).is_in(_letters("the")) | atoms.at("lower", last, 1).is_in(["la", "l'"])
    # « 340 euros le mégawattheure », « 20 $ de l'heure », but « 40 M$ l'an passé ».
    of_the = (atoms.at("lower", last, 1) == "de") & atoms.at("lower", last, 2).is_in(["l'", "la"])
    the_unit = atoms.at("unit", last, 2).zip_with(~of_the.fill_null(value=False), atoms.at("unit", last, 3))
    is_dated = atoms.at("letter", last, 2).is_in(_letters("years", "time")) & (the_unit != "d")
    told = rows.with_columns(
        by_unit=((after | of_the) & ~is_dated & (rows["kind"] == "money")).fill_null(value=False),
        follows=((ahead <= PER_REACH) & (stop.is_null() | (ahead < stop))).fill_null(value=False),
        each_before=(back <= EACH_REACH).fill_null(value=False),
        the_unit=the_unit,
        behind=behind,
        each=each,
    )
    per = pl.coalesce(
        pl.when("by_unit").then("the_unit"), pl.when("follows").then("behind"), pl.when("each_before").then("each")
    )
    # « une aide annuelle de 3 milliards »
    of = atoms.at("lower", rows["lead"], -1).is_in(["de", "d'"]).fill_null(value=False)
    adjective = atoms.at("lower", rows["lead"], -2).replace_strict(words, default=None, return_dtype=pl.String)
    per = pl.coalesce(per, pl.when(of).then(adjective))
    # What a bare number takes over from its neighbour is per the same: « 1,7 million de barils par jour, contre 2,4 ».
    own = told.with_columns(per=pl.when(pl.col("kind") != "duration").then(per))
    article, before, behind_it = pl.col("article"), pl.col("rule") == "ellipsis", pl.col("rule") == "pair"
    from_before = pl.when(before & pl.col("against") & (article == article.shift(1))).then(pl.col("per").shift(1))
    from_behind = pl.when(behind_it & (article == article.shift(-1))).then(pl.col("per").shift(-1))
    return own.with_columns(per=pl.coalesce("per", from_behind, from_before))


def _with_subject(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Add `subject_first`, `subject_last` (places of atoms): what a measure or sum is of.

    The noun phrase behind « de » (« 1,5 milliard de dollars d'aide militaire américaine »), else the noun before
    it (« un stock de 412 kilos »). Counts have `counted` and no subject.
    """
    last = rows["last"]
    noun = _letters("singular", "plural", "participle")
    of = atoms.at("lower", last, 1).is_in(["de", "d'", "du", "des"])
    skips = atoms.at("letter", last, 2).is_in(_letters("function", "the", "les")).cast(pl.Int64).fill_null(0)
    starts, ends = last.cast(pl.Int64) + 2 + skips, last.cast(pl.Int64) + 1 + skips
    runs = pl.repeat(True, rows.height, dtype=pl.Boolean, eager=True)
    for step in range(SUBJECT_WORDS):
        runs = runs & atoms.at("letter", starts, step).is_in(noun).fill_null(value=False)
        ends = ends + runs.cast(pl.Int64)
    behind = (of & (ends >= starts) & (rows["kind"] != "count")).fill_null(value=False)
    before = (
        atoms.at("lower", rows["lead"], -1).is_in(["de", "d'"])
        & atoms.at("letter", rows["lead"], -2).is_in(noun)
        & (rows["kind"] != "count")
    ).fill_null(value=False)
    lead = rows["lead"].cast(pl.Int64) - 2
    # « une aide militaire de 3 milliards »: the noun before its adjective, as far as the determiner.
    is_determined = atoms.at("lower", rows["lead"], -4).is_in(load("figures")["determiner"]["words"])
    has_adjective = (is_determined & atoms.at("letter", rows["lead"], -3).is_in(noun)).fill_null(value=False)
    lead_first = lead - has_adjective.cast(pl.Int64)
    # « à hauteur de », « disposera de »
    is_other = (atoms.at("lower", rows["lead"], -3) == "à") | atoms.at("lower", rows["lead"], -2).str.contains(
        "er(?:a|ont|ait|aient)$"
    )
    before = before & ~is_other.fill_null(value=False)
    first = pl.select(pl.when(behind).then(starts).when(before).then(lead_first)).to_series()
    final = pl.select(pl.when(behind).then(ends).when(before).then(lead)).to_series()
    return rows.with_columns(subject_first=first, subject_last=final)


def _sentence_texts(spans: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.Series:
    """The sentences that spans in text order touch, each cut out once for the spans in a row that touch it."""
    edges = pl.DataFrame([tokens["sentence"][spans[edge]].alias(edge) for edge in ("first", "last")])
    is_new = edges.select((pl.all() != pl.all().shift(1)).fill_null(value=True)).fold(lambda a, b: a | b)
    distinct = spans.select("article", "first", "last").filter(is_new)
    return with_sentence_text(distinct, tokens, articles)["sentence"][is_new.cast(pl.UInt32).cum_sum() - 1]


def figures(tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Quantities of articles: the `figures` table of the contract.

    In: tokens with sentences (`with_sentences`), `article` being the row of `articles`; articles with `article_id` and
    `text`. Out: one row per quantity, sorted by article and place. Numbers that count or measure nothing (dates, times
    of day, ranks, names) yield none, and neither do bare numbers that no figure before explains.
    """
    numbers, everyone = numerals(tokens), parties(tokens, organisations=True)
    named = everyone.filter(pl.col("form") != "organisation")
    if numbers.is_empty():
        return FIGURES.empty()
    forms = distinct_forms(tokens)
    rows, atoms = quantities(tokens, forms, numbers, named)
    rows = _with_currency(_measuring(rows, atoms), atoms, tokens, named)
    rows = _with_kind(_with_ellipsis(rows, atoms), atoms)
    words = topic_words(tokens, forms)
    rows = with_topic(_with_subject(_with_per(rows, atoms), atoms), atoms, words)
    rows = with_aid(rows, atoms, words, everyone)
    # The noun counted; « F-35 » is one of three atoms.
    noun = rows["noun"].cast(pl.Int64)
    opens = noun - 2 * (atoms.at("letter", noun) == LETTERS["struck"]).cast(pl.Int64)
    is_count = (rows["kind"] == "count").fill_null(value=False)
    placed = rows.with_columns(
        first=atoms.at("first", rows["first"]),
        last=atoms.at("last", rows["last"]),
        qualifier_start=tokens["start"].gather(atoms.at("first", rows["qualifier_first"])),
        qualifier_end=tokens["end"].gather(atoms.at("last", rows["qualifier_last"])),
        counted_start=tokens["start"].gather(atoms.at("first", opens)),
        counted_end=tokens["end"].gather(atoms.at("last", noun)),
        is_count=is_count,
        subject_start=tokens["start"].gather(atoms.at("first", rows["subject_first"])),
        subject_end=tokens["end"].gather(atoms.at("last", rows["subject_last"])),
        article_id=articles["article_id"].gather(rows["article"]),
        body=articles["text"].gather(rows["article"]),
    )
    placed = placed.with_columns(
        text_start=tokens["start"].gather(placed["first"]), text_end=tokens["end"].gather(placed["last"])
    )
    found = placed.with_columns(
        sentence=_sentence_texts(placed, tokens, articles),
        figure_id=pl.format("{}-f{}", "article_id", "text_start"),
        text=slices(pl.col("body"), pl.col("text_start"), pl.col("text_end")),
        counted=pl.when("is_count").then(slices(pl.col("body"), pl.col("counted_start"), pl.col("counted_end"))),
        subject=slices(pl.col("body"), pl.col("subject_start"), pl.col("subject_end")),
        qualifier_text=slices(pl.col("body"), pl.col("qualifier_start"), pl.col("qualifier_end")),
        confidence=pl.col("rule").replace_strict(CONFIDENCE, return_dtype=pl.Float64) - pl.col("doubt"),
    )
    return found.select(pl.col(c).cast(t) for c, t in FIGURES.polars_schema.items()).sort("article_id", "text_start")
