"""Which addresses may be asked: none inside a private network, unless its host was named and allowed.

A feed is written by others, and so may link or redirect to the machine itself, to its neighbours, or to the service
that hands credentials to virtual machines. Names are therefore resolved once, every address they have is checked, and
the connection goes to an address that was checked: a name that changes its address in between (DNS rebinding) gains
nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Any

import httpx

MAX_URL = 2_000  # characters; longer ones are traps, or carry data
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?:[a-z0-9_][a-z0-9_-]{0,62}\.)*[a-z0-9_][a-z0-9_-]{0,62}\.?|[0-9a-f]*:[0-9a-f:.]+")
# Where services for virtual machines hand out settings and credentials (Azure, Alibaba, Oracle, Amazon; most are at
# 169.254.169.254, which is link-local), and « this network », which stands for the machine itself.
NEVER = tuple(
    ipaddress.ip_network(network)
    for network in ("168.63.129.16/32", "100.100.100.200/32", "192.0.0.0/24", "fd00:ec2::254/128", "0.0.0.0/8")
)
# An IPv6 address that translates to the IPv4 one in its last bits (RFC 6052).
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnfitUrlError(Exception):
    """An address that is not asked, whatever it leads to; the message says why."""


class RefusedAddressError(httpx.TransportError):
    """The host of an address is in a network where nothing may be asked."""


class NoSuchHostError(httpx.TransportError):
    """The name of the host is not known."""


def checked_url(url: str) -> str:
    """The address as it is asked: without fragment, its host in lower case and ASCII.

    Raises:
        UnfitUrlError: no http or https, with a password, too long, or malformed.
    """
    if len(url) > MAX_URL:
        raise UnfitUrlError(f"the address is longer than {MAX_URL} characters")
    try:
        parsed = httpx.URL(url.strip())
        host = parsed.raw_host.decode("ascii")
        port = parsed.port
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UnfitUrlError(f"{url!r} is no address ({error})") from error
    if parsed.scheme not in PORTS:
        raise UnfitUrlError(f"{url!r} is no address of http:// or https://")
    if not HOST.fullmatch(host) or (port is not None and not 0 < port < 65536):
        raise UnfitUrlError(f"{url!r} names no host")
    if parsed.userinfo:
        raise UnfitUrlError(f"the address at {host} carries a name or password: take it out")
    return str(parsed.copy_with(raw_path=parsed.raw_path, fragment=None))


def netloc(url: str) -> str:
    """Host and port of an address, the port left out where it is the usual one."""
    return httpx.URL(url).netloc.decode("ascii")


def is_public(address: str, *, private: bool = False) -> bool:
    """Whether an IP address may be asked.

    Args:
        address: IPv4 or IPv6, as the resolver gives it.
        private: whether addresses of the machine itself and of private networks may be asked, too. Those of the own
            link, of metadata services, of groups, and those that stand for nothing never are.
    """
    ip = ipaddress.ip_address(address)
    inner = _inner(ip)
    if inner is not None:
        return is_public(str(inner), private=private)
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or any(ip in network for network in NEVER):
        return False
    if ip.is_loopback:
        return private
    if ip.is_reserved:
        return False
    return private or (ip.is_global and not getattr(ip, "is_site_local", False))


def _inner(ip: IPAddress) -> IPAddress | None:
    """The IPv4 address that an IPv6 one leads to in the end."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in TRANSLATED:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


class CheckedTransport(httpx.AsyncBaseTransport):
    """Connects to addresses that were checked, and asks under the name of the host.

    Every request has its own connection: one left open was checked for another name, or before names changed.
    """

    def __init__(self, private_hosts: frozenset[str], connections: int) -> None:
        self._private_hosts = private_hosts
        self._transport = httpx.AsyncHTTPTransport(
            verify=httpx.create_ssl_context(),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=0),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request from the first address of its host that takes the connection.

        Raises:
            RefusedAddressError: one of the addresses of the host may not be asked.
            NoSuchHostError: the host has none.
        """
        host = request.url.raw_host.decode("ascii").strip("[]")
        private = request.url.netloc.decode("ascii") in self._private_hosts
        addresses = await _resolved(host, request.url.port or PORTS[request.url.scheme], request.extensions)
        refused = [address for address in addresses if not is_public(address, private=private)]
        if refused:
            raise RefusedAddressError(f"{host} is at {refused[0]}, which is not public")
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            try:
                return await self._transport.handle_async_request(_sent_to(address, host, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not left:
                    raise
        raise NoSuchHostError(f"{host} has no address")

    async def aclose(self) -> None:
        """Close what is open."""
        await self._transport.aclose()


def _sent_to(address: str, host: str, request: httpx.Request) -> httpx.Request:
    """The request, to be sent to an IP address; its header still names the host, which the certificate must name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


async def _resolved(host: str, port: int, extensions: dict[str, Any]) -> Sequence[str]:
    """The IP addresses of a host, the preferred one first."""
    seconds = extensions["timeout"]["connect"]
    try:
        async with asyncio.timeout(seconds):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise httpx.ConnectTimeout(f"the name {host} was not resolved in {seconds:g} s") from error
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise httpx.ConnectError(f"the name {host} cannot be resolved now") from error
        raise NoSuchHostError(f"no host is called {host}") from error
    except UnicodeError as error:
        raise NoSuchHostError(f"{host} is no name of a host") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
