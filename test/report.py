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
    parser.add_argument("--scored", action="store_true", help="there is a test phase's report")
    parser.add_argument("--with_accuracy", action="store_true", help="the log has the accuracy")
    options = parser.parse_args()

    throughput = _read(options.checkpoint_dir, "throughput.json")
    progress = _read(options.checkpoint_dir, "progress.json")
    rate = throughput["images_per_sec"]
    images_per_step = options.batch_size * options.rank_size
    if rate is None:
        # A run of a step or two has no other.
        steps = progress["step"] - progress["first_step"]
        rate = images_per_step * steps / progress["training_seconds"]
        print(f"images/sec are of {steps} step(s), compilation included: too few for a true rate")
    else:
        print(
            f"images/sec are of {throughput['steps']} steps; left out: "
            f"{throughput['left_out_steps']} steps at the start "
            f"({throughput['left_out_seconds']:.1f} s, compilation included), "
            f"{throughput['paused_seconds']:.1f} s of saving and scoring"
        )
    accuracy = "--"
    if options.scored:
        scores = _read(options.checkpoint_dir, "metrics.json")
        # One number, as in ModelZoo's logs: of the scores the one that is best when it is largest.
        accuracy = f"{scores['psnr']:.4f}"
        print(
            f"scores: PSNR {scores['psnr']:.2f} dB (this is the accuracy below), "
            f"SSIM {scores['ssim']:.4f}, L1 {scores['l1']:.4f} (0..1); {scores['images']} pictures"
        )
    results = {
        "Network": options.network,
        "RankSize": options.rank_size,
        "BatchSize": options.batch_size,
        "DeviceType": platform.machine(),
        "CaseName": options.case_name,
        "ActualFPS": f"{rate:.2f}",
        # Milliseconds per step, as in all of ModelZoo's logs.
        "TrainingTime": f"{images_per_step * 1000 / rate:.2f}",
        **({"TrainAccuracy": accuracy} if options.with_accuracy else {}),
        "ActualLoss": f"{progress['losses'].get('d_loss', progress['losses']['g_loss']):.8f}",
        "ActualLoss1": f"{progress['losses']['g_loss']:.8f}",
        "E2ETrainingTime": options.e2e_seconds,
    }
    with open(options.output, "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}\n" for key, value in results.items())
    print("------------------ Final result ------------------")
    print(f"Final Performance images/sec : {rate:.2f}")
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
