"""GPU or CPU, with TensorFlow's own Estimator."""

import tensorflow.compat.v1 as tf
from tensorflow.python.client import device_lib

from estimator.errors import OptionsError

_FLOAT32_MODES = (None, "force_fp32", "must_keep_origin_dtype")


class HostDevice:
    """A GPU, or the CPU.

    Attributes:
        rank: 0, the number of this process.
        size: 1, the number of processes.
        is_chief: True; the chief writes results.
        description: One line on what was chosen and why.
    """

    rank = 0
    size = 1
    is_chief = True

    def __init__(self, options):
        gpus = [] if options.device == "cpu" else _gpu_names()
        if options.device == "gpu" and not gpus:
            raise OptionsError(
                "--device gpu: TensorFlow sees no GPU (TF_CPP_MIN_LOG_LEVEL=0 in the environment "
                "makes it say why); use --device cpu or auto"
            )
        if options.autotune:
            raise OptionsError(
                "--autotune: tunes NPU operators and does nothing here; leave it out"
            )
        self._uses_gpu = bool(gpus)
        reason = "as asked" if options.device != "auto" else "found" if gpus else "no GPU found"
        self.description = f"device: {'gpu' if gpus else 'cpu'} ({reason})"
        if options.precision_mode not in _FLOAT32_MODES:
            self.description += f"; float32, {options.precision_mode} is for NPUs"

    def run_config(self, options):
        """Builds the RunConfig.

        Args:
            options: `Options`.

        Returns:
            `tf.estimator.RunConfig`.
        """
        session_config = tf.ConfigProto(
            allow_soft_placement=True, device_count={} if self._uses_gpu else {"GPU": 0}
        )
        session_config.gpu_options.allow_growth = True
        return tf.estimator.RunConfig(
            model_dir=options.checkpoint_dir,
            tf_random_seed=options.seed,
            save_summary_steps=options.summary_freq,
            save_checkpoints_steps=options.save_checkpoints_steps,
            # Our own hooks print progress and throughput.
            log_step_count_steps=None,
            session_config=session_config,
        )

    def make_estimator(self, model_fn, options):
        """Builds the Estimator for a `model_fn`."""
        return tf.estimator.Estimator(model_fn, config=self.run_config(options))

    def wrap_optimizer(self, optimizer, name):
        """Gives the optimizer of the network `name` what the device needs; here, nothing."""
        del name
        return optimizer

    def dropout(self, x, rate, seed, step):
        """Drops a share `rate` of x and scales the rest up.

        The noise follows from the seed and the step alone, so that a resumed run draws what the
        run before it would have drawn.

        Args:
            x: float32 tensor of static shape.
            rate: Share to drop, 0 <= rate < 1.
            seed: Whole number.
            step: The global step.

        Returns:
            A tensor like x.
        """
        seeds = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])
        kept = tf.random.stateless_uniform(tf.shape(x), seed=seeds) >= rate
        return x * tf.cast(kept, x.dtype) / (1.0 - rate)


def _gpu_names():
    return [
        device.name for device in device_lib.list_local_devices() if device.device_type == "GPU"
    ]
