"""Only the public internet is fetched from, however an address is written."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.fetching.addresses import is_public, resolve
from features.fetching.errors import AddressRefused, FetchFailed

PRIVATE = st.sampled_from(
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "0.0.0.0",
     "100.64.0.1", "168.63.129.16", "192.0.0.192", "224.0.0.1", "255.255.255.255",
     "100.100.100.200"]
).map(IPv4Address)  # fmt: skip

WRAPPINGS = {
    "mapped": lambda v4: 0xFFFF << 32 | v4,
    "compatible": lambda v4: v4,
    "translated": lambda v4: 0xFFFF << 48 | v4,
    "NAT64": lambda v4: 0x64FF9B << 96 | v4,
    "6to4": lambda v4: 0x2002 << 112 | v4 << 80,
    "Teredo client": lambda v4: 0x20010000 << 96 | 0x08080808 << 64 | v4 ^ 0xFFFFFFFF,
    "Teredo server": lambda v4: 0x20010000 << 96 | v4 << 64 | 0x08080808 ^ 0xFFFFFFFF,
    "ISATAP": lambda v4: 0x2606470000000000 << 64 | 0x5EFE << 32 | v4,
}


@pytest.mark.parametrize(
    "text",
    ["::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff0e::1", "2001:db8::1",
     "3fff::1", "5f00::1", "4000::1", "64:ff9b:1::1", "100::1", "2001:2::1", "192.88.99.1",
     "198.18.0.1", "240.0.0.1", "192.0.2.1"],
)  # fmt: skip
def test_address_off_the_public_internet_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "151.101.1.69", "2606:4700::1111", "2a00:1450::1"])
def test_public_address_passes(text: str) -> None:
    assert is_public(ip_address(text))


@given(address=PRIVATE, wrapping=st.sampled_from(sorted(WRAPPINGS)))
def test_private_address_is_refused_in_every_wrapping(address: IPv4Address, wrapping: str) -> None:
    assert not is_public(address)
    assert not is_public(IPv6Address(WRAPPINGS[wrapping](int(address))))


@given(address=st.ip_addresses(v=4), wrapping=st.sampled_from(["mapped", "NAT64", "6to4"]))
def test_translated_address_is_as_public_as_the_one_inside(
    address: IPv4Address, wrapping: str
) -> None:
    assert is_public(IPv6Address(WRAPPINGS[wrapping](int(address)))) == is_public(address)


@given(st.ip_addresses())
def test_nothing_the_standard_library_calls_private_is_public(
    address: IPv4Address | IPv6Address,
) -> None:
    assert address.is_global or not is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "0x7f000001", "0177.0.0.1", "2130706433", "①②⑦.⓪.⓪.①", "::1"]
)
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(AddressRefused, match="public internet"):
        resolve(host, 80)


def test_permitted_address_passes() -> None:
    assert resolve("127.0.0.1", 80, frozenset({"127.0.0.1"})) == ["127.0.0.1"]


def test_name_with_one_private_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # A name service that mixes answers cannot be had here without one of our own.
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("1.1.1.1", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    with pytest.raises(AddressRefused):
        resolve("mixed.example", 80)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300, "a..b"])
def test_unknown_name_is_a_failed_fetch(host: str) -> None:
    with pytest.raises(FetchFailed):
        resolve(host, 80)
