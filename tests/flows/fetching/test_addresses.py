"""Which addresses may be asked."""

from __future__ import annotations

import pytest

from flows.fetching.addresses import UnfitUrlError, checked_url, is_public


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "2002:5db8:d70e::"]
)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "::1", "fd00::1",
        "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "192.0.2.1",
    ],
)  # fmt: skip
def test_private_addresses_may_be_asked_where_they_are_allowed(address: str) -> None:
    assert not is_public(address)
    assert is_public(address, private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "0.0.0.1", "::", "224.0.0.1", "ff02::1",
        "255.255.255.255", "240.0.0.1", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::ffff:0.0.0.0", "::127.0.0.1",
    ],
)  # fmt: skip
def test_metadata_services_groups_and_nothing_are_never_asked(address: str) -> None:
    assert not is_public(address)
    assert not is_public(address, private=True)


def test_addresses_are_made_plain() -> None:
    assert checked_url(" HTTPS://Écho.FR:443/à?q=é#haut ") == "https://xn--cho-9la.fr/%C3%A0?q=%C3%A9"


@pytest.mark.parametrize(
    "url",
    [
        "//a.fr/x", "a.fr", "ftp://a.fr/", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.fr", "http://",
        "http:///x", "http://../x", "http://a..b/", "http://a.fr:0/", "http://a.fr:99999/", "http://u:p@a.fr/",
        "http://a.fr\\@b.fr/", "http://a\n.fr/", "http://[fe80::1%25eth0]/", "http://[::1/",
        "https://a.fr/" + "x" * 2_000,
        "http://" + "a" * 64 + ".fr/", "http://\udcff.fr/",
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere_good_are_not_asked(url: str) -> None:
    with pytest.raises(UnfitUrlError):
        checked_url(url)
