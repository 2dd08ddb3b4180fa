"""People in the text: where a person is named, and which person of the article or of the register that is.

A name is found by its shape (a run of capitalised words with particles and initials, not opened by a grammatical word,
an institution or a word behind an article: French person names take none) and joined to the others of its article by
its spelling; only then is the register asked. A surname alone is joined where one person of the article bears it, or
else one of the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from transforms.actors import folded_id
from transforms.lexicon import load
from transforms.names import fold_letters, fold_name, same_person
from transforms.roles import role_spans
from transforms.surfaces import surface
from transforms.text import Rule, distinct_forms, find, find_phrases, layer, per_token, phrase_key

ALPHABET = {
    "name": "N", "upper": "U", "initial": "I", "stop": ".", "of": "d", "article": "a", "particle": "v", "prefix": "P",
    "mark": "q", "title": "t", "other": "x",
}  # fmt: skip
# The letters of a form, before what stands around it is seen: those of the alphabet, and k for « N' », « O' ».
SHAPES = pl.Enum([*ALPHABET.values(), "k"])
_INITIAL = "(?: <initial> <stop> )"
_LINK = "(?: <of> <article>? | <of>? <particle|prefix>{1,3} | <mark> <particle> )"
_MORE = f"(?: {_INITIAL}* (?: {_LINK}? <name> | <upper> ) )"
# One rule, the longest form first: a run of one capitalised word is a candidate only, confirmed by what it joins or
# follows. « YOMBO MUKENDI Jolie », « R. J. MacAllister », « Ursula von der Leyen », « Godelieve ’t Serstevens ».
NAME = Rule(
    "name",
    name=f"(?: <upper>+ <name>+ | {_INITIAL}* (?: <mark>? <particle|prefix>+ )? <name> {_MORE}*"
    f" | {_INITIAL}+ <upper> )",
)


@dataclass(frozen=True)
class People:
    """People of a shard.

    `mentions`: one row per mention of a name: `article`, `first`, `last` (token positions, last inclusive), `start`,
    `end` (code points), `surface`, `person` (row number in `persons`), `is_full`; sorted, not overlapping.
    `persons`: one row per article and person: `person`, `article`, `person_id`, `canonical_name`, `country`, `gender`,
    `in_register`, `wikidata_id`, `name` (fullest as written), `is_sure` (a title, a role, a given name or the register
    says that this is a person; else only its shape does).
    `spans`: every candidate run (`name_spans`), so that names can be added. `roles`: the role phrases of the shard.
    """

    mentions: pl.DataFrame
    persons: pl.DataFrame
    spans: pl.DataFrame
    roles: pl.DataFrame


@cache
def register() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The register of public people.

    Out: people (`person_id`, `canonical_name`, `country`, `gender`, `wikidata_id`) and their spellings
    (`person_id`, `folded`: full names by `fold_name`, one row per spelling).
    """
    entries = load("people")["person"]
    people = pl.DataFrame(
        {
            "person_id": [p["id"] for p in entries],
            "canonical_name": [p["name"] for p in entries],
            "country": [p.get("country") for p in entries],
            "gender": [p.get("gender") for p in entries],
            "wikidata_id": [p.get("wikidata_id") for p in entries],
        },
        schema_overrides={"wikidata_id": pl.String},
    )
    spellings = pl.DataFrame(
        [(p["id"], spelling) for p in entries for spelling in (p["name"], *p.get("aliases", []))],
        schema=["person_id", "spelling"],
        orient="row",
    )
    return people, spellings.select("person_id", folded=fold_name(pl.col("spelling"))).unique(maintain_order=True)


@cache
def _first_names() -> pl.DataFrame:
    """Given names whose gender is sure: `given` (folded letters), `gender`."""
    names = load("first_names")
    rows = [(name, gender) for gender, key in (("m", "masculine"), ("f", "feminine")) for name in names[key]]
    return (
        pl.DataFrame(rows, schema=["given", "gender"], orient="row")
        .with_columns(given=fold_letters(pl.col("given")))
        .unique("given", keep="none")
    )


def people(tokens: pl.DataFrame, articles: pl.DataFrame) -> People:
    """Find and tell apart the people of a shard.

    In: tokens with sentences; the articles they come from. Out: see `People`. A run of capitalised words that nothing
    confirms (one word, no title or role before it, no full name that it ends, no public surname) is left out.
    """
    roles = role_spans(tokens)
    return _resolve(_with_surface(name_spans(tokens, roles), articles), roles)


def with_names(who: People, runs: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> People:
    """Add runs that a grammar knows to be names (« une jeune interprète, Lusine »), where no mention stands yet.

    In: `runs` with `first`, `last` (token positions). Out: the same people and the new ones, numbered anew.
    """
    is_known = pl.col("first").is_in(_inside(who.mentions).implode())
    fresh = runs.select(pl.col("first", "last").cast(pl.UInt32)).unique().filter(~is_known).sort("first")
    if fresh.is_empty():
        return who
    fresh = fresh.with_columns(
        article=tokens["article"].gather(fresh["first"]), words=(fresh["last"] - fresh["first"] + 1).cast(pl.Int32),
        is_titled=pl.lit(True), is_full=fresh["last"] > fresh["first"],
        gender=pl.lit(None, pl.String), country=pl.lit(None, pl.String),
    ).pipe(with_offsets_of_run, tokens)  # fmt: skip
    fresh = _with_surface(fresh, articles)
    others = who.spans.filter(~pl.col("first").is_in(_inside(fresh).implode()))
    spans = pl.concat([others, fresh.select(who.spans.columns).match_to_schema(who.spans.schema)]).sort("first")
    # An article decides alone who its people are, and few have such runs.
    is_met = pl.col("article").is_in(fresh["article"].unique().implode())
    met = _resolve(spans.filter(is_met), who.roles)
    behind = pl.col("person") + who.persons.height
    persons = pl.concat([who.persons.filter(~is_met), met.persons.with_columns(behind)]).sort(
        "article", maintain_order=True
    )
    number = pl.int_range(persons.height, dtype=pl.UInt32, eager=True)
    numbers = pl.repeat(0, who.persons.height + met.persons.height, dtype=pl.UInt32, eager=True)
    numbers = numbers.scatter(persons["person"], number)
    mentions = pl.concat([who.mentions.filter(~is_met), met.mentions.with_columns(behind)]).sort("first")
    return People(
        mentions.with_columns(person=numbers.gather(mentions["person"])),
        persons.with_columns(person=number),
        spans,
        who.roles,
    )


def _with_surface(spans: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Add `surface` and `folded`, its spelling by `fold_name`, which is made once per distinct name."""
    spans = spans.with_columns(surface=surface(articles, pl.col("article"), pl.col("start"), pl.col("end")))
    names = spans.select("surface").unique().with_columns(folded=fold_name(pl.col("surface")))
    return spans.join(names, on="surface", how="left", maintain_order="left")


def _resolve(spans: pl.DataFrame, roles: pl.DataFrame) -> People:
    """Join the mentions of one person, within the article first, then by the register."""
    spans, names = _named(spans)
    found = names.filter(pl.col("key").is_not_null())
    found = found.join(
        found.select("article", "key").unique(maintain_order=True).with_row_index("person"),
        on=["article", "key"], how="left", maintain_order="left",
    )  # fmt: skip
    mentions = spans.join(found.select("name_row", "person"), on="name_row", how="inner", maintain_order="left")
    by_length = pl.col("surface").str.len_chars()
    fullest = mentions.select("person", "words", size=by_length, name="surface").sort(
        "person", "words", "size", descending=[False, True, True], maintain_order=True
    ).unique("person", keep="first", maintain_order=True)  # fmt: skip
    told = mentions.group_by("person").agg(
        pl.col("is_titled").any(),
        title_gender=pl.col("gender").first(ignore_nulls=True),
        role_country=pl.col("country").first(ignore_nulls=True),
    )
    known_id = found.group_by("person").agg(
        pl.col("article", "key").first(), pl.col("known_id").first(ignore_nulls=True)
    )
    people, _ = register()
    persons = (
        fullest.select("person", "name")
        .join(known_id, on="person", how="left", maintain_order="left")
        .join(told, on="person", how="left", maintain_order="left")
        .join(people, left_on="known_id", right_on="person_id", how="left", maintain_order="left")
        .join(_read_names(fullest["name"]), on="name", how="left", maintain_order="left")
        .with_columns(
            in_register=pl.col("known_id").is_not_null(),
            is_sure=pl.col("known_id").is_not_null() | pl.col("is_titled") | pl.col("has_given"),
            canonical_name=pl.coalesce("canonical_name", "name"),
            country=pl.when(pl.col("known_id").is_null()).then("role_country").otherwise("country"),
            gender=pl.coalesce("gender", "title_gender", "given_gender"),
        )
        .with_columns(person_id=pl.coalesce("known_id", folded_id("person", pl.col("folded"), pl.col("country"))))
        .select("person", "article", "person_id", "canonical_name", "country", "gender", "in_register", "wikidata_id",
                "name", "is_sure")
    )  # fmt: skip
    mentions = mentions.select("article", "first", "last", "start", "end", "surface", "person", "is_full")
    return People(mentions, persons, spans.drop("name_row"), roles)


def _read_names(names: pl.Series) -> pl.DataFrame:
    """What a name tells by itself: `name` (distinct), `folded`, `has_given` (a given name first), `given_gender`."""
    name = pl.col("name")
    return (
        names.unique()
        .to_frame("name")
        .with_columns(folded=fold_name(name), given=fold_letters(name).str.split(" ").list.first())
        .with_columns(has_given=pl.col("folded").str.split(" ").list.first().is_in(_given_names().implode()))
        .join(_first_names().rename({"gender": "given_gender"}), on="given", how="left")
        .drop("given")
    )


def _named(spans: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The spans with `name_row`, and one row per article and spelling that this is the number of.

    Out: the spellings, in order of their first span, with `key` (one per person within an article; null where nothing
    says that a person is meant) and `known_id` (in the register).
    """
    spellings = (
        spans.with_row_index("row")
        .group_by("article", "folded", maintain_order=True)
        .agg("row", has_title=pl.col("is_titled").any(), place=pl.when("is_full").then("first").min())
        .with_row_index("name_row")
    )
    rows = spellings.select("name_row", "row").explode("row", empty_as_null=False)
    spans = spans.with_columns(rows.sort("row")["name_row"])
    names = spellings.drop("row")
    full = names.filter(pl.col("place").is_not_null()).sort("place")
    full = full.select("article", "folded", "place", "name_row", "has_title").pipe(_join_variants).pipe(_look_up)
    # Two names of the article that the register gives to one person are one person.
    full = full.with_columns(key=pl.coalesce("known_id", "root"))
    # Spellings that shorten a full name of their article.
    endings = full.select("folded").unique().with_columns(ending=_endings(pl.col("folded")))
    shortened = (
        full.select("article", "key", "known_id", "folded")
        .join(endings.explode("ending", empty_as_null=False), on="folded")
        .join(names, left_on=["article", "ending"], right_on=["article", "folded"])
        .group_by("name_row")
        .agg(pl.col("key", "known_id").first().name.suffix("_ending"), bearers=pl.col("key").n_unique())
    )
    is_borne, is_alone = pl.col("bearers").is_not_null(), pl.col("bearers") == 1
    public_id = pl.when(~is_borne).then("public_id")
    return spans, (
        names.join(full.select("name_row", "key", "known_id"), on="name_row", how="left", maintain_order="left")
        .join(shortened, on="name_row", how="left", maintain_order="left")
        .join(_surnames().select(folded="surname", public_id="person_id"), on="folded", how="left",
              maintain_order="left")
        .select(
            "name_row", "article",
            known_id=pl.coalesce("known_id", pl.when(is_alone).then("known_id_ending"),
                                 pl.when(pl.col("key").is_null()).then(public_id)),
            key=pl.coalesce("key", pl.when(is_alone).then("key_ending"), public_id,
                            pl.when(pl.col("has_title") & ~is_borne).then("folded")),
        )
    )  # fmt: skip


SUFFIXES = ["jr", "junior", "sr"]  # of a name, in the spelling of `fold_name`
INNER_LETTERS = 4  # of a surname that is not the last word: particles are shorter


def _endings(folded: pl.Expr) -> pl.Expr:
    """What a full name may be shortened to: its last one, two or three words, or its first (« Xi » of « Xi Jinping »).

    Of three and more also the last but one, as where the father's name comes before the mother's (« M. Manrique » of
    « Jorge Manrique Pflücker »).

    Given names that the lexicon knows shorten no name.
    """
    words = folded.str.split(" ")
    first = pl.when(~words.list.first().is_in(_given_names().implode())).then(words.list.first())
    inner = words.list.get(-2, null_on_oob=True)
    is_surname = (words.list.len() > 2) & (inner.str.len_chars() >= INNER_LETTERS)
    # « Ernesto Ramiro Jr »: what stands before the suffix is the surname.
    is_junior = words.list.last().is_in(SUFFIXES)
    inner = pl.when(is_surname & (is_junior | ~inner.is_in(_given_names().implode()))).then(inner)
    return pl.concat_list(first, *_tails(words), inner).list.drop_nulls().list.unique(maintain_order=True)


def _tails(words: pl.Expr) -> list[pl.Expr]:
    """The last one, two and three words of names that have more."""
    return [pl.when(words.list.len() > n).then(words.list.tail(n).list.join(" ")) for n in (1, 2, 3)]


@cache
def _given_names() -> pl.Series:
    """Given names in the spelling of `fold_name`."""
    names = load("first_names")
    both = pl.DataFrame({"name": [n for key in ("masculine", "feminine", "both") for n in names.get(key, [])]})
    return both.select(fold_name(pl.col("name"))).to_series().unique()


# Where the French press keeps the family name first, so that the first word alone names the person (« Xi »).
FAMILY_FIRST = ["CN", "HK", "KH", "KP", "KR", "TW", "VN"]


@cache
def _surnames() -> pl.DataFrame:
    """Surnames that one person of the register bears alone: `surname` (folded), `person_id`."""
    known, spellings = register()
    words = pl.col("folded").str.split(" ")
    surnames = (
        pl.when(pl.col("country").is_in(FAMILY_FIRST))
        .then(words.list.head(1))
        .otherwise(pl.concat_list(*_tails(words)))
    )
    return (
        spellings.join(known.select("person_id", "country"), on="person_id")
        .select("person_id", surname=surnames.list.drop_nulls())
        .explode("surname", empty_as_null=False)
        .unique(["surname", "person_id"])
        .group_by("surname")
        .agg(pl.col("person_id").first(), bearers=pl.len())
        .filter((pl.col("bearers") == 1) & (pl.col("surname").str.len_chars() > 1))
        # A surname that is a given name too (Paul, Martin) names nobody alone.
        .filter(~pl.col("surname").is_in(_given_names().implode()))
        .sort("surname")
    )


def _join_variants(full: pl.DataFrame) -> pl.DataFrame:
    """Add `root`: the first spelling, in the article, of a name that is written in several.

    In: distinct full names (`article`, `folded`, `place`). Candidates share the initial of the surname.
    """
    initial = full.select("folded").unique()
    initial = initial.with_columns(initial=pl.col("folded").str.split(" ").list.last().str.head(1))
    named = full.join(initial, on="folded", how="left", maintain_order="left")
    pairs = (
        named.join(named, on=["article", "initial"], suffix="_other")
        .filter(pl.col("place") > pl.col("place_other"))
        .select("article", "place_other", left="folded", right="folded_other", has_title="has_title")
    )
    spellings = pairs.select("left", "right").unique()
    # « Yolanda Arismendi de Souza … Mme Arismendi de Souza »: a surname of several words.
    is_surname = ~pl.col("left").str.split(" ").list.first().is_in(_given_names().implode())
    is_ending_of = pl.col("right").str.ends_with(pl.concat_str(pl.lit(" "), "left")) & pl.col("left").str.contains(" ")
    # « la Dre Mahamat Belle » shortens « Aïcha Mahamat Belle », though it opens with a given name.
    titled = pairs.filter(pl.col("has_title")).select("left", "right").unique().filter(is_ending_of)
    same = pl.concat([same_person(spellings), spellings.filter(is_ending_of & is_surname), titled]).unique()
    roots = (
        pairs.join(same, on=["left", "right"], how="semi")
        .sort("place_other")
        .unique(["article", "left"], keep="first")
        .select("article", folded="left", root="right")
    )
    return full.join(roots, on=["article", "folded"], how="left", maintain_order="left").with_columns(
        root=pl.coalesce("root", "folded")
    )


def _look_up(full: pl.DataFrame) -> pl.DataFrame:
    """Add `known_id`: the person of the register whose name a full name spells; null where none, or more than one."""
    known_people, spellings = register()
    words = pl.col("folded").str.split(" ")
    initials = [words.list.first().str.head(1).alias("given"), words.list.last().str.head(1).alias("family")]
    names = full.select("folded").unique()
    exact = names.join(spellings, on="folded").unique("folded", keep="none")
    near = (
        names.join(exact, on="folded", how="anti")
        .with_columns(initials)
        .join(_spellings_by_initials(), on=["given", "family"], suffix="_known")
        .rename({"folded": "left", "folded_known": "right"})
        .pipe(same_person)
        .select("person_id", folded="left")
        .unique()
        .unique("folded", keep="none")
    )
    # A given name of the other gender vetoes a likeness (« Michelle Martin » is not Micheál Martin).
    near = (
        near.with_columns(given=words.list.first())
        .join(_given_genders(), on="given", how="left")
        .join(known_people.select("person_id", "gender"), on="person_id")
        .filter((pl.col("gender") == pl.col("given_gender")).fill_null(value=True))
    )
    known = pl.concat([exact.select("folded", "person_id"), near.select("folded", "person_id")])
    return full.join(known.rename({"person_id": "known_id"}), on="folded", how="left", maintain_order="left")


@cache
def _spellings_by_initials() -> pl.DataFrame:
    """The spellings of the register with the first letters of the first word (`given`) and of the last (`family`)."""
    words = pl.col("folded").str.split(" ")
    return register()[1].with_columns(given=words.list.first().str.head(1), family=words.list.last().str.head(1))


@cache
def _given_genders() -> pl.DataFrame:
    """Given names in the spelling of `fold_name` (`given`) whose gender is sure (`given_gender`)."""
    names = _first_names().select(given=fold_name(pl.col("given")), given_gender="gender")
    return names.unique("given", keep="none")


@cache
def _features() -> dict[str, pl.Expr]:
    """What a form says by itself: its `shape`, and what the words around it are judged by."""
    words = load("names")
    lower, form = pl.col("lower"), pl.col("form")
    strong = words["strong_particles"]
    shape = (
        pl.when(form == ".").then(pl.lit("."))
        .when(form.is_in(["'", "’", "ʼ"])).then(pl.lit("q"))
        .when(form.str.contains(r"^[NMOKT]['’]$")).then(pl.lit("k"))
        .when(form.is_in(["M", "Me"])).then(pl.lit("t"))
        .when(form.str.contains(r"^\p{Lu}$")).then(pl.lit("I"))
        .when(pl.col("is_capital") & lower.is_in([*words["particles"], "le", "la", "les"])).then(pl.lit("P"))
        .when(lower.is_in(["le", "la", "les", "l'", "los", "las", "au", "aux", "du", "des"])).then(pl.lit("a"))
        .when(lower.is_in(["de", "d'"])).then(pl.lit("d"))
        # « Baron Waqa », « Sultan al-Jaber »: with a capital they are given names.
        .when(form.is_in(words["given_titles"])).then(pl.lit("N"))
        .when(lower.is_in(words["titles"])).then(pl.lit("t"))
        .when(lower.is_in(strong)).then(pl.lit("v"))
        .when(lower.is_in(words["grammar"] + words["nouns"])).then(pl.lit("x"))
        .when(form.str.contains(r"['’]$")).then(pl.lit("x"))
        .when(form.str.contains(r"^\p{Lu}{2,}(?:-\p{Lu}+)*$")).then(pl.lit("U"))
        .when(form.str.contains(r"^(?:(?:al|el|an|ar|as|at|ash|ez|ul)-)?\p{Lu}")).then(pl.lit("N"))
        .otherwise(pl.lit("x"))
    )  # fmt: skip
    return {
        "shape": shape.cast(SHAPES),
        "is_strong": lower.is_in(strong),
        "is_spanish": lower.is_in(["la", "las", "los"]),
        "is_opening": form.is_in([",", ":", "«", "\n"]),
    }


def name_spans(tokens: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """Runs of words that have the shape of a person's name.

    In: tokens with sentences; role phrases (`roles.role_spans`). Out: one row per run, in text order, not overlapping:
    `article`, `first`, `last`, `start`, `end`, `words` (name words in it), `is_full` (more than one, or initials and
    one), `is_titled` (a title or a role stands before it), `gender` (of that title or role), `country` (of that role).
    """
    letters = _letters(tokens, roles)
    runs = find(layer(letters), [NAME], ALPHABET)
    runs = runs.select(first="name_first", last="name_last")
    runs = runs.filter(tokens["sentence"].gather(runs["first"]) == tokens["sentence"].gather(runs["last"]))
    # The title before the run: the token before, or the one before its full stop (« M. »).
    place = runs["first"].cast(pl.Int64)
    stopped = letters.gather((place - 1).clip(0)) == "."
    title_at = (place - 1 - stopped.cast(pl.Int64)).clip(0)
    title = tokens["lower"].gather(title_at)
    is_titled = (letters.gather(title_at) == "t") & (place > title_at) & ~(stopped & (title.str.len_chars() > 4))
    # Name words are capitalised, and not initials or particles.
    count = letters.is_in(["N", "U"]).cast(pl.UInt32).cum_sum()
    opening = letters.gather(runs["first"])
    words = count.gather(runs["last"]).cast(pl.Int32) - count.gather(runs["first"]).cast(pl.Int32)
    words += opening.is_in(["N", "U"]).cast(pl.Int32)
    titles = load("names")
    borne = roles.select(first=pl.col("last") + 1, is_role=pl.lit(value=True), role_gender="gender", country="party")
    return (
        runs.with_columns(
            article=tokens["article"].gather(runs["first"]),
            words=words,
            is_full=(words > 1) | (opening == "I"),
            title=pl.select(pl.when(is_titled).then(title)).to_series(),
        )
        .pipe(with_offsets_of_run, tokens)
        .join(borne, on="first", how="left", maintain_order="left")
        .with_columns(
            is_titled=pl.col("title").is_not_null() | pl.col("is_role").is_not_null(),
            gender=pl.when(pl.col("title").is_in(titles["feminine_titles"])).then(pl.lit("f"))
            .when(pl.col("title").is_in(titles["masculine_titles"])).then(pl.lit("m"))
            .otherwise("role_gender"),
            country=pl.when(pl.col("country").str.contains(r"^\p{Lu}{2}$")).then("country"),
        )
        .drop("title", "is_role", "role_gender")
    )  # fmt: skip


def _letters(tokens: pl.DataFrame, roles: pl.DataFrame) -> pl.Series:
    """The letter of each token (`ALPHABET`)."""
    forms = distinct_forms(tokens, "form", "lower", "is_capital").with_columns(**_features())
    tagged = pl.DataFrame(per_token(tokens, forms.select("form_id", *_features())))
    shape, before, behind = pl.col("shape"), pl.col("shape").shift(1), pl.col("shape").shift(-1)
    nowhere = pl.repeat(False, tokens.height, dtype=pl.Boolean, eager=True)
    known = _without_parts_of_names(find_phrases(tokens, _known_phrases()), tokens, tagged, forms)
    role_ends = roles["last"].filter(roles["last"] + 1 < tokens.height) + 1
    tagged = tagged.with_columns(
        is_known=nowhere.clone().scatter(_inside(known), True),
        is_behind_role=nowhere.clone().scatter(role_ends, True),
    )
    is_capital = shape.is_in(["N", "U"])
    inside_name = before.is_in(["N", "d", "v", "P", "t"]) | ((shape == ".") & (before == "t")).shift(1)
    # Person names take no article: the capitals behind one name an institution or a thing (« la Défense », « le
    # Financial Times »), up to the end of a role (« le ministre de la Pêche | Jean Dupont »). Spanish ones do, inside
    # (« Garcilaso de la Vega »).
    is_thing = (
        pl.when(~is_capital | pl.col("is_known")).then(pl.lit(value=False))
        .when((before == "a") & pl.col("is_spanish").shift(1) & (shape.shift(2) == "d") & (shape.shift(3) == "N"))
        .then(pl.lit(value=False))
        .when(before == "a").then(pl.lit(value=True))
        .when(before.is_in(["N", "U"]) & ~pl.col("is_behind_role")).then(None)
        .otherwise(pl.lit(value=False))
        .forward_fill()
    )  # fmt: skip
    return tagged.select(
        pl.when(pl.col("is_known") | is_thing).then(pl.lit("x"))
        # « Le » is part of a name inside one only (« Jean-Yves Le Drian », « M. Le Drian »), else the article.
        .when((shape == "P") & ~(inside_name & behind.is_in(["N", "v", "P"])) & ~pl.col("is_strong")).then(pl.lit("a"))
        # Words in capitals belong to a name beside a name word only, else they are acronyms or headings.
        .when((shape == "U") & ~(before.is_in(["N", "U"]) | behind.is_in(["N", "U"]))).then(pl.lit("x"))
        .when((shape == "U") & (before == "d")).then(pl.lit("x"))
        # « N'Diaye », « O'Brien »: part of a name before a capital only.
        .when((shape == "k") & behind.is_in(["N", "U"])).then(pl.lit("v"))
        .when(shape == "k").then(pl.lit("x"))
        .otherwise(shape)
    ).to_series()  # fmt: skip


def _without_parts_of_names(
    known: pl.DataFrame, tokens: pl.DataFrame, tagged: pl.DataFrame, forms: pl.DataFrame
) -> pl.DataFrame:
    """Phrases of the lexicons without the words that are part of a person's name.

    One word may be: it goes behind a given name (« Robert Wagner »), and before a name where it opens the sentence or
    follows a comma (« Au Sénat, Rand Paul »).
    """
    first = known["first"]
    before = tokens["form_id"].shift(1).gather(first)
    is_given = fold_name(pl.col("form")).is_in(_given_names().implode())
    given = forms.filter(pl.col("form_id").is_in(before.unique().implode())).filter(is_given)["form_id"]
    opens = tagged["is_opening"].shift(1, fill_value=True).gather(first)
    in_name = before.is_in(given.implode()).fill_null(value=False) | (
        opens & (tagged["shape"].shift(-1).gather(first) == "N").fill_null(value=False)
    )
    return known.filter((first < known["last"]) | ~in_name)


@cache
def _known_phrases() -> pl.DataFrame:
    """Names of countries, their people, capitals and organisations: capitalised, but no person's: `phrase`."""
    countries, organisations = load("countries")["country"], load("organisations")["organisation"]
    names = [n for c in countries for n in (c["name"], *c["names"], *c["capitals"])]
    names += [a.capitalize() for c in countries for a in c["adjectives"]]
    names += [n for o in organisations for n in (o["name"], *o.get("names", []))]
    return pl.DataFrame({"phrase": phrase_key(names)}).unique(maintain_order=True)


def with_offsets_of_run(runs: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add `start`, `end` (code points) of token runs `first`..`last`."""
    return runs.with_columns(start=tokens["start"].gather(runs["first"]), end=tokens["end"].gather(runs["last"]))


def _inside(spans: pl.DataFrame) -> pl.Series:
    """Token positions inside spans."""
    places = spans.select(pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32)).to_series()
    return places.explode(empty_as_null=False)
