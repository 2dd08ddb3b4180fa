"""Sources of statements: what kind they are, how the text refers to them, and who they are.

Within the article first: a name, a description that the article joins to a name, a pronoun or an elided subject by the
last fitting subject. Then by the register: who held an office on the day of the article. What stays ambiguous stays
null: a wrong name is worse than none.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.actors import actor_id
from transforms.lexicon import load
from transforms.people import People
from transforms.text import find_phrases, phrase_key

DETERMINERS = ["le", "la", "les", "l'", "un", "une", "des", "ce", "cet", "cette", "ces", "son", "sa", "ses", "leur", "leurs", "notre", "nos"]  # fmt: skip
INDEFINITE = [
    "un",
    "une",
    "des",
    "de",
    "d'",
    "plusieurs",
    "certains",
    "certaines",
    "quelques",
    "deux",
    "trois",
    "quatre",
    "cinq",
]
OF = ["de", "d'", "du", "des"]
SINGULAR = {"il": "m", "elle": "f", "lui": "m", "celui-ci": "m", "celle-ci": "f", "celui-là": "m", "celle-là": "f"}
PLURAL = ["ils", "elles", "eux", "ceux-ci", "celles-ci"]
NEAREST = ["celui-ci", "celle-ci", "dernier", "dernière"]
# The offices that a description can name without their title: the lexicon of roles gives the category.
OFFICES = {
    "head_of_state": [
        "président",
        "roi",
        "empereur",
        "sultan",
        "émir",
        "pape",
        "prince",
        "guide suprême",
        "chef de la junte",
        "président du Conseil présidentiel",
    ],
    "head_of_government": ["premier ministre", "chancelier", "président de la Commission"],
}
MINISTRIES = {
    "ministre des Affaires étrangères": r"diplomatie|affaires étrangères|secrétaire d'état$|secrétaire d'état ",
    "ministre de la Défense": r"défense|armées|guerre",
    "ministre des Finances": r"finances|trésor",
    "ministre de l'Intérieur": r"intérieur",
    "secrétaire général": r"secrétaire général",
    "porte-parole": r"porte-parole",
    "haut représentant": r"haut(?:e)? représentant",
    "envoyé spécial": r"envoyé|émissaire",
}
SAME_OFFICE = {
    "secrétaire d'État": "ministre des Affaires étrangères",
    "secrétaire à la Défense": "ministre de la Défense",
    "secrétaire à la Guerre": "ministre de la Défense",
    "secrétaire au Trésor": "ministre des Finances",
}


@cache
def _bodies() -> pl.DataFrame:
    """States, capitals and organisations as phrases: `phrase`, `spelling` (first letter's case), `kind`, `name`, `country`."""
    rows = []
    for c in load("countries")["country"]:
        rows += [(n, "state", c["name"], c["code"]) for n in (c["name"], *c["names"], *c["capitals"])]
    for o in load("organisations")["organisation"]:
        rows += [(n, "organisation", o["name"], o.get("country")) for n in {o["name"], *o["names"]}]
    frame = pl.DataFrame(rows, schema=["written", "kind", "name", "country"], orient="row").sort(
        "written", "kind", "name"
    )
    return frame.with_columns(
        phrase=pl.Series(phrase_key(frame["written"].to_list())),
        starts_upper=pl.col("written").str.contains(r"^\p{Lu}"),
    ).unique("phrase", keep="first", maintain_order=True)


@cache
def _offices() -> pl.DataFrame:
    """Offices of the register: `person_id`, `office`, `body` (code of the party), `since`, `until`."""
    codes = {o["name"]: o["party"] for o in load("organisations")["organisation"] if "party" in o}
    rows = [
        (p["id"], SAME_OFFICE.get(o["role"], o["role"]), codes.get(o["body"], o["body"]), o.get("from"), o.get("to"))
        for p in load("people")["person"]
        for o in p.get("office", [])
    ]
    schema = {"person_id": pl.String, "office": pl.String, "body": pl.String, "since": pl.Date, "until": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def _known_people() -> pl.DataFrame:
    """People of the register: `person_id`, `known_name`, `known_gender`."""
    entries = load("people")["person"]
    return pl.DataFrame(
        [(p["id"], p["name"], p.get("gender")) for p in entries],
        schema=["person_id", "known_name", "known_gender"], orient="row",
    )  # fmt: skip


def _words(tokens: pl.DataFrame, place: pl.Expr, column: str = "lower") -> pl.Expr:
    """The word at a token position."""
    return pl.lit(tokens[column]).gather(place.cast(pl.Int64).clip(0, tokens.height - 1))


def named_phrases(
    phrases: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame, who: People, roles: pl.DataFrame
) -> pl.DataFrame:
    """Say what noun phrases denote, each by itself.

    In: `first`, `last`, `apposition_first`, `apposition_last` (token positions). Out, in the same order, added: `kind`,
    `reference` (name|description|pronoun), `start`, `end` (code points of the surface), `name`, `actor`, `gender`,
    `is_plural`, `is_joint`, and for descriptions `head`, `category`, `party`, `role_text`.
    """
    mentions = who.mentions.join(
        who.persons.select("person", "canonical_name", "person_id", "gender"),
        on="person",
        how="left",
        maintain_order="left",
    )
    rows = phrases.with_row_index("phrase_row").with_columns(
        article=pl.lit(tokens["article"]).gather("first"),
        word=_words(tokens, pl.col("first")),
        length=pl.col("last").cast(pl.Int64) - pl.col("first") + 1,
    )
    rows = _with_mention(rows, tokens, mentions, roles)
    rows = _with_body(rows, tokens)
    rows = _with_role(rows, roles, tokens)
    return _classified(rows, tokens, articles)


def _with_mention(
    rows: pl.DataFrame, tokens: pl.DataFrame, mentions: pl.DataFrame, roles: pl.DataFrame
) -> pl.DataFrame:
    """Add the person that a phrase names: `mention` (row), `is_joint`, `joint_name`."""
    if mentions.is_empty():
        return rows.with_columns(
            mention=pl.lit(None, pl.Int64), is_joint=pl.lit(False), joint_name=pl.lit(None, pl.String)
        )
    titles = load("names")["titles"]
    firsts = mentions["first"]

    def at(column: str, row: pl.Expr) -> pl.Expr:
        return pl.lit(mentions[column]).gather(row.clip(0, mentions.height - 1))

    def last_in(first: str, last: str) -> pl.Expr:
        row = pl.lit(firsts).search_sorted(pl.col(last), side="right").cast(pl.Int64) - 1
        return pl.when((row >= 0) & (at("first", row) >= pl.col(first))).then(row)

    role_ends = roles.select(ends=pl.col("bare_last"), role_first="first").unique("ends", keep="last")
    rows = rows.with_columns(
        inner=last_in("first", "last"),
        outer=last_in("apposition_first", "apposition_last"),
        opening=pl.lit(firsts).search_sorted(pl.col("first"), side="left").cast(pl.Int64),
    ).with_columns(
        opening=pl.when((pl.col("opening") < mentions.height) & (at("last", pl.col("opening")) <= pl.col("last"))).then(
            "opening"
        ),
    )
    before = at("first", pl.col("inner")).cast(pl.Int64) - 1
    before = (
        pl.when((_words(tokens, before) == ".") & _words(tokens, before - 1).is_in(titles))
        .then(before - 2)
        .when(_words(tokens, before).is_in(titles))
        .then(before - 1)
        .otherwise(before)
    )
    rows = rows.with_columns(ends=before.cast(pl.UInt32, strict=False)).join(
        role_ends, on="ends", how="left", maintain_order="left"
    )
    role_before = pl.col("role_first").cast(pl.Int64) - 1
    governed = (
        pl.when(pl.col("role_first").is_not_null())
        .then(
            _words(tokens, role_before).is_in(OF)
            | (
                _words(tokens, role_before).is_in(["la", "l'", "le", "les"])
                & _words(tokens, role_before - 1).is_in(["de", "d'"])
            )
            & (role_before - 1 > pl.col("first"))
        )
        .otherwise(
            _words(tokens, before).is_in([*OF, "à", "au", "aux", "par", "avec", "chez", "pour", "contre", "sur"])
            | (_words(tokens, before - 1).is_in(OF) & (before - 1 > pl.col("first")))
        )
    )
    starts = (at("first", pl.col("opening")).cast(pl.Int64) - pl.col("first") <= 2) & (
        (at("first", pl.col("opening")) == pl.col("first")) | pl.col("word").is_in(titles)
    )
    outer_gap = at("first", pl.col("outer")).cast(pl.Int64) - pl.col("apposition_first")
    outer_ok = (outer_gap == 1) | (
        (outer_gap <= 3)
        & _words(tokens, pl.col("apposition_first").cast(pl.Int64) + 1).is_in([*titles, "m", "mme", "dr", "me"])
    )
    joint = (
        (pl.col("opening") < pl.col("inner"))
        & (_words(tokens, at("last", pl.col("opening")).cast(pl.Int64) + 1).is_in(["et", ","]))
        & starts
    )
    return (
        rows.with_columns(
            is_joint=joint.fill_null(value=False),
            mention=pl.when(starts)
            .then("opening")
            .when(outer_ok & ~starts.fill_null(value=False))
            .then("outer")
            .when(~governed)
            .then("inner"),
            joint_name=pl.when(joint).then(
                pl.concat_str(
                    at("canonical_name", pl.col("opening")), at("canonical_name", pl.col("inner")), separator=", "
                )
            ),
        )
        .with_columns(
            person_name=at("canonical_name", pl.col("mention")),
            person_id=at("person_id", pl.col("mention")),
            person_gender=at("gender", pl.col("mention")),
            person_start=at("start", pl.col("mention")),
            person_end=at("end", pl.col("mention")),
        )
        .drop("ends", "role_first", "inner", "outer", "opening")
    )


def _with_body(rows: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add the state or organisation that opens a phrase, and the second one of a pair."""
    found = find_phrases(tokens, _bodies().select("phrase", "kind", "name", "country", "starts_upper"))
    found = found.filter(~pl.col("starts_upper") | pl.lit(tokens["is_capital"]).gather("first")).select(
        at="first", body_last="last", body_kind="kind", body_name="name", body_country="country"
    )
    determined = pl.col("word").is_in(DETERMINERS)
    rows = rows.with_columns(at=(pl.col("first") + determined.cast(pl.UInt32))).join(
        found, on="at", how="left", maintain_order="left"
    )
    after = pl.col("body_last").cast(pl.Int64) + 1
    second = pl.when(_words(tokens, after).is_in(["et", "&"]) & (after < pl.col("last"))).then(
        after + 1 + _words(tokens, after + 1).is_in(DETERMINERS).cast(pl.Int64)
    )
    rows = rows.with_columns(at=second.cast(pl.UInt32)).join(
        found.rename({c: f"other_{c}" for c in found.columns if c != "at"}), on="at", how="left", maintain_order="left"
    )
    whole = pl.col("other_body_last").is_null() | (pl.col("other_body_last") == pl.col("last"))
    fits = (
        (pl.col("body_last") == pl.col("last"))
        | (pl.col("other_body_last") == pl.col("last"))
        | ~_words(tokens, after, "is_capital")
    )
    return rows.with_columns(
        has_body=(pl.col("body_name").is_not_null() & fits).fill_null(value=False),
        body_pair=pl.when(whole & pl.col("other_body_name").is_not_null()).then(
            pl.concat_str("body_name", "other_body_name", separator=", ")
        ),
    ).drop("at", "other_body_last", "other_body_kind", "other_body_name", "other_body_country")


def _with_role(rows: pl.DataFrame, roles: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add the role that a phrase is: `head`, `category`, `party`, `role_gender`, `role_plural`, `role_text`."""
    row = (
        pl.lit(roles["first"]).search_sorted(pl.col("first"), side="left").cast(pl.Int64)
        if not roles.is_empty()
        else pl.lit(None, pl.Int64)
    )
    row = pl.when(
        (row < roles.height)
        & (pl.lit(roles["first"]).gather(row.clip(0, max(roles.height - 1, 0))) <= pl.col("first") + 2)
        & (pl.lit(roles["first"]).gather(row.clip(0, max(roles.height - 1, 0))) <= pl.col("last"))
    ).then(row)
    about = roles.with_row_index("role").select(
        role=pl.col("role").cast(pl.Int64),
        role_span_first="first",
        role_span_last="last",
        head="head",
        category=pl.col("category").cast(pl.String),
        party="party",
        role_gender="gender",
        role_plural="is_plural",
    )
    rows = rows.with_columns(role=row).join(about, on="role", how="left", maintain_order="left")
    spelled = pl.concat_str(
        [pl.when(pl.col("role_span_first") + k <= pl.col("role_span_last")).then(_words(tokens, pl.col("role_span_first").cast(pl.Int64) + k)) for k in range(8)],
        separator=" ", ignore_nulls=True,
    )  # fmt: skip
    return rows.with_columns(role_text=spelled)


def _classified(rows: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Decide kind, reference, surface and name."""
    words = load("cues")["words"]
    first, last, length, word = (
        pl.col("first").cast(pl.Int64),
        pl.col("last").cast(pl.Int64),
        pl.col("length"),
        pl.col("word"),
    )
    determined = word.is_in(DETERMINERS) & (length > 1)
    nouns = [pl.when(length > k).then(_words(tokens, first + k)) for k in range(4)]
    behind_noun = [
        pl.any_horizontal([n.is_in(words["source"]) for n in nouns[: k + 1]]).fill_null(value=False) for k in range(4)
    ]
    behind_noun += [behind_noun[-1]] * 5
    last_word = _words(tokens, last)
    rows = rows.with_columns(
        noun=pl.coalesce([pl.when(n.is_in(words["source"])).then(n) for n in nouns]),
        is_definite=determined,
        indefinite=word.is_in(INDEFINITE),
        is_pronoun=(
            ((length == 1) & word.is_in([*SINGULAR, *PLURAL, "on", "qui"]))
            | ((length <= 2) & last_word.is_in(["dernier", "dernière", "derniers", "dernières"]) & word.is_in(["ce", "cette", "ces"]))
        ).fill_null(value=False),
        is_capital=_words(tokens, first + determined.cast(pl.Int64), "is_capital"),
        # A run of capitals behind a common noun is its name: « l'ONG genevoise Halte aux mines ».
        tail=pl.coalesce([pl.when((length > k + 1) & _words(tokens, first + k + 1, "is_capital") & seen).then(first + k + 1) for k, seen in enumerate(behind_noun)]),
        text=pl.lit(articles["text"]).gather("article"),
        whole_start=pl.lit(tokens["start"]).gather("first"), whole_end=pl.lit(tokens["end"]).gather("last"),
        bare_start=_words(tokens, first + determined.cast(pl.Int64), "start"),
        named=pl.col("mention").is_not_null(),
    ).with_columns(
        is_document=pl.col("noun").is_in(words["document"]).fill_null(value=False),
        is_body=pl.col("noun").is_in(words["body"]).fill_null(value=False),
        is_unnamed=pl.col("noun").is_in(words["unnamed"]).fill_null(value=False),
        is_titled=pl.col("noun").is_in(words["titled"]).fill_null(value=False),
        tail_start=_words(tokens, pl.col("tail"), "start"),
    ).with_columns(
        kind=pl.when(pl.col("named") | pl.col("is_pronoun")).then(pl.lit("person"))
        .when(pl.col("has_body") & ~pl.col("is_document")).then("body_kind")
        .when("is_document").then(pl.lit("document"))
        .when("is_unnamed").then(pl.lit("unnamed"))
        .when(pl.col("is_body") & (~pl.col("indefinite") | (pl.col("is_titled") & pl.col("tail").is_not_null()))).then(pl.lit("organisation"))
        .when("indefinite").then(pl.lit("unnamed"))
        .when(pl.col("role").is_not_null()).then(pl.lit("person"))
        .when("is_capital").then(pl.lit("organisation"))
        .when(pl.col("noun").is_not_null()).then(pl.lit("person"))
        .otherwise(pl.lit("unnamed")),
        is_generic=(((pl.col("is_titled") & (length <= 2)) | (word.is_in(["nos", "notre"]) & pl.col("is_body"))) & ~pl.col("has_body")).fill_null(value=False),
        is_behind_noun=pl.col("is_titled") & pl.col("tail").is_not_null() & ~pl.col("has_body") & ~pl.col("named"),
        has_body=pl.col("has_body") & ~pl.col("is_document") & ~pl.col("named"),
    )  # fmt: skip
    body, organisation = pl.col("has_body"), (pl.col("kind") == "organisation") & ~pl.col("is_generic")
    alone = pl.col("named") & ~pl.col("is_joint")
    tail = pl.col("text").str.slice(pl.col("tail_start"), pl.col("whole_end") - pl.col("tail_start"))
    bare = pl.col("text").str.slice(pl.col("bare_start"), pl.col("whole_end") - pl.col("bare_start"))
    return rows.with_columns(
        reference=pl.when("is_pronoun").then(pl.lit("pronoun"))
        .when(pl.col("named") | body | organisation).then(pl.lit("name"))
        .otherwise(pl.lit("description")),
        start=pl.when(alone).then("person_start").when("is_behind_noun").then("tail_start").otherwise("whole_start"),
        end=pl.when(alone).then("person_end").otherwise("whole_end"),
        name=pl.when("is_joint").then("joint_name").when("named").then("person_name")
        .when(body).then(pl.coalesce("body_pair", "body_name"))
        .when(pl.col("is_behind_noun") | (pl.col("is_document") & pl.col("tail").is_not_null())).then(tail)
        .when(organisation).then(bare),
        actor=pl.when(alone).then("person_id"),
        gender=pl.when("named").then("person_gender")
        .when(word.is_in(["le", "un", "ce", "cet"])).then(pl.lit("m"))
        .when(word.is_in(["la", "une", "cette"])).then(pl.lit("f"))
        .when(pl.col("kind") == "person").then("role_gender"),
        plural=pl.col("is_joint") | (body & pl.col("body_pair").is_not_null())
        | word.is_in(["les", "des", "ces", "ses", "leurs", "nos", "plusieurs"])
        | (pl.col("role_plural") & ~pl.col("named")).fill_null(value=False),
    ).drop("text").sort("phrase_row")  # fmt: skip


def _described(
    rows: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame, who: People, roles: pl.DataFrame
) -> pl.DataFrame:
    """Name the people that a role describes: « le président russe », by the article first, then by the register.

    A description goes to the person to whom the article gives that role, the last one named where several bear it; else
    to the one who held the office on the day of the article, or, where the article has no day, who held it at any time
    and is named in the article.
    """
    open_ = (
        pl.col("name").is_null()
        & (pl.col("kind") == "person")
        & pl.col("role").is_not_null()
        & ~pl.col("indefinite")
        & ~pl.col("plural")
        & ~pl.col("is_pronoun")
    )
    wanted = rows.filter(open_).select(
        "phrase_row", "article", "first", "head", "category", "party", "role_gender", "role_text"
    )
    if wanted.is_empty():
        return rows
    borne = _borne_roles(tokens, who, roles)
    same = (
        wanted.join(borne, on="article", suffix="_borne")
        .filter(pl.col("role_gender").is_null() | pl.col("gender").is_null() | (pl.col("role_gender") == pl.col("gender")))
        .with_columns(
            fit=pl.when(pl.col("category") != pl.col("category_borne")).then(None)
            .when((pl.col("head") == pl.col("head_borne")) & (pl.col("party") == pl.col("party_borne"))).then(3)
            .when((pl.col("head") == pl.col("head_borne")) & (pl.col("party").is_null() | pl.col("party_borne").is_null())).then(2)
            .when((pl.col("category") == pl.col("category_borne")) & pl.col("category").is_in(["head_of_state", "head_of_government", "minister", "spokesperson", "envoy"]) & (pl.col("party") == pl.col("party_borne"))).then(1)
        )
        .filter(pl.col("fit").is_not_null())
        .with_columns(is_before=pl.col("place") < pl.col("first"))
        .sort("phrase_row", "fit", "is_before", "place", descending=[False, True, True, True])
        .unique("phrase_row", keep="first", maintain_order=True)
        .select("phrase_row", found_name="canonical_name", found_id="person_id", found_gender="gender")
    )  # fmt: skip
    rest = wanted.join(same, on="phrase_row", how="anti")
    office = pl.coalesce(
        [pl.when(pl.col("category") == category).then(pl.lit(names)) for category, names in OFFICES.items()]
        + [
            pl.when(pl.col("role_text").str.contains(pattern)).then(pl.lit([name]))
            for name, pattern in MINISTRIES.items()
        ]
    )
    present = who.persons.filter("in_register").select("article", "person_id", is_present=pl.lit(True)).unique()
    day = pl.col("published_on")
    held = (
        rest.with_columns(office=office, published_on=pl.lit(articles["published_on"]).gather("article"))
        .filter(pl.col("office").is_not_null() & pl.col("party").is_not_null())
        .explode("office")
        .join(_offices(), left_on=["office", "party"], right_on=["office", "body"])
        .join(present, on=["article", "person_id"], how="left")
        .filter(
            pl.when(day.is_null()).then(pl.col("is_present"))
            .otherwise((pl.col("since").is_null() | (pl.col("since") <= day)) & (pl.col("until").is_null() | (day < pl.col("until"))) & (pl.col("since").is_not_null() | pl.col("is_present").fill_null(value=False)))
        )
        .unique(["phrase_row", "person_id"], maintain_order=True)
        .join(_known_people(), on="person_id", how="left")
        .filter(pl.col("role_gender").is_null() | (pl.col("role_gender") == pl.col("known_gender")) | pl.col("known_gender").is_null())
        .filter(pl.len().over("phrase_row") == 1)
        .select("phrase_row", found_name="known_name", found_id="person_id", found_gender="known_gender")
    )  # fmt: skip
    found = pl.concat([same, held])
    return rows.join(found, on="phrase_row", how="left", maintain_order="left").with_columns(
        name=pl.coalesce("name", "found_name"),
        actor=pl.coalesce("actor", "found_id"),
        gender=pl.coalesce("found_gender", "gender"),
    )


def _borne_roles(tokens: pl.DataFrame, who: People, roles: pl.DataFrame) -> pl.DataFrame:
    """The roles that the text gives to named people: `article`, `place`, `head`, `category`, `party`, `person_id`, …"""
    roles = roles.filter(~pl.col("is_plural"))
    people = who.mentions.join(
        who.persons.select("person", "canonical_name", "person_id", "gender", "country"), on="person", how="left"
    ).select("canonical_name", "person_id", "gender", "country", place="first", after="last")
    mention_first, step = pl.col("place"), pl.col("last").cast(pl.Int64)
    about = roles.select(
        "article", "first", "last", "head", "party", category=pl.col("category").cast(pl.String), role_gender="gender"
    )
    # « le ministre Paul Dupont », « la ministre, Mme Dupont »; « Paul Dupont, (le) ministre ».
    titles = ["m", "mme", "mr", "dr", "me", "."]
    before = pl.concat([about.with_columns(place=(step + gap).cast(pl.UInt32)) for gap in (1, 2, 3, 4)])
    between = before.with_columns(gap=pl.col("place") - pl.col("last")).filter(
        (pl.col("gap") == 1)
        | pl.all_horizontal(
            pl.when(pl.col("gap") > k)
            .then(_words(tokens, pl.col("last") + k).is_in([",", *titles] if k == 1 else titles))
            .otherwise(pl.lit(True))
            for k in (1, 2, 3)
        )
    )
    ahead = between.join(people, on="place", how="inner")
    behind = pl.concat(
        [
            about.with_columns(after=(pl.col("first").cast(pl.Int64) - gap).cast(pl.UInt32, strict=False))
            for gap in (2, 3)
        ]
    ).with_columns(gap=pl.col("first") - pl.col("after"))
    behind = behind.filter(
        (_words(tokens, pl.col("after") + 1).is_in([",", "("]))
        & ((pl.col("gap") == 2) | _words(tokens, pl.col("first").cast(pl.Int64) - 1).is_in(DETERMINERS))
    ).join(people, on="after", how="inner")
    columns = ["article", "place", "head", "category", "party", "canonical_name", "person_id", "gender"]
    # A role inside a complement is another's: « le cabinet du ministre Paul Dupont » still makes him minister.
    both = [found.with_columns(party=pl.coalesce("party", "country")).select(columns) for found in (ahead, behind)]
    return pl.concat(both).unique(maintain_order=True)


def with_sources(
    rows: pl.DataFrame,
    subjects: pl.DataFrame,
    tokens: pl.DataFrame,
    articles: pl.DataFrame,
    who: People,
    roles: pl.DataFrame,
) -> pl.DataFrame:
    """Add the columns of STATEMENTS that tell the source.

    In: statements by tokens (`speaker_*`, `apposition_*`, `antecedent_*`, `tied_token`, `cue_first`, `content_first`,
    `is_elided`, `rule`); the subjects of the text likewise. Out: `speaker_start`, `speaker_end`, `speaker_kind`,
    `speaker_reference`, `speaker_name`, `speaker_id` added.
    """
    rows = rows.sort("article", "text_start").with_row_index("row")
    span = ["first", "last", "apposition_first", "apposition_last"]
    of_subject = subjects.select(
        first="speaker_first",
        last="speaker_last",
        apposition_first="apposition_first",
        apposition_last="apposition_last",
        is_subject=pl.col("is_likely"),
        antecedent="antecedent_first",
        antecedent_last="antecedent_last",
    )
    of_row = rows.filter(pl.col("speaker_first").is_not_null()).select(
        first="speaker_first",
        last="speaker_last",
        apposition_first="apposition_first",
        apposition_last="apposition_last",
        is_subject=pl.lit(True),
        antecedent="antecedent_first",
        antecedent_last="antecedent_last",
    )
    none = pl.lit(None, pl.UInt32)
    spoken = pl.concat([of_row, of_subject])
    antecedents = spoken.filter(pl.col("antecedent").is_not_null()).select(
        first="antecedent",
        last="antecedent_last",
        apposition_first=none,
        apposition_last=none,
        is_subject=pl.lit(False),
        antecedent=none,
        antecedent_last=none,
    )
    phrases = (
        pl.concat([spoken, antecedents])
        .unique(["first", "last"], keep="first", maintain_order=True)
        .sort("first", "last")
    )
    known = _described(named_phrases(phrases, tokens, articles, who, roles), tokens, articles, who, roles)
    segment = _segments(tokens)
    known = known.with_columns(
        segment=pl.lit(segment).gather("first"), sentence=pl.lit(tokens["sentence"]).gather("first")
    )
    known = _with_pronouns(known, tokens, who, segment)
    return _joined(rows, known, tokens, who, segment)


def _segments(tokens: pl.DataFrame) -> pl.Series:
    """A number per token that changes with the article and with the entry of a live blog (a line that starts with a time)."""
    form = pl.col("form")
    starts = (form.shift(1) == "\n") | (pl.col("article") != pl.col("article").shift(1))
    clock = (
        form.str.contains(r"^\d{1,2}$") & pl.col("is_joined").shift(-1) & form.shift(-1).str.contains(r"^(?:[hH:])$")
    )
    return tokens.select(
        (
            (starts & clock).fill_null(value=False)
            | (pl.col("article") != pl.col("article").shift(1)).fill_null(value=False)
        ).cum_sum()
    ).to_series()


def _with_pronouns(known: pl.DataFrame, tokens: pl.DataFrame, who: People, segment: pl.Series) -> pl.DataFrame:
    """Give pronouns and bare common nouns (« l'agence ») the one they stand for: `name`, `actor`, `kind`, `gender`."""
    word = pl.lit(tokens["lower"]).gather("last")
    last_word = pl.when(word.is_in(["dernier", "dernière"])).then(word).otherwise("word")
    fits = (
        pl.when(last_word.is_in(["il", "lui", "celui-ci", "celui-là", "dernier"]))
        .then(pl.lit("m"))
        .when(last_word.is_in(["elle", "celle-ci", "celle-là", "dernière"]))
        .then(pl.lit("f"))
    )
    rows = known.with_columns(
        wanted=pl.when("is_pronoun").then(fits),
        is_nearest=pl.col("is_pronoun") & last_word.is_in(NEAREST),
        place=pl.col("first").cast(pl.Int64),
    )
    history = rows.filter(
        pl.col("is_subject") & ~pl.col("is_pronoun") & ~pl.col("is_generic") & ~pl.col("plural")
    ).select("place", "segment", "gender", old_name="name", old_actor="actor", old_kind="kind", old_gender="gender")
    people = who.mentions.join(
        who.persons.select("person", "canonical_name", "person_id", "gender"),
        on="person",
        how="left",
        maintain_order="left",
    ).select(
        place=pl.col("first").cast(pl.Int64),
        segment=pl.lit(segment).gather("first"),
        gender="gender",
        old_name="canonical_name",
        old_actor="person_id",
        old_kind=pl.lit("person"),
        old_gender="gender",
    )
    parts = [
        rows.filter(pl.col("wanted").is_null() & ~pl.col("is_generic")).with_columns(
            old_name=pl.lit(None, pl.String),
            old_actor=pl.lit(None, pl.String),
            old_kind=pl.lit(None, pl.String),
            old_gender=pl.lit(None, pl.String),
        )
    ]
    for gender in ("m", "f"):
        for is_nearest, pool in ((False, history), (True, people)):
            ask = rows.filter((pl.col("wanted") == gender) & (pl.col("is_nearest") == is_nearest))
            sure = (
                pool.filter(
                    (pl.col("gender") == gender)
                    | (pl.col("gender").is_null() & (pl.col("old_kind") == "person") & pl.col("old_name").is_not_null())
                )
                .drop("gender")
                .sort("place")
            )
            parts.append(
                ask.sort("place").join_asof(
                    sure,
                    on="place",
                    by="segment",
                    strategy="backward",
                    allow_exact_matches=False,
                    check_sortedness=False,
                )
            )
    groups = (
        history.filter((pl.col("old_kind") == "organisation") & pl.col("old_name").is_not_null())
        .drop("gender")
        .sort("place")
    )
    parts.append(
        rows.filter(pl.col("is_generic") & pl.col("wanted").is_null())
        .sort("place")
        .join_asof(
            groups, on="place", by="segment", strategy="backward", allow_exact_matches=False, check_sortedness=False
        )
    )
    solved = (
        pl.concat(parts, how="diagonal")
        .with_columns(
            name=pl.coalesce("name", "old_name"),
            actor=pl.coalesce("actor", "old_actor"),
            kind=pl.when(pl.col("is_pronoun") & pl.col("old_kind").is_not_null())
            .then("old_kind")
            .when(pl.col("is_pronoun") & (pl.col("word") == "on"))
            .then(pl.lit("unnamed"))
            .otherwise("kind"),
            gender=pl.coalesce("gender", "old_gender", "wanted"),
        )
        .sort("first", "last")
    )
    # « qui » is what stands before it.
    who_is = solved.select(
        antecedent="first",
        antecedent_last="last",
        its_name="name",
        its_actor="actor",
        its_kind="kind",
        its_gender="gender",
    ).unique(["antecedent", "antecedent_last"], keep="first")
    return solved.join(who_is, on=["antecedent", "antecedent_last"], how="left", maintain_order="left").with_columns(
        name=pl.coalesce("name", "its_name"),
        actor=pl.coalesce("actor", "its_actor"),
        kind=pl.coalesce("its_kind", "kind"),
        gender=pl.coalesce("gender", "its_gender"),
    )


def _joined(
    rows: pl.DataFrame, known: pl.DataFrame, tokens: pl.DataFrame, who: People, segment: pl.Series
) -> pl.DataFrame:
    """Statements with their source: their own phrase, their tied pronoun, or the one that an elided subject inherits."""
    own = known.select(
        speaker_first="first",
        speaker_last="last",
        kind="kind",
        reference="reference",
        start="start",
        end="end",
        name="name",
        actor="actor",
    )
    rows = rows.with_columns(place=pl.coalesce("cue_first", "content_first").cast(pl.Int64)).with_columns(
        segment=pl.lit(segment).gather("place"), sentence=pl.lit(tokens["sentence"]).gather("place")
    )
    rows = rows.join(own, on=["speaker_first", "speaker_last"], how="left", maintain_order="left")
    # Tied pronouns: « a-t-il affirmé ».
    tied = rows.filter(
        pl.col("tied_token").is_not_null() & pl.col("name").is_null() & pl.col("speaker_first").is_null()
    )
    spoken = pl.lit(tokens["lower"]).gather("tied_token").str.extract(r"-([a-z]+)$", 1)
    tied = tied.with_columns(pronoun=spoken, tied_end=pl.lit(tokens["end"]).gather("tied_token")).with_columns(
        tied_start=pl.col("tied_end") - pl.col("pronoun").str.len_chars().cast(pl.Int32),
        wanted=pl.col("pronoun").replace_strict(SINGULAR, default=None, return_dtype=pl.String),
    )
    history = known.filter(pl.col("is_subject") & ~pl.col("plural")).select(
        "segment",
        place=pl.col("first").cast(pl.Int64),
        gender="gender",
        old_name="name",
        old_actor="actor",
        old_kind="kind",
    )
    history = history.sort("place")
    parts = []
    for gender in ("m", "f"):
        pool = history.filter(
            (pl.col("gender") == gender)
            | (pl.col("gender").is_null() & (pl.col("old_kind") == "person") & pl.col("old_name").is_not_null())
        ).drop("gender")
        # A subject inside the quotation is none of those who speak around it.
        ask = (
            tied.filter(pl.col("wanted") == gender)
            .with_columns(place=pl.col("content_first").cast(pl.Int64))
            .sort("place")
        )
        parts.append(ask.join_asof(pool, on="place", by="segment", strategy="backward", check_sortedness=False))
    told = (
        pl.concat(parts, how="diagonal").select("row", "tied_start", "tied_end", "old_name", "old_actor", "old_kind")
        if parts
        else None
    )
    rest = tied.filter(pl.col("wanted").is_null()).select(
        "row",
        "tied_start",
        "tied_end",
        old_name=pl.lit(None, pl.String),
        old_actor=pl.lit(None, pl.String),
        old_kind=pl.when(pl.col("pronoun") == "on").then(pl.lit("unnamed")).otherwise(pl.lit("person")),
    )
    rows = rows.join(pl.concat([told, rest]), on="row", how="left", maintain_order="left")
    is_tied = pl.col("tied_start").is_not_null()
    rows = rows.with_columns(
        kind=pl.coalesce("kind", "old_kind"),
        reference=pl.when(is_tied).then(pl.lit("pronoun")).otherwise("reference"),
        start=pl.coalesce("start", "tied_start"),
        end=pl.coalesce("end", "tied_end"),
        name=pl.coalesce("name", "old_name"),
        actor=pl.coalesce("actor", "old_actor"),
    ).drop("old_name", "old_actor", "old_kind")
    # Elided: the last subject of the sentence before the cue, else the first one behind it.
    lines = (
        known.filter(pl.col("is_subject"))
        .select("sentence", place=pl.col("first").cast(pl.Int64), old_name="name", old_actor="actor", old_kind="kind")
        .sort("place")
    )
    cued = (
        rows.filter(pl.col("is_elided") & pl.col("cue_first").is_not_null())
        .select("row", "place", "sentence")
        .sort("place")
    )
    back = cued.join_asof(lines, on="place", by="sentence", strategy="backward", check_sortedness=False)
    ahead = cued.join_asof(lines, on="place", by="sentence", strategy="forward", check_sortedness=False)
    anchored = (
        pl.concat([back, ahead])
        .filter(pl.col("old_kind").is_not_null())
        .unique("row", keep="first", maintain_order=True)
    )
    rows = rows.join(
        anchored.select("row", "old_name", "old_actor", "old_kind"), on="row", how="left", maintain_order="left"
    )
    rows = rows.with_columns(
        kind=pl.coalesce("kind", "old_kind"),
        name=pl.coalesce("name", "old_name"),
        actor=pl.coalesce("actor", "old_actor"),
    ).drop("old_name", "old_actor", "old_kind")
    rows = _in_dialogue(rows, who)
    # What nothing else tells goes on from the statement before.
    source = pl.struct("kind", "name", "actor")
    carried = pl.when(pl.col("kind").is_not_null()).then(source).forward_fill().over("article", "segment")
    rows = rows.with_columns(carried=carried)
    # A quotation that nothing before it gives a source to is none.
    rows = rows.filter((pl.col("rule") != "chain") | pl.col("carried").is_not_null())
    return rows.with_columns(
        speaker_start=pl.col("start").cast(pl.Int32), speaker_end=pl.col("end").cast(pl.Int32),
        speaker_kind=pl.coalesce("kind", pl.col("carried").struct.field("kind"), pl.lit("person")),
        speaker_reference=pl.coalesce("reference", pl.lit("elided")),
        speaker_name=pl.coalesce("name", pl.when(pl.col("kind").is_null()).then(pl.col("carried").struct.field("name"))),
        actor=pl.coalesce("actor", pl.when(pl.col("kind").is_null()).then(pl.col("carried").struct.field("actor"))),
    ).with_columns(
        speaker_id=pl.coalesce(
            "actor",
            pl.when(pl.col("speaker_kind").is_in(["organisation", "state"]) & pl.col("speaker_name").is_not_null() & ~pl.col("speaker_name").str.contains(", "))
            .then(actor_id(pl.col("speaker_kind"), pl.col("speaker_name"), _country(pl.col("speaker_kind"), pl.col("speaker_name")))),
        )
    )  # fmt: skip


def _country(kind: pl.Expr, name: pl.Expr) -> pl.Expr:
    """The country of a known state or organisation."""
    known = _bodies().unique(["kind", "name"], keep="first")
    keys = pl.concat_str(kind, name, separator=":")
    table = dict(zip((known["kind"] + ":" + known["name"]).to_list(), known["country"].to_list(), strict=True))
    return keys.replace_strict(table, default=None, return_dtype=pl.String)


def _in_dialogue(rows: pl.DataFrame, who: People) -> pl.DataFrame:
    """Answers go to the person named last before the first of them."""
    people = (
        who.mentions.join(who.persons.select("person", "canonical_name", "person_id"), on="person", how="left")
        .select("article", place=pl.col("first").cast(pl.Int64), asked_name="canonical_name", asked_id="person_id")
        .sort("place")
    )
    first = (
        rows.filter(pl.col("rule") == "dialogue")
        .group_by("article")
        .agg(place=pl.col("content_first").min().cast(pl.Int64))
        .sort("place")
    )
    asked = first.join_asof(people, on="place", by="article", strategy="backward", check_sortedness=False).drop("place")
    spoken = pl.col("rule") == "dialogue"
    return rows.join(asked, on="article", how="left", maintain_order="left").with_columns(
        name=pl.when(spoken).then("asked_name").otherwise("name"),
        actor=pl.when(spoken).then("asked_id").otherwise("actor"),
        kind=pl.when(spoken).then(pl.lit("person")).otherwise("kind"),
    )
