"""What the vocabulary files promise to the code that reads them."""

import re
from collections import Counter
from collections.abc import Iterable

import polars as pl
import pytest

from transforms.lexicon import load
from transforms.names import fold_letters
from transforms.schemas import FIGURE_KINDS

COUNTRIES = load("countries")["country"]
ORGANISATIONS = load("organisations")["organisation"]
CURRENCIES = load("currencies")["currency"]
UNITS = load("units")["unit"]
FIRST_NAMES = load("first_names")

COUNTRY_CODES = {c["code"] for c in COUNTRIES}
# The contract's codes of bodies; AU is Australia's as well, by the contract's choice.
BODY_CODES = {"EU", "UN", "NATO", "AU"}
# One adjective for both banks of the river: the context decides.
SHARED_ADJECTIVES = {"congolais", "congolaise", "congolaises"}
# The state and its government go by the same name.
STATE_AND_ORGANISATION = {"Vatican", "Saint-Siège", "Saint Siège"}


def repeated(values: Iterable[object]) -> set[object]:
    return {value for value, times in Counter(values).items() if times > 1}


def texts(entry: object) -> Iterable[str]:
    """Every string of an entry, however deep."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict | list):
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from texts(part)


@pytest.mark.parametrize(
    "entries", [COUNTRIES, ORGANISATIONS, CURRENCIES, UNITS, [FIRST_NAMES]],
    ids=["countries", "organisations", "currencies", "units", "first_names"],
)  # fmt: skip
def test_words_are_as_the_code_folds_text(entries: list[dict[str, object]]) -> None:
    found = [text for entry in entries for text in texts(entry)]
    # Straight apostrophes, plain blanks, none at the edges.
    assert [t for t in found if not t or t != t.strip() or re.search(r"[’\u00a0\u202f]|\s\s", t)] == []


@pytest.mark.parametrize(
    ("entries", "lists"),
    [
        (COUNTRIES, ("names", "adjectives", "capitals")),
        (ORGANISATIONS, ("names",)),
        (CURRENCIES, ("nouns", "symbols", "adjectives", "countries", "ambiguous", "default_for")),
        (UNITS, ("words", "symbols")),
    ],
    ids=["countries", "organisations", "currencies", "units"],
)
def test_no_entry_repeats_itself(entries: list[dict[str, list[str]]], lists: tuple[str, ...]) -> None:
    assert [(e, key) for e in entries for key in lists if repeated(e.get(key, []))] == []


def test_country_codes_are_unique_and_well_formed() -> None:
    codes = [c["code"] for c in COUNTRIES]
    assert repeated(codes) == set()
    assert [code for code in codes if not re.fullmatch(r"[A-Z]{2}", code)] == []


def test_a_country_name_or_capital_means_one_country() -> None:
    assert repeated(n for c in COUNTRIES for n in (c["name"], *c["names"], *c["capitals"])) == set()


def test_adjectives_are_lower_case_and_mean_one_country() -> None:
    adjectives = [a for c in COUNTRIES for a in c["adjectives"]]
    assert [a for a in adjectives if a != a.lower()] == []
    assert repeated(adjectives) == SHARED_ADJECTIVES


def test_a_capitalised_adjective_is_no_name_of_another_country() -> None:
    owner = {n: c["code"] for c in COUNTRIES for n in (c["name"], *c["names"], *c["capitals"])}
    clashes = [a for c in COUNTRIES for a in c["adjectives"] if owner.get(a.capitalize(), c["code"]) != c["code"]]
    assert clashes == []


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("États-Unis", "US"), ("Etats-Unis", "US"), ("Kyiv", "UA"), ("Abou Dabi", "AE"), ("N'Djamena", "TD"),
        ("RD Congo", "CD"), ("Türkiye", "TR"), ("Tel-Aviv", "IL"), ("Ramallah", "PS"), ("La Paz", "BO"),
        ("saoudiennes", "SA"), ("sud-africaine", "ZA"), ("grecques", "GR"), ("turque", "TR"), ("nigérienne", "NE"),
        ("nigériane", "NG"), ("émirati", "AE"), ("burkinabè", "BF"), ("kirghiz", "KG"), ("anglaises", "GB"),
    ],
)  # fmt: skip
def test_country_of_a_word(word: str, code: str) -> None:
    found = {c["code"] for c in COUNTRIES if word in (c["name"], *c["names"], *c["capitals"], *c["adjectives"])}
    assert found == {code}


def test_organisation_names_mean_one_organisation() -> None:
    assert repeated(o["name"] for o in ORGANISATIONS) == set()
    assert repeated(n for o in ORGANISATIONS for n in o["names"]) == set()
    assert [o["name"] for o in ORGANISATIONS if o["name"] not in o["names"]] == []


def test_organisations_are_no_countries() -> None:
    countries = {n for c in COUNTRIES for n in (c["name"], *c["names"], *c["capitals"])}
    assert {n for o in ORGANISATIONS for n in o["names"]} & countries == STATE_AND_ORGANISATION


def test_organisation_fields_have_known_values() -> None:
    assert {o["kind"] for o in ORGANISATIONS} == {"body", "institution", "group", "agency", "company", "network"}
    assert {o["country"] for o in ORGANISATIONS if "country" in o} <= COUNTRY_CODES
    assert {o["gender"] for o in ORGANISATIONS if "gender" in o} <= {"m", "f", "mp", "fp"}


def test_a_party_is_never_the_code_of_a_country() -> None:
    parties = {o["party"] for o in ORGANISATIONS if "party" in o}
    assert parties & COUNTRY_CODES <= {"AU"}
    assert parties >= BODY_CODES


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("UE", "Union européenne"), ("OTAN", "Otan"), ("Elysée", "Élysée"), ("Maison Blanche", "Maison-Blanche"),
        ("Cédéao", "CEDEAO"), ("ISW", "Institute for the Study of War"), ("Daech", "État islamique"),
        ("Agence France-Presse", "AFP"), ("département d'État", "Département d'État"), ("Houthistes", "Houthis"),
    ],
)  # fmt: skip
def test_organisation_of_a_name(name: str, canonical: str) -> None:
    assert [o["name"] for o in ORGANISATIONS if name in o["names"]] == [canonical]


def test_currency_codes_are_unique_and_well_formed() -> None:
    codes = [c["code"] for c in CURRENCIES]
    assert repeated(codes) == set()
    assert [code for code in codes if not re.fullmatch(r"[A-Z]{3}", code)] == []


def test_every_country_has_its_currency_and_is_listed_there() -> None:
    users = {c["code"]: c["countries"] for c in CURRENCIES}
    assert [c["code"] for c in COUNTRIES if c["code"] not in users.get(c["currency"], [])] == []
    assert {country for countries in users.values() for country in countries} <= COUNTRY_CODES


def test_currency_words_are_lower_case_and_mean_one_currency() -> None:
    nouns = [noun for c in CURRENCIES for noun in c["nouns"]]
    assert [noun for noun in nouns if noun != noun.lower()] == []
    assert repeated(nouns) == set()
    assert repeated(symbol for c in CURRENCIES for symbol in c["symbols"]) == set()


def test_an_ambiguous_word_has_one_default_and_is_the_noun_of_no_other_currency() -> None:
    ambiguous = {word for c in CURRENCIES for word in c.get("ambiguous", [])}
    defaults = [word for c in CURRENCIES for word in c.get("default_for", [])]
    assert repeated(defaults) == set()
    assert set(defaults) == ambiguous
    strays = [n for c in CURRENCIES for n in c["nouns"] if n in ambiguous and n not in c.get("default_for", [])]
    assert strays == []


@pytest.mark.parametrize("decider", ["adjectives", "countries"])
def test_what_follows_an_ambiguous_word_decides(decider: str) -> None:
    readings = [(word, value) for c in CURRENCIES for word in c.get("ambiguous", []) for value in c.get(decider, [])]
    assert repeated(readings) == set()


@pytest.mark.parametrize(
    ("word", "adjective", "code"),
    [
        ("dollars", "canadiens", "CAD"), ("couronnes", "norvégiennes", "NOK"), ("livres", "sterling", "GBP"),
        ("livres", "libanaises", "LBP"), ("francs", "CFA", "XOF"), ("francs", "CFP", "XPF"),
        ("francs", "guinéens", "GNF"), ("francs", "congolais", "CDF"), ("francs", "rwandais", "RWF"),
        ("roubles", "biélorusses", "BYN"), ("dollars", "taïwanais", "TWD"), ("pesos", "argentins", "ARS"),
        ("wons", "sud-coréens", "KRW"), ("marks", "finlandais", "FIM"),
    ],
)  # fmt: skip
def test_currency_of_a_word_and_adjective(word: str, adjective: str, code: str) -> None:
    candidates = [c for c in CURRENCIES if word in c.get("ambiguous", [])]
    found = [c["code"] for c in candidates if adjective in c.get("adjectives", [])]
    assert found == [code]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("hryvnias", "UAH"), ("gourdes", "HTG"), ("shekels", "ILS"), ("zlotys", "PLN"), ("yens", "JPY"),
        ("dollars", "USD"), ("livres", "GBP"), ("roubles", "RUB"), ("francs cfa", "XOF"), ("francs", "CHF"),
        ("€", "EUR"), ("$", "USD"), ("$ CA", "CAD"), ("₽", "RUB"), ("₴", "UAH"), ("FCFA", "XOF"), ("CHF", "CHF"),
    ],
)  # fmt: skip
def test_currency_of_a_word_alone(word: str, code: str) -> None:
    assert [c["code"] for c in CURRENCIES if word in (*c["nouns"], *c["symbols"])] == [code]


def test_subunits_are_two_words_and_how_many_make_one() -> None:
    for currency in CURRENCIES:
        for singular, plural, many in currency.get("subunits", []):
            assert (type(singular), type(plural), type(many)) == (str, str, int)
            assert many > 1


def test_unit_kinds_are_those_of_the_contract() -> None:
    # Money, counts and calibres are not decided by a unit.
    assert {u["kind"] for u in UNITS} == set(FIGURE_KINDS) - {"money", "count", "calibre"}


def test_unit_codes_are_well_formed_and_of_one_kind() -> None:
    codes = {u["code"] for u in UNITS}
    atom = r"(?:%|[A-Za-z]+|[a-z]*\[[A-Za-z_]+\])\d?"
    assert [code for code in codes if not re.fullmatch(rf"{atom}(?:[./]{atom})*", code)] == []
    assert len({(u["code"], u["kind"]) for u in UNITS}) == len(codes)
    assert repeated((u["code"], u.get("factor", 1)) for u in UNITS) == set()


def test_every_unit_with_a_factor_has_its_plain_unit() -> None:
    plain = {u["code"] for u in UNITS if "factor" not in u}
    assert [u for u in UNITS if "factor" in u and (u["code"] not in plain or u["factor"] <= 0)] == []


def test_unit_words_are_lower_case_and_mean_one_unit() -> None:
    words = [word for u in UNITS for word in u["words"]]
    assert [word for word in words if word != word.lower()] == []
    assert repeated(words) == set()
    assert repeated(symbol for u in UNITS for symbol in u["symbols"]) == set()
    assert [u["code"] for u in UNITS if not u["words"] and not u["symbols"]] == []


@pytest.mark.parametrize(
    ("word", "code", "factor"),
    [
        ("kilomètres", "km", 1), ("km²", "km2", 1), ("hectares", "har", 1), ("mètres cubes", "m3", 1),
        ("litres", "L", 1), ("barils", "[bbl_us]", 1), ("tonnes", "t", 1), ("quintaux", "kg", 100), ("jours", "d", 1),
        ("an", "a", 1), ("trimestres", "mo", 3), ("décennie", "a", 10), ("siècles", "a", 100), ("km/h", "km/h", 1),
        ("nœuds", "[kn_i]", 1), ("milles marins", "[nmi_i]", 1), ("mégawattheure", "MW.h", 1), ("GW", "GW", 1),
        ("degrés", "Cel", 1), ("fahrenheit", "[degF]", 1), ("pour cent", "%", 1), ("‰", "[ppth]", 1), ("Go", "GBy", 1),
    ],
)  # fmt: skip
def test_unit_of_a_word(word: str, code: str, factor: float) -> None:
    found = [(u["code"], u.get("factor", 1)) for u in UNITS if word in (*u["words"], *u["symbols"])]
    assert found == [(code, factor)]


def test_every_first_name_stands_once() -> None:
    # Readers compare names without case and accents: two spellings that fold alike would count as a doubt.
    names = pl.DataFrame({"name": [n for key in ("masculine", "feminine", "both") for n in FIRST_NAMES[key]]})
    folded = names.select(fold_letters(pl.col("name")))["name"].to_list()
    assert repeated(folded) == set()
    assert [name for name in folded if not re.fullmatch("[a-z]+", name)] == []


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("Emmanuel", "masculine"), ("Volodymyr", "masculine"), ("Nikol", "masculine"), ("Recep", "masculine"),
        ("Nicole", "feminine"), ("Kaja", "feminine"), ("Ioulia", "feminine"), ("Karen", "both"), ("Andrea", "both"),
    ],
)  # fmt: skip
def test_gender_of_a_first_name(name: str, gender: str) -> None:
    assert [key for key, names in FIRST_NAMES.items() if name in names] == [gender]
