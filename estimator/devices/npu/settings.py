"""Options to keywords of the vendor's run configuration, which differ from version to version."""

import inspect
import json
import os

import tensorflow.compat.v1 as tf

from estimator.devices.precision import MIXED_MODES
from estimator.errors import OptionsError

_MIXLIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mixlist.json")
# The option parser of releases before r1.13 (2023-07) takes a list beside this mode alone. Later
# ones are told apart by a keyword that came with the change.
_MODE_WITH_LISTS = "allow_mix_precision"
_NEWER_KEYWORD = "precision_mode_v2"
# The vendor's operations that hand values to the host wait in threads of this pool: two of them, so
# that with two cores, and as many threads, nothing else would ever run.
_FEWEST_THREADS = 4


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

    def for_training(self, ranks, saves):
        """Builds the keywords of a configuration that trains.

        Args:
            ranks: The number of processes that train together.
            saves: Whether this one writes checkpoints.

        Raises:
            OptionsError: The installed version lacks what an option asks for; names both.
        """
        options = self._options
        settings = {
            "model_dir": options.checkpoint_dir,
            "tf_random_seed": options.seed,
            "session_config": self._session_config(),
            # Our own hooks print progress and throughput, and summaries come by `host_call`.
            "log_step_count_steps": None,
            "save_summary_steps": 0,
            # None would mean every 100.
            "save_checkpoints_steps": options.save_checkpoints_steps if saves else 0,
            "iterations_per_loop": options.iterations_per_loop,
            # tf.data's get_next belongs to the device's graph: needed for several steps per run.
            "enable_data_pre_proc": True,
            "precision_mode": self._precision_mode,
        }
        if ranks > 1:
            # The exchange overlaps with the backward pass; off by default before 2022-10.
            settings["hcom_parallel"] = True
        self._add_mixlist(settings)
        if options.over_dump or options.data_dump_flag:
            settings["dump_config"] = self._dump_config()
        if options.profiling:
            settings["profiling_config"] = self._profiling_config()
        if options.autotune:
            self._add_tuning(settings)
        return settings

    def _session_config(self):
        threads = max(_FEWEST_THREADS, len(os.sched_getaffinity(0)))
        return tf.ConfigProto(allow_soft_placement=True, inter_op_parallelism_threads=threads)

    def _add_mixlist(self, settings):
        has_lists = self._precision_mode == _MODE_WITH_LISTS or _NEWER_KEYWORD in self._accepted
        wanted = self._options.modify_mixlist
        if wanted is not None:
            self._require("modify_mixlist", "--modify_mixlist")
            if not has_lists:
                raise OptionsError(
                    f"--modify_mixlist: the installed version ({self._version}) takes lists with "
                    f"--precision_mode={_MODE_WITH_LISTS} alone, not with {self._precision_mode}; "
                    "leave one of them out"
                )
            settings["modify_mixlist"] = os.path.abspath(wanted)
        elif (
            has_lists and self._precision_mode in MIXED_MODES and "modify_mixlist" in self._accepted
        ):
            settings["modify_mixlist"] = _MIXLIST

    def _add_tuning(self, settings):
        # The first was removed in r1.11 (2023-01) in favour of the second, where 2 tunes operators.
        tuning = {"auto_tune_mode": "RL,GA", "aoe_mode": "2"}
        keyword = "auto_tune_mode" if "auto_tune_mode" in self._accepted else "aoe_mode"
        self._require(keyword, "--autotune")
        settings[keyword] = tuning[keyword]
        if keyword == "aoe_mode":
            settings["work_path"] = self._tuning_folder()

    def _tuning_folder(self):
        return os.path.join(os.path.abspath(self._options.checkpoint_dir), "autotune")

    def make_folders(self):
        """Makes the folders of dumps and profiles: the device's runtime wants them to be there."""
        options = self._options
        for wanted, folder in (
            (options.over_dump, options.over_dump_path),
            (options.data_dump_flag, options.data_dump_path),
            (options.profiling, options.profiling_dump_path),
            (options.autotune, self._tuning_folder()),
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
