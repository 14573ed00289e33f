"""Two hosts on one machine, joined by a link of limited rate: network namespaces and tc.

Linux only, by root or whoever may administer networks; `ip` and `tc` are those of iproute2.
"""

import json
import os
import subprocess

# RFC 2544 keeps these addresses for measurements.
_ADDRESSES = ["198.18.0.1", "198.18.0.2"]
# Of each end, in a namespace of its own.
_DEVICE = "veth0"
# How long data may wait to go out, and how many ticks of the kernel's timer there are in a second,
# at the least: what may go out at once must last from one tick to the next (manual of tc-tbf).
_LATENCY = "50ms"
_TICKS = 250
# Network cards, and the kernel's in their place, are handed up to 64 kB at once.
_LEAST_BURST = 1 << 17


class LimitedLink:
    """A context with two hosts, each for one rank.

    Attributes:
        prefixes: List of the words before a command that is to run on each host.
        environments: List of the variables that each host's launcher needs.
        rank_table: Path of the rank table that names both.
    """

    def __init__(self, rate, folder):
        """Prepares a link; nothing is set up before it is entered.

        Args:
            rate: Gbit/s, positive.
            folder: An existing folder for the rank table.
        """
        self._bits = int(rate * 1e9)
        self._names = [f"scaling-{os.getpid()}-{host}" for host in range(2)]
        self.prefixes = [["ip", "netns", "exec", name] for name in self._names]
        self.environments = [{"RANK_SIZE": "2", "RANK_INDEX": str(host)} for host in range(2)]
        self.rank_table = folder / "rank_table.json"

    def __enter__(self):
        """Makes the namespaces, the link between them and the rank table.

        Raises:
            OSError: There is no `ip` or `tc`.
            subprocess.CalledProcessError: One of them failed, as where networks may not be changed.
        """
        self.rank_table.write_text(json.dumps(_rank_table()))
        try:
            for name in self._names:
                _do("ip", "netns", "add", name)
            one, other = self._names
            _do("ip", "link", "add", _DEVICE, "netns", one, "type", "veth",
                "peer", "name", _DEVICE, "netns", other)  # fmt: skip
            for name, address in zip(self._names, _ADDRESSES):
                _do("ip", "-n", name, "addr", "add", f"{address}/30", "dev", _DEVICE)
                _do("ip", "-n", name, "link", "set", _DEVICE, "up")
                _do("ip", "-n", name, "link", "set", "lo", "up")
                _do("ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", _DEVICE, "root",
                    "tbf", "rate", f"{self._bits}bit", "latency", _LATENCY,
                    "burst", str(max(self._bits // 8 // _TICKS, _LEAST_BURST)))  # fmt: skip
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Removes the namespaces, and the link with them."""
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)


def _do(*command):
    subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)


def _rank_table():
    servers = [
        {
            "server_id": address,
            "device": [{"device_id": str(host), "device_ip": address, "rank_id": str(host)}],
        }
        for host, address in enumerate(_ADDRESSES)
    ]
    return {
        "server_count": "2",
        "server_list": servers,
        "status": "completed",
        "version": "1.0",
    }
