import json
import pathlib
import subprocess
import sys

import pytest

pytestmark = pytest.mark.any_runtime

BENCH = pathlib.Path(__file__).resolve().parent

# Ports in the form of the two that are known. One makes a step in 30 ms, the other none at all.
STEADY_PORT = """
import sys, time
assert "--progress_freq=1" in sys.argv and any("--input_dir=" in flag for flag in sys.argv)
while True:
    time.sleep(0.03)
    print("progress  epoch 1  step 1  image/sec 33.3  remaining 1m")
"""
BROKEN_PORT = """
import os
assert os.path.isdir("datasets/pairs/train")
print("starting")
raise SystemExit("no such module")
"""


def multiplications(size, filters):
    """Counts those of a training step by the paper's list of layers, for 3 channels."""
    widening = [1, 2, 4, 8, 8, 8, 8, 8][: size.bit_length() - 1]
    channels = [3, *(filters * factor for factor in widening)]
    encoder = [
        (size >> number) ** 2 * 16 * before * after
        for number, (before, after) in enumerate(zip(channels, channels[1:]), start=1)
    ]
    # Each decoder layer mirrors one, but all except the innermost have twice the channels to read.
    decoder = [2 * count for count in encoder[:-1]] + encoder[-1:]
    generator = 3 * (sum(encoder) + sum(decoder)) - encoder[0]  # No gradient by the input.

    sides = [size // 2, size // 4, size // 8, size // 8 - 1, size // 8 - 2]
    channels = [6, filters, 2 * filters, 4 * filters, 8 * filters, 1]
    layers = [
        side**2 * 16 * before * after for side, before, after in zip(sides, channels, channels[1:])
    ]
    # Twice for its own update, without the gradient by its input; once with that, and without the
    # gradients by its weights, for the generator's.
    return generator + 2 * (3 * sum(layers) - layers[0]) + 2 * sum(layers)


class TestTable:
    @pytest.fixture(scope="class")
    def finished(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("bench")
        for name, file, port in (
            ("steady", "pix2pix.py", STEADY_PORT),
            ("old", "main.py", BROKEN_PORT),
        ):
            (folder / name).mkdir()
            (folder / name / file).write_text(port)
        (folder / "old" / "model.py").touch()
        flags = ["--filters=2", "--batches=1", "--steps=3", "--rounds=1"]
        flags += [f"--python={sys.executable}", f"--output={folder / 'table'}"]
        flags += [f"--peer={folder / 'steady'}", f"--peer={folder / 'old'}"]
        process = subprocess.run(
            [sys.executable, str(BENCH / "performance.py"), *flags],
            capture_output=True,
            text=True,
            check=False,
            cwd=str(folder),
        )
        assert process.returncode == 0, process.stderr
        return process.stdout, json.loads((folder / "table.json").read_text()), folder

    def test_programs_are_timed_with_their_memory_and_start(self, finished):
        ours = [row for row in finished[1]["programs"] if row["program"] == "float32"]
        assert [row["batch"] for row in ours] == [1]
        for row in ours:
            assert row["images_per_sec"] == pytest.approx(1000 * row["batch"] / row["step_ms"])
            assert 1 < row["first_step_seconds"] < 200
            assert 100 < row["peak_mb"] < 10000

    def test_a_peer_is_timed_beside_them(self, finished):
        text, results, _ = finished
        (peer,) = (row for row in results["programs"] if row["program"] == "steady")
        assert 30 <= peer["step_ms"] < 300
        ours = next(row for row in results["programs"] if row["program"] == "float32")
        assert f"| {ours['step_ms'] / peer['step_ms']:.2f} |" in text

    def test_a_peer_that_fails_does_so_in_its_row(self, finished):
        assert "| old | 1 | failed: no such module |" in finished[0]

    def test_the_model_alone_has_its_floor_beside_it(self, finished):
        for alone in finished[1]["model_alone"]:
            assert alone["gflop"] == pytest.approx(2 * multiplications(256, 2) / 1e9)
            floor = 1000 * alone["gflop"] / alone["product_gflops"]
            assert 0 < alone["floor_ms"] == pytest.approx(floor)
            assert alone["step_ms"] > alone["floor_ms"]
            assert alone["step_ms"] > alone["passes_ms"] > 0
            assert alone["summaries_share"] + alone["checkpoint_share"] > 0

    def test_the_same_table_is_printed_and_written(self, finished):
        text, results, folder = finished
        assert (folder / "table.md").read_text() == text
        assert results["pipeline_pairs_per_sec"] > 0
        assert f"{results['pipeline_pairs_per_sec']:.0f} pairs per second" in text


def test_the_papers_step_has_87_billion_operations():
    # 6.05 billion multiplications forth in the generator and 3.20 in the discriminator.
    assert 2 * multiplications(256, 64) / 1e9 == pytest.approx(87, abs=1)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--peer=."], "holds neither pix2pix.py"),
        (["--peer=.", "--fine_size=64"], "use --fine_size=256"),
    ],
)
def test_what_is_no_known_port_is_refused(tmp_path, flags, message):
    process = subprocess.run(
        [sys.executable, str(BENCH / "performance.py"), f"--python={sys.executable}", *flags],
        capture_output=True,
        text=True,
        check=False,
        cwd=str(tmp_path),
    )
    assert process.returncode == 2
    assert message in process.stderr
    assert process.stderr.count("\n") == 1
