"""Sources of statements: what kind they are, how the text refers to them, and who they are.

Within the article first: a name, a description that the article joins to a name, a pronoun or an elided subject by the
last fitting subject. Then by the register: who held an office on the day of the article. What stays ambiguous stays
null: a wrong name is worse than none.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import polars as pl

from transforms.actors import actor_id
from transforms.lexicon import load
from transforms.people import People
from transforms.surfaces import surface
from transforms.text import find_phrases, neighbours, phrase_key, with_form_features

OF = ["de", "d'", "du", "des"]
GOVERNING = [*OF, "à", "au", "aux", "par", "avec", "chez", "pour", "contre", "sur"]
DEFINITE = ["le", "la", "les", "l'"]
DEMONSTRATIVE = ["ce", "cet", "cette"]
ADDRESSING = ["à", "au", "aux", "pour", "sur", "dans", "chez", "avec", "contre", "vers", "devant"]
POSSESSIVE = ["son", "sa", "leur"]
OUR = ["nos", "notre"]
PLURALS = ["les", "des", "ces", "ses", "leurs", "nos", "plusieurs", "ceux", "celles", "tous", "toutes"]
DETERMINERS = [*DEFINITE, "un", "une", "des", *DEMONSTRATIVE, "ces", *POSSESSIVE, "ses", "leurs", *OUR]
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
]
TITLES = ["m", "mm", "mme", "mmes", "mlle", "dr", "dre", "me", "mgr", "."]
LATTER = {"dernier": "m", "dernière": "f", "derniers": None, "dernières": None}
SINGULAR = {"il": "m", "elle": "f", "lui": "m"}
NEAR = {"celui-ci": "m", "celle-ci": "f", "celui-là": "m", "celle-là": "f"}
OTHER_PRONOUNS = ["ils", "elles", "eux", "ceux-ci", "celles-ci", "on", "qui"]
# Offices of the register by the category or the words of a role, one or several titles each.
OFFICE_OF_CATEGORY = {
    "head_of_state": [
        "président", "roi", "empereur", "sultan", "émir", "pape", "prince", "guide suprême", "chef de la junte",
        "président du Conseil présidentiel",
    ],
    "head_of_government": ["premier ministre", "chancelier", "président de la Commission"],
}  # fmt: skip
OFFICE_OF_MINISTER = {
    "ministre des Affaires étrangères": r"diplomatie|affaires étrangères|secrétaire d'état(?:$| )",
    "ministre de la Défense": r"défense|armées|guerre",
    "ministre des Finances": r"finances|trésor",
    "ministre de l'Intérieur": r"intérieur",
}
OFFICE_OF_WORDS = {
    "secrétaire général": r"^secrétaire générale?",
    "porte-parole": r"^porte-parole",
    "haut représentant": r"^haut(?:e)? représentant",
    "envoyé spécial": r"^(?:envoyée?|émissaire)",
}
SAME_OFFICE = {
    "secrétaire d'État": "ministre des Affaires étrangères", "secrétaire à la Défense": "ministre de la Défense",
    "secrétaire à la Guerre": "ministre de la Défense", "secrétaire au Trésor": "ministre des Finances",
}  # fmt: skip
# Categories whose holder is one per party, whatever the words: « le chef du Kremlin » is « le président russe ».
ONE_PER_PARTY = ["head_of_state", "head_of_government", "minister", "spokesperson", "envoy"]
NAMING_ROLE_WORDS = 8
APPOSED_WORDS = 4  # between a comma and the name in apposition, its article included
NOUN_REACH = 3  # words before the noun that says what a phrase is: « cet ancien haut responsable »
# Contents that stand inside the sentence of their source: their subjects are none of those who speak.
GOVERNED_RULES = [
    "que",
    "for",
    "judged",
    "whether",
    "bare",
    "de",
    "à",
    "self",
    "noun",
    "like",
    "like_quote",
    "object",
    "amount",
]
ENTITY = ["name", "actor", "kind", "gender"]
CONVERSATIONS = ["entretien", "interview", "rencontre", "conversation", "discussion", "dialogue", "échange"]
NAME_STOPS = ["que", "qu'", "qui", "dont", "où", "(", "[", "lui-même", "elle-même", "eux-mêmes", "elles-mêmes"]
LONE_WORDS = 4  # that a quotation of its own must exceed to be someone's words, its marks included
FEMININE_BODY = r"(?:ion|nce|ise|ée|té|ade|ipe|ong)$"
# Words that open a sentence with a capital and name no one.
UNNAMED = [
    "ceux",
    "celles",
    "celui",
    "celle",
    "tous",
    "toutes",
    "certains",
    "certaines",
    "beaucoup",
    "chacun",
    "chacune",
    "personne",
    "voilà",
    "nul",
]
FIRM_WORDS = 4  # of a firm's name at most
NAMING_VERBS = ["appelle", "appelait", "nomme", "nommait", "prénomme", "prénommait"]
# Offices that have those who serve them: « conseiller du président ».
SERVED = [
    "président", "présidente", "ministre", "chancelier", "chancelière", "roi", "reine", "maire", "gouverneur",
    "gouverneure", "émir", "prince", "pape", "dirigeant", "dirigeante", "directeur", "directrice",
]  # fmt: skip
COLLEAGUES = ["confrère", "confrères", "consœur", "consœurs"]


@cache
def _bodies() -> pl.DataFrame:
    """States, their capitals and organisations: `phrase`, `starts_upper`, `kind`, `name`, `country`, `code` (party)."""
    rows = []
    for c in load("countries")["country"]:
        names = (c["name"], *c["names"], *c["capitals"])
        rows += [(n, "state", c["name"], c["code"], c["code"]) for n in names]
    for o in load("organisations")["organisation"]:
        code = o.get("party", o.get("country"))
        rows += [(n, "organisation", o["name"], o.get("country"), code) for n in {o["name"], *o["names"]}]
    frame = pl.DataFrame(rows, schema=["written", "kind", "name", "country", "code"], orient="row")
    frame = frame.sort("written", "kind", "name")
    frame = frame.with_columns(phrase=pl.Series(phrase_key(frame["written"].to_list())))
    # « département d'État » is known in both spellings: then no capital is needed.
    starts_upper = pl.col("written").str.contains(r"^\p{Lu}").all().over("phrase")
    return frame.with_columns(starts_upper=starts_upper).unique("phrase", keep="first", maintain_order=True)


@cache
def _offices() -> pl.DataFrame:
    """Offices of the register: `person_id`, `office`, `body` (code of the party), `since`, `until`, name and gender."""
    codes = {o["name"]: o["party"] for o in load("organisations")["organisation"] if "party" in o}
    rows = [
        (p["id"], p["name"], p.get("gender"), SAME_OFFICE.get(o["role"], o["role"]), codes.get(o["body"], o["body"]),
         o.get("from"), o.get("to"))
        for p in load("people")["person"]
        for o in p.get("office", [])
    ]  # fmt: skip
    text = ["person_id", "known_name", "known_gender", "office", "body"]
    schema = dict.fromkeys(text, pl.String) | {"since": pl.Date, "until": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _words(tokens: pl.DataFrame, place: pl.Expr, column: str = "lower") -> pl.Expr:
    """A column of the tokens at a token position."""
    return pl.lit(tokens[column]).gather(place.cast(pl.Int64).clip(0, tokens.height - 1))


def _mentions(who: People) -> pl.DataFrame:
    """Mentions of people with `name`, `actor`, `gender`, `country`."""
    about = who.persons.select("person", "gender", "country", name="canonical_name", actor="person_id")
    return who.mentions.join(about, on="person", how="left", maintain_order="left")


def with_sources(
    rows: pl.DataFrame,
    subjects: pl.DataFrame,
    tokens: pl.DataFrame,
    articles: pl.DataFrame,
    who: People,
    roles: pl.DataFrame,
) -> pl.DataFrame:
    """Add the columns of STATEMENTS that tell the source, and `row`.

    In: statements by tokens (`speaker_*`, `apposition_*`, `antecedent_*`, `tied_token`, `cue_first`, `content_*`,
    `is_elided`, `rule`); the subjects of the text likewise; role phrases. Out: `speaker_start`, `speaker_end`,
    `speaker_kind`, `speaker_reference`, `speaker_name`, `speaker_id` added; quotations that stand alone and get no
    source from what is before them are left out.
    """
    rows = rows.sort("article", "text_start").with_row_index("row")
    mentions, segment = _mentions(who), _segments(tokens)
    known = _phrases(rows, subjects, tokens, segment)
    bodies = _body_mentions(tokens)
    known = _with_mention(known, tokens, mentions, roles)
    known = _classified(_with_role(_with_body(known, tokens, bodies), roles, tokens), tokens, articles)
    known = _with_fuller_name(known, tokens, bodies)
    known = _described(known, articles, who, _borne_roles(tokens, mentions, roles))
    known = _with_pronouns(known, tokens, mentions, bodies, segment)
    return _with_ids(_carried(_joined(rows, known, tokens, mentions, segment)))


def _segments(tokens: pl.DataFrame) -> pl.Series:
    """A number per token that changes with the article and with the entry of a live blog.

    An entry is a line that starts with a time: « 18h42 – … ».
    """
    article, paragraph = tokens["article"], tokens["paragraph"]
    fresh = (article != article.shift(1)).fill_null(value=False).arg_true()
    lines = (paragraph != paragraph.shift(1)).fill_null(value=False).arg_true()
    around = neighbours(tokens, lines, "form", "is_joined", reach=1)
    hour = pl.col("form").str.contains(r"^\d{1,2}$") & pl.col("is_joined+1") & pl.col("form+1").is_in(["h", "H", ":"])
    entries = lines.filter(around.select((pl.col("form-1") == "\n") & hour).to_series())
    is_new = pl.repeat(value=False, n=tokens.height, eager=True)
    return is_new.scatter(fresh, True).scatter(entries, True).cum_sum()


def _phrases(rows: pl.DataFrame, subjects: pl.DataFrame, tokens: pl.DataFrame, segment: pl.Series) -> pl.DataFrame:
    """The noun phrases and pronouns to be told, each once, in text order.

    Out: `first`, `last`, `apposition_*`, `antecedent_*` (tokens), `is_subject` (can be taken up by a pronoun: it is of
    those who speak, and not inside what is reported), `article`, `segment`, `sentence`, `place`, `word`, `length`.
    """
    spans = [
        "speaker_first",
        "speaker_last",
        "apposition_first",
        "apposition_last",
        "antecedent_first",
        "antecedent_last",
    ]
    own = rows.filter(pl.col("speaker_first").is_not_null()).select(*spans, is_subject=True)
    both = pl.concat([own, subjects.select(*spans, is_subject="is_likely")])
    none = pl.lit(None, pl.UInt32)
    antecedents = both.filter(pl.col("antecedent_first").is_not_null()).select(
        speaker_first="antecedent_first", speaker_last="antecedent_last", apposition_first=none, apposition_last=none,
        antecedent_first=none, antecedent_last=none, is_subject=False,
    )  # fmt: skip
    every = pl.concat([both, antecedents]).rename({"speaker_first": "first", "speaker_last": "last"})
    every = every.unique(["first", "last"], keep="first", maintain_order=True).sort("first", "last")
    governed = rows.filter(pl.col("rule").is_in(GOVERNED_RULES)).sort("content_first")
    row = pl.lit(governed["content_first"]).search_sorted(pl.col("first"), side="right").cast(pl.Int64) - 1
    reach = pl.lit(governed["content_last"]).gather(pl.when(row >= 0).then(row))
    return every.with_row_index("phrase").with_columns(
        article=_words(tokens, pl.col("first"), "article"),
        segment=pl.lit(segment).gather("first"),
        sentence=_words(tokens, pl.col("first"), "sentence"),
        place=pl.col("first").cast(pl.Int64),
        word=_words(tokens, pl.col("first")),
        length=pl.col("last").cast(pl.Int64) - pl.col("first") + 1,
        # « Dupont » in « la compagnie Dupont » is no subject of its own.
        is_subject=pl.col("is_subject")
        & ~(pl.col("first") <= reach).fill_null(value=False)
        & ~(pl.col("last") == pl.col("last").shift(1)).fill_null(value=False),
    )


def _with_mention(
    rows: pl.DataFrame, tokens: pl.DataFrame, mentions: pl.DataFrame, roles: pl.DataFrame
) -> pl.DataFrame:
    """Add the person that a phrase names: `person_name`, `person_actor`, `person_gender`, `person_start`, `person_end`.

    The name opens the phrase (« Dan Scavino, assistant … »), stands in apposition (« l'assistant, Dan Scavino ») or
    ends it (« le ministre Dan Scavino »), but not in a complement (« l'entourage du ministre Dan Scavino »). Where two
    names are joined by « et », `joint_name` has both.
    """
    columns = {"person_name": "name", "person_actor": "actor", "person_gender": "gender", "person_start": "start",
               "person_end": "end"}  # fmt: skip
    if mentions.is_empty():
        nothing = [pl.lit(None, mentions.schema[old]).alias(new) for new, old in columns.items()]
        return rows.with_columns(*nothing, joint_name=pl.lit(None, pl.String))
    firsts, highest = pl.lit(mentions["first"]), mentions.height - 1

    def at(column: str, row: pl.Expr) -> pl.Expr:
        return pl.lit(mentions[column]).gather(row.clip(0, highest))

    def last_in(first: str, last: str) -> pl.Expr:
        row = firsts.search_sorted(pl.col(last), side="right").cast(pl.Int64) - 1
        return pl.when((row >= 0) & (at("first", row) >= pl.col(first))).then(row)

    following = firsts.search_sorted(pl.col("first"), side="left").cast(pl.Int64)
    placed = rows.with_columns(
        inner=last_in("first", "last"),
        outer=last_in("apposition_first", "apposition_last"),
        opening=pl.when((following <= highest) & (at("last", following) <= pl.col("last"))).then(following),
    )
    inner, outer, opening = pl.col("inner"), pl.col("outer"), pl.col("opening")
    # The word before the name, titles left out, and the role that ends there.
    before = at("first", inner).cast(pl.Int64) - 1
    before = pl.when(_words(tokens, before).is_in(TITLES)).then(before - 1).otherwise(before)
    before = pl.when(_words(tokens, before).is_in(TITLES)).then(before - 1).otherwise(before)
    ends = roles.select(before=pl.col("bare_last").cast(pl.Int64), role_first="first").unique("before", keep="last")
    placed = placed.with_columns(before=before).join(ends, on="before", how="left", maintain_order="left")
    head = pl.coalesce("role_first", pl.col("before") + 1).cast(pl.Int64) - 1
    complement = _words(tokens, head).is_in(GOVERNING) | (
        _words(tokens, head).is_in(DEFINITE) & _words(tokens, head - 1).is_in(OF) & (head - 1 > pl.col("first"))
    )
    no_role = pl.col("role_first").is_null() & _words(tokens, head - 1).is_in(OF) & (head - 1 > pl.col("first"))
    # « ce conseiller du président Ivan Karski »: the role of whom he serves is a part of his own.
    step = before.cast(pl.Int64) - 1
    served = (
        (_words(tokens, step) == "du") | (_words(tokens, step).is_in(DEFINITE) & (_words(tokens, step - 1) == "de"))
    ) & _words(tokens, before).is_in(SERVED)
    served = served & (step > pl.col("role_first").cast(pl.Int64))
    governed = (complement | no_role | served).fill_null(value=False)
    lead = at("first", opening).cast(pl.Int64) - pl.col("first")
    starts = ((lead == 0) | ((lead <= 2) & pl.col("word").is_in(TITLES))).fill_null(value=False)
    # « leur porte-parole, le commodore Jay Tarriela »: nothing but a title or a role between comma and name.
    outer_before = at("first", outer).cast(pl.Int64) - 1
    gap = outer_before - pl.col("apposition_first")
    titled = _words(tokens, pl.col("apposition_first").cast(pl.Int64) + 1).is_in(TITLES)
    by_article = _words(tokens, pl.col("apposition_first").cast(pl.Int64) + 1).is_in(DETERMINERS)
    # « le député LR Marc Vidal »: no complement between.
    steps = [_words(tokens, outer_before - k).is_in(GOVERNING) & (gap > k) for k in range(APPOSED_WORDS)]
    plain = by_article & (gap <= APPOSED_WORDS) & ~pl.any_horizontal(steps)
    is_role = by_article & outer_before.cast(pl.UInt32).is_in(ends["before"].cast(pl.UInt32).implode())
    # « une note du directeur, Paul Dupont, » is the note.
    is_paper = _words(tokens, pl.col("first") + 1).is_in(load("cues")["words"]["document"])
    set_off = (gap == 0) | ((gap <= 2) & titled) | plain | ((gap <= NAMING_ROLE_WORDS) & is_role)
    joint = starts & (opening < inner) & _words(tokens, at("last", opening).cast(pl.Int64) + 1).is_in(["et", ","])
    both = pl.concat_str(at("name", opening), at("name", inner), separator=", ")
    chosen = pl.when(starts).then(opening).when(set_off & ~is_paper).then(outer).when(~governed).then(inner)
    return (
        placed.with_columns(mention=chosen, joint_name=pl.when(joint).then(both))
        .with_columns(at(old, pl.col("mention")).alias(new) for new, old in columns.items())
        .drop("inner", "outer", "opening", "before", "role_first", "mention")
    )


def _body_mentions(tokens: pl.DataFrame) -> pl.DataFrame:
    """Where the text names states and organisations: `first`, `last` (tokens) and the columns of `_bodies`."""
    found = find_phrases(tokens, _bodies().drop("written"))
    # « le Figaro », whose name holds its article.
    upper = pl.lit(tokens["is_capital"])
    inner = _words(tokens, pl.col("first")).is_in(DEFINITE) & (pl.col("last") > pl.col("first"))
    capital = upper.gather("first") | (inner & upper.gather(pl.min_horizontal(pl.col("first") + 1, "last")))
    return found.filter(~pl.col("starts_upper") | capital).sort("first")


def _with_body(rows: pl.DataFrame, tokens: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Add the state or organisation that a phrase is: `body_kind`, `body_name`, and `body_pair` for two of them.

    For a role with a possessive, `owner` is the party named last before it: « …, répète son secrétaire général ».
    """
    about = found.select(
        at="first",
        body_last=pl.col("last").cast(pl.Int64),
        body_kind="kind",
        body_name="name",
        body_code="code",
        is_canonical=pl.col("phrase") == pl.col("name").str.to_lowercase().str.replace_all("-", " "),
    )
    # « Bruxelles » is the Union, save where the news is Belgian.
    asked = rows.filter(pl.col("word") == "bruxelles")["article"].unique()
    near = tokens.select("article", "lower").filter(pl.col("article").is_in(asked.implode()))
    belgian = near.filter(pl.col("lower").str.starts_with("belg"))["article"].unique()
    union = (pl.col("word") == "bruxelles") & ~pl.col("article").is_in(belgian.implode())
    determined = pl.col("word").is_in(DETERMINERS).cast(pl.UInt32)
    # « Le Monde »: some names hold their article.
    whole = pl.col("first").is_in(about["at"].implode())
    rows = rows.with_columns(at=pl.col("first") + pl.when(whole).then(0).otherwise(determined)).join(
        about, on="at", how="left", maintain_order="left"
    )
    after = pl.col("body_last") + 1
    joined = _words(tokens, after).is_in(["et", "&"]) & (after < pl.col("last"))
    second = after + 1 + _words(tokens, after + 1).is_in(DETERMINERS).cast(pl.Int64)
    others = about.select("at", other_last="body_last", other_name="body_name")
    rows = rows.with_columns(at=pl.when(joined).then(second).cast(pl.UInt32)).join(
        others, on="at", how="left", maintain_order="left"
    )
    is_pair = (pl.col("other_last") == pl.col("last")).fill_null(value=False)
    fits = (pl.col("body_last") == pl.col("last")) | is_pair | ~_words(tokens, after, "is_capital")
    # One adjective behind belongs to the name: « l'UDC nidwaldienne ».
    qualified = (after == pl.col("last")) & ~_words(tokens, after, "is_capital") & ~is_pair
    head = _words(tokens, pl.col("first") + determined, "form")
    is_spelled = qualified | (pl.col("body_last") > pl.col("first") + determined) | head.str.contains(r"^\p{Lu}{2}")
    owners = found.select(place=pl.col("first").cast(pl.Int64), owner="code").sort("place")
    return (
        rows.with_columns(
            body_pair=pl.when(is_pair).then(pl.concat_str("body_name", "other_name", separator=", ")),
            body_kind=pl.when(union).then(pl.lit("organisation")).when(fits).then("body_kind"),
            body_name=pl.when(union).then(pl.lit("Union européenne")).when(fits).then("body_name"),
            body_is_spelled=fits & ~is_pair & is_spelled & (qualified | ~pl.col("is_canonical")),
            body_end=_words(tokens, pl.when(qualified).then(after).otherwise("body_last"), "end"),
        )
        .join_asof(owners, on="place", strategy="backward", allow_exact_matches=False, check_sortedness=False)
        .with_columns(owner=pl.when(pl.col("word").is_in(POSSESSIVE)).then("owner"))
        .drop("at", "body_last", "body_code", "other_last", "other_name")
    )


def _with_role(rows: pl.DataFrame, roles: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """Add the role that a phrase is: `head`, `category`, `party`, `role_gender`, `role_plural`, `role_text`."""
    about = roles.select(
        "head", "party", category=pl.col("category").cast(pl.String), role_first="first", role_last="last",
        role_gender="gender", role_plural="is_plural", portfolio=_portfolio(tokens),
    )  # fmt: skip
    row = pl.lit(roles["first"]).search_sorted(pl.col("first"), side="left").cast(pl.Int64)
    place = pl.lit(roles["first"]).gather(pl.when(row < roles.height).then(row))
    near = (place <= pl.col("first") + 2) & (place <= pl.col("last"))
    rows = rows.with_columns(role_first=pl.when(near).then(place)).join(
        about, on="role_first", how="left", maintain_order="left"
    )
    spelled = [
        pl.when(pl.col("role_first") + k <= pl.col("role_last")).then(_words(tokens, pl.col("role_first") + k))
        for k in range(NAMING_ROLE_WORDS)
    ]
    return rows.with_columns(
        party=pl.coalesce("party", "owner"), role_text=pl.concat_str(spelled, separator=" ", ignore_nulls=True)
    ).drop("role_last")


def _classified(rows: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Decide `kind`, `reference`, the surface (`start`, `end`), `name`, `actor`, `gender`, `is_plural`.

    `is_generic` marks a bare noun that takes up an organisation (« l'agence »).
    """
    words = load("cues")["words"]
    first, last, length, word = (
        pl.col("first").cast(pl.Int64),
        pl.col("last").cast(pl.Int64),
        pl.col("length"),
        pl.col("word"),
    )
    lower = pl.col("lower")
    kinds = with_form_features(
        tokens.select("form_id", "lower", "is_capital"),
        **{name: lower.is_in(entries) for name, entries in
           (("is_source", words["source"]), ("is_body", words["body"]), ("is_stop", NAME_STOPS), ("is_at", ["à"]))},
    )  # fmt: skip
    places = {name: kinds[name].arg_true() for name in ("is_source", "is_body", "is_stop", "is_capital")}
    # « Radio Cité à Bruxelles ».
    is_capital = tokens["is_capital"]
    in_town = kinds["is_at"] & is_capital.shift(1) & is_capital.shift(-1)
    places["is_stop"] = (kinds["is_stop"] | in_town).arg_true()
    before = places["is_body"].cast(pl.Int64) - 1
    behind_article = tokens["lower"].gather(before.clip(0)).is_in([*OF, *DEFINITE]) & (before >= 0)
    places["is_body"] = places["is_body"].filter(behind_article)

    def following(flag: str, place: pl.Expr, reach: pl.Expr) -> pl.Expr:
        """The first token from `place` to `reach` that has a flag."""
        at = pl.lit(places[flag]).search_sorted(place.clip(0, tokens.height - 1))
        found = pl.lit(places[flag]).gather(pl.when(at < places[flag].len()).then(at)).cast(pl.Int64)
        return pl.when(found <= reach).then(found)

    near = [pl.min_horizontal(last, first + reach) for reach in (NOUN_REACH, NAMING_ROLE_WORDS)]
    determined = (word.is_in(DETERMINERS) & (length > 1)).cast(pl.Int64)
    rows = rows.with_columns(
        noun_place=following("is_source", first, near[0]),
        # The body that a document comes from: « un rapport du ministère de la Défense ».
        issuer=following("is_body", first + 2, near[1]),
        stop=following("is_stop", first + 1, near[1]),
        latter=pl.when((length <= 2) & word.is_in([*DEMONSTRATIVE, "ces"])).then(_words(tokens, last)),
        is_aged=(_words(tokens, last + 1) == ",") & (_words(tokens, last + 3) == "ans"),
        opens_upper=_words(tokens, first + determined, "is_capital") & ~word.is_in(UNNAMED),
        bare_start=_words(tokens, first + determined, "start"),
        whole_start=_words(tokens, first, "start"),
        whole_end=_words(tokens, last, "end"),
        is_indefinite=word.is_in(INDEFINITE),
    )
    place = pl.col("noun_place")
    rows = rows.with_columns(
        noun=_words(tokens, place),
        behind=_words(tokens, place + 1),
        is_determined_behind=_words(tokens, place + 2).is_in(DEFINITE) | _words(tokens, place + 2, "is_capital"),
        # A run of capitals behind a common noun is its name: « l'ONG genevoise Halte aux mines ».
        tail=following("is_capital", place + 1, near[1]),
        name_end=_words(tokens, pl.coalesce(pl.col("stop") - 1, last), "end"),
    )
    keys = ("body", "titled", "document")
    rows = rows.with_columns(pl.col("noun").is_in(words[key]).fill_null(value=False).alias(f"is_{key}") for key in keys)
    noun, has_tail = pl.col("noun"), pl.col("tail").is_not_null()
    is_body, is_titled, is_document = (pl.col(f"is_{key}") for key in keys)
    # « la compagnie Oceania Lines » looks like a person's name.
    is_firm = is_titled & (pl.col("tail") == place + 1) & word.is_in(DEFINITE)
    named = pl.col("person_name").is_not_null() & ~is_firm.fill_null(value=False)
    # « l'Italien ».
    is_native = word.is_in(["le", "la", "l'"]) & (length == 2) & _words(tokens, last, "is_capital")
    is_native = is_native & _words(tokens, last).is_in(_adjectives())
    # « le cabinet du ministre » is his entourage, « le cabinet de conseil Ernst » a firm.
    cabinet = (noun == "cabinet") & pl.col("behind").is_in(["du", "d'"])
    cabinet = cabinet | ((noun == "cabinet") & (pl.col("behind") == "de") & pl.col("is_determined_behind"))
    body = pl.col("body_name").is_not_null() & ~is_document & ~named
    alone = (length == 1) & word.is_in([*SINGULAR, *NEAR, *OTHER_PRONOUNS])
    pronoun = alone | pl.col("latter").is_in(list(LATTER)).fill_null(value=False)
    generic = is_titled & (length <= 2) & ~body
    tail_form = _words(tokens, pl.col("tail"), "form")
    behind_noun = (
        is_titled & has_tail & ~body & ~named & (~pl.col("opens_upper") | (noun == "ong")) & ~pl.col("behind").is_in(OF)
        & ~_words(tokens, pl.col("tail") - 1).is_in([*GOVERNING, "en"])
    )  # fmt: skip
    # « son voisin Moussa », « Hawa, 26 ans »: a lone given name.
    given = ~named & ~body & tail_form.str.contains(r"^\p{Lu}\p{Ll}") & (pl.col("tail") == last)
    given = given & (pl.col("tail") == pl.col("noun_place") + 1) & ~is_body & ~is_titled & ~is_document
    given = given & ~noun.is_in([*words["unnamed"], *COLLEAGUES])
    aged = ~named & ~body & (length == 1) & pl.col("opens_upper") & pl.col("is_aged")
    press = noun.is_in(COLLEAGUES) & has_tail & ~named
    # Decided once: an expression is worked out anew wherever it stands.
    told = {
        "is_body_named": body, "is_pronoun": pronoun, "is_generic": generic, "is_behind_noun": behind_noun,
        "is_given": given, "is_aged": aged, "is_press": press, "is_cabinet": cabinet,
        "is_native": is_native & ~named & ~body,
    }  # fmt: skip
    rows = rows.with_columns(**told)
    body, pronoun, generic, behind_noun, given, aged, press, cabinet, native = (pl.col(flag) for flag in told)
    alone_named = (given | aged).fill_null(value=False)
    kind = (
        pl.when(named | pronoun | alone_named).then(pl.lit("person"))
        .when(press).then(pl.lit("organisation"))
        .when(native).then(pl.lit("person"))
        .when(body).then("body_kind")
        .when(is_document).then(pl.lit("document"))
        .when(noun.is_in(words["unnamed"]) | cabinet).then(pl.lit("unnamed"))
        .when(is_body & (~pl.col("is_indefinite") | (is_titled & has_tail))).then(pl.lit("organisation"))
        .when("is_indefinite").then(pl.lit("unnamed"))
        .when(pl.col("head").is_not_null()).then(pl.lit("person"))
        .when("opens_upper").then(pl.lit("organisation"))
        .when(noun.is_not_null()).then(pl.lit("person"))
        .otherwise(pl.lit("unnamed"))
    )  # fmt: skip
    rows = rows.with_columns(kind=kind)
    kind, tail_start = pl.col("kind"), _words(tokens, pl.col("tail"), "start")
    single = named & pl.col("joint_name").is_null()
    # « un rapport remis au Conseil » is not the Council's.
    lead = _words(tokens, pl.col("tail") - 1)
    lead = pl.when(lead.is_in(DEFINITE)).then(_words(tokens, pl.col("tail") - 2)).otherwise(lead)
    with_tail = behind_noun | (is_document & has_tail & ~lead.is_in(ADDRESSING))
    organisation = (kind == "organisation") & ~generic & ~word.is_in([*POSSESSIVE, *OUR, "ses", "leurs"])
    issued = is_document & pl.col("issuer").is_not_null() & ~pl.col("tail").eq_missing(pl.col("issuer") + 1)
    name_start = (
        pl.when(issued).then(_words(tokens, pl.col("issuer"), "start"))
        .when(with_tail | given | press).then(tail_start)
        .when((organisation | aged) & ~named & ~body).then("bare_start")
        # A name is kept as the article writes it: an acronym, or in full; a metonym (« Bruxelles ») is none.
        .when(body & (kind == "organisation") & pl.col("body_is_spelled")).then("bare_start")
    )  # fmt: skip
    name_end = pl.when(body).then("body_end").otherwise("name_end")
    # « L'agence … Elle … »: an elided article hides the gender that the noun shows.
    body_noun = _words(tokens, first + 1)
    by_noun = pl.when(body_noun.str.contains(FEMININE_BODY)).then(pl.lit("f")).otherwise(pl.lit("m"))
    by_article = (
        pl.when((word == "l'") & (kind == "organisation") & (noun == body_noun))
        .then(by_noun)
        .when(word.is_in(["le", "un", "ce", "cet"]))
        .then(pl.lit("m"))
        .when(word.is_in(["la", "une", "cette", "sa"]))
        .then(pl.lit("f"))
    )
    return rows.with_columns(
        reference=pl.when(pronoun).then(pl.lit("pronoun"))
        .when(named | body | organisation | alone_named | press).then(pl.lit("name"))
        .otherwise(pl.lit("description")),
        start=pl.when(single).then("person_start").when(behind_noun | given).then(tail_start).otherwise("whole_start"),
        end=pl.when(single).then("person_end").otherwise("whole_end"),
        name=pl.when(named).then(pl.coalesce("joint_name", "person_name"))
        .otherwise(
            pl.coalesce(
                pl.when(body).then("body_pair"),
                surface(articles, pl.col("article"), name_start, name_end),
                pl.when(body).then("body_name"),
            )
        ),
        actor=pl.when(single).then("person_actor"),
        gender=pl.coalesce(
            pl.when(named).then("person_gender"), by_article, pl.when((kind == "person") & ~named).then("role_gender")
        ),
        is_plural=pl.col("joint_name").is_not_null() | (body & pl.col("body_pair").is_not_null()) | word.is_in(PLURALS)
        | (pl.col("role_plural") & ~named).fill_null(value=False),
    )  # fmt: skip


@cache
def _adjectives() -> list[str]:
    """Adjectives of countries, every form."""
    return sorted({a.lower() for c in load("countries")["country"] for a in c["adjectives"]})


def _with_fuller_name(rows: pl.DataFrame, tokens: pl.DataFrame, bodies: pl.DataFrame) -> pl.DataFrame:
    """Name « la Commission » or « l'armée » as the article has named it in full before, if it names but one so."""
    place, full = pl.col("place"), pl.col("fuller")
    heads = tokens.select("article", "lower", place=pl.int_range(pl.len()))
    heads = heads.filter(pl.col("lower").is_in(load("cues")["words"]["body"])).drop("lower")
    word = [_words(tokens, place + k) for k in range(4)]
    form = [_words(tokens, place + k, "form") for k in range(4)]
    upper = [_words(tokens, place + k, "is_capital") for k in range(4)]
    gap = [pl.when(w.str.ends_with("'") | w.str.ends_with("’")).then(pl.lit("")).otherwise(pl.lit(" ")) for w in form]
    # « l'armée ukrainienne », « le ministère du Budget », « la Commission de la Baltique ».
    of_country = word[1].is_in(_adjectives()) & ~word[2].is_in(OF)
    simple = word[1].is_in(OF) & upper[2]
    articled = word[1].is_in(OF) & word[2].is_in(DEFINITE) & upper[3]
    seen = heads.select(
        "article", "place",
        fuller=pl.when(of_country).then(pl.concat_str(form[0], form[1], separator=" "))
        .when(simple).then(pl.concat_str(form[0], pl.lit(" "), form[1], gap[1], form[2]))
        .when(articled).then(pl.concat_str(form[0], pl.lit(" "), form[1], pl.lit(" "), form[2], gap[2], form[3])),
    ).drop_nulls()  # fmt: skip
    organisations = pl.col("kind") == "organisation"
    first = pl.col("first").cast(pl.Int64)
    named = bodies.filter(organisations).select(article=_words(tokens, first, "article"), place=first, fuller="name")
    own = rows.filter(organisations & (pl.col("reference") == "name") & ~pl.col("is_plural"))
    written = pl.concat([seen, named, own.select("article", "place", fuller="name")])
    # « ministère de la Défense » for « ministère russe de la Défense ».
    parts = full.str.extract_groups(r"^(\p{L}\p{Ll}+) (\S+)( .+)?$").struct
    plain = pl.when(parts.field("2").is_in(_adjectives())).then(parts.field("1") + parts.field("3"))
    written = written.filter(~full.str.contains(r" et |,")).with_columns(short=parts.field("1"), plain=plain)
    of_some = written.select("article", "place", "fuller", short="plain").drop_nulls()
    written = written.join(of_some, left_on=["article", "fuller"], right_on=["article", "short"], how="anti")
    fuller = (
        pl.concat([written.select(of_some.columns).drop_nulls(), of_some])
        .group_by("article", name="short")
        .agg(full.first(), names=full.n_unique(), since=place.min())
        .filter(pl.col("names") == 1)
    )
    # « une note de la Commission ».
    papers = rows.filter((pl.col("kind") == "document") & pl.col("name").is_not_null())
    asked = pl.concat([own.filter(pl.col("word").is_in(DEFINITE)), papers])
    asked = asked.select("phrase", "article", "place", "name")
    found = asked.join(fuller, on=["article", "name"], how="inner").filter(pl.col("since") < place)
    found = found.select("phrase", "fuller")
    return (
        rows.join(found, on="phrase", how="left", maintain_order="left")
        .with_columns(name=pl.coalesce("fuller", "name"))
        .drop("fuller")
    )


def _portfolio(tokens: pl.DataFrame) -> pl.Expr:
    """The last word of a minister's role, null for a bare one: no minister of the budget is one of defence."""
    word = _words(tokens, pl.col("last"))
    is_told = (pl.col("last") > pl.col("first")) & ~word.is_in(_adjectives())
    return pl.when((pl.col("category").cast(pl.String) == "minister") & is_told).then(word)


def _borne_roles(tokens: pl.DataFrame, mentions: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """The roles that the text gives to people: « le ministre Paul Dupont », « Paul Dupont, (le) ministre ».

    Out: `article`, `place` (of the name), `head`, `category`, `party` (of the role, else the person's country), `name`,
    `actor`, `gender`. A role in a complement counts: « le cabinet du ministre Paul Dupont » makes him minister.
    """
    about = roles.filter(~pl.col("is_plural")).select(
        "article", "head", "party", category=pl.col("category").cast(pl.String),
        role_first=pl.col("first").cast(pl.Int64), role_last=pl.col("last").cast(pl.Int64),
        portfolio=_portfolio(tokens),
    )  # fmt: skip
    people = mentions.select(
        "name", "actor", "gender", "country", place=pl.col("first").cast(pl.Int64), after=pl.col("last").cast(pl.Int64)
    )

    def between(step: int) -> pl.Expr:
        word = _words(tokens, pl.col("role_last") + step)
        return word.is_in([",", *TITLES] if step == 1 else TITLES)

    ahead = [
        about.with_columns(place=pl.col("role_last") + gap).filter(
            pl.all_horizontal(pl.lit(value=True), *[between(step) for step in range(1, gap)])
        )
        for gap in (1, 2, 3, 4)
    ]
    first = pl.col("role_first")
    behind = [
        about.with_columns(after=first - gap)
        .filter(_words(tokens, first - gap + 1).is_in([",", "("]))
        .filter(determined)
        for gap, determined in ((2, pl.lit(value=True)), (3, _words(tokens, first - 1).is_in(DETERMINERS)))
    ]
    found = [
        pl.concat(ahead).join(people, on="place", how="inner"),
        pl.concat(behind).join(people, on="after", how="inner"),
    ]
    columns = ["article", "place", "head", "category", "party", "portfolio", "name", "actor", "gender"]
    return pl.concat(
        [rows.with_columns(party=pl.coalesce("party", "country")).select(columns) for rows in found]
    ).unique(maintain_order=True)


def _bearers(wanted: pl.DataFrame, borne: pl.DataFrame) -> pl.DataFrame:
    """Whom the article itself gives a role: the same words and party, else one side without party, else the office.

    Of several the last one named before the description, else the first behind it. One search per level, so that a
    long article costs no more than many short ones. Out: `phrase`, `found_name`, `found_actor`, `found_gender`.
    """
    # A description of known gender finds people of that gender or of none; one of no gender finds all.
    fitting = [
        borne.filter(pl.col("gender").is_null() | (pl.col("gender") == gender)).with_columns(sought=pl.lit(gender))
        for gender in ("m", "f")
    ]
    pool = pl.concat([borne.with_columns(sought=pl.lit("")), *fitting])
    pool = pool.rename({"name": "found_name", "actor": "found_actor", "gender": "found_gender"})
    asking = wanted.with_columns(sought=pl.col("role_gender").fill_null(""), place=pl.col("first").cast(pl.Int64))
    same = ["article", "category", "sought"]
    is_office = pl.col("category").is_in(ONE_PER_PARTY)
    no_party, no_portfolio = pl.col("party").is_null(), pl.col("portfolio").is_null()
    # « le chef de l'État » where one person alone is called president.
    alone = pool.filter(pl.col("found_name").n_unique().over(same) == 1)
    is_sole = pl.col("category").is_in(list(OFFICE_OF_CATEGORY))
    levels = [
        (asking, pool, [*same, "head", "party"]),
        (asking.filter(no_party), pool, [*same, "head"]),
        (asking.filter(~no_party), pool.filter(no_party), [*same, "head", "portfolio"]),
        (asking.filter(~no_party & no_portfolio), pool.filter(no_party), [*same, "head"]),
        (asking.filter(~no_party), pool.filter(no_party & no_portfolio), [*same, "head"]),
        (asking.filter(is_office), pool, [*same, "party"]),
        (asking.filter(is_sole & no_party), alone, same),
    ]
    columns = ["found_name", "found_actor", "found_gender"]
    found = []
    directions: tuple[Literal["backward", "forward"], ...] = ("backward", "forward")
    for rank, (ask, bearers, keys) in enumerate(levels):
        key = pl.concat_str(keys, separator="|")
        left = ask.select("phrase", "place", key=key).drop_nulls().sort("place")
        right = bearers.select("place", *columns, key=key, is_found=True).drop_nulls("key").sort("place")
        for order, strategy in enumerate(directions):
            met = left.join_asof(
                right, on="place", by="key", strategy=strategy, allow_exact_matches=False, check_sortedness=False
            )
            found.append(met.filter("is_found").with_columns(rank=2 * rank + order))
    return pl.concat(found).sort("phrase", "rank").unique("phrase", keep="first", maintain_order=True)


def _described(rows: pl.DataFrame, articles: pl.DataFrame, who: People, borne: pl.DataFrame) -> pl.DataFrame:
    """Name the people that a role describes: « le président russe », by the article first, then by the register.

    A description goes to the person to whom the article gives that role, the last one named where several bear it; else
    to the one who held the office on the day of the article, or, where the article has no day, who held it at any time
    and is named in the article.
    """
    is_open = pl.col("name").is_null() & (pl.col("kind") == "person") & pl.col("head").is_not_null()
    wanted = rows.filter(is_open & ~pl.col("is_indefinite") & ~pl.col("is_plural") & ~pl.col("is_pronoun"))
    wanted = wanted.select(
        "phrase", "article", "first", "head", "category", "party", "role_gender", "role_text", "portfolio"
    )
    told = ["phrase", "found_name", "found_actor", "found_gender"]
    # « son homologue polonais »: the one whom the article gives an office of that country.
    peers = borne.filter(pl.col("name").n_unique().over("article", "party") == 1).unique(["article", "party"])
    peers = peers.rename({"name": "found_name", "actor": "found_actor", "gender": "found_gender"})
    peers = (
        wanted.filter(pl.col("head") == "homologue")
        .join(peers.select("article", "party", *told[1:]), on=["article", "party"], how="inner")
        .select(told)
    )
    by_article = pl.concat([_bearers(wanted, borne).select(told), peers]).unique("phrase", keep="first")
    offices = [pl.when(pl.col("category") == c).then(pl.lit(names)) for c, names in OFFICE_OF_CATEGORY.items()]
    offices += [
        pl.when((pl.col("category") == "minister") & pl.col("role_text").str.contains(p)).then(pl.lit([n]))
        for n, p in OFFICE_OF_MINISTER.items()
    ]
    offices += [pl.when(pl.col("role_text").str.contains(p)).then(pl.lit([n])) for n, p in OFFICE_OF_WORDS.items()]
    present = who.persons.filter("in_register").select("article", "person_id", is_present=True).unique()
    day, since, until, is_present = pl.col("published_on"), pl.col("since"), pl.col("until"), pl.col("is_present")
    on_the_day = (since <= day) | (since.is_null() & is_present.fill_null(value=False))
    in_office = pl.when(day.is_null()).then(is_present).otherwise(on_the_day & (until.is_null() | (day < until)))
    by_register = (
        wanted.join(by_article, on="phrase", how="anti")
        .with_columns(office=pl.coalesce(offices), published_on=pl.lit(articles["published_on"]).gather("article"))
        .filter(pl.col("office").is_not_null() & pl.col("party").is_not_null())
        .explode("office", empty_as_null=False)
        .join(_offices(), left_on=["office", "party"], right_on=["office", "body"])
        .join(present, on=["article", "person_id"], how="left")
        .filter(in_office.fill_null(value=False))
        .filter(
            pl.col("role_gender").is_null() | (pl.col("role_gender") == pl.col("known_gender")).fill_null(value=True)
        )
        .unique(["phrase", "person_id"], maintain_order=True)
        .filter(pl.len().over("phrase") == 1)
        .rename({"known_name": "found_name", "person_id": "found_actor", "known_gender": "found_gender"})
        .select(told)
    )
    return rows.join(pl.concat([by_article, by_register]), on="phrase", how="left", maintain_order="left").with_columns(
        name=pl.coalesce("name", "found_name"),
        actor=pl.coalesce("actor", "found_actor"),
        gender=pl.coalesce("found_gender", "gender"),
    )


def _latest(asking: pl.DataFrame, pool: pl.DataFrame, key: str, by: str = "segment") -> pl.DataFrame:
    """The last entity of a pool before each place that agrees in gender with `wanted` (null: any).

    In: asking rows with `key`, `place`, `by`, `wanted`; pool with `place`, `by` and ENTITY. Out: `key` and ENTITY of
    those that found one. A person of unknown gender agrees with any.
    """
    parts = []
    gender = pl.col("gender")
    # Someone of unknown gender may be meant: better no name than that of one named before.
    unsure = gender.is_null() & (pl.col("kind") == "person")
    for wanted, fits in ((None, pl.lit(value=True)), ("m", (gender == "m") | unsure), ("f", (gender == "f") | unsure)):
        ask = asking.filter(pl.col("wanted").eq_missing(wanted)).select(key, by, "place").sort("place")
        fitting = pool.filter(fits).select(by, "place", *ENTITY, is_found=True).sort("place")
        parts.append(
            ask.join_asof(
                fitting, on="place", by=by, strategy="backward", allow_exact_matches=False, check_sortedness=False
            )
        )
    return pl.concat(parts).filter("is_found").select(key, *ENTITY)


def _filled(rows: pl.DataFrame, found: pl.DataFrame, key: str) -> pl.DataFrame:
    """Rows with the entity that was found for them, where they have none of their own."""
    renamed = found.rename({c: f"found_{c}" for c in ENTITY})
    clash = [f"found_{c}" for c in ENTITY if f"found_{c}" in rows.columns]
    joined = rows.drop(clash).join(renamed, on=key, how="left", maintain_order="left")
    taken = pl.when(pl.col("found_kind").is_not_null())
    return joined.with_columns(
        kind=taken.then("found_kind").otherwise("kind"),
        **{c: pl.coalesce(c, f"found_{c}") for c in ("name", "actor", "gender")},
    ).drop(f"found_{c}" for c in ENTITY)


def _named_firms(tokens: pl.DataFrame, nouns: pl.Series) -> pl.DataFrame:
    """Where the text names « la compagnie X », for some nouns: `segment` (article and noun), `place`, ENTITY."""
    place = pl.col("place")
    heads = tokens.select("article", "lower", place=pl.int_range(pl.len())).filter(
        pl.col("lower").is_in(nouns.drop_nulls().implode())
    )
    words = [_words(tokens, place + k, "form") for k in range(1, FIRM_WORDS + 1)]
    capital = [_words(tokens, place + k, "is_capital") for k in range(1, FIRM_WORDS + 1)]
    run = [pl.when(pl.all_horizontal(capital[: k + 1])).then(words[k]) for k in range(FIRM_WORDS)]
    text = pl.lit(None, pl.String)
    return heads.filter(capital[0] & ~words[0].str.to_lowercase().is_in(DEFINITE)).select(
        "place", segment=pl.concat_str("article", "lower", separator=" "),
        name=pl.concat_str(run, separator=" ", ignore_nulls=True), actor=text, kind=pl.lit("organisation"), gender=text,
    )  # fmt: skip


def _with_pronouns(
    known: pl.DataFrame, tokens: pl.DataFrame, mentions: pl.DataFrame, bodies: pl.DataFrame, segment: pl.Series
) -> pl.DataFrame:
    """Give pronouns, bare nouns and demonstratives whom they stand for.

    « celui-ci », « ce dernier », « cet ancien juge »: the person named last; « il », « elle »: the last subject that
    agrees; « l'agence »: the organisation named last; « qui »: what stands before it. Plurals stay open.
    """
    near = pl.coalesce(
        pl.col("word").replace_strict(NEAR, default=None, return_dtype=pl.String),
        pl.col("latter").replace_strict(LATTER, default=None, return_dtype=pl.String),
    )
    pronoun = pl.col("word").replace_strict(SINGULAR, default=None, return_dtype=pl.String)
    one = pl.col("length") == 1
    open_person = pl.col("name").is_null() & (pl.col("kind") == "person")
    points = pl.col("word").is_in(DEMONSTRATIVE) & open_person
    # « la politologue », « l'ancien juge »: what someone is, said instead of the name.
    # « l'Italien », « l'ancien ministre » are no office either.
    is_former = _words(tokens, pl.col("first").cast(pl.Int64) + 1).is_in(["ancien", "ancienne", "ex"])
    is_epithet = pl.col("noun").is_in(load("cues")["words"]["epithet"]) | pl.col("is_native") | is_former
    epithet = pl.col("word").is_in(["le", "la", "l'"]) & is_epithet & open_person
    rows = known.with_columns(
        near=pl.coalesce(near, pl.when(points & ~pl.col("is_pronoun")).then("gender")),
        far=pl.when(one).then(pronoun),
        is_epithet=epithet & ~pl.col("is_plural") & ~pl.col("is_pronoun"),
        kind=pl.when(one & (pl.col("word") == "on")).then(pl.lit("unnamed")).otherwise("kind"),
    )
    named = mentions.select("name", "actor", "gender", kind=pl.lit("person"), place=pl.col("first").cast(pl.Int64),
                            segment=pl.lit(segment).gather("first"))  # fmt: skip
    asking = rows.filter(pl.col("near").is_not_null()).with_columns(wanted="near")
    rows = _filled(rows, _latest(asking, named, "phrase"), "phrase")
    settled = ~pl.col("is_plural") & ~pl.col("is_generic") & pl.col("far").is_null() & (pl.col("word") != "qui")
    settled = settled & ~pl.col("is_epithet")
    # « Quant à Paul Dupont, il … ».
    place = pl.col("first").cast(pl.Int64)
    topic = (_words(tokens, place - 2) == "quant") | (
        (_words(tokens, place - 3) == "quant") & (_words(tokens, place - 1) == ".")
    )
    # « Il s'appelle Paul Dupont, il … », « J'ai interrogé Paul Dupont. Selon lui, … ».
    topic = topic | _words(tokens, place - 1).is_in(NAMING_VERBS)
    own = pl.any_horizontal(_words(tokens, place - k).is_in(["j'ai", "j'", "nous", "avons"]) for k in range(2, 7))
    asked = _words(tokens, place - 1).is_in(["interrogé", "rencontré", "joint", "contacté", "consulté"]) | (
        (_words(tokens, place - 1) == "à") & _words(tokens, place - 2).is_in(["question", "demandé", "parlé"])
    )
    topic = topic | (own & asked)
    topics = named.filter(mentions.select(topic).to_series())
    history = rows.filter(pl.col("is_subject") & settled & (pl.col("word") != "on"))
    history = pl.concat([history, topics], how="diagonal")
    asking = rows.filter(pl.col("far").is_not_null() | pl.col("is_epithet")).with_columns(
        wanted=pl.coalesce("far", "gender")
    )
    rows = _filled(rows, _latest(asking, history, "phrase"), "phrase")
    is_group = (pl.col("kind") == "organisation") & pl.col("name").is_not_null()
    text = pl.lit(None, pl.String)
    bodies = bodies.filter(~pl.col("name").is_in(load("cues")["medium"]["networks"]))
    met = bodies.select("kind", "name", place=pl.col("first").cast(pl.Int64), segment=pl.lit(segment).gather("first"),
                        actor=text, gender=text)  # fmt: skip
    groups = pl.concat([frame.filter(is_group).select("place", "segment", *ENTITY) for frame in (history, met)])
    # « le document »: the paper named last, or whoever issues it.
    is_paper = (pl.col("kind") == "document") & pl.col("word").is_in([*DEFINITE, *DEMONSTRATIVE])
    is_paper = is_paper & (pl.col("length") <= 2) & ~pl.col("is_plural")
    papers = rows.filter((pl.col("kind") == "document") & pl.col("name").is_not_null())
    papers = pl.concat(
        [papers.select("place", "segment", *ENTITY), history.filter(is_group).select("place", "segment", *ENTITY)]
    )
    asking = rows.filter(is_paper & pl.col("name").is_null()).with_columns(wanted=pl.lit(None, pl.String))
    rows = _filled(rows, _latest(asking, papers.with_columns(kind=pl.lit("document")), "phrase"), "phrase")
    # « la compagnie »: the one that the article has named « la compagnie X » last.
    asking = rows.filter(pl.col("is_generic") & pl.col("name").is_null()).with_columns(wanted=pl.lit(None, pl.String))
    asking = asking.with_columns(segment=pl.concat_str("article", "noun", separator=" "))
    rows = _filled(rows, _latest(asking, _named_firms(tokens, asking["noun"].unique()), "phrase"), "phrase")
    asking = rows.filter(pl.col("is_generic") & pl.col("name").is_null()).with_columns(wanted=pl.lit(None, pl.String))
    rows = _filled(rows, _latest(asking, groups, "phrase"), "phrase")
    who_is = rows.select(antecedent_first="first", antecedent_last="last", **{c: pl.col(c) for c in ENTITY})
    relative = rows.filter(pl.col("word") == "qui").select("phrase", "antecedent_first", "antecedent_last")
    taken = relative.join(who_is, on=["antecedent_first", "antecedent_last"], how="inner").unique(
        "phrase", keep="first"
    )
    return _filled(rows, taken.select("phrase", *ENTITY), "phrase")


def _joined(
    rows: pl.DataFrame, known: pl.DataFrame, tokens: pl.DataFrame, mentions: pl.DataFrame, segment: pl.Series
) -> pl.DataFrame:
    """Statements with their source: their own phrase, their tied pronoun, or what an elided subject inherits.

    An elided subject is the last subject of the sentence before the cue, else the first behind it.
    """
    own = known.select("start", "end", "reference", *ENTITY, speaker_first="first", speaker_last="last")
    place = pl.coalesce("cue_first", "content_first")
    rows = rows.join(own, on=["speaker_first", "speaker_last"], how="left", maintain_order="left").with_columns(
        place=pl.col("content_first").cast(pl.Int64), segment=pl.lit(segment).gather(place),
        sentence=_words(tokens, place, "sentence"),
    )  # fmt: skip
    # « a-t-il affirmé »: whoever is the subject before the words reported.
    tied_word = _words(tokens, pl.col("tied_token")).str.extract(r"-([a-z]+)$", 1)
    is_tied, tied_end = (
        pl.col("start").is_null() & pl.col("tied_token").is_not_null(),
        _words(tokens, pl.col("tied_token"), "end"),
    )
    pronoun = pl.when(is_tied).then(tied_word)
    rows = rows.with_columns(
        pronoun=pronoun, wanted=pronoun.replace_strict(SINGULAR, default=None, return_dtype=pl.String)
    )
    said = pl.col("pronoun").is_not_null()
    rows = rows.with_columns(
        start=pl.when(said).then(tied_end - pl.col("pronoun").str.len_chars().cast(pl.Int32)).otherwise("start"),
        end=pl.when(said).then(tied_end).otherwise("end"),
        reference=pl.when(said).then(pl.lit("pronoun")).otherwise("reference"),
        kind=pl.when(pl.col("pronoun") == "on").then(pl.lit("unnamed"))
        .when(said).then(pl.lit("person"))
        .otherwise("kind"),
    )  # fmt: skip
    # « X. A. P. – … »: initials stand for the one who answers.
    initials = (pl.col("rule") == "dialogue") & pl.col("start").is_null() & pl.col("apposition_first").is_not_null()
    rows = rows.with_columns(
        start=pl.when(initials).then(_words(tokens, pl.col("apposition_first"), "start")).otherwise("start"),
        end=pl.when(initials).then(_words(tokens, pl.col("apposition_last"), "end")).otherwise("end"),
        reference=pl.when(initials).then(pl.lit("name")).otherwise("reference"),
    )
    history = known.filter(pl.col("is_subject") & ~pl.col("is_plural"))
    rows = _filled(rows, _latest(rows.filter(pl.col("wanted").is_not_null()), history, "row"), "row")
    # Elided.
    at_cue = pl.col("cue_first").cast(pl.Int64)
    lines = pl.concat(
        [
            known.filter("is_subject").select("sentence", "place", *ENTITY),
            rows.filter(said).select("sentence", at_cue.alias("place"), *ENTITY),
        ]
    )
    asking = rows.filter(pl.col("is_elided") & pl.col("cue_first").is_not_null()).select(
        "row", "sentence", place=at_cue, wanted=pl.lit(None, pl.String)
    )
    before = _latest(asking, lines, "row", by="sentence")
    turned = [frame.with_columns(place=-pl.col("place")) for frame in (asking, lines)]
    behind = _latest(turned[0], turned[1], "row", by="sentence")
    heirs = pl.concat([before, behind]).unique("row", keep="first", maintain_order=True)
    rows = _filled(_filled(rows, heirs, "row"), _answering(rows, tokens, mentions), "row")
    # A quotation that opens a paragraph alone: whom the paragraph goes on about (« … » Paul Dupont n'en revient pas).
    paragraph = tokens["paragraph"]
    earlier = _words(tokens, pl.col("place") - 1, "paragraph")
    opens = (_words(tokens, pl.col("place"), "paragraph") != earlier) | (pl.col("place") == 0)
    # One behind a sentence about a person is that person's: « Paul Dupont sourit. « … » ».
    known_people = known.filter(pl.col("is_subject") & (pl.col("kind") == "person") & ~pl.col("is_plural"))
    words = pl.col("content_last").cast(pl.Int64) - pl.col("content_first")
    following = rows.filter((pl.col("rule") == "chain") & ~opens & (words > LONE_WORDS)).select(
        "row", "place", sentence=pl.col("sentence") - 1, wanted=pl.lit(None, pl.String)
    )
    rows = _filled(
        rows, _latest(following, known_people.select("sentence", "place", *ENTITY), "row", "sentence"), "row"
    )
    lone = rows.filter((pl.col("rule") == "chain") & opens).select(
        "row", paragraph=pl.lit(paragraph).gather("place"), place=-pl.col("place"), wanted=pl.lit(None, pl.String)
    )
    people = known.filter(pl.col("is_subject") & (pl.col("kind") == "person") & pl.col("name").is_not_null()).select(
        *ENTITY, paragraph=pl.lit(paragraph).gather("first"), place=-pl.col("place")
    )
    return _filled(rows, _latest(lone, people, "row", by="paragraph"), "row")


def _answering(rows: pl.DataFrame, tokens: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """Who answers in an interview: the one it is « avec », else the first person named before the first answer.

    Those behind « par » ask: « propos recueillis par … ».
    """
    answers = rows.filter((pl.col("rule") == "dialogue") & pl.col("is_elided"))
    place = pl.col("first").cast(pl.Int64)
    before = [_words(tokens, place - k) for k in (1, 2)]
    people = (
        mentions.select(
            "article", "name", "actor", "gender", kind=pl.lit("person"), place=place,
            is_guest=(before[0] == "avec") & before[1].is_in(CONVERSATIONS), is_asking=before[0] == "par",
        )
        .join(answers.group_by("article").agg(begins=pl.col("place").min()), on="article")
        .filter((pl.col("place") < pl.col("begins")) & ~pl.col("is_asking"))
        .sort("article", ~pl.col("is_guest"), "place")
        .unique("article", keep="first")
    )  # fmt: skip
    return answers.select("row", "article").join(people, on="article").select("row", *ENTITY)


def _carried(rows: pl.DataFrame) -> pl.DataFrame:
    """What nothing else tells goes on from the statement before; a lone quotation without such a source is none."""
    source = pl.when(pl.col("kind").is_not_null()).then(pl.struct(ENTITY))
    rows = rows.with_columns(carried=source.forward_fill().over("article", "segment"))
    rows = rows.filter((pl.col("rule") != "chain") | pl.col("carried").is_not_null())
    is_open = pl.col("kind").is_null()
    before = pl.col("carried").struct
    return rows.with_columns(
        name=pl.when(is_open).then(before.field("name")).otherwise("name"),
        actor=pl.when(is_open).then(before.field("actor")).otherwise("actor"),
        kind=pl.coalesce("kind", before.field("kind"), pl.lit("person")),
        reference=pl.coalesce("reference", pl.lit("elided")),
    )


def _with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the contract; states and organisations get an id of their kind, name and country."""
    known = _bodies().unique(["kind", "name"], keep="first")
    countries = dict(zip(known["kind"] + ":" + known["name"], known["country"], strict=True))
    is_body = pl.col("kind").is_in(["organisation", "state"]) & ~pl.col("name").str.contains(", ")
    country = pl.concat_str("kind", "name", separator=":").replace_strict(
        countries, default=None, return_dtype=pl.String
    )
    return rows.with_columns(
        speaker_start=pl.col("start").cast(pl.Int32),
        speaker_end=pl.col("end").cast(pl.Int32),
        speaker_kind="kind",
        speaker_reference="reference",
        speaker_name="name",
        speaker_id=pl.coalesce("actor", pl.when(is_body).then(actor_id(pl.col("kind"), pl.col("name"), country))),
    )
