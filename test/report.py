"""Writes ModelZoo's result log from the reports that training left, and prints its last lines."""

import argparse
import json
import os
import platform
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint_dir", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--network", required=True)
    parser.add_argument("--rank_size", type=int, required=True)
    parser.add_argument("--batch_size", type=int, required=True)
    parser.add_argument("--case_name", required=True)
    parser.add_argument("--e2e_seconds", type=int, required=True)
    parser.add_argument("--with_accuracy", action="store_true")
    options = parser.parse_args()

    throughput = _read(options.checkpoint_dir, "throughput.json")
    progress = _read(options.checkpoint_dir, "progress.json")
    rate = throughput["images_per_sec"]
    images_per_step = options.batch_size * options.rank_size
    # A run of a step or two has no rate: an empty value says so, a zero would be a lie.
    fps = "" if rate is None else f"{rate:.2f}"
    accuracy = ""
    if options.with_accuracy:
        scores = _read(options.checkpoint_dir, "metrics.json")
        accuracy = (
            f"PSNR {scores['psnr']:.2f} dB, SSIM {scores['ssim']:.4f}, L1 {scores['l1']:.4f} (0..1)"
        )
    results = {
        "Network": options.network,
        "RankSize": options.rank_size,
        "BatchSize": options.batch_size,
        "DeviceType": platform.machine(),
        "CaseName": options.case_name,
        "ActualFPS": fps,
        # Milliseconds per step, as in all of ModelZoo's logs.
        "TrainingTime": "" if rate is None else f"{images_per_step * 1000 / rate:.2f}",
        **({"TrainAccuracy": accuracy} if options.with_accuracy else {}),
        "ActualLoss": f"{progress['losses']['d_loss']:.8f}",
        "ActualLoss1": f"{progress['losses']['g_loss']:.8f}",
        "E2ETrainingTime": options.e2e_seconds,
    }
    with open(options.output, "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}\n" for key, value in results.items())
    print("------------------ Final result ------------------")
    print(f"Final Performance images/sec : {fps}")
    # Empty for performance runs, which train for too short a time to score.
    print(f"Final Train Accuracy : {accuracy}")
    print(f"E2E Training Duration sec : {options.e2e_seconds}")


def _read(folder, name):
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {path}: cannot be read ({error}); did training make a step?")


if __name__ == "__main__":
    main()
