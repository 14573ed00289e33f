import json

import pytest


class TestOverflow:
    @pytest.mark.parametrize("flavour", ["old", "new"])
    @pytest.mark.parametrize("network", ["discriminator", "generator"])
    def test_only_the_network_that_overflows_skips_and_its_scale_drops(self, run, flavour, network):
        finished = run(
            flavour, "--max_steps=4", "--eval_steps=0", NPU_STANDIN_OVERFLOW=f"{network}:2"
        )
        report = json.loads((finished.folder / "progress.json").read_text())
        other = {"discriminator": "generator", "generator": "discriminator"}[network]
        assert (report[f"{network[0]}_scale"], report[f"{network[0]}_skipped"]) == (2.0**14, 1)
        assert (report[f"{other[0]}_scale"], report[f"{other[0]}_skipped"]) == (2.0**15, 0)
        assert report["step"] == 4


class TestPrecision:
    def test_loss_scaling_is_off_where_nothing_is_float16(self, run):
        finished = run("new", "--max_steps=1", "--eval_steps=0", "--precision_mode=force_fp32")
        assert finished.events["loss_scale_optimizer"] == []
        assert finished.events["distributed_optimizer"] != []
