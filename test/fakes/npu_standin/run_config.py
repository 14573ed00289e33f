"""NPURunConfig: its checks and what it stores. The flavours add the signature."""

import inspect
import json
import os

import tensorflow.compat.v1 as tf

from npu_standin import checks
from npu_standin.companion_configs import BaseDumpConfig, DynamicInputConfig, ExperimentalConfig
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
    "train_distribute",
    "eval_distribute",
)


class BaseRunConfig(tf.estimator.RunConfig):
    """Checks and stores the arguments of a flavour's constructor.

    Attributes:
        public: Names of arguments stored as they are; the others get a leading underscore.
        mix_compile_mode_error: What a `mix_compile_mode` that is no bool raises.
        parameters: `parameter_map.Table`, how the arguments reach NpuOptimizer.
        limits: `device_checks.Limits`, which values the device takes.
    """

    public = frozenset(
        {
            "iterations_per_loop",
            "mix_compile_mode",
            "enable_data_pre_proc",
            "is_tailing_optimization",
            "horovod_mode",
            "graph_run_mode",
            "op_debug_level",
            "enable_scope_fusion_passes",
            "enable_exception_dump",
        }
    )
    mix_compile_mode_error = ValueError
    parameters = None
    limits = None

    def _configure(self, arguments):
        """Does the constructor's work, given `locals()` of the flavour's."""
        values = {name: value for name, value in arguments.items() if name != "self"}
        _record(type(self), values)
        self._check(values)
        if values["save_checkpoints_secs"] is None and values["save_checkpoints_steps"] is None:
            values["save_checkpoints_steps"] = 100
        distribute = values.pop("distribute")
        from_run_config = {name: values.pop(name) for name in _FROM_RUN_CONFIG}
        for name, value in values.items():
            setattr(self, name if name in self.public else "_" + name, value)
        if _cluster():
            from_run_config["experimental_distribute"] = tf.contrib.distribute.DistributeConfig(
                distribute, distribute, None
            )
        tf.estimator.RunConfig.__init__(self, **from_run_config)

    def _check(self, values):
        checks.check_positive_integer(values["iterations_per_loop"], "iterations_per_loop")
        mix_compile_mode = values["mix_compile_mode"]
        if not isinstance(mix_compile_mode, bool):
            raise self.mix_compile_mode_error('"mix_compile_mode" type must be bool')
        if mix_compile_mode and values["iterations_per_loop"] != 1:
            raise ValueError('"iterations_per_loop" must be 1 with "mix_compile_mode" is True')
        if not isinstance(values.get("jit_compile", ""), str):
            raise TypeError(f"Expected str, got {type(values['jit_compile']).__name__}")
        by_parameter_servers = isinstance(
            values["distribute"], tf.distribute.experimental.ParameterServerStrategy
        )
        if bool(_cluster()) != by_parameter_servers:
            raise ValueError('"cluster" and "distribute" must all be set in ps mode')
        if _cluster() and not mix_compile_mode:
            raise ValueError('"mix_compile_mode" can only be True with "cluster" is set')
        _check_type(values, "dump_config", BaseDumpConfig)
        _check_type(values, "experimental_config", ExperimentalConfig)
        _check_type(values, "dynamic_input_config", DynamicInputConfig)
        if not isinstance(values["horovod_mode"], bool):
            raise ValueError('"horovod_mode" type must be bool')
        checks.check_nonnegative_integer(values["graph_run_mode"], "graph_run_mode")
        if values["graph_run_mode"] > 1:
            raise ValueError('"graph_run_mode" value must be 0 or 1')
        checks.check_nonnegative_integer(values["enable_exception_dump"], "enable_exception_dump")


def _check_type(values, name, wanted):
    if values.get(name) is not None and not isinstance(values[name], wanted):
        raise ValueError(f"`{name}` must be provided with type `{wanted.__name__}`")


def _cluster():
    return json.loads(os.environ.get("TF_CONFIG", "{}")).get("cluster")


def _record(run_config, values):
    defaults = inspect.signature(run_config).parameters
    given = {name: value for name, value in values.items() if value != defaults[name].default}
    record("run_config", arguments=given)
