"""Rank tables: which devices train together, in the vendor's JSON, version 1.0."""

import json

from estimator.errors import OptionsError
from input_fn import write_json

# Addresses of an eight-device server's network cards as ModelZoo's tables have them.
_CARD_NETWORKS = 4
_MOST_DEVICES = 8


def make_rank_table(size):
    """Makes the table of one server.

    Args:
        size: Number of devices, 1 to 8.

    Returns:
        Dict as the vendor's tools write it; all values are strings.

    Raises:
        OptionsError: There are more devices than a server has.
    """
    if size > _MOST_DEVICES:
        raise OptionsError(
            f"RANK_SIZE={size}: a rank table is made for one server of {_MOST_DEVICES} devices; "
            "give one with --rank_table=FILE"
        )
    devices = [
        {"device_id": str(rank), "device_ip": _card_address(rank), "rank_id": str(rank)}
        for rank in range(size)
    ]
    return {
        "server_count": "1",
        "server_list": [{"server_id": "127.0.0.1", "device": devices}],
        "status": "completed",
        "version": "1.0",
    }


def write_rank_table(path, size):
    """Writes the table of one server to a file; see `make_rank_table`."""
    write_json(path, make_rank_table(size))


def read_servers(path):
    """Reads the ranks of a table.

    Args:
        path: JSON file, version 1.0.

    Returns:
        List of (server_id, device_id), text both, ordered by rank.

    Raises:
        OptionsError: The file is not such a table.
    """
    try:
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
        ranks = sorted(
            (int(device["rank_id"]), server["server_id"], device["device_id"])
            for server in table["server_list"]
            for device in server["device"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OptionsError(
            f"--rank_table {path}: is not a rank table of version 1.0 "
            f"({type(error).__name__}: {error}); see the README for one"
        ) from None
    if [rank for rank, _, _ in ranks] != list(range(len(ranks))):
        raise OptionsError(
            f"--rank_table {path}: has the ranks {[rank for rank, _, _ in ranks]}; "
            "they must be 0, 1, 2, ... without a gap"
        )
    return [(server, device) for _, server, device in ranks]


def _card_address(device):
    network, group = device % _CARD_NETWORKS, device // _CARD_NETWORKS
    return f"192.168.{100 + network}.{101 - group}"
