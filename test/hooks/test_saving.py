import glob
import os

import pytest
import tensorflow.compat.v1 as tf

from hooks.saving import CheckpointHook


class Saves(tf.train.CheckpointSaverListener):
    """Keeps the steps at which something is saved."""

    def __init__(self):
        self.steps = []

    def before_save(self, session, global_step_value):
        self.steps.append(int(global_step_value))


@pytest.fixture
def folder(tmp_path):
    yield str(tmp_path / "run")
    tf.summary.FileWriterCache.clear()


def train(training, folder, advances, every_steps):
    """Trains from the newest checkpoint on, and returns the steps of which one was saved."""
    listener = Saves()
    with training.graph.as_default():
        hook = CheckpointHook(folder, every_steps, listeners=[listener])
        with training.session([hook], checkpoint_dir=folder) as make_run:
            for advance in advances:
                make_run(advance)
    return listener.steps


def names(folder):
    return {os.path.basename(path) for path in glob.glob(os.path.join(folder, "*"))}


def graphs_in_events(folder):
    """Lists the graphs that TensorBoard finds, less empty ones, by the names of their nodes."""
    tf.summary.FileWriterCache.clear()  # Closes the files.
    found = []
    for path in glob.glob(os.path.join(folder, "events.*")):
        for event in tf.train.summary_iterator(path):
            graph = tf.GraphDef.FromString(event.graph_def)
            if graph.node:
                found.append({node.name for node in graph.node})
    return found


@pytest.mark.parametrize(
    ("advances", "every_steps", "saved"),
    [
        ([1] * 7, 3, [3, 6, 7]),
        ([1] * 6, 3, [3, 6]),
        ([1] * 2, 3, [2]),
        ([1] * 3, 1, [1, 2, 3]),
        ([1, 0, 0, 1], 1, [1, 2]),  # Steps that were skipped.
    ],
)
def test_it_saves_every_so_many_steps_and_at_the_end(
    training, folder, advances, every_steps, saved
):
    assert train(training, folder, advances, every_steps) == saved
    for step in saved:
        assert f"model.ckpt-{step}.index" in names(folder)
    assert "model.ckpt-0.index" not in names(folder)


def test_what_was_restored_is_not_saved_again(training, training_from, folder):
    train(training, folder, [1] * 4, 3)
    path = os.path.join(folder, "model.ckpt-4.index")
    before = os.stat(path).st_mtime_ns, os.stat(path).st_ino
    assert train(training_from(0), folder, [1] * 4, 3) == [7, 8]
    assert (os.stat(path).st_mtime_ns, os.stat(path).st_ino) == before


def test_a_run_that_got_nowhere_leaves_a_checkpoint_all_the_same(training, folder):
    assert train(training, folder, [0, 0], 3) == [0]


def test_tensorboard_gets_the_graph_once_and_nothing_is_written_as_text(training, folder):
    train(training, folder, [1] * 4, 2)
    assert "graph.pbtxt" not in names(folder)
    (graph,) = graphs_in_events(folder)
    assert training.step.op.name in graph


def test_between_checkpoints_a_step_is_one_run_of_the_session(training, folder, monkeypatch):
    runs, session_type = [], tf.Session.__mro__[1]
    original = session_type.run

    def run(session, *arguments, **options):
        runs.append(arguments)
        return original(session, *arguments, **options)

    monkeypatch.setattr(session_type, "run", run)
    with training.graph.as_default():
        hook = CheckpointHook(folder, 100)
        with training.session([hook]) as make_run:
            before = len(runs)
            for _ in range(5):
                make_run()
            assert len(runs) - before == 5
