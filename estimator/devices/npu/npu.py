"""Ascend NPUs, through the vendor's npu_bridge: the one file that knows of it.

Everything is imported by its explicit module path and only when an NPU is wanted: importing
`npu_bridge.npu_init` would change every later `tf.Session` of the process.
"""

import importlib
import importlib.util
import os

import tensorflow.compat.v1 as tf

from estimator.devices.loss_scaling import choose_loss_scaling
from estimator.devices.npu.settings import NpuSettings
from estimator.devices.npu.summaries import summary_writer
from estimator.devices.precision import FLOAT16_MODES
from estimator.errors import OptionsError
from model_fn import PLAIN

# npu_bridge reads these once, when the estimator is made; any JOB_ID will do.
_ENVIRONMENT = {"JOB_ID": "10087", "RANK_ID": "0", "RANK_SIZE": "1", "ASCEND_DEVICE_ID": "0"}


def is_installed():
    """Whether there is an npu_bridge, which may still fail to import."""
    return importlib.util.find_spec("npu_bridge") is not None


def import_problem():
    """Says why npu_bridge, though installed, does not import; None if it does."""
    try:
        _load("npu_config")
    except OptionsError as error:
        return f"npu_bridge cannot be imported: {_reason(error.__cause__)}"
    return None


class NpuDevice:
    """One Ascend NPU, of RANK_SIZE that train together.

    Args:
        options: `Options`.

    Raises:
        OptionsError: npu_bridge does not import, or its version lacks what an option needs.
    """

    def __init__(self, options):
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        self._options = options
        self._precision_mode = options.precision_mode or "allow_mix_precision"
        self._config_module = _load("npu_config")
        self._settings = NpuSettings(
            options,
            self._precision_mode,
            self._config_module,
            getattr(importlib.import_module("npu_bridge"), "__version__", "of no known version"),
        )
        self.rank, self.size = _whole_number("RANK_ID"), _whole_number("RANK_SIZE")
        self.is_chief = self.rank == 0
        self.owns_folder = True  # Every rank saves for itself.
        self.operations = PLAIN  # What the vendor's compiler knows.
        self.steps_per_run = options.iterations_per_loop
        self.session_writes_summaries = self.steps_per_run == 1
        self._scaling = choose_loss_scaling(options, self._precision_mode in FLOAT16_MODES)
        self._managers = {}
        reason = "as asked" if options.device == "npu" else "its software is installed"
        self.description = (
            f"device: npu ({reason}), {self._precision_mode}, rank {self.rank} of {self.size}"
        )
        # Now, so that what this version lacks is met before anything is written.
        self._settings.for_training()

    @property
    def optimizer_state(self):
        """What the optimizers keep in a checkpoint beside Adam's moments."""
        return "no loss scale" if self._scaling is None else "the loss scale of an npu"

    def make_estimator(self, model_fn):
        """Builds the NPUEstimator that trains."""
        self._settings.make_folders()
        return self._make_estimator(model_fn, self._settings.for_training())

    def train(self, estimator, input_fn, max_steps, listeners):
        """Trains to a step; see `HostDevice`."""
        estimator.train(input_fn, max_steps=max_steps, saving_listeners=listeners)

    def make_evaluator(self, model_fn):
        """Builds an Estimator that scores checkpoints during training, on the host's CPU.

        A second session on the device would have to share it with the one that trains.
        """
        config = tf.estimator.RunConfig(
            model_dir=self._options.checkpoint_dir,
            session_config=tf.ConfigProto(allow_soft_placement=True),
        )
        return tf.estimator.Estimator(model_fn, config=config)

    def make_predictor(self, model_fn):
        """Builds the NPUEstimator that evaluates and predicts when nothing else runs."""
        return self._make_estimator(model_fn, self._settings.for_prediction())

    def _make_estimator(self, model_fn, settings):
        config = self._config_module.NPURunConfig(**settings)
        return _load("npu_estimator").NPUEstimator(model_fn=model_fn, config=config)

    def wrap_optimizer(self, optimizer, name):
        """Wraps an optimizer as the vendor advises: the scaling around the exchange of gradients.

        Variables are made in the present variable scope.
        """
        optimizer = _load("npu_optimizer").NPUDistributedOptimizer(optimizer)
        if self._scaling is None:
            return optimizer
        self._managers[name] = _counting_manager(self._scaling)
        return _load("npu_loss_scale_optimizer").NPULossScaleOptimizer(
            optimizer, self._managers[name], is_distributed=self.size > 1
        )

    def scaling_state(self, name):
        """Reads the loss scale of a network and its number of skipped steps; see `HostDevice`."""
        if self._scaling is None:
            return {}
        manager = self._managers[name]
        return {
            "loss_scale": tf.identity(manager.get_loss_scale()),
            "skipped_steps": manager.skipped_steps.read_value(),
        }

    def dropout(self, x, rate, seed, step):
        """Drops a share `rate` of x by the device's own operation and scales the rest up."""
        del step  # The device's generator keeps its own state.
        npu_ops = importlib.import_module("npu_bridge.estimator.npu_ops")
        return npu_ops.dropout(x, keep_prob=1.0 - rate, seed=seed)

    def training_spec(self, summaries, **fields):
        """Builds the EstimatorSpec of training.

        Args:
            summaries: `TrainingSummaries`. With several steps per run they leave the device by
                `host_call`, as the vendor advises.
            **fields: Of the spec.
        """
        if self.session_writes_summaries:
            return tf.estimator.EstimatorSpec(**fields)
        write = summary_writer(
            self._options.checkpoint_dir,
            list(summaries.scalars),
            self._options.summary_freq,
            self._options.image_freq,
        )
        tensors = [
            # Vectors, since a host_call does not carry scalars.
            tf.reshape(summaries.global_step, [1]),
            tf.stack([tf.cast(value, tf.float32) for value in summaries.scalars.values()]),
            summaries.rows,
        ]
        return _load("npu_estimator").NPUEstimatorSpec(host_call=(write, tensors), **fields)

    def training_hooks(self):
        """Lists hooks that the device wants: none, since the vendor's estimator adds its own."""
        return []


def _load(module):
    """Imports a module of npu_bridge, whose loader raises all kinds of errors."""
    try:
        return importlib.import_module(f"npu_bridge.estimator.npu.{module}")
    except Exception as error:
        raise OptionsError(
            f"--device npu: npu_bridge cannot be imported ({_reason(error)}); "
            "source CANN's set_env.sh, or use --device cpu"
        ) from error


def _reason(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


def _counting_manager(scaling):
    """Makes the vendor's manager, with a count of the steps that overflowed."""

    class CountingManager(_load("npu_loss_scale_manager").ExponentialUpdateLossScaleManager):
        def __init__(self):
            super().__init__(
                init_loss_scale=scaling.initial,
                incr_every_n_steps=scaling.growth_interval,
                decr_every_n_nan_or_inf=1,
                incr_ratio=scaling.growth_ratio,
                decr_ratio=scaling.backoff_ratio,
            )
            self.skipped_steps = tf.get_variable(
                "skipped_steps", [], tf.int64, tf.zeros_initializer(), trainable=False
            )

        def update_loss_scale(self, finite_grads):
            skipped = tf.cast(tf.logical_not(finite_grads), tf.int64)
            count = self.skipped_steps.assign_add(skipped)
            return tf.group(super().update_loss_scale(finite_grads), count)

    return CountingManager()


def _whole_number(name):
    try:
        return int(os.environ[name])
    except ValueError:
        found = os.environ[name]
        raise OptionsError(f"{name}={found} in the environment is not a whole number") from None
