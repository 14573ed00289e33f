import io

import pytest
import tensorflow.compat.v1 as tf

from hooks.bar import BarHook


class Terminal(io.StringIO):
    def __init__(self, is_looked_at):
        super().__init__()
        self.isatty = lambda: is_looked_at


@pytest.fixture
def shown(monkeypatch):
    """Evaluates three pictures and returns what is shown."""

    def run(is_looked_at):
        terminal = Terminal(is_looked_at)
        with tf.Graph().as_default(), monkeypatch.context() as patch:
            patch.setattr("sys.stderr", terminal)
            operation = tf.no_op()
            with tf.train.SingularMonitoredSession([BarHook(3, "val")]) as session:
                for _ in range(3):
                    session.run(operation)
        return terminal.getvalue()

    return run


def test_nothing_is_shown_where_nobody_looks(shown):
    assert shown(False) == ""


def test_a_terminal_shows_how_far_it_is_and_is_left_clean(shown):
    found = shown(True)
    assert "val:   0%" in found
    assert "| 0/3 " in found
    assert found.split("\r")[-2:] == [" " * len(found.split("\r")[-2]), ""]
