import json
import os
import re
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.errors import OptionsError
from estimator.export import main
from estimator.exports import web_runtime
from estimator.exports.web import find_web_parts
from estimator.options.export_flags import parse_export_options
from estimator.options.train_options import parse_options
from estimator.predict import main as predict
from input_fn import FACADE_COLOURS


@pytest.fixture(autouse=True)
def _small_runtime(tmp_path, monkeypatch):
    """Puts small files in place of the browser's runtime: nothing here computes with it."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    for name in web_runtime.FILES:
        (folder / name).write_text(name)
    monkeypatch.setattr("estimator.exports.web.find_runtime", lambda *_: str(folder))


@pytest.fixture
def export(finished, tmp_path, capsys):
    """Exports the page of a run; returns its folder and what was printed."""

    def run(*flags):
        command = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / 'export'}"]
        assert main([*command, "--formats=web", *flags]) == 0
        return tmp_path / "export" / "web-6", capsys.readouterr().out

    return run


def told(folder):
    return json.loads((folder / "page.json").read_text(encoding="utf-8"))


class TestFolder:
    def test_everything_the_page_refers_to_is_in_it(self, export):
        folder, _ = export()
        page = told(folder)
        wanted = [page["engine"]["model"], *(each["file"] for each in page["examples"])]
        wanted += [file for way in page["engine"]["runtime"].values() for file in way.values()]
        for path in folder.glob("*.js"):
            wanted += re.findall(r'from "\./(.+?)"', path.read_text(encoding="utf-8"))
        html = (folder / "index.html").read_text(encoding="utf-8")
        wanted += re.findall(r'(?:src|href)="(.+?)"', html)
        assert len(wanted) > 20
        assert [name for name in wanted if not (folder / name).exists()] == []
        assert (folder / "runtime" / "LICENSE").read_text().startswith("MIT License")

    def test_no_address_but_its_own_is_in_it(self, export):
        folder, _ = export()
        endings = ("*.js", "*.html", "*.css", "*.json")
        own = [path for ending in endings for path in folder.glob(ending)]
        assert len(own) > 10
        for path in own:
            assert not re.search(r"https?://", path.read_text(encoding="utf-8")), path

    def test_the_page_is_told_of_the_data(self, export):
        page = told(export("--page_title=Draw a house")[0])
        assert page["title"] == "Draw a house"
        assert page["kind"] == "labels"
        assert [each["name"] for each in page["palette"]] == list(FACADE_COLOURS)
        assert len(page["examples"]) == 2
        assert page["note"]["pair_format"]["fine_size"] == [64, 64]
        assert page["note"]["dropout"] == "off"

    def test_without_the_data_it_is_a_page_for_photos(self, finished, tmp_path):
        shutil.copytree(str(finished[0]), str(tmp_path / "run"))
        options = json.loads((tmp_path / "run" / "options.json").read_text())
        options["data_path"] = str(tmp_path / "gone")
        (tmp_path / "run" / "options.json").write_text(json.dumps(options))
        assert main([f"--checkpoint_dir={tmp_path / 'run'}", "--formats=web"]) == 0
        page = told(tmp_path / "run" / "export" / "web-6")
        assert (page["kind"], page["examples"], page["palette"]) == ("photo", [], [])
        assert page["error"]["of"] == "random pictures"

    def test_a_second_export_takes_the_place_of_the_first(self, export):
        folder, _ = export()
        (folder / "left.txt").write_text("")
        export("--page_examples=0")
        assert not (folder / "left.txt").exists()
        assert told(folder)["examples"] == []
        assert os.listdir(str(folder.parent)) == ["web-6"]


class TestWeights:
    @pytest.mark.parametrize("bits", [8, 16])
    def test_the_error_said_is_that_of_the_file(self, export, bits, data, finished, tmp_path):
        folder, printed = export(f"--web_bits={bits}")
        page = told(folder)
        error = page["error"]
        assert (error["pictures"], error["of"]) == (2, "inputs of val")
        assert f"weights of {bits} bits" in printed
        said = f"{error['mean']:.2f} of 255 levels in the mean, {error['worst']:.0f} at worst"
        assert said in printed
        assert page["engine"]["bits"] == bits
        assert page["engine"]["bytes"] == (folder / "model.onnx").stat().st_size

        # By other means: predict.py on the same inputs, and ONNX Runtime.
        differences = []
        for number in (1, 2):
            with Image.open(str(data / "val" / f"{number}.jpg")) as pair:
                pair.crop((256, 0, 512, 256)).save(str(tmp_path / f"{number}.png"))
            flags = [f"--input={tmp_path / f'{number}.png'}", f"--output={tmp_path / 'out.png'}"]
            model = [f"--checkpoint_dir={finished[0]}", "--test_dropout=false"]
            assert predict([*flags, *model]) == 0
            expected = np.asarray(Image.open(str(tmp_path / "out.png")), np.float32)
            files = [f"--input={tmp_path / f'{number}.png'}", f"--output={tmp_path / 'web.png'}"]
            assert predict([*files, f"--graph={folder / 'model.onnx'}"]) == 0
            found = np.asarray(Image.open(str(tmp_path / "web.png")), np.float32)
            differences.append(np.abs(found - expected))
        # The inputs went through another decoder of JPEG here.
        assert np.mean(differences) == pytest.approx(error["mean"], rel=0.3, abs=0.02)
        assert np.max(differences) == pytest.approx(error["worst"], abs=2)
        assert error["worst"] < 20

    def test_a_weight_takes_a_byte_or_two(self, export, finished):
        sizes = [(export(f"--web_bits={n}")[0] / "model.onnx").stat().st_size for n in (8, 16)]
        reader = tf.train.load_checkpoint(str(finished[0] / "model.ckpt-6"))
        kernels = {
            name: np.prod(shape)
            for name, shape in reader.get_variable_to_shape_map().items()
            if name.startswith("generator/") and len(shape) == 4 and "Adam" not in name
        }
        count = sum(kernels.values())
        assert count < sizes[0] < 1.3 * count + 50_000
        assert sizes[1] - sizes[0] == pytest.approx(count, rel=0.05)


class TestRefusals:
    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--web_bits=4"], "--web_bits"),
            (["--page_kind=other"], "--page_kind"),
            (["--data_path=/nowhere"], "/nowhere"),
            (["--page_kind=photo", "--label_palette=facades"], "--label_palette"),
        ],
    )
    def test_one_line_and_nothing_is_left(self, finished, tmp_path, refuses, flags, named):
        command = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / 'export'}"]
        refuses(main([*command, "--formats=web", *flags]), named)
        assert not (tmp_path / "export").exists()

    def test_flags_of_the_page_without_the_page(self, finished, refuses):
        refuses(main([f"--checkpoint_dir={finished[0]}", "--web_bits=16"]), "--web_bits", "add web")

    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--input_nc=5"], "5 channels"),
            (["--value_range=0,4095"], "--value_range"),
            (["--nodata=0"], "--nodata"),
            (["--alpha=mask"], "--alpha=mask"),
        ],
    )
    def test_inputs_that_browsers_do_not_have(self, flags, named, tmp_path):
        run = parse_options(["--data_path=.", f"--checkpoint_dir={tmp_path}", *flags])
        asked = parse_export_options([f"--checkpoint_dir={tmp_path}"])
        with pytest.raises(OptionsError, match=named):
            find_web_parts(asked, run)
