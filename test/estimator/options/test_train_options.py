import dataclasses

import pytest

from estimator.errors import OptionsError
from estimator.options.train_options import parse_options
from estimator.options.views import network_config, pair_format


def parse(*flags, stored=None):
    return parse_options(["--data_path=pairs", *flags], stored)


class TestModelZooFlags:
    @pytest.mark.parametrize(
        ("name", "default"),
        [
            ("phase", "train"),
            ("epoch", 200),
            ("batch_size", 1),
            ("learning_rate", 2e-4),
            ("beta1", 0.5),
            ("load_size", (286, 286)),
            ("fine_size", (256, 256)),
            ("ngf", 64),
            ("ndf", 64),
            ("input_nc", 3),
            ("output_nc", 3),
            ("which_direction", "AtoB"),
            ("L1_lambda", 100.0),
            ("autotune", False),
            ("checkpoint_dir", "./checkpoint"),
        ],
    )
    def test_defaults_are_those_of_id0359(self, name, default):
        assert getattr(parse(), name) == default

    def test_all_training_files_are_used_unless_said(self):
        assert parse().train_size is None
        assert parse("--train_size=7").train_size == 7

    @pytest.mark.parametrize(
        ("alias", "name", "value"),
        [("--lr=0.01", "learning_rate", 0.01), ("--model_dir=there", "checkpoint_dir", "there")],
    )
    def test_aliases_set_the_same_field(self, alias, name, value):
        assert getattr(parse(alias), name) == value

    @pytest.mark.parametrize("text", ["true", "True", "1", "yes"])
    def test_switches_take_a_true_value_or_none_at_all(self, text):
        assert parse(f"--no_flip={text}").no_flip is True
        assert parse("--no_flip").no_flip is True

    @pytest.mark.parametrize("text", ["false", "False", "0", "no"])
    def test_false_is_false(self, text):
        assert parse(f"--no_flip={text}").no_flip is False


class TestSeveralInputs:
    def test_each_has_the_channels_of_its_name_or_of_the_flag(self):
        flags = ["--data_layout=folders", "--inputs=a,b:2", "--target=c", "--input_nc=4"]
        found = pair_format(parse(*flags))
        assert (found.inputs, found.target) == (("a", "b"), "c")
        assert (found.channels_of_inputs, found.input_channels) == ((4, 2), 6)
        found = pair_format(parse(*flags, "--neighbours=2"))
        assert found.input_channels == 30
        assert network_config(parse(*flags, "--neighbours=2")).input_channels == 30

    def test_neighbours_alone_are_of_the_side_that_goes_in(self):
        flags = ["--data_layout=folders", "--neighbours=1"]
        found = pair_format(parse(*flags))
        assert (found.inputs, found.target, found.input_channels) == (("A",), "B", 9)
        found = pair_format(parse(*flags, "--which_direction=BtoA"))
        assert (found.inputs, found.target) == (("B",), "A")


class TestSizes:
    def test_one_number_is_a_square_and_two_are_height_by_width(self):
        assert parse("--fine_size=128").fine_size == (128, 128)
        assert parse("--fine_size=256x512").fine_size == (256, 512)
        assert parse("--image_size=256x512").fine_size == (256, 512)

    def test_pictures_are_loaded_larger_by_the_papers_jitter(self):
        # 286 / 256 = 1.1171875: 64 -> 71.5, of which Python rounds the half to even; 512 -> 572.
        assert parse("--fine_size=64").load_size == (72, 72)
        assert parse("--fine_size=256x512").load_size == (286, 572)

    def test_a_load_size_that_is_given_is_kept(self):
        assert parse("--load_size=300", "--fine_size=256").load_size == (300, 300)


class TestColorization:
    def test_lightness_goes_in_and_two_colours_come_out(self):
        options = parse("--lab_colorization")
        assert (options.input_nc, options.output_nc) == (1, 2)

    @pytest.mark.parametrize(
        "flag", ["--input_nc=4", "--which_direction=BtoA", "--data_layout=folders"]
    )
    def test_flags_that_contradict_it_are_refused(self, flag):
        with pytest.raises(OptionsError, match="--lab_colorization"):
            parse("--lab_colorization", flag)


class TestRefusals:
    @pytest.mark.parametrize(
        ("flag", "named", "helpful"),
        [
            ("--batch_size=0", "--batch_size", "at least 1"),
            ("--batch_size=1.5", "--batch_size", "whole number"),
            ("--epoch=-1", "--epoch", "at least 1"),
            ("--lr=0", "--learning_rate", "above 0"),
            ("--lr=nan", "--learning_rate", "above 0"),
            ("--lr=inf", "--learning_rate", "above 0"),
            ("--beta1=1", "--beta1", "below 1"),
            ("--L1_lambda=-1", "--L1_lambda", "at least 0"),
            ("--no_flip=maybe", "--no_flip", "true or false"),
            ("--fine_size=100", "--fine_size", "96x96"),
            ("--fine_size=axb", "--fine_size", "HxW"),
            ("--fine_size=0", "--fine_size", "HxW"),
            ("--load_size=128", "--load_size", "--fine_size 256x256"),
            ("--input_nc=0", "--input_nc", "at least 1"),
            ("--value_range=1", "--value_range", "0,4095"),
            ("--value_range=9,1", "--value_range", "0,4095"),
            ("--resize=zoom", "--resize", "'crop'"),
            ("--seed=-1", "--seed", "at least 0"),
            ("--seed=4294967296", "--seed", "below 4294967296"),
            ("--which_direction=BA", "--which_direction", "'BtoA'"),
            ("--precision_mode=fp8", "--precision_mode", "'allow_mix_precision'"),
            ("--nfg=8", "--nfg", "--help"),
            # Abbreviations would silently change their meaning when a flag is added.
            ("--batch=8", "--batch", "--help"),
        ],
    )
    def test_one_line_names_the_flag_and_what_would_work(self, flag, named, helpful):
        with pytest.raises(OptionsError) as error:
            parse(flag)
        message = str(error.value)
        assert named in message
        assert helpful in message
        assert "\n" not in message

    def test_the_data_path_is_required(self):
        with pytest.raises(OptionsError, match="--data_path"):
            parse_options([])


class TestOptions:
    def test_they_are_frozen(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            parse().ngf = 8

    def test_stored_values_stand_where_no_flag_is_given(self):
        options = parse("--ngf=16", stored={"ngf": 8, "ndf": 8, "fine_size": (64, 64)})
        assert (options.ngf, options.ndf, options.fine_size) == (16, 8, (64, 64))

    def test_frozen_graphs_go_into_the_checkpoint_folder_unless_said(self):
        assert parse("--checkpoint_dir=run/").frozen_dir == "run/frozen"
        assert parse("--frozen_dir=there").frozen_dir == "there"


class TestStepsPerRun:
    """--iterations_per_loop=auto, which the scripts give on NPUs."""

    @pytest.mark.parametrize(
        ("flags", "steps"),
        [
            ((), 10),  # Of 500 and 50.
            (("--max_steps=800",), 10),
            (("--max_steps=4",), 2),
            (("--max_steps=7",), 1),
            (("--print_freq=24", "--save_checkpoints_steps=600"), 8),  # Divisors of 24.
            (("--save_frozen_steps=15",), 5),
        ],
    )
    def test_auto_takes_the_most_that_fill_all_intervals(self, flags, steps):
        assert parse("--iterations_per_loop=auto", *flags).iterations_per_loop == steps

    def test_a_later_flag_wins(self):
        options = parse("--iterations_per_loop=auto", "--iterations_per_loop=20")
        assert options.iterations_per_loop == 20

    @pytest.mark.parametrize("text", ["0", "-1", "ten", "1.5"])
    def test_what_is_no_number_of_steps_is_told_what_it_must_be(self, text):
        with pytest.raises(OptionsError, match="--iterations_per_loop: .* or auto"):
            parse(f"--iterations_per_loop={text}")


class TestDiagnosis:
    @pytest.mark.parametrize("text", ["10", "0|5", "0|5|10-20", "7-7"])
    def test_steps_to_dump_are_taken_as_the_vendor_writes_them(self, text):
        assert parse(f"--data_dump_step={text}").data_dump_step == text

    @pytest.mark.parametrize("text", ["x", "", "1,2", "5-", "20-10", "1|", "-1"])
    def test_others_which_would_end_the_device_are_refused(self, text):
        with pytest.raises(OptionsError, match=r"--data_dump_step: .* write such as 0\|5\|10-20"):
            parse(f"--data_dump_step={text}")

    def test_lists_go_with_mixed_modes_alone(self, tmp_path):
        (tmp_path / "list.json").write_text("{}")
        flag = f"--modify_mixlist={tmp_path / 'list.json'}"
        assert parse(flag, "--precision_mode=allow_mix_precision").modify_mixlist
        with pytest.raises(OptionsError, match="--modify_mixlist: --precision_mode force_fp32"):
            parse(flag, "--precision_mode=force_fp32")
