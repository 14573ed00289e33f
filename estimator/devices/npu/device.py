"""One Ascend NPU as a device."""

import itertools

import tensorflow.compat.v1 as tf

from estimator.devices.device import SEED_STRIDE, Device
from estimator.devices.exchange import ignored_exchange
from estimator.devices.loss_scaling import choose_loss_scaling
from estimator.devices.npu.environment import read_ranks, saving_rank, set_defaults
from estimator.devices.npu.exchange import MeanOverRanks
from estimator.devices.npu.loading import installed_version, load
from estimator.devices.npu.loss_scale import counting_manager
from estimator.devices.npu.settings import NpuSettings
from estimator.devices.npu.summaries import summary_writer
from estimator.devices.precision import DEFAULT_ON_NPUS, FLOAT16_MODES
from model_fn import PLAIN


class NpuDevice(Device):
    """One Ascend NPU, of RANK_SIZE that train together.

    Args:
        options: `Options`.

    Raises:
        OptionsError: npu_bridge does not import, its version lacks what an option needs, or the
            environment names no rank.
    """

    operations = PLAIN  # What the vendor's compiler knows.
    # A session that fetches summaries at some steps and not at others is one graph to be compiled
    # for each set of fetches. By `host_call` every step sends the same.
    session_writes_summaries = False
    runs_many_graphs = False

    def __init__(self, options):
        self._options = options
        precision_mode = options.precision_mode or DEFAULT_ON_NPUS
        self._config_module = load("npu_bridge.estimator.npu.npu_config")
        self._settings = NpuSettings(
            options, precision_mode, self._config_module, installed_version()
        )
        self.rank, self.size = read_ranks()
        self.is_chief = self.rank == 0
        self.owns_folder = saving_rank(self.rank) == self.rank
        self.steps_per_run = options.iterations_per_loop
        self._scaling = choose_loss_scaling(options, precision_mode in FLOAT16_MODES)
        self._managers = {}
        self._fusion_ids = itertools.count(1)
        self.optimizer_state = "no loss scale"
        if self._scaling is not None:
            self.optimizer_state = "the loss scale of an npu"
        reason = "as asked" if options.device == "npu" else "its software is installed"
        self.description = (
            f"device: npu ({reason}), {precision_mode}, rank {self.rank} of {self.size}"
        )
        self.description = "; ".join([self.description, *ignored_exchange(options)])
        # Now, so that what this version lacks is met before anything is written.
        self._training_settings()

    def prepare_process(self):
        """Sets what npu_bridge wants to find in the environment."""
        set_defaults()

    def _training_settings(self):
        return self._settings.for_training(self.size, saves=self.owns_folder)

    def make_estimator(self, model_fn):
        """Builds an NPUEstimator, and the folders of dumps and profiles."""
        self._settings.make_folders()
        config = self._config_module.NPURunConfig(**self._training_settings())
        npu_estimator = load("npu_bridge.estimator.npu.npu_estimator")
        return npu_estimator.NPUEstimator(model_fn=model_fn, config=config)

    def train(self, estimator, input_fn, max_steps, listeners):
        """Trains to a step; a rank that saves nothing has no saver that listeners could hear."""
        super().train(estimator, input_fn, max_steps, listeners if self.owns_folder else [])

    def make_evaluator(self, model_fn):
        """Builds an Estimator on the host's CPU.

        A second session on the device would have to share it with the one that trains.
        """
        return self._make_host_estimator(model_fn)

    def make_predictor(self, model_fn):
        """Builds an Estimator on the host's CPU.

        So scores are computed in float32, and are those that training gave for the checkpoint: in
        mixed precision the variances of SSIM, mean squares less squared means, lose their digits.
        """
        return self._make_host_estimator(model_fn)

    def _make_host_estimator(self, model_fn):
        config = tf.estimator.RunConfig(
            model_dir=self._options.checkpoint_dir,
            tf_random_seed=self._options.seed,
            log_step_count_steps=None,
            session_config=tf.ConfigProto(allow_soft_placement=True),
        )
        return tf.estimator.Estimator(model_fn, config=config)

    def wrap_optimizer(self, optimizer, name):
        """Wraps it as the vendor advises: the scaling around the exchange of gradients."""
        if self.size > 1:
            optimizer = MeanOverRanks(optimizer, self.size, self._fusion_ids)
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
        """Drops values by the device's own operation, others on each rank."""
        del step  # The device's generator keeps its own state.
        npu_ops = load("npu_bridge.estimator.npu_ops")
        return npu_ops.dropout(x, keep_prob=1.0 - rate, seed=seed + SEED_STRIDE * self.rank)

    def training_spec(self, summaries, **fields):
        """Builds the vendor's EstimatorSpec, in which summaries leave the device by `host_call`."""
        write = summary_writer(
            # The graph is the same on all ranks; only what the host makes of it differs.
            self._options.checkpoint_dir if self.owns_folder else None,
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
