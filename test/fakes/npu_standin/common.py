"""What a process knows of its job: from a JSON file or the environment, read once."""

import json
import os

from npu_standin import checks, ranks


class DeviceInfo:
    """The device; `_index` is a string and `_root_rank` a number, so no node is the master."""

    def __init__(self, index="0", server_id="123456", dev_index=1):
        self._index = index
        self._server_id = server_id
        self._dev_index = dev_index
        self._root_rank = 0

    def is_master_node(self):
        return self._index == self._root_rank


class JobConfig:
    def __init__(self, learning_rate=None, batch_size=None):
        self._learning_rate = learning_rate
        self._batch_size = batch_size


class JobInfo:
    def __init__(
        self,
        job_id=0,
        job_config=None,
        heartbeat_time=-1,
        region_id=None,
        ak=None,
        sk=None,
        endpoint_url=None,
        device_info=None,
        rank_table_file=None,
        restart_flag=0,
        local_app_dir=None,
        local_data_dir=None,
        local_checkpoint_dir=None,
        local_log_dir=None,
        local_result_dir=None,
        local_boot_file=None,
        rank_size=1,
    ):
        for name, value in list(locals().items()):
            if name != "self":
                setattr(self, "_" + name, value)


class NPUBasics:
    """One per process: whoever changes the environment afterwards changes nothing."""

    _instance = None

    def __new__(cls, file_name):
        if NPUBasics._instance is None:
            instance = super().__new__(cls)
            instance._job_info = _read_job(file_name)
            NPUBasics._instance = instance
        return NPUBasics._instance

    def __init__(self, file_name):
        """Takes no notice of any but the first file name."""

    @property
    def jobinfo(self):
        return self._job_info

    def size(self):
        # Without a JOB_ID there is no job info, and this is an AttributeError, as in the real one.
        return self._job_info._rank_size

    @classmethod
    def forget(cls):
        """For tests, which have several lives in one process."""
        NPUBasics._instance = None


def _read_job(file_name):
    try:
        with open(file_name, encoding="UTF-8") as file:
            job = json.load(file)
    except OSError:
        return _job_from_environment()
    device = job.get("device_info")
    checks.check_not_none(device, "device_info")
    checks.check_nonnegative_integer(device.get("Index"), "Index")
    checks.check_not_none(job.get("rank_table_file"), "rank_table_file")
    checks.check_positive_integer(job.get("rank_size"), "rank_size")
    return JobInfo(
        device_info=DeviceInfo(index=str(device["Index"])),
        rank_table_file=job["rank_table_file"],
        local_checkpoint_dir=job.get("local_checkpoint_dir"),
        rank_size=job["rank_size"],
    )


def _job_from_environment():
    job_id = os.environ.get("JOB_ID", "")
    if not job_id:
        return None
    return JobInfo(
        job_id=job_id,
        heartbeat_time=os.environ.get("HEARTBEAT", ""),
        device_info=DeviceInfo(index=os.environ.get("POD_NAME") or os.environ.get("RANK_ID", "")),
        rank_table_file=os.environ.get("RANK_TABLE_FILE", ""),
        local_checkpoint_dir=os.environ.get("LOCAL_CHECKPOINT_DIR", ""),
        rank_size=ranks.rank_size(),
    )
