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
from transforms.text import Rule, find, find_phrases, layer, phrase_key, plain_apostrophes

ALPHABET = {
    "head": "h", "office": "H", "post": "E", "before": "b", "adjective": "a", "national": "g", "praise": "j", "of": "d",
    "ofthe": "D", "the": "l", "to": "t", "tothe": "T", "for": "f", "in": "i", "near": "u", "on": "s", "charged": "r",
    "double": "B", "and": "e", "comma": "c", "capital": "N", "institution": "O", "place": "P", "name": "X",
    "owner": "Y", "noun": "m", "outside": "q", "digit": "0", "other": "z",
}  # fmt: skip

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
_ARTICLES = {"f": ["la", "une", "cette"], "m": ["le", "un", "ce", "du", "au"]}


def _plural(word: str) -> str:
    """The regular plural of a French noun: « maires », « généraux », « porte-parole »."""
    if word.endswith(("s", "x", "z")) or word == "porte-parole":
        return word
    return f"{word[:-2]}aux" if word.endswith("al") else f"{word}s"


@cache
def _forms() -> pl.DataFrame:
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
                rows.append((form, "h", "a", head, category, gender, form.split(" ")[0].endswith("s")))
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


def _letters(tokens: pl.DataFrame) -> pl.DataFrame:
    """Tokens with `letter`, and for heads `head`, `group`, `gender`, `is_plural`; for names and adjectives `party`."""
    lexicon = load("roles")
    lower, form = pl.col("lower"), pl.col("form")
    prefix = "|".join(lexicon["words"]["prefixes"])
    adjectives, words, complements = lexicon["adjectives"], lexicon["words"], lexicon["complements"]
    heads = _forms()
    forms = (
        tokens.select("form_id", "form", "lower", "is_capital")
        .unique("form_id")
        .with_columns(base=lower.str.replace(rf"^(?:(?:{prefix})-)+", ""))
    )
    forms = forms.join(heads, on="base", how="left")
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
    features = forms.select(
        "form_id", "head", "group", "gender", "is_plural", letter=letter,
        # What a head that is an adjective elsewhere is where it is a head.
        sense=pl.when(pl.col("head").is_in(complements["posts"])).then(pl.lit("E"))
        .when(pl.col("head").is_in(complements["offices"])).then(pl.lit("H")).otherwise(pl.lit("h")),
        is_auxiliary=lower.is_in(words["auxiliaries"]), is_owner=lower.is_in(complements["of_person"]),
        is_particle=lower.is_in(words["name_particles"]), is_initial=form.str.contains(r"^\p{Lu}$"),
        is_shouted=form.str.contains(r"^\p{Lu}{2,}$"),
        party=lower.replace_strict(_adjective_parties(), default=None, return_dtype=pl.String),
    )  # fmt: skip
    tagged = tokens.join(features, on="form_id", how="left", maintain_order="left").with_row_index("position")
    known = find_phrases(tokens, _phrases())
    # Names are written as they are: « Chine », not « chine »; « EAU », not « Eau ».
    written = plain_apostrophes(pl.lit(tokens["form"]).gather(pl.col("first")))
    known = known.filter(pl.col("spelling").is_null() | (written == pl.col("spelling")))
    # « ministre taliban »: names in lower case go with the noun as adjectives do.
    is_small = (pl.col("letter") == "P") & ~pl.lit(tokens["is_capital"]).gather(pl.col("first"))
    known = known.with_columns(pl.when(is_small).then(pl.lit("g")).otherwise(c).alias(c) for c in ("letter", "other"))
    cover = (
        known.with_columns(position=pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32))
        .explode("position", empty_as_null=False)
        .unique("position")
        .select(
            "position", known_letter=pl.when(pl.col("position") == pl.col("first")).then("letter").otherwise("other"),
            known_head="head", known_group="group", known_gender="gender", known_plural="is_plural",
            known_party="party",
        )
    )  # fmt: skip
    merged = tagged.join(cover, on="position", how="left", maintain_order="left")
    known_head = pl.col("known_letter") == "h"
    merged = merged.with_columns(
        letter=pl.coalesce("known_letter", "letter"),
        party=pl.when(pl.col("known_letter").is_not_null()).then("known_party").otherwise("party"),
        **{
            name: pl.when(known_head).then(f"known_{short}").otherwise(name)
            for name, short in (("head", "head"), ("group", "group"), ("gender", "gender"), ("is_plural", "plural"))
        },
    )
    return merged.pipe(_settled).pipe(_with_names)


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
    dot = (pl.col("form") == ".") & pl.col("is_initial").shift(1)
    particle = pl.col("is_particle") & letter.shift(-1).is_in(["N", "m"])
    links = particle & (capital.shift(1) | particle.shift(1)) & (capital.shift(-1) | capital.shift(-2))
    behind = letter.shift(1)
    frame = settled.with_columns(
        is_name=(capital | (dot & capital.shift(1)) | links).fill_null(value=False),
        before=behind,
        two_before=letter.shift(2),
        is_owned=(behind == "d") & pl.col("is_owner").shift(2),
    )
    runs = frame.with_columns(run=(pl.col("is_name") & ~pl.col("is_name").shift(1, fill_value=False)).cum_sum()).filter(
        "is_name"
    )
    runs = runs.with_columns(opens=pl.col("run") != pl.col("run").shift(1, fill_value=0)).with_columns(
        pl.when("opens").then(c).forward_fill().alias(c) for c in ("before", "two_before", "is_owned", "is_joined")
    )
    sizes = runs.group_by("run").agg(size=(letter == "N").sum())
    before, size = pl.col("before"), pl.col("size")
    determined = before.is_in(["D", "T"]) | ((before == "l") & pl.col("two_before").is_in(["d", "t", "f", "s", "u"]))
    is_thing = (
        pl.when(determined).then("opens")
        .when(before.is_in(["d", "i", "t"])).then((size < 3) | pl.col("opens"))
        .otherwise((before == "m") & (size == 1) & ~pl.col("is_joined"))
    )  # fmt: skip
    letters = runs.join(sizes, on="run", how="left", maintain_order="left").select(
        "position",
        named=pl.when("is_owned").then(pl.lit("Y")).when(is_thing).then(pl.lit("N")).otherwise(pl.lit("X")),
    )
    return settled.join(letters, on="position", how="left", maintain_order="left").with_columns(
        letter=pl.coalesce("named", "letter")
    )


def role_spans(tokens: pl.DataFrame) -> pl.DataFrame:
    """Role noun phrases in the text, without article.

    In: tokens. Out: one row per phrase, in text order, none overlapping: `article`, `first`, `last` (UInt32 token
    positions, last inclusive), `bare_last` (where it ends without the name behind a role in its complement: « gendre du
    président » of « gendre du président Donald Trump »), `head` (role word, lower case, masculine singular, without
    prefix), `category` (`ROLE_CATEGORIES`), `party` (ISO or body code of its adjective or « de » complement, else
    null), `gender` (m, f or null), `is_plural`.
    """
    tagged = _letters(tokens)
    spans = find(layer(tagged["letter"]), ROLES, ALPHABET).select(first="core_first", last="core_last")
    spans = spans.filter(tokens["article"].gather(spans["first"]) == tokens["article"].gather(spans["last"]))
    spans = spans.with_row_index("span")
    inside = (
        spans.with_columns(position=pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32))
        .explode("position", empty_as_null=False)
        .pipe(lambda f: f.with_columns(tagged[c].gather(f["position"]) for c in
                                       ("lower", "letter", "party", "head", "group", "gender", "is_plural")))
    )  # fmt: skip
    letter = pl.col("letter")
    is_head = letter.is_in(["h", "H", "E"])
    topics = load("roles")["complements"]["topics"]
    governor = pl.when(letter.is_in(["h", "H", "E", "m", "O", "N", "q"])).then("lower").forward_fill().over("span")
    away = letter.is_in(["f", "i", "u", "s"]).cum_max().over("span")
    before, behind = letter.shift(1).over("span"), letter.shift(-1).over("span")
    # The last word of a name behind « de »; « Conseil de sécurité nationale » is not the UN's.
    is_owner = ~away & before.is_in(["d", "D", "l", "P"]) & (~behind.is_in(["a", "P"])).fill_null(value=True)
    sided = ~governor.is_in(topics) & ((letter == "g") | ((letter == "P") & is_owner))
    trailing = (letter == "X").cast(pl.Int32)
    about = inside.group_by("span", maintain_order=True).agg(
        pl.col("head", "group", "gender", "is_plural").filter(is_head).first(),
        phrase=pl.col("lower").str.join(" "),
        party=pl.col("party").filter(sided.fill_null(value=False)).drop_nulls().first(),
        names=trailing.sum(),
        ends_named=letter.last() == "X",
    )
    article_before = tokens["lower"].gather((spans["first"].cast(pl.Int64) - 1).clip(0))
    spans = spans.join(about, on="span", how="left", maintain_order="left").with_columns(before=article_before)
    category = pl.coalesce(
        *[
            pl.when(pl.col("phrase").str.contains(r["pattern"])).then(pl.lit(r["category"]))
            for r in load("roles")["category"]
        ],
        # The president of something else than a state: « président de Hanjin Marine ».
        pl.when(
            (pl.col("head") == "président")
            & pl.col("party").is_null()
            & pl.col("phrase").str.contains(r" (?:de|du|des|d') ")
        ).then(pl.lit("other")),
        pl.col("group"),
    )
    article_gender = [
        pl.when(pl.col("before").is_in(words)).then(pl.lit(gender)) for gender, words in _ARTICLES.items()
    ]
    implied = [pl.when(pl.col("phrase").str.contains(p)).then(pl.lit(c)) for p, c in load("roles")["implied"].items()]
    return spans.select(
        article=tokens["article"].gather(spans["first"]), first="first", last="last",
        bare_last=pl.when("ends_named").then(pl.col("last") - pl.col("names")).otherwise("last").cast(pl.UInt32),
        head="head", category=category.cast(pl.Enum(ROLE_CATEGORIES)), party=pl.coalesce("party", *implied),
        gender=pl.coalesce("gender", *article_gender),
        is_plural=pl.col("is_plural") | pl.col("before").is_in(["les", "des", "ses", "leurs", "aux", "deux", "trois"]),
    )  # fmt: skip
