"""Options to keywords of the vendor's run configuration, which differ from version to version."""

import inspect
import json
import os

import tensorflow.compat.v1 as tf

from estimator.devices.precision import MIXED_MODES
from estimator.errors import OptionsError

_MIXLIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mixlist.json")


class NpuSettings:
    """Keywords for NPURunConfig, by what the installed version's signature has.

    Args:
        options: `Options`.
        precision_mode: One of `precision.MODES`.
        config_module: The module with NPURunConfig, DumpConfig and ProfilingConfig.
        version: Of the installed package, for messages.
    """

    def __init__(self, options, precision_mode, config_module, version):
        self._options = options
        self._precision_mode = precision_mode
        self._config_module = config_module
        self._version = version
        self._accepted = inspect.signature(config_module.NPURunConfig.__init__).parameters

    def for_training(self):
        """Builds the keywords of a configuration that trains.

        Raises:
            OptionsError: The installed version lacks what an option asks for; names both.
        """
        options = self._options
        settings = self.for_prediction()
        settings.update(
            iterations_per_loop=options.iterations_per_loop,
            save_checkpoints_steps=options.save_checkpoints_steps,
            # With several steps per run, summaries leave the device by another way.
            save_summary_steps=options.summary_freq if options.iterations_per_loop == 1 else 0,
        )
        if options.over_dump or options.data_dump_flag:
            settings["dump_config"] = self._dump_config()
        if options.profiling:
            settings["profiling_config"] = self._profiling_config()
        if options.autotune:
            # The first was removed in 2023-04 in favour of the second, where 2 tunes operators.
            tuning = {"auto_tune_mode": "RL,GA", "aoe_mode": "2"}
            keyword = "auto_tune_mode" if "auto_tune_mode" in self._accepted else "aoe_mode"
            settings[keyword] = tuning[keyword]
            self._require(keyword, "--autotune")
        return settings

    def for_prediction(self):
        """Builds the keywords of a configuration that evaluates and predicts."""
        options = self._options
        settings = {
            "model_dir": options.checkpoint_dir,
            "tf_random_seed": options.seed,
            "session_config": tf.ConfigProto(allow_soft_placement=True),
            # Our own hooks print progress and throughput.
            "log_step_count_steps": None,
            # tf.data's get_next belongs to the device's graph: needed for several steps per run.
            "enable_data_pre_proc": True,
            "precision_mode": self._precision_mode,
        }
        if options.modify_mixlist is not None:
            self._require("modify_mixlist", "--modify_mixlist")
            settings["modify_mixlist"] = os.path.abspath(options.modify_mixlist)
        elif self._precision_mode in MIXED_MODES and "modify_mixlist" in self._accepted:
            settings["modify_mixlist"] = _MIXLIST
        return settings

    def make_folders(self):
        """Makes the folders of dumps and profiles: the device's runtime wants them to be there."""
        options = self._options
        for wanted, folder in (
            (options.over_dump, options.over_dump_path),
            (options.data_dump_flag, options.data_dump_path),
            (options.profiling, options.profiling_dump_path),
        ):
            if wanted:
                os.makedirs(folder, exist_ok=True)

    def _dump_config(self):
        options = self._options
        if options.over_dump:
            return self._config_module.DumpConfig(
                enable_dump_debug=True,
                dump_path=os.path.abspath(options.over_dump_path),
                dump_debug_mode="all",
            )
        return self._config_module.DumpConfig(
            enable_dump=True,
            dump_path=os.path.abspath(options.data_dump_path),
            dump_step=options.data_dump_step,
            dump_mode="all",
        )

    def _profiling_config(self):
        trace = {
            "output": os.path.abspath(self._options.profiling_dump_path),
            "training_trace": "on",
            "task_trace": "on",
            "aicpu": "on",
            "fp_point": "",
            "bp_point": "",
        }
        return self._config_module.ProfilingConfig(
            enable_profiling=True, profiling_options=json.dumps(trace)
        )

    def _require(self, keyword, flag):
        if keyword not in self._accepted:
            raise OptionsError(
                f"{flag}: the installed version ({self._version}) has no "
                f"NPURunConfig({keyword}=...); leave {flag} out or install a version that has it"
            )
