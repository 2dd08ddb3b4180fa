"""Numbers in digits and words: their value, and where they begin and end."""

import polars as pl
import pytest

from transforms.numerals import numerals
from transforms.text import tokenize


def numbers_of(*texts: str) -> list[list[tuple[str, float]]]:
    """The numbers of texts as written and valued."""
    articles = pl.DataFrame({"text": list(texts)})
    tokens = tokenize(articles)
    found: list[list[tuple[str, float]]] = [[] for _ in texts]
    for first, last, value in numerals(tokens).select("first", "last", "value").iter_rows():
        article = tokens["article"][first]
        found[article].append((texts[article][tokens["start"][first] : tokens["end"][last]], value))
    return found


UNITS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
         "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"]  # fmt: skip
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def below_100(number: int, *, swiss: bool) -> str:
    """A number below 100 in words, of France, or of Belgium and Switzerland."""
    if number < 20:
        return UNITS[number]
    tens = TENS | ({70: "septante", 80: "huitante", 90: "nonante"} if swiss else {})
    base = max(b for b in tens if b <= number) if number < 80 or swiss else 80
    if base == 80 and not swiss:
        return "quatre-vingts" if number == 80 else f"quatre-vingt-{UNITS[number - 80]}"
    rest = number - base
    if not rest:
        return tens[base]
    link = " et " if rest == 1 or (rest == 11 and not swiss) else "-"
    return f"{tens[base]}{link}{UNITS[rest]}"


def spelled(number: int, *, swiss: bool = False) -> str:
    """A number in words, in the traditional spelling."""
    names = {10**9: "milliard", 10**6: "million"}
    for size, name in names.items():
        if number >= size:
            head, rest = divmod(number, size)
            words = f"{spelled(head, swiss=swiss)} {name}{'s' if head > 1 else ''}"
            return f"{words} {spelled(rest, swiss=swiss)}" if rest else words
    if number >= 1000:
        head, rest = divmod(number, 1000)
        # « quatre-vingts » and « deux cents » lose their s before « mille ».
        before = spelled(head, swiss=swiss)
        before = before.removesuffix("s") if head % 100 in (0, 80) else before
        words = "mille" if head == 1 else f"{before} mille"
        return f"{words} {spelled(rest, swiss=swiss)}" if rest else words
    if number >= 100:
        head, rest = divmod(number, 100)
        words = "cent" if head == 1 else f"{UNITS[head]} cent{'' if rest else 's'}"
        return f"{words} {below_100(rest, swiss=swiss)}" if rest else words
    return below_100(number, swiss=swiss)


@pytest.mark.parametrize("swiss", [False, True], ids=["France", "Suisse"])
@pytest.mark.parametrize("joined", [False, True], ids=["traditional", "1990"])
def test_every_number_in_words(*, swiss: bool, joined: bool) -> None:
    numbers = [
        *range(2, 1201),
        *range(1999, 10_000, 97),
        *range(10_000, 10**6, 7919),
        *range(10**6, 10**12, 10**11 // 7),
    ]
    texts = [spelled(number, swiss=swiss) for number in numbers]
    texts = [text.replace(" ", "-") for text in texts] if joined else texts
    assert numbers_of(*texts) == [[(text, float(number))] for text, number in zip(texts, numbers, strict=True)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 300", 1300),
        ("2 450 000", 2450000),
        ("12 500", 12500),
        ("1'250'000", 1250000),
        ("6.700,54", 6700.54),
        ("3.000.000", 3000000),
        ("0,08", 0.08),
        ("3.5", 3.5),
        ("1,08 milliard", 1080000000),
        ("900 mille", 900000),
        ("5 millions 200 000", 5200000),
        ("deux millions et demi", 2500000),
        ("cinq milliards et trois quarts", 5750000000),
        ("onze cent vingt-six", 1126),
        ("cinquante trois mille millions deux cent quarante-trois mille sept cent vingt-quatre", 53000243724),
        ("neuf billions sept cents milliards", 9700000000000),
        ("dix virgule zéro huit", 10.08),
        ("trois virgule quatorze", 3.14),
        ("une vingtaine", 20),
        ("trois douzaines", 36),
        ("dizaines de milliers", 20000),
        ("une demi-douzaine", 6),
        ("un demi-million", 500000),
        ("trois quarts", 0.75),
        ("deux cinquièmes", 0.4),
        ("½", 0.5),
        ("9007199254740993", 9007199254740992),  # the nearest float64: exact to 2^53
        ("9007199254740991", 9007199254740991),
        ("9223372036854775296", 9223372036854775296.0),  # beyond 64 bits
    ],
)
def test_value(text: str, value: float) -> None:
    assert numbers_of(text) == [[(text, value)]]


@pytest.mark.parametrize(
    "text",
    ["premier", "dix-neuvième", "un cinquième tour", "cent pour cent"],
    ids=["rank", "rank 19", "round", "percent"],
)
def test_ranks_and_signs_are_no_numbers(text: str) -> None:
    assert [written for written, _ in numbers_of(text)[0] if written not in ("un", "cent")] == []


def test_two_numbers_in_one_word_are_bounds() -> None:
    tokens = tokenize(pl.DataFrame({"text": ["deux-trois jours"]}))
    assert numerals(tokens).select("low", "value").rows() == [(2.0, 3.0)]


def test_a_number_does_not_run_over_into_the_next_article() -> None:
    assert numbers_of("Ils sont cent", "mille soldats") == [[("cent", 100.0)], [("mille", 1000.0)]]


def test_cents_behind_tens_are_money() -> None:
    assert numbers_of("cinquante cents, deux cents chars") == [[("cinquante", 50.0), ("deux cents", 200.0)]]
