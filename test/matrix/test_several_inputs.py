"""Several inputs, with neighbours, through every program, by their command lines."""

import collections
import json
import shutil

import numpy as np
import pytest
import rasterio
import tifffile
from PIL import Image
from rasterio.transform import from_origin

from estimator import export, predict, train

SIDE = 32
NAMES = ("p1_1", "p1_2", "p1_3", "p2_1")
# Of each slice: itself, the one before, the one after; at the ends of a series itself again.
AROUND = ((0, 0, 1), (1, 0, 2), (2, 1, 2), (3, 3, 3))
FLAGS = [
    "--data_layout=folders",
    "--inputs=radar:2,photo",
    "--target=height",
    "--neighbours=1",
    "--output_nc=1",
    "--fine_size=32",
    "--ngf=4",
    "--ndf=4",
    "--device=cpu",
    "--test_dropout=false",
]
PLACE = from_origin(500000.0, 5400000.0, 10.0, 10.0)
ONE_LEVEL = 1.0 / 255.0

Used = collections.namedtuple("Used", ["data", "run", "predicted", "exported"])
Used.__doc__ = """What is left: the folders of the data and of the run; for each model that of its
predictions; and what export.py printed."""


def radar(number):
    return np.random.RandomState(number).randint(0, 65536, (SIDE, SIDE, 2)).astype(np.uint16)


def photo(number):
    return np.random.RandomState(10 + number).randint(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


def write(folder):
    for side in ("radar", "photo", "height"):
        (folder / side).mkdir(parents=True)
    for number, name in enumerate(NAMES):
        shape = {"height": SIDE, "width": SIDE, "count": 2, "dtype": "uint16"}
        path = str(folder / "radar" / f"{name}.tif")
        place = {"crs": "EPSG:32633", "transform": PLACE}
        with rasterio.open(path, "w", driver="GTiff", tiled=False, **shape, **place) as file:
            file.write(np.moveaxis(radar(number), -1, 0))
        Image.fromarray(photo(number)).save(str(folder / "photo" / f"{name}.png"))
        height = radar(number)[..., 0].astype(np.float32) / 65535.0
        tifffile.imwrite(str(folder / "height" / f"{name}.tif"), height)


def joined(number):
    """What the network is to see, 0..1, by NumPy alone."""
    parts = [radar(each) / 65535.0 for each in AROUND[number]]
    parts += [photo(each) / 255.0 for each in AROUND[number]]
    return np.concatenate(parts, axis=-1)


@pytest.fixture(scope="module")
def used(call, tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    data, run = folder / "data", folder / "run"
    for split in ("train", "test"):
        write(data / split)
    call(train, f"--data_path={data}", f"--checkpoint_dir={run}", *FLAGS, "--max_steps=4")
    call(train, f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test")
    exported = call(export, f"--checkpoint_dir={run}", "--formats=pb,saved_model")
    inputs = [f"--input={side}={data / 'test' / side}" for side in ("photo", "radar")]
    models = {
        "checkpoint": f"--checkpoint_dir={run}",
        "graph": f"--graph={run}/export/model-4.pb",
        "saved_model": f"--saved_model={run}/export/saved_model",
    }
    for name, model in models.items():
        call(predict, *inputs, f"--output={folder / name}", model, "--batch_size=3")
    return Used(data, run, {name: folder / name for name in models}, exported)


def test_the_network_sees_all_channels_of_all_inputs_and_their_neighbours(used):
    for number, name in enumerate(NAMES):
        seen = tifffile.imread(str(used.run / "outputs" / "inputs" / f"{name}.tif"))
        np.testing.assert_allclose(seen, joined(number), atol=1e-5)


@pytest.mark.parametrize("model", ["checkpoint", "graph", "saved_model"])
def test_predictions_are_what_the_test_phase_wrote(used, model):
    written = []
    for name in NAMES:
        values = tifffile.imread(str(used.predicted[model] / f"{name}.tif"))
        tested = np.asarray(Image.open(str(used.run / "outputs" / f"{name}.png"))) / 255.0
        assert np.abs(values - tested).max() <= ONE_LEVEL
        written.append(values)
    assert np.abs(written[0] - written[1]).max() > 2 * ONE_LEVEL


def test_they_lie_where_the_first_input_lies(used):
    with rasterio.open(str(used.predicted["graph"] / "p1_2.tif")) as file:
        assert (file.crs.to_epsg(), file.transform) == (32633, PLACE)
        assert (file.count, file.dtypes) == (1, ("float32",))


def test_the_note_of_an_export_has_what_is_joined(used):
    note = json.loads((used.run / "export" / "model-4.json").read_text())
    held = note["pair_format"]
    assert held["inputs"] == ["radar", "photo"]
    assert held["channels_of_inputs"] == [2, 3]
    assert (held["target"], held["neighbours"], held["input_channels"]) == ("height", 1, 15)


def test_a_saved_model_does_not_take_one_file_of_many(used):
    assert "without the signature of encoded pictures, since the network joins 6" in used.exported


class TestTiles:
    """Slices larger than the network, tile by tile: all inputs and neighbours are cut alike."""

    @pytest.fixture(scope="class")
    def wide(self, used, tmp_path_factory):
        """Slices of which each is a slice and the one that follows, side by side; its folder."""
        folder = tmp_path_factory.mktemp("wide")
        for side in ("radar", "photo"):
            (folder / side).mkdir()
        for number, name in enumerate(NAMES):
            radars, photos = (
                np.concatenate([make(number), make(number + 1)], axis=1) for make in (radar, photo)
            )
            kind = {"photometric": "minisblack", "planarconfig": "contig"}
            tifffile.imwrite(str(folder / "radar" / f"{name}.tif"), radars, **kind)
            Image.fromarray(photos).save(str(folder / "photo" / f"{name}.png"))
        return folder

    def predicted(self, call, used, folder, target, *flags):
        inputs = [f"--input={side}={folder / side}" for side in ("radar", "photo")]
        call(predict, *inputs, f"--output={target}", f"--checkpoint_dir={used.run}", *flags)

    def test_each_is_what_comes_of_its_part_of_all_files(self, call, used, wide, tmp_path):
        flags = ["--tile", "--overlap=0", "--tile_statistics=own"]
        self.predicted(call, used, wide, tmp_path / "out", *flags)
        for name in NAMES:
            values = tifffile.imread(str(tmp_path / "out" / f"{name}.tif"))
            assert values.shape == (SIDE, 2 * SIDE)
            whole = tifffile.imread(str(used.predicted["checkpoint"] / f"{name}.tif"))
            assert np.abs(values[:, :SIDE] - whole).max() <= ONE_LEVEL

    def test_they_share_statistics_unless_told_otherwise(self, call, used, wide, tmp_path):
        self.predicted(call, used, wide, tmp_path / "out", "--tile", "--overlap=8")
        assert sorted(each.name for each in (tmp_path / "out").glob("*.tif")) == [
            f"{name}.tif" for name in NAMES
        ]

    def test_a_file_of_another_size_is_named_and_the_rest_are_done(
        self, used, wide, tmp_path, capsys
    ):
        shutil.copytree(str(wide), str(tmp_path / "in"))
        Image.new("RGB", (20, 30)).save(str(tmp_path / "in" / "photo" / "p2_1.png"))
        inputs = [f"--input={side}={tmp_path / 'in' / side}" for side in ("radar", "photo")]
        flags = [f"--output={tmp_path / 'out'}", f"--checkpoint_dir={used.run}", "--tile"]
        assert predict.main([*inputs, *flags, "--overlap=8"]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {tmp_path}/in/photo/p2_1.png: is 30x20")
        assert error.count("\n") == 1
        assert len(list((tmp_path / "out").glob("*.tif"))) == 3


class TestBadInput:
    def predicted(self, used, tmp_path, *inputs):
        model = f"--graph={used.run}/export/model-4.pb"
        flags = [f"--input={each}" for each in inputs]
        return predict.main([*flags, f"--output={tmp_path / 'out'}", model])

    @pytest.fixture
    def refused(self, capsys, tmp_path):
        def refused(code, *named):
            error = capsys.readouterr().err
            assert code == 2
            assert error.startswith("error: ")
            assert error.count("\n") == 1
            assert all(name in error for name in named), error
            assert not (tmp_path / "out").exists()

        return refused

    def test_inputs_have_to_be_named(self, used, tmp_path, refused):
        folder = used.data / "test" / "radar"
        wanted = "--input=radar=DIR --input=photo=DIR"
        refused(self.predicted(used, tmp_path, folder), wanted)
        refused(self.predicted(used, tmp_path, f"radar={folder}"), wanted)
        refused(self.predicted(used, tmp_path, f"radar={folder}", f"sonar={folder}"), wanted)
        refused(self.predicted(used, tmp_path, f"radar={folder}", f"radar={folder}"), "of its own")
        refused(self.predicted(used, tmp_path, folder, folder), "--input=NAME=")

    def test_neighbours_of_a_single_file_are_not_looked_for(self, used, tmp_path, refused):
        files = [f"radar={used.data}/test/radar/p1_2.tif", f"photo={used.data}/test/photo/p1_2.png"]
        refused(self.predicted(used, tmp_path, *files), "name their folder")

    def test_a_missing_partner_is_named_before_anything_is_written(self, used, tmp_path, refused):
        shutil.copytree(str(used.data / "test"), str(tmp_path / "in"))
        (tmp_path / "in" / "photo" / "p1_2.png").unlink()
        inputs = [f"{side}={tmp_path / 'in' / side}" for side in ("radar", "photo")]
        refused(self.predicted(used, tmp_path, *inputs), "radar/p1_2.tif", "--input photo")

    def test_so_is_a_missing_partner_in_training(self, used, tmp_path, refused):
        shutil.copytree(str(used.data), str(tmp_path / "in"))
        (tmp_path / "in" / "train" / "photo" / "p1_2.png").unlink()
        out = f"--checkpoint_dir={tmp_path / 'out'}"
        code = train.main([f"--data_path={tmp_path / 'in'}", out, *FLAGS])
        refused(code, "train/radar/p1_2.tif: has no partner", "train/photo")

    def test_a_file_of_another_size_is_named_and_the_rest_are_done(self, used, tmp_path, capsys):
        shutil.copytree(str(used.data / "test"), str(tmp_path / "in"))
        Image.new("RGB", (20, 30)).save(str(tmp_path / "in" / "photo" / "p2_1.png"))
        inputs = [f"{side}={tmp_path / 'in' / side}" for side in ("radar", "photo")]
        assert self.predicted(used, tmp_path, *inputs) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {tmp_path}/in/radar/p2_1.tif: is joined with a file of")
        assert sorted(each.name for each in (tmp_path / "out").glob("*.tif")) == [
            f"p1_{number}.tif" for number in (1, 2, 3)
        ]

    def test_files_that_arrive_are_not_joined(self, used, tmp_path, refused):
        model = f"--graph={used.run}/export/model-4.pb"
        watched = f"--watch={used.data / 'test' / 'radar'}"
        refused(
            predict.main([watched, f"--output={tmp_path / 'out'}", model]), "--watch", "--input"
        )

    def test_nor_are_they_on_a_page(self, used, tmp_path, refused):
        flags = [f"--checkpoint_dir={used.run}", f"--output={tmp_path / 'out'}", "--formats=web"]
        refused(export.main(flags), "--formats web", "joins 6 files")

    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--inputs=a,a"], "'a,a'"),
            (["--inputs=a", "--target=b"], "--data_layout=folders"),
            (["--inputs=a", "--data_layout=folders"], "--target=NAME"),
            (["--inputs=a", "--target=a", "--data_layout=folders"], "--target=NAME"),
            (["--target=a"], "--target a: needs --inputs"),
            (["--neighbours=1"], "--data_layout=folders"),
            (["--group=a"], "--group a: needs --neighbours"),
            (["--group=("], "'('"),
            (
                ["--inputs=a", "--target=b", "--data_layout=folders", "--which_direction=BtoA"],
                "--which_direction BtoA",
            ),
        ],
    )
    def test_flags_that_do_not_go_together(self, used, tmp_path, refused, flags, named):
        place = [f"--data_path={used.data}", f"--checkpoint_dir={tmp_path / 'out'}"]
        refused(train.main([*place, *flags]), named)

    def test_other_inputs_than_the_runs(self, used, capsys):
        place = [f"--data_path={used.data}", f"--checkpoint_dir={used.run}"]
        flags = [each for each in FLAGS if not each.startswith("--inputs")]
        assert train.main([*place, *flags, "--inputs=photo,radar:2", "--max_steps=9"]) == 2
        assert "--inputs photo,radar:2: the run in" in capsys.readouterr().err
