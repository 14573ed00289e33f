"""Files of PyTorch: what is read, and what is refused without being run."""

import pathlib
import shutil
import zipfile

import numpy as np
import pytest

from estimator.imports import pth
from input_fn import DataError

GOLDEN = pathlib.Path(__file__).parent / "golden"


def read(path):
    with pth.opened(str(path)) as tensors:
        return {name: function() for name, (_, function) in tensors.items()}


class TestReading:
    @pytest.mark.parametrize(
        ("kind", "dtype"),
        [
            ("FloatStorage", "f4"),
            ("DoubleStorage", "f8"),
            ("HalfStorage", "f2"),
            ("LongStorage", "i8"),
            ("IntStorage", "i4"),
            ("ByteStorage", "u1"),
        ],
    )
    def test_numbers_of_every_kind(self, write_pth, pickled, tmp_path, kind, dtype):
        numbers = np.arange(6).astype(dtype)
        tensor = pickled.tensor(pickled.storage("0", 6, kind), (2, 3), (3, 1))
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": numbers})
        np.testing.assert_array_equal(read(tmp_path / "a.pth")["w"], [[0, 1, 2], [3, 4, 5]])

    def test_bfloat16(self, write_pth, pickled, tmp_path):
        numbers = (np.float32([1.0, -2.5]).view(np.uint32) >> 16).astype(np.uint16)
        tensor = pickled.tensor(pickled.storage("0", 2, "BFloat16Storage"), (2,), (1,))
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": numbers})
        np.testing.assert_array_equal(read(tmp_path / "a.pth")["w"], [1.0, -2.5])

    def test_tensors_that_share_a_storage_in_any_order(self, write_pth, pickled, tmp_path):
        storage = pickled.storage("7", 10)
        turned = pickled.tensor(storage, (3, 2), (1, 3), offset=4)
        one = pickled.tensor(storage, (1, 1), (10**30, 99), offset=9)
        nothing = pickled.tensor(storage, (0, 5), (5, 1))
        state = pickled.ordered(("turned", turned), ("one", one), ("nothing", nothing))
        write_pth(tmp_path / "a.pth", state, {"7": np.arange(10, dtype=np.float32)})
        found = read(tmp_path / "a.pth")
        np.testing.assert_array_equal(found["turned"], [[4, 7], [5, 8], [6, 9]])
        np.testing.assert_array_equal(found["one"], [[9]])
        assert found["nothing"].shape == (0, 5)

    @pytest.mark.parametrize("name", ["state_dict", "model"])
    def test_a_state_dict_within_a_dict(self, write_pth, pickled, tmp_path, name):
        tensor = pickled.tensor(pickled.storage("0", 1), (1,), (1,))
        within = pickled.ordered(("module.a.weight", tensor), ("module.b.weight", tensor))
        state = pickled.ordered(("epoch", pickled.whole(3)), (name, within))
        write_pth(tmp_path / "a.pth", state, {"0": np.float32([5])})
        assert list(read(tmp_path / "a.pth")) == ["a.weight", "b.weight"]

    def test_parameters_and_notes_on_modules(self, write_pth, pickled, tmp_path):
        tensor = pickled.tensor(pickled.storage("0", 1, part=pickled.NONE), (1,), (1,))
        parameter = pickled.named("torch._utils._rebuild_parameter") + pickled.row(
            tensor, pickled.TRUE, pickled.ordered()
        )
        notes = b"}" + pickled.text("_metadata") + pickled.ordered() + b"sb"
        state = pickled.ordered(("w", parameter + pickled.CALL)) + notes
        write_pth(tmp_path / "a.pth", state, {"0": np.float32([5])})
        assert read(tmp_path / "a.pth") == {"w": [5]}

    def test_what_python_2_wrote_of_a_gpu(self, write_pth, pickled, tmp_path):
        tensor = pickled.tensor(pickled.storage("0", 2, "cuda.FloatStorage"), (2,), (1,))
        pair = b"](U\x06a.biasq\x01" + tensor + b"e"
        state = pickled.named("collections.OrderedDict") + b"](" + pair + b"e\x85R"
        write_pth(tmp_path / "a.pth", state, {"0": np.float32([1, 2])})
        np.testing.assert_array_equal(read(tmp_path / "a.pth")["a.bias"], [1, 2])

    def test_a_part_of_a_storage(self, write_pth, pickled, tmp_path):
        part = pickled.row(pickled.text("1"), pickled.whole(2), pickled.whole(3))
        tensor = pickled.tensor(pickled.storage("0", 6, part=part), (2,), (1,), offset=1)
        write_pth(
            tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": np.arange(6, dtype="f4")}
        )
        np.testing.assert_array_equal(read(tmp_path / "a.pth")["w"], [3, 4])

    @pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.pth")), ids=lambda path: path.stem)
    def test_what_pytorch_wrote_is_what_pytorch_reads(self, path):
        torch = pytest.importorskip("torch")
        wanted = {
            name: tensor.numpy().astype(np.float32)
            for name, tensor in torch.load(str(path), weights_only=True).items()
        }
        found = read(path)
        assert list(found) == list(wanted)
        for name, array in found.items():
            np.testing.assert_array_equal(array, wanted[name])


class TestTensorsOutOfBounds:
    @pytest.mark.parametrize(
        ("shape", "strides", "offset"),
        [
            ((5,), (1,), 0),
            ((4,), (1,), 1),
            ((4,), (1,), -1),
            ((2, 2), (3, 1), 0),
            ((2,), (2**62,), 0),
            ((2,), (-1,), 3),
            ((-2,), (1,), 0),
            ((2**62, 2**62), (0, 0), 0),
            ((5,), (0,), 0),
            ((2,), (10**40,), 0),
            ((2,), (1,), 10**40),
            ((2, 2), (1,), 0),
            ((1,) * 40, (1,) * 40, 0),
        ],
    )
    def test_are_refused(self, write_pth, pickled, tmp_path, refused, shape, strides, offset):
        tensor = pickled.tensor(pickled.storage("0", 4), shape, strides, offset)
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": np.zeros(4, "f4")})
        assert "tensor" in refused(tmp_path / "a.pth")

    @pytest.mark.parametrize("size", [3, 5, -4, 2**62, 10**40])
    def test_storages_of_another_size_are_refused(
        self, write_pth, pickled, tmp_path, refused, size
    ):
        tensor = pickled.tensor(pickled.storage("0", size), (1,), (1,))
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": np.zeros(4, "f4")})
        refused(tmp_path / "a.pth")

    @pytest.mark.parametrize(("start", "size"), [(-1, 2), (3, 2), (0, 5), (0, -1), (10**40, 1)])
    def test_parts_beyond_their_storage_are_refused(
        self, write_pth, pickled, tmp_path, refused, start, size
    ):
        part = pickled.row(pickled.text("1"), pickled.whole(start), pickled.whole(size))
        tensor = pickled.tensor(pickled.storage("0", 4, part=part), (1,), (1,))
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": np.zeros(4, "f4")})
        assert "part of storage" in refused(tmp_path / "a.pth")

    def test_storages_that_are_not_there_are_refused(self, write_pth, pickled, tmp_path, refused):
        tensor = pickled.tensor(pickled.storage("1", 4), (1,), (1,))
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": np.zeros(4, "f4")})
        assert "stor" in refused(tmp_path / "a.pth")


class TestDamage:
    @pytest.mark.parametrize("name", ["unet_256", "unet_128"])
    def test_cut_off_files_are_refused(self, tmp_path, refused, name):
        content = (GOLDEN / f"{name}.pth").read_bytes()
        lengths = {0, 1, 2, 3, 4, 10, 16, 17, 40, 100, len(content) - 1, len(content) - 2}
        for length in lengths | set(range(200, len(content), 2311)):
            (tmp_path / "a.pth").write_bytes(content[:length])
            refused(tmp_path / "a.pth")

    @pytest.mark.parametrize("name", ["unet_256", "unet_128"])
    def test_changed_bytes_never_end_the_program_otherwise(self, tmp_path, import_of, name):
        content = (GOLDEN / f"{name}.pth").read_bytes()
        random = np.random.RandomState(0)
        for _ in range(60):
            changed = bytearray(content)
            # The beginning is where the pickles are.
            for place in random.randint(0, random.choice([300, 3000, len(content)]), 3):
                changed[place] = random.randint(256)
            (tmp_path / "a.pth").write_bytes(changed)
            code, said = import_of(tmp_path / "a.pth")
            assert (code, said.count("\n")) in ((0, 0), (2, 1)), said
            assert code == 0 or said.startswith(f"error: --from {tmp_path / 'a.pth'}: "), said
            shutil.rmtree(str(tmp_path / "run"), ignore_errors=True)

    def test_compressed_files_are_refused(self, tmp_path, refused):
        with zipfile.ZipFile(str(tmp_path / "a.pth"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("net/data.pkl", b"\x80\x02" + b"N" * 10**7 + b".")
        assert "compressed" in refused(tmp_path / "a.pth")

    def test_the_other_order_of_bytes_is_refused(self, tmp_path, refused):
        with zipfile.ZipFile(str(tmp_path / "a.pth"), "w") as archive:
            archive.writestr("net/data.pkl", b"\x80\x02}.")
            archive.writestr("net/byteorder", b"big")
        assert "order of bytes" in refused(tmp_path / "a.pth")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
            (b"<!DOCTYPE html>", "neither a file of PyTorch"),
            (b"PK\x03\x04", "cut off"),
        ],
    )
    def test_what_is_no_file_of_pytorch_is_told(self, tmp_path, refused, content, said):
        (tmp_path / "a.pth").write_bytes(content)
        assert said in refused(tmp_path / "a.pth")

    def test_a_zip_file_of_something_else(self, tmp_path, refused):
        with zipfile.ZipFile(str(tmp_path / "a.zip"), "w") as archive:
            archive.writestr("a.txt", "a")
        assert "not one of PyTorch" in refused(tmp_path / "a.zip")


def test_errors_in_the_block_go_through(write_pth, pickled, tmp_path):
    tensor = pickled.tensor(pickled.storage("0", 1), (1,), (1,))
    write_pth(tmp_path / "a.pth", pickled.ordered(("w", tensor)), {"0": np.float32([1])})
    with pytest.raises(ValueError, match="^own$"), pth.opened(str(tmp_path / "a.pth")):
        raise ValueError("own")
    with pytest.raises(DataError), pth.opened(str(GOLDEN / "unet_256.npy")):
        pass
