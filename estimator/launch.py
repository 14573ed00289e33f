"""Starts the ranks of a training on this machine: python estimator/launch.py --data_path DIR.

The test/train_*.sh scripts call it. Each rank is a process of train.py with an environment, a log
and, on NPUs, a folder of its own; when one fails, all are stopped.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import uuid

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.errors import OptionsError, RunError
from estimator.ranks.processes import run_together
from estimator.run.lock import lock_or_holder
from estimator.runtime import prepare_tensorflow

# Longer than a step, a checkpoint or a start take; compiling and scoring do not count.
_RANK_TIMEOUT = 600


def main(arguments=None):
    """Runs one training.

    Args:
        arguments: The flags, those of train.py included; None for those of the command line.

    Returns:
        Exit code: 0; 2 for bad input; else that of the rank which failed first.
    """
    parser = argparse.ArgumentParser(
        prog="launch.py",
        description="Starts one process of train.py per rank and ends them together. RANK_SIZE, "
        "RANK_INDEX (of the server) and ASCEND_DEVICE_ID are read from the environment; all other "
        "flags go to train.py.",
        allow_abbrev=False,
    )
    parser.add_argument("--output_dir", required=True, help="folder of all devices' results")
    parser.add_argument("--rank_table", help="JSON file, version 1.0 (default: of one server)")
    parser.add_argument("--bind_core", action="store_true", help="share out the CPU's cores")
    parser.add_argument(
        "--rank_timeout",
        type=_seconds,
        default=_RANK_TIMEOUT,
        metavar="SECONDS",
        help="after so long without a step, or a sign of life, the job ends; 0: never "
        f"(default: {_RANK_TIMEOUT})",
    )
    parser.add_argument("--npu", action="store_true", help="the ranks run on NPUs")
    options, train_flags = parser.parse_known_args(arguments)
    prepare_tensorflow()
    from estimator.ranks.heartbeat import Watch
    from estimator.ranks.plan import RankPlan

    try:
        plan = RankPlan(options, train_flags)
        with _locked(plan.folders):
            plan.prepare()
            with tempfile.TemporaryDirectory(prefix="pix2pix-") as folder, _met(plan) as launch:
                beats = {rank: os.path.join(folder, f"{rank}.json") for rank in plan.numbers}
                watch = Watch(beats, options.rank_timeout) if options.rank_timeout else None
                return run_together(plan.ranks(beats, launch), plan.numbers[0], watch)
    except RunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted before any rank was started", file=sys.stderr)
        return 130
    except (OptionsError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _met(plan):
    """Has the launchers of several hosts agree on a name of the launch, and yields that."""
    from estimator.ranks.rendezvous import answering, ask_for_launch, follow

    launch = uuid.uuid4().hex
    if plan.meeting_point is None:
        yield launch
    elif plan.follows:
        address = "{}:{}".format(*plan.meeting_point)
        launch = ask_for_launch(address)
        follow(address, plan.checkpoint_dir)
        yield launch
    else:
        with answering(plan.meeting_point[1], plan.checkpoint_dir, launch):
            yield launch


def _seconds(text):
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of seconds")
    return int(text)


@contextlib.contextmanager
def _locked(folders):
    """Keeps two jobs from working in the same folders."""
    with contextlib.ExitStack() as stack:
        for folder in folders:
            if lock_or_holder(stack, folder) is not None:
                raise OptionsError(
                    f"{folder}: another job is working there; wait for it, or choose other devices "
                    "with ASCEND_DEVICE_ID"
                )
        yield


if __name__ == "__main__":
    sys.exit(main())
