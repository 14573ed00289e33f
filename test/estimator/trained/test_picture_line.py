"""What is read, translated and written at the same time, with a network that only waits."""

import collections
import glob
import io
import os
import threading

import numpy as np
import pytest
from PIL import Image

from estimator.trained.picture_line import translate_all
from estimator.trained.predictor import Prepared
from input_fn import PairFormat

SECONDS = 20
SIZE = 4
Options = collections.namedtuple("Options", ["batch_size", "keep_size", "georeference"])


class Network:
    """Stands for `Predictor`; gives back what it gets, and says who is at what.

    `read` and `presented` count the pictures that have been read, and those whose writing has
    begun; `translating` is called for each batch.
    """

    pair_format = PairFormat("AtoB", 3, 3, (SIZE, SIZE), (SIZE, SIZE))
    kinds = frozenset(["png"])

    def __init__(self, translating=lambda network: None):
        self.changed = threading.Condition()
        self.read = self.presented = 0
        self.batches = []
        self.threads = set()
        self._translating = translating

    def _count(self, **more):
        with self.changed:
            self.read += more.get("read", 0)
            self.presented += more.get("presented", 0)
            self.threads.add(threading.current_thread())
            self.changed.notify_all()

    def wait_for(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), SECONDS), "nothing runs beside"

    def prepare(self, content):
        self._count(read=1)
        # The first pixel's red is the picture's number.
        with Image.open(io.BytesIO(content)) as picture:
            pixels = np.asarray(picture, np.float32)
        return Prepared(pixels / 127.5 - 1, np.array([SIZE, SIZE]))

    def translate(self, pictures):
        self.batches.append(len(pictures))
        self._translating(self)
        return pictures

    def present(self, prepared, output, keep_size):
        del prepared, keep_size
        self._count(presented=1)
        return np.uint8(np.round((output + 1) * 127.5)), output

    def tiff_tags(self, prepared, keep_size):
        del prepared, keep_size


@pytest.fixture
def work(tmp_path):
    """Six pictures, each of a brightness of its own, and where they go."""
    pairs = []
    for number in range(6):
        path = str(tmp_path / f"{number}.png")
        Image.new("RGB", (SIZE, SIZE), (number,) * 3).save(path)
        pairs.append((path, str(tmp_path / "out" / f"{number}.png")))
    return pairs


@pytest.fixture
def translate(work):
    """Translates them; returns the targets that were done, and the complaints."""

    def run(network, threads, batch_size=1):
        done, complaints = [], []
        options = Options(batch_size, False, "keep")
        translate_all(work, network, options, complaints.append, done.append, threads)
        return done, complaints

    return run


def brightness(path):
    with Image.open(path) as picture:
        return picture.getpixel((0, 0))[0]


@pytest.mark.parametrize("threads", [0, 1, 2, 4])
@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_each_picture_becomes_its_own_file_in_order(work, translate, threads, batch_size):
    done, complaints = translate(Network(), threads, batch_size)
    assert done == [target for _, target in work]
    assert [brightness(target) for _, target in work] == list(range(6))
    assert complaints == []


def test_the_next_are_read_and_the_last_is_written_while_one_is_translated(translate):
    def translating(network):
        number = len(network.batches)
        # Of six, the next one is read, and the one before is presented, before this one is done.
        network.wait_for(lambda net: net.read >= min(number + 1, 6))
        network.wait_for(lambda net: net.presented >= number - 1)

    network = Network(translating)
    done, _ = translate(network, threads=2)
    assert len(done) == 6
    assert threading.current_thread() not in network.threads


def test_no_more_is_read_than_is_soon_to_be_translated(translate):
    most = []
    network = Network(lambda net: most.append(net.read - len(net.batches)))
    translate(network, threads=2)
    assert max(most) <= 3


def test_without_threads_one_thing_is_done_after_the_other(translate):
    seen = []
    network = Network(lambda net: seen.append((net.read, net.presented)))
    translate(network, threads=0)
    assert seen == [(number + 1, number) for number in range(6)]
    assert network.threads == {threading.current_thread()}


@pytest.mark.parametrize("threads", [0, 2])
def test_what_cannot_be_read_is_named_in_its_turn_and_left_out_of_its_batch(
    work, translate, threads
):
    with open(work[1][0], "wb") as file:
        file.write(b"no picture")
    network = Network()
    done, complaints = translate(network, threads, batch_size=3)
    assert network.batches == [2, 3]
    assert done == [target for number, (_, target) in enumerate(work) if number != 1]
    assert [line.split(": ")[1] for line in complaints] == [work[1][0]]


@pytest.mark.parametrize("threads", [0, 2])
def test_an_error_ends_the_work_and_its_threads(work, translate, threads):
    def translating(network):
        if len(network.batches) == 2:
            raise KeyboardInterrupt

    network = Network(translating)
    with pytest.raises(KeyboardInterrupt):
        translate(network, threads)
    assert network.read < 6
    assert not any(thread.is_alive() for thread in network.threads - {threading.current_thread()})
    # The first result may be there or not, but then as a whole.
    names = glob.glob(os.path.join(os.path.dirname(work[0][1]), "*"))
    assert set(names) <= {work[0][1]}


@pytest.mark.parametrize("threads", [0, 2])
def test_a_file_that_cannot_be_written_ends_it_as_well(work, translate, threads):
    os.mkdir(os.path.dirname(work[0][1]))
    os.mkdir(work[0][1])  # A folder is where the first result should go.
    with pytest.raises(OSError, match="0.png"):
        translate(Network(), threads)
