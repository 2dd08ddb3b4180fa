"""Numbers in digits and in French words, each one span of tokens with its value.

« 1 300 », « 1'250'000 », « 2,5 millions », « quatre-vingt-dix-neuf mille », « deux millions et demi », « une vingtaine
», « dizaines de milliers », « trois quarts ». Words follow the traditional and the 1990 spelling, and Belgian and
Swiss use (septante, huitante, octante, nonante); scale words follow the long scale in law in France (décret 61-501 du
3 mai 1961: billion = 10^12).

A number word or a hyphenated row of them (« quatre-vingt-dix ») has one letter per word; the letters of all tokens make
one string, in which `RULES` find the numbers. Values are sums over the words: a word counts times every scale word
behind it that no larger scale word precedes, so that « deux cent mille » is 2·100·1000 and « un million deux cent » is
1·10^6 + 2·100.
"""

from __future__ import annotations

import polars as pl

from transforms.text import Rule, find, neighbours, with_form_features

# Words of the number language: class, and the value of each word.
WORDS: dict[str, dict[str, float]] = {
    "one": {"un": 1, "une": 1},
    "unit": {"deux": 2, "trois": 3, "cinq": 5, "six": 6},
    "high_unit": {"sept": 7, "huit": 8, "neuf": 9},
    "four": {"quatre": 4},
    "ten": {"dix": 10},
    "teen": {"onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16},
    "twenty": {"vingt": 20, "vingts": 20},
    "tens": {"trente": 30, "quarante": 40, "cinquante": 50, "septante": 70, "huitante": 80, "octante": 80,
             "nonante": 90},
    "sixty": {"soixante": 60},
    "hundred": {"cent": 100, "cents": 100},
    "thousand": {"mille": 1e3, "mil": 1e3, "milles": 1e3},
    "scale": {"million": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9, "billion": 1e12, "billions": 1e12,
              "billiard": 1e15, "billiards": 1e15, "trillion": 1e18, "trillions": 1e18},
    "zero": {"zéro": 0, "zero": 0},
    "half": {"demi": 1 / 2, "demie": 1 / 2},
    "moiety": {"moitié": 1 / 2, "moitiés": 1 / 2},
    "part": {"tiers": 1 / 3, "quart": 1 / 4, "quarts": 1 / 4},
    "ordinal": {"cinquième": 1 / 5, "cinquièmes": 1 / 5, "sixième": 1 / 6,
             "sixièmes": 1 / 6, "septième": 1 / 7, "septièmes": 1 / 7, "huitième": 1 / 8, "huitièmes": 1 / 8,
             "neuvième": 1 / 9, "neuvièmes": 1 / 9, "dixième": 1 / 10, "dixièmes": 1 / 10, "vingtième": 1 / 20,
             "vingtièmes": 1 / 20, "centième": 1 / 100, "centièmes": 1 / 100, "millième": 1 / 1000,
             "millièmes": 1 / 1000},
    "collective": {"huitaine": 8, "dizaine": 10, "dizaines": 10, "douzaine": 12, "douzaines": 12, "quinzaine": 15,
                   "quinzaines": 15, "vingtaine": 20, "vingtaines": 20, "trentaine": 30, "trentaines": 30,
                   "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "septantaine": 70, "nonantaine": 90,
                   "centaine": 100, "centaines": 100, "millier": 1e3, "milliers": 1e3},
    "et": {"et": 0},
    "comma": {"virgule": 0},
    "of": {"de": 0, "d'": 0},
}  # fmt: skip
VULGAR = {"½": 1 / 2, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 1 / 4, "¾": 3 / 4, "⅕": 1 / 5, "⅙": 1 / 6, "⅛": 1 / 8}
# Scale words cut short: read only between digits and a currency sign (« 20 M€ »), the long ones behind digits anywhere.
SHORT_SCALES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
LONG_SCALES = {
    "Md": 1e9, "Mds": 1e9, "md": 1e9, "mds": 1e9, "Mrd": 1e9, "mrd": 1e9, "Mrds": 1e9, "mia": 1e9, "Mia": 1e9,
    "mio": 1e6, "Mio": 1e6, "mios": 1e6,
}  # fmt: skip

LETTERS: dict[str, str] = {
    "one": "i", "unit": "u", "high_unit": "y", "four": "q", "ten": "x", "teen": "t", "twenty": "v", "tens": "d",
    "sixty": "s", "hundred": "c", "thousand": "k", "scale": "b", "zero": "z", "half": "h", "moiety": "m", "part": "f",
    "ordinal": "j", "collective": "a", "et": "e", "comma": "r", "of": "p", "integer": "9", "grouped": "g",
    "decimal": "8", "vulgar": "w",
}  # fmt: skip
OTHER = "o"
JOINING = [LETTERS[kind] for kind in ("et", "comma", "of")]

_UNIT = "<unit|high_unit|four>"
_BELOW_100 = (
    f"(?:<sixty>(?:<et>?<one|teen>|<ten><high_unit>?|{_UNIT})?"
    f"|<four><twenty>(?:<et>?<one>|<ten><high_unit>?|<teen>|{_UNIT})?"
    f"|<twenty|tens>(?:<et>?<one>|{_UNIT})?"
    f"|<ten><high_unit>?|<teen>|{_UNIT}|<one>)"
)
_BELOW_1000 = f"(?:(?:{_UNIT}|<teen>|<ten><high_unit>?)?<hundred>(?:<et><one>|{_BELOW_100})?|{_BELOW_100})"
_DIGITS = "<integer|grouped|decimal>"
_BELOW_MILLION = f"(?:(?:{_BELOW_1000}|{_DIGITS})?<thousand>(?:<et><one>|{_BELOW_1000})?|{_BELOW_1000})"
_SCALED = f"(?:(?:{_BELOW_MILLION}|{_DIGITS})<thousand>?<scale>)"
_WHOLE = f"(?:{_SCALED}+<scale>?(?:{_BELOW_MILLION}|<grouped>|{_DIGITS}<thousand>)?|{_BELOW_MILLION}|{_DIGITS})"
_GROUP = "(?:<collective>|<scale>)"
RULES = (
    Rule(
        "cardinal",
        whole=f"(?:{_WHOLE}|<zero>)",
        decimals=f"(?:<comma><zero>*(?:(?:<one|zero>|{_UNIT})+|{_BELOW_MILLION}|<integer>))?",
        times="<scale>?",
        more=f"(?:<et>(?:<one>?<half>|(?:<one>|{_UNIT})<part>))?",
    ),
    Rule(
        "collective",
        count=f"(?:<one>?<half>|{_BELOW_MILLION}|{_DIGITS})?",
        group=f"{_GROUP}(?:<of>{_GROUP})*",
    ),
    Rule("fraction", count=f"(?:{_BELOW_100})?", part="<part|moiety|vulgar>"),
    Rule("fraction", count=f"(?:{_BELOW_100})", part="<ordinal>"),
    Rule("fraction", part="<one>?<half>"),
)
SINGLE_DIGITS = r"^r[iuyqz]+$"
CURRENCY_SIGN = r"^(?:[$€£¥]|US|CA|EUR|USD|GBP|CHF|CAD|FCFA)$"


def number_words() -> pl.DataFrame:
    """The words of the number language: `word`, `letter`, `amount`."""
    rows = [(word, LETTERS[kind], amount) for kind, words in WORDS.items() for word, amount in words.items()]
    rows += [(word, LETTERS["vulgar"], amount) for word, amount in VULGAR.items()]
    return pl.DataFrame(rows, schema={"word": pl.String, "letter": pl.String, "amount": pl.Float64}, orient="row")


def digit_amount(form: pl.Expr) -> pl.Expr:
    """The number that digits write, without its decimal mark: « 1'250,5 » → 12505."""
    return form.str.replace_all(r"[^\d]", "").cast(pl.Float64, strict=False)


def digit_decimals(form: pl.Expr) -> pl.Expr:
    """How many decimals digits have: those behind a comma, or behind a point that marks no thousands."""
    tail = pl.coalesce(form.str.extract(r",(\d+)$"), form.str.extract(r"^\d+\.(\d{1,2}|\d{4,})$"))
    english = form.str.extract(r"^0\.(\d+)$")
    return pl.coalesce(english, tail).str.len_chars().fill_null(0)


def number_letters() -> pl.Expr:
    """The letters of a form: one per word where all are number words, else `OTHER`. Works on `form`, `lower`."""
    words = number_words()
    lower, form = pl.col("lower"), pl.col("form")
    digits = (
        pl.when(digit_decimals(form) > 0)
        .then(pl.lit(LETTERS["decimal"]))
        .when(form.str.contains(r"\d[^\d]\d"))
        .then(pl.lit(LETTERS["grouped"]))
        .otherwise(pl.lit(LETTERS["integer"]))
    )
    each = pl.element().replace_strict(words["word"].to_list(), words["letter"].to_list(), default=OTHER)
    spelled = lower.str.split("-").list.eval(each).list.join("")
    return (
        pl.when(form.str.contains(r"^\d"))
        .then(digits)
        .when(spelled.str.contains(OTHER, literal=True))
        .then(pl.lit(OTHER))
        .otherwise(spelled)
    )


def with_number_letters(tokens: pl.DataFrame) -> pl.DataFrame:
    """The number words of a text with their letters, set right by their neighbours.

    Out: `token` (position in `tokens`), `form_id`, `form`, `lower` and `letters` (String; `OTHER` for what is no number
    here, and behind every word that the next row does not follow at once). Words that only join others (« de », « et »)
    have a row between number words alone: no rule begins or ends with one, or has two.

    « cent » in « pour cent » is a sign; « cents » behind digits are money, « milles » miles; scale words cut short
    count between digits and a currency sign only.
    """
    form, lower = pl.col("form"), pl.col("lower")
    opening = lower.str.extract(r"^([^-]+)")
    words = number_words().filter(~pl.col("letter").is_in(JOINING))["word"]
    scales = [*SHORT_SCALES, *LONG_SCALES]
    # 1: joins number words, 2: may be one.
    mark = with_form_features(
        tokens.select("form_id", "form", "lower"),
        mark=pl.when(form.str.contains(r"^\d") | opening.is_in(words.implode()) | form.is_in(scales))
        .then(pl.lit(2, pl.UInt8))
        .when(lower.is_in([word for kind in ("et", "comma", "of") for word in WORDS[kind]]))
        .then(pl.lit(1, pl.UInt8))
        .otherwise(pl.lit(0, pl.UInt8)),
    )["mark"]
    sure = (mark == 2).arg_true()
    joining = sure.filter(
        (mark.gather(sure + 1, null_on_oob=True) == 1) & (mark.gather(sure + 2, null_on_oob=True) == 2)
    )
    token = pl.concat([sure, joining + 1]).sort()
    told = tokens.select("article", "form_id", "form", "lower")[token].with_columns(token=token)
    told = with_form_features(told, letters=number_letters(), is_unsettled=is_unsettled())
    places = told["is_unsettled"].arg_true()
    near = neighbours(tokens, token.gather(places), "form", "lower", reach=1).with_columns(
        letters=told["letters"].gather(places),
        before=told["letters"].shift(1).gather(places),
        follows=(told["token"].shift(1) + 1 == told["token"]).gather(places),
    )
    after, before = pl.col("lower+1"), pl.col("lower-1")
    after_digits = pl.col("form-1").str.contains(r"^\d")
    is_scale = after_digits & (
        form.is_in(list(LONG_SCALES)) | (form.is_in(list(SHORT_SCALES)) & pl.col("form+1").str.contains(CURRENCY_SIGN))
    )
    # « un cinquième des voix » is a fraction, « un cinquième tour » and « dix-neuvième » are ranks.
    is_rank = lower.str.ends_with("ième") & ~after.is_in(["de", "d'", "du", "des"]).fill_null(value=False)
    is_percent = lower.is_in(["cent", "cents"]) & (before == "pour")
    is_nautical = lower.is_in(["milles", "mille"]) & after.is_in(["marin", "marins", "nautique", "nautiques"])
    # « deux cents » is a number, « cinquante cents » are money.
    is_number = pl.col("follows") & pl.col("before").str.contains("[uyqt]$")
    is_cents = (lower == "cents") & ~is_number.fill_null(value=False)
    is_unit = (after_digits & (lower == "milles")) | is_cents | is_nautical
    letters = near.select(
        pl.when((is_percent | is_unit | is_rank).fill_null(value=False))
        .then(pl.lit(OTHER))
        .when(is_scale.fill_null(value=False))
        .then(pl.lit(LETTERS["scale"]))
        .otherwise("letters")
    ).to_series()
    # A text ends where the next begins: no number runs over.
    parts = (pl.col("token") + 1 != pl.col("token").shift(-1)) | (pl.col("article") != pl.col("article").shift(-1))
    return told.with_columns(letters=told["letters"].scatter(places, letters)).select(
        "token",
        "form_id",
        "form",
        "lower",
        letters=pl.col("letters") + pl.when(parts.fill_null(value=True)).then(pl.lit(OTHER)).otherwise(pl.lit("")),
    )


def is_unsettled() -> pl.Expr:
    """Whether the neighbours of a form decide on its letters. Works on `form`, `lower`."""
    lower = pl.col("lower")
    return (
        lower.is_in(["cent", "cents", "mille", "milles"])
        | lower.str.ends_with("ième")
        | pl.col("form").is_in([*SHORT_SCALES, *LONG_SCALES])
    )


def _words_of(told: pl.DataFrame) -> pl.DataFrame:
    """One row per number word of `with_number_letters`.

    `place` in the string of letters, `token`, `word`, `letter`, `amount`, `decimals`, `is_cut` and `cuts`
    (whether the token has words before and behind it).
    """
    width = pl.col("letters").str.len_bytes().cast(pl.Int64)
    known = number_words()
    words = [*known["word"], *SHORT_SCALES, *LONG_SCALES]
    amounts = [*known["amount"], *SHORT_SCALES.values(), *LONG_SCALES.values()]
    rows = told.select(
        "token",
        "form_id",
        "form",
        "lower",
        place=width.cum_sum() - width,
        letters=pl.col("letters").str.strip_chars_end(OTHER),
    ).filter(pl.col("letters") != "")
    # What a form says depends on its letters alone; worked out once for each.
    spelled = (
        rows.select("form_id", "form", "lower", "letters")
        .unique(["form_id", "letters"], keep="first", maintain_order=True)
        .select(
            "form_id",
            "letters",
            letter=pl.col("letters").str.split(""),
            word=pl.when(pl.col("letters").str.len_bytes() > 1)
            .then(pl.col("lower").str.split("-"))
            .when(pl.col("letters") == LETTERS["scale"])
            .then(pl.concat_list("form"))
            .otherwise(pl.concat_list("lower")),
            order=pl.int_ranges(pl.col("letters").str.len_bytes().cast(pl.Int64)),
            count=pl.col("letters").str.len_bytes().cast(pl.Int64),
        )
        .explode("letter", "word", "order", empty_as_null=False)
        .with_columns(
            is_cut=pl.col("order") > 0,
            cuts=pl.col("order") + 1 < pl.col("count"),
            decimals=digit_decimals(pl.col("word")),
            amount=pl.coalesce(
                digit_amount(pl.col("word")),
                pl.col("word").replace_strict(words, amounts, default=None),
                pl.col("word").str.to_lowercase().replace_strict(words, amounts, default=None),
            ),
        )
        .drop("count")
    )
    return (
        rows.select("token", "place", "form_id", "letters")
        .join(spelled, on=["form_id", "letters"], how="left", maintain_order="left_right")
        .with_columns(place=pl.col("place") + pl.col("order"))
    )


def _spans(found: pl.DataFrame) -> pl.DataFrame:
    """Which matches of `RULES` (`find`) are numbers: `match` (row), `rule`, `opens`, `closes` (in the letters).

    The longest at a place wins, the earlier rule among equals, and none overlaps another.
    """
    edges = [c for c in found.columns if c != "rule"]
    cover = pl.col("closes").cum_max().shift(1)
    return (
        found.select("rule", opens=pl.min_horizontal(edges), closes=pl.max_horizontal(edges))
        .with_row_index("match")
        .sort("opens", "closes", descending=[False, True], maintain_order=True)
        .filter((pl.col("opens") > cover).fill_null(value=True))
    )


def _with_factor(placed: pl.DataFrame) -> pl.DataFrame:
    """Add `factor`: what the scale words behind a word multiply it by, within its part of a number."""
    part = ["number", "part"]
    is_scale = pl.col("letter").is_in([LETTERS[k] for k in ("hundred", "thousand", "scale")])
    rows = placed.select(*part, "place", level=pl.when(is_scale).then("amount").otherwise(0.0)).with_row_index("row")
    scales = rows.filter(pl.col("level") > 0).select(*part, at="place", scale="level")
    behind = rows.join(scales, on=part).filter(pl.col("at") > pl.col("place")).sort("row", "at")
    largest = pl.col("scale").cum_max().shift(1, fill_value=0.0).over("row")
    factors = (
        behind.filter(pl.col("scale") > pl.max_horizontal("level", largest))
        .group_by("row")
        .agg(pl.col("scale").product())
    )
    return placed.with_columns(
        factor=pl.repeat(1.0, placed.height, eager=True).scatter(factors["row"], factors["scale"])
    )


def numerals(tokens: pl.DataFrame) -> pl.DataFrame:
    """Numbers in a text, in text order.

    In: tokens (`tokenize`). Out: one row per number: `first`, `last` (UInt32 token positions, last inclusive), `value`,
    `low` (the lower number of « deux-trois », else null), `scale` (value of its last scale word, else 1) and `written`:
    digits (a plain integer), grouped (thousands marked), decimal, words, one (« un » alone), collective (« une
    vingtaine », « des milliers ») or fraction. Plural collectives without a number stand for two of them. A row of
    number words that is no number (« deux-trois-quatre ») yields none. Values are exact to 2^53.
    """
    told = with_number_letters(tokens)
    found = find(told["letters"].str.join("").cast(pl.String), RULES, LETTERS)
    spans = _spans(found)
    words = _words_of(told)
    # Every letter of a number is a word: its words lie side by side.
    head, tail = (words["place"].search_sorted(spans[edge].cast(pl.Int64)) for edge in ("opens", "closes"))
    rows = pl.select(row=pl.int_ranges(head, tail + 1)).with_row_index("number")
    several = rows.filter(head < tail).explode("row", empty_as_null=False)
    joined = (
        several.with_columns(word=words["word"].gather(several["row"]))
        .group_by("number")
        .agg(pl.col("word").str.join(" "))
    )
    numbers = pl.DataFrame(
        {
            "rule": spans["rule"],
            "spelling": words["word"].gather(head).scatter(joined["number"], joined["word"]),
            "is_cut": words["is_cut"].gather(head),
            "cuts": words["cuts"].gather(tail),
            "first": words["token"].gather(head),
            "last": words["token"].gather(tail),
        }
    )
    # Every spelling is worked out once.
    spellings = (
        numbers.select("rule", "spelling")
        .with_row_index("number")
        .unique(["rule", "spelling"], keep="first", maintain_order=True)
    )
    placed = found[spans["match"][spellings["number"]]].drop("rule").hstack(rows[spellings["number"]])
    placed = placed.explode("row", empty_as_null=False)
    values = _values(placed.hstack(words[placed["row"]]))
    valued = spellings.join(values, on="number").drop("number")
    return _whole_tokens(numbers.join(valued, on=["rule", "spelling"], how="left", maintain_order="left"))


def _values(placed: pl.DataFrame) -> pl.DataFrame:
    """`number`, `letters`, `scale` and `value` of numbers given by their words, each with the places of its parts."""
    parts = ("whole", "decimals", "times", "more", "count", "group", "part")
    inside = {name: pl.col("place").is_between(pl.col(f"{name}_first"), pl.col(f"{name}_last")) for name in parts}
    letter, amount = pl.col("letter"), pl.col("amount")
    before = letter.shift(1).over("number", "part")
    leads = before.is_null() | before.is_in(["b", "e"])
    placed = placed.with_columns(part=pl.coalesce(pl.when(test).then(pl.lit(name)) for name, test in inside.items()))
    placed = _with_factor(placed).with_columns(
        # What the word adds: « vingt » in « quatre-vingt » brings 4 to 80, a scale word alone stands for itself.
        adds=pl.when((letter == "v") & (before == "q"))
        .then(76.0)
        .when((letter == "c") & (leads | (before == "k")))
        .then(100.0)
        .when((letter == "k") & leads)
        .then(1000.0)
        .when(letter.is_in(["c", "k", "b"]))
        .then(0.0)
        .otherwise(amount),
    )
    # Digits matter behind a decimal mark alone: a whole of twenty figures does not fit, and need not.
    digit = pl.when(letter == "9").then("word").otherwise(amount.cast(pl.Int64, strict=False).cast(pl.String))
    pieces = placed.group_by("number", "part", maintain_order=True).agg(
        letters=letter.str.join(""),
        total=(pl.col("adds") * pl.col("factor") / 10.0 ** pl.col("decimals")).sum(),
        product=amount.filter(~letter.is_in(["e", "p"])).product(),
        digits=digit.filter(letter != "r").str.join(""),
        zeros=pl.lit("0").repeat_by((letter == "z").sum()).list.join(""),
        scale=amount.filter(letter.is_in(["k", "b"])).last(),
        is_plural=pl.col("word").first().str.ends_with("s"),
    )
    return pieces.group_by("number", maintain_order=True).agg(
        letters=pl.col("letters").str.join(""),
        scale=pl.coalesce(_of("times", "product"), _of("whole", "scale"), 1.0),
        value=pl.coalesce(_cardinal(), _vague(), _fraction()),
    )


def _of(part: str, column: str) -> pl.Expr:
    """A column of one part of a number."""
    return pl.col(column).filter(pl.col("part") == part).first()


def _cardinal() -> pl.Expr:
    """The value of whole, decimals, scale word and half; null where there is no whole."""
    # Decimals are read digit by digit (« trois zéro quatre »), or as zeros and a number (« zéro vingt-huit »).
    spelled = _of("decimals", "zeros") + _of("decimals", "total").cast(pl.Int64, strict=False).cast(pl.String)
    is_row = _of("decimals", "letters").str.contains(SINGLE_DIGITS)
    decimals = ("0." + pl.when(is_row).then(_of("decimals", "digits")).otherwise(spelled)).cast(pl.Float64)
    times = _of("times", "product")
    scale = pl.coalesce(times, _of("whole", "scale"), 1.0)
    whole = (_of("whole", "total") + decimals.fill_null(0.0)) * times.fill_null(1.0)
    return whole + scale * _of("more", "product").fill_null(0.0)


def _vague() -> pl.Expr:
    """The value of a collective: one of it, two where it is plural, or as many as the number before it says."""
    count = (
        pl.when(_of("count", "letters").str.contains(LETTERS["half"], literal=True))
        .then(1 / 2)
        .otherwise(pl.coalesce(_of("count", "total"), pl.when(_of("group", "is_plural")).then(2.0).otherwise(1.0)))
    )
    return count * _of("group", "product")


def _fraction() -> pl.Expr:
    """The value of a fraction: so many of its part."""
    return _of("count", "total").fill_null(1.0) * _of("part", "product")


def _whole_tokens(found: pl.DataFrame) -> pl.DataFrame:
    """Numbers that fill their tokens; two rising numbers in one token (« deux-trois ») become one with `low`."""
    pair = (
        pl.col("is_cut")
        & ~pl.col("cuts")
        & pl.col("cuts").shift(1)
        & ~pl.col("is_cut").shift(1)
        & (pl.col("first") == pl.col("last").shift(1))
        & (pl.col("value") > pl.col("value").shift(1))
    ).fill_null(value=False)
    letters = pl.col("letters")
    written = (
        pl.when(pl.col("rule") != "cardinal")
        .then("rule")
        .when(letters == LETTERS["one"])
        .then(pl.lit("one"))
        .when(letters == LETTERS["integer"])
        .then(pl.lit("digits"))
        .when(letters == LETTERS["grouped"])
        .then(pl.lit("grouped"))
        .when(letters.str.contains(r"^8"))
        .then(pl.lit("decimal"))
        .otherwise(pl.lit("words"))
    )
    return (
        found.with_columns(low=pl.when(pair).then(pl.col("value").shift(1)), written=written)
        .with_columns(first=pl.when(pair).then(pl.col("first").shift(1)).otherwise("first"))
        .filter(pair | ~(pl.col("is_cut") | pl.col("cuts")))
        .select("first", "last", "value", "low", "scale", "written", "letters")
    )
