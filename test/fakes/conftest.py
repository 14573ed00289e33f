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
    "hccl.manage.api",
    "npu_bridge.estimator.npu.npu_common",
    "npu_bridge.estimator.npu.npu_config",
    "npu_bridge.estimator.npu.npu_estimator",
    "npu_bridge.estimator.npu.npu_hook",
    "npu_bridge.estimator.npu.npu_loss_scale_manager",
    "npu_bridge.estimator.npu.npu_loss_scale_optimizer",
    "npu_bridge.estimator.npu.npu_optimizer",
    "npu_bridge.estimator.npu.npu_plugin",
    "npu_bridge.estimator.npu.npu_saver",
    "npu_bridge.estimator.npu.npu_scope",
    "npu_bridge.estimator.npu.util",
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
    from npu_standin import hccl_api, overflow, recording
    from npu_standin.common import NPUBasics

    for name in ("RANK_SIZE", "RANK_ID", "CM_WORKER_SIZE", "TF_CONFIG", "POD_NAME", "RESTORE_FROM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JOB_ID", "10087")
    NPUBasics.forget()
    hccl_api.stop()
    overflow.inject(None)
    recording.clear()
    yield recording
    overflow.inject(None)


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture(scope="session")
def run_program():
    """Runs a program's text in a process of its own, which finds one flavour on its path."""

    def run(flavour, text, **environment):
        path = os.pathsep.join([str(FAKES / f"npu_{flavour}"), str(FAKES)])
        process = subprocess.run(
            [sys.executable, "-c", text],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": path, **environment},
        )
        assert process.returncode == 0, process.stderr
        return process.stdout

    return run
