"""What follows from the declarations: the parser, the options, the groups of fields, the help."""

import pickle
import re

import pytest

from estimator.errors import OptionsError
from estimator.options import (
    DATA_FIELDS,
    NETWORK_FIELDS,
    PREDICTION_FIELDS,
    Options,
    default_of,
    field_names,
    parse_options,
)
from estimator.options.export_flags import EXPORT_GROUPS, build_export_parser
from estimator.options.flags import NETWORK, Flag, FlagGroup, all_flags, make_fields, make_parser
from estimator.options.predict_flags import PREDICT_GROUPS, build_predict_parser
from estimator.options.train_flags import TRAIN_GROUPS, build_parser

PROGRAMS = {
    "train": (TRAIN_GROUPS, build_parser),
    "predict": (PREDICT_GROUPS, build_predict_parser),
    "export": (EXPORT_GROUPS, build_export_parser),
}


def of_program(name):
    return all_flags(PROGRAMS[name][0])


@pytest.mark.parametrize("program", sorted(PROGRAMS))
class TestEveryProgram:
    def test_no_name_is_declared_twice(self, program):
        names = [name for flag in of_program(program) for name in flag.spellings]
        assert len(names) == len(set(names))

    def test_the_help_names_every_flag_with_its_meaning(self, program):
        text = " ".join(PROGRAMS[program][1]().format_help().split())
        for flag in of_program(program):
            assert all(name in text for name in flag.spellings)
            assert " ".join(flag.help.split()) in re.sub(r"(?<=\w)- (?=\w)", "-", text)

    def test_every_choice_is_explained(self, program):
        for flag in of_program(program):
            for choice in flag.choices or ():
                assert re.search(rf"\b{choice}\b", flag.help), f"--{flag.name}: {choice}"

    def test_a_default_is_one_of_the_choices(self, program):
        for flag in of_program(program):
            assert flag.default is None or flag.choices is None or flag.default in flag.choices

    def test_a_constant_and_a_computed_default_exclude_each_other(self, program):
        for flag in of_program(program):
            assert flag.default is None or not flag.computed


class TestOneDeclaration:
    """A flag of the network is one declaration: all else follows."""

    GROUPS = (
        FlagGroup("net", (Flag("width", "100% of it", 8, role=NETWORK, aliases=("w",), type=int),)),
        FlagGroup("one", (Flag("this", "or"), Flag("that", "and")), exclusive=True),
    )

    def parser(self):
        return make_parser(self.GROUPS, "Does something.", "[--FLAG VALUE ...]")

    def test_the_parser_takes_all_its_names(self):
        assert self.parser().parse_args(["--w=3", "--this=x"]).width == 3
        assert self.parser().parse_args(["--this=x"]).width == 8

    def test_the_help_has_meaning_and_default(self):
        assert "100% of it (default: 8)" in self.parser().format_help()

    def test_exactly_one_of_an_exclusive_group_is_given(self):
        with pytest.raises(OptionsError, match="required"):
            self.parser().parse_args([])
        with pytest.raises(OptionsError, match="not allowed with"):
            self.parser().parse_args(["--this=x", "--that=y"])

    def test_the_options_have_its_field(self):
        assert make_fields("Fields", self.GROUPS)(width=1, this=2, that=3).width == 1


class TestTrainOptions:
    def test_the_fields_are_the_flags_in_the_order_of_declaration(self):
        assert field_names() == [flag.name for flag in all_flags(TRAIN_GROUPS)]
        values = vars(parse_options(["--data_path=x"]))
        assert list(values) == [*field_names(), "command"]

    def test_they_go_from_one_process_to_another(self):
        options = parse_options(["--data_path=x"])
        assert pickle.loads(pickle.dumps(options)) == options
        assert isinstance(options, Options)

    def test_roles(self):
        assert set(NETWORK_FIELDS) == {
            "ngf",
            "ndf",
            "input_nc",
            "output_nc",
            "fine_size",
            "which_direction",
            "inputs",
            "neighbours",
            "lab_colorization",
            "palette_input",
            "palette_output",
            "netG",
            "netD",
            "unet_depth",
            "n_layers_D",
            "num_D",
            "norm",
            "bottleneck_norm",
            "spectral_norm_D",
            "upsample",
            "separable_conv",
            "conditional_D",
            "gan_mode",
            "ema",
        }
        assert set(DATA_FIELDS) == {
            "resize",
            "data_layout",
            "target",
            "group",
            "alpha",
            "value_range",
            "log_bands",
            "nodata",
            "weights",
        }
        assert set(PREDICTION_FIELDS) == {"test_dropout", "seed", "ema_weights"}

    @pytest.mark.parametrize("name", [*NETWORK_FIELDS, *DATA_FIELDS, *PREDICTION_FIELDS])
    def test_the_default_of_a_field_is_what_a_bare_command_line_gives(self, name):
        assert default_of(name) == getattr(parse_options(["--data_path=x"]), name)

    def test_the_help_names_the_command_that_was_started(self, monkeypatch):
        monkeypatch.setattr("sys.argv", ["/usr/bin/pix2pix-train"])
        assert build_parser().format_usage().startswith("usage: pix2pix-train --data_path")
        monkeypatch.setattr("sys.argv", ["estimator/train.py"])
        assert build_parser().format_usage().startswith("usage: train.py --data_path")
