"""`pack`: what is in the files, and that it serves a training."""

import io
import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.train import main as train
from input_fn import PairFormat, check_pairs, evaluation_dataset, list_pairs, training_dataset
from input_fn.prepare import main


def test_bad_pairs_are_left_out_and_listed(tmp_path, capsys, save):
    for number in range(5):
        save(tmp_path / "in" / "train" / f"{number}.jpg")
    (tmp_path / "in" / "train" / "2.jpg").write_bytes(b"")
    assert main(["pack", str(tmp_path / "in"), str(tmp_path / "out"), "--shards=2"]) == 1
    found = capsys.readouterr()
    assert found.out == "4 pairs written, 1 skipped\n"
    assert "2.jpg: is empty" in found.err
    index = json.loads((tmp_path / "out" / "train" / "packed.json").read_text())
    assert index["names"] == ["0.jpg", "1.jpg", "3.jpg", "4.jpg"]


def test_records_hold_the_files_as_they_are(tmp_path, save):
    a = save(tmp_path / "in" / "val" / "A" / "1.jpg")
    b = save(tmp_path / "in" / "val" / "B" / "1.png")
    flags = ["--data_layout=folders"]
    assert main(["pack", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
    (shard,) = (tmp_path / "out" / "val").glob("*.tfrecord")
    (record,) = tf.io.tf_record_iterator(str(shard))
    features = tf.train.Example.FromString(record).features.feature
    stored = [features[f"file_{number}"].bytes_list.value[0] for number in (0, 1)]
    assert stored == [a.read_bytes(), b.read_bytes()]
    assert Image.open(io.BytesIO(stored[1])).format == "PNG"


@pytest.mark.parametrize("layout", ["side_by_side", "folders", "single"])
def test_a_training_reads_from_the_packed_folder_what_it_would_from_the_files(
    tmp_path, save, noise, take, layout
):
    for number in range(5):
        # Of a lightness of its own, by which it is known in spite of the jitter.
        pair = noise(8, 16, 3, seed=number) // 8 + np.uint8(40 * number)
        if layout == "folders":
            save(tmp_path / "in" / "train" / "A" / f"{number}.png", pair[:, :8])
            save(tmp_path / "in" / "train" / "B" / f"{number}.png", pair[:, 8:])
        else:
            save(tmp_path / "in" / "train" / f"{number}.png", pair)
    arguments = [str(tmp_path / "in"), str(tmp_path / "out"), f"--data_layout={layout}"]
    assert main(["pack", *arguments]) == 0
    lab = layout == "single"
    channels = (1, 2) if lab else (3, 3)
    form = PairFormat("AtoB", *channels, (9, 9), (8, 8), layout=layout, lab=lab)

    def batches(folder, build, count):
        pairs = list_pairs(str(tmp_path / folder / "train"), layout=layout)
        checked = check_pairs(pairs, form).pairs
        return take(lambda: build(checked), count)

    def pass_over(pairs):
        return evaluation_dataset(pairs, form)

    def epoch(pairs):
        return training_dataset(pairs, form, 5, seed=0, flip=False)

    for found, expected in zip(batches("out", pass_over, 5), batches("in", pass_over, 5)):
        np.testing.assert_array_equal(found[0]["input"], expected[0]["input"])
        np.testing.assert_array_equal(found[1], expected[1])
    # Each pair once, in an order of its own.
    lightness = [
        sorted(x["input"].mean(axis=(1, 2, 3)))
        for ((x, _),) in (batches(folder, epoch, 1) for folder in ("in", "out"))
    ]
    np.testing.assert_allclose(*lightness, atol=0.1)
    assert np.diff(lightness).min() > 0.2


def test_files_of_an_older_pack_are_removed(tmp_path, save):
    for number in range(6):
        save(tmp_path / "in" / "train" / f"{number}.jpg")
    arguments = ["pack", str(tmp_path / "in"), str(tmp_path / "out")]
    assert main([*arguments, "--shards=5"]) == 0
    other = save(tmp_path / "out" / "train" / "mine.tfrecord.jpg")
    assert main([*arguments, "--shards=2"]) == 0
    left = {path.name for path in (tmp_path / "out" / "train").glob("*.tfrecord")}
    assert left == {"pairs-00000-of-00002.tfrecord", "pairs-00001-of-00002.tfrecord"}
    assert other.exists()
    assert len(list_pairs(str(tmp_path / "out" / "train"))) == 6


def test_a_data_set_is_not_packed_into_itself(tmp_path, capsys, save):
    save(tmp_path / "in" / "train" / "1.jpg")
    assert main(["pack", str(tmp_path / "in"), str(tmp_path / "in" / ".")]) == 2
    assert "name another folder" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "in" / "train").iterdir()] == ["1.jpg"]


class TestOtherChannels:
    """What is packed has to have the channels that are asked for; it is said before any step."""

    def packed(self, tmp_path, channels):
        """Packs pairs of arrays: A of so many channels each, B of one; returns the folder."""
        for number, count in enumerate(channels):
            for side, bands in (("A", count), ("B", 1)):
                (tmp_path / "in" / "train" / side).mkdir(parents=True, exist_ok=True)
                path = tmp_path / "in" / "train" / side / f"{number}.npy"
                np.save(str(path), np.zeros([64, 64, bands], np.uint8))
        flags = ["--data_layout=folders", "--shards=2"]
        assert main(["pack", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        return tmp_path / "out"

    @pytest.mark.parametrize(("channels", "named"), [([5, 5, 5], "0.npy"), ([2, 2, 5], "2.npy")])
    def test_a_pair_that_has_others_is_named(self, tmp_path, capsys, channels, named):
        folder = self.packed(tmp_path, channels)
        flags = ["--data_layout=folders", "--input_nc=2", "--output_nc=1", "--fine_size=64"]
        run = f"--checkpoint_dir={tmp_path / 'run'}"
        assert train([f"--data_path={folder}", run, *flags]) == 2
        assert capsys.readouterr().err == (
            f"error: {folder}/train: pair {named}: holds 5 channel(s) where 2 are asked for; set "
            "--input_nc and --output_nc to what the files have\n"
        )
        assert not (tmp_path / "run").exists()

    def test_what_older_programs_have_packed_does_not_say(self, tmp_path):
        folder = self.packed(tmp_path, [2, 2]) / "train"
        index = json.loads((folder / "packed.json").read_text())
        del index["examples"]
        (folder / "packed.json").write_text(json.dumps(index))
        form = PairFormat("AtoB", 2, 1, (64, 64), (64, 64), layout="folders")
        assert len(check_pairs(list_pairs(str(folder), layout="folders"), form).pairs) == 2
