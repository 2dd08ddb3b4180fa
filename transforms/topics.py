"""What a figure is about, and whose aid it is: topic, giver, receiver and stage, from the words of its clause.

The topic is weighed: what is counted, the words next to the figure, its sentence, its paragraph and its article speak
for the topics of `lexicon/figures.toml`, the nearer the louder. Givers and receivers are the parties of the sentence,
by the word before their name (« à l'Ukraine », « de la Norvège ») and the verb of the clause.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.quantities import LETTERS, Atoms
from transforms.text import neighbours

# What a word of a topic weighs by where it stands, and how many words count at most.
THING = 4.0
NEAR, IN_SENTENCE, IN_PARAGRAPH, IN_ARTICLE = (1.5, 4), (0.7, 4), (0.3, 4), 80.0
NEAR_TOKENS = 7  # before and behind the figure
SUBJECT, WEAK = 2.5, 2.0
MONEY_APART = 0.65
# How far paragraph and article tell the topic of a kind: a distance is about its own sentence, a sum about the passage.
WIDE = {
    "distance": 0.3, "area": 0.3, "mass": 0.3, "volume": 0.3, "speed": 0.3, "energy": 0.3, "temperature": 0.0,
    "percent": 0.4, "duration": 0.3,
}  # fmt: skip
UNKNOWN_WIDE = 0.4  # things that no list names
# Words for someone whose age « de 34 ans » tells.
SOMEONE = r"(?:teur|trice|euse|cheur|ière|ienne?|iste|homme|mère|père|fils|sœur|frère|veuve|vétéran|retraitée?|élue?)$"
BASE = 1.0  # what speaks for « other » before any word does
GIVING = 4.0  # what a verb of giving adds for money and gear
# Kinds that can be given; the others are never aid (gold/NOTES.md, 22).
GIVEN_KINDS = ["money", "count", "percent", "mass", "volume", "energy", "other"]
CONCERNED_MENTIONS, CONCERNED_SHARE = 2, 0.5  # of a country's mentions among those that give none
OPENING_REACH = 6  # tokens
SUBJECT_REACH, OBJECT_REACH, AID_REACH = 30, 20, 6  # tokens
TOPICS = ("other", "aid", "military", "diplomacy")  # the first of equals wins
STAGES = ("requested", "promised", "committed", "delivered", "received")
TO = ["à", "au", "aux", "pour", "envers"]
TO_ENDS = ["faveur", "profit", "destination", "bénéfice", "attention", "disposition"]
FROM_ENDS = ["part", "auprès"]  # « de la part de », « auprès de »
ASKED_BY = ["à", "au", "aux"]  # whom a request goes to; « pour » is for whom
CALLS = ["appel", "appels", "don"]  # tell how far aid has come, but not that anything is given
NOT = ["pas", "jamais"]
WILL_BE = ["sera", "seront", "serait", "seraient", "être", "soit", "soient", "fera", "feront", "ferait", "feraient"]
IS = ["est", "sont", "était", "étaient", "été", "être", "sera", "seront", "serait", "seraient"]
# Verbs whose subject receives, and those that do when passive.
RECEIVING = (
    r"^(?:reçoi|reç|recev|recevr|obten|obtien|bénéfici|touch|récup|réclam|demand|sollicit|quémand|dispose|espèr|espér|"
    r"aur(?:a|ont|ait|aient)$)"
)
HELPED = r"^(?:soutenue?s?|aidée?s?|financée?s?|secourue?s?|dotée?s?|équipée?s?)$"
# Who speaks for a state: « le président kényan réclame », not « les entreprises kényanes recevront ».
STATESMAN = (
    r"^(?:présidente?|ministre|gouvernement|autorités|roi|reine|prince|émir|junte|chef|parlement|armée|régime|diplomatie|"
    r"premier)$"
)
INFINITIVE = r"(?:er|ir|re)$"
PARTICIPLE = r"(?:é|ée|és|ées)$"
RELATIVE_REACH, ANTECEDENT_REACH, BY_REACH, OF_REACH = 2, 12, 12, 5  # tokens
OF = ["de", "d'", "du", "des"]
ASIDE = ["en", "dans", "sur", "contre", "depuis", "selon", "vers", "chez", "avec", "sous", "entre"]
# Nouns that a giver's adjective or name stands by.
AID_NOUN = (
    r"^(?:aides?|soutien|dons?|fonds|contributions?|effort|financements?|promesses?|enveloppes?|paquets?|prêts?|"
    r"assistance|subventions?|livraisons?|tranches?|appui)$"
)
ARTICLES = ["le", "la", "l'", "les"]
# The endings of a regular verb, written « ~er » in the lexicon.
VERB = "(?:e|es|er|ent|ons|ez|a|ant|ait|aient|era|eront|erons|erait|eraient|èrent|é|ée|és|ées)"


@cache
def _patterns(section: str, part: str) -> dict[str, str]:
    """Topic or stage → the regular expression of its words."""
    entries = load("figures")[section]
    words = {name: entry.get(part, []) if part else entry for name, entry in entries.items()}
    return {name: f"^(?:{'|'.join(forms)})$".replace("~er", VERB) for name, forms in words.items() if forms}


@cache
def _nationals() -> list[str]:
    """The people of countries, as the adjective has them."""
    return sorted({a.lower() for c in load("countries")["country"] for a in c["adjectives"]})


def _bounds(tokens: pl.DataFrame, column: str, place: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The first token of the sentence, paragraph or article that places stand in, and the one behind its last."""
    at = tokens[column].gather(place)
    return (
        tokens[column].search_sorted(at, side="left").cast(pl.Int64),
        tokens[column].search_sorted(at, side="right").cast(pl.Int64),
    )


def topic_words(tokens: pl.DataFrame, forms: pl.DataFrame) -> pl.DataFrame:
    """The words that tell a topic or a stage of aid.

    In: tokens and their forms (`distinct_forms`). Out: one row per word, in text order: `token`, 0/1 for every topic,
    `verb` (of giving), `is_aid`, `is_call`, `is_participle`, and `stage` (place in `STAGES`, or null).
    """
    lower = pl.col("lower")
    tests = {name: lower.str.contains(pattern) for name, pattern in _patterns("topic", "context").items()}
    tests["is_aid"] = lower.str.contains(AID_NOUN)
    tests["is_call"] = lower.is_in(CALLS)
    tests["is_participle"] = lower.str.contains(PARTICIPLE)
    stages = _patterns("stage", "")
    # One number per form says all: a bit for each test, and the stage, counted from 1, above them.
    stage = pl.coalesce(
        *(pl.when(lower.str.contains(stages[name])).then(i) for i, name in enumerate(STAGES, start=1)), 0
    )
    bits = pl.sum_horizontal(test.cast(pl.UInt16) * 2**i for i, test in enumerate(tests.values()))
    of_form = forms.select((bits + stage * 2 ** len(tests)).cast(pl.UInt16)).to_series()
    code = of_form[tokens["form_id"]]
    token, told = (code > 0).arg_true(), pl.col("code")
    return (
        pl.DataFrame({"token": token, "code": code[token]})
        .with_columns(
            *((told // 2**i % 2).cast(pl.Int32).alias(name) for i, name in enumerate(tests)),
            stage=told // 2 ** len(tests),
        )
        .select(
            pl.exclude("code", "stage"),
            verb=((pl.col("stage") > 0) & (pl.col("is_call") == 0)).cast(pl.Int32),
            stage=pl.when(pl.col("stage") > 0).then(pl.col("stage").cast(pl.Int8) - 1),
        )
    )


def _telling(words: pl.Series, patterns: dict[str, dict[str, str]]) -> pl.DataFrame:
    """Whether words pass the tests of some parts of the lexicon: `<topic>_<part>`; null where there is no word."""
    distinct = words.unique().alias("word").to_frame()
    told = distinct.with_columns(
        pl.col("word").str.contains(pattern).alias(f"{name}_{part}")
        for part, names in patterns.items()
        for name, pattern in names.items()
    )
    return (
        words.alias("word")
        .to_frame()
        .join(told, on="word", how="left", nulls_equal=True, maintain_order="left")
        .drop("word")
    )


def with_topic(rows: pl.DataFrame, atoms: Atoms, told: pl.DataFrame) -> pl.DataFrame:
    """Add `topic`.

    In: rows with `first`, `last`, `noun` (places of atoms), `kind`, `rule`; their atoms; the topic words of all
    articles.
    """
    contexts, things = _patterns("topic", "context"), _patterns("topic", "thing")
    noun = atoms.at("lower", rows["noun"])
    # « F-35 » is three atoms.
    is_type = atoms.at("letter", rows["noun"]) == LETTERS["struck"]
    noun = noun.zip_with(~is_type.fill_null(value=False), atoms.at("lower", rows["noun"], -2) + "-" + noun)
    subject = atoms.at("lower", rows["subject_first"])
    is_thing = _telling(noun, {"thing": things, "weak": _patterns("topic", "weak")})
    of_subject = _telling(subject, {"context": contexts, "thing": things, "weak": _patterns("topic", "weak")})
    is_subject = {
        name: (of_subject[f"{name}_context"] | of_subject[f"{name}_thing"]).fill_null(value=False) for name in TOPICS
    }
    counts = (rows["kind"] == "count").fill_null(value=False)
    # « 26 millions de Congolais », « 40 Ukrainiens »: the people of a country.
    is_party = atoms.at("letter", rows["noun"]) == LETTERS["party"]
    is_party = is_party | ((atoms.at("letter", rows["noun"]) == LETTERS["name"]) & noun.is_in(_nationals()))
    is_people = (is_thing["people_thing"] | is_party).fill_null(value=False) & counts
    is_known = pl.select(pl.any_horizontal(is_thing)).to_series().fill_null(value=False) | is_people
    first, last = (atoms.at(c, rows[c]).cast(pl.Int64) for c in ("first", "last"))
    opens, closes = _bounds(atoms.tokens, "sentence", first)
    begins, ends = _bounds(atoms.tokens, "article", first)
    near = pl.DataFrame({"opens": opens, "closes": closes, "first": first, "last": last}).select(
        low=pl.max_horizontal("opens", pl.col("first") - NEAR_TOKENS),
        high=pl.min_horizontal("closes", pl.col("last") + 1 + NEAR_TOKENS),
    )
    sums = {name: pl.concat([pl.Series([0], dtype=pl.Int32), told[name].cum_sum()]) for name in (*contexts, "verb")}
    windows = {
        "near": (near["low"], near["high"]),
        "sentence": (opens, closes),
        "paragraph": _bounds(atoms.tokens, "paragraph", first),
        "article": (begins, ends),
    }
    edges = {place: [told["token"].search_sorted(edge) for edge in window] for place, window in windows.items()}

    def count(name: str, place: str) -> pl.Series:
        """How many words of a class stand in a window."""
        low, high = edges[place]
        return sums[name].gather(high) - sums[name].gather(low)

    widths = rows["kind"].replace_strict(WIDE, default=1.0, return_dtype=pl.Float64)
    is_unknown = counts & rows["noun"].is_not_null() & ~is_known
    widths = widths * (1.0 - is_unknown.cast(pl.Float64) * (1.0 - UNKNOWN_WIDE))
    is_money = (rows["kind"] == "money").cast(pl.Float64)
    scores = {}
    for name in TOPICS:
        # Sums in an article on a war are not the war's: only aid is told by the passage.
        wide = widths * (1.0 - is_money * (MONEY_APART if name in ("military", "diplomacy") else 0.0))
        score = count(name, "article") * IN_ARTICLE / (ends - begins).clip(lower_bound=100) * wide
        for (weight, most), width, place in (
            (NEAR, 1.0, "near"), (IN_SENTENCE, 1.0, "sentence"), (IN_PARAGRAPH, wide, "paragraph"),
        ):  # fmt: skip
            score = score + count(name, place).clip(upper_bound=most) * weight * width
        scores[name] = score + is_subject[name].cast(pl.Float64) * SUBJECT
    near_words = {name: count(name, "near") > 0 for name in ("at_war", "joined")}
    deployed = count("deployed", "sentence") > 0
    near_words["at_war"] = near_words["at_war"] & (count("disaster", "sentence") == 0)
    people = {
        "diplomacy": is_people & near_words["joined"],
        "military": is_people & near_words["at_war"] & ~near_words["joined"],
        "other": is_people & ~near_words["at_war"] & ~near_words["joined"],
    }
    scores = {
        name: score + people[name].cast(pl.Float64) * THING if name in people else score
        for name, score in scores.items()
    }
    is_count = pl.col("kind") == "count"
    thing = {name: pl.when(is_count & pl.col(f"{name}_thing")).then(THING).otherwise(0.0) for name in things}
    gear = pl.col("gear_thing").fill_null(value=False)
    nameless = is_count & pl.col("noun").is_null()
    can_give = (
        ~nameless
        & ~pl.col("is_people")
        & pl.col("kind").is_in(GIVEN_KINDS)
        & ~(
            is_count
            & pl.any_horizontal("military_thing", "other_thing", "diplomacy_thing", "people_thing").fill_null(
                value=False
            )
        )
    )
    is_load = pl.col("kind").is_in(["mass", "volume"]) & pl.col("is_goods")
    # « consacre 3 milliards à sa défense » gives to nobody.
    is_gift = (
        (pl.col("gives") & ((pl.col("kind") == "money") | (gear & ~pl.col("deployed"))))
        | (pl.col("gives_near") & is_load)
    ) & ~(pl.col("for_itself") | pl.col("is_price"))
    scored = (
        rows.with_columns(
            itemised=_is_itemised(rows, atoms),
            gives=count("verb", "sentence") > 0,
            gives_near=count("verb", "near") > 0,
            is_goods=of_subject["aid_weak"].fill_null(value=False),
            for_itself=_is_for_itself(rows, atoms),
            is_price=is_subject["other"] & (rows["kind"] == "money"),
            is_age=_is_age(rows, atoms),
            told_again=_is_told_again(rows, atoms),
            is_people=is_people,
            deployed=deployed,
            **scores,
        )
        .hstack(is_thing)
        .with_columns(
            aid=pl.when(can_give)
            .then(pl.col("aid") + thing["aid"] + pl.when(is_gift).then(GIVING).otherwise(0.0))
            .otherwise(-1.0),
            military=pl.col("military")
            + thing["military"]
            + pl.when(pl.col("military_weak")).then(WEAK).otherwise(0.0)
            + pl.when(pl.col("gives") & ~pl.col("deployed")).then(0.0).otherwise(thing["gear"]),
            diplomacy=pl.col("diplomacy") + thing["diplomacy"] + pl.when("diplomacy_weak").then(WEAK).otherwise(0.0),
            other=pl.col("other") + thing["other"] + BASE,
        )
    )
    highest = pl.max_horizontal(TOPICS)
    best = pl.coalesce(pl.when(pl.col(name) == highest).then(pl.lit(name)) for name in TOPICS)
    topic = (
        pl.when(pl.col("kind") == "calibre")
        .then(pl.lit("military"))
        .when("is_age")
        .then(pl.lit("other"))
        .otherwise(best)
    )
    carried = scored.with_columns(topic=topic).with_columns(topic=_carried())
    return carried.drop(
        *is_thing.columns,
        *TOPICS,
        "gives",
        "gives_near",
        "is_goods",
        "for_itself",
        "is_price",
        "is_age",
        "told_again",
        "is_people",
        "deployed",
        "itemised",
    )


def _is_age(rows: pl.DataFrame, atoms: Atoms) -> pl.Series:
    """Whether years are an age: « il avait 19 ans », « Espérance, 34 ans, », « une fermière de 34 ans »."""
    before, before2 = (atoms.at("lower", rows["lead"], -k) for k in (1, 2))
    between = (before == ",") & atoms.at("lower", rows["last"], 1).is_in([",", ")", "."])
    having = before.is_in(["avait", "avaient", "a", "ont", "ai"]) & (before2 != "y")
    aged = before2.str.contains("^(?:âgée?s?|âge)$") | before.str.contains("^âgée?s?$")
    someone = _patterns("topic", "thing")["people"]
    of_someone = before.is_in(["de", "d'"]) & (before2.str.contains(someone) | before2.str.contains(SOMEONE))
    return ((rows["unit"] == "a") & (having | aged | between | of_someone)).fill_null(value=False)


def _is_for_itself(rows: pl.DataFrame, atoms: Atoms) -> pl.Series:
    """Whether a sum goes to what the giver has: « 3 milliards à sa défense »."""
    behind, behind2 = (atoms.at("lower", rows["last"], k) for k in (1, 2))
    return ((behind == "à") & behind2.is_in(["sa", "son", "ses", "leur", "leurs"])).fill_null(value=False)


def _is_told_again(rows: pl.DataFrame, atoms: Atoms) -> pl.Series:
    """Whether a figure is a part of the one before, or the same in other units: « dont 40 % », « soit 9 dollars »."""
    before, before2 = (atoms.at("lower", rows["lead"], -k) for k in (1, 2))
    return (
        before.is_in(["dont", "soit", "("])
        | ((before == "de") & (before2 == "lieu"))
        | (before == "à") & (before2 == "équivalent")
    ).fill_null(value=False)


def _is_itemised(rows: pl.DataFrame, atoms: Atoms) -> pl.Series:
    """Whether a sum is the item of a list: « – Luxembourg : 6,5 millions d'euros »."""
    colon, party = atoms.at("lower", rows["lead"], -1), atoms.at("letter", rows["lead"], -2)
    return ((colon == ":") & (party == LETTERS["party"]) & (rows["kind"] == "money")).fill_null(value=False)


def _carried() -> pl.Expr:
    """The topic, carried on from the figure before where the row leans on it.

    « six hélicoptères… Il en aura deux », « 6 millions d'euros, dont 40 % », « 5 milliards, soit 8 dollars ».
    """
    follows = pl.col("article") == pl.col("article").shift(1)
    before, kind_before = (pl.when(follows).then(pl.col(c).shift(1)) for c in ("topic", "kind"))
    same = pl.col("sentence") == pl.col("sentence").shift(1)
    leans = (pl.col("rule") == "ellipsis") & (pl.col("kind") == kind_before)
    told = same & pl.col("told_again") & ((pl.col("kind") == kind_before) | (pl.col("kind") == "percent"))
    item = pl.col("itemised") & (before == "aid") & (kind_before == "money")
    listed = same & (before == "aid") & (pl.col("kind") == "money") & (kind_before == "money")
    return pl.when((leans | told | listed | item).fill_null(value=False)).then(before).otherwise("topic")


def with_aid(rows: pl.DataFrame, atoms: Atoms, words: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Add `giver`, `receiver` and `aid_stage` to the rows of topic aid; null elsewhere and where the text tells none.

    In: rows with `topic`; their atoms; the topic words (`topic_words`) and the parties of all articles.
    """
    rows = rows.with_row_index("row").with_columns(
        token=atoms.at("first", rows["first"]).cast(pl.Int64),
        token_last=atoms.at("last", rows["last"]).cast(pl.Int64),
    )
    aid = rows.filter(topic="aid").select("row", "article", "sentence", "token", "token_last", "kind")
    aid = aid.with_columns(paragraph=atoms.tokens["paragraph"].gather(aid["token"]))
    if aid.is_empty():
        empty = dict.fromkeys(("giver", "receiver", "aid_stage"), pl.lit(None, dtype=pl.String))
        return rows.drop("row", "token", "token_last").with_columns(**empty)
    placed = _placed(atoms.tokens, words, named.join(aid, on="article", how="semi", maintain_order="left"))
    stages = _stages(aid, _verbs(words, atoms.tokens, aid), atoms.tokens)
    near = _parties(aid.join(stages, on="row", how="left"), placed)
    # Who asks or receives is the receiver; a body asks for others.
    asks = pl.col("takes").fill_null(value=False)
    asker = pl.when(asks).then(
        pl.coalesce("relative", "antecedent", pl.when(pl.col("subject_kind") == "country").then("subject"), "statesman")
    )
    asked = pl.when(asks & (pl.col("stage") == "requested") & asker.is_not_null()).then("asked")
    told = (
        aid.join(stages, on="row", how="left")
        .join(near, on="row", how="left")
        .with_columns(
            giver=pl.coalesce(
                pl.when(~asks).then("relative"),
                "by",
                "from",
                "of_sum",
                asked,
                "adjective",
                "of_aid",
                pl.when(~asks).then(pl.coalesce("subject", "opening", "place")),
            ),
            receiver=pl.coalesce(pl.when(asked.is_null()).then("to").otherwise("for"), asker),
            aid_stage=pl.col("stage").replace({"received": "delivered"}),
        )
        .sort("row")
        .with_columns(
            giver=pl.coalesce(
                "giver",
                pl.when(~asks | (pl.col("stage") != "requested")).then(
                    pl.col("giver").forward_fill().over("paragraph")
                ),
            )
        )
        .join(_receivers(placed), on="article", how="left")
        .with_columns(
            usual=pl.coalesce("usual", pl.col("to").drop_nulls().mode(maintain_order=True).first().over("article"))
        )
    )
    told = told.join(_concerned(told, placed), on="article", how="left").with_columns(
        usual=pl.coalesce("usual", "concerned")
    )
    told = told.with_columns(receiver=pl.coalesce("receiver", "usual")).with_columns(
        # One does not give to oneself: the name found twice is the giver's.
        receiver=pl.when(pl.col("receiver") == pl.col("giver"))
        .then(pl.when(pl.col("usual") != pl.col("giver")).then("usual"))
        .otherwise("receiver")
    )
    return rows.join(
        told.select("row", "giver", "receiver", "aid_stage"), on="row", how="left", maintain_order="left"
    ).drop("row", "token", "token_last")


def _marks_around(marks: pl.Series, place: pl.Series, within: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The rows of the last mark up to a place and of the first behind it; null where it stands in another passage.

    `within` has the passage (sentence or article) of every token.
    """
    behind = marks.search_sorted(place, side="right").cast(pl.Int64)
    passage, here = within.gather(marks), within.gather(place)

    def in_passage(row: pl.Series) -> pl.Series:
        return pl.select(pl.when(passage.gather(row, null_on_oob=True) == here).then(row)).to_series()

    return in_passage(pl.select(pl.when(behind > 0).then(behind - 1)).to_series()), in_passage(behind)


def _verbs(words: pl.DataFrame, tokens: pl.DataFrame, aid: pl.DataFrame) -> pl.DataFrame:
    """The words that tell a stage in the sentences of aid: `place`, `sentence`, `stage` and `takes`.

    `takes` says whether their subject receives.
    What is not done yet is promised (« n'a pas encore livré », « seront livrés »); an infinitive is as far as the verb
    that governs it (« s'est engagé à verser »).
    """
    told = words.select("token", "stage").drop_nulls("stage")
    told = told.with_columns(sentence=tokens["sentence"].gather(told["token"]))
    told = told.join(aid, on="sentence", how="semi", maintain_order="left")
    around = neighbours(tokens, told["token"], "lower", reach=3)
    promised, committed, delivered, received = (STAGES.index(name) for name in STAGES[1:])
    is_before = {k: pl.col(f"lower-{k}") for k in (1, 2, 3)}
    is_done = pl.col("stage").is_in([committed, delivered, received])
    undone = (
        is_before[1].is_in([*NOT, *WILL_BE]) | is_before[2].is_in([*NOT, *WILL_BE]) | is_before[3].is_in(NOT)
    ).fill_null(value=False)
    takes = pl.col("lower").str.contains(RECEIVING) | pl.col("stage").is_in([STAGES.index("requested"), received])
    is_helped = pl.col("lower").str.contains(HELPED) & (is_before[1].is_in(IS) | is_before[2].is_in(IS))
    verbs = around.with_columns(
        place=told["token"].cast(pl.Int64),
        sentence=told["sentence"],
        stage=told["stage"],
    ).with_columns(stage=pl.when(is_done & undone).then(promised).otherwise("stage"), takes=takes | is_helped)
    gap = pl.col("place") - pl.col("place").shift(1).over("sentence")
    governed = pl.col("lower").str.contains(INFINITIVE) & (
        (gap == 1) | ((gap == 2) & is_before[1].is_in(["à", "de", "d'"]))
    )
    return (
        verbs.with_columns(stage=pl.when(governed).then(pl.col("stage").shift(1)).otherwise("stage"))
        # « a fait don de six camions »: the noun alone tells nothing.
        .filter((pl.col("lower") != "don") | is_before[1].str.contains("^f(?:ai|on|er)"))
        .select("place", "sentence", stage=pl.col("stage").cast(pl.Int8), takes=pl.col("takes").fill_null(value=False))
    )


def _stages(aid: pl.DataFrame, verbs: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """What the nearest word of giving tells: `row`, `stage`, `takes` and `verb_at`.

    One before the figure rather than one behind, but in « les 3 milliards que Séoul a promis », and of the whole in
    « 12 des 40 chars promis ».
    """
    behind = neighbours(tokens, aid["token_last"], "lower", reach=1)["lower+1"]
    of = neighbours(tokens, aid["token"], "lower", reach=1)["lower-1"]
    is_whole = (of == "des") & (aid["token_last"].shift(1) == aid["token"] - 2)
    is_whole = is_whole.fill_null(value=False)
    ahead = (behind.is_in(["que", "qu'"]) | is_whole).fill_null(value=False)
    asked = aid.select("row", "sentence", "token", ahead=ahead, whole=is_whole).sort("token")
    found = verbs.sort("place").with_columns(verb_at="place")
    sides = [
        asked.join_asof(found, left_on="token", right_on="place", by="sentence", strategy=side, check_sortedness=False)
        for side in ("backward", "forward")
    ]
    before, after = (side.select("stage", "takes", "verb_at") for side in sides)
    from_after = (asked["ahead"] & after["verb_at"].is_not_null()) | before["verb_at"].is_null()
    # Of « il a reçu 12 des 40 chars promis », the 40 are promised to who receives.
    by_before = asked["whole"] & before["verb_at"].is_not_null()
    told = asked.select("row").with_columns(
        stage=after["stage"].zip_with(from_after, before["stage"]),
        takes=after["takes"].zip_with(from_after & ~by_before, before["takes"]),
        verb_at=after["verb_at"].zip_with(from_after & ~by_before, before["verb_at"]),
    )
    return told.with_columns(stage=pl.col("stage").replace_strict(range(len(STAGES)), STAGES, return_dtype=pl.String))


def _placed(tokens: pl.DataFrame, words: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Parties with their `sentence`, `role` and `aid_before`.

    The role is told by the words before them: to, by, of, aside, adjective or subject; `aid_before` is how many tokens
    back the last noun of aid stands in the article.
    """
    first = named["first"].cast(pl.Int64)
    aid_words = words.filter(is_aid=1)["token"]
    aid_at = aid_words.gather(_marks_around(aid_words, first, tokens["article"])[0]).cast(pl.Int64)
    near = neighbours(tokens, first, "lower", reach=3).select(back1="lower-1", back2="lower-2", back3="lower-3")
    near = near.hstack(neighbours(tokens, named["last"], "lower", reach=2).select(front="lower+1", front2="lower+2"))
    sentence = tokens["sentence"].gather(first)
    # « À Oslo, … » opens a sentence.
    opens = sentence != neighbours(tokens, first, "sentence", reach=2)["sentence-2"]
    skips = pl.col("back1").is_in(ARTICLES)
    of_noun = (pl.col("form") == "adjective") & ~pl.col("back1").str.contains(AID_NOUN)
    role = (
        # « aux autorités maliennes », « à l'armée malienne »
        pl.when(
            of_noun
            & (
                pl.col("back2").is_in(["au", "aux", "pour"])
                | (pl.col("back2").is_in(ARTICLES) & pl.col("back3").is_in(["à", "pour"]))
            )
        )
        .then(pl.lit("to"))
        .when(pl.col("form") == "adjective")
        .then(pl.lit("adjective"))
        .when(
            (
                pl.col("before").is_in(OF)
                & (pl.col("before2").is_in(FROM_ENDS) | pl.col("before2").str.contains(RECEIVING))
            )
            | ((pl.col("before") == "à") & (pl.col("before2") == "grâce"))
        )
        .then(pl.lit("from"))
        .when((pl.col("form") == "capital") & pl.col("is_opening") & pl.col("before").is_in(["à", "a"]))
        .then(pl.lit("place"))
        .when(pl.col("before").is_in(TO) | (pl.col("before").is_in(OF) & pl.col("before2").is_in(TO_ENDS)))
        .then(pl.lit("to"))
        .when((pl.col("before") == "par") & pl.col("is_given"))
        .then(pl.lit("by"))
        .when(pl.col("before").is_in(OF))
        .then(pl.lit("of"))
        .when(pl.col("before").is_in(ASIDE))
        .then(pl.lit("aside"))
        .otherwise(pl.lit("subject"))
    )
    return (
        named.hstack(near)
        .with_columns(
            pl.col("first", "last").cast(pl.Int64),
            before=pl.when(skips).then("back2").otherwise("back1"),
            before2=pl.when(skips).then("back3").otherwise("back2"),
            sentence=sentence,
            is_given=_is_given(words, first, tokens),
            from_start=first - tokens["sentence"].search_sorted(sentence).cast(pl.Int64),
            is_opening=opens.fill_null(value=True),
        )
        .with_columns(role=role, aid_before=first - aid_at)
        .with_columns(
            is_statesman=(pl.col("form") == "adjective")
            & (pl.col("back1").str.contains(STATESMAN) | pl.col("back2").str.contains(STATESMAN)),
            is_of=(pl.col("role") == "of")
            | (
                of_noun
                & (pl.col("back2").is_in(["du", "des"]) | (pl.col("back2").is_in(ARTICLES) & (pl.col("back3") == "de")))
            ),
            is_relative=pl.col("before").is_in(["que", "qu'"]),
            is_antecedent=(pl.col("front") == "qui") | ((pl.col("front") == ",") & (pl.col("front2") == "qui")),
            lead=pl.col("first") - 1 - skips.cast(pl.Int64),
        )
        .drop("back1", "back2", "back3", "front", "front2", "is_given", "is_opening")
    )


def _is_given(words: pl.DataFrame, first: pl.Series, tokens: pl.DataFrame) -> pl.Series:
    """Whether the last participle before is one of giving: « accordée au Malawi par Londres », not « chiffré par »."""
    given = [STAGES.index(name) for name in ("promised", "committed", "delivered")]
    verbs = words.filter(pl.col("stage").is_not_null() | (pl.col("is_participle") == 1))
    at, _ = _marks_around(verbs["token"], (first - 2).clip(lower_bound=0), tokens["article"])
    gap = first - verbs["token"].gather(at).cast(pl.Int64)
    return (verbs["stage"].gather(at).is_in(given) & (gap <= BY_REACH)).fill_null(value=False)


def _parties(aid: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """The parties around every figure by role: `row`, and by role the code of the nearest, or null."""
    near = (
        aid.select("row", "sentence", "token", "token_last", "kind", "verb_at", "takes", "stage")
        .join(placed, on="sentence")
        .with_columns(
            gap=pl.when(pl.col("first") < pl.col("token"))
            .then(pl.col("token") - pl.col("last"))
            .otherwise(pl.col("lead") - pl.col("token_last")),
            is_before=pl.col("first") < pl.col("token"),
        )
    )
    by_aid = pl.col("aid_before") <= AID_REACH

    def nearest(name: str, test: pl.Expr) -> pl.DataFrame:
        found = near.filter(test).sort("row", "gap", "first").unique("row", keep="first", maintain_order=True)
        return found.select("row", pl.col("party").alias(name), pl.col("party_kind").alias(f"{name}_kind"))

    out = aid.select("row")
    for name, test in {
        # An agency speaks about aid as often as it gives some: its verb stands between it and the figure.
        "subject": (pl.col("role") == "subject")
        & pl.col("is_before")
        & (pl.col("gap") <= SUBJECT_REACH)
        & (
            (pl.col("form") != "organisation")
            | ((pl.col("verb_at") > pl.col("last")) & (pl.col("verb_at") < pl.col("token")))
        ),
        "to": (pl.col("role") == "to") & (pl.col("gap") <= OBJECT_REACH),
        "asked": (pl.col("role") == "to")
        & pl.col("before").is_in(ASKED_BY)
        & (pl.col("first") > pl.col("verb_at"))
        & (pl.col("gap") <= OBJECT_REACH),
        "for": (pl.col("role") == "to") & ~pl.col("before").is_in(ASKED_BY) & (pl.col("gap") <= OBJECT_REACH),
        "from": (
            (pl.col("role") == "from")
            | (
                pl.col("is_of")
                & pl.col("takes")
                & (pl.col("stage") != "requested")
                & pl.col("first").is_between("verb_at", pl.col("verb_at") + OF_REACH)
            )
        )
        & (pl.col("gap") <= OBJECT_REACH),
        # « 12 millions d'euros de la France », « les 3 milliards que Séoul verse »
        "of_sum": (pl.col("role") == "of") & (pl.col("kind") == "money") & ~pl.col("is_before") & (pl.col("gap") <= 1),
        "relative": pl.col("is_relative") & ~pl.col("is_before") & (pl.col("gap") <= RELATIVE_REACH),
        "antecedent": pl.col("is_antecedent")
        & pl.col("is_before")
        & (pl.col("party_kind") == "country")
        & (pl.col("verb_at") > pl.col("last"))
        & (pl.col("gap") <= ANTECEDENT_REACH),
        "by": (pl.col("role") == "by") & (pl.col("gap") <= OBJECT_REACH),
        "adjective": (pl.col("role") == "adjective") & by_aid & (pl.col("gap") <= OBJECT_REACH),
        # « Le premier ministre espagnol a promis »: an adjective in the first words of a sentence.
        "opening": (pl.col("role") == "adjective") & pl.col("is_before") & (pl.col("from_start") <= OPENING_REACH),
        "statesman": pl.col("is_statesman") & pl.col("is_before") & (pl.col("from_start") <= OPENING_REACH),
        "place": (pl.col("role") == "place") & pl.col("is_before"),
        "of_aid": (pl.col("role") == "of") & (pl.col("aid_before") <= 3) & (pl.col("gap") <= OBJECT_REACH),
    }.items():
        out = out.join(nearest(name, test), on="row", how="left")
    return out


def _receivers(placed: pl.DataFrame) -> pl.DataFrame:
    """The party that an article most often names as receiving aid: `article`, `usual`."""
    return (
        placed.filter((pl.col("aid_before") <= AID_REACH + 4) & (pl.col("role") == "to"))
        .group_by("article", "party")
        .agg(pl.len(), pl.col("first").min())
        .sort("article", "len", "first", descending=[False, True, False])
        .unique("article", keep="first", maintain_order=True)
        .select("article", usual="party")
    )


def _concerned(told: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """The country that an article on aid is about, most of the mentions that are no giver's: `article`, `concerned`."""
    givers = told.select("article", party="giver").drop_nulls().unique()
    return (
        placed.filter(pl.col("party_kind") == "country")
        .join(told.select("article").unique(), on="article", how="semi")
        .join(givers, on=["article", "party"], how="anti")
        .group_by("article", "party")
        .agg(pl.len(), pl.col("first").min())
        .filter(
            (pl.col("len") >= CONCERNED_MENTIONS)
            & (pl.col("len") >= pl.col("len").sum().over("article") * CONCERNED_SHARE)
        )
        .sort("article", "len", "first", descending=[False, True, False])
        .unique("article", keep="first", maintain_order=True)
        .select("article", concerned="party")
    )
