import json
import os

import pytest

from estimator.errors import OptionsError
from estimator.options.train_options import parse_options
from estimator.run import folder as run_folder
from estimator.run import stored_run
from estimator.run.stored_run import latest_step

STATE = "no loss scale"
NAMES = ("1.jpg", "2.jpg")


def settle_existing_run(options, target_step, optimizer_state=STATE, names=NAMES):
    return run_folder.settle_existing_run(options, target_step, optimizer_state, names)


def write_options(options, names=NAMES):
    stored_run.write_options(options, STATE, names)


@pytest.fixture
def parse(tmp_path):
    def parsed(*flags, data_path="pairs"):
        places = [f"--data_path={data_path}", f"--checkpoint_dir={tmp_path / 'run'}"]
        return parse_options([*places, *flags])

    return parsed


def pretend_checkpoint(options, name):
    """Leaves the files by which TensorFlow knows a checkpoint."""
    folder = options.checkpoint_dir
    for suffix in ("index", "data-00000-of-00001"):
        with open(f"{folder}/{name}.{suffix}", "w", encoding="utf-8"):
            pass
    with open(f"{folder}/checkpoint", "w", encoding="utf-8") as file:
        file.write(f'model_checkpoint_path: "{name}"\n')


class TestOptionsFile:
    def test_it_holds_every_flag_by_name(self, parse, tmp_path):
        write_options(parse("--ngf=8", "--fine_size=64x128"))
        stored = json.loads((tmp_path / "run" / "options.json").read_text())
        assert stored["ngf"] == 8
        assert stored["fine_size"] == [64, 128]
        assert stored["L1_lambda"] == 100.0

    def test_the_data_path_is_absolute_to_be_understood_from_any_folder(
        self, parse, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        write_options(parse(data_path="pairs"))
        stored = json.loads((tmp_path / "run" / "options.json").read_text())
        assert stored["data_path"] == str(tmp_path / "pairs")


class TestSecondStart:
    @pytest.mark.parametrize(
        ("flag", "asked", "held"),
        [
            ("--ngf=8", "--ngf 8", "has 64"),
            ("--ndf=8", "--ndf 8", "has 64"),
            ("--input_nc=1", "--input_nc 1", "has 3"),
            ("--output_nc=1", "--output_nc 1", "has 3"),
            ("--fine_size=128", "--fine_size 128x128", "has 256x256"),
            ("--which_direction=BtoA", "--which_direction BtoA", "has AtoB"),
        ],
    )
    def test_another_network_is_refused_with_both_values(self, parse, flag, asked, held):
        write_options(parse())
        with pytest.raises(OptionsError) as error:
            settle_existing_run(parse(flag), target_step=10)
        assert asked in str(error.value)
        assert held in str(error.value)

    def test_other_inputs_are_refused(self, parse):
        folders = ["--data_layout=folders", "--target=b"]
        write_options(parse())
        line = "--inputs a: .* has none; leave --inputs out"
        with pytest.raises(OptionsError, match=line):
            settle_existing_run(parse(*folders, "--inputs=a"), target_step=10)
        write_options(parse(*folders, "--inputs=a,c:1"))
        with pytest.raises(OptionsError, match="--inputs c:1,a: .* use --inputs a,c:1"):
            settle_existing_run(parse(*folders, "--inputs=c:1,a"), target_step=10)

    def test_an_option_that_an_older_run_did_not_have_is_taken_for_its_default(
        self, parse, tmp_path
    ):
        write_options(parse())
        path = tmp_path / "run" / "options.json"
        stored = json.loads(path.read_text())
        del stored["output_nc"]
        path.write_text(json.dumps(stored))
        assert settle_existing_run(parse("--output_nc=3"), target_step=10) is None
        with pytest.raises(OptionsError, match="--output_nc 1: .* has 3; use --output_nc 3"):
            settle_existing_run(parse("--output_nc=1"), target_step=10)

    @pytest.mark.parametrize("flag", ["--epoch=3", "--learning_rate=0.1", "--print_freq=1"])
    def test_what_leaves_the_network_as_it_is_may_change(self, parse, flag):
        write_options(parse())
        assert settle_existing_run(parse(flag), target_step=10) is None

    def test_another_kind_of_loss_scaling_is_refused_since_it_could_not_be_restored(self, parse):
        write_options(parse())
        with pytest.raises(OptionsError) as error:
            settle_existing_run(parse(), 10, optimizer_state="the loss scale of an npu")
        assert STATE in str(error.value)
        assert "the loss scale of an npu" in str(error.value)

    def test_a_checkpoint_of_another_program_is_refused(self, parse, tmp_path):
        (tmp_path / "run").mkdir()
        pretend_checkpoint(parse(), "pix2pix.model")
        with pytest.raises(OptionsError, match=r"options\.json"):
            settle_existing_run(parse(), target_step=10)

    def test_options_that_cannot_be_read_are_named(self, parse, tmp_path):
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "options.json").write_text("{")
        with pytest.raises(OptionsError, match=r"options\.json: cannot be read"):
            settle_existing_run(parse(), target_step=10)


class TestOtherData:
    @pytest.fixture
    def run_at_step_5(self, parse):
        write_options(parse())
        pretend_checkpoint(parse(), "model.ckpt-5")

    def test_other_pairs_in_another_folder_are_refused_and_those_of_the_run_are_named(
        self, parse, run_at_step_5
    ):
        with pytest.raises(OptionsError) as error:
            settle_existing_run(parse(data_path="others"), 10, names=("1.jpg", "3.jpg"))
        message = str(error.value)
        assert message.startswith("--data_path others: ")
        assert os.path.abspath("pairs") in message
        assert "--existing=archive" in message

    def test_a_folder_that_was_moved_or_renamed_goes_on(self, parse, run_at_step_5):
        assert settle_existing_run(parse(data_path="elsewhere/pairs"), 10) is None
        assert settle_existing_run(parse("--existing=archive", data_path="moved"), 10) is None

    def test_a_folder_that_has_grown_goes_on(self, parse, run_at_step_5):
        assert settle_existing_run(parse(), 10, names=(*NAMES, "3.jpg")) is None

    def test_a_run_that_has_learnt_nothing_yet_may_have_other_data(self, parse):
        write_options(parse())
        assert settle_existing_run(parse(data_path="others"), 10, names=("x.jpg",)) is None

    def test_a_run_of_before_the_names_were_kept_is_not_refused(
        self, parse, run_at_step_5, tmp_path
    ):
        path = tmp_path / "run" / "options.json"
        stored = json.loads(path.read_text())
        del stored["pairs"]
        path.write_text(json.dumps(stored))
        assert settle_existing_run(parse(data_path="others"), 10, names=("x.jpg",)) is None

    def test_a_remote_address_is_kept_as_it_is(self, parse, tmp_path):
        write_options(parse(data_path="s3://bucket/pairs"))
        stored = json.loads((tmp_path / "run" / "options.json").read_text())
        assert stored["data_path"] == "s3://bucket/pairs"


class TestArchive:
    def settle(self, parse, *flags, target_step, data_path="pairs"):
        options = parse("--existing=archive", *flags, data_path=data_path)
        names = NAMES if data_path == "pairs" else ("other.jpg",)
        return settle_existing_run(options, target_step, names=names)

    @pytest.fixture
    def stored_at_step_5(self, parse):
        write_options(parse())
        pretend_checkpoint(parse(), "model.ckpt-5")

    def test_the_latest_step_is_read_from_the_checkpoints_name(self, parse, stored_at_step_5):
        assert latest_step(parse().checkpoint_dir) == 5

    def test_an_unfinished_run_is_left_in_place(self, parse, stored_at_step_5, tmp_path):
        assert self.settle(parse, target_step=6) is None
        assert (tmp_path / "run" / "options.json").exists()

    @pytest.mark.parametrize(
        ("flags", "target_step", "data_path"),
        [
            ([], 5, "pairs"),
            (["--ngf=8"], 6, "pairs"),
            ([], 6, "other_pairs"),
        ],
        ids=["finished", "another network", "other data"],
    )
    def test_any_other_run_is_renamed_with_all_it_holds(
        self, parse, stored_at_step_5, tmp_path, flags, target_step, data_path
    ):
        archived = self.settle(parse, *flags, target_step=target_step, data_path=data_path)
        assert archived == str(tmp_path / "run.1")
        assert (tmp_path / "run.1" / "model.ckpt-5.index").exists()
        assert not (tmp_path / "run").exists()

    def test_an_archive_is_never_overwritten(self, parse, stored_at_step_5, tmp_path):
        (tmp_path / "run.1").mkdir()
        assert self.settle(parse, target_step=5) == str(tmp_path / "run.2")

    def test_frozen_graphs_in_a_folder_of_their_own_go_along(
        self, parse, stored_at_step_5, tmp_path
    ):
        (tmp_path / "frozen").mkdir()
        self.settle(parse, f"--frozen_dir={tmp_path / 'frozen'}", target_step=5)
        assert (tmp_path / "frozen.1").is_dir()
        assert not (tmp_path / "frozen").exists()
