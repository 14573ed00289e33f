"""GPU or CPU, with TensorFlow's own Estimator."""

import os

import tensorflow.compat.v1 as tf

from estimator.devices import cpu
from estimator.devices.device import Device
from estimator.devices.exchange import ignored_exchange
from estimator.devices.loss_scaling import HostLossScale, choose_loss_scaling
from estimator.devices.precision import (
    CPU_BFLOAT16_MODES,
    FLOAT16_MODES,
    FLOAT32_MODES,
    REWRITE_ON,
)
from estimator.errors import OptionsError
from hooks import CheckpointHook
from model_fn import BY_PRODUCTS, BY_PRODUCTS_IN_BFLOAT16, PLAIN

_NPU_ONLY = {
    "autotune": "tunes an NPU's operators",
    "over_dump": "dumps what overflows on an NPU",
    "data_dump_flag": "dumps an NPU's operators",
    "modify_mixlist": "lists an NPU's operators",
}
FLOAT32, FLOAT16, BFLOAT16 = "float32", "float16", "bfloat16"


class HostDevice(Device):
    """A GPU, or the CPU.

    Attributes:
        precision: FLOAT32, FLOAT16 or BFLOAT16, in which convolutions are computed.

    Args:
        options: `Options`.
        reason: Why a host was chosen if `--device` left it open; None to say whether a GPU is seen.

    Raises:
        OptionsError: The device is not there, or an option needs another one.
    """

    rank = 0
    size = 1
    is_chief = True
    owns_folder = True
    steps_per_run = 1
    runs_many_graphs = True
    session_writes_summaries = True

    def __init__(self, options, reason=None):
        gpus = [] if options.device == "cpu" else gpu_names()
        if options.device == "gpu" and not gpus:
            raise OptionsError(
                "--device gpu: TensorFlow sees no GPU (TF_CPP_MIN_LOG_LEVEL=0 in the environment "
                "makes it say why); use --device cpu or auto"
            )
        for name, purpose in _NPU_ONLY.items():
            if getattr(options, name):
                raise OptionsError(f"--{name}: {purpose} and does nothing here; leave it out")
        self._options = options
        self._uses_gpu = bool(gpus)
        self.precision, self._precision_note = choose_precision(
            options.precision_mode, self._uses_gpu
        )
        self.prediction_dtype = self.precision
        self.operations = PLAIN
        if not self._uses_gpu:
            in_bfloat16 = self.precision == BFLOAT16
            self.operations = BY_PRODUCTS_IN_BFLOAT16 if in_bfloat16 else BY_PRODUCTS
        self._scaling = choose_loss_scaling(options, self.precision == FLOAT16)
        self._scales = {}
        self.optimizer_state = "no loss scale"
        if self._scaling is not None:
            self.optimizer_state = "the loss scale of a gpu or cpu"
        self.description = self._describe(reason)

    def _describe(self, reason):
        options = self._options
        if options.device != "auto":
            reason = "as asked"
        elif reason is None or self._uses_gpu:
            reason = "found" if self._uses_gpu else "no GPU found"
        parts = [f"device: {'gpu' if self._uses_gpu else 'cpu'} ({reason})"]
        if self._precision_note is not None:
            parts.append(self._precision_note)
        if options.iterations_per_loop > 1:
            parts.append(f"1 step per run, --iterations_per_loop {options.iterations_per_loop}")
            parts[-1] += " is for NPUs"
        if self.size == 1:
            parts += ignored_exchange(options)
        return "; ".join(parts)

    def prepare_process(self):
        """Has a CPU's memory kept from step to step."""
        if not self._uses_gpu:
            cpu.keep_freed_memory()

    def make_estimator(self, model_fn):
        """Builds an Estimator that computes as `--precision_mode` says."""
        return tf.estimator.Estimator(model_fn, config=self._run_config())

    def make_evaluator(self, model_fn):
        """Builds an Estimator that computes in float32, as exports do."""
        return tf.estimator.Estimator(model_fn, config=self._run_config(FLOAT32))

    def make_predictor(self, model_fn):
        """Builds an Estimator whose graph is not rewritten: the scores are a part of it.

        In 16 bits the variances of SSIM, differences of nearly equal numbers, would be noise. The
        generator's convolutions are built in `prediction_dtype`.
        """
        return tf.estimator.Estimator(model_fn, config=self._run_config(FLOAT32))

    def _run_config(self, precision=None, **distribution):
        options, precision = self._options, precision or self.precision
        session_config = tf.ConfigProto(
            allow_soft_placement=True, device_count={} if self._uses_gpu else {"GPU": 0}
        )
        session_config.gpu_options.allow_growth = True
        if precision == BFLOAT16:
            cpu.rewrite_to_bfloat16(session_config)
        elif precision == FLOAT16:
            session_config.graph_options.rewrite_options.auto_mixed_precision = REWRITE_ON
        return tf.estimator.RunConfig(
            model_dir=options.checkpoint_dir,
            tf_random_seed=options.seed,
            save_summary_steps=options.summary_freq,
            save_checkpoints_steps=options.save_checkpoints_steps,
            # Our own hooks print progress and throughput.
            log_step_count_steps=None,
            session_config=session_config,
            **distribution,
        )

    def train(self, estimator, input_fn, max_steps, listeners):
        """Trains to a step; the hook that saves comes first, so that others find a checkpoint."""
        saver = CheckpointHook(estimator.model_dir, self._options.save_checkpoints_steps)
        estimator.train(input_fn, [saver], max_steps=max_steps, saving_listeners=listeners)

    def wrap_optimizer(self, optimizer, name):
        """Adds loss scaling, if there is to be any."""
        if self._scaling is None:
            return optimizer
        self._scales[name] = HostLossScale(self._scaling)
        return tf.train.experimental.MixedPrecisionLossScaleOptimizer(optimizer, self._scales[name])

    def scaling_state(self, name):
        """Reads what `HostLossScale` keeps."""
        if self._scaling is None:
            return {}
        scale = self._scales[name]
        return {
            "loss_scale": scale.current.read_value(),
            "skipped_steps": scale.skipped_steps.read_value(),
        }

    def dropout(self, x, rate, seed, step):
        """Drops values by noise that follows from the seed and the step alone.

        So a resumed run draws what the run before it would have drawn.
        """
        seeds = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])
        kept = tf.random.stateless_uniform(tf.shape(x), seed=seeds) >= rate
        return x * tf.cast(kept, x.dtype) / (1.0 - rate)

    def training_spec(self, summaries, **fields):
        """Builds an EstimatorSpec without them, since the session writes the summaries."""
        del summaries
        return tf.estimator.EstimatorSpec(scaffold=_quick_scaffold(), **fields)

    def training_hooks(self):
        """Lists, with `--profiling`, a hook that writes traces."""
        if not self._options.profiling:
            return []
        os.makedirs(self._options.profiling_dump_path, exist_ok=True)
        hook = tf.train.ProfilerHook(
            save_steps=self._options.summary_freq, output_dir=self._options.profiling_dump_path
        )
        return [hook]


def _quick_scaffold():
    """Builds the scaffold of a session that initialises or restores all variables itself.

    By default each of the questions whether all are initialised has TensorFlow prepare the graph
    once more; to the session an operation instead says that they are.
    """
    ready = tf.no_op()
    has_more = tf.local_variables() or tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)
    return tf.train.Scaffold(
        ready_op=ready,
        ready_for_local_init_op=ready,
        local_init_op=None if has_more else ready,
    )


def choose_precision(mode, uses_gpu):
    """Picks in which type a GPU or CPU computes convolutions.

    Args:
        mode: One of `precision.MODES`; None for float32.
        uses_gpu: Whether it is a GPU.

    Returns:
        FLOAT32, FLOAT16 or BFLOAT16; and a note that says why, None if that goes without saying.
    """
    if mode is None or mode in FLOAT32_MODES:
        return FLOAT32, None
    if uses_gpu and mode in FLOAT16_MODES:
        return FLOAT16, f"{mode}: float16 by graph rewrite"
    reason = ""
    if not uses_gpu and mode in CPU_BFLOAT16_MODES:
        obstacle = cpu.bfloat16_obstacle()
        if obstacle is None:
            return BFLOAT16, f"{mode}: bfloat16 by graph rewrite"
        reason = f": {obstacle}"
    return FLOAT32, f"float32, {mode} cannot be done here{reason}"


def gpu_names():
    """Lists the GPUs that TensorFlow sees."""
    # `device_lib.list_local_devices` would make the devices, which takes all of the memory of all
    # GPUs before a session can ask for less.
    return [device.name for device in tf.config.experimental.list_physical_devices("GPU")]
