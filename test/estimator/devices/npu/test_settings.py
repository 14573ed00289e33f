import json
import types

import pytest

from estimator.devices.npu.settings import NpuSettings
from estimator.errors import OptionsError


class TestTraining:
    def test_dumps_profiles_and_tuning_reach_the_old_version(self, run, tmp_path):
        finished = run(
            "old",
            "--max_steps=1",
            "--eval_steps=0",
            "--data_dump_flag=True",
            f"--data_dump_path={tmp_path / 'dump'}",
            "--data_dump_step=0|5",
            "--profiling=True",
            f"--profiling_dump_path={tmp_path / 'profile'}",
            "--autotune=True",
        )
        (estimator,) = finished.events["estimator"]
        parameters = estimator["parameter_map"]
        assert parameters["enable_dump"] == ["b", True]
        assert parameters["dump_path"] == ["s", str(tmp_path / "dump")]
        assert parameters["dump_step"] == ["s", "0|5"]
        assert parameters["dump_mode"] == ["s", "all"]
        assert parameters["profiling_mode"] == ["b", True]
        assert json.loads(parameters["profiling_options"][1])["output"] == str(tmp_path / "profile")
        assert parameters["auto_tune_mode"] == ["s", "RL,GA"]
        assert (tmp_path / "dump").is_dir()
        assert (tmp_path / "profile").is_dir()

    def test_overflow_dumps_and_tuning_reach_the_new_version(self, run, tmp_path):
        finished = run(
            "new",
            "--max_steps=1",
            "--eval_steps=0",
            "--over_dump=True",
            f"--over_dump_path={tmp_path / 'dump'}",
            "--autotune=True",
        )
        (estimator,) = finished.events["estimator"]
        parameters = estimator["parameter_map"]
        assert parameters["enable_dump"] == ["b", False]
        assert parameters["enable_dump_debug"] == ["b", True]
        assert parameters["dump_path"] == ["s", str(tmp_path / "dump")]
        assert parameters["dump_debug_mode"] == ["s", "all"]
        assert parameters["aoe_mode"] == ["s", "2"]


class TestOfAnotherVersion:
    """What the installed version has no keyword for."""

    @pytest.fixture
    def settings(self, parse):
        class NPURunConfig:
            def __init__(self, precision_mode=None):
                pass

        module = types.SimpleNamespace(NPURunConfig=NPURunConfig)

        def for_flags(*flags):
            return NpuSettings(parse(*flags), "allow_mix_precision", module, "v9")

        return for_flags

    def test_what_was_asked_for_is_refused_with_the_version(self, settings, tmp_path):
        (tmp_path / "list.json").write_text("{}")
        flag = f"--modify_mixlist={tmp_path / 'list.json'}"
        with pytest.raises(OptionsError, match=r"--modify_mixlist: .*v9.* has no NPURunConfig\("):
            settings(flag).for_training()
        with pytest.raises(OptionsError, match=r"--autotune: .*v9.* has no NPURunConfig\("):
            settings("--autotune").for_training()

    def test_what_was_not_asked_for_is_left_out(self, settings):
        assert "modify_mixlist" not in settings().for_training()
