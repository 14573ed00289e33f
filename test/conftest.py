"""What holds for all tests."""

import os
import pathlib
import shutil

import pytest
import tensorflow.compat.v1 as tf

# Two workers, and the processes that they start, share two cores: threads that wait for a core are
# slower than none. TensorFlow looks when the first session begins.
for _name, _number in (
    ("TF_NUM_INTRAOP_THREADS", "1"),
    ("TF_NUM_INTEROP_THREADS", "2"),
    ("OMP_NUM_THREADS", "1"),
):
    os.environ.setdefault(_name, _number)

# npu_bridge, and so what stands in for it, is made for TensorFlow 1.15.
HAS_STANDIN = tf.__version__.startswith("1.")
_FOLDER = pathlib.Path(__file__).parent
_ON_STANDIN = ("fakes/test_*.py", "estimator/devices/npu/test_*.py", "ranks/test_two_npus.py")


def pytest_report_header():
    return f"TensorFlow {tf.__version__}" + (
        "" if HAS_STANDIN else ": the tests on the stand-in for npu_bridge are left out"
    )


def pytest_ignore_collect(collection_path):
    """Leaves out files that could not even be imported."""
    path = pathlib.PurePath(str(collection_path))
    if not HAS_STANDIN and any(path.match(f"{_FOLDER}/{name}") for name in _ON_STANDIN):
        return True
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Begins with the longest files."""
    if config.getoption("dist") != "loadfile":
        return None
    from longest_first import LongestFirst

    return LongestFirst(config, log)


@pytest.fixture(scope="session")
def copy_project():
    """Copies what the shell scripts need, so that they write nothing into this project."""

    def copied(folder):
        folder.mkdir()
        for name in ("estimator", "hooks", "input_fn", "model_fn"):
            shutil.copytree(str(_FOLDER.parent / name), str(folder / name))
        (folder / "test").mkdir()
        for path in [*_FOLDER.glob("*.sh"), _FOLDER / "report.py"]:
            shutil.copy(str(path), str(folder / "test"))
        return folder

    return copied


@pytest.fixture(scope="session")
def weights_of():
    """Reads all variables of a checkpoint, by its path less extension: name to array."""

    def read(prefix):
        reader = tf.train.load_checkpoint(str(prefix))
        return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}

    return read


@pytest.fixture(scope="session", autouse=True)
def _caches_apart(tmp_path_factory):
    """Keeps what checks remember, here and in processes that are started, out of the user's own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
    yield
    patch.undo()
