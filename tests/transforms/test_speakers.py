"""Sources of statements: kind, reference and name."""

import pytest

from tests.transforms.test_statements import read

SAID = "a affirmé que la digue tiendrait."


def source(text: str, day: str | None = None) -> tuple[str | None, str, str, str | None, str | None]:
    """Surface, kind, reference, name and id of the source of the last statement of a text."""
    row = read(text, day=day).row(-1, named=True)
    return tuple(row[f"speaker{part}"] for part in ("", "_kind", "_reference", "_name", "_id"))


@pytest.mark.parametrize(
    ("phrase", "surface", "kind", "reference", "name"),
    [
        ("Greta Nyström", "Greta Nyström", "person", "name", "Greta Nyström"),
        ("M. Pavel Novotný", "Pavel Novotný", "person", "name", "Pavel Novotný"),
        ("L'économiste Ravi Menon", "Ravi Menon", "person", "name", "Ravi Menon"),
        ("La porte-parole du ministère, Inès Oliveira,", "Inès Oliveira", "person", "name", "Inès Oliveira"),
        (
            "Le cabinet de conseil Ernst",
            "Le cabinet de conseil Ernst",
            "organisation",
            "name",
            "cabinet de conseil Ernst",
        ),
        ("L'ONG locale Eau vive", "Eau vive", "organisation", "name", "Eau vive"),
        ("Le Kremlin", "Le Kremlin", "organisation", "name", "Kremlin"),
        ("Moscou", "Moscou", "state", "name", "Russie"),
        ("Le Kenya et la Somalie", "Le Kenya et la Somalie", "state", "name", "Kenya, Somalie"),
        ("Un rapport", "Un rapport", "document", "description", None),
        ("Une source policière", "Une source policière", "unnamed", "description", None),
        ("Un pêcheur", "Un pêcheur", "unnamed", "description", None),
        ("Le maire", "Le maire", "person", "description", None),
    ],
)
def test_phrases(phrase: str, surface: str, kind: str, reference: str, name: str | None) -> None:
    assert source(f"{phrase} {SAID}")[:4] == (surface, kind, reference, name)


@pytest.mark.parametrize(
    ("before", "subject", "name"),
    [
        ("Greta Nyström a reçu Ravi Menon.", "Elle", "Greta Nyström"),
        ("La ministre Greta Nyström a reçu l'ambassadeur Ravi Menon.", "Ce dernier", "Ravi Menon"),
        ("Le maire Ravi Menon inaugure le pont.", "Le maire", "Ravi Menon"),
        ("Le maire Ravi Menon inaugure le pont. La foule applaudit.", "Cet ancien juge", "Ravi Menon"),
        ("Le maire Ravi Menon et le préfet Paul Ortega inaugurent le pont.", "Les deux hommes", None),
        ("Le président sénégalais, Amadou Sarr, est à Rome.", "Le président italien", None),
    ],
)
def test_within_the_article(before: str, subject: str, name: str | None) -> None:
    assert source(f"{before} {subject} {SAID}")[3] == name


def test_a_role_of_another_party_is_another_person() -> None:
    text = "Le ministre kényan de la Défense, Amos Kiptoo, s'est rendu à Kampala. Le ministre ougandais de la Défense"
    assert source(f"{text} {SAID}")[3] is None


def test_states_and_organisations_have_ids_of_kind_and_country() -> None:
    # Double letters are one in an id, so that spellings meet.
    assert source(f"Moscou {SAID}")[4] == "state:ru:rusie"
    assert source(f"Le Kremlin {SAID}")[4] == "organisation:ru:kremlin"
    assert source(f"Le Kenya et la Somalie {SAID}")[4] is None
    assert source(f"Un pêcheur {SAID}")[4] is None


def test_a_live_blog_entry_starts_anew() -> None:
    assert source(f"9h15 – Greta Nyström est à Oslo.\n9h40 – Elle {SAID}")[3] is None


def test_joint_people_have_a_name_and_no_id() -> None:
    surface, kind, _, name, actor = source(f"Greta Nyström et Ravi Menon ont {SAID.removeprefix('a ')}")
    assert (surface, kind, name, actor) == ("Greta Nyström et Ravi Menon", "person", "Greta Nyström, Ravi Menon", None)
