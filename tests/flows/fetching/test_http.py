"""What hosts do to those who ask, and what comes of it."""

from __future__ import annotations

import gzip
import subprocess
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest

from flows.fetching.politeness import retry_after
from tests.flows.fetch_server import HTML, Page, Site, feed, html, redirect, serving
from tests.flows.fetching.conftest import Fetcher

PLAIN = {"Content-Type": "text/plain"}


def zipped(body: bytes, **headers: str) -> Page:
    return Page(body, headers={"Content-Type": HTML, "Content-Encoding": "gzip", **headers})


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(b"rien", status=404), "answers 404 Not Found"),
        (Page(b"rien", status=403), "answers 403 Forbidden"),
        (Page(b"rien", status=500), "answers 500 Internal Server Error, 2 times"),
        (Page(b"", status=200), "is empty"),
        (Page(b"x" * 5_000), "is larger than 4,000 bytes"),
        (Page(b"x" * 5_000, length=10**15), "is larger than 4,000 bytes"),
        (Page(b"abc", headers={"Content-Type": "image/png"}), "is of type image/png, which is not fetched"),
        (Page(b"abc", headers={}), "is of type unknown, which is not fetched"),
        (Page(b"<p>coup", length=1_000), "incomplete|without sending complete"),
        (zipped(gzip.compress(b"0" * 50_000_000)), "is larger than 4,000 bytes"),
        (zipped(gzip.compress(b"<p>Un accord.")[:-9]), "ends before its compressed body is complete, 2 times"),
        (zipped(b"this is not gzip"), "is damaged"),
        (Page(b"abc", headers={"Content-Type": HTML, "Content-Encoding": "br"}), "is encoded as br"),
        (redirect("/page"), "redirects in a circle"),
        (redirect("http://../../etc"), "names no host"),
        (redirect("ftp://127.0.0.1/a"), "is no address of http:// or https://"),
        (redirect("http://qui:mot@127.0.0.1/a"), "carries a name or password"),
        (redirect("http://169.254.169.254/latest/meta-data/"), "169.254.169.254, which is not public"),
        (redirect("http://[::ffff:169.254.169.254]/"), "which is not public"),
        (redirect("http://2130706433/"), "is at 127.0.0.1, which is not public"),
        (redirect("http://localhost/"), "which is not public"),
        (redirect("http://nulle-part.invalid/"), "no host is called|cannot be resolved now"),
        (Page(status=302, headers={}), "answers 302 Found without saying where"),
        (Page(b"x" * 100, seconds=0.9), "nothing came for 0.5 s, 2 times"),
        (Page(b"x" * 1_000, seconds=0.05, piece=1), "took longer than 0.8 s"),
        (Page(b"x", headers={"Content-Type": HTML, "X": "y" * 200_000}), ""),
    ],
)
def test_pages_that_cannot_be_had_are_named_and_stop_nothing_else(
    fetcher: Fetcher, site: Site, page: Page, words: str
) -> None:
    fetcher.limits = {"max_bytes": 4_000, "deadline": 0.8}
    site.pages |= {"/page": page, "/after": html("Un accord a été trouvé.")}
    results = fetcher("page /page", "page /after")
    assert results["/page"].startswith("failed: ")
    assert any(word in results["/page"] for word in words.split("|")), results["/page"]
    assert results["/after"] == "new"
    assert len(fetcher.stored()) == 1


def test_body_is_stored_decompressed(fetcher: Fetcher, site: Site) -> None:
    site.pages["/page"] = zipped(gzip.compress(b"<p>Un accord."))
    assert fetcher("page /page") == {"/page": "new"}
    assert list(fetcher.stored().values()) == [b"<p>Un accord."]


def test_redirects_lead_to_the_page_and_end_somewhere(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {f"/{n}": redirect(f"/{n + 1}", 301 + n % 2) for n in range(4)} | {"/4": html("Un accord.")}
    fetcher.limits = {"redirects": 3}
    assert fetcher("page /0")["/0"] == "failed: redirects more than 3 times"
    assert fetcher("page /1") == {"/1": "new"}
    (sidecar,) = fetcher.raw.rglob("*.toml")
    assert f'url = "{site.url}/4"' in sidecar.read_text()


def test_only_the_hosts_that_were_named_may_be_private(fetcher: Fetcher, site: Site) -> None:
    with serving() as inner:
        inner.pages["/secret"] = html("Un secret.")
        site.pages |= {"/away": redirect(f"{inner.url}/secret"), "/feed": feed(f"{inner.url}/secret")}
        results = fetcher("page /away", "feed /feed", f"page {inner.url}/open allow_private = false")
        assert inner.asked == []
    assert len(results) == 3
    assert all("127.0.0.1, which is not public" in result for result in results.values())


def test_name_that_changes_its_address_is_checked_each_time(
    fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that is somebody else's: public at first, then the machine itself."""
    import socket

    port = int(site.url.rpartition(":")[2])
    answers = iter(["192.0.2.1", "127.0.0.1"])
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: object, **named: object) -> object:
        if host != "rebinding.example":
            return real(host, *arguments, **named)  # type: ignore[arg-type]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers, "127.0.0.1"), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    site.pages["/page"] = html("Un secret.")
    results = fetcher(f"page http://rebinding.example:{port}/page allow_private = false")
    assert "which is not public" in str(results)
    assert asked
    assert site.asked == []


def test_robots_are_obeyed_and_asked_for_once(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {
        "/robots.txt": Page(
            b"User-agent: *\nDisallow: /\n\nUser-agent: Depeche\nDisallow: /prive/\nDisallow: /*?page=\n", headers=PLAIN
        ),
        "/feed": feed("/a", "/prive/b", "/a?page=2", "/away"),
        "/a": html("Un accord."),
        "/away": redirect("/prive/c"),
    }
    results = fetcher("feed /feed")
    place = f"forbidden: forbidden by {site.url}/robots.txt"
    assert results == {"/a": "new", "/prive/b": place, "/a?page=2": place, "/away": place}
    assert [path for _, path, _ in site.asked].count("/robots.txt") == 1
    assert sorted(site.paths()) == ["/a", "/away", "/feed"]


def test_another_name_has_other_rules(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {
        "/robots.txt": Page(b"User-agent: veille\nDisallow: /\n", headers=PLAIN),
        "/a": html("Un accord."),
    }
    assert fetcher("page /a") == {"/a": "new"}
    fetcher.lines = 'agent = "veille/2.0"\ncontact = "veille@example.org"\n'
    assert fetcher("page /a")["/a"].startswith("forbidden")
    assert site.asked[-1][2]["user-agent"] == "veille/2.0 (+veille@example.org)"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_host_whose_robots_cannot_be_read_is_not_asked(fetcher: Fetcher, site: Site, status: int) -> None:
    site.pages |= {"/robots.txt": Page(b"", status=status), "/a": html("Un accord.")}
    assert f"robots.txt: answers {status}" in fetcher("page /a")["/a"]
    assert site.paths() == []


def test_robots_that_are_huge_or_no_text_take_no_time(fetcher: Fetcher, site: Site) -> None:
    rules = b"User-agent: *\nDisallow: /a" + b"*a" * 500 + b"*b\n" + b"Disallow: /x*y\n" * 50_000
    site.pages |= {"/robots.txt": Page(rules + b"\xff\x00", headers=PLAIN), "/" + "a" * 1_500: html("Un accord.")}
    started = time.monotonic()
    assert list(fetcher("page /" + "a" * 1_500).values()) == ["new"]
    assert time.monotonic() - started < 5


def test_pause_between_two_requests_is_kept(fetcher: Fetcher, site: Site) -> None:
    fetcher.limits = {"delay": 0.15}
    site.pages |= {f"/{n}": html(f"Le {n} mai.") for n in range(4)}
    fetcher(*(f"page /{n}" for n in range(4)))
    times = [at for at, _, _ in site.asked]
    assert len(times) == 5
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.15


def test_pause_that_robots_ask_for_is_kept_unless_it_is_too_long(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {"/a": html("Un accord."), "/b": html("Deux accords.")}
    site.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 0.3", headers=PLAIN)
    fetcher("page /a", "page /b")
    times = [at for at, path, _ in site.asked if path != "/robots.txt"]
    assert times[1] - times[0] >= 0.3
    site.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 30", headers=PLAIN)
    assert "asks for 30 s between requests" in fetcher("page /a")["/a"]


def test_host_that_is_asked_too_often_is_left_alone_as_long_as_it_says(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {
        "/a": [Page(b"", status=429, headers={"Retry-After": "1"}), html("Un accord.")],
        "/b": html("Deux accords."),
    }
    assert fetcher("page /a", "page /b") == {"/a": "new", "/b": "new"}
    times = {path: at for at, path, _ in site.asked}  # the last time that each was asked
    first = min(at for at, path, _ in site.asked if path == "/a")
    assert times["/a"] - first >= 1
    assert times["/b"] - first >= 1


def test_host_that_asks_for_a_long_time_is_not_asked_again(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {
        "/a": Page(b"", status=503, headers={"Retry-After": "3600"}),
        "/b": html("Un accord."),
    }
    results = fetcher("page /a", "page /b")
    assert all("asks to be left alone for 3600 s" in result for result in results.values())
    assert site.paths() == ["/a"]


def test_host_that_is_down_is_asked_for_its_robots_only(fetcher: Fetcher) -> None:
    with serving() as gone:
        pass
    results = fetcher(*(f"page {gone.url}/{n}" for n in range(3)))
    assert all(result.startswith("failed: robots.txt: ") for result in results.values())
    assert all(result.endswith(", 2 times") for result in results.values())


def test_host_that_falls_silent_is_given_up(fetcher: Fetcher, site: Site) -> None:
    fetcher.limits = {"retries": 0, "timeout": 0.2}
    site.pages |= {f"/{n}": Page(b"x" * 100, seconds=0.5) for n in range(6)}
    results = list(fetcher(*(f"page /{n}" for n in range(6))).values())
    assert [result.endswith("nothing came for 0.2 s") for result in results] == [True] * 3 + [False] * 3
    assert all("did not answer 3 times in a row (nothing came for 0.2 s)" in result for result in results[3:])
    assert len(site.paths()) == 3


def test_certificates_are_checked_against_the_name(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(context) as site:
        site.pages["/a"] = html("Un accord.")
        named = site.url.replace("127.0.0.1", "localhost")
        (unknown,) = fetcher(f"page {named}/a").values()
        assert "its certificate is not trusted" in unknown
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert list(fetcher(f"page {named}/a").values()) == ["new"]
        assert set(names) == {"localhost"}
        (other,) = fetcher(f"page {site.url}/a").values()
        assert "its certificate is not trusted" in other


def test_cookies_are_not_taken(fetcher: Fetcher, site: Site) -> None:
    site.pages |= {"/a": html("Un accord.", Set_Cookie="suivi=1; Path=/"), "/b": html("Deux.", Set_Cookie="s=2")}
    fetcher("page /a", "page /b")
    assert not any("cookie" in headers for _, _, headers in site.asked)


def test_retry_after_is_seconds_or_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_after("120") == 120
    assert 85 < (retry_after(format_datetime(soon, usegmt=True)) or 0) <= 90
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0
    assert [retry_after(value) for value in (None, "bientôt", "-1", "1.5", "²")] == [None] * 5
