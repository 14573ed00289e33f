"""Starts the ranks of a training on this machine: python estimator/launch.py --data_path DIR.

The test/train_*.sh scripts call it. Each rank is a process of train.py with an environment, a log
and, on NPUs, a folder of its own; when one fails, all are stopped.
"""

import argparse
import contextlib
import fcntl
import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.errors import OptionsError
from estimator.ranks.processes import run_together
from estimator.runtime import prepare_tensorflow


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
    parser.add_argument("--npu", action="store_true", help="the ranks run on NPUs")
    options, train_flags = parser.parse_known_args(arguments)
    prepare_tensorflow()
    from estimator.ranks.plan import RankPlan

    try:
        plan = RankPlan(options, train_flags)
        with _locked(plan.folders):
            plan.prepare()
            return run_together(plan.ranks(), shown=plan.numbers[0])
    except (OptionsError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _locked(folders):
    """Keeps two jobs from working in the same folders."""
    with contextlib.ExitStack() as stack:
        for folder in folders:
            os.makedirs(folder, exist_ok=True)
            lock = stack.enter_context(open(os.path.join(folder, ".lock"), "w", encoding="utf-8"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OptionsError(
                    f"{folder}: another job is working there; wait for it, or choose other devices "
                    "with ASCEND_DEVICE_ID"
                ) from None
        yield


if __name__ == "__main__":
    sys.exit(main())
