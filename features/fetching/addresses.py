"""Decides which network addresses may be fetched: those of the public internet alone.

`ipaddress.is_global` alone would let through cloud metadata services (168.63.129.16,
192.0.0.192), multicast, site-local and every way of writing an IPv4 address inside an IPv6 one.
Names are judged by what they resolve to, which covers `127.1`, `0x7f000001` and circled digits.
"""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from features.fetching.errors import AddressRefused, FetchFailed

Address: TypeAlias = "IPv4Address | IPv6Address"

REFUSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "168.63.129.16/32",  # Azure's host services, reachable from every Azure machine
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata service is 192.0.0.192
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",  # multicast
    )
)

GLOBAL_6 = IPv6Network("2000::/3")
"""All global unicast addresses given out so far (IANA)."""

REFUSED_6 = (
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, ORCHID, benchmarks
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation
)

MAPPED = IPv6Network("::ffff:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = IPv6Network("2002::/16")
TRANSLATORS = (MAPPED, NAT64, SIX_TO_FOUR)
"""Prefixes that lead to the IPv4 address inside: fine when that one is."""

ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def embedded_ipv4(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield every IPv4 address that an IPv6 address may stand for, by RFC 4291 to 6052."""
    number = int(address)
    if any(
        address in network
        for network in (MAPPED, NAT64, IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
    ):
        yield IPv4Address(number & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if (number >> 32) & 0xFFFF_FFFF in ISATAP:
        yield IPv4Address(number & 0xFFFF_FFFF)


def is_public(address: Address) -> bool:
    """Say whether the address, and every address inside it, is one of the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in REFUSED_4)
    if not all(is_public(inner) for inner in embedded_ipv4(address)):
        return False
    if any(address in network for network in TRANSLATORS):
        return True
    refused = any(address in network for network in REFUSED_6)
    return address in GLOBAL_6 and address.is_global and not refused


def resolve(host: str, port: int, permit: frozenset[str] = frozenset()) -> list[str]:
    """Return the addresses of a host, every one of them checked; at least one.

    `permit` names addresses that pass although they are not public. Raises AddressRefused when
    a single answer is not public: a name with both kinds is an attack, not a mistake. Raises
    FetchFailed when the name does not resolve.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"the host {host[:100]!r} has no address in DNS") from error
    found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    for text in found:
        if text not in permit and not is_public(ip_address(text)):
            raise AddressRefused(f"{host[:100]!r} is not on the public internet; not fetched")
    if not found:
        raise FetchFailed(f"the host {host[:100]!r} has no address")
    return found
