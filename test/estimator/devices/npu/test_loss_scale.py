import json

import pytest
import tensorflow.compat.v1 as tf


class TestOverflow:
    @pytest.mark.parametrize("flavour", ["old", "new"])
    def test_each_network_skips_and_lowers_its_scale_for_its_own_overflows(self, run, flavour):
        finished = run(
            flavour,
            "--max_steps=4",
            "--eval_steps=0",
            NPU_STANDIN_OVERFLOW="discriminator:1,discriminator:2,generator:4",
        )
        report = json.loads((finished.folder / "progress.json").read_text())
        assert (report["d_scale"], report["d_skipped"]) == (2.0**13, 2)
        assert (report["g_scale"], report["g_skipped"]) == (2.0**14, 1)
        assert report["step"] == 4


class TestPrecision:
    def test_loss_scaling_is_off_where_nothing_is_float16(self, run):
        finished = run("new", "--max_steps=1", "--eval_steps=0", "--precision_mode=force_fp32")
        assert finished.events["loss_scale_optimizer"] == []
        assert finished.events["loss_scale_manager"] == []
        names = {name for name, _ in tf.train.list_variables(str(finished.folder))}
        assert "generator_optimizer/generator/encoder_1/kernel/Adam" in names
        assert not [name for name in names if "loss_scale" in name or "skipped" in name]
