"""What one worker knows and does by itself; test/ranks has two that train together."""

import json
import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import choose_device
from estimator.devices.host import HostDevice
from estimator.devices.multi_host import MultiHostDevice
from estimator.errors import OptionsError


def config(workers, index, kind="worker", **cluster):
    task = {"type": kind, "index": index}
    return json.dumps({"cluster": {"worker": workers, **cluster}, "task": task})


class TestCluster:
    def test_the_worker_knows_its_place_and_says_it(self, parse, two_workers):
        device = choose_device(parse("--device=cpu"))
        assert isinstance(device, MultiHostDevice)
        assert (device.rank, device.size) == (1, 2)
        assert not device.is_chief
        assert not device.owns_folder
        assert device.description == (
            f"device: cpu (as asked); rank 1 of 2 at {two_workers[1]}; "
            "factors are exchanged in float32"
        )

    def test_a_chief_is_rank_0_and_workers_come_after_it(self, parse, monkeypatch):
        monkeypatch.setenv("TF_CONFIG", config(["b:1"], 0, "chief", chief=["a:1"]))
        assert MultiHostDevice(parse("--device=cpu")).is_chief
        monkeypatch.setenv("TF_CONFIG", config(["b:1"], 0, chief=["a:1"]))
        device = MultiHostDevice(parse("--device=cpu"))
        assert device.rank == 1
        assert device.description.endswith("rank 1 of 2 at b:1")

    def test_one_worker_alone_is_no_cluster(self, parse, monkeypatch):
        monkeypatch.setenv("TF_CONFIG", config(["a:1"], 0))
        assert type(choose_device(parse("--device=cpu"))) is HostDevice

    @pytest.mark.parametrize(
        "text",
        ["", "[]", config(["a:1", "b:1"], 2), config(["a:1", "b:1"], 0, "evaluator")],
        ids=["empty", "list", "outside", "evaluator"],
    )
    def test_what_describes_no_place_in_a_cluster_is_refused(self, parse, monkeypatch, text):
        monkeypatch.setenv("TF_CONFIG", text)
        with pytest.raises(OptionsError, match='TF_CONFIG .* must be like {"cluster"'):
            choose_device(parse("--device=cpu"))


class TestEstimators:
    def test_without_preparation_none_is_made_that_trains(self, parse, two_workers):
        with pytest.raises(RuntimeError, match=r"prepare_process\(\)"):
            MultiHostDevice(parse("--device=cpu")).make_estimator(lambda features: None)

    @pytest.mark.parametrize("kind", ["make_evaluator", "make_predictor"])
    def test_others_are_of_this_worker_alone(self, parse, two_workers, kind):
        before = os.environ["TF_CONFIG"]
        device = MultiHostDevice(parse("--device=cpu"))
        made = getattr(device, kind)(lambda features: None)
        assert made.config.cluster_spec.as_dict() == {}
        assert os.environ["TF_CONFIG"] == before


class TestDropout:
    def test_the_noise_differs_from_worker_to_worker(self, parse, monkeypatch):
        def dropped(rank):
            monkeypatch.setenv("TF_CONFIG", config(["a:1", "b:1"], rank))
            device = MultiHostDevice(parse("--device=cpu"))
            with tf.Graph().as_default(), tf.Session() as session:
                step = tf.constant(5, tf.int64)
                return session.run(device.dropout(tf.ones([64, 64]), 0.5, 1, step))

        assert (dropped(0) != dropped(1)).any()
        assert np.array_equal(dropped(1), dropped(1))
