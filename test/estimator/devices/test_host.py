import collections

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from tensorflow.python.client import device_lib

from estimator.devices import choose_device, cpu
from estimator.devices.host import HostDevice
from estimator.errors import OptionsError

BFLOAT16_MODES = ["allow_mix_precision", "allow_mix_precision_bf16", "allow_fp32_to_bf16"]
FLOAT16_MODES = [
    "allow_mix_precision_fp16",
    "allow_fp32_to_fp16",
    "force_fp16",
    "cube_fp16in_fp32out",
]
MODES = BFLOAT16_MODES + FLOAT16_MODES


class TestChoice:
    def test_a_cpu_that_is_asked_for_is_taken(self, parse):
        assert choose_device(parse("--device=cpu")).description == "device: cpu (as asked)"

    def test_auto_says_why_it_takes_what_it_takes(self, parse):
        description = choose_device(parse()).description
        assert description in ("device: cpu (no GPU found)", "device: gpu (found)")

    def test_an_npu_without_its_software_is_refused_with_what_to_do(self, parse):
        with pytest.raises(OptionsError, match=r"--device npu: .*set_env\.sh.*--device cpu"):
            choose_device(parse("--device=npu"))


class TestGpus:
    def test_they_are_found_without_being_made_which_would_take_their_memory(
        self, parse, monkeypatch
    ):
        def make_devices(*arguments, **keywords):
            raise AssertionError("all memory of all GPUs is taken")

        monkeypatch.setattr(device_lib, "list_local_devices", make_devices)
        monkeypatch.setattr(tf.test, "is_gpu_available", make_devices)
        choose_device(parse())
        gpu = collections.namedtuple("PhysicalDevice", ["name", "device_type"])
        monkeypatch.setattr(
            tf.config.experimental,
            "list_physical_devices",
            lambda kind: [gpu("/physical_device:GPU:0", "GPU")] if kind == "GPU" else [],
        )
        device = choose_device(parse("--device=gpu"))
        assert device.description == "device: gpu (as asked)"
        config = device.make_estimator(lambda features: None).config.session_config
        assert config.gpu_options.allow_growth
        assert dict(config.device_count) == {}


class TestPrecision:
    @pytest.fixture
    def describe(self, parse, monkeypatch):
        """Describes a CPU in a precision mode; `obstacle` is what keeps it from bfloat16."""

        def describe(mode, obstacle):
            monkeypatch.setattr(cpu, "bfloat16_obstacle", lambda: obstacle)
            return HostDevice(parse("--device=cpu", f"--precision_mode={mode}")).description

        return describe

    @pytest.mark.parametrize("mode", FLOAT16_MODES)
    def test_float16_is_float32_on_a_cpu_and_said_in_the_line(self, describe, mode):
        line = f"device: cpu (as asked); float32, {mode} cannot be done here"
        assert describe(mode, obstacle=None) == line

    @pytest.mark.parametrize("mode", BFLOAT16_MODES)
    def test_a_cpu_that_can_computes_in_bfloat16_and_one_that_cannot_says_why(self, describe, mode):
        line = f"device: cpu (as asked); {mode}: bfloat16 by graph rewrite"
        assert describe(mode, obstacle=None) == line
        line = f"device: cpu (as asked); float32, {mode} cannot be done here: it is too old"
        assert describe(mode, obstacle="it is too old") == line

    def test_bfloat16_has_no_loss_scale_unless_asked_for(self, parse, monkeypatch):
        monkeypatch.setattr(cpu, "bfloat16_obstacle", lambda: None)
        flags = ["--device=cpu", "--precision_mode=allow_mix_precision"]
        assert HostDevice(parse(*flags)).optimizer_state == "no loss scale"

    @pytest.mark.parametrize("mode", ["force_fp32", "must_keep_origin_dtype"])
    def test_float32_goes_without_saying(self, parse, mode):
        device = HostDevice(parse("--device=cpu", f"--precision_mode={mode}"))
        assert device.description == "device: cpu (as asked)"

    def test_an_unknown_mode_is_refused_with_those_there_are(self, parse):
        with pytest.raises(OptionsError) as error:
            parse("--precision_mode=fp16")
        for mode in [*MODES, "force_fp32", "must_keep_origin_dtype"]:
            assert f"'{mode}'" in str(error.value)


class TestRefusals:
    @pytest.mark.parametrize("flag", ["autotune", "over_dump", "data_dump_flag"])
    def test_what_only_an_npu_does_is_refused_with_a_reason(self, parse, flag):
        with pytest.raises(OptionsError, match=f"--{flag}: .* an NPU"):
            HostDevice(parse("--device=cpu", f"--{flag}"))

    def test_a_list_of_operators_is_refused_too(self, parse, tmp_path):
        (tmp_path / "list.json").write_text("{}")
        with pytest.raises(OptionsError, match="--modify_mixlist"):
            HostDevice(parse("--device=cpu", f"--modify_mixlist={tmp_path / 'list.json'}"))

    def test_both_kinds_of_dump_at_once_are_refused(self, parse):
        with pytest.raises(OptionsError, match="one or the other"):
            parse("--over_dump", "--data_dump_flag")

    def test_a_list_that_is_not_there_is_named(self, parse):
        with pytest.raises(OptionsError, match=r"none\.json: there is no such file"):
            parse("--modify_mixlist=none.json")


class TestStepsPerRun:
    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--save_checkpoints_steps=25"], "--save_checkpoints_steps 20 or 30 works"),
            (["--save_checkpoints_steps=5"], "--save_checkpoints_steps 10 works"),
            (["--max_steps=101"], "--max_steps 100 or 110 works"),
        ],
    )
    def test_a_number_that_divides_unevenly_is_refused_with_those_that_work(
        self, parse, flags, named
    ):
        with pytest.raises(OptionsError, match=named):
            parse("--iterations_per_loop=10", *flags)

    def test_a_host_makes_one_step_per_run_and_says_so(self, parse):
        device = HostDevice(parse("--device=cpu", "--iterations_per_loop=10"))
        assert device.steps_per_run == 1
        assert "--iterations_per_loop 10 is for NPUs" in device.description


class TestDropout:
    def run(self, parse, seed, step, rate=0.5):
        device = HostDevice(parse("--device=cpu"))
        with tf.Graph().as_default(), tf.Session() as session:
            dropped = device.dropout(tf.ones([64, 64]), rate, seed, tf.constant(step, tf.int64))
            return session.run(dropped)

    def test_kept_values_are_scaled_so_that_the_mean_stays(self, parse):
        dropped = self.run(parse, seed=1, step=5, rate=0.25)
        np.testing.assert_allclose(np.unique(dropped), [0.0, 1 / 0.75], rtol=1e-6)
        # 4096 draws: the deviation of the share is sqrt(.25 * .75 / 4096) = 0.0068.
        assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.03)

    def test_the_noise_follows_from_seed_and_step_alone(self, parse):
        assert (self.run(parse, 1, 5) == self.run(parse, 1, 5)).all()
        assert (self.run(parse, 1, 5) != self.run(parse, 1, 6)).any()
        assert (self.run(parse, 1, 5) != self.run(parse, 2, 5)).any()
