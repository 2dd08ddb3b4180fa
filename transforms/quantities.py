"""Quantities in a text: a number with its unit or noun, its bounds and its qualifier.

The way: numbers (`numerals`), units and parties of the sentences that hold a number become one atom each; every atom
gets a letter; `NONE` rules strike out the numbers that are no quantity (dates, times of day, names, addresses),
`QUANTITY` rules build quantities around the others. `figures` reads from them what they are about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import polars as pl
import polars.selectors as cs

from transforms.lexicon import load
from transforms.text import Rule, find, find_phrases, layer, phrase_key, tokenize

LETTERS: dict[str, str] = {
    # numbers: plain digits by size, then by how they are written
    "hour": "0", "day": "1", "minute": "2", "few": "3", "year": "4", "past": "5", "many": "6", "grouped": "7",
    "decimal": "8", "spelled": "9", "spelled_year": "Y", "scaled": "S", "fraction": "f", "half": "x", "one": "i",
    "struck": "?",
    # units
    "years": "y", "time": "T", "hours": "H", "hour_sign": "h", "minutes": "N", "seconds": "Z",
    "unit": "U", "metres": "E", "percent": "%", "money": "M", "sign": "$", "cents": "c",
    # words of lexicon/figures.toml
    "of": "d", "to": "a", "au": "A", "and": "e", "or": "o", "between": "b", "on": "r", "by": "p", "the": "l",
    "les": "L", "contre": "t", "time_at": "k", "time_in": "K", "within": "I", "lasting": "g", "all": "q", "month": "m",
    "weekday": "w", "ordinal": "X", "zone": "G", "street": "R", "broadcast": "J", "designator": "D",
    "before_noun": "j", "change": "v", "being": "B", "pointing": "P", "function": "F",
    # other words by their ending and case; names of parties
    "plural": "n", "participle": "z", "singular": "s", "name": "C", "party": "Q",
    # marks
    "joined_hyphen": "-", "dash": "_", "comma": ",", "stop": ".", "colon": ":", "joined_colon": ";", "slash": "/",
    "open": "(", "close": ")", "plus": "+", "degree": "^", "line": "#", "mark": "&",
}  # fmt: skip
MARKS = {
    "\n": "line", "-": "dash", "–": "dash", "—": "dash", "−": "dash", ",": "comma", ";": "comma", ".": "stop",
    "!": "stop", "?": "stop", "…": "stop", ":": "colon", "/": "slash", "(": "open", "[": "open", ")": "close",
    "]": "close", "+": "plus", "°": "degree", "º": "degree",
}  # fmt: skip

TIME_LETTERS = {"a": "years", "mo": "time", "wk": "time", "d": "time", "h": "hours", "min": "minutes"}
_DIGITS = "hour|day|minute|few|year|past|many"
_PLAIN = f"{_DIGITS}|grouped|spelled|spelled_year"
_NUMBER = f"{_PLAIN}|decimal|scaled"
_TIMES = "years|time|hours|hour_sign|minutes|seconds"
_UNITS = f"{_TIMES}|unit|metres|percent|money|sign|cents"
_COUNTED = f"plural|before_noun|{_UNITS}"  # what may follow a number that counts
_START = "(?:^|<line>)"
WEB_MARK = r"^[%=&@_#~?]$"
UNACCENTED = str.maketrans("éèê", "eee")
SHORT_SIGN = r"^(?:\p{L}{1,2}|[°º])$"

# Numbers that are no quantity: the part `none` is struck out.
NONE = (
    Rule("date", none="<hour|day|spelled><ordinal>?(?:<comma|and|or|to|au|joined_hyphen|dash|slash><the>?"
         "<hour|day|spelled><ordinal>?)*<month><year|past|spelled_year>?"),
    Rule("month_year", none="<month><year|past|spelled_year>"),
    Rule("numeric_date", none=f"<{_DIGITS}>(?:<slash|stop|joined_hyphen><{_DIGITS}>){{2}}"),
    Rule("dotted_date", none="<decimal><stop><year>"),
    Rule("weekday", _day="<weekday>", none="<hour|day|spelled>", _after=f"<^{_COUNTED}>"),
    Rule("the_day", _the="<the>", none=f"<{_DIGITS}|spelled|spelled_year>", _after=f"<^{_UNITS}>"),
    Rule("since_year", _when="<time_in|time_at|within|month|designator>", none="<year|past|spelled_year>",
         _after=f"<^{_UNITS}>"),
    Rule("years", none="<year>(?:<joined_hyphen|dash|slash|and|to|au|or><year|hour|day|minute>)+",
         _after=f"<^{_COUNTED}>"),
    Rule("year", none="<year>", _after=f"<^{_COUNTED}|joined_hyphen|to|and|or>"),
    Rule("year_pair", none="<year>", _and="<to|and|or>", _after=f"<^{_NUMBER}>"),
    Rule("hours_pair", none="<hour><hours|hour_sign><hour|day|minute>?<to|and|au|joined_hyphen|dash>"
         "<hour><hours|hour_sign><hour|day|minute>?"),
    Rule("hours_pair", none="<spelled><hours><to|and><spelled><hours>"),
    Rule("clock", _before="(?:^|<^lasting|les|of|within|by>)", none="<hour><hour_sign><hour|day|minute>",
         _after="<^of>"),
    Rule("clock", _at="<to|time_at>", none="<hour><hour_sign><hour|day|minute>"),
    Rule("clock_hour", _before="(?:^|<^lasting|les|of|within|by|between>)", none="<hour><hour_sign>",
         _after="<^of|hour|day|minute>"),
    Rule("clock_at", _at="<to|time_at>",
         none="<hour|spelled><hours>(?:<hour|day|minute|spelled>|<and><half|fraction>)?",
         _after="<^of>"),
    Rule("clock_at_minutes", none="<hour><hours><hour|day|minute>", _after=f"<^{_COUNTED}>"),
    Rule("clock_zone", none="<hour><hours|hour_sign><hour|day|minute>?", _zone="<zone>"),
    Rule("the_hour", _the="<the>|<broadcast><of>", none="<hour|spelled><hours|hour_sign>"),
    Rule("digital_clock", none="<hour><joined_colon><hour|day|minute>"),
    Rule("around_the_clock", none="<hour><hours|hour_sign|time><on|slash><hour><hours|hour_sign|time>?"),
    Rule("ordinal", none=f"<{_DIGITS}><ordinal>"),
    Rule("designated", _name="<designator|degree>", none=f"<{_DIGITS}|decimal>(?:<comma|and|to|au|or|joined_hyphen>"
         f"<{_DIGITS}>)*", _after=f"<^{_UNITS}>"),
    Rule("named", _name="<name>", none=f"<{_DIGITS}>", _after=f"<^{_COUNTED}|name|joined_hyphen|to>"),
    Rule("address", none=f"<{_DIGITS}><comma>?<street>"),
    Rule("postal_code", _before="<comma|open|line|dash>", none="<year|past|many>", _town="<name|party>"),
    Rule("phone", none=f"<plus>?<{_DIGITS}|grouped>(?:<joined_hyphen|stop|slash>?<{_DIGITS}|grouped>){{3,}}"),
    Rule("phone_code", none=f"<plus><{_DIGITS}|grouped>(?:<{_DIGITS}|grouped>)+"),
    Rule("score", none=f"<{_DIGITS}><joined_hyphen><{_DIGITS}>", _after=f"<^{_COUNTED}>"),
    Rule("note", _open="<open>", none=f"<{_DIGITS}>", _close="<close>"),
    Rule("item", _line=_START, none=f"<{_DIGITS}>", _mark="<stop|close|degree>"),
    Rule("item_in_line", _before="<comma|colon|and|stop>", none=f"<{_DIGITS}>", _mark="<close>"),
    Rule("pronoun", _all="<lasting><les>?", none="<spelled>", _after=f"<^{_COUNTED}|name>"),
    Rule("in_so_many", _in="<within|to>", none="<spelled>",
         _after=f"<^{_COUNTED}|participle|name|of|to|or|and|joined_hyphen|singular>"),
)  # fmt: skip

_ADJECTIVES = "<before_noun>{0,3}"
_NAME = "<name>(?:<joined_hyphen><struck>)?"
_UNIT = f"<{_UNITS}>"
_PLAIN_TAIL = f"(?:{_ADJECTIVES}(?:{_UNIT}|<plural|participle|designator|broadcast>|{_NAME})|<before_noun>)"
_DECIMAL_TAIL = f"(?:{_ADJECTIVES}(?:{_UNIT}|<plural|singular>))"
_SCALED_TAIL = f"(?:<of>?{_ADJECTIVES}{_UNIT}|<of>{_ADJECTIVES}(?:<plural|participle|singular|designator>|{_NAME}))"
_HALF = "(?:<and><half|fraction>)?"


def _with_tails(name: str, **before: str) -> tuple[Rule, ...]:
    """A rule for numbers that take their noun at once, for decimals (no names), and for those that take « de »."""
    return (
        Rule(name, **before, number=f"<{_PLAIN}>", tail=f"{_PLAIN_TAIL}?", more=_HALF),
        Rule(name, **before, number="<decimal>", tail=f"{_DECIMAL_TAIL}?", more=_HALF),
        Rule(name, **before, number="<scaled>", tail=f"{_SCALED_TAIL}?", more=_HALF),
    )


_LOW = {"low": f"<{_NUMBER}|one>", "low_tail": f"(?:<of>?{_UNIT})?"}
# Quantities, the longest at a place first; `low` is the lower bound of a range, `minor` a smaller unit.
QUANTITY = (
    Rule("sign_first", unit="<sign>", number=f"<{_NUMBER}>"),
    Rule("ratio", number=f"<{_PLAIN}|one>",
         tail=f"(?:{_ADJECTIVES}(?:<plural|participle|singular>|{_NAME}))?", _on="<on>",
         minor=f"<{_PLAIN}>", _after=f"<^{_COUNTED}|name|participle>"),
    Rule("slash", number="<hour|day|minute|few>", _slash="<slash>", minor="<hour|day|minute|few>",
         tail=f"(?:<of>?{_UNIT})?"),
    *_with_tails("between", _between="<between>", **_LOW, _and="<and>"),
    *_with_tails("from_to", **_LOW, _to="<to|or>|<joined_hyphen>"),
    *(
        Rule("and_minor", number=f"<{_PLAIN}|one>", tail=f"<{major}>", _and="<and|comma>?",
             minor=f"<{_PLAIN}|decimal|one>", minor_tail=f"<{minor}>")
        for major, minor in (
            ("years", "time"), ("hours|hour_sign", "minutes"), ("minutes", "seconds"), ("money|sign", "cents"),
        )
    ),
    Rule("bare_minor", number=f"<{_PLAIN}|one>", tail="<hours|hour_sign|money|metres>",
         minor="<hour|day|minute|spelled>",
         _after=f"<^{_COUNTED}|name|participle>"),
    *_with_tails("plain"),
    Rule("fraction", number="<fraction|half>", tail=f"(?:<of>?{_UNIT})?"),
    Rule("one", number="<one>", tail=f"<{_UNITS.removesuffix('|cents')}>", more=_HALF),
)  # fmt: skip


@cache
def word_letters() -> pl.DataFrame:
    """The classes of words and marks: `lower`, `letter`."""
    rows = {word: LETTERS[kind] for kind, words in reversed(load("figures")["words"].items()) for word in words}
    rows |= {mark: LETTERS[kind] for mark, kind in MARKS.items()}
    return pl.DataFrame({"lower": list(rows), "letter": list(rows.values())})


@cache
def unit_phrases() -> pl.DataFrame:
    """Units and currencies as `find_phrases` reads them.

    `phrase`, `spelling` (what the words must be where case counts, else null), `letter`, `kind`, `unit`, `factor`, and
    `money`: the ambiguous word that the currency is one reading of, null where the words name one currency.
    """
    rows: list[tuple[str, str | None, str, str, str, float, str | None]] = []
    for unit in load("units")["unit"]:
        kind, code, factor = unit["kind"], unit["code"], float(unit.get("factor", 1))
        time = TIME_LETTERS.get(code, "seconds")
        letter = {"percent": "percent", "duration": time}.get(kind, "metres" if code == "m" else "unit")
        # Texts without accents write « metres », « degres ».
        words = dict.fromkeys(form for word in unit["words"] for form in (word, word.translate(UNACCENTED)))
        rows += [(word, None, letter, kind, code, factor, None) for word in words]
        rows += [(f"demi-{word}", None, letter, kind, code, factor / 2, None) for word in words if word.isalpha()]
        sign = "hour_sign" if code == "h" else letter
        rows += [(mark, mark, sign, kind, code, factor, None) for mark in unit["symbols"]]
    rows.append(("H", "H", "hour_sign", "duration", "h", 1.0, None))
    # Where words name parts of several (« cent »), the first to come is the default: that of the dollar.
    currencies = sorted(load("currencies")["currency"], key=lambda currency: bool(currency["code"] != "USD"))
    ambiguous = {word for currency in currencies for word in currency.get("ambiguous", [])}
    for currency in currencies:
        code, own = currency["code"], currency.get("ambiguous", [])
        rows += [(w, None, "money", "money", code, 1.0, w if w in ambiguous else None) for w in currency["nouns"]]
        rows += [
            (f"{word} {adjective}", None, "money", "money", code, 1.0, None)
            for word in {*currency["nouns"], *own}
            for adjective in currency.get("adjectives", [])
        ]
        rows += [(w, w, "sign", "money", code, 1.0, w if w in ambiguous else None) for w in currency["symbols"]]
        rows += [
            (word, None, "cents", "money", code, 1 / parts, word)
            for *words, parts in currency.get("subunits", [])
            for word in dict.fromkeys(words)
        ]
    schema = dict.fromkeys(("text", "spelling", "letter", "kind", "unit"), pl.String)
    found = pl.DataFrame(rows, schema={**schema, "factor": pl.Float64, "money": pl.String}, orient="row").filter(
        ~pl.col("text").str.contains(r"\.$|^quarts? ")
    )
    # Case is checked on the first token: « $ CA » must begin with « $ », « MW » is no « mW ».
    first = tokenize(found.select("text")).unique("article", keep="first", maintain_order=True)["form"]
    return (
        found.with_columns(
            pl.col("letter").replace_strict(LETTERS),
            phrase=pl.Series(phrase_key(found["text"].to_list())),
            spelling=pl.when(pl.col("spelling").is_not_null()).then(first),
            money=pl.col("money").str.strip_suffix("s"),
        )
        .unique(["phrase", "spelling"], keep="first", maintain_order=True)
        .drop("text")
    )


def _apart(spans: pl.DataFrame, others: pl.DataFrame, *, by_first: bool = False) -> pl.DataFrame:
    """The spans that touch none of the others; with `by_first`, those whose first token stands in none.

    Both have `first`, `last` in text order, the others do not overlap.
    """
    if others.is_empty():
        return spans
    reach = spans["first"] if by_first else spans["last"]
    before = others["first"].search_sorted(reach, side="right").cast(pl.Int64) - 1
    ends = others["last"].gather(before.clip(lower_bound=0))
    return spans.filter((before < 0) | (ends < spans["first"]))


def _letter_of_number() -> pl.Expr:
    """The class of a number (`numerals`)."""
    value, written = pl.col("value"), pl.col("written")
    kind = (
        pl.when(pl.col("letters").str.contains("b(?:e.*)?$") | (written == "collective"))
        .then(pl.lit("scaled"))
        .when(pl.col("letters").str.contains("^h$"))
        .then(pl.lit("half"))
        .when(written.is_in(["fraction", "one", "grouped", "decimal"]))
        .then("written")
        .when(written == "words")
        .then(pl.when(value.is_between(1900, 2100)).then(pl.lit("spelled_year")).otherwise(pl.lit("spelled")))
        .when(value <= 24)
        .then(pl.lit("hour"))
        .when(value <= 31)
        .then(pl.lit("day"))
        .when(value < 60)
        .then(pl.lit("minute"))
        .when(value < 1000)
        .then(pl.lit("few"))
        .when(value.is_between(1900, 2100))
        .then(pl.lit("year"))
        .when(value < 2200)
        .then(pl.lit("past"))
        .otherwise(pl.lit("many"))
    )
    return kind.replace_strict(LETTERS, return_dtype=pl.String)


def _letter_of_form() -> pl.Expr:
    """The class of a word or mark by itself. Works on `form`, `lower`, `is_capital`."""
    known = word_letters()
    lower = pl.col("lower")
    by_ending = (
        pl.when(pl.col("is_capital"))
        .then(pl.lit(LETTERS["name"]))
        .when(lower.str.contains(r"(?:és|ées)$"))
        .then(pl.lit(LETTERS["participle"]))
        .when(lower.str.contains(r"\p{L}.*[sxz]$"))
        .then(pl.lit(LETTERS["plural"]))
        .when(lower.str.contains(r"\p{L}"))
        .then(pl.lit(LETTERS["singular"]))
        .otherwise(pl.lit(LETTERS["mark"]))
    )
    return pl.coalesce(
        lower.replace_strict(known["lower"].to_list(), known["letter"].to_list(), default=None), by_ending
    )


@dataclass(frozen=True)
class Atoms:
    """The sentences with numbers as atoms: a number, a unit or the name of a party is one, any other token too.

    `frame` has one row per atom in text order, and one for a line end put behind each article: `first`, `last` (token
    places), `form_id`, `letter`, `span` (row in `spans`, null for other tokens). What an atom is besides is looked up
    where it is asked for: in `spans` (`value`, `low`, `scale`, `written` of numbers, `kind`, `unit`, `factor`, `money`
    of units, `party`, `party_form` of parties), in `forms` (one row per distinct form of its first token) or in
    `tokens`.
    """

    frame: pl.DataFrame
    spans: pl.DataFrame
    forms: pl.DataFrame
    tokens: pl.DataFrame

    def at(self, column: str, place: pl.Series, by: int = 0) -> pl.Series:
        """The values of the atoms `by` behind (or before, where negative) the places; null beyond the edges."""
        # Below zero, unsigned numbers turn null or large.
        place = place.cast(pl.UInt32, strict=False)
        place = place - -by if by < 0 else place + by
        beyond = place >= self.frame.height
        place = place.set(beyond, None) if beyond.any() else place
        for table, key in ((self.spans, "span"), (self.forms, "form_id"), (self.tokens, "first")):
            if column in table.columns and column not in self.frame.columns:
                return table[column][self.frame[key][place]]
        return self.frame[column][place]

    def where(self, test: pl.Expr) -> pl.Series:
        """The places of the atoms whose form passes a test."""
        return self.forms.select(test.fill_null(value=False)).to_series()[self.frame["form_id"]].arg_true()

    def numbers(self) -> pl.Series:
        """The places of numbers."""
        places = self.frame["span"].is_not_null().arg_true()
        return places.filter(self.at("value", places).is_not_null())

    def words(self, *letters: str) -> pl.Series:
        """The places of words and marks of some classes, by their form."""
        places = self.where(pl.col("letter").is_in([LETTERS[name] for name in letters]))
        return places.filter(self.frame["span"][places].is_null())


def _units(tokens: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """Occurrences of units and currencies: `first`, `last` (tokens) and the columns of `unit_phrases`.

    A sign of one or two letters is one only behind a number.
    """
    found = find_phrases(tokens, unit_phrases())
    behind = (found["first"] - 1).is_in(numbers["last"].implode())
    form, phrase, spelling = tokens["form"].gather(found["first"]), pl.col("phrase"), pl.col("spelling")
    # « aud$ 15 » is written in any case, « MW » and « mW » are two units.
    spelled = (spelling == pl.col("form")) | phrase.str.contains("$", literal=True)
    return (
        found.with_columns(form=form, behind=behind)
        .filter(spelling.is_null() | (spelled & (pl.col("behind") | ~phrase.str.contains(SHORT_SIGN))))
        .unique("first", keep="first", maintain_order=True)
        .drop("phrase", "spelling", "form", "behind")
    )


def _sentences(tokens: pl.DataFrame, numbers: pl.DataFrame) -> pl.Series:
    """For every sentence, by its number, whether it may hold a quantity.

    « un » alone is a reason only where a unit follows.
    """
    starts = unit_phrases()["phrase"].str.split(" ").list.first().unique()
    following = tokens["lower"].gather(numbers["last"] + 1, null_on_oob=True)
    wanted = numbers.filter((pl.col("written") != "one") | following.is_in(starts.implode()))
    none = pl.repeat(False, int(tokens["sentence"][-1]) + 1, dtype=pl.Boolean, eager=True)
    return none.scatter(tokens["sentence"].gather(wanted["first"]), True)


def _atoms(tokens: pl.DataFrame, forms: pl.DataFrame, numbers: pl.DataFrame, named: pl.DataFrame) -> Atoms:
    """The atoms of a text, by its forms, numbers and parties."""
    sentences = _sentences(tokens, numbers)

    def within(spans: pl.DataFrame) -> pl.DataFrame:
        """The spans in the sentences that may hold a quantity."""
        return spans.filter(sentences.gather(tokens["sentence"].gather(spans["first"])))

    names = within(named.filter(pl.col("form").is_in(["name", "capital", "institution"])))
    # A party's name may hold a number (« M23 »), and so may a unit (« m2 »).
    digits = _apart(within(numbers).with_columns(letter=_letter_of_number()), names)
    units = _apart(_apart(within(_units(tokens, digits)), digits, by_first=True), names)
    digits = _apart(digits, units, by_first=True)
    names = _apart(_apart(names, digits), units)
    spans = pl.concat(
        [
            digits.drop("letters"),
            units,
            names.select("first", "last", "party", party_form="form", letter=pl.lit(LETTERS["party"])),
        ],
        how="diagonal",
    ).sort("first")
    # The words of a span behind its first are no atoms of their own.
    inner = spans.filter(pl.col("last") > pl.col("first")).select(
        place=pl.int_ranges(pl.col("first") + 1, pl.col("last") + 1)
    )
    kept = sentences.gather(tokens["sentence"]).scatter(inner["place"].explode(empty_as_null=False), False)
    forms = forms.with_columns(letter=_letter_of_form())
    # A line end behind each article keeps rules from running over.
    token = kept.arg_true()
    article = tokens["article"].gather(token)
    ends = (article != article.shift(-1)).fill_null(value=True).arg_true()
    ends = ends + pl.int_range(1, len(ends) + 1, dtype=pl.UInt32, eager=True)
    is_end = pl.repeat(False, len(token) + len(ends), dtype=pl.Boolean, eager=True).scatter(ends, True)
    first = token.gather(pl.int_range(len(is_end), dtype=pl.UInt32, eager=True) - is_end.cum_sum())
    form_id = tokens["form_id"].gather(first).scatter(ends, forms.height - 1)
    places = first.search_sorted(spans["first"])
    frame = pl.DataFrame(
        {
            "first": first,
            "last": first.clone().scatter(places, spans["last"]),
            "form_id": form_id,
            "letter": forms["letter"].gather(form_id).scatter(places, spans["letter"]),
            "span": pl.repeat(None, len(first), dtype=pl.UInt32, eager=True).scatter(
                places, pl.int_range(spans.height, dtype=pl.UInt32, eager=True)
            ),
        }
    )
    return _in_place(Atoms(frame, spans.drop("first", "last", "letter"), forms, tokens))


def distinct_forms(tokens: pl.DataFrame) -> pl.DataFrame:
    """`form`, `lower`, `is_capital` of every distinct form of a text, by `form_id`, and of a line end behind all."""
    forms = tokens.select("form", "lower", "is_capital")[tokens["form_id"].arg_unique()]
    line = pl.DataFrame({"form": ["\n"], "lower": ["\n"], "is_capital": [False]})
    return pl.concat([forms, line], rechunk=True)


def _with_letters(atoms: Atoms, places: pl.Series, letters: pl.Series | str) -> Atoms:
    """The atoms with other letters at some places."""
    return replace(atoms, frame=atoms.frame.with_columns(letter=atoms.frame["letter"].scatter(places, letters)))


def _in_place(atoms: Atoms) -> Atoms:
    """The atoms, their letters set right by their neighbours."""
    hyphens = ["-", "‑", "–"]
    marks = atoms.where(pl.col("form").is_in(hyphens) | pl.col("letter").is_in([LETTERS["colon"], LETTERS["ordinal"]]))
    near = pl.DataFrame([atoms.at(c, marks) for c in ("form", "letter", "is_joined")]).with_columns(
        joins=atoms.at("is_joined", marks, 1).fill_null(value=False)
    )
    letter, joined, joins = pl.col("letter"), pl.col("is_joined"), pl.col("joins")
    letters = near.select(
        pl.when(joined & joins & pl.col("form").is_in(hyphens))
        .then(pl.lit(LETTERS["joined_hyphen"]))
        .when((letter == LETTERS["colon"]) & joined & joins)
        .then(pl.lit(LETTERS["joined_colon"]))
        .when((letter == LETTERS["ordinal"]) & ~joined)
        .then(pl.lit(LETTERS["singular"]))
        .otherwise(letter)
    ).to_series()
    atoms = _with_letters(atoms, marks, letters)
    # What makes a number a name is joined to it, but for number words.
    numbers = atoms.numbers()
    numbers = numbers.filter(
        atoms.at("is_joined", numbers) | atoms.at("is_joined", numbers, 1) | (atoms.at("written", numbers) == "words")
    )
    columns = ("form", "lower", "is_joined", "is_capital", "written", "letter", "value", "kind")
    near = pl.DataFrame(
        [
            atoms.at(c, numbers, by).alias(f"{c}{by:+d}" if by else c)
            for by, wanted in ((-2, "form value kind"), (-1, "form letter value kind"), (0, " ".join(columns[1:5])),
                               (1, "form is_joined letter value kind"), (2, "form is_joined value kind"))
            for c in wanted.split()
        ]
    )  # fmt: skip
    return _with_letters(atoms, numbers.filter(near.select(_is_name()).to_series()), LETTERS["struck"])


def _is_name() -> pl.Expr:
    """Whether a number is part of a name or an address, by its neighbours (`<column>-2` … `<column>+2`)."""

    def letter_at(by: str, *names: str) -> pl.Expr:
        return pl.col(f"letter{by}").is_in([LETTERS[name] for name in names])

    def is_plain(by: str) -> pl.Expr:
        return pl.col(f"value{by}").is_null() & pl.col(f"kind{by}").is_null()

    joined, joins = pl.col("is_joined"), pl.col("is_joined+1")
    ends_word, begins_word = r"\p{L}$", r"^\p{L}"
    # « M23 », « F-16 »; « 2A6 », « 5-CHT »; a unit or the ending of a rank may follow at once.
    glued_before = joined & (
        (is_plain("-1") & pl.col("form-1").str.contains(ends_word))
        | (letter_at("-1", "joined_hyphen") & is_plain("-2") & pl.col("form-2").str.contains(ends_word))
    )
    glued_after = joins & (
        (is_plain("+1") & pl.col("form+1").str.contains(begins_word) & ~letter_at("+1", "ordinal"))
        & (pl.col("written") != "words")
    )
    glued_hyphen = letter_at("+1", "joined_hyphen") & is_plain("+2") & pl.col("form+2").str.contains(begins_word)
    # « les Vingt-Sept »: a number word capitalised inside a sentence.
    opens = letter_at("-1", "stop", "colon", "line", "mark", "dash", "open") | pl.col("letter-1").is_null()
    is_title = (pl.col("written") == "words") & pl.col("is_capital") & ~opens
    # « neuf » behind a noun is new.
    is_new = (
        pl.col("lower").is_in(["neuf", "neufs"])
        & letter_at("-1", "singular", "plural", "name")
        & ~letter_at("+1", "plural", "before_noun", *_UNITS.split("|"))
    )
    # Numbers in addresses of the web: « ?id=28%20 ».
    in_address = (
        (joined & pl.col("form-1").str.contains(WEB_MARK))
        | (joins & pl.col("form+1").is_in(["=", "&", "@", "_"]))
        | (joins & (pl.col("form+1") == "%") & pl.col("is_joined+2") & pl.col("form+2").str.contains(r"^[\p{L}\p{N}%]"))
    )
    return pl.any_horizontal(
        test.fill_null(value=False) for test in (glued_before, glued_after, glued_hyphen, is_title, is_new, in_address)
    )


def _strike(atoms: Atoms) -> Atoms:
    """The atoms, the numbers that are no quantity struck out."""
    none = find(layer(atoms.frame["letter"]), NONE, LETTERS).select(
        place=pl.int_ranges("none_first", pl.col("none_last") + 1)
    )
    places = none["place"].explode(empty_as_null=False).unique()
    return _with_letters(atoms, places.filter(atoms.at("value", places).is_not_null()), LETTERS["struck"])


def _found(atoms: Atoms) -> pl.DataFrame:
    """Quantities as spans of atoms: `rule`, `first`, `last` and the places of their parts; none overlaps another."""
    found = find(layer(atoms.frame["letter"]), QUANTITY, LETTERS)
    edges = [c for c in found.columns if c != "rule"]
    cover = pl.col("last").cum_max().shift(1)
    return (
        found.with_columns(first=pl.min_horizontal(edges), last=pl.max_horizontal(edges))
        .sort("first", "last", descending=[False, True], maintain_order=True)
        .filter((pl.col("first") > cover).fill_null(value=True))
    )


SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "wk": 604800.0}
MONTHS = {"mo": 1.0, "a": 12.0}
CHANGE_REACH = 6  # atoms between a verb of change and the bounds it moves between
RATIO_LIMIT = 10_000
SHARED_SCALE = 50  # a lower bound beyond so many times the upper one has a scale of its own


def since(atoms: Atoms, held: pl.Series, places: pl.Series) -> pl.Series:
    """For places, how many atoms back the last mark in their sentence is (0: there); null where there is none.

    `held` has the places of the marks, in order.
    """
    return _apart_from(atoms, held, places, held.search_sorted(places, side="right").cast(pl.Int64) - 1)


def until(atoms: Atoms, holds: pl.Series, places: pl.Series) -> pl.Series:
    """For places, how many atoms on the next mark in their sentence is (0: there); null where there is none."""
    return _apart_from(atoms, holds, places, holds.search_sorted(places, side="left").cast(pl.Int64))


def _apart_from(atoms: Atoms, held: pl.Series, places: pl.Series, number: pl.Series) -> pl.Series:
    """The distance of places from the numbered mark, where both stand in one sentence."""
    inside = pl.select(pl.when(number.is_between(0, len(held) - 1)).then(number)).to_series()
    mark = held.gather(inside)
    same = atoms.at("sentence", mark) == atoms.at("sentence", places)
    return pl.select(pl.when(same).then((places.cast(pl.Int64) - mark.cast(pl.Int64)).abs())).to_series()


def _parts(atoms: Atoms, found: pl.DataFrame) -> pl.DataFrame:
    """What the atoms of every quantity say: `at` and `end` are the places of its number and of its unit or noun."""
    end = found.select(pl.coalesce("tail_last", "unit_last")).to_series()

    def read(prefix: str, place: pl.Series, *columns: str) -> list[pl.Series]:
        return [atoms.at(c, place).alias(f"{prefix}{c}") for c in columns]

    return found.with_columns(
        *read("", found["number_first"], "value", "scale", "written", "article", "sentence"),
        *read("", end, "kind", "unit", "factor", "money"),
        *read("low_", found["low_first"], "value", "scale", "written"),
        *read("low_", found["low_tail_last"], "kind", "unit", "factor"),
        *read("minor_", found["minor_first"], "value"),
        *read("minor_", found["minor_tail_last"], "unit", "factor"),
        *read("more_", found["more_last"], "value"),
        pair=atoms.at("low", found["number_first"]),
        end=end,
        at=found["number_first"],
        separator=atoms.at("lower", found["first"], -1),
        since_change=since(atoms, atoms.words("change"), found["first"]),
    )


def _with_bounds(parts: pl.DataFrame) -> pl.DataFrame:
    """Ranges get `value_low` and `value_high`; what only looks like one (« passer de 99 à 340 ») becomes two rows.

    A scale word behind the upper bound counts for the lower one too, where that keeps it the lower.
    """
    mantissa = pl.col("value") / pl.col("scale")
    shares = (pl.col("low_scale") < pl.col("scale")) & (pl.col("low_value") < mantissa * SHARED_SCALE)
    low = pl.col("low_value") * pl.when(shares).then("scale").otherwise(1.0)
    same_unit = pl.col("low_unit").is_null() | (pl.col("low_unit") == pl.col("unit"))
    changed = (pl.col("rule") == "from_to") & (pl.col("since_change") <= CHANGE_REACH)
    is_range = pl.col("low_first").is_not_null() & (low < pl.col("value")) & same_unit & ~changed.fill_null(value=False)
    told = parts.with_columns(is_range=is_range.fill_null(value=False), low_value=low)
    split = told.filter(pl.col("low_first").is_not_null() & ~pl.col("is_range"))
    # The lower number of a pair alone, with the unit of the upper one where it has none.
    lower = split.filter(pl.col("low_written") != "one").with_columns(
        rule=pl.lit("pair"),
        last=pl.coalesce("low_tail_last", "low_first"),
        at="low_first",
        end=pl.col("low_tail_last"),
        value="low_value",
        scale="low_scale",
        written="low_written",
        kind=pl.coalesce("low_kind", "kind"),
        unit=pl.coalesce("low_unit", "unit"),
        factor=pl.coalesce("low_factor", "factor"),
        noun="end",
        more_value=pl.lit(None, dtype=pl.Float64),
    )
    upper = split.with_columns(first=pl.col("number_first"), rule=pl.lit("plain"))
    kept = told.join(split.select("at"), on="at", how="anti", maintain_order="left")
    return (
        pl.concat([kept, upper, lower], how="diagonal_relaxed")
        .sort("first")
        .with_columns(
            value_low=pl.coalesce(pl.when("is_range").then("low_value"), "pair"),
            value_high=pl.when(pl.col("is_range") | pl.col("pair").is_not_null()).then("value"),
            noun=pl.coalesce("noun", "end"),
        )
        .with_columns(value=pl.coalesce((pl.col("value_low") + pl.col("value_high")) / 2, "value"))
    )


def _with_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Values in their unit: factors, halves, smaller units and ratios applied. Impossible ratios go."""
    rule, unit, minor_unit = pl.col("rule"), pl.col("unit"), pl.col("minor_unit")
    of_major = unit.replace_strict(SECONDS | MONTHS, default=None)
    of_minor = pl.coalesce(minor_unit, pl.lit("min")).replace_strict(SECONDS | MONTHS, default=None)
    is_money = pl.col("kind") == "money"
    has_minor = rule.is_in(["and_minor", "bare_minor"])
    plain = (pl.col("value") + pl.col("more_value").fill_null(0.0)) * pl.col("factor").fill_null(1.0)
    value = (
        pl.when(rule.is_in(["ratio", "slash"]))
        .then(pl.col("value") / pl.col("minor_value"))
        .when(has_minor & (is_money | (unit == "m")))
        .then(pl.col("value") + pl.col("minor_value") * pl.coalesce("minor_factor", 1 / 100))
        .when(has_minor)
        .then(pl.col("value") * of_major / of_minor + pl.col("minor_value"))
        .otherwise(plain)
    )
    is_ratio = rule.is_in(["ratio", "slash"])
    possible = (pl.col("value") < pl.col("minor_value")) & (pl.col("minor_value") <= RATIO_LIMIT)
    return rows.filter(~is_ratio | possible).with_columns(
        value=value,
        value_low=pl.col("value_low") * pl.col("factor").fill_null(1.0),
        value_high=pl.col("value_high") * pl.col("factor").fill_null(1.0),
        unit=pl.when(is_ratio & pl.col("kind").is_null())
        .then(pl.lit("1"))
        .when(has_minor & (pl.col("kind") == "duration"))
        .then(pl.coalesce(minor_unit, pl.lit("min")))
        .otherwise(unit),
        kind=pl.when(is_ratio & pl.col("kind").is_null()).then(pl.lit("count")).otherwise("kind"),
    )


def _with_sign(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Negative numbers: « -14 degrés », « moins cinq degrés », « dix degrés sous zéro »; the span has the sign."""
    before, after, then = (atoms.at("lower", rows[p], k) for p, k in (("first", -1), ("last", 1), ("last", 2)))
    is_dashed = before.is_in(["-", "–", "−"]) & atoms.at("is_joined", rows["first"])
    is_dashed = is_dashed & ~atoms.at("is_joined", rows["first"], -1)
    dashed = is_dashed & rows["kind"].is_in(["temperature", "percent", "money"])
    minus = (before == "moins") & ~atoms.at("lower", rows["first"], -2).is_in(["au", "du", "ou", "plus"])
    below = ((after == "sous") & then.is_in(["zéro", "zero"])) | (
        after.is_in(["en-dessous", "au-dessous"]) | ((after == "en") & (then == "dessous"))
    )
    is_temperature = rows["kind"] == "temperature"
    signed = (dashed | (minus & is_temperature)).fill_null(value=False)
    negative = signed | (below & is_temperature).fill_null(value=False)
    return rows.with_columns(
        first=pl.when(signed).then(pl.col("first") - 1).otherwise("first"),
        value=pl.when(negative).then(-pl.col("value")).otherwise("value"),
    )


ARTICLES_BEFORE = ["le", "la", "l'", "les", "des", "ces", "ses", "leurs", "nos", "un", "une"]


@cache
def qualifier_phrases() -> pl.DataFrame:
    """Qualifiers as `find_phrases` reads them: `phrase`, `qualifier`, `side` (before|after)."""
    rows = [
        (word, entry["kind"], side)
        for entry in load("figures")["qualifier"]
        for side in ("before", "after")
        for word in entry[side]
    ]
    found = pl.DataFrame(rows, schema=["text", "qualifier", "side"], orient="row")
    return found.with_columns(phrase=pl.Series(phrase_key(found["text"].to_list()))).drop("text")


def _qualifiers(atoms: Atoms, side: str, edges: pl.Series) -> pl.DataFrame:
    """Occurrences of the qualifiers of a side: `first`, `last` (places of atoms) and the columns of their lexicon.

    They are looked for around the places where they would have to end (before) or begin (after).
    """
    phrases = qualifier_phrases().filter(side=side)
    words = phrases["phrase"].str.split(" ")
    known = words.list.last() if side == "before" else words.list.first()
    edges = edges.filter(atoms.at("lower", edges).is_in(known.unique().implode()).fill_null(value=False)).cast(pl.Int64)
    reach = 2 * max(words.list.len())
    places = pl.concat([edges + by for by in range(-reach, reach + 1)]).unique().sort()
    places = places.filter(places.is_between(0, atoms.frame.height - 1)).cast(pl.UInt32)
    near = pl.DataFrame({c: atoms.at(c, places) for c in ("form_id", "lower")})
    near = near.with_columns(article=(places.diff() != 1).fill_null(value=True).cum_sum())
    found = find_phrases(near, phrases)
    return found.with_columns(first=places[found["first"]], last=places[found["last"]])


def _with_qualifiers(rows: pl.DataFrame, atoms: Atoms) -> pl.DataFrame:
    """Add `qualifier`, and `qualifier_first`, `qualifier_last`: the atoms of its words, null where none are given."""
    first = rows["first"].cast(pl.Int64)
    skips = atoms.at("lower", rows["first"], -1).is_in(ARTICLES_BEFORE)
    before = _qualifiers(
        atoms, "before", pl.concat([first - 1, (first - 2).filter(skips.fill_null(value=False))])
    ).select(qualifier_first="first", qualifier_last="last", before="qualifier", before_text="phrase")
    after = _qualifiers(atoms, "after", rows["last"] + 1).select(
        after_first="first", after_last="last", after="qualifier"
    )
    ends = before.with_columns(key=pl.col("qualifier_last").cast(pl.Int64) + 1)
    placed = (
        rows.with_columns(key=first, skipped=pl.when(skips).then(first - 1), behind=pl.col("last").cast(pl.Int64) + 1)
        .join(ends, on="key", how="left", maintain_order="left")
        .join(ends, left_on="skipped", right_on="key", how="left", maintain_order="left", suffix="_skip")
        .join(
            after.with_columns(behind=pl.col("after_first").cast(pl.Int64)),
            on="behind",
            how="left",
            maintain_order="left",
        )
    )
    placed = placed.with_columns(
        **{c: pl.coalesce(c, f"{c}_skip") for c in ("qualifier_first", "before", "before_text")},
        qualifier_last=pl.when(
            pl.col("qualifier_first").is_not_null() | pl.col("qualifier_first_skip").is_not_null()
        ).then(first - 1),
    )
    # Deadlines: « sous 45 jours », « dans les 40 jours » bound a length of time, nothing else.
    is_deadline = pl.col("before_text").str.contains(r"^(?:sous|dans les|dans un|d' ici)")
    text = (
        pl.when(is_deadline & (pl.col("before") == "at_most") & pl.col("kind").ne_missing("duration"))
        .then(None)
        .otherwise(pl.col("before"))
    )
    is_under = (pl.col("before_text") == "sous les") & (pl.col("kind") == "duration")
    is_vague = pl.col("written") == "collective"
    has_bounds = pl.col("value_low").is_not_null()
    between = has_bounds & pl.col("separator").is_in(["entre", "de", "d'"])
    place = first - 1
    return placed.with_columns(
        qualifier=pl.when(has_bounds)
        .then(pl.lit("between"))
        .otherwise(
            pl.coalesce(
                pl.when(is_under).then(pl.lit("at_most")),
                text,
                "after",
                pl.when(is_vague).then(pl.lit("about")),
                pl.lit("exact"),
            )
        ),
        qualifier_first=pl.when(between)
        .then(place)
        .when(has_bounds)
        .then(None)
        .when(text.is_not_null())
        .then("qualifier_first")
        .otherwise("after_first"),
        qualifier_last=pl.when(between)
        .then(place)
        .when(has_bounds)
        .then(None)
        .when(text.is_not_null())
        .then("qualifier_last")
        .otherwise("after_last"),
    ).drop("key", "skipped", "behind", "before", "after", "after_first", "after_last", cs.ends_with("_skip"))


def quantities(
    tokens: pl.DataFrame, forms: pl.DataFrame, numbers: pl.DataFrame, named: pl.DataFrame
) -> tuple[pl.DataFrame, Atoms]:
    """Quantities of a text and the atoms that they stand among.

    In: tokens with sentences, their forms (`distinct_forms`), numbers (`numerals`) and parties (`parties`). Out: one
    row per quantity: `rule`, `first`, `last` (places of atoms), `at` and `end` (of its number, and of its unit or noun:
    null where it has none), `article`, `sentence`, `value`, `value_low`, `value_high`, `scale`, `written`, `kind` and
    `unit` (null without a unit), `money` (the ambiguous word of its currency), `noun` (place of the noun or unit it
    shares), `qualifier` and the places of its words; and the atoms.
    """
    atoms = _strike(_atoms(tokens, forms, numbers, named))
    rows = _with_sign(_with_values(_with_bounds(_parts(atoms, _found(atoms)))), atoms)
    # Hundreds of digits in a row are no quantity, and no double holds them.
    rows = rows.filter(
        ~pl.any_horizontal(pl.col("value", "value_low", "value_high").is_infinite()).fill_null(value=False)
    )
    return _with_qualifiers(rows, atoms), atoms
