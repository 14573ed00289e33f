"""Which gradients are worth being exchanged by their factors, and what other devices say."""

import json

import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import choose_device, multi_host
from estimator.devices.exchange import Factors, MeanOverHosts
from estimator.errors import OptionsError
from model_fn import BY_PRODUCTS

# Of the generator at 256x256 with 64 filters, the sides of the smaller picture, the channels of the
# larger, those of the smaller, and whether its pictures are exchanged.
LAYERS = [
    (64, 64, 128, False),  # 1,572,864 numbers against 131,072
    (32, 128, 256, False),  # 786,432 against 524,288
    (16, 256, 512, True),  # 393,216 against 2,097,152
    (8, 512, 512, True),
    (4, 512, 512, True),
    (2, 512, 512, True),
    (1, 512, 512, True),
    (1, 512, 512, True),
    (2, 512, 1024, True),
    (4, 512, 1024, True),
    (8, 512, 1024, True),
    (16, 256, 1024, True),
    (32, 128, 512, False),  # 1,048,576 against as many
    (64, 64, 256, False),
]


class TestFactors:
    @pytest.fixture
    def is_worth_it(self):
        """Whether factors are exchanged: a function of ranks, batch and the layer's shape."""

        def judged(ranks, batch, side, channels, filters):
            factors = Factors(ranks)
            with tf.Graph().as_default():
                large = tf.placeholder(tf.float32, [batch, 2 * side, 2 * side, channels])
                small = tf.placeholder(tf.float32, [batch, side, side, filters])
                gradient = tf.placeholder(tf.float32, [4, 4, channels, filters])
                factors.record(gradient, None, large, small)
                return factors.of(gradient) is not None

        return judged

    def test_of_the_papers_generator_those_of_few_pixels(self, is_worth_it):
        """Two ranks, batch 1: the pictures have to be fewer numbers than the kernel."""
        weights = numbers = 0
        for side, channels, filters, worth in LAYERS:
            assert is_worth_it(2, 1, side, channels, filters) == worth
            if worth:
                weights += 16 * channels * filters
                numbers += side**2 * (4 * channels + filters)
        assert weights == 52_428_800
        # Of both networks 57,189,060; what is not sent as pictures is sent itself.
        assert 4 * (57_189_060 - weights + numbers) == 24_623_888

    @pytest.mark.parametrize(
        ("ranks", "batch", "side", "worth"),
        [(8, 1, 1, True), (8, 1, 16, False), (2, 16, 16, False)],
    )
    def test_not_where_there_is_much_to_multiply(self, is_worth_it, ranks, batch, side, worth):
        assert is_worth_it(ranks, batch, side, 256, 512) == worth

    def test_a_sum_of_several_products_is_exchanged_itself(self):
        factors = Factors(2)
        with tf.Graph().as_default():
            large, small = tf.zeros([1, 2, 2, 64]), tf.zeros([1, 1, 1, 64])
            gradients = [tf.ones([4, 4, 64, 64]) for _ in range(2)]
            for gradient in gradients:
                factors.record(gradient, None, large, small)
            assert factors.of(tf.identity(gradients[0])) == (None, large, small)
            assert factors.of(tf.add_n(gradients)) is None


class TestDescription:
    def test_one_process_says_that_there_is_nothing_to_exchange(self, parse):
        device = choose_device(parse("--device=cpu", "--exchange=factors"))
        assert device.description == (
            "device: cpu (as asked); --exchange factors is for several CPUs or GPUs"
        )
        assert device.operations is BY_PRODUCTS
        device = choose_device(parse("--device=cpu", "--exchange_dtype=bfloat16"))
        assert device.description.endswith(
            "; --exchange_dtype bfloat16 is for several CPUs or GPUs"
        )

    @pytest.mark.parametrize(
        ("hosts", "flags", "said"),
        [
            (["localhost", "localhost"], [], "; factors are exchanged in float32"),
            (["10.0.0.1", "10.0.0.2"], [], ""),
            (
                ["10.0.0.1", "10.0.0.2"],
                ["--exchange=factors"],
                "; factors are exchanged in float32",
            ),
            (["localhost", "localhost"], ["--exchange=gradients"], ""),
        ],
    )
    def test_cpus_of_one_machine_exchange_factors(self, parse, monkeypatch, hosts, flags, said):
        cluster = {"worker": [f"{host}:{2000 + rank}" for rank, host in enumerate(hosts)]}
        task = {"type": "worker", "index": 1}
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
        assert choose_device(parse("--device=cpu", *flags)).description == (
            f"device: cpu (as asked); rank 1 of 2 at {hosts[1]}:2001{said}"
        )

    def test_several_gpus_exchange_gradients(self, parse, two_workers, monkeypatch):
        monkeypatch.setattr("estimator.devices.host.gpu_names", lambda: ["/device:GPU:0"])
        flags = ["--device=gpu", "--exchange=factors", "--exchange_dtype=float16"]
        assert choose_device(parse(*flags)).description.endswith(
            "; --exchange factors is for CPUs; gradients are exchanged in float16"
        )

    @pytest.mark.parametrize("gpus", [[], ["/device:GPU:0"]])
    def test_cpus_send_each_gradient_when_it_is_there_and_gpus_as_the_strategy_does(
        self, parse, two_workers, monkeypatch, gpus
    ):
        monkeypatch.setattr("estimator.devices.host.gpu_names", lambda: gpus)
        device = choose_device(parse("--exchange=gradients"))
        optimizer = device.wrap_optimizer(tf.train.GradientDescentOptimizer(1.0), "generator")
        assert isinstance(optimizer, MeanOverHosts) == (not gpus)

    def test_four_ranks_that_could_only_gather_are_refused_16_bits(self, parse, monkeypatch):
        monkeypatch.setattr(multi_host, "ADDS_16_BITS", False)
        cluster = {"worker": [f"localhost:{2000 + rank}" for rank in range(4)]}
        task = {"type": "worker", "index": 0}
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
        with pytest.raises(OptionsError, match=r"--exchange_dtype bfloat16: .*; leave it out"):
            choose_device(parse("--device=cpu", "--exchange_dtype=bfloat16"))
