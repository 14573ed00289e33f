"""Which ranks run on this machine, and with what."""

import contextlib
import json
import os
import socket
import sys

from estimator.devices.npu.environment import SAVING_RANK_VARIABLE
from estimator.errors import OptionsError
from estimator.ranks import heartbeat
from estimator.ranks.processes import Rank
from estimator.ranks.table import read_servers, write_rank_table
from estimator.run.stored_run import LAUNCH_VARIABLE

_TRAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "train.py")
_DEVICES_PER_SERVER = 8  # DEVICE_INDEX counts by this many, as in ModelZoo's scripts.
_BASE_PORT = 29500  # Where the hosts of a rank table listen, plus the rank; see PIX2PIX_PORT.


class RankPlan:
    """The ranks of this machine, by the environment and the launcher's options.

    Attributes:
        numbers: The ranks' numbers.
        folders: Their folders of results, in the same order.
        checkpoint_dir: The checkpoint folder of this machine's ranks.
        meeting_point: Address (host, port) at which the first machine's launcher answers others;
            None where there are none, or none that have to ask.
        follows: Whether rank 0 is on another machine, to be asked there.

    Args:
        options: Has output_dir, rank_table (a path or None), bind_core and npu.
        train_flags: List of flags for train.py.

    Raises:
        OptionsError: The environment or the rank table does not fit.
    """

    def __init__(self, options, train_flags):
        self._options = options
        self._train_flags = train_flags
        self._world = _whole_number("RANK_SIZE", 1)
        self._first_device = _whole_number("ASCEND_DEVICE_ID", 0)
        self._server = _whole_number("RANK_INDEX", 0)
        # A cluster manager that has set this starts every rank itself.
        self._alone = not options.npu and "TF_CONFIG" in os.environ
        self._table = None if options.rank_table is None else read_servers(options.rank_table)
        self.numbers = self._local_ranks()
        self.folders = [
            os.path.join(options.output_dir, str(self._device(index)))
            for index in range(len(self.numbers))
        ]
        self._hosts = self._addresses_of_hosts()
        self.meeting_point = None if self._hosts is None else _before(self._hosts[0])
        self.follows = self.meeting_point is not None and self.numbers[0] != 0
        # All ranks of a machine work in the folder of the first, which that one alone writes to.
        name = "ckpt_of_rank_0" if self.follows else "ckpt"
        self.checkpoint_dir = os.path.join(self.folders[0], name)

    def _addresses_of_hosts(self):
        """Lists the addresses of all ranks where they are hosts with launchers of their own."""
        if self._options.npu or self._world == 1:
            return None
        if self._alone:
            cluster = json.loads(os.environ["TF_CONFIG"]).get("cluster", {})
            return [*cluster.get("chief", []), *cluster.get("worker", [])]
        if self._table is None or len({server for server, _ in self._table}) == 1:
            return None
        return [f"{host}:{_base_port() + rank}" for rank, (host, _) in enumerate(self._table)]

    def _local_ranks(self):
        if self._alone:
            return [int(json.loads(os.environ["TF_CONFIG"]).get("task", {}).get("index", 0))]
        if self._table is None:
            return list(range(self._world))
        if len(self._table) != self._world:
            raise OptionsError(
                f"--rank_table has {len(self._table)} ranks, but RANK_SIZE is {self._world}; "
                "make them agree"
            )
        servers = list(dict.fromkeys(server for server, _ in self._table))
        if self._server >= len(servers):
            raise OptionsError(
                f"RANK_INDEX={self._server}: --rank_table has {len(servers)} server(s), 0 to "
                f"{len(servers) - 1}"
            )
        own = servers[self._server]
        return [rank for rank, (server, _) in enumerate(self._table) if server == own]

    def _device(self, index):
        if self._table is not None:
            return self._table[self.numbers[index]][1]
        return self._first_device + index

    def prepare(self):
        """Makes the rank table that is missing."""
        if not self._options.npu or self._world == 1 or self._table is not None:
            return
        path = os.path.join(self._options.output_dir, f"rank_table_{self._world}p.json")
        addresses = write_rank_table(path, self._world, self._first_device)
        print(f"rank table: {path}, with the addresses of {addresses}", flush=True)
        self._options.rank_table = path

    def ranks(self, heartbeats, launch):
        """Lists the processes to be started.

        Args:
            heartbeats: Dict of each of `numbers` to the file for its signs of life.
            launch: Name of this launch, the same for all ranks.
        """
        cluster = self._cluster()
        cores = sorted(os.sched_getaffinity(0))
        return [
            Rank(
                number,
                [sys.executable, _TRAIN, *self._own_flags(), *self._train_flags],
                {
                    LAUNCH_VARIABLE: launch,
                    heartbeat.VARIABLE: heartbeats[number],
                    **self._environment(index, cluster),
                },
                os.path.join(self.folders[index], f"train_{self._device(index)}.log"),
                _share(cores, index, len(self.numbers)) if self._options.bind_core else None,
            )
            for index, number in enumerate(self.numbers)
        ]

    def _own_flags(self):
        return [
            f"--checkpoint_dir={self.checkpoint_dir}",
            f"--frozen_dir={os.path.join(self.folders[0], 'frozen')}",
            # Where npu_bridge turns out to be broken, ranks that took the CPU instead would train
            # unrelated networks.
            *(["--device=npu"] if self._options.npu else []),
        ]

    def _environment(self, index, cluster):
        number, device = self.numbers[index], self._device(index)
        environment = {
            "RANK_ID": str(number),
            "RANK_SIZE": str(self._world),
            "ASCEND_DEVICE_ID": str(device),
            "DEVICE_ID": str(device),
            "DEVICE_INDEX": str(int(device) + _DEVICES_PER_SERVER * self._server),
            "PYTHONUNBUFFERED": "1",
        }
        if self._options.npu:
            environment[SAVING_RANK_VARIABLE] = str(self.numbers[0])
        if self._options.npu and self._world > 1:
            environment["RANK_TABLE_FILE"] = os.path.abspath(self._options.rank_table)
            environment["HCCL_CONNECT_TIMEOUT"] = os.environ.get("HCCL_CONNECT_TIMEOUT", "600")
        if cluster is not None:
            task = {"type": "worker", "index": number}
            environment["TF_CONFIG"] = json.dumps({"cluster": {"worker": cluster}, "task": task})
            if os.path.exists(f"/dev/nvidia{device}"):
                environment["CUDA_VISIBLE_DEVICES"] = str(device)
        return environment

    def _cluster(self):
        if self._options.npu or self._alone or self._world == 1:
            return None
        if self._hosts is not None:
            return self._hosts
        return [f"127.0.0.1:{port}" for port in _free_ports(self._world)]


def _base_port():
    return _whole_number("PIX2PIX_PORT", _BASE_PORT)


def _before(address):
    """Takes the port before an address's, as (host, port)."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise OptionsError(f"TF_CONFIG in the environment: {address!r} is no address, host:port")
    return host, int(port) - 1


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        # All at once, so that they differ.
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _share(cores, index, count):
    """Takes the index-th of `count` slices of the cores; ranks share cores if there are few."""
    if count >= len(cores):
        return [cores[index % len(cores)]]
    return cores[index * len(cores) // count : (index + 1) * len(cores) // count]


def _whole_number(name, default):
    text = os.environ.get(name, str(default))
    if not text.isdigit() or (name == "RANK_SIZE" and int(text) < 1):
        raise OptionsError(f"{name}={text} in the environment: it must be a whole number")
    return int(text)
