"""Metadata as found in pages, feeds and exports: kept where it is what it should be, else unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from flows.sources.record import UnreadableError

MAX_TITLE_CHARS = 1_000
MAX_URL_CHARS = 4_000
MAX_AUTHORS = 50
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
FRENCH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:\D.{0,20})?")
FIRST_YEAR, LAST_YEAR = 1800, 2200  # beyond them a number is no date of an article

# ISO 639-2 and 639-3 codes, which some exports use, of languages that BCP 47 writes in two letters.
TWO_LETTERS = {
    "fra": "fr", "fre": "fr", "eng": "en", "deu": "de", "ger": "de", "spa": "es", "ita": "it", "por": "pt", "nld": "nl",
    "dut": "nl", "rus": "ru", "ukr": "uk", "ara": "ar", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "tur": "tr",
    "pol": "pl", "ron": "ro", "rum": "ro", "ell": "el", "gre": "el", "heb": "he", "fas": "fa", "per": "fa", "hin": "hi",
    "swe": "sv", "dan": "da", "nor": "no", "nob": "nb", "fin": "fi", "ces": "cs", "cze": "cs", "hun": "hu", "bul": "bg",
    "srp": "sr", "hrv": "hr", "slv": "sl", "slk": "sk", "slo": "sk", "cat": "ca", "eus": "eu", "baq": "eu", "vie": "vi",
}  # fmt: skip


def clean_text(value: str) -> str:
    """A text from a format with escapes: halves of surrogate pairs, which no encoding holds, become U+FFFD.

    Raises:
        UnreadableError: it holds NUL characters.
    """
    if "\x00" in value:
        raise UnreadableError("holds NUL characters; export it again without them")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def one_line(value: Any) -> str | None:
    """A title or a name: one line without control characters; None where it is no text, empty or too long for one."""
    if not isinstance(value, str) or len(value) > 4 * MAX_TITLE_CHARS:
        return None
    line = " ".join(CONTROLS.sub("", value).split())
    return line if 0 < len(line) <= MAX_TITLE_CHARS else None


def address(value: Any) -> str | None:
    """The address of a page; None where it is none on the web."""
    line = one_line(value) if isinstance(value, str) and len(value) <= MAX_URL_CHARS else None
    return line if line and line.lower().startswith(("http://", "https://")) and " " not in line else None


def names(values: Iterable[Any]) -> tuple[str, ...]:
    """The authors among the values, each once."""
    found = dict.fromkeys(name for name in map(one_line, values) if name)
    return tuple(found)[:MAX_AUTHORS]


def language(value: Any) -> str | None:
    """A BCP 47 tag, from one or from a code of three letters; None where it is neither."""
    if not isinstance(value, str) or len(value) > 40 or not LANGUAGE.fullmatch(value.strip().replace("_", "-")):
        return None
    primary, *others = value.strip().replace("_", "-").split("-")
    return "-".join([TWO_LETTERS.get(primary.lower(), primary.lower()), *others])


def day(value: Any) -> date | None:
    """A day, from what exports write: ISO 8601, RFC 2822, day/month/year, seconds or milliseconds since 1970.

    None where it is none of these, and for 08/15/2025, whose order is not the French one.
    """
    if isinstance(value, datetime):
        found: date | None = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _since_1970(value)
    elif isinstance(value, str) and len(value) <= 100:
        found = _written(value.strip())
    else:
        found = None
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _since_1970(number: float) -> date | None:
    try:
        # Seconds reach 10^11 in the year 5138, milliseconds do in 1973.
        return datetime.fromtimestamp(number if abs(number) < 1e11 else number / 1000, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def _written(value: str) -> date | None:
    if french := FRENCH_DAY.fullmatch(value):
        try:
            return date(int(french[3]), int(french[2]), int(french[1]))
        except ValueError:
            return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*", value):
        value = value[:10]  # the day as the source counts it, whatever follows
    if re.fullmatch(r"[0-9]{9,13}", value):
        return _since_1970(int(value))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(value).date()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
