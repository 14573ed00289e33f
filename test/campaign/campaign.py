"""Harms the programs in every way that machines and people do, and counts what is lost.

python test/campaign/campaign.py [PART ...] [--short] [--seed=N]; prints a table for
docs/reliability.md. The whole takes about an hour on two cores.
"""

import argparse
import importlib
import itertools
import os
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# How often each part does its harm, and in a short campaign.
PARTS = {
    "kills": (50, 1),
    "damage": (300, 10),
    "disks": (10, 1),
    "ranks": (10, 1),
    "changes": (6, 1),
    "long_run": (20, 2),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--short", action="store_true", help="the first harm of each, once")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such part")
    outcomes = []
    print("| harm | tried | survived | lost |\n|---|---|---|---|", flush=True)
    for part in options.parts or PARTS:
        begin = time.monotonic()
        count = PARTS[part][options.short]
        with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
            draws = random.Random(f"{options.seed} {part}")
            attack = importlib.import_module(part).attack(pathlib.Path(folder), count, draws)
            for outcome in itertools.islice(attack, 1 if options.short else None):
                print(
                    f"| {outcome.what} | {outcome.tried} | {outcome.survived} | {outcome.lost} |",
                    flush=True,
                )
                outcomes.append(outcome)
        print(f"<!-- {part}: {time.monotonic() - begin:.0f} s -->", flush=True)
    for outcome in outcomes:
        for remark in outcome.remarks:
            print(f"{outcome.what}: {remark}", file=sys.stderr)
    return 1 if any(outcome.survived < outcome.tried for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
