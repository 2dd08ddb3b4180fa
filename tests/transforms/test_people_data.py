"""The register of public people: form, ids, aliases, dates, and agreement with a public list of leaders."""

import csv
import json
import re
import tomllib
import unicodedata
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench"
LEXICON = ROOT / "transforms" / "lexicon"
TEXT = (LEXICON / "people.toml").read_text(encoding="utf-8")
PEOPLE: list[dict[str, Any]] = tomllib.loads(TEXT)["person"]
OFFICES = [(person, office) for person in PEOPLE for office in person.get("office", [])]

# Offices that one person at a time holds: two dated holders of one of them never overlap.
SOLE_ROLES = {
    "président",
    "premier ministre",
    "chancelier",
    "roi",
    "empereur",
    "émir",
    "sultan",
    "pape",
    "guide suprême",
    "ministre des Affaires étrangères",
    "ministre de la Défense",
    "ministre des Finances",
    "secrétaire d'État",
    "secrétaire à la Défense",
    "secrétaire au Trésor",
    "secrétaire au Commerce",
    "secrétaire général",
    "haut représentant",
    "président de la Commission",
    "président du Conseil européen",
    "commandant en chef",
}
BENCH_ROLES = {
    "Chancellor": "chancelier",
    "Chairperson of the African Union": "président en exercice",
    "Chairperson of the African Union Commission": "président de la Commission",
    "Emperor": "empereur",
    "King": "roi",
    "Monarch": "roi",
    "Premier": "premier ministre",
    "President": "président",
    "President of the European Commission": "président de la Commission",
    "President of the European Council": "président du Conseil européen",
    "Prime Minister": "premier ministre",
    "Prime Minister (King)": "premier ministre",
    "Sultan": "sultan",
    "Sultan and Prime Minister": "sultan",
}
BENCH_BODIES = {"EU": "Union européenne", "AU_AF": "Union africaine"}
# The list names the Saudi crown prince as king too; the king is his father.
BENCH_MISTAKES = {("SA", "King")}


def fold(name: str) -> str:
    """Reduce a name to lower-case ASCII letters and single spaces."""
    return " ".join(
        re.sub(r"[^a-z]+", " ", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()).split()
    )


def spellings(person: dict[str, Any]) -> set[str]:
    """All folded spellings of a person's full name."""
    return {fold(name) for name in (person["name"], *person["aliases"])}


def read_bench(name: str) -> str:
    """Read a benchmark file, or skip with a message where this checkout has none."""
    path = BENCH / name
    if not path.is_file():
        pytest.skip(f"{path} is missing: the register was not compared with it")
    return path.read_text(encoding="utf-8")


def test_register_has_at_least_300_people() -> None:
    assert len(PEOPLE) >= 300


def test_ids_are_unique_and_kebab_case() -> None:
    ids = [person["id"] for person in PEOPLE]
    assert [i for i, count in Counter(ids).items() if count > 1] == []
    assert [i for i in ids if not re.fullmatch(r"person(-[a-z0-9]+)+", i)] == []


def test_every_person_has_the_declared_fields() -> None:
    allowed = {"id", "name", "gender", "country", "aliases", "wikidata_id", "office"}
    for person in PEOPLE:
        assert set(person) - allowed == set(), person["id"]
        assert person["gender"] in {"m", "f"}, person["id"]
        assert re.fullmatch(r"[A-Z]{2}", person["country"]), person["id"]
        assert re.fullmatch(r"Q[1-9][0-9]*", person.get("wikidata_id", "Q1")), person["id"]
        assert isinstance(person["aliases"], list), person["id"]
        for name in (person["name"], *person["aliases"]):
            assert name == name.strip(), name
            assert "  " not in name, name


def test_wikidata_ids_are_unique() -> None:
    counts = Counter(person["wikidata_id"] for person in PEOPLE if "wikidata_id" in person)
    assert [q for q, count in counts.items() if count > 1] == []


def test_no_spelling_belongs_to_two_people() -> None:
    owners = Counter(name for person in PEOPLE for name in spellings(person))
    assert [name for name, count in owners.items() if count > 1] == []


def test_aliases_are_distinct_spellings() -> None:
    for person in PEOPLE:
        names = [person["name"], *person["aliases"]]
        assert len(names) == len(set(names)), person["id"]


def test_every_office_has_role_body_and_source() -> None:
    for person, office in OFFICES:
        assert set(office) - {"role", "body", "from", "to", "source"} == set(), person["id"]
        for key in ("role", "body", "source"):
            assert office.get(key, "").strip(), (person["id"], key)


def test_roles_are_those_of_the_list_in_the_header() -> None:
    header = TEXT.partition("[[person]]")[0].replace("\n#", " ")
    listed = header.partition("one of:")[2].partition("`body`")[0]
    roles = {" ".join(role.split()) for role in listed.split(",")}
    used = {office["role"] for _, office in OFFICES}
    assert used - roles == set()


def test_countries_and_bodies_carry_their_canonical_names() -> None:
    """Every code is a country of the lexicon; a body that the lexicon of organisations knows has its canonical name."""
    countries = tomllib.loads((LEXICON / "countries.toml").read_text(encoding="utf-8"))["country"]
    organisations = tomllib.loads((LEXICON / "organisations.toml").read_text(encoding="utf-8"))["organisation"]
    codes = {country["code"] for country in countries}
    canonical = {organisation["name"] for organisation in organisations}
    variants = {fold(name) for organisation in organisations for name in organisation["names"]}
    bodies = {office["body"] for _, office in OFFICES}
    assert {person["country"] for person in PEOPLE} - codes == set()
    assert {body for body in bodies if re.fullmatch(r"[A-Z]{2}", body)} - codes == set()
    named = bodies - codes - canonical
    assert {body for body in named if fold(body) in variants} == set()


def test_dates_are_days_in_order() -> None:
    for person, office in OFFICES:
        for key in ("from", "to"):
            assert type(office.get(key, date.min)) is date, (person["id"], key)
        assert office.get("from", date.min) <= office.get("to", date.max), person["id"]


def test_successive_holders_do_not_overlap() -> None:
    terms: dict[tuple[str, str], list[tuple[date, date, str]]] = {}
    for person, office in OFFICES:
        key = (office["role"], office["body"])
        if office["role"] in SOLE_ROLES and "from" in office:
            terms.setdefault(key, []).append((office["from"], office.get("to", date.max), person["id"]))
    clashes = [
        (key, earlier, later)
        for key, held in terms.items()
        for earlier, later in pairwise(sorted(held))
        if later[0] < earlier[1]
    ]
    assert clashes == []


def test_leaders_agree_with_the_public_list() -> None:
    """Every leader of the list holds that office in the register, since the day the list gives, and has not left it."""
    rows = csv.DictReader(read_bench("world_leaders_2026-08-22.csv").splitlines())
    expected = [
        (row["ISO"], row[f"{post} Title"], row[holder], row[f"{post} Since"])
        for row in rows
        for post, holder in (("HoG", "Head of Government"), ("HoS", "Head of State"))
        if row[holder] and (row["ISO"], row[f"{post} Title"]) not in BENCH_MISTAKES
    ]
    assert len(expected) >= 50
    missing = []
    for code, title, name, since in expected:
        held = [
            office
            for person, office in OFFICES
            if fold(name) in spellings(person)
            and office["role"] == BENCH_ROLES[title]
            and office["body"] == BENCH_BODIES.get(code, code)
            and office.get("to", date.max) >= date(2026, 8, 22)
            and (not since or office.get("from") == date.fromisoformat(since))
        ]
        if not held:
            missing.append((code, title, name, since))
    assert missing == []


def test_name_pairs_are_joined_and_kept_apart() -> None:
    """Spellings of one person share a register entry; those of two people never do."""
    pairs = json.loads(read_bench("name_pairs_dev.json"))
    owners = {name: person["id"] for person in PEOPLE for name in spellings(person)}
    split = [pair for pair in pairs["same"] if len({owners.get(fold(name), name) for name in pair}) > 1]
    joined = [
        pair for pair in pairs["different"] if len({owners.get(fold(name), name) for name in pair}) < len(set(pair))
    ]
    assert split == []
    assert joined == []
