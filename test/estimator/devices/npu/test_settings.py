import inspect
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
        # Not in the working directory, where the vendor's default puts them.
        folder = finished.folder / "autotune"
        assert parameters["work_path"] == ["s", str(folder)]
        assert folder.is_dir()


def module_of_version(**keywords):
    """A module with an NPURunConfig that has these keywords."""
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in ("self", *keywords)
    ]

    def constructor(self, **given):
        raise AssertionError("not to be made")

    constructor.__signature__ = inspect.Signature(parameters)
    run_config = type("NPURunConfig", (), {"__init__": constructor})
    return types.SimpleNamespace(NPURunConfig=run_config)


@pytest.fixture
def settings(parse):
    """Makes the keywords of training for flags, where NPURunConfig has some keywords."""

    def made(*flags, mode="allow_mix_precision", keywords=(), ranks=1, saves=True):
        module = module_of_version(**dict.fromkeys(keywords))
        return NpuSettings(parse(*flags), mode, module, "v9").for_training(ranks, saves)

    return made


class TestOfAnotherVersion:
    """What the installed version has no keyword for."""

    def test_what_was_asked_for_is_refused_with_the_version(self, settings, tmp_path):
        (tmp_path / "list.json").write_text("{}")
        flag = f"--modify_mixlist={tmp_path / 'list.json'}"
        with pytest.raises(OptionsError, match=r"--modify_mixlist: .*v9.* has no NPURunConfig\("):
            settings(flag)
        with pytest.raises(OptionsError, match=r"--autotune: .*v9.* has no NPURunConfig\("):
            settings("--autotune")

    def test_what_was_not_asked_for_is_left_out(self, settings):
        assert "modify_mixlist" not in settings()


class TestLists:
    """Releases before 2023-07 end at once at a list beside another mode than one."""

    OLD, NEW = ("modify_mixlist",), ("modify_mixlist", "precision_mode_v2")
    MODES = ("allow_mix_precision", "allow_mix_precision_fp16", "allow_mix_precision_bf16")

    def test_our_own_goes_with_the_modes_that_the_version_takes_it_with(self, settings):
        for mode in self.MODES:
            has_list = "modify_mixlist" in settings(mode=mode, keywords=self.OLD)
            assert has_list is (mode == "allow_mix_precision")
            assert "modify_mixlist" in settings(mode=mode, keywords=self.NEW)
        assert "modify_mixlist" not in settings(mode="force_fp16", keywords=self.NEW)

    def test_the_users_is_refused_where_the_version_does_not_take_it(self, settings, tmp_path):
        (tmp_path / "list.json").write_text("{}")
        flag = f"--modify_mixlist={tmp_path / 'list.json'}"
        mode = "allow_mix_precision_fp16"
        with pytest.raises(OptionsError, match="v9.*--precision_mode=allow_mix_precision alone"):
            settings(flag, mode=mode, keywords=self.OLD)
        taken = settings(flag, mode=mode, keywords=self.NEW)
        assert taken["modify_mixlist"] == str(tmp_path / "list.json")


class TestProcess:
    def test_there_are_threads_for_what_waits_on_the_device(self, settings, monkeypatch):
        monkeypatch.setattr("os.sched_getaffinity", lambda process: {0})
        assert settings()["session_config"].inter_op_parallelism_threads == 4
        monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(24)))
        assert settings()["session_config"].inter_op_parallelism_threads == 24

    def test_several_ranks_exchange_during_the_backward_pass(self, settings):
        assert settings(ranks=8)["hcom_parallel"] is True
        assert "hcom_parallel" not in settings(ranks=1)

    def test_a_rank_that_does_not_own_the_folder_saves_nothing(self, settings):
        assert settings("--save_checkpoints_steps=20")["save_checkpoints_steps"] == 20
        # None would be every 100 steps.
        assert settings(saves=False)["save_checkpoints_steps"] == 0
