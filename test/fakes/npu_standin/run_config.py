"""NPURunConfig: its checks and what it stores. The flavours add the signature."""

import inspect

import tensorflow.compat.v1 as tf

from npu_standin import parameter_map
from npu_standin.recording import record

_FROM_RUN_CONFIG = (
    "model_dir",
    "tf_random_seed",
    "save_summary_steps",
    "save_checkpoints_steps",
    "save_checkpoints_secs",
    "session_config",
    "keep_checkpoint_max",
    "keep_checkpoint_every_n_hours",
    "log_step_count_steps",
)
_CONFIGS = ("dump_config", "profiling_config")


class BaseRunConfig(tf.estimator.RunConfig):
    """Checks and stores the arguments of a flavour's constructor.

    Attributes:
        arguments: Dict of those that are not TensorFlow's own.
        limits: `device_checks.Limits`, which values the device takes.
    """

    limits = None

    def _configure(self, arguments):
        """Does the constructor's work, given `locals()` of the flavour's."""
        values = {name: value for name, value in arguments.items() if name != "self"}
        defaults = inspect.signature(type(self)).parameters
        given = {name: value for name, value in values.items() if value != defaults[name].default}
        record("run_config", arguments=given)
        unknown = set(given) - set(_FROM_RUN_CONFIG) - set(_CONFIGS) - set(parameter_map.ARGUMENTS)
        if unknown:
            raise NotImplementedError(f"the stand-in does not know the way of {sorted(unknown)}")
        _check(values)
        if values["save_checkpoints_secs"] is None and values["save_checkpoints_steps"] is None:
            values["save_checkpoints_steps"] = 100
        super().__init__(**{name: values.pop(name) for name in _FROM_RUN_CONFIG})
        self.arguments = values

    @property
    def iterations_per_loop(self):
        return self.arguments["iterations_per_loop"]


def _check(values):
    iterations = values["iterations_per_loop"]
    if not isinstance(iterations, int):
        raise TypeError(f"iterations_per_loop must be int, got {type(iterations)}")
    if iterations <= 0:
        raise ValueError(f"iterations_per_loop must be positive, got {iterations}")
    if values["mix_compile_mode"] and iterations != 1:
        raise ValueError('"iterations_per_loop" must be 1 with "mix_compile_mode" is True')
    for name, wanted in (("dump_config", DumpConfig), ("profiling_config", ProfilingConfig)):
        if values[name] is not None and not isinstance(values[name], wanted):
            raise ValueError(f"`{name}` must be provided with type `{wanted.__name__}`")


class ProfilingConfig:
    def __init__(self, enable_profiling=False, profiling_options=None):
        if enable_profiling and profiling_options is None:
            raise NotImplementedError("the flavours differ in what they profile without options")
        self._enable_profiling = enable_profiling
        self._profiling_options = profiling_options


class DumpConfig:
    """With the arguments that both flavours have; the new one has two more."""

    def __init__(
        self,
        enable_dump=False,
        dump_path=None,
        dump_step=None,
        dump_mode="output",
        enable_dump_debug=False,
        dump_debug_mode="all",
    ):
        self._enable_dump = enable_dump
        self._dump_path = dump_path
        self._dump_step = dump_step
        self._dump_mode = dump_mode
        self._enable_dump_debug = enable_dump_debug
        self._dump_debug_mode = dump_debug_mode
