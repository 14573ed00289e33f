"""The flags of train.py that concern the device: precision, loss scaling, diagnosis, tuning."""

from estimator.devices.collectives import DTYPES, FLOAT32
from estimator.devices.exchange import AUTO, EXCHANGES
from estimator.devices.precision import MODES
from estimator.options.flag_types import (
    POSITIVE,
    SWITCH,
    number,
    parse_dump_steps,
    parse_loss_scale,
    parse_steps_per_run,
)
from estimator.options.flags import Flag, FlagGroup

_RATIO = {"type": number(float, 1), "metavar": "X"}

DEVICE_FLAGS = FlagGroup(
    "device, precision and loss scaling",
    (
        Flag(
            "device",
            "where to run: npu, gpu or cpu; auto takes the first of these that is there",
            default="auto",
            choices=("auto", "npu", "gpu", "cpu"),
        ),
        Flag(
            "precision_mode",
            "Ascend's names: " + ", ".join(MODES) + "; allow_mix_precision is float16 on GPUs, "
            "bfloat16 on CPUs that have it; what a device cannot do is float32",
            computed="allow_mix_precision on NPUs, float32 elsewhere",
            choices=MODES,
            metavar="MODE",
        ),
        Flag(
            "modify_mixlist",
            "NPU only: JSON lists of operators for mixed precision, with the modes of that name",
            computed="one that keeps ReluGradV2 in float32",
            metavar="FILE",
        ),
        Flag(
            "loss_scale",
            "scale of each network's loss: dynamic, a number, or off",
            computed="dynamic where float16 is used, else off",
            type=parse_loss_scale,
            metavar="dynamic|N|off",
        ),
        Flag("init_loss_scale", "dynamic: at the start", default=2.0**15, **_RATIO),
        Flag(
            "loss_scale_growth_interval",
            "dynamic: steps without an overflow after which the scale grows",
            default=1000,
            **POSITIVE,
        ),
        Flag("loss_scale_growth_ratio", "dynamic: by what it grows", default=2.0, **_RATIO),
        Flag(
            "loss_scale_backoff_ratio",
            "dynamic: what an overflow multiplies the scale by; that step is skipped",
            default=0.5,
            type=number(float, 0, 1, exclusive=True),
            metavar="X",
        ),
    ),
)

EXCHANGE_FLAGS = FlagGroup(
    "exchange between several CPUs or GPUs",
    (
        Flag(
            "exchange",
            "what the ranks send each other: gradients; or factors, which on CPUs are the pictures "
            "that a gradient is a product of, where they are smaller; auto: factors between CPUs "
            "of one machine, else gradients",
            default=AUTO,
            choices=EXCHANGES,
        ),
        Flag(
            "exchange_dtype",
            "in which type: float32; bfloat16 or float16, which are half as much",
            default=FLOAT32,
            choices=DTYPES,
        ),
    ),
)

DIAGNOSIS_FLAGS = FlagGroup(
    "diagnosis and tuning",
    (
        Flag(
            "iterations_per_loop",
            "NPU only: steps that the device makes per session run; must divide "
            "--save_checkpoints_steps and --max_steps; auto: the most, up to 10, that divide "
            "these, --print_freq and --save_frozen_steps",
            default=1,
            type=parse_steps_per_run,
            metavar="N|auto",
        ),
        Flag("autotune", "NPU only: tune operators (slow)", default=False, **SWITCH),
        Flag("over_dump", "NPU only: dump operators that overflow", default=False, **SWITCH),
        Flag(
            "over_dump_path",
            "folder of these dumps",
            default="./overdump",
            metavar="DIR",
        ),
        Flag("data_dump_flag", "NPU only: dump operators' data", default=False, **SWITCH),
        Flag("data_dump_path", "folder of these dumps", default="./datadump", metavar="DIR"),
        Flag(
            "data_dump_step",
            "which steps to dump, such as 0|5|10-20",
            default="10",
            type=parse_dump_steps,
            metavar="STEPS",
        ),
        Flag(
            "profiling",
            "NPU: the vendor's profile; elsewhere a timeline every --summary_freq steps, for "
            "chrome://tracing",
            default=False,
            **SWITCH,
        ),
        Flag(
            "profiling_dump_path", "folder of these profiles", default="./profiling", metavar="DIR"
        ),
    ),
)
