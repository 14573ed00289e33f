"""The flags of train.py that concern the device: precision, loss scaling, diagnosis, tuning."""

from estimator.devices.precision import MODES
from estimator.options.flag_types import POSITIVE, SWITCH, number, parse_loss_scale


def add_precision_flags(parser):
    """Adds the flags of precision and loss scaling."""
    group = parser.add_argument_group("precision and loss scaling")
    group.add_argument(
        "--precision_mode",
        choices=MODES,
        metavar="MODE",
        help="Ascend's names: " + ", ".join(MODES) + " (default: allow_mix_precision on NPUs, "
        "float32 elsewhere); allow_mix_precision is float16 on GPUs, bfloat16 on CPUs that "
        "have it; what a device cannot do is float32",
    )
    group.add_argument(
        "--modify_mixlist",
        metavar="FILE",
        help="NPU only: JSON lists of operators for mixed precision (default: one that keeps "
        "ReluGradV2 in float32)",
    )
    group.add_argument(
        "--loss_scale",
        type=parse_loss_scale,
        metavar="dynamic|N|off",
        help="scale of each network's loss (default: dynamic where float16 is used, else off)",
    )
    ratio = {"type": number(float, 1), "metavar": "X"}
    group.add_argument("--init_loss_scale", **ratio, default=2.0**15, help="dynamic: at the start")
    group.add_argument(
        "--loss_scale_growth_interval",
        **POSITIVE,
        default=1000,
        help="dynamic: steps without an overflow after which the scale grows",
    )
    group.add_argument(
        "--loss_scale_growth_ratio", **ratio, default=2.0, help="dynamic: by what it grows"
    )
    group.add_argument(
        "--loss_scale_backoff_ratio",
        type=number(float, 0, 1, exclusive=True),
        metavar="X",
        default=0.5,
        help="dynamic: what an overflow multiplies the scale by; that step is skipped",
    )


def add_diagnosis_flags(parser):
    """Adds the flags of diagnosis and tuning, most of them for NPUs."""
    group = parser.add_argument_group("diagnosis and tuning")
    group.add_argument(
        "--iterations_per_loop",
        **POSITIVE,
        default=1,
        help="NPU only: steps that the device makes per session run; must divide "
        "--save_checkpoints_steps and --max_steps",
    )
    group.add_argument(
        "--autotune", default=False, help="NPU only: tune operators (slow)", **SWITCH
    )
    group.add_argument(
        "--over_dump", default=False, help="NPU only: dump operators that overflow", **SWITCH
    )
    group.add_argument("--over_dump_path", metavar="DIR", default="./overdump", help="its folder")
    group.add_argument(
        "--data_dump_flag", default=False, help="NPU only: dump operators' data", **SWITCH
    )
    group.add_argument("--data_dump_path", metavar="DIR", default="./datadump", help="its folder")
    group.add_argument(
        "--data_dump_step", metavar="STEPS", default="10", help="which steps, such as 0|5|10-20"
    )
    group.add_argument(
        "--profiling",
        default=False,
        help="NPU: the vendor's profile; elsewhere a timeline every --summary_freq steps, for "
        "chrome://tracing",
        **SWITCH,
    )
    group.add_argument(
        "--profiling_dump_path", metavar="DIR", default="./profiling", help="its folder"
    )
