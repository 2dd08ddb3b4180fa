"""Delegations: who sat on which side, in which role.

The tokens of a text are folded into units: a person's name, a role phrase, a party, a phrase of the vocabulary
(lexicon/delegations.toml) is one unit, any other word one of its own. Local grammars over one letter per unit find the
frames that say who is in a delegation (« composée de », « à la tête de », « côté russe », a list under a heading), with
the names listed in them. Every name of a frame gets the frame's side, and the first role that the article gives him.
"""

from __future__ import annotations

import itertools
import re
from functools import cache

import polars as pl

from transforms.lexicon import load
from transforms.numerals import numerals
from transforms.parties import parties
from transforms.people import People, with_names
from transforms.roles import role_spans
from transforms.schemas import DELEGATION_MEMBERS, DELEGATIONS, ROLE_CATEGORIES
from transforms.text import Rule, find, find_phrases, layer, phrase_key, slices, with_form_features, with_sentence_text

PHRASES = {
    "delegation": "D", "delegations": "2", "own_group": "U", "led_by": "G", "leads": "M", "comprises": "K",
    "whereof": "W", "represented_by": "F", "sends": "O", "accompanied": "B", "with_delegations": "X", "attends": "Y",
    "member_of": "I", "head_mark": "H", "member_mark": "V", "wake": "Q", "side": "C", "besides": "w", "nicknamed": "J",
    "negative": "Z",
}  # fmt: skip
ALPHABET = {
    "name": "N", "candidate": "n", "role": "R", "roles": "S", "title": "T", "nat": "A", "party": "P",
    "det": "l", "of": "d", "by": "p", "and": "e", "comma": "c", "semicolon": "s", "colon": "k", "stop": ".", "line": "L",
    "bullet": "b", "open": "(", "close": ")", "dash": "-", "number": "0", "adverb": "a", "word": "m", "verb": "v",
    "relative": "q", "in": "i", "for": "f", "mark": "x", "glue": "g", "capital": "u", "pronoun": "E", "first": "1", "second": "3",
    "question": "?", **PHRASES,
}  # fmt: skip

_WHO = "(?: <title>* <name|candidate> )"
_LEAD = "<det|of|by|adverb|number|in>{0,4}"
_ROLE = "(?: <role|roles> <nat>* <head_mark>? )"
# What may stand between a name and the next comma: an apposition, no verb, no other name.
_FILL = "<word|of|det|nat|party|role|roles|head_mark|number|in|for|adverb|title|capital|delegation|own_group>"
_ASIDE = f"(?: <comma> {_FILL}{{1,14}} | <open> <^close|stop|line>{{1,12}} <close> | <comma> <relative> <^name|stop|line|semicolon|comma>{{1,14}} )"
_ITEM = (
    f"(?: {_LEAD} (?: {_ROLE} (?: <comma|colon|nicknamed> | <adverb>{{1,2}} )? {_WHO} | {_WHO} | <word>{{1,3}} <nat>? {_WHO}"
    f" | <role|roles|word|number> {_FILL}{{0,10}} ) )"
)
_AND = "(?: <comma|semicolon|and|whereof>+ <adverb>* <whereof>? )"
_CHAIN = "(?: <comma>? <accompanied> )"
_LIST = f"(?: {_ITEM} {_ASIDE}* (?: (?: {_AND} | {_CHAIN} ) {_ITEM} {_ASIDE}* ){{0,40}} )"
# « la délégation parlementaire de l'Union africaine », up to the comma.
_GROUP = "<word|nat|of|det|party|role|roles|number|adverb|own_group|capital|open|close|in>{0,12}"
_SIDE = "(?: <side> <of>? <det>? (?: <nat> | <party> ) )"
_FOR = "(?: <for> <det>? <party> )"
_BREAK = "<stop|line|semicolon|question>"
_LINE_ITEM = (
    "(?: <line>+ (?: <bullet> | <bullet>? <and> | <bullet>? <title|det>* <name|candidate> | <role|roles> <comma>? <title>* <name|candidate> )"
    " <^line|glue>{0,45} (?: <glue> <^line>* )? )"
)

_BULLETED = "(?: <line>+ (?: <bullet> | <and> ) <^line|glue>{0,45} (?: <glue> <^line>* )? )"
_PLAIN_LINE = (
    "(?: <line>+ (?: <bullet|and> | <title|det>* <name|candidate> | <det>? <role|roles> <comma>? <title>* <name|candidate> )"
    " <^line|glue>{0,45} (?: <glue> <^line>* )? )"
)
_BLOCK = f"(?: <colon> {_PLAIN_LINE}{{1,60}} | <stop|comma>? {_BULLETED}{{1,60}} )"
# The more a frame says by itself, the earlier: a name belongs to the first that holds it. With the confidence.
RULES = {
    Rule("list", d="<delegation>", _h="<^line|colon>{0,40}", members=_BLOCK): 0.95,
    Rule("list_of_it", cue="<member_of>", _h="<^line|colon>{0,12}", members=_BLOCK): 0.95,
    Rule("side_block", side=f"(?: {_SIDE} | <line> <det>? <party> )", _h="<^line|colon|name>{0,8}", members=_BLOCK): 0.9,
    Rule("dealt", sides="(?: <party> (?: <comma> <party> )* <and> <party> )", _o="<sends>", _l="<det|adverb>*", _r="<roles>", _k="<colon|comma>?", members=f"(?: {_WHO} (?: <comma> {_WHO} )* <and> {_WHO} )"): 0.9,
    Rule("with_delegations", members=_LIST, _k="<comma>", cue="<with_delegations>"): 0.9,
    Rule("led_by", d="<delegation|delegations>", _np=_GROUP, _c="<comma|open>?", cue="<led_by>", _a="<adverb|comma>*", members=_LIST): 0.95,
    Rule("comprises", d="<delegation>", _np="<^stop|line|comprises|delegation|whereof|question>{0,40}", cue="<comprises>", _a="<adverb|colon>*", members=_LIST): 0.95,
    Rule("whereof", d="<delegation>", _np=f"{_GROUP} (?: <verb> {_GROUP} )?", _c="<comma>", cue="<whereof>", _a="<adverb>*", members=_LIST): 0.9,
    Rule("it_comprises", _s="<stop|line|semicolon|comma|and>", p="<pronoun>", _b="<adverb>*", cue="<comprises>", _a="<adverb>*", members=_LIST): 0.9,
    Rule("member_of", cue="<member_of>", d="(?: <of>? <det>? <delegation> <nat>? )?", _k="<adverb|colon|comma>*", members=_LIST): 0.9,
    Rule("attends_side", cue="<attends>", _k="<adverb|comma|colon>*", side=f"(?: {_SIDE} | {_FOR} )", _c="<adverb|comma|colon>*", members=_LIST): 0.9,
    Rule("side_attends", side=f"(?: {_SIDE} | {_FOR} )", _k="<comma|colon>?", cue="<attends>", _a="<adverb|comma|colon>*", members=_LIST): 0.9,
    Rule("side_whereof", side=_SIDE, _k="<comma>?", _g="<^stop|line|name|delegation|comma>{0,14}", _c="<comma>", cue="<whereof>", members=_LIST): 0.9,
    Rule("side_question", side=_SIDE, _q="<^stop|line|name>{0,12} <question> <line>* (?: <capital|role|bullet>{1,2} <stop|colon|dash> )?", members=_LIST): 0.85,
    Rule("side_list", side=_SIDE, _k="<comma|colon>", members=_LIST, _end=f"(?: <comma>? (?: {_BREAK} | <attends|leads> ) )"): 0.85,
    Rule("next_side", _s="<semicolon>", side=f"(?: {_SIDE} | {_FOR} )", _k="<comma|colon>", _a="<det|adverb|word>*", members=_LIST, _end=_BREAK): 0.85,
    Rule("sends", side="<party|nat>", _g="<^stop|line|party|name|delegation>{0,8}", cue="<sends>", _a="<adverb|in|party>{0,3}", members=_LIST): 0.9,
    Rule("represented_by", side="<party|nat>", _g="<^stop|line|party|name|nat>{0,6}", cue="<represented_by>", _a="<adverb>*", members=_LIST): 0.9,
    Rule("leads", head=_WHO, _g="<^stop|line|name|question|leads|semicolon>{0,18}", cue="<leads>", _l="<det|adverb|of>*", d="<delegation>"): 0.9,
    Rule("leads_on", head=_WHO, _g="<^stop|line|name|question>{0,30} <stop> <line>*", p="<pronoun>", _h="<^stop|line|name|leads>{0,4}", cue="<leads>", _l="<det|adverb|of>*", d="<delegation>"): 0.85,
    Rule("at_the_head", cue="<leads>", _l="<det|of>*", d="<delegation>", _np=_GROUP, _c="<comma>", head=_ITEM): 0.85,
    Rule("besides_head", cue="<besides>", _c="<comma>?", head=_ITEM, _x=f"{_ASIDE}?", _k="<comma>", _l="<det>", d="<delegation>"): 0.9,
    Rule("wake_of_head", cue="<wake>", head=f"(?: {_ROLE} <comma>? {_WHO} )", _k="<comma>", _y="<attends>?", members=_LIST): 0.85,
    Rule("wake", cue="<wake>", which="(?: <det>? <first|second> )?", _k="<comma>", members=_LIST): 0.85,
    Rule("accompanied_on", head=_WHO, _g="<^stop|line|name|question>{0,30} <stop> <line>*", p="<pronoun>", _h="<^stop|line|name|accompanied>{0,3}", cue="<accompanied>", _a="<adverb>*", members=_LIST): 0.8,
    Rule("accompanied", head=_WHO, _g="<^stop|line|name|question|delegation>{0,14}", cue="<accompanied>", _a="<adverb>*", members=_LIST): 0.8,
    Rule("accompanied_role", role="<role>", _g="<^stop|line|name|comma|question|role|delegation>{0,4}", cue="<accompanied>", _a="<adverb>*", members=_LIST): 0.75,
    Rule("attends_anew", cue="<attends>", _a="<adverb|colon>*", members=_LIST): 0.75,
    Rule("head_mark", members=f"(?: {_WHO} (?: <comma> <role> )? )", _c="<comma> <det>?", cue="<head_mark>", side="<nat>?"): 0.9,
    Rule("head_mark_first", cue="<head_mark>", side="<nat>?", _c="<comma>?", members=_WHO): 0.9,
    Rule("member_mark", members=f"(?: {_WHO} (?: <comma> <role> )? )", _c="<comma> <det>?", cue="<member_mark>", side="<nat>?"): 0.9,
}  # fmt: skip
PRINCIPALS = Rule("principals", first="<roles>", _e="<and>", second="<nat>", _c="<comma>?", cue="<with_delegations>")
GROUP_NAME = Rule(
    "group_name",
    d="<delegation>",
    _of="<of> <det>?",
    group="(?: <own_group> <word>? (?: <nat> | <of>+ <det>? <word>? <party|capital|nat>+ )? | <capital>+ )"
    " (?: <for|of|det> <for|of|det|word|capital>{0,6} <capital|word|party> )?",
    acronym="(?: <open> <capital|party> <close> )?",
)
GROUP_PARTY = Rule("group_party", d="<delegation>", np="<word|role|roles|of|det|adverb|number>{0,7} <nat|party>")
# A role and the names it goes with, before or behind them; `det` says that the role has an article.
ROLE_RULES = [
    Rule("before", role="<role|roles>", _x="<nat>* (?: <nicknamed> )? <title>*", names="<name|candidate>"),
    Rule("before_all", role="<roles>", _x="<nat>* <adverb|comma|colon>{0,2} <title>*", names=f"(?: {_WHO} (?: <comma> {_WHO} )* (?: <comma>? <and> <adverb>* {_WHO} )? )"),
    Rule("before_comma", _l="<det|of|in>", role="<role|roles>", _x="<nat>* <comma> <title>*", names="<name|candidate>"),
    Rule("opening_line", _l="<line|bullet|colon>", role="<role>", _x="<nat>* <comma|colon> <title>*", names="<name|candidate>"),
    Rule("behind", names="<name|candidate>", _x="<comma|open|colon|dash> <adverb|line>*", role="<role>"),
    Rule("behind_all", names=f"(?: {_WHO} (?: <comma> {_WHO} )* <and> {_WHO} )", _x="<comma|open>", role="<roles>"),
    Rule("behind_article", names="<name|candidate>", _x="<comma> <det>", role="<role>", _end="(?: <nat>* (?: <semicolon|stop|and|line|close|verb|colon|question> | <comma> <^name|candidate|title|number> ) )"),
    Rule("next_sentence", role="<role>", _x="<stop>", names="<name>"),
    Rule("noun_before", _l="<det|of>", role="<word>{1,2} <nat>?", names="<name|candidate>"),
    Rule("noun_behind", _l="<bullet> <title>*", names="<name|candidate>", _x="<comma|colon|dash|open>", role="<word> <^name|candidate|comma|semicolon|stop|line|close|glue|verb>{0,12}"),
]  # fmt: skip
OUT = [
    Rule("out_behind", names=_WHO, _g="<^stop|line|name|semicolon|and>{0,12}", cue="<negative>"),
    Rule("out_before", cue="<negative>", _g="<of|det|role|title|nat|comma|by>{0,4}", names=_WHO),
    Rule("out_of_it", cue="<negative>", _g="<^stop|line|name>{0,14} <comma>", names=_ITEM),
]


@cache
def _vocabulary() -> pl.DataFrame:
    """Phrases of the vocabulary: `phrase`, `letter`, `is_long` (of several words)."""
    rows = [
        (phrase, PHRASES[name])
        for name, patterns in load("delegations")["phrases"].items()
        for pattern in patterns
        for phrase in _multiplied(pattern)
    ]
    frame = pl.DataFrame(rows, schema=["phrase", "letter"], orient="row")
    return (
        frame.with_columns(phrase=pl.Series(phrase_key(frame["phrase"].to_list())))
        .unique("phrase", keep="first", maintain_order=True)
        .with_columns(is_long=pl.col("phrase").str.contains(" "))
    )


def _multiplied(pattern: str) -> list[str]:
    """The phrases that a pattern with braces stands for: « {à,en} route » → « à route », « en route »."""
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    return ["".join(choice) for choice in itertools.product(*parts)] if "{" in pattern else [pattern]


def _kept(layers: list[pl.DataFrame], height: int) -> pl.DataFrame:
    """Spans of all layers without those that overlap one of an earlier layer, in text order."""
    covered = pl.zeros(height, dtype=pl.Int32, eager=True)
    kept = []
    for spans in layers:
        inside = covered.cum_sum()
        free = (inside.gather(spans["last"]) - inside.gather(spans["first"]) + covered.gather(spans["first"])) == 0
        clear = spans.filter(free).sort("first").filter(
            (pl.col("first") > pl.col("last").cum_max().shift(1)).fill_null(value=True)
        )
        places = clear.select(pl.int_ranges("first", pl.col("last") + 1, dtype=pl.UInt32).explode())
        covered = covered.scatter(places.to_series(), 1)
        kept.append(clear)
    return pl.concat(kept, how="diagonal").sort("first")


def _units(tokens: pl.DataFrame, who: People, roles: pl.DataFrame) -> pl.DataFrame:
    """The text folded into units, in text order.

    Out: one row per unit: `unit`, `first`, `last` (token positions), `letter` (ALPHABET), `article`, `sentence`,
    `lower` (of its first token), `party` and `party_kind` (of a party; of a role), `role` (row of `roles`), `person`.
    """
    phrases = find_phrases(tokens, _vocabulary())
    behind = tokens["form"].gather((roles["first"].cast(pl.Int64) - 1).clip(0))
    roles = roles.with_row_index("role").with_columns(
        letter=pl.when("is_plural").then(pl.lit("S")).otherwise(pl.lit("R")),
        # « X, gendre du président Y »: apposed, the inner name belongs to the role; else it may be the next member.
        last=pl.when(behind.is_in([",", "(", "–", "—", ":"])).then("last").otherwise("bare_last"),
    )
    mentions = who.mentions.select("first", "last", "person", letter=pl.lit("N"))
    candidates = who.spans.select("first", "last", letter=pl.lit("n"))
    named = parties(tokens).select(
        "first", "last", "party", "party_kind",
        letter=pl.when(pl.col("form") == "adjective").then(pl.lit("A")).otherwise(pl.lit("P")),
    )  # fmt: skip
    marks = phrases.filter(pl.col("letter").is_in(["H", "V"])).select("first", "last", "letter")
    long = phrases.filter("is_long").select("first", "last", "letter")
    short = phrases.filter(~pl.col("is_long")).select("first", "last", "letter")
    spans = _kept(
        [marks, roles.select("first", "last", "role", "party", "letter"), mentions, long, short, named, candidates],
        tokens.height,
    )
    return _folded(_tagged(tokens), spans)


def _tagged(tokens: pl.DataFrame) -> pl.DataFrame:
    """Tokens with the letter each has by itself, and `is_dropped` where it says nothing (« M », « . »)."""
    words = load("delegations")["words"]
    lower, form = pl.col("lower"), pl.col("form")
    classes = {
        "l": words["determiners"], "d": ["de", "d'", *words["contracted"]], "p": ["par"], "e": ["et", "&", "ainsi"], "a": words["adverbs"],
        "E": words["pronouns"], "q": words["relatives"], "1": words["ordinals_first"], "3": words["ordinals_second"],
        "f": ["pour"], "i": words["prepositions"], "v": words["verbs"], "c": [","], "s": [";"], "k": [":"], ".": [".", "!", "…"], "?": ["?"],
        "L": ["\n"], "(": ["(", "["], ")": [")", "]"], "x": ["«", "»", "“", "”", '"'], "-": ["-", "–", "—"], "b": words["bullets"],
    }  # fmt: skip
    of_word = {word: letter for letter, ws in reversed(classes.items()) for word in ws}
    verb = r"(?:ait|aient|era|eront|irent|èrent|urent|a-t-(?:il|elle|on))$"
    tagged = with_form_features(
        tokens,
        letter=pl.when(lower.is_in(words["titles"]) & (pl.col("is_capital") | (lower == "cheikh"))).then(pl.lit("T"))
        .when(lower.is_in(list(of_word))).then(lower.replace(of_word))
        .when(form.str.contains(r"^\d")).then(pl.lit("0"))
        .when(form.str.contains(r"^\p{Lu}")).then(pl.lit("u"))
        .when(lower.str.contains(verb) & ~lower.is_in(words["not_verbs"])).then(pl.lit("v"))
        .when(form.str.contains(r"^\p{L}")).then(pl.lit("m"))
        .otherwise(pl.lit("x")),
        ends_small=form.str.contains(r"\p{Ll}$"),
    )  # fmt: skip
    before, letter = pl.col("form").shift(1), pl.col("letter")
    opens = (before == "\n") | before.is_null() | (pl.col("article") != pl.col("article").shift(1))
    numbered = (letter.shift(1) == "0") & opens.shift(1) & form.is_in([".", ")", "-", "°"])
    inside = (form == ".") & (pl.col("sentence") == pl.col("sentence").shift(-1))
    mark = letter.is_in(["b", "-"])
    return tagged.with_columns(
        letter=pl.when(numbered).then(pl.lit("b")).when(mark & opens).then(pl.lit("b"))
        .when(form.is_in(["–", "—", "-"])).then(pl.lit("-")).when(letter == "b").then(pl.lit("x"))
        .when(letter == "-").then(pl.lit("x")).otherwise(letter),
        is_glued=pl.col("is_joined") & pl.col("is_capital") & pl.col("ends_small").shift(1),
        is_dropped=(inside & ~numbered) | (form == "*") & ~opens | ((letter == "0") & opens & form.shift(-1).is_in([".", ")", "-", "°"])) | form.is_in(["\ufe0f"]),
    )  # fmt: skip


def _folded(tagged: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Fold the tokens of each span into one unit; every article ends with a line."""
    covered = spans.select(position=pl.int_ranges(pl.col("first") + 1, pl.col("last") + 1, dtype=pl.UInt32).explode())
    units = (
        tagged.lazy()
        .with_row_index("position")
        .join(covered.drop_nulls().lazy(), on="position", how="anti", maintain_order="left")
        .join(
            spans.lazy().rename({"letter": "span_letter", "first": "position"}),
            on="position", how="left", maintain_order="left",
        )
        .filter(pl.col("span_letter").is_not_null() | ~pl.col("is_dropped").fill_null(value=False))
        .select(
            "article", "sentence", "lower", "party", "party_kind", "role", "person",
            first="position", last=pl.coalesce("last", "position"),
            letter=pl.when(pl.col("is_glued")).then(pl.lit("g")).otherwise(pl.coalesce("span_letter", "letter")),
        )
    ).collect()  # fmt: skip
    ends = units.group_by("article", maintain_order=True).agg(pl.col("sentence", "first", "last").last())
    ends = ends.with_columns(letter=pl.lit("L"), lower=pl.lit("\n"), is_end=pl.lit(True))
    return (
        pl.concat([units.with_columns(is_end=pl.lit(False)), ends], how="diagonal")
        .sort("article", "first", "is_end", maintain_order=True)
        .drop("is_end")
        .with_row_index("unit")
    )


def _matches(units: pl.DataFrame, rules: list[Rule]) -> pl.DataFrame:
    """Matches of rules that stay within one article: `match`, `rule`, and the parts as unit positions."""
    found = find(layer(units["letter"]), rules, ALPHABET)
    edges = [c for c in found.columns if c.endswith(("_first", "_last"))]
    found = found.with_columns(opens=pl.min_horizontal(edges), closes=pl.max_horizontal(edges))
    same = units["article"].gather(found["opens"]) == units["article"].gather(found["closes"])
    return found.filter(same.fill_null(value=False)).with_row_index("match")


def _names_in(matches: pl.DataFrame, units: pl.DataFrame, part: str, *columns: str) -> pl.DataFrame:
    """The names in a part of matches, one row each: `match`, `unit`, the columns asked for."""
    found = matches.filter(pl.col(f"{part}_first").is_not_null()).select(
        "match", *columns, unit=pl.int_ranges(f"{part}_first", pl.col(f"{part}_last") + 1, dtype=pl.UInt32)
    )
    found = found.explode("unit")
    return found.filter(units["letter"].gather(found["unit"]).is_in(["N", "n"]))


def _first_party(units: pl.DataFrame, first: pl.Series, last: pl.Series) -> pl.DataFrame:
    """The first party named between two units: `party`, `party_kind`; null where none is."""
    following = units.select(
        pl.when(pl.col("party").is_not_null()).then("unit").backward_fill()
    ).to_series()
    at = following.gather(first)
    at = pl.select(pl.when(at <= last).then(at)).to_series()
    return pl.DataFrame({"party": units["party"].gather(at), "party_kind": units["party_kind"].gather(at)})


def _roles_of_names(units: pl.DataFrame, roles: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """Which role goes with which naming, by the words around it.

    Out: one row per name unit and role: `unit`, `role_first`, `role_last` (token positions), `role` (null where the
    lexicon knows no such role), `party`, `rank` (0 a role, 1 a rank or a title before a surname, 2 a guess).
    """
    order = {rule.name: nth for nth, rule in enumerate(ROLE_RULES)}
    found = _matches(units, ROLE_RULES).with_columns(order=pl.col("rule").replace_strict(order, return_dtype=pl.UInt8))
    is_shared = pl.col("rule").is_in(["before_all", "behind_all"])
    # A singular role is one person's: the rule that comes first says whose.
    found = found.sort("order", maintain_order=True)
    found = found.filter(is_shared | pl.col("role_first").is_first_distinct())
    rows = _names_in(found, units, "names", "rule", "order", "role_first", "role_last")
    full = mentions.filter("is_full").select(place="first", is_full=pl.lit(True))
    rows = rows.with_columns(
        role=units["role"].gather(rows["role_first"]),
        party=units["party"].gather(rows["role_first"]),
        place=units["first"].gather(rows["unit"]),
        role_first=units["first"].gather(rows["role_first"]),
        role_last=units["last"].gather(rows["role_last"]),
    ).join(full, on="place", how="left", maintain_order="left")
    head = roles["head"].gather(rows["role"])
    one_word = rows["role_first"] == rows["role_last"]
    title = one_word & (head.is_in(load("delegations")["words"]["ranks"]) | rows["is_full"].is_null())
    before = rows["rule"].is_in(["before"])
    guess = rows["rule"].is_in(["next_sentence", "noun_before", "noun_behind"])
    rank = pl.select(pl.when(guess).then(2).when(title & before).then(1).otherwise(0).cast(pl.UInt8)).to_series()
    return rows.with_columns(rank=rank).sort("unit", "rank", "order", maintain_order=True)


def _groups(units: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Whose a delegation is where its noun phrase says so: `unit` (of the noun), `party`, `party_kind`."""
    named = _matches(units, [GROUP_NAME])
    first = units["first"].gather(named["group_first"])
    last = units["last"].gather(named["group_last"])
    text = articles["text"].gather(units["article"].gather(named["d_first"]))
    surface = pl.select(
        slices(pl.lit(text), pl.lit(tokens["start"].gather(first)), pl.lit(tokens["end"].gather(last)))
    ).to_series()
    inside = named["acronym_first"] + 1
    acronym = tokens["form"].gather(units["first"].gather(inside))
    own = pl.DataFrame({"unit": named["d_first"], "party": surface, "acronym": acronym}).select(
        "unit", party=pl.coalesce("acronym", "party"), party_kind=pl.lit("group")
    )
    led = _matches(units, [GROUP_PARTY])
    by_name = _first_party(units, led["np_first"], led["np_last"]).select(pl.lit(led["d_first"]).alias("unit"), pl.all())
    return pl.concat([own, by_name]).unique("unit", keep="first", maintain_order=True).drop_nulls("party")


def _kind_of(party: pl.Expr) -> pl.Expr:
    """The kind of a party of which only the code is known."""
    return (
        pl.when(party.is_in(["EU", "UN", "NATO", "AU"])).then(pl.lit("body"))
        .when(party.str.contains(r"^[A-Z]{2}$")).then(pl.lit("country")).otherwise(pl.lit("group"))
    )  # fmt: skip


def _with_sides(frames: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame, countries: pl.DataFrame) -> pl.DataFrame:
    """Frames with `party`, `party_kind`: what they say, else the head's country, else the delegation spoken of last.

    `groups` as made by `_groups`; `countries` (`unit`, `country`): the country of each name.
    """
    said = _first_party(units, frames["side_first"], frames["side_last"])
    named = frames.select("d_first").join(groups, left_on="d_first", right_on="unit", how="left", maintain_order="left")
    frames = frames.with_columns(
        party=said["party"].fill_null(named["party"]) if False else pl.select(pl.coalesce(pl.lit(said["party"]), pl.lit(named["party"]))).to_series(),
        party_kind=pl.select(pl.coalesce(pl.lit(said["party_kind"]), pl.lit(named["party_kind"]))).to_series(),
    )
    sides = _matches(units, [Rule("side", side=_SIDE)])
    told = _first_party(units, sides["side_first"], sides["side_last"])
    events = pl.concat(
        [
            groups,
            frames.filter(pl.col("party").is_not_null() & pl.col("d_first").is_null()).select("party", "party_kind", unit="opens"),
            told.select(pl.lit(sides["side_first"]).alias("unit"), pl.all()),
        ],
        how="diagonal",
    ).unique("unit", keep="first").rename({"party": "event", "party_kind": "event_kind"})  # fmt: skip
    context = (
        units.select("unit", "article", "sentence", "party", "letter", "lower")
        .join(events, on="unit", how="left", maintain_order="left")
        .join(countries, on="unit", how="left", maintain_order="left")
        .with_columns(
            bearing=pl.coalesce(pl.when(pl.col("letter").is_in(["A", "P", "R", "S"])).then("party"), "country"),
            event_sentence=pl.when(pl.col("event").is_not_null()).then("sentence"),
        )
        .with_columns(
            pl.col("event", "event_kind", "event_sentence", "bearing").forward_fill().over("article"),
        )
    )  # fmt: skip
    anchor = pl.select(pl.coalesce(pl.lit(frames["d_first"]), pl.lit(frames["cue_first"]), pl.lit(frames["opens"]))).to_series()
    before = (anchor.cast(pl.Int64) - 1).clip(0)
    head = pl.select(pl.coalesce(pl.lit(frames["head_last"]), pl.when(pl.lit(frames["rule"]) == "led_by").then(pl.lit(frames["members_first"])))).to_series()
    head_country = (
        _names_in(frames.with_columns(pl.when(pl.col("rule") == "led_by").then("members_first").otherwise("head_first").alias("head_first"),
                                      pl.when(pl.col("rule") == "led_by").then("members_last").otherwise("head_last").alias("head_last")), units, "head")
        .join(countries, on="unit", how="inner")
        .sort("unit").unique("match", keep="first").select("match", head_country="country")
    )
    near = context["event_sentence"].gather(before)
    gap = context["sentence"].gather(anchor).cast(pl.Int64) - near.cast(pl.Int64)
    same = context["article"].gather(before) == context["article"].gather(anchor)
    frames = frames.join(head_country, on="match", how="left", maintain_order="left").with_columns(
        gap=gap, event=context["event"].gather(before), event_kind=context["event_kind"].gather(before),
        bearing=context["bearing"].gather(before), opening=context["lower"].gather(anchor), same=same,
    )  # fmt: skip
    needs_context = pl.col("rule").is_in(["attends_anew", "it_comprises", "wake", "member_of"])
    anaphor = (
        pl.when(~pl.col("same")).then("head_country")
        .when(needs_context).then(pl.when(pl.col("gap") <= 4).then("event"))
        .when(pl.col("opening").is_in(["sa", "leur"])).then(pl.coalesce("bearing", "event"))
        .when(pl.col("gap") == 0).then("event")
        .otherwise(pl.coalesce("head_country", "event", "bearing"))
    )  # fmt: skip
    return frames.with_columns(party=pl.coalesce("party", anaphor)).with_columns(
        party_kind=pl.coalesce(
            "party_kind", pl.when(pl.col("event") == pl.col("party")).then("event_kind"), _kind_of(pl.col("party"))
        )
    )


def delegation_members(tokens: pl.DataFrame, articles: pl.DataFrame, who: People) -> pl.DataFrame:
    """Who the articles say was in a delegation.

    In: tokens with sentences; the articles they come from; their people. Out: rows of DELEGATION_MEMBERS, one per
    article, delegation and person, sorted by article, delegation and place.
    """
    roles = role_spans(tokens)
    units = _units(tokens, who, roles)
    named = _roles_of_names(units, roles, who.mentions)
    country = who.persons["country"]
    countries = (
        units.filter(pl.col("letter").is_in(["N", "n"]))
        .select("unit", own=pl.lit(country).gather(pl.col("person")))
        .join(
            named.filter(pl.col("rank") < 2).drop_nulls("party").unique("unit", keep="first", maintain_order=True).select("unit", "party"),
            on="unit", how="left", maintain_order="left",
        )
        .select("unit", country=pl.coalesce("party", "own"))
        .drop_nulls()
    )  # fmt: skip
    order = {rule.name: nth for nth, rule in enumerate(RULES)}
    frames = _matches(units, list(RULES)).with_columns(
        order=pl.col("rule").replace_strict(order, return_dtype=pl.UInt8),
        confidence=pl.col("rule").replace_strict({r.name: c for r, c in RULES.items()}, return_dtype=pl.Float64),
    )
    groups = _groups(units, tokens, articles)
    frames = _with_sides(frames, units, groups, countries)
    rows = _rows(frames, units, countries, named, roles)
    rows = pl.concat([rows, _principals(units, who, rows)], how="diagonal_relaxed") if False else rows
    outs = _matches(units, OUT)
    out = _names_in(outs, units, "names").select("unit").unique()
    rows = rows.join(out, on="unit", how="anti", maintain_order="left").filter(pl.col("party").is_not_null())
    return _members(rows, units, tokens, articles, who, named, roles)


def _rows(frames: pl.DataFrame, units: pl.DataFrame, countries: pl.DataFrame, named: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """The names of frames with their side: `unit`, `party`, `party_kind`, `is_head`, `rule`, `confidence`, `order`."""
    keep = ["rule", "confidence", "order", "party", "party_kind", "d_first"]
    listed = _names_in(frames, units, "members", *keep).with_columns(is_head=pl.col("rule").is_in(["with_delegations", "head_mark", "head_mark_first"]))
    led = pl.col("rule") == "led_by"
    nth = pl.int_range(pl.len()).over("match")
    count = pl.len().over("match")
    letters = units["letter"]
    joined = pl.lit(letters).gather(pl.col("unit") - 1)
    listed = listed.with_columns(is_head=pl.col("is_head") | (led & (nth == 0)) | (led & (nth == 1) & (count == 2)))
    heads = _names_in(frames, units, "head", *keep).unique("match", keep="last", maintain_order=True).with_columns(is_head=pl.lit(True))
    both = pl.concat([listed, heads]).join(countries, on="unit", how="left", maintain_order="left")
    own = pl.col("rule").is_in(["with_delegations"]) | (led & (pl.lit(letters).gather(pl.col("d_first")) == "2"))
    both = both.with_columns(
        party=pl.when(own).then("country").otherwise("party"),
        party_kind=pl.when(own).then(_kind_of(pl.col("country"))).otherwise("party_kind"),
    )
    # Who is accompanied is a member by another frame, or an official on a journey with his own country's people.
    company = pl.col("rule").is_in(["accompanied", "accompanied_on"])
    direct = both.filter(~company).sort("order").unique("unit", keep="first")
    official = named.with_columns(category=roles["category"].gather(named["role"]).cast(pl.String)).filter(pl.col("rank") < 2)
    official = official.filter(pl.col("category").is_in(load("delegations")["words"]["official"])).select("unit").unique()
    persons = units.select("unit", "article", "person")
    sided = direct.drop_nulls("party").join(persons, on="unit").drop_nulls("person").unique(["article", "person"], keep="first", maintain_order=True).select("article", "person", side="party", side_kind="party_kind")
    heads_of = (
        both.filter(company & pl.col("is_head"))
        .join(persons, on="unit", how="left").join(sided, on=["article", "person"], how="left")
        .join(official.with_columns(is_official=pl.lit(True)), on="unit", how="left")
        .with_columns(side=pl.coalesce("side", pl.when("is_official").then("country")))
        .select("match", "side", side_kind=pl.coalesce("side_kind", _kind_of(pl.col("side"))))
        .unique("match")
    )
    company_rows = both.filter(company).join(heads_of, on="match", how="left").with_columns(party="side", party_kind="side_kind").drop("side", "side_kind")
    return pl.concat([both.filter(~company), company_rows.select(both.columns)]).with_columns(
        article=pl.lit(units["article"]).gather(pl.col("unit"))
    )


def _members(rows: pl.DataFrame, units: pl.DataFrame, tokens: pl.DataFrame, articles: pl.DataFrame, who: People, named: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """One row per article, delegation and person, as published."""
    rows = rows.with_columns(first=units["first"].gather(rows["unit"]), last=units["last"].gather(rows["unit"]))
    # A single name that only its place in a list tells to be one.
    fresh = rows.filter(pl.lit(units["letter"]).gather(pl.col("unit")) == "n")
    who = with_names(who, fresh, tokens, articles)
    mentions = who.mentions
    rows = rows.join(mentions.select("first", "person"), on="first", how="inner", maintain_order="left")
    # One naming belongs to the frame that says most; one person to one side.
    rows = rows.sort("order", "unit").with_columns(is_head=pl.col("is_head").any().over("unit", "party"))
    rows = rows.unique("unit", keep="first", maintain_order=True)
    rows = rows.sort("article", "person", pl.col("confidence"), "unit", descending=[False, False, True, False])
    rows = rows.with_columns(side=pl.col("party").first().over("article", "person")).filter(pl.col("party") == pl.col("side"))
    rows = rows.sort("unit").group_by("article", "person", maintain_order=True).agg(
        pl.col("party", "party_kind").first(), pl.col("is_head").any(),
        pl.col("rule", "confidence", "first", "last").first(),
    )
    naming = mentions.sort("first").group_by("person", maintain_order=True).agg(
        name_start=pl.coalesce(pl.col("start").filter("is_full").first(), pl.col("start").first()),
        name_end=pl.coalesce(pl.col("end").filter("is_full").first(), pl.col("end").first()),
        person_name=pl.coalesce(pl.col("surface").filter("is_full").first(), pl.col("surface").first()),
        fulls=pl.col("is_full").sum(), all=pl.len(),
    )
    places = mentions.select("first", "person").join(named.rename({"place": "first"}), on="first", how="inner")
    roled = places.sort("rank", "first", maintain_order=True).unique("person", keep="first", maintain_order=True)
    roled = roled.with_columns(
        category=roles["category"].gather(roled["role"]),
        role_start=tokens["start"].gather(roled["role_first"]), role_end=tokens["end"].gather(roled["role_last"]),
    ).select("person", "role_start", "role_end", "category")
    text = pl.lit(articles["text"]).gather(pl.col("article"))
    article_id = pl.lit(articles["article_id"]).gather(pl.col("article"))
    return (
        rows.join(naming, on="person", how="left", maintain_order="left")
        .join(roled, on="person", how="left", maintain_order="left")
        .join(who.persons.select("person", "person_id", "canonical_name"), on="person", how="left", maintain_order="left")
        .pipe(with_sentence_text, tokens, articles)
        .with_columns(article_id=article_id, role=slices(text, pl.col("role_start"), pl.col("role_end")))
        .with_columns(
            member_id=pl.format("{}-m{}", "article_id", "name_start"), delegation="party", delegation_kind="party_kind",
            role_category=pl.when(pl.col("role").is_not_null()).then(pl.coalesce(pl.col("category").cast(pl.String), pl.lit("other"))),
            mention_count=pl.max_horizontal(pl.when(pl.col("fulls") > 0).then("fulls").otherwise("all"), 1),
        )
        .unique(["article_id", "delegation", "person_id"], keep="first", maintain_order=True)
        .select(pl.col(c).cast(t) for c, t in DELEGATION_MEMBERS.polars_schema.items())
        .sort("article_id", "delegation", "name_start")
    )  # fmt: skip
