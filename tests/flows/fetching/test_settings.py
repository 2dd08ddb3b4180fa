"""`sources.toml`: the example explains itself, and what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.fetching.settings import Limits, SettingsError, Source, read_settings
from tests.conftest import ROOT


def read(tmp_path: Path, text: str):
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_example_shows_every_key_with_its_default() -> None:
    example = ROOT / "sources.example.toml"
    settings = read_settings(example)
    assert {source.kind for source in settings.sources} == {"feed", "page", "list"}
    assert settings.limits == Limits()
    text = example.read_text(encoding="utf-8")
    keys = (*Limits.__dataclass_fields__, *(key for key in Source.__dataclass_fields__ if key != "kind"), "contact")
    assert [key for key in keys if f"{key} = " not in text] == []


def test_sources_are_read_as_written(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        agent = "veille/1.0"
        contact = "veille@example.org"
        [limits]
        delay = 2
        types = ["text/html"]
        [[feed]]
        url = "https://EXAMPLE.org/fil#haut"
        publisher = "Le « Fil »"
        language = "FR"
        follow = false
        [[list]]
        url = "http://localhost:8000/une"
        links = "article h2 a"
        allow_private = true
        """,
    )
    assert settings.user_agent == "veille/1.0 (+veille@example.org)"
    assert settings.limits == Limits(delay=2, types=("text/html",))
    assert settings.private_hosts == {"localhost:8000"}
    assert settings.sources == (
        Source("feed", "https://example.org/fil", "Le « Fil »", "FR", follow=False),
        Source("list", "http://localhost:8000/une", links="article h2 a", allow_private=True),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[feed]", "is not TOML"),
        ("", "names no [[feed]]"),
        ("[feed]\nurl = 'https://a.fr'", "write [[feed]]"),
        ("[[feed]]\n", "has no url"),
        ("[[feed]]\nurl = 3", "url of 3 is 3: give a string"),
        ("[[feed]]\nurl = 'a.fr/fil'", "is no address of http"),
        ("[[feed]]\nurl = 'file:///etc/passwd'", "is no address of http"),
        ("[[feed]]\nurl = 'https://../x'", "names no host"),
        ("[[feed]]\nurl = 'https://a.fr:99999/x'", "names no host"),
        ("[[feed]]\nurl = 'https://moi:mot@a.fr/x'", "carries a name or password"),
        ("[[feed]]\nurl = 'https://a.fr/" + "x" * 2_000 + "'", "longer than"),
        ("[[feed]]\nurl = 'https://a.fr'\nlinks = 'a'", "keys that are not known: links"),
        ("[[feed]]\nurl = 'https://a.fr'\nfollow = 'oui'", "give true or false"),
        ("[[feed]]\nurl = 'https://a.fr'\nlanguage = 'français'", "no BCP 47 tag"),
        ("[[feed]]\nurl = 'https://a.fr'\n[[page]]\nurl = 'https://A.fr/'", "names https://a.fr/ twice"),
        ("[[list]]\nurl = 'https://a.fr'\nlinks = 'a['", "no CSS selector"),
        ("retries = 3", "keys that are not known: retries"),
        ("[limits]\ndelay = -1\n[[feed]]\nurl = 'https://a.fr'", "delay is -1: give a number from 0"),
        ("[limits]\ndelay = inf\n[[feed]]\nurl = 'https://a.fr'", "delay is inf"),
        ("[limits]\nretries = 1.5\n[[feed]]\nurl = 'https://a.fr'", "retries is 1.5: give a whole number"),
        ("[limits]\nmax_bytes = true\n[[feed]]\nurl = 'https://a.fr'", "max_bytes is True"),
        ("[limits]\ntypes = ['image/png']\n[[feed]]\nurl = 'https://a.fr'", "types is ['image/png']"),
        ("limits = 3\n[[feed]]\nurl = 'https://a.fr'", "write [limits]"),
        ("agent = 'deux mots'\n[[feed]]\nurl = 'https://a.fr'", "agent is 'deux mots'"),
        ('contact = "a\\r\\nCookie: b"\n[[feed]]\nurl = "https://a.fr"', "contact is"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    assert words in str(raised.value)
    assert "sources.toml" in str(raised.value)


def test_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"sources\.example\.toml"):
        read_settings(tmp_path / "sources.toml")
