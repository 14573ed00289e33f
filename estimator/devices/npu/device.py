"""One Ascend NPU as a device."""

import tensorflow.compat.v1 as tf

from estimator.devices.device import Device
from estimator.devices.loss_scaling import choose_loss_scaling
from estimator.devices.npu.environment import read_ranks, set_defaults
from estimator.devices.npu.loading import installed_version, load
from estimator.devices.npu.loss_scale import counting_manager
from estimator.devices.npu.settings import NpuSettings
from estimator.devices.npu.summaries import summary_writer
from estimator.devices.precision import FLOAT16_MODES
from model_fn import PLAIN


class NpuDevice(Device):
    """One Ascend NPU, of RANK_SIZE that train together.

    Args:
        options: `Options`.

    Raises:
        OptionsError: npu_bridge does not import, its version lacks what an option needs, or the
            environment names no rank.
    """

    owns_folder = True  # Every rank saves for itself.
    operations = PLAIN  # What the vendor's compiler knows.

    def __init__(self, options):
        self._options = options
        precision_mode = options.precision_mode or "allow_mix_precision"
        self._config_module = load("npu_bridge.estimator.npu.npu_config")
        self._settings = NpuSettings(
            options, precision_mode, self._config_module, installed_version()
        )
        self.rank, self.size = read_ranks()
        self.is_chief = self.rank == 0
        self.steps_per_run = options.iterations_per_loop
        self.session_writes_summaries = self.steps_per_run == 1
        self._scaling = choose_loss_scaling(options, precision_mode in FLOAT16_MODES)
        self._managers = {}
        self.optimizer_state = "no loss scale"
        if self._scaling is not None:
            self.optimizer_state = "the loss scale of an npu"
        reason = "as asked" if options.device == "npu" else "its software is installed"
        self.description = (
            f"device: npu ({reason}), {precision_mode}, rank {self.rank} of {self.size}"
        )
        # Now, so that what this version lacks is met before anything is written.
        self._settings.for_training()

    def prepare_process(self):
        """Sets what npu_bridge wants to find in the environment."""
        set_defaults()

    def make_estimator(self, model_fn):
        """Builds an NPUEstimator, and the folders of dumps and profiles."""
        self._settings.make_folders()
        return self._make_estimator(model_fn, self._settings.for_training())

    def make_evaluator(self, model_fn):
        """Builds an Estimator on the host's CPU.

        A second session on the device would have to share it with the one that trains.
        """
        config = tf.estimator.RunConfig(
            model_dir=self._options.checkpoint_dir,
            session_config=tf.ConfigProto(allow_soft_placement=True),
        )
        return tf.estimator.Estimator(model_fn, config=config)

    def make_predictor(self, model_fn):
        """Builds an NPUEstimator."""
        return self._make_estimator(model_fn, self._settings.for_prediction())

    def _make_estimator(self, model_fn, settings):
        config = self._config_module.NPURunConfig(**settings)
        npu_estimator = load("npu_bridge.estimator.npu.npu_estimator")
        return npu_estimator.NPUEstimator(model_fn=model_fn, config=config)

    def wrap_optimizer(self, optimizer, name):
        """Wraps it as the vendor advises: the scaling around the exchange of gradients."""
        npu_optimizer = load("npu_bridge.estimator.npu.npu_optimizer")
        optimizer = npu_optimizer.NPUDistributedOptimizer(optimizer)
        if self._scaling is None:
            return optimizer
        self._managers[name] = counting_manager(self._scaling)
        npu_loss_scale = load("npu_bridge.estimator.npu.npu_loss_scale_optimizer")
        return npu_loss_scale.NPULossScaleOptimizer(
            optimizer, self._managers[name], is_distributed=self.size > 1
        )

    def scaling_state(self, name):
        """Reads what the vendor's manager keeps."""
        if self._scaling is None:
            return {}
        manager = self._managers[name]
        return {
            "loss_scale": tf.identity(manager.get_loss_scale()),
            "skipped_steps": manager.skipped_steps.read_value(),
        }

    def dropout(self, x, rate, seed, step):
        """Drops values by the device's own operation."""
        del step  # The device's generator keeps its own state.
        npu_ops = load("npu_bridge.estimator.npu_ops")
        return npu_ops.dropout(x, keep_prob=1.0 - rate, seed=seed)

    def training_spec(self, summaries, **fields):
        """Builds an EstimatorSpec; with several steps per run, one that the vendor advises.

        In that, summaries leave the device by `host_call`.
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
        npu_estimator = load("npu_bridge.estimator.npu.npu_estimator")
        return npu_estimator.NPUEstimatorSpec(host_call=(write, tensors), **fields)
