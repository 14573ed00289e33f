"""Weights in 8 or 16 bits: how large the file is, and how far off the pictures are."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from estimator.export import main
from estimator.exports.onnx_weights import BYTE, HALF, store_weights

KINDS = {BYTE: np.int8, HALF: np.float16}


@pytest.fixture(scope="module")
def whole(finished, tmp_path_factory):
    """Bytes of a run's ONNX file."""
    folder = tmp_path_factory.mktemp("whole")
    place = [f"--checkpoint_dir={finished[0]}", f"--output={folder}"]
    assert main([*place, "--formats=onnx", "--batch_size=0"]) == 0
    return (folder / "model-6.onnx").read_bytes()


@pytest.fixture(scope="module", params=[BYTE, HALF])
def stored(request, whole):
    """Bits, and the bytes of the smaller file."""
    return request.param, store_weights(whole, request.param, "--test")


def constants(content):
    graph = onnx.load_model_from_string(content).graph
    return {each.name: numpy_helper.to_array(each) for each in graph.initializer}


def kernels(content):
    """Names of the convolutions' kernels, and where their output channels are."""
    axes = {"Conv": 0, "ConvTranspose": 1}
    nodes = onnx.load_model_from_string(content).graph.node
    return {node.input[1]: axes[node.op_type] for node in nodes if node.op_type in axes}


def run(content, images):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["output"], {"input": images})[0]


def test_the_file_shrinks_as_the_bits_do(whole, stored):
    bits, content = stored
    # Beside the weights there are nodes, names and the note, of some 20 KB.
    assert len(content) == pytest.approx(len(whole) * bits / 32, abs=40000)


def test_kernels_are_stored_in_those_bits_and_the_rest_in_float32(whole, stored):
    bits, content = stored
    held = constants(content)
    names = kernels(whole)
    assert len(names) == 12
    for name in names:
        assert held[f"{name}/{np.dtype(KINDS[bits]).name}"].dtype == KINDS[bits]
        assert name not in held
    for name, array in constants(whole).items():
        if name.endswith(("bias:0", "gamma:0")):
            np.testing.assert_array_equal(held[name], array)
            assert held[name].dtype == np.float32


def test_a_byte_is_off_by_half_a_step_of_its_channel_at_most(whole):
    held = constants(store_weights(whole, BYTE, "--test"))
    for name, axis in kernels(whole).items():
        kernel = constants(whole)[name]
        restored = held[f"{name}/int8"].astype(np.float32) * held[f"{name}/scale"]
        flat = np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)
        errors = np.moveaxis(np.abs(restored - kernel), axis, 0).reshape(flat.shape)
        steps = np.abs(flat).max(axis=1) / 127
        assert (errors.max(axis=1) <= 0.501 * steps).all()
        assert errors.max() > 0


def test_pictures_hardly_change(whole, stored):
    bits, content = stored
    images = np.random.RandomState(3).uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    levels = np.abs(run(content, images) - run(whole, images)) * 127.5
    assert 0 < levels.mean() < {BYTE: 0.5, HALF: 0.01}[bits]
    assert levels.max() < {BYTE: 4, HALF: 0.1}[bits]


def test_ends_and_metadata_stay(whole, stored):
    _, content = stored
    before, after = (onnx.load_model_from_string(each) for each in (whole, content))
    onnx.checker.check_model(after)
    assert after.graph.input == before.graph.input
    assert after.graph.output == before.graph.output
    assert after.metadata_props == before.metadata_props


def test_a_channel_of_zeros_stays_zero(whole):
    model = onnx.load_model_from_string(whole)
    name, axis = next(iter(kernels(whole).items()))
    (kernel,) = [each for each in model.graph.initializer if each.name == name]
    values = numpy_helper.to_array(kernel).copy()
    np.moveaxis(values, axis, 0)[0] = 0
    kernel.CopyFrom(numpy_helper.from_array(values, name))
    held = constants(store_weights(model.SerializeToString(), BYTE, "--test"))
    restored = held[f"{name}/int8"] * held[f"{name}/scale"]
    assert np.isfinite(restored).all()
    assert (np.moveaxis(restored, axis, 0)[0] == 0).all()
