"""Both flavours of the stand-in, imported one after the other into this process."""

import importlib
import os
import pathlib
import subprocess
import sys
import types

import pytest
import tensorflow.compat.v1 as tf

FAKES = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FAKES))

tf.disable_eager_execution()
tf.enable_resource_variables()
tf.logging.set_verbosity(tf.logging.ERROR)


MODULES = (
    "npu_bridge.estimator.npu.npu_config",
    "npu_bridge.estimator.npu.npu_estimator",
    "npu_bridge.estimator.npu.npu_loss_scale_manager",
    "npu_bridge.estimator.npu.npu_loss_scale_optimizer",
    "npu_bridge.estimator.npu.npu_optimizer",
    "npu_bridge.estimator.npu_ops",
    "npu_bridge.hccl.hccl_ops",
)


@pytest.fixture(scope="module", params=["old", "new"])
def npu(request):
    """One flavour: its `flavour`, its modules by their last names, and all that these hold."""
    from npu_standin import flavour

    with flavour.installed(request.param):
        found = types.SimpleNamespace(flavour=request.param)
        for name in MODULES:
            module = importlib.import_module(name)
            vars(found).update({each: getattr(module, each) for each in module.__all__})
        for name in MODULES:
            setattr(found, name.split(".")[-1], sys.modules[name])
        yield found


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Every test begins as a process with a JOB_ID and one rank does; returns what is recorded."""
    from npu_standin import job, overflow, recording

    for name in ("RANK_SIZE", "RANK_ID", "CM_WORKER_SIZE", "RANK_TABLE_FILE", "RESTORE_FROM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JOB_ID", "10087")
    job.NPUBasics.forget()
    overflow.inject(None)
    recording.clear()
    yield recording
    overflow.inject(None)


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture(scope="session")
def start_program():
    """Starts a program's text in a process of its own, which finds one flavour on its path."""

    def start(flavour, text, **environment):
        path = os.pathsep.join([str(FAKES / f"npu_{flavour}"), str(FAKES)])
        return subprocess.Popen(
            [sys.executable, "-c", text],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": path, **environment},
        )

    return start


@pytest.fixture(scope="session")
def finish_program():
    """Waits for a program, checks its exit code and returns what it printed."""

    def finish(process):
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return output

    return finish
