"""Who may call: Host and Origin are checked, so that no other web page can use the model.

A page that a user has open may send requests to any address that the user's machine reaches, also
to 127.0.0.1, and may have its own name point there (DNS rebinding). Browsers say in Origin which
page sends a request, and in Host by which name; the server answers its own page, and programs,
which send no Origin.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import FrozenSet

from estimator.serving.refusals import RefusedError

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\s\[\]:/@?#]+)(?::\d{1,5})?$")
_ORIGIN = re.compile(r"https?://(?P<host>[^/]+)$")


@dataclass(frozen=True)
class Callers:
    """The names by which the server may be called.

    Attributes:
        names: In lower case.
        everywhere: Whether any address in digits will do: an address has no name that could be made
            to point elsewhere. Else those of this machine's loopback alone.
    """

    names: FrozenSet[str]
    everywhere: bool

    def check(self, host, origin):
        """Refuses requests that were not meant for this server, or come from another's page.

        Args:
            host: The request's header, or None.
            origin: Likewise.

        Raises:
            RefusedError: 403.
        """
        match = _HOST.match(host or "")
        if match is None or not self._knows(match.group("name")):
            raise RefusedError(
                403,
                f"Host {_shown(host)} is none that this server answers to; use its address, or "
                "start it with --allowed_hosts=NAME",
            )
        if origin is None:
            return
        match = _ORIGIN.match(origin.lower())
        if match is None or match.group("host") != host.lower():
            raise RefusedError(
                403, f"Origin {_shown(origin)} is another site's page; only the server's own may"
            )

    def _knows(self, name):
        name = name.lower().rstrip(".")
        address = address_or_none(name.strip("[]"))
        if address is None:
            return name in self.names
        return self.everywhere or address.is_loopback or str(address) in self.names


def callers_of(host, allowed_hosts):
    """Makes the rule for a server.

    Args:
        host: The address or name that it listens on.
        allowed_hosts: Further names.

    Returns:
        `Callers`.
    """
    address = address_or_none(host)
    return Callers(
        frozenset({"localhost", host.lower(), *allowed_hosts}),
        everywhere=address is not None and not address.is_loopback,
    )


def address_or_none(text):
    """Reads an IP address; None where it is a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _shown(header):
    return "is missing and" if header is None else repr(header[:100])
