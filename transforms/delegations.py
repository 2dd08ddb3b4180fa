"""Delegations: who sat on which side, in which role.

The tokens of a text are folded into units (`delegation_units`). Local grammars over one letter per unit find the frames
that say who is in a delegation (« composée de », « à la tête de », « côté russe », a list under a heading), with the
names listed in them. Every name of a frame gets the frame's side (`delegation_sides`), and the first role that the
article gives him (`delegation_roles`).
"""

from __future__ import annotations

import polars as pl

from transforms.delegation_grammar import (
    CENTRE,
    COMPANY,
    EMBASSY,
    LABEL,
    LED,
    LOOSE,
    NEED_TALKS,
    OUT,
    PRINCIPALS,
    RULES,
    SIDE,
)
from transforms.delegation_groups import GROUP_RULES, groups_of, kind_of, with_groups
from transforms.delegation_roles import Reading, first_roles, leaders, read
from transforms.delegation_sides import with_sides
from transforms.delegation_sizes import stated_sizes
from transforms.delegation_units import names_in
from transforms.delegation_windows import windows
from transforms.integrity import size_agrees
from transforms.lexicon import load
from transforms.people import People, with_names
from transforms.schemas import DELEGATION_MEMBERS, DELEGATIONS
from transforms.text import neighbours, slices, with_sentence_text


def delegation_members(tokens: pl.DataFrame, articles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Who the articles say was in a delegation.

    In: tokens with sentences; the articles they come from; their people. Out: rows of DELEGATION_MEMBERS, one per
    article, delegation and person, sorted by article, delegation and place.
    """
    kept, talks = windows(tokens, who)
    if not kept.any():
        return DELEGATION_MEMBERS.empty()
    near = read(tokens, who, kept, [*RULES, *OUT, SIDE, LABEL, PRINCIPALS, CENTRE, EMBASSY, *GROUP_RULES])
    units, found = with_groups(near.units, near.found, tokens, articles, who.roles), near.found
    certain = near.named.filter(pl.col("rank") < 2)
    countries = _countries(units, certain, who)
    frames = _plain(_frames(found, units, near, talks), units)
    groups = groups_of(units, found, tokens, articles)
    frames = with_sides(frames, found, units, groups, countries)
    rows = _with_company(_listed(frames, units, countries), units, certain, who)
    rows = pl.concat([rows, _principals(near, units, frames, certain, who)], how="diagonal")
    out = names_in(found.filter(pl.col("rule").is_in([rule.name for rule in OUT])), units, "names").select("unit")
    # « accompagné de son homologue »: the host, no company.
    peers = certain.filter(pl.col("head") == "homologue")["unit"].unique()
    is_guest = pl.col("unit").is_in(peers.implode()) & ~pl.col("is_head") & (pl.col("party_kind") == "country")
    rows = (
        rows.join(out, on="unit", how="anti", maintain_order="left")
        .drop_nulls("party")
        .filter(
            ~is_guest
            | pl.col("rule").is_in(["with_delegations", "met_with_delegations", "led_by", "it_led", "principals"])
        )
    )
    if rows.is_empty():
        return DELEGATION_MEMBERS.empty()
    places = rows.with_columns(units[c].gather(rows["unit"]) for c in ("first", "last", "letter"))
    # A single name that only its place in a list tells to be one.
    who = with_names(who, places.filter(pl.col("letter") == "n"), tokens, articles)
    rows = _joined(places, who)
    return _published(rows, first_roles(rows.select("person"), near, tokens, who), tokens, articles, who)


def _countries(units: pl.DataFrame, certain: pl.DataFrame, who: People) -> pl.DataFrame:
    """Where the persons of names come from: `unit`, `country`, `by_role` (the country that their role here tells)."""
    names = units.select("unit", "letter", "person").filter(pl.col("letter").is_in(["N", "n"]))
    knows = pl.col("head").is_in(load("delegations")["words"]["knowing"]).fill_null(value=False)
    with_role = certain.filter(~knows).drop_nulls("party").select("unit", "party")
    # « le Qatari Jassem Boualy ».
    before = names.filter((pl.col("letter") == "N") & (pl.col("unit") > 0))["unit"]
    by_origin = pl.DataFrame({"unit": before, "party": units["party"].gather(before - 1)}).filter(
        units["letter"].gather(before - 1).is_in(["A", "P"])
    )
    # « les Canadiens A et B »: both.
    second = before.filter(before > 3)
    is_joint = units["letter"].gather(second - 3).is_in(["A", "P"]) & (units["lower"].gather(second - 4) == "les")
    is_joint &= (units["letter"].gather(second - 2) == "N") & (units["letter"].gather(second - 1) == "e")
    joint = pl.DataFrame({"unit": second, "party": units["party"].gather(second - 3)}).filter(is_joint)
    told = pl.concat([by_origin.drop_nulls(), joint.drop_nulls(), with_role]).unique(
        "unit", keep="first", maintain_order=True
    )
    return (
        names.select("unit", own=who.persons["country"].gather(names["person"]))
        .join(told, on="unit", how="left", maintain_order="left")
        .select("unit", country=pl.coalesce("party", "own"), by_role="party")
        .drop_nulls("country")
    )


def _frames(found: pl.DataFrame, units: pl.DataFrame, near: Reading, talks: pl.Series) -> pl.DataFrame:
    """Matches of RULES with their `confidence`, without those that need talks around them where there are none.

    In: `talks`, the articles that speak of talks. Teams, and sides by a bare preposition, need them.
    """
    words = load("delegations")["words"]
    confidence = {rule.name: confidence for rule, confidence in RULES.items()}
    rule = pl.col("rule")
    frames = found.filter(rule.is_in(list(confidence))).with_columns(
        confidence=rule.replace_strict(confidence, return_dtype=pl.Float64)
    )
    article = units["article"].gather(frames["opens"])
    sent = units["article"].filter(units["letter"] == "O")
    met_in = article.filter(frames["rule"].is_in(["side_attends", "attends_side"]))
    talks = pl.concat([talks, sent, met_in]).unique()
    team = units["lower"].gather(frames["d_first"]).is_in(words["teams"]).fill_null(value=False)
    needs = frames.select(pl.lit(team) | rule.is_in(NEED_TALKS)).to_series()
    head = near.roles["head"].gather(units["role"].gather(frames["side_first"]))
    is_other = (units["letter"].gather(frames["side_first"]) == "S") & ~head.is_in(words["negotiators"])
    is_other &= frames["rule"].is_in(["negotiators", "roles_led_by", "emissaries"])
    of_union = found.filter(rule == EMBASSY.name)
    of_union = of_union.filter(
        (units["party"].gather(of_union["party_first"]) == "EU")
        & units["lower"].gather(of_union["at_first"]).is_in(["en", "au", "aux"])
    )
    is_embassy = frames["d_first"].is_in(of_union["d_first"].implode()).fill_null(value=False)
    in_talks = ~needs | article.is_in(talks.implode())
    return frames.filter(in_talks & ~is_other.fill_null(value=False) & ~is_embassy)


def _plain(frames: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Frames without the loose ones that tell of something else than who is there.

    A loose frame counts unless its gap, or what follows its names, holds another matter: a verb of saying, of meeting,
    of appointing, a negation, or, behind the names, any verb but one of being there. A clause that has a side for its
    subject needs two persons or a word of coming or sending.
    """
    words = load("delegations")["words"]
    loose = frames.filter(pl.col("rule").is_in(LOOSE))
    if loose.is_empty():
        return frames
    letter, lower = units["letter"], units["lower"]
    gaps = (
        loose.drop_nulls("gap_first")
        .select("match", unit=pl.int_ranges("gap_first", pl.col("gap_last") + 1, dtype=pl.UInt32))
        .explode("unit")
    )
    gaps = gaps.with_columns(letter=letter.gather(gaps["unit"]).cast(pl.String), lower=lower.gather(gaps["unit"]))
    stems = "|".join(words["elsewhere"])
    other = pl.col("lower").str.contains(rf"^(?:{stems})") | pl.col("letter").is_in(list("Z%@=x?z"))
    told = gaps.group_by("match").agg(
        is_other=other.any(),
        # « Pour le Kosovo, c'est une question de survie, répète X ».
        is_said=(pl.col("letter") == "v").last(),
        is_there=(
            pl.col("letter").is_in(list("+OYyFBjKW52!IG"))
            | pl.col("lower").str.contains(rf"^(?:{'|'.join(words['there'])})")
        ).any(),
        has_verb=(pl.col("letter").is_in(list("vOYyFBjKMr")) | pl.col("lower").str.contains("(?:é|ée|és|ées)$")).any(),
    )
    count = names_in(loose, units, "members").group_by("match").agg(count=pl.len())
    end = letter.gather((loose["members_last"] + 1).clip(upper_bound=units.height - 1)).cast(pl.String)
    first = letter.gather(loose["members_first"] - 1).cast(pl.String)
    rule = pl.col("rule")
    kept = (
        loose.select("match", "rule", end=end, first=first)
        .join(told, on="match", how="left")
        .join(count, on="match")
        .filter(
            ~pl.col("is_other").fill_null(value=False),
            ~pl.col("is_said").fill_null(value=False) | pl.col("is_there"),
            (rule != "side_topic") | ~pl.col("has_verb").fill_null(value=False) | pl.col("is_there"),
            pl.col("end").is_in(list(".Ls?8CYjM(gkbi9-I4+Ql")),
            # « A, côté russe, et B, côté ukrainien »: each side behind its name.
            (rule != "side_within") | (pl.col("end") != "C") | (pl.col("count") > 1),
            ~pl.col("first").is_in(list("dp")) | pl.col("is_there"),
            (rule != "side_subject") | pl.col("has_verb").fill_null(value=False),
        )
    )
    # « Les uns avaient fait descendre A et B »: beside others who are there they are there.
    kept = kept.with_columns(is_weak=(rule == "side_subject") & ~pl.col("is_there").fill_null(value=False))
    strong = loose.join(kept.filter(~pl.col("is_weak")), on="match", how="semi")
    sure = pl.concat([frames.filter(~rule.is_in(LOOSE))["opens"], strong["opens"]])
    places = units.select("article", pl.col("sentence").cast(pl.Int64))[sure].unique()
    weak = loose.join(kept.filter("is_weak", pl.col("count") > 1), on="match", how="semi")
    # A frame opens with the stop before it.
    at = units.select("article", at=pl.col("sentence").cast(pl.Int64))[weak["opens"] + 1]
    beside = (
        pl.concat([weak.select("match"), at], how="horizontal")
        .join(places, on="article")
        .filter((pl.col("at") - pl.col("sentence")).abs() <= 1)
    )["match"]
    # So are three by themselves.
    kept = kept.filter(~pl.col("is_weak") | (pl.col("count") > 2) | pl.col("match").is_in(beside.implode()))
    return frames.filter(~rule.is_in(LOOSE) | pl.col("match").is_in(kept["match"].implode()))


def _of_their_own(listed: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Names of loose frames without those named for somebody else (« la sœur du dirigeant X »).

    `is_led`: whom a loose frame says to lead (« À leur tête, X », « six hommes, conduits par le général X »).
    """
    near = neighbours(units, listed["unit"], "letter", reach=4).with_columns(
        is_first=listed["nth"] == 0, of_noun=listed["rule"].is_in(["for_list", "side_list"])
    )
    of_other, is_led, inner = pl.lit(value=False), pl.lit(value=False), pl.lit(value=True)
    for k in range(1, 4):
        at, before = pl.col(f"letter-{k}"), pl.col(f"letter-{k + 1}")
        of = ~pl.col("is_first") | before.is_in(["R", "S"]) | (pl.col("of_noun") & (before == "m"))
        of_other |= inner & at.is_in(["d", "i", "p"]) & of
        is_led |= inner & (at.is_in(["G", "z"]) | ((at == "c") & (before == "z")))
        inner &= at.is_in(["T", "R", "l", "A"])
    told = near.select(of_other=of_other.fill_null(value=False), is_led=is_led.fill_null(value=False))
    is_loose = pl.col("rule").is_in(LOOSE)
    return (
        listed.with_columns(told["is_led"], told["of_other"])
        .filter(~(pl.col("of_other") & (is_loose | pl.col("rule").is_in(["for_list", "side_list"]))))
        .with_columns(pl.col("is_led") & is_loose)
        .drop("of_other")
    )


def _listed(frames: pl.DataFrame, units: pl.DataFrame, countries: pl.DataFrame) -> pl.DataFrame:
    """The names of frames: `match`, `unit`, `party`, `party_kind`, `is_head`, `rule`, `confidence`, `order`."""
    keep = ("rule", "confidence", "order", "party", "party_kind", "d_first", "is_sure")
    rule, nth = pl.col("rule"), pl.col("nth")
    letter = units["letter"]
    listed = names_in(frames, units, "members", *keep)
    listed = _of_their_own(listed, units)
    # Behind the end of a list glued to the next sentence (« chef du protocoleTrump sera… ») nobody is listed.
    ends = letter.is_in(["L", "g"]).arg_true()
    end = ends.search_sorted(listed["unit"], side="right").cast(pl.Int64) - 1
    glued = (letter.gather(ends.gather(end.clip(0))) == "g") & (end >= 0)
    listed = listed.filter(~rule.is_in(["list", "list_of_it", "side_block"]) | ~glued)
    # « dirigée par A et B »: both lead; whoever is « accompagné de » the next leads too.
    commas, stops = (letter == "c").arg_true(), letter.is_in(list("NnBe_.Ls")).arg_true()
    following = stops.gather(stops.search_sorted(listed["unit"], side="right"), null_on_oob=True)
    listed = listed.with_columns(
        commas=commas.search_sorted(listed["unit"]),
        after=letter.gather(following),
        several=(letter.gather(listed["d_first"]) == "2").fill_null(value=False),
    ).with_columns(is_joined=pl.col("commas") == pl.col("commas").shift(1).over("match"), count=pl.len().over("match"))
    is_second = (nth == 1) & (pl.col("is_joined") | pl.col("several")) & (pl.col("count") == 2)
    leads = (rule.is_in(LED) & ((nth == 0) | is_second)) | pl.col("is_led")
    marked = rule.is_in(["with_delegations", "met_with_delegations", "both_lead", "head_mark", "head_mark_first"])
    listed = listed.with_columns(
        is_head=marked | leads | pl.col("after").is_in(["B", "_"]),
        is_own=rule.is_in(["with_delegations", "met_with_delegations"]) | pl.col("several"),
    )
    heads = names_in(frames, units, "head", *keep).unique("match", keep="last", maintain_order=True)
    # « arrivé avec deux valises » tells of no company.
    is_alone = rule.is_in(COMPANY) & ~pl.col("match").is_in(listed["match"].unique().implode())
    heads = heads.filter(~is_alone).with_columns(is_head=pl.lit(value=True), is_own=pl.lit(value=False))
    rows = pl.concat([listed.select(heads.columns), heads])
    # « A, pour l'Italie, et B, pour la France »: the parties stand between the names.
    within = rule == "each_for"
    dealt = (
        frames.with_columns(
            parties_first=pl.when(within).then("members_first").otherwise("parties_first"),
            parties_last=pl.when(within).then("members_last").otherwise("parties_last"),
        )
        .drop_nulls("parties_first")
        .select("match", unit=pl.int_ranges("parties_first", pl.col("parties_last") + 1, dtype=pl.UInt32))
        .explode("unit")
        .filter(~pl.lit(units["letter"]).gather(pl.col("unit")).is_in(["R", "S"]))
        .select("match", share=pl.lit(units["party"]).gather(pl.col("unit")))
        .drop_nulls()
        .with_columns(nth=pl.int_range(pl.len(), dtype=pl.UInt32).over("match"))
    )
    return (
        rows.join(countries, on="unit", how="left", maintain_order="left")
        .join(dealt, on=["match", "nth"], how="left", maintain_order="left")
        # Beside the head of another state, whoever has an office of his own country stands for that.
        .with_columns(
            is_own=pl.col("is_own")
            | (~pl.col("is_sure") & pl.col("by_role").is_not_null() & (pl.col("party_kind") == "country"))
        )
        .with_columns(
            side=pl.when(rule.is_in(["dealt", "dealt_in_turn", "each_for", "both_lead"]))
            .then("share")
            .when("is_own")
            .then("country")
            .otherwise("party")
        )
        .with_columns(
            party_kind=pl.when(pl.col("side") == pl.col("party")).then("party_kind").otherwise(kind_of(pl.col("side")))
        )
        .with_columns(party="side")
        .drop("d_first", "side", "share", "is_own", "is_sure", "by_role")
    )


def _with_company(rows: pl.DataFrame, units: pl.DataFrame, roles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Rows with the side of whoever is accompanied: his own by another frame, else an official's country or body."""
    is_company = pl.col("rule").is_in(COMPANY)
    rows = rows.with_columns(units[c].gather(rows["unit"]) for c in ("article", "person"))
    direct = (
        rows.filter(~is_company).drop_nulls(["party", "person"]).sort("order")
        .unique(["article", "person"], keep="first").select("article", "person", side="party", side_kind="party_kind")
    )  # fmt: skip
    is_official = pl.col("category").is_in(load("delegations")["words"]["official"])
    is_official |= pl.col("head") == "homologue"
    public = units.select("unit", "person").join(who.persons.filter("in_register"), on="person", how="semi")
    in_office = roles.filter(is_official | (kind_of(pl.col("party")) == "body"))
    official = pl.concat([in_office.select("unit"), public.select("unit")]).unique()
    heads = (
        rows.filter(is_company & pl.col("is_head"))
        .join(direct, on=["article", "person"], how="left")
        .join(official.with_columns(is_official=pl.lit(value=True)), on="unit", how="left")
        .with_columns(side=pl.coalesce("side", pl.when("is_official").then("country")))
        .sort("unit")
        .select("match", "side", side_kind=pl.coalesce("side_kind", kind_of(pl.col("side"))))
        .unique("match", keep="first")
    )
    return rows.join(heads, on="match", how="left", maintain_order="left").with_columns(
        party=pl.when(is_company).then("side").otherwise("party"),
        party_kind=pl.when(is_company).then("side_kind").otherwise("party_kind"),
    )


def _principals(
    near: Reading, units: pl.DataFrame, frames: pl.DataFrame, roles: pl.DataFrame, who: People
) -> pl.DataFrame:
    """« Les présidents russe et américain, accompagnés de leurs délégations »: who they are, where the article says.

    So too « la partie japonaise réunissait autour de la Première ministre… ». In: `frames` with their party; `roles` as
    made by `read`. Out: rows as of `_listed`.
    """
    of_both = near.found.filter(pl.col("rule") == PRINCIPALS.name)
    article, party = pl.lit(units["article"]), pl.lit(units["party"])
    offices = ["head_of_state", "head_of_government"]
    sides = pl.concat(
        of_both.select(
            article=article.gather(pl.col("opens")), party=party.gather(pl.col(part)), category=pl.lit(office)
        )
        for part in ("first_first", "second_first")
        for office in offices
    )
    centres = near.found.filter(pl.col("rule") == CENTRE.name).select("d_first", "which_first")
    centres = centres.join(frames.select("d_first", "party").unique("d_first", keep="first"), on="d_first")
    centres = centres.select(
        article=article.gather(pl.col("d_first")),
        party="party",
        category=pl.lit(near.roles["category"].cast(pl.String)).gather(
            pl.lit(units["role"]).gather(pl.col("which_first"))
        ),
    )
    sides = pl.concat([sides, centres]).drop_nulls().unique()
    bearers = units.select("unit", "article", "person", "letter").filter(pl.col("letter") == "N").drop("letter")
    by_role = roles.filter(pl.col("category").is_in(offices)).select("unit", "party", "category")
    known = who.persons.select("person", "person_id").join(leaders(), on="person_id")
    known = known.select("person", "party", "category")
    holders = pl.concat(
        [
            bearers.join(known, on="person"),
            bearers.join(by_role.drop_nulls("party"), on="unit").select(
                "unit", "article", "person", "party", "category"
            ),
        ]
    )
    return (
        holders.join(sides, on=["article", "party", "category"], how="semi")
        .sort("unit")
        .unique(["article", "party"], keep="first", maintain_order=True)
        .select(
            "unit", "article", "person", "party", party_kind=kind_of(pl.col("party")), is_head=pl.lit(value=True),
            rule=pl.lit("principals"), confidence=pl.lit(0.85), order=pl.lit(len(RULES), pl.UInt8),
        )
    )  # fmt: skip


def _joined(places: pl.DataFrame, who: People) -> pl.DataFrame:
    """Rows of names → one row per article and person, on one side: where he is named, the side, the rule."""
    return (
        places.drop("person")
        .join(who.mentions.select("first", "person"), on="first", maintain_order="left")
        .sort("order", "unit")
        # One naming belongs to the frame that says most, one person to one side.
        .with_columns(is_head=pl.col("is_head").any().over("unit", "party"))
        .unique("unit", keep="first", maintain_order=True)
        .sort("person", "confidence", "unit", descending=[False, True, False])
        .filter(pl.col("party") == pl.col("party").first().over("person"))
        .sort("unit")
        .group_by("article", "person", maintain_order=True)
        .agg(
            pl.col("party", "party_kind").first(),
            pl.col("is_head").any(),
            pl.col("rule", "confidence", "first", "last").first(),
        )
    )


def _published(
    rows: pl.DataFrame, roles: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame, who: People
) -> pl.DataFrame:
    """One row per article, delegation and person, as DELEGATION_MEMBERS has them."""
    is_full = pl.col("is_full")
    naming = (
        who.mentions.sort("person", "is_full", "first", descending=[False, True, False])
        .group_by("person", maintain_order=True)
        .agg(
            pl.col("start").first().alias("name_start"),
            pl.col("end").first().alias("name_end"),
            pl.col("surface").first().alias("person_name"),
            mention_count=pl.when(is_full.any()).then(is_full.sum()).otherwise(pl.len()),
        )
    )
    text = pl.lit(articles["text"]).gather(pl.col("article"))
    start = pl.lit(tokens["start"]).gather(pl.col("role_first"))
    end = pl.lit(tokens["end"]).gather(pl.col("role_last"))
    return (
        rows.join(naming, on="person", maintain_order="left")
        .join(roles, on="person", how="left", maintain_order="left")
        .join(who.persons.select("person", "person_id", "canonical_name"), on="person", maintain_order="left")
        .pipe(with_sentence_text, tokens, articles)
        .with_columns(
            article_id=pl.lit(articles["article_id"]).gather(pl.col("article")),
            delegation="party",
            delegation_kind="party_kind",
            role_start=start,
            role_end=end,
            role=slices(text, start, end),
            role_category=pl.when(pl.col("role_first").is_not_null()).then(pl.coalesce("category", pl.lit("other"))),
        )
        .with_columns(member_id=pl.format("{}-m{}", "article_id", "name_start"))
        .unique(["article_id", "delegation", "person_id"], keep="first", maintain_order=True)
        .select(pl.col(c).cast(t) for c, t in DELEGATION_MEMBERS.polars_schema.items())
        .sort("article_id", "delegation", "name_start")
    )


def delegations(members: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The delegations that have members, with the size that the text states.

    In: rows of DELEGATION_MEMBERS; tokens with sentences and the articles they come from. Out: rows of DELEGATIONS,
    sorted by article and delegation. A size of which the text does not say whose it is goes to the delegation of the
    member named nearest to it; of several sizes of one delegation the first counts.
    """
    if members.is_empty():
        return DELEGATIONS.empty()
    spoken = articles["article_id"].is_in(members["article_id"].implode())
    sizes = stated_sizes(tokens, articles, spoken)
    near = (
        sizes.filter(pl.col("party").is_null())
        .select("article_id", "start")
        .join(members.select("article_id", "delegation", "name_start"), on="article_id")
        .sort((pl.col("name_start") - pl.col("start")).abs(), maintain_order=True)
        .unique(["article_id", "start"], keep="first", maintain_order=True)
        .select("article_id", "start", "delegation")
    )
    stated = (
        sizes.join(near, on=["article_id", "start"], how="left", maintain_order="left")
        .with_columns(delegation=pl.coalesce("party", "delegation"))
        .unique(["article_id", "delegation"], keep="first", maintain_order=True)
        .select("article_id", "delegation", "stated_size", "stated_text")
    )
    return (
        members.with_columns(pl.col("delegation_kind").cast(pl.String))
        .group_by("article_id", "delegation")
        .agg(
            pl.col("delegation_kind").first(),
            head_person_id=pl.col("person_id")
            .filter("is_head")
            .sort_by(pl.col("name_start").filter("is_head"))
            .first(),
            member_count=pl.len().cast(pl.Int32),
        )
        .join(stated, on=["article_id", "delegation"], how="left")
        .with_columns(agrees=size_agrees())
        .select(pl.col(c).cast(t) for c, t in DELEGATIONS.polars_schema.items())
        .sort("article_id", "delegation")
    )
