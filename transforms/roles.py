"""Role noun phrases: « vice-ministre russe des Affaires étrangères », « cheffe de cabinet du président américain ».

A phrase is delimited as French syntax delimits the noun phrase, without its article: adjectives before the head, the
head, adjectives and complements behind it, as far as the words can belong to the complement (Grevisse & Goosse, *Le Bon
Usage*, « Le complément du nom »). It ends before a person's name, a comma, a verb, a relative. A person's name is part
of it only as a complement: « chef de cabinet d'Ursula von der Leyen », « gendre du président Donald Trump ».
"""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.schemas import ROLE_CATEGORIES
from transforms.text import (
    Rule,
    distinct_forms,
    find,
    find_phrases,
    layer,
    per_token,
    phrase_key,
    plain_apostrophes,
)

ALPHABET = {
    "head": "h", "office": "H", "post": "E", "before": "b", "adjective": "a", "national": "g", "praise": "j", "of": "d",
    "ofthe": "D", "the": "l", "to": "t", "tothe": "T", "for": "f", "in": "i", "near": "u", "on": "s", "charged": "r",
    "double": "B", "and": "e", "comma": "c", "capital": "N", "institution": "O", "place": "P", "name": "X",
    "owner": "Y", "noun": "m", "outside": "q", "digit": "0", "other": "z",
}  # fmt: skip
LETTERS = pl.Enum(ALPHABET.values())

_ADJ = "<adjective|national|before>"
_HEAD = "<head|office|post>"
# What stands behind a preposition with its article: « des Affaires étrangères », « du vice-président américain Vance ».
_THING = f"(?: <noun|outside> <capital>? | <institution> <digit>? | <place>+ | <capital>+ <digit>? | {_ADJ} ) {_ADJ}*"
_PERSON = f"{_HEAD} {_ADJ}* <name>*"
_OF_THE = f"(?: (?: <ofthe>+ <the>? | <of> <the> ) <before>* (?: {_PERSON} | {_THING} ) )"
_OF = f"(?: <of> <before>* (?: {_THING} | <owner>+ | {_HEAD} {_ADJ}* ) )"
_OF_ANY = f"(?: {_OF_THE} | {_OF} )"
# What coordinates inside a complement holds no role: « de l'Économie, des Finances et du Plan » is one ministry.
_OF_THING = f"(?: (?: <ofthe>+ | <of> <the>? ) <before>* {_THING} )"
_JOINED = f"(?: (?: <comma> {_OF_THING} )* <and> (?: {_OF_THING} | <institution|noun> {_ADJ}* ) )"
_COMPLEMENT = f"{_OF_ANY} {_JOINED}?"
# « secrétaire à la Défense », « envoyé spécial pour la Corne de l'Afrique », « ambassadeur en Ukraine ».
_INSIDE = f"<before>* (?: <noun> <capital>? | <institution> | <place>+ | <capital>+ | {_ADJ} ) {_ADJ}* {_OF_ANY}*"
_TO = (
    f"(?: (?: <tothe> | <to> <the> | <for> <the> | <on> <the> ) {_INSIDE}"
    f" (?: <and> (?: <tothe> | <to> <the> | {_OF_THING} ) {_INSIDE} )? )"
)
_NEAR = f"(?: <near> (?: <ofthe> | <of> <the>? | <the> ) (?: {_THING} | {_PERSON} ) )"
_AT = f"(?: (?: <in> | <to> <the>? | <tothe> | <for> <the>? ) (?: <place>+ | <capital>+ | <institution> ) {_ADJ}* )"
_CHARGED = f"(?: <charged> {_COMPLEMENT} )"
_TAIL = f"(?: {_ADJ}+ | {_COMPLEMENT} | {_CHARGED} )"
ROLES = [
    Rule(
        "role",
        core=f"<before>* (?: <post> (?: {_TAIL} | {_TO} | {_NEAR} | {_AT} )*"
        f" | <office> (?: {_TAIL} | {_TO} | {_NEAR} )* | <head> {_TAIL}* )",
    )
]
_HEAD_COLUMNS = ["head", "group", "gender", "is_plural"]
_ARTICLES = {"f": ["la", "une", "cette"], "m": ["le", "un", "ce", "du", "au"]}


def _plural(word: str) -> str:
    """The regular plural of a French noun: « maires », « généraux », « porte-parole »."""
    if word.endswith(("s", "x", "z")) or word == "porte-parole":
        return word
    return f"{word[:-2]}aux" if word.endswith("al") else f"{word}s"


@cache
def _heads() -> pl.DataFrame:
    """Forms of the heads of one word: `base` (lower case, without prefix), `head`, `group`, `gender`, `is_plural`."""
    lexicon = load("roles")
    rows: dict[str, tuple[str, str, str | None, bool]] = {}
    for category, words in lexicon["heads"].items():
        for masculine, *rest in (w.split(" ") for w in words):
            for word, gender in ((masculine, "m" if rest else None), *((w, "f") for w in rest)):
                for form in dict.fromkeys((word, _plural(word))):
                    rows.setdefault(form, (masculine.lower(), category, gender, form != word))
    for form, (head, gender, number) in lexicon["forms"].items():
        category = next(c for c, words in lexicon["heads"].items() if any(w.split(" ")[0] == head for w in words))
        rows[form] = (head, category, gender or None, number == "plural")
    return pl.DataFrame(
        [(form.lower(), *row) for form, row in rows.items()],
        schema=["base", "head", "group", "gender", "is_plural"],
        orient="row",
    )


@cache
def _phrases() -> pl.DataFrame:
    """Fixed phrases: `phrase`, `letters` (of its first and its other tokens), and what a head of several words says."""
    lexicon = load("roles")
    rows: list[tuple[str, str, str, str | None, str | None, str | None, bool]] = []
    for category, heads in lexicon["phrases"].items():
        for head, forms in heads.items():
            for form in forms:
                gender = "f" if form.startswith(("femme", "chargée")) else "m"
                letter = "E" if head in lexicon["complements"]["posts"] else "h"
                rows.append((form, letter, "a", head, category, gender, form.split(" ")[0].endswith("s")))
    rows += [(p, "a", "a", None, None, None, False) for p in lexicon["adverbials"]["phrases"]]
    rows += [(p, "m", "D", None, None, None, False) for p in lexicon["adverbials"]["links"]]
    frame = pl.DataFrame(
        rows, schema=["phrase", "letter", "other", "head", "group", "gender", "is_plural"], orient="row"
    )
    places = _places().select("phrase", "party", "spelling", letter=pl.lit("P"), other=pl.lit("P"))
    return pl.concat(
        [frame.with_columns(phrase=pl.Series(phrase_key(frame["phrase"].to_list()))), places], how="diagonal"
    )


@cache
def _places() -> pl.DataFrame:
    """Names of countries, capitals and organisations: `phrase`, `party` (null where they are none's)."""
    rows = [(n, c["code"]) for c in load("countries")["country"] for n in (c["name"], *c["names"])]
    rows += [(n, None) for c in load("countries")["country"] for n in c["capitals"]]
    rows += [
        (n, o.get("party") or (o.get("country") if o["kind"] in ("body", "institution") else None))
        for o in load("organisations")["organisation"]
        for n in o["names"]
    ]
    frame = pl.DataFrame(rows, schema=["name", "party"], orient="row")
    first = plain_apostrophes(pl.col("name")).str.extract(r"^([^ ]*?'|[^ ']+)")
    return frame.with_columns(phrase=pl.Series(phrase_key(frame["name"].to_list())), spelling=first).unique(
        "phrase", keep="first"
    )


@cache
def _adjective_parties() -> dict[str, str]:
    """Adjectives of countries and bodies → party."""
    found = {a: c["code"] for c in load("countries")["country"] for a in c["adjectives"]}
    bodies: dict[str, str] = load("roles")["bodies"]["adjectives"]
    return found | bodies


@cache
def _features() -> dict[str, pl.Expr]:
    """What a form says by itself: its `letter`, and what the words around it are judged by.

    In: `form`, `lower`, `is_capital` and the columns of `_heads`.
    """
    lexicon = load("roles")
    lower, form = pl.col("lower"), pl.col("form")
    adjectives, words, complements = lexicon["adjectives"], lexicon["words"], lexicon["complements"]
    small = ~pl.col("is_capital")
    suffix = rf"(?:{'|'.join(adjectives['endings'])})$"
    contexts = {
        "d": ["de", "d'"], "D": ["du", "des"], "l": ["le", "la", "les", "l'", "un", "une"], "t": ["à"],
        "T": ["au", "aux"], "f": ["pour"], "i": ["en"], "u": ["auprès", "près"], "s": ["sur"], "e": ["et", "&"],
        "c": [","], "r": ["chargé", "chargée", "chargés", "chargées"],
    }  # fmt: skip
    contexts_of = {w: letter for letter, ws in contexts.items() for w in ws}
    letter = (
        pl.when(lower.is_in(list(contexts_of))).then(lower.replace(contexts_of))
        .when(lower.is_in(adjectives["before"])).then(pl.lit("b"))
        .when(pl.col("head").is_not_null() & lower.is_in(adjectives["after"])).then(pl.lit("B"))
        .when(pl.col("head").is_in(complements["posts"])).then(pl.lit("E"))
        .when(pl.col("head").is_in(complements["offices"])).then(pl.lit("H"))
        .when(pl.col("head").is_not_null()).then(pl.lit("h"))
        .when(small & lower.is_in(complements["outside"])).then(pl.lit("q"))
        .when(small & lower.is_in(words["stops"])).then(pl.lit("z"))
        .when(lower.is_in(list(_adjective_parties()))).then(pl.lit("g"))
        .when(lower.is_in(adjectives["after"])).then(pl.lit("a"))
        .when(small & lower.is_in(adjectives["praise"])).then(pl.lit("j"))
        .when(small & lower.is_in(adjectives["not_adjectives"])).then(pl.lit("m"))
        .when(small & lower.str.contains(suffix)).then(pl.lit("a"))
        .when(form.is_in(words["institutions"])).then(pl.lit("O"))
        .when(form.str.contains(r"^\p{Lu}{2,6}$")).then(pl.lit("O"))
        .when(form.str.contains(r"^(?:(?:al|el|an|ar|as|at|ash|ez|ul)-)?\p{Lu}")).then(pl.lit("N"))
        .when(lower.str.contains(r"^\d+$")).then(pl.lit("0"))
        .when(lower.str.contains(r"^\p{L}[\p{L}\p{M}-]+'?$")).then(pl.lit("m"))
        .otherwise(pl.lit("z"))
    )  # fmt: skip
    return {
        "letter": letter.cast(LETTERS),
        # What a head that is an adjective elsewhere is where it is a head.
        "sense": pl.when(pl.col("head").is_in(complements["posts"])).then(pl.lit("E"))
        .when(pl.col("head").is_in(complements["offices"])).then(pl.lit("H")).otherwise(pl.lit("h")).cast(LETTERS),
        "is_auxiliary": lower.is_in(words["auxiliaries"]), "is_owner": lower.is_in(complements["of_person"]),
        "is_particle": lower.is_in(words["name_particles"]), "is_initial": form.str.contains(r"^\p{Lu}$"),
        "is_shouted": form.str.contains(r"^\p{Lu}{2,}$"), "is_dot": form == ".",
        "is_topic": lower.is_in(complements["topics"]),
        "party": lower.replace_strict(_adjective_parties(), default=None, return_dtype=pl.String),
    }  # fmt: skip


def _forms_of(tokens: pl.DataFrame) -> pl.DataFrame:
    """The distinct forms of the text: `form_id`, `form`, `lower`, `is_capital`, `_features`, those of `_heads`."""
    prefix = "|".join(load("roles")["words"]["prefixes"])
    return (
        distinct_forms(tokens, "form", "lower", "is_capital")
        .with_columns(base=pl.col("lower").str.replace(rf"^(?:(?:{prefix})-)+", ""))
        .join(_heads(), on="base", how="left", maintain_order="left")
        .with_columns(**_features())
    )


def _known(tokens: pl.DataFrame) -> pl.DataFrame:
    """The words of the fixed phrases of the text: `position`, `letter`, and the columns of `_phrases` for a head."""
    known = find_phrases(tokens, _phrases())
    opening = known["first"]
    known = known.with_columns(written=tokens["form"].gather(opening), is_capital=tokens["is_capital"].gather(opening))
    # Names are written as they are: « Chine », not « chine »; « EAU », not « Eau ».
    as_written = plain_apostrophes(pl.col("written")) == pl.col("spelling")
    # « ministre taliban »: names in lower case go with the noun as adjectives do.
    is_small = (pl.col("letter") == "P") & ~pl.col("is_capital")
    position, letter = pl.col("position"), pl.when(pl.col("position") == pl.col("first")).then("letter")
    return (
        known.filter(as_written.fill_null(value=True))
        .with_columns(position=pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32))
        .explode("position", empty_as_null=False)
        .unique("position", keep="first", maintain_order=True)
        .select(
            position,
            letter=pl.when(is_small).then(pl.lit("g")).otherwise(letter.otherwise("other")).cast(LETTERS),
            head="head", group="group", gender="gender", is_plural="is_plural", party="party",
        )
    )  # fmt: skip


def _letters(tokens: pl.DataFrame, forms: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """One row per token: `letter`, and `form` (the row of its form)."""
    flags = ["sense", "is_auxiliary", "is_owner", "is_particle", "is_initial", "is_shouted", "is_dot", "is_capital"]
    tagged = pl.DataFrame(per_token(tokens, forms.select("form_id", "letter", *flags).with_row_index("form")))
    letter = tagged["letter"].scatter(known["position"], known["letter"])
    return tagged.with_columns(letter, tokens["is_joined"]).pipe(_settled).pipe(_with_names).select("form", "letter")


def _settled(tagged: pl.DataFrame) -> pl.DataFrame:
    """Give heads that are adjectives elsewhere (`double`) their letter, and take heads that are none their own.

    « directeur général » and « général », « aide militaire » and « un militaire »: an adjective behind a noun, else a
    head. « ont envoyé » is a participle, a head in capitals behind a capital a surname (« Bruno Le Maire »).
    """
    letter, behind, capital = pl.col("letter"), pl.col("letter").shift(1), pl.col("is_capital")
    after_noun = behind.is_in(["h", "H", "E", "B", "m", "a", "g", "O", "N", "q"]) & ~capital
    resolved = tagged.with_columns(
        pl.when(letter != "B").then(letter).when(after_noun).then(pl.lit("a")).otherwise("sense").alias("letter")
    )
    # « Abdoulaye MAÏGA »: capitals behind a name are its surname, no acronym.
    shouted = (letter == "O") & pl.col("is_shouted")
    behind_shouted = (behind == "N") | (shouted.shift(1) & (letter.shift(2) == "N"))
    behind_name = (behind == "N") | ((behind == "l") & capital.shift(1) & (letter.shift(2) == "N"))
    return resolved.with_columns(
        letter=pl.when(letter.is_in(["E", "h"]) & pl.col("is_auxiliary").shift(1))
        .then(pl.lit("z"))
        .when((letter.is_in(["h", "H", "E"]) & capital & behind_name) | (shouted & behind_shouted))
        .then(pl.lit("N"))
        .otherwise(letter)
    )


def _with_names(settled: pl.DataFrame) -> pl.DataFrame:
    """Letters where capitalised words that no complement can hold are `name`, and owners `owner`.

    What a run of capitals is depends on the word before it: behind « de la » its first word names an institution,
    behind « cabinet de » the whole is a person (« d'Ursula von der Leyen »), behind a noun two of them are a person.
    """
    letter = pl.col("letter")
    capital = letter == "N"
    dot = pl.col("is_dot") & pl.col("is_initial").shift(1)
    particle = pl.col("is_particle") & letter.shift(-1).is_in(["N", "m"])
    links = particle & (capital.shift(1) | particle.shift(1)) & (capital.shift(-1) | capital.shift(-2))
    is_name = settled.select((capital | (dot & capital.shift(1)) | links).fill_null(value=False)).to_series()
    behind = letter.shift(1)
    runs = settled.select(
        "letter",
        "is_joined",
        position=pl.int_range(pl.len(), dtype=pl.UInt32),
        before=behind,
        two_before=letter.shift(2),
        is_owned=(behind == "d") & pl.col("is_owner").shift(2),
    ).filter(is_name)
    opens = pl.col("position") != pl.col("position").shift(1) + 1
    runs = (
        runs.with_columns(opens=opens.fill_null(value=True))
        .with_columns(run=pl.col("opens").cum_sum())
        .with_columns(
            pl.when("opens").then(c).forward_fill().alias(c) for c in ("before", "two_before", "is_owned", "is_joined")
        )
    )
    sizes = runs.group_by("run", maintain_order=True).agg(size=(letter == "N").sum())["size"]
    before, size = pl.col("before"), pl.col("size")
    determined = before.is_in(["D", "T"]) | ((before == "l") & pl.col("two_before").is_in(["d", "t", "f", "s", "u"]))
    is_thing = (
        pl.when(determined).then("opens")
        .when(before.is_in(["d", "i", "t"])).then((size < 3) | pl.col("opens"))
        .otherwise((before == "m") & (size == 1) & ~pl.col("is_joined"))
    )  # fmt: skip
    named = (
        runs.with_columns(size=sizes.gather(runs["run"] - 1))
        .select(pl.when("is_owned").then(pl.lit("Y")).when(is_thing).then(pl.lit("N")).otherwise(pl.lit("X")))
        .to_series()
    )
    return settled.with_columns(settled["letter"].scatter(runs["position"], named.cast(LETTERS)))


def role_spans(tokens: pl.DataFrame) -> pl.DataFrame:
    """Role noun phrases in the text, without article.

    In: tokens. Out: one row per phrase, in text order, none overlapping: `article`, `first`, `last` (UInt32 token
    positions, last inclusive), `bare_last` (where it ends without the name behind a role in its complement: « gendre du
    président » of « gendre du président Donald Trump »), `head` (role word, lower case, masculine singular, without
    prefix), `category` (`ROLE_CATEGORIES`), `party` (ISO or body code of its adjective or « de » complement, else
    null), `gender` (m, f or null), `is_plural`.
    """
    forms, known = _forms_of(tokens), _known(tokens)
    tagged = _letters(tokens, forms, known)
    letters = LETTERS.categories.gather(tagged["letter"].to_physical())
    spans = find(layer(letters), ROLES, ALPHABET).select(first="core_first", last="core_last")
    spans = spans.with_columns(article=tokens["article"].gather(spans["first"]))
    spans = spans.filter(spans["article"] == tokens["article"].gather(spans["last"]))
    inside = _inside(spans, tagged, forms, known)
    article_before = tokens["lower"].gather((spans["first"].cast(pl.Int64) - 1).clip(0))
    article_gender = [
        pl.when(pl.col("before").is_in(words)).then(pl.lit(gender)) for gender, words in _ARTICLES.items()
    ]
    # The president of something else than a state: « président de Hanjin Marine ».
    presides = (pl.col("head") == "président") & pl.col("party").is_null() & pl.col("is_of")
    category = pl.coalesce("category", pl.when(presides).then(pl.lit("other")), "group")
    return (
        pl.concat([spans, _described(inside)], how="horizontal")
        .with_columns(before=article_before)
        .select(
            "article", "first", "last",
            bare_last=pl.when("ends_named").then(pl.col("last") - pl.col("names")).otherwise("last").cast(pl.UInt32),
            head="head", category=category.cast(pl.Enum(ROLE_CATEGORIES)), party=pl.coalesce("party", "implied"),
            gender=pl.coalesce("gender", *article_gender),
            is_plural=pl.col("is_plural")
            | pl.col("before").is_in(["les", "des", "ses", "leurs", "aux", "deux", "trois"]),
        )
    )  # fmt: skip


def _inside(spans: pl.DataFrame, tagged: pl.DataFrame, forms: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The words of the phrases: `span` (row of `spans`), `letter`, `lower`, `is_topic`, `party`, and of heads."""
    words = (
        spans.select(position=pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32))
        .with_row_index("span")
        .explode("position", empty_as_null=False)
    )
    words = words.with_columns(
        tagged["letter"].gather(words["position"]), form=tagged["form"].gather(words["position"])
    )
    words = words.with_columns(forms.select("lower", "is_topic", "party", *_HEAD_COLUMNS)[words["form"]].get_columns())
    is_known = pl.col("letter_known").is_not_null()
    return (
        words.join(known, on="position", how="left", suffix="_known", maintain_order="left")
        .with_columns(
            pl.when(pl.col("letter_known") == "h").then(f"{c}_known").otherwise(c).alias(c) for c in _HEAD_COLUMNS
        )
        .with_columns(party=pl.when(is_known).then("party_known").otherwise("party"))
    )


def _described(inside: pl.DataFrame) -> pl.DataFrame:
    """One row per phrase: the columns of its head, `party`, `names`, `ends_named`, and what its words together say."""
    letter, before, behind = pl.col("letter"), pl.col("letter").shift(1), pl.col("letter").shift(-1)
    opens = pl.col("span").ne_missing(pl.col("span").shift(1))
    closes = pl.col("span").ne_missing(pl.col("span").shift(-1))
    # Whether the last noun so far is one whose complement is a topic; a phrase that has none yet has no side either.
    is_noun = letter.is_in(["h", "H", "E", "m", "O", "N", "q"])
    of_topic = pl.when(is_noun).then("is_topic").when(opens).then(pl.lit(value=True)).forward_fill()
    is_away = letter.is_in(["f", "i", "u", "s"])
    away = pl.when(is_away | opens).then(is_away).forward_fill()
    # The last word of a name behind « de »; « Conseil de sécurité nationale » is not the UN's.
    is_owner = ~away & ~opens & before.is_in(["d", "D", "l", "P"]) & (closes | ~behind.is_in(["a", "P"]))
    is_sided = ~of_topic & ((letter == "g") | ((letter == "P") & is_owner))
    sides = inside.filter(is_sided & pl.col("party").is_not_null()).unique("span", keep="first")
    heads = inside.filter(letter.is_in(["h", "H", "E"])).unique("span", keep="first", maintain_order=True)
    phrases = (
        inside.group_by("span", maintain_order=True)
        .agg(phrase="lower", names=(letter == "X").sum(), ends_named=letter.last() == "X")
        .with_columns(pl.col("phrase").list.join(" "))
    )
    roles, phrase = load("roles"), pl.col("phrase")
    distinct = (
        phrases.select("phrase")
        .unique()
        .with_columns(
            category=pl.coalesce(
                pl.when(phrase.str.contains(r["pattern"])).then(pl.lit(r["category"])) for r in roles["category"]
            ),
            implied=pl.coalesce(pl.when(phrase.str.contains(p)).then(pl.lit(c)) for p, c in roles["implied"].items()),
            is_of=phrase.str.contains(r" (?:de|du|des|d') "),
        )
    )
    return (
        pl.concat([phrases, heads.select(_HEAD_COLUMNS)], how="horizontal")
        .join(distinct, on="phrase", how="left", maintain_order="left")
        .join(sides.select("span", "party"), on="span", how="left", maintain_order="left")
    )
