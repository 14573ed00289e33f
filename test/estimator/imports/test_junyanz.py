"""Generators of junyanz's program: the same weights give the same picture as PyTorch gives."""

import importlib.util
import pathlib

import numpy as np
import pytest

FOLDER = pathlib.Path(__file__).parent
SIZES = {"unet_256": 256, "unet_128": 128, "resnet_6blocks": 64, "resnet_9blocks": 64}


@pytest.fixture(scope="module")
def torch_networks():
    pytest.importorskip("torch")
    path = FOLDER / "torch_networks.py"
    spec = importlib.util.spec_from_file_location("torch_networks", str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestGolden:
    @pytest.mark.parametrize("name", SIZES)
    def test_the_picture_is_that_of_pytorch(self, name, import_of, translated, picture, tmp_path):
        size = SIZES[name]
        code, said = import_of(FOLDER / "golden" / f"{name}.pth", f"--fine_size={size}")
        assert code == 0, said
        y = translated(tmp_path / "run", picture(size, size, 1 if name == "unet_128" else 3))
        step = slice(3, None, 7) if size > 64 else slice(1, None, 3)
        golden = np.load(str(FOLDER / "golden" / f"{name}.npy"))
        assert golden.std() > 0.1
        np.testing.assert_allclose(y[step, step], golden, rtol=0, atol=1e-4)


class TestTorch:
    @pytest.mark.parametrize("norm", ["batch", "instance", "none"])
    @pytest.mark.parametrize("depth", [8, 7])
    def test_unets(self, torch_networks, depth, norm, import_of, translated, picture, tmp_path):
        network = torch_networks.UNet(3, 2, depth, 3, norm)
        self.require_same(torch_networks, network, import_of, translated, picture, tmp_path)

    @pytest.mark.parametrize("norm", ["batch", "instance", "none"])
    @pytest.mark.parametrize("blocks", [6, 9])
    @pytest.mark.parametrize("has_dropout", [True, False])
    def test_resnets(
        self, torch_networks, blocks, norm, has_dropout, import_of, translated, picture, tmp_path
    ):
        network = torch_networks.ResNet(1, 3, blocks, 3, norm, has_dropout)
        self.require_same(torch_networks, network, import_of, translated, picture, tmp_path)

    def require_same(self, torch_networks, network, import_of, translated, picture, tmp_path):
        torch_networks.randomised(network, seed=0)
        torch_networks.save(network, tmp_path / "a.pth")
        size = 128 if isinstance(network, torch_networks.ResNet) else 256
        size = (
            128 if isinstance(network, torch_networks.UNet) and unet_depth(network) == 7 else size
        )
        code, said = import_of(tmp_path / "a.pth", f"--fine_size={size}")
        assert code == 0, said
        channels = next(network.parameters()).shape[1]
        x = picture(size, size, channels)
        wanted = torch_networks.translated(network, x / np.float32(127.5) - 1)
        y = translated(tmp_path / "run", x)
        np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-4)


def unet_depth(network):
    return sum(parameter.shape[2:] == (4, 4) for parameter in network.parameters()) // 2


class TestOtherNetworks:
    def test_a_discriminator(self, write_tensors, tmp_path, refused):
        weights = {"model.0.weight": np.zeros((2, 6, 4, 4)), "model.0.bias": np.zeros(2)}
        write_tensors(tmp_path / "a.pth", weights)
        assert "a discriminator" in refused(tmp_path / "a.pth")

    def test_a_discriminator_of_pixels(self, write_tensors, tmp_path, refused):
        write_tensors(tmp_path / "a.pth", {"net.0.weight": np.zeros((2, 6, 1, 1))})
        assert "a discriminator" in refused(tmp_path / "a.pth")

    def test_a_classifier(self, write_tensors, tmp_path, refused):
        weights = {"conv1.weight": np.zeros((2, 3, 7, 7)), "fc.weight": np.zeros((10, 2))}
        write_tensors(tmp_path / "a.pth", weights)
        said = refused(tmp_path / "a.pth")
        assert "conv1.weight [2, 3, 7, 7]" in said
        assert "resnet_9blocks of junyanz" in said

    @pytest.mark.parametrize("first", [10, 13])
    def test_a_resnet_with_other_blocks(self, write_tensors, tmp_path, refused, first):
        weights = {"model.1.weight": np.zeros((2, 3, 7, 7))}
        for number in range(4):
            for module in (1, 5):
                name = f"model.{first + number}.conv_block.{module}.weight"
                weights[name] = np.zeros((8, 8, 3, 3))
        write_tensors(tmp_path / "a.pth", weights)
        assert "residual blocks" in refused(tmp_path / "a.pth")

    def test_a_resnet_of_another_padding(self, write_tensors, tmp_path, refused):
        weights = {"model.1.weight": np.zeros((2, 3, 7, 7))}
        for number in range(6):
            for module in (0, 3):
                name = f"model.{10 + number}.conv_block.{module}.weight"
                weights[name] = np.zeros((8, 8, 3, 3))
        write_tensors(tmp_path / "a.pth", weights)
        assert "reflection padding" in refused(tmp_path / "a.pth")

    def test_a_unet_without_an_end(self, write_tensors, tmp_path, refused):
        write_tensors(tmp_path / "a.pth", {"model.model.0.weight": np.zeros((2, 3, 4, 4))})
        assert "no innermost layer" in refused(tmp_path / "a.pth")


def read_unet():
    """The golden U-Net's weights, by name."""
    from estimator.imports import pth

    with pth.opened(str(FOLDER / "golden" / "unet_256.pth")) as tensors:
        return {name: read() for name, (_, read) in tensors.items()}


class TestChangedNetworks:
    def test_the_same_weights_written_again_are_imported(self, write_tensors, tmp_path, import_of):
        write_tensors(tmp_path / "a.pth", read_unet())
        assert import_of(tmp_path / "a.pth") == (0, "")

    def test_more_layers_than_the_network_has(self, write_tensors, tmp_path, refused):
        weights = {**read_unet(), "attention.weight": np.zeros((2, 2))}
        write_tensors(tmp_path / "a.pth", weights)
        assert "attention.weight" in refused(tmp_path / "a.pth")

    @pytest.mark.parametrize(
        "name",
        ["model.model.3.weight", "model.model.1.model.2.weight", "model.model.1.model.6.bias"],
    )
    def test_a_layer_that_is_not_there(self, write_tensors, tmp_path, refused, name):
        weights = read_unet()
        del weights[name]
        write_tensors(tmp_path / "a.pth", weights)
        refused(tmp_path / "a.pth")

    @pytest.mark.parametrize(
        ("name", "shape"),
        [
            ("model.model.0.weight", (1, 3, 5, 5)),
            ("model.model.0.weight", (1, 3)),
            ("model.model.0.weight", (4, 3, 4, 4)),
            ("model.model.0.weight", (0, 3, 4, 4)),
            ("model.model.1.model.1.weight", (3, 1, 4, 4)),
            ("model.model.1.model.2.bias", (7,)),
            ("model.model.3.bias", (3, 1)),
        ],
    )
    def test_layers_of_another_shape(self, write_tensors, tmp_path, refused, name, shape):
        write_tensors(tmp_path / "a.pth", {**read_unet(), name: np.zeros(shape)})
        refused(tmp_path / "a.pth")

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_numbers_that_are_not_finite(self, write_tensors, tmp_path, refused, value):
        weights = read_unet()
        weights["model.model.3.bias"][1] = value
        write_tensors(tmp_path / "a.pth", weights)
        assert "model.model.3.bias" in refused(tmp_path / "a.pth")

    def test_names_that_would_break_the_line(self, write_tensors, tmp_path, refused):
        write_tensors(tmp_path / "a.pth", {**read_unet(), "a\n\x1b[2J" * 100: np.zeros(1)})
        assert refused(tmp_path / "a.pth")[:-1].isprintable()
