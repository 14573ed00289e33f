"""Rank tables: which devices train together, in the vendor's JSON, version 1.0."""

import json
import re

from estimator.errors import OptionsError
from input_fn import write_json

# Where the vendor's hccn_tool keeps the addresses of the devices' network cards.
HCCN_FILE = "/etc/hccn.conf"
# Addresses of an eight-device server's network cards as ModelZoo's tables have them.
_CARD_NETWORKS = 4
_MOST_DEVICES = 8


def make_rank_table(devices, addresses):
    """Makes the table of one server.

    Args:
        devices: List of the devices' numbers, in the order of the ranks.
        addresses: Dict of a device's number to its network card's address.

    Returns:
        Dict as the vendor's tools write it; all values are strings.
    """
    listed = [
        {"device_id": str(device), "device_ip": addresses[device], "rank_id": str(rank)}
        for rank, device in enumerate(devices)
    ]
    return {
        "server_count": "1",
        "server_list": [{"server_id": "127.0.0.1", "device": listed}],
        "status": "completed",
        "version": "1.0",
    }


def write_rank_table(path, size, first_device, hccn_file=HCCN_FILE):
    """Writes the table of this server to a file.

    Args:
        path: Of the table.
        size: The number of devices.
        first_device: The first one's number, 0 to 7; the others follow.
        hccn_file: Where the addresses are looked for.

    Returns:
        Where the addresses come from, in words.

    Raises:
        OptionsError: The server has no such devices, or the file lacks the address of one.
    """
    devices = list(range(first_device, first_device + size))
    if devices[-1] >= _MOST_DEVICES:
        raise OptionsError(
            f"RANK_SIZE={size} from ASCEND_DEVICE_ID={first_device}: a rank table is made for one "
            f"server with the devices 0 to {_MOST_DEVICES - 1}; give one with --rank_table=FILE"
        )
    addresses, source = _read_addresses(hccn_file), hccn_file
    if addresses is None:
        addresses = {device: _card_address(device) for device in devices}
        source = f"ModelZoo's tables, since there is no {hccn_file} (--rank_table=FILE for others)"
    missing = [device for device in devices if device not in addresses]
    if missing:
        raise OptionsError(
            f"{hccn_file}: has no address_{missing[0]}; set it with hccn_tool, or give a table "
            "with --rank_table=FILE"
        )
    write_json(path, make_rank_table(devices, addresses))
    return source


def _read_addresses(path):
    """Reads the lines of the form address_0=192.168.100.101; None where there is no file."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.findall(r"^\s*address_(\d+)\s*=\s*(\S+)\s*$", file.read(), re.MULTILINE)
    except OSError:
        return None
    return {int(device): address for device, address in found}


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
