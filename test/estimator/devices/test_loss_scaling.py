import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator.devices.host import HostDevice
from estimator.devices.loss_scaling import HostLossScale, LossScaling
from estimator.errors import OptionsError
from model_fn import NetworkConfig, ObjectiveConfig
from model_fn.step import build_training_step

NETWORK = NetworkConfig(32, 32, generator_filters=2, discriminator_filters=2)


class PoisonedDevice(HostDevice):
    """A host on which the gradients of one network can be made infinite for a run."""

    def __init__(self, options, poisoned):
        super().__init__(options)
        self.poison = tf.placeholder_with_default(False, [])
        self._poisoned = poisoned

    def wrap_optimizer(self, optimizer, name):
        if name == self._poisoned:
            compute = optimizer.compute_gradients

            def compute_poisoned(*arguments, **keywords):
                factor = tf.where(self.poison, np.float32(np.inf), np.float32(1.0))
                pairs = compute(*arguments, **keywords)
                # One variable is enough to spoil the step.
                return [(pairs[0][0] * factor, pairs[0][1]), *pairs[1:]]

            optimizer.compute_gradients = compute_poisoned
        return super().wrap_optimizer(optimizer, name)


class Trained:
    """A small training whose steps are made one by one."""

    def __init__(self, parse, *flags, poisoned=None):
        self.graph = tf.Graph()
        with self.graph.as_default():
            tf.set_random_seed(0)
            self.device = PoisonedDevice(parse("--device=cpu", *flags), poisoned)
            random = np.random.RandomState(0)
            x, y = (random.uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32) for _ in "xy")
            self.global_step = tf.train.get_or_create_global_step()
            step = build_training_step(
                tf.constant(x),
                tf.constant(y),
                NETWORK,
                ObjectiveConfig(),
                self.device,
                self.global_step,
            )
            self.train_op = step.train_op
            self.state = {
                name: self.device.scaling_state(name) for name in ("discriminator", "generator")
            }
            self.variables = {
                name: tf.trainable_variables(name) for name in ("discriminator", "generator")
            }
            self.session = tf.Session()
            self.session.run(tf.global_variables_initializer())

    def step(self, poison=False):
        """Makes a step; returns whether each network's weights changed."""
        before = self.session.run(self.variables)
        self.session.run(self.train_op, {self.device.poison: poison})
        after = self.session.run(self.variables)
        return {
            name: any((old != new).any() for old, new in zip(before[name], after[name]))
            for name in before
        }

    def scaling(self, name):
        state = self.session.run(self.state[name])
        return state["loss_scale"], state["skipped_steps"]


class TestRule:
    """Ascend's rule: grow after so many finite steps in a row, back off after each overflow."""

    def run(self, scaling, finite_steps):
        scales = []
        with tf.Graph().as_default(), tf.Session() as session:
            scale = HostLossScale(scaling)
            gradient = tf.placeholder(tf.float32, [2])
            update, apply = scale.update([gradient, None])
            session.run(tf.global_variables_initializer())
            for finite in finite_steps:
                value = [1.0, 1.0 if finite else np.nan]
                _, applied = session.run([update, apply], {gradient: value})
                assert applied == finite
                scales.append(session.run(scale.current))
            skipped = session.run(scale.skipped_steps)
        return scales, skipped

    def test_growth_needs_an_unbroken_row_of_finite_steps(self):
        scaling = LossScaling(64.0, 3, growth_ratio=2.0, backoff_ratio=0.5)
        pattern = [True, True, False, True, True, True, True]
        scales, skipped = self.run(scaling, pattern)
        assert scales == [64, 64, 32, 32, 32, 64, 64]
        assert skipped == 1

    def test_each_overflow_backs_off_but_not_below_one(self):
        scaling = LossScaling(4.0, 100, growth_ratio=2.0, backoff_ratio=0.4)
        scales, skipped = self.run(scaling, [False] * 4)
        np.testing.assert_allclose(scales, [1.6, 1.0, 1.0, 1.0])
        assert skipped == 4

    def test_the_scale_stays_finite(self):
        scaling = LossScaling(2.0**127, 1, growth_ratio=4.0, backoff_ratio=0.5)
        scales, _ = self.run(scaling, [True, True])
        assert scales == [2.0**127, 2.0**127]

    def test_a_fixed_scale_stays_but_overflows_are_skipped_and_counted(self):
        scales, skipped = self.run(LossScaling(128.0, 1, 1.0, 1.0), [True, False, True])
        assert scales == [128, 128, 128]
        assert skipped == 1


class TestOneNetworkOverflows:
    def test_the_discriminators_step_is_skipped_and_the_generators_made(self, parse):
        trained = Trained(parse, "--loss_scale=dynamic", poisoned="discriminator")
        assert trained.step(poison=True) == {"discriminator": False, "generator": True}
        assert trained.scaling("discriminator") == (2.0**14, 1)
        assert trained.scaling("generator") == (2.0**15, 0)
        assert trained.session.run(trained.global_step) == 1

    def test_the_generators_step_is_skipped_with_its_count_and_the_discriminators_made(self, parse):
        trained = Trained(parse, "--loss_scale=dynamic", poisoned="generator")
        assert trained.step(poison=True) == {"discriminator": True, "generator": False}
        assert trained.scaling("discriminator") == (2.0**15, 0)
        assert trained.scaling("generator") == (2.0**14, 1)
        assert trained.session.run(trained.global_step) == 0

    @pytest.mark.parametrize("poisoned", ["discriminator", "generator"])
    def test_training_goes_on_afterwards(self, parse, poisoned):
        trained = Trained(parse, "--loss_scale=dynamic", poisoned=poisoned)
        trained.step(poison=True)
        assert trained.step() == {"discriminator": True, "generator": True}
        assert trained.scaling(poisoned) == (2.0**14, 1)
        values = trained.session.run(trained.variables)
        assert all(np.isfinite(value).all() for each in values.values() for value in each)


class TestScalingIsInvisible:
    def weights(self, parse, *flags):
        trained = Trained(parse, *flags)
        for _ in range(3):
            trained.step()
        return trained.session.run(trained.variables)

    def test_a_power_of_two_changes_no_weight(self, parse):
        plain, scaled = (self.weights(parse, f"--loss_scale={each}") for each in ("off", "1024"))
        for name in plain:
            for one, other in zip(plain[name], scaled[name]):
                # Biases before batch norm have no gradient but rounding noise, which Adam turns
                # into steps of the learning rate.
                np.testing.assert_allclose(one, other, atol=3 * 2e-4 * 1.01)
        kernels = [value for value in plain["generator"] if value.ndim == 4]
        others = [value for value in scaled["generator"] if value.ndim == 4]
        for one, other in zip(kernels, others):
            np.testing.assert_allclose(one, other, atol=2e-6)

    def test_the_optimizers_variables_have_the_same_names_with_and_without(self, parse):
        def names(*flags):
            with Trained(parse, *flags).graph.as_default():
                return {variable.op.name for variable in tf.global_variables()}

        added = names("--loss_scale=dynamic") - names("--loss_scale=off")
        assert names("--loss_scale=off") < names("--loss_scale=dynamic")
        assert added == {
            f"{network}_optimizer/{name}"
            for network in ("discriminator", "generator")
            for name in ("current_loss_scale", "good_steps", "skipped_steps")
        }


class TestFlag:
    def test_a_cpu_computes_in_float32_and_has_no_loss_scaling_unless_asked(self, parse):
        assert HostDevice(parse("--device=cpu")).optimizer_state == "no loss scale"
        asked = HostDevice(parse("--device=cpu", "--loss_scale=dynamic"))
        assert asked.optimizer_state != "no loss scale"

    @pytest.mark.parametrize("value", ["0", "0.5", "auto", "nan"])
    def test_other_values_are_refused_with_those_that_work(self, parse, value):
        with pytest.raises(OptionsError, match="dynamic, off, or a number of at least 1"):
            parse(f"--loss_scale={value}")
