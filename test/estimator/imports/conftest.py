"""Files of PyTorch made by hand, pictures made by formula, and the imported network's answer."""

import pathlib
import struct
import zipfile

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator.import_model import main
from estimator.options import parse_predict_options
from estimator.trained.run_options import trained_options
from estimator.trained.weights import freeze, load_weights

GOLDEN = pathlib.Path(__file__).parent / "golden"
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C


class Pickle:
    """The operations of pickles, as bytes."""

    NONE, FALSE, TRUE, CALL = b"N", b"\x89", b"\x88", b"R"

    @staticmethod
    def text(value):
        return b"X" + struct.pack("<I", len(value.encode())) + value.encode()

    @staticmethod
    def whole(value):
        content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        return b"\x8a" + bytes([len(content)]) + content

    @staticmethod
    def row(*parts):
        return b"(" + b"".join(parts) + b"t"

    @staticmethod
    def list_(*parts):
        return b"](" + b"".join(parts) + b"e"

    @staticmethod
    def named(name):
        return b"c" + "\n".join([*name.rsplit(".", 1), ""]).encode()

    @classmethod
    def ordered(cls, *pairs):
        items = b"".join(cls.text(name) + value for name, value in pairs)
        return cls.named("collections.OrderedDict") + b")R(" + items + b"u"

    @staticmethod
    def whole_pickle(body):
        return b"\x80\x02" + body + b"."

    @classmethod
    def storage(cls, key, size, kind="FloatStorage", part=None):
        stored = [cls.text("storage"), cls.named(f"torch.{kind}"), cls.text(key), cls.text("cpu")]
        return cls.row(*stored, cls.whole(size), *([] if part is None else [part])) + b"Q"

    @classmethod
    def tensor(cls, storage, shape, strides, offset=0):
        numbers = [cls.row(*map(cls.whole, each)) for each in (shape, strides)]
        rest = [cls.FALSE, cls.ordered()]
        function = cls.named("torch._utils._rebuild_tensor_v2")
        return function + cls.row(storage, cls.whole(offset), *numbers, *rest) + cls.CALL


def _write_zip(path, state, contents):
    with zipfile.ZipFile(str(path), "w") as archive:
        archive.writestr("net/data.pkl", Pickle.whole_pickle(state))
        archive.writestr("net/byteorder", b"little")
        for key, content in contents.items():
            archive.writestr(f"net/data/{key}", content.tobytes())


def _write_older(path, state, contents):
    system = b"}" + Pickle.text("little_endian") + Pickle.TRUE + b"s"
    keys = Pickle.list_(*map(Pickle.text, contents))
    bodies = [Pickle.whole(MAGIC_NUMBER), Pickle.whole(1001), system, state, keys]
    rows = [struct.pack("<q", each.size) + each.tobytes() for each in contents.values()]
    path.write_bytes(b"".join([*map(Pickle.whole_pickle, bodies), *rows]))


@pytest.fixture(scope="session")
def pickled():
    """`Pickle`."""
    return Pickle


@pytest.fixture(scope="session", params=[_write_zip, _write_older], ids=["zip", "older"])
def write_pth(request):
    """Writes (path, state's operations, dict of key to array) in both forms."""
    return request.param


@pytest.fixture(scope="session")
def write_tensors():
    """Writes (path, dict of name to array) as a state_dict."""

    def write(path, tensors):
        pairs = []
        for key, (name, array) in enumerate(tensors.items()):
            strides = [step // array.itemsize for step in np.zeros(array.shape, "f4").strides]
            storage = Pickle.storage(str(key), array.size)
            pairs.append((name, Pickle.tensor(storage, array.shape, strides)))
        contents = {str(key): np.float32(array) for key, array in enumerate(tensors.values())}
        _write_zip(path, Pickle.ordered(*pairs), contents)

    return write


@pytest.fixture
def import_of(tmp_path, capsys):
    """Imports a file into tmp_path/run; returns exit code and what was said on stderr."""

    def run(path, *flags):
        code = main([f"--from={path}", f"--checkpoint_dir={tmp_path / 'run'}", *flags])
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def refused(import_of, tmp_path):
    """Checks that a file is refused in one line and leaves nothing; returns the line."""

    def run(path, *flags):
        code, said = import_of(path, *flags)
        assert (code, said[:7], said.count("\n")) == (2, "error: ", 1), said
        assert len(said) < 1000
        assert not (tmp_path / "run").exists()
        return said

    return run


@pytest.fixture(scope="session")
def translated():
    """Runs a run's generator on uint8 [height, width, channels]; returns float32 in [-1, 1]."""

    def run(folder, picture):
        options = trained_options(
            parse_predict_options([f"--checkpoint_dir={folder}", "--input=-", "--output=-"])
        )
        graph = tf.Graph()
        with graph.as_default():
            tf.import_graph_def(freeze(options, load_weights(options)), name="")
        with tf.Session(graph=graph) as session:
            x = picture / np.float32(127.5) - 1
            return session.run("output:0", {"input:0": x[None]})[0]

    return run


@pytest.fixture(scope="session")
def picture():
    """Makes the picture that the golden files have been made of, uint8."""

    def make(height, width, channels):
        y, x = np.mgrid[0:height, 0:width].astype(np.float64)
        waves = [
            np.sin((k + 2) * x / 17 + k) + np.cos((k + 3) * y / 23 - k) for k in range(channels)
        ]
        return np.rint(127.5 + 60 * np.stack(waves, axis=-1)).clip(0, 255).astype(np.uint8)

    return make
