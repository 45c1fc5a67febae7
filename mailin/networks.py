"""Whom addresses belong to, and how much of something each of them has."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv6Address, ip_address

WIDE = 2
"""So many times its share has the wider network around one: a pool of servers has one, and so have neighbours."""


class ByNetwork:
    """Counts by network, and by the wider one around it; what has nothing takes no memory."""

    def __init__(self) -> None:
        self._own: Counter[str] = Counter()
        self._around: Counter[str] = Counter()

    def own(self, network: str) -> int:
        """What the network has."""
        return self._own[network]

    def around(self, network: str) -> int:
        """What all networks in the wider one around it have, itself included."""
        return self._around[wider(network)]

    def total(self) -> int:
        """What all have."""
        return self._own.total()

    def add(self, network: str, more: int) -> None:
        """The network has so much more, or less where it is negative."""
        for counted, key in ((self._own, network), (self._around, wider(network))):
            counted[key] += more
            if not counted[key]:
                del counted[key]


def network_of(address: str) -> str:
    """Whom an address belongs to: an IPv6 customer owns at least a /64 network, and could use each of them once.

    An IPv4 address as it is, or the number of the /64; raises ValueError for an IPv6 address that is none.
    """
    if ":" not in address:
        return address
    ip = ip_of(address)
    return str(ip) if isinstance(ip, IPv4Address) else str(int(ip) >> 64)


def wider(network: str) -> str:
    """The network around one of `network_of`, an IPv4 /24 or an IPv6 /48: many who rent one address can have more."""
    if "." in network:
        return network.rpartition(".")[0]
    return f"{int(network) >> 16}/48" if network.isdecimal() else network


def ip_of(address: str) -> IPv4Address | IPv6Address:
    """The address as a number, one of IPv4 also where the system shows it as IPv6; raises ValueError."""
    ip = ip_address(address.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
