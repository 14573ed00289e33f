"""Presets against the paper's tables and section 6.2, and against the command line."""

import dataclasses

import pytest

from estimator.errors import OptionsError
from estimator.options.flags import all_flags
from estimator.options.presets import PRESETS, flags_of, preset_line
from estimator.options.train_flags import TRAIN_GROUPS
from estimator.options.train_options import parse_options

FLAGS = {flag.name: flag for flag in all_flags(TRAIN_GROUPS)}


def options_of(*arguments):
    return parse_options(["--data_path=x", *arguments])


class TestEachPreset:
    @pytest.mark.parametrize("name", PRESETS)
    def test_makes_options_that_go_together(self, name):
        options = options_of(f"--preset={name}")
        assert options.preset == (name,)

    @pytest.mark.parametrize("name", PRESETS)
    def test_is_what_its_line_says_when_typed(self, name):
        options = options_of(f"--preset={name}")
        typed = preset_line((name,), options).split(": ", 1)[1].split()
        if PRESETS[name]:
            again = dataclasses.asdict(options_of(*typed))
        else:
            again = dataclasses.asdict(options_of())
        own = dataclasses.asdict(options)
        for field in ("preset", "command"):
            del again[field], own[field]
        assert own == again

    @pytest.mark.parametrize("name", PRESETS)
    def test_has_flags_that_there_are_and_values_that_they_take(self, name):
        for field, value in PRESETS[name].items():
            flag = FLAGS[field]
            assert flag.choices is None or value in flag.choices


# Epochs, pairs per step, size before the crop, whether mirrored, direction.
@pytest.mark.parametrize(
    ("name", "epochs", "batch", "load", "mirrored", "direction"),
    [
        ("facades", 200, 1, 286, True, "BtoA"),
        ("cityscapes", 200, 1, 286, True, "BtoA"),
        ("maps", 200, 1, 286, True, "AtoB"),
        ("aerial", 200, 1, 286, True, "BtoA"),
        ("edges2shoes", 15, 4, 256, False, "AtoB"),
        ("edges2handbags", 15, 4, 256, False, "AtoB"),
        ("colorization", 6, 4, 256, True, "AtoB"),
        ("day2night", 17, 4, 286, True, "BtoA"),
        ("thermal2color", 10, 4, 286, True, "AtoB"),
        ("inpainting", 25, 4, 256, True, "AtoB"),
    ],
)
def test_data_sets_are_trained_as_in_section_6_2(name, epochs, batch, load, mirrored, direction):
    options = options_of(f"--preset={name}")
    assert (options.epoch, options.batch_size) == (epochs, batch)
    assert options.load_size == (load, load)
    assert options.no_flip != mirrored
    assert options.which_direction == direction


def test_colorization_goes_from_lightness_to_colours():
    options = options_of("--preset=colorization")
    assert (options.lab_colorization, options.input_nc, options.output_nc) == (True, 1, 2)


class TestTogether:
    def test_what_is_typed_goes_before(self):
        options = options_of("--preset=edges2shoes", "--batch_size=2", "--no_flip=false")
        assert (options.batch_size, options.no_flip, options.epoch) == (2, False, 15)
        assert preset_line(options.preset, options) == (
            "preset edges2shoes: --epoch=15 --batch_size=2 (overridden) --load_size=256x256 "
            "--no_flip=false (overridden)"
        )

    def test_a_value_that_is_typed_is_not_overridden_for_being_the_default(self):
        assert options_of("--preset=paper_cgan", "--L1_lambda=100").L1_lambda == 100.0

    def test_a_later_preset_goes_before_an_earlier_one(self):
        assert options_of("--preset=paper_encoder_decoder,facades").batch_size == 10
        assert options_of("--preset=edges2shoes,facades").epoch == 200
        assert options_of("--preset=facades,edges2shoes").epoch == 15
        assert flags_of(("facades", "paper_l1")) == {
            "which_direction": "BtoA",
            "epoch": 200,
            "gan_mode": "none",
        }

    def test_without_jitter_follows_the_size(self):
        assert options_of("--preset=edges2shoes", "--fine_size=64").load_size == (64, 64)
        assert options_of("--preset=edges2shoes", "--load_size=300").load_size == (300, 300)

    def test_of_none_is_the_defaults(self):
        assert options_of().preset == ()

    def test_an_unknown_one_is_refused_with_those_that_there_are(self):
        with pytest.raises(OptionsError) as refusal:
            options_of("--preset=facade")
        assert "--preset: 'facade' is none; there are paper, paper_l1, " in str(refusal.value)
