import collections
import json
import os
import pathlib
import subprocess
import sys
import types

import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import cpu
from estimator.options.train_options import parse_options

tf.disable_eager_execution()
tf.enable_resource_variables()

PROJECT = pathlib.Path(__file__).resolve().parents[3]
FAKES = PROJECT / "test" / "fakes"
SMALL = ["--fine_size=64", "--ngf=4", "--ndf=4"]
NPU_VARIABLES = ("JOB_ID", "RANK_ID", "RANK_SIZE", "ASCEND_DEVICE_ID", "TF_CONFIG")

Finished = collections.namedtuple("Finished", ["folder", "process", "events", "counts"])
Finished.__doc__ = """A training on the stand-in: its checkpoint folder, its process, what
reached the stand-in by kind of event, and its counts."""


@pytest.fixture
def parse(tmp_path):
    def parsed(*flags):
        places = [f"--data_path={tmp_path}", f"--checkpoint_dir={tmp_path / 'run'}"]
        return parse_options([*places, *flags])

    return parsed


@pytest.fixture
def two_workers(monkeypatch):
    """The addresses of two workers, of which this process is the second."""
    workers = ["localhost:2001", "localhost:2002"]
    task = {"type": "worker", "index": 1}
    cluster = {"cluster": {"worker": workers}, "task": task}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    return workers


@pytest.fixture
def malloc_options(monkeypatch):
    """What is told to the C library's mallopt, which hears nothing of it: pairs of numbers."""
    told = []
    library = types.SimpleNamespace(mallopt=lambda *option: told.append(option))
    monkeypatch.setattr(cpu, "ctypes", types.SimpleNamespace(CDLL=lambda name: library))
    return told


@pytest.fixture(scope="session")
def on_standin():
    """Makes the environment of a process in which a flavour of the stand-in is installed."""

    def environment(flavour, *folders, **more):
        inherited = {name: os.environ[name] for name in os.environ if name not in NPU_VARIABLES}
        path = os.pathsep.join(map(str, [FAKES / f"npu_{flavour}", FAKES, *folders]))
        return {**inherited, "PYTHONPATH": path, **more}

    return environment


@pytest.fixture(scope="session")
def start(on_standin):
    """Runs train.py where a flavour of the stand-in is installed."""

    def started(flavour, *flags, record=None, **environment):
        recording = {} if record is None else {"NPU_STANDIN_RECORD": str(record)}
        return subprocess.run(
            [sys.executable, str(PROJECT / "estimator" / "train.py"), *SMALL, *map(str, flags)],
            capture_output=True,
            text=True,
            check=False,
            env=on_standin(flavour, **{**recording, **environment}),
        )

    return started


@pytest.fixture(scope="session")
def run(start, data, tmp_path_factory):
    """Trains on the stand-in; returns a `Finished`."""

    def trained(flavour, *flags, **environment):
        folder = tmp_path_factory.mktemp("npu")
        process = start(
            flavour,
            "--device=npu",
            f"--data_path={data}",
            f"--checkpoint_dir={folder / 'run'}",
            *flags,
            record=folder / "record.json",
            **environment,
        )
        assert process.returncode == 0, process.stderr
        record = json.loads((folder / "record.json").read_text())
        events = collections.defaultdict(list)
        for event in record["events"]:
            events[event["event"]].append(event)
        return Finished(folder / "run", process, events, record["counts"])

    return trained
