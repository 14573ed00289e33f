"""What the environment says of the job: its number, its ranks, and which one this process is."""

import json
import os

from npu_standin import DeviceFatalError, flavour


def rank_size():
    """The number of ranks; 1 if the environment names none.

    Raises:
        ValueError: The new flavour found two answers.
    """
    text = os.environ.get("RANK_SIZE")
    if flavour.name == "new":
        workers = os.environ.get("CM_WORKER_SIZE")
        if workers is not None and text is not None:
            raise ValueError("RANK_SIZE and CM_WORKER_SIZE cannot both be set")
        text = workers if text is None else text
    return int(text) if text and text.isdigit() else 1


def rank_id():
    """The number of this rank."""
    return int(os.environ.get("RANK_ID") or 0)


class NPUBasics:
    """Read once in a process: whoever changes the environment afterwards changes nothing.

    Attributes:
        job_id: Text; empty if there is no job.
    """

    _instance = None

    def __new__(cls):
        if cls._instance is None:
            instance = super().__new__(cls)
            instance.job_id = os.environ.get("JOB_ID", "")
            instance._rank_size = rank_size()
            cls._instance = instance
        return cls._instance

    def size(self):
        """The number of ranks.

        Raises:
            AttributeError: There is no JOB_ID, and so no job info, as in the real one.
        """
        if not self.job_id:
            raise AttributeError("'NoneType' object has no attribute '_rank_size'")
        return self._rank_size

    @classmethod
    def forget(cls):
        """For tests, which have several lives in one process."""
        cls._instance = None


def check_rank_table(path):
    """Checks what HCCL starts from: that the table has all ranks, this one with its device.

    Raises:
        DeviceFatalError: The table does not fit the environment.
    """
    with open(path, encoding="utf-8") as file:
        servers = json.load(file)["server_list"]
    devices = {
        device["rank_id"]: device["device_id"] for server in servers for device in server["device"]
    }
    if len(devices) != rank_size():
        raise DeviceFatalError(f"{path} has {len(devices)} ranks, and RANK_SIZE is {rank_size()}")
    device = os.environ.get("ASCEND_DEVICE_ID", "0")
    if devices.get(str(rank_id())) != device:
        raise DeviceFatalError(
            f"{path} gives rank {rank_id()} the device {devices.get(str(rank_id()))}, "
            f"and ASCEND_DEVICE_ID is {device}"
        )
