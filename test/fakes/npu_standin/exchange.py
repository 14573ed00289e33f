"""What the ranks hold, brought together: each gets what all have, in the order of the ranks.

With RANK_TABLE_FILE set, which is when the real thing starts HCCL, the ranks are processes of this
machine that meet at the port of 127.0.0.1 which NPU_STANDIN_PORT names. Rank 0 listens there. All
make the same exchanges in the same order, by operations that wait for each other (see `hccl_ops`);
a rank that does another thing than rank 0, or nothing for HCCL_EXEC_TIMEOUT seconds (300), is named
in the error of all.

Without RANK_TABLE_FILE a process plays all ranks by itself: each is taken to hold what it holds. So
graphs for many ranks can be built, and run, without partners.
"""

import os
import socket
import threading
import time
from multiprocessing.connection import Connection

from npu_standin import DeviceFatalError, job
from npu_standin.recording import counts

_SECONDS = "300"
_GRACE = 10  # Rank 0 waits less than the others, so that it can tell them who is missing.
_meeting = None
_lock = threading.Lock()


def gather(description, value):
    """Exchanges a value.

    Args:
        description: Text that says what is done; must be the same on all ranks.
        value: Anything that can be pickled.

    Returns:
        List of the values of all ranks, by rank.

    Raises:
        DeviceFatalError: A rank is missing, or does another thing.
    """
    global _meeting
    with _lock:
        table = os.environ.get("RANK_TABLE_FILE")
        if not table:
            return [value] * job.rank_size()
        counts["exchanges"] += 1
        if _meeting is None:
            job.check_rank_table(table)
            if "NPU_STANDIN_PORT" not in os.environ:
                raise DeviceFatalError("ranks need NPU_STANDIN_PORT, a free port to meet at")
            _meeting = Meeting(
                job.rank_id(),
                job.rank_size(),
                int(os.environ["NPU_STANDIN_PORT"]),
                float(os.environ.get("HCCL_EXEC_TIMEOUT", _SECONDS)),
            )
        return _meeting.gather(description, value)


class Meeting:
    """The connections of one rank.

    Args:
        rank: This one's number.
        size: The number of ranks.
        port: Where rank 0 listens.
        seconds: How long to wait for the others.
    """

    def __init__(self, rank, size, port, seconds):
        self._rank, self._size, self._seconds = rank, size, seconds
        self._connections = (
            _accept(port, size, seconds) if rank == 0 else {0: _connect(port, rank, seconds)}
        )

    def gather(self, description, value):
        """See the function of this name."""
        if self._rank != 0:
            self._connections[0].send((description, value))
            problem, values = self._receive(0, self._seconds + _GRACE)
        else:
            problem, values = self._gather_all(description, value)
            for connection in self._connections.values():
                connection.send((problem, values))
        if problem:
            raise DeviceFatalError(problem)
        return values

    def _gather_all(self, description, value):
        values = [value]
        try:
            for rank in range(1, self._size):
                theirs, their_value = self._receive(rank, self._seconds)
                if theirs != description:
                    return f"rank 0 does {description}, and rank {rank} does {theirs}", None
                values.append(their_value)
        except DeviceFatalError as error:
            return str(error), None
        return None, values

    def _receive(self, rank, seconds):
        connection = self._connections[rank]
        if not connection.poll(seconds):
            raise DeviceFatalError(f"rank {rank} is missing: nothing came in {seconds:g} s")
        try:
            return connection.recv()
        except EOFError:
            raise DeviceFatalError(f"rank {rank} is missing: its process has ended") from None


def _accept(port, size, seconds):
    """Waits for the other ranks; returns {rank: connection}."""
    connections = {}
    deadline = time.monotonic() + seconds
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(size)
        while len(connections) < size - 1:
            listener.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                connection = Connection(listener.accept()[0].detach())
            except socket.timeout:
                missing = sorted(set(range(1, size)) - set(connections))
                problem = f"rank {missing} is missing: it did not connect in {seconds:g} s"
                for connection in connections.values():
                    connection.send((problem, None))
                raise DeviceFatalError(problem) from None
            connections[connection.recv()] = connection
    return connections


def _connect(port, rank, seconds):
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection = Connection(socket.create_connection(("127.0.0.1", port)).detach())
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise DeviceFatalError(
                    f"rank 0 is missing: it did not listen in {seconds:g} s"
                ) from None
            time.sleep(0.02)
        else:
            connection.send(rank)
            return connection
