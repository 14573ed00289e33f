import dataclasses

import pytest

from estimator.errors import OptionsError
from estimator.options import FITS_BY_FLAG, parse_export_options, parse_predict_options

PRECISION = "--precision_mode=allow_mix_precision"
IN_AND_OUT = ["--input=a.png", "--output=b"]


class TestPredict:
    def test_defaults(self):
        options = parse_predict_options([*IN_AND_OUT, "--model_dir=run"])
        assert dataclasses.asdict(options) == {
            "input": ["a.png"],
            "watch": None,
            "output": "b",
            "checkpoint_dir": "run",
            "graph": None,
            "saved_model": None,
            "georeference": "keep",
            "step": None,
            "fit": "trained",
            "keep_size": False,
            "batch_size": 1,
            "image_size": None,
            "test_dropout": None,
            "seed": None,
            "ema_weights": None,
            "device": "auto",
            "precision_mode": None,
            "tile": False,
            "overlap": None,
            "tile_statistics": "shared",
            "tile_sample": 16,
        }

    def test_they_are_frozen(self):
        options = parse_predict_options([*IN_AND_OUT, "--graph=g.pb"])
        with pytest.raises(dataclasses.FrozenInstanceError):
            options.graph = "other.pb"

    @pytest.mark.parametrize("fit", FITS_BY_FLAG)
    def test_ways_to_fit(self, fit):
        assert parse_predict_options([*IN_AND_OUT, "--graph=g.pb", f"--fit={fit}"]).fit == fit

    def test_what_a_fit_is_to_the_preprocessing(self):
        assert FITS_BY_FLAG == {"trained": None, "resize": "stretch", "pad": "mirror"}

    @pytest.mark.parametrize(
        "flag",
        ["--image_size=64", "--test_dropout", "--seed=1", "--step=best", PRECISION],
    )
    @pytest.mark.parametrize("model", ["--graph=g.pb", "--saved_model=s"])
    def test_what_is_baked_in_cannot_be_asked_for(self, flag, model):
        with pytest.raises(OptionsError, match="baked into an exported model") as error:
            parse_predict_options([*IN_AND_OUT, model, flag])
        assert str(error.value).startswith(flag.split("=")[0] + ":")

    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            ([], "--checkpoint_dir/--model_dir --graph/--onnx --saved_model is required"),
            (["--graph=g.pb", "--checkpoint_dir=run"], "not allowed with"),
            (["--graph=g.pb", "--fit=crop"], "'trained', 'resize', 'pad'"),
            (["--graph=g.pb", "--batch_size=0"], "at least 1"),
            (["--checkpoint_dir=run", "--image_size=big"], "HxW"),
            (["--checkpoint_dir=run", "--seed=4294967296"], "below 4294967296"),
        ],
    )
    def test_refusals_are_one_line(self, flags, named):
        with pytest.raises(OptionsError) as error:
            parse_predict_options([*IN_AND_OUT, *flags])
        assert named in str(error.value)
        assert "\n" not in str(error.value)


class TestExport:
    def test_defaults(self):
        assert dataclasses.asdict(parse_export_options(["--checkpoint_dir=run"])) == {
            "checkpoint_dir": "run",
            "step": "latest",
            "output": "run/export",
            "formats": ("pb", "saved_model", "tflite"),
            "batch_size": 1,
            "fp16": False,
            "precision_mode": None,
            "image_size": None,
            "test_dropout": False,
            "seed": None,
            "statistics": "own",
            "ema_weights": None,
            "data_path": None,
            "page_kind": "auto",
            "label_palette": None,
            "page_examples": 6,
            "page_title": None,
            "web_bits": 8,
            "ort_web": None,
        }

    def test_formats_keep_their_order(self):
        options = parse_export_options(["--checkpoint_dir=run", "--formats=tflite, pb"])
        assert options.formats == ("pb", "tflite")

    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            ([], "--checkpoint_dir"),
            (["--checkpoint_dir=run", "--formats=coreml"], "pb, saved_model, tflite, onnx, web"),
            (["--checkpoint_dir=run", "--fp16"], "--formats has pb, saved_model, tflite; add onnx"),
            (["--checkpoint_dir=run", "--page_kind=photo"], "add web"),
            (["--checkpoint_dir=run", PRECISION], "tflite cannot be computed in bfloat16"),
            (["--checkpoint_dir=run", "--precision_mode=force_fp16"], "'force_fp32'"),
            (["--checkpoint_dir=run", "--batch_size=-1"], "at least 0"),
            (["--checkpoint_dir=run", "--format=pb"], "--help"),
        ],
    )
    def test_refusals_are_one_line(self, flags, named):
        with pytest.raises(OptionsError) as error:
            parse_export_options(flags)
        assert named in str(error.value)
        assert "\n" not in str(error.value)
