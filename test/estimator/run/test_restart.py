import json
import shutil

import numpy as np
import pytest

from input_fn import write_data_set


@pytest.fixture(scope="module")
def interrupted(train, data, tmp_path_factory):
    """The run of `finished`, as two: 4 steps, and the same command again to the 6th."""
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    flags = [f"--data_path={data}", f"--checkpoint_dir={folder}", "--which_direction=BtoA"]
    train(*flags, "--max_steps=4", "--eval_steps=0")
    process = train(*flags, "--max_steps=6", "--eval_steps=0")
    assert process.returncode == 0, process.stderr
    return folder, process, flags


def test_it_says_where_it_resumes(interrupted):
    assert "at step 4" in interrupted[1].stdout
    assert json.loads((interrupted[0] / "progress.json").read_text())["first_step"] == 4


def test_an_interrupted_run_ends_with_the_weights_and_moments_of_one_in_one_piece(
    weights_of, interrupted, finished
):
    whole, parts = [weights_of(folder / "model.ckpt-6") for folder in (finished[0], interrupted[0])]
    assert whole.keys() == parts.keys()
    assert any("Adam" in name for name in whole)
    for name, value in whole.items():
        # Sums over threads are not in a fixed order.
        np.testing.assert_allclose(parts[name], value, rtol=1e-3, atol=1e-5, err_msg=name)


def test_no_validation_is_made_when_it_is_turned_off(interrupted):
    assert "val:" not in interrupted[1].stdout
    assert not (interrupted[0] / "eval").exists()


def test_a_finished_run_says_so_and_changes_nothing(train, interrupted):
    folder, _, flags = interrupted
    before = {path: path.stat().st_mtime_ns for path in folder.glob("model.ckpt-*")}
    process = train(*flags, "--max_steps=6", "--eval_steps=0")
    assert process.returncode == 0
    assert "training is complete" in process.stdout
    assert {path: path.stat().st_mtime_ns for path in folder.glob("model.ckpt-*")} == before


def test_a_frozen_graph_that_is_missing_is_made_from_the_last_checkpoint(train, interrupted):
    folder, _, flags = interrupted
    for path in (folder / "frozen").iterdir():
        path.unlink()
    train(*flags, "--max_steps=6", "--eval_steps=0")
    assert sorted(path.name for path in (folder / "frozen").iterdir()) == [
        "model-6.json",
        "model-6.pb",
    ]


def test_another_network_is_refused_in_one_line_and_nothing_is_changed(train, interrupted):
    folder, _, flags = interrupted
    before = (folder / "options.json").read_bytes()
    process = train(*flags, "--max_steps=8", "--ngf=8")
    assert process.returncode == 2
    assert process.stderr.startswith("error: --ngf 8")
    assert process.stderr.count("\n") == 1
    assert (folder / "options.json").read_bytes() == before


def test_other_pairs_are_refused_and_the_same_pairs_in_another_folder_go_on(
    train, interrupted, data, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(str(interrupted[0]), str(run))
    flags = [f"--checkpoint_dir={run}", "--which_direction=BtoA", "--eval_steps=0"]
    write_data_set(str(tmp_path / "others"), train=3, val=1, seed=1)
    process = train(*flags, f"--data_path={tmp_path / 'others'}", "--max_steps=8")
    assert process.returncode == 2
    assert process.stderr.startswith(f"error: --data_path {tmp_path / 'others'}: ")
    assert str(data) in process.stderr

    shutil.copytree(str(data), str(tmp_path / "moved"))
    process = train(*flags, f"--data_path={tmp_path / 'moved'}", "--max_steps=8")
    assert process.returncode == 0, process.stderr
    assert f"the data of this run was in {data} so far" in process.stdout
    assert "at step 6" in process.stdout


class TestDamagedCheckpoints:
    @pytest.fixture
    def run(self, finished, tmp_path):
        """A copy of the run of 6 steps, which has checkpoints of steps 3 and 6."""
        shutil.copytree(str(finished[0]), str(tmp_path / "run"))
        return tmp_path / "run"

    @pytest.fixture
    def resume(self, train, data, run):
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--which_direction=BtoA"]
        return lambda: train(*flags, "--max_steps=7", "--eval_steps=0")

    @pytest.mark.parametrize("suffix", ["index", "data-00000-of-00001"])
    def test_one_that_is_spoilt_is_named_with_the_one_before(self, run, resume, suffix):
        path = run / f"model.ckpt-6.{suffix}"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
        process = resume()
        assert process.returncode == 2
        prefix = run / "model.ckpt-6"
        assert process.stderr.startswith(f"error: {prefix}: cannot be read (")
        assert process.stderr.endswith(f"; delete {prefix}.* to go on from model.ckpt-3\n")
        assert process.stderr.count("\n") == 1

        for each in run.glob("model.ckpt-6.*"):
            each.unlink()
        process = resume()
        assert process.returncode == 0, process.stderr
        assert "going on from model.ckpt-3" in process.stdout
        assert " at step 3\n" in process.stdout

    @pytest.mark.parametrize("flag", ["--max_steps=7", "--phase=test"])
    def test_one_that_is_cut_off_is_named_by_every_phase(self, run, train, data, flag):
        path = run / "model.ckpt-6.data-00000-of-00001"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--which_direction=BtoA", flag]
        process = train(*flags)
        assert process.returncode == 2
        assert process.stderr.startswith(f"error: {run / 'model.ckpt-6'}: cannot be read (")
        assert process.stderr.count("\n") == 1

    @pytest.mark.parametrize("content", [None, b"", b"\xff nonsense"])
    def test_a_list_that_is_missing_or_damaged_is_made_again(self, run, resume, content):
        if content is None:
            (run / "checkpoint").unlink()
        else:
            (run / "checkpoint").write_bytes(content)
        process = resume()
        assert process.returncode == 0, process.stderr
        assert "going on from model.ckpt-6" in process.stdout
        assert (run / "model.ckpt-7.index").exists()
