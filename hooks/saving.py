"""When a checkpoint is saved, and what is to be done whenever one is."""

import tensorflow.compat.v1 as tf


class CheckpointHook(tf.train.CheckpointSaverHook):
    """Saves a checkpoint every so many steps and at the end, and none at the beginning.

    TensorFlow's own writes at the beginning what it has just restored or drawn, and the graph four
    times, once as text. From the seed a new run draws the same again, and what was restored is
    there. TensorBoard gets the graph with the first checkpoint.

    Args:
        checkpoint_dir: The checkpoint folder.
        every_steps: Steps between checkpoints.
        listeners: List of `tf.train.CheckpointSaverListener`.
    """

    def __init__(self, checkpoint_dir, every_steps, listeners=()):
        self._folder = checkpoint_dir
        super().__init__(
            checkpoint_dir,
            save_steps=every_steps,
            listeners=[*listeners, _GraphForTensorBoard(checkpoint_dir)],
        )
        # Or TensorFlow asks for the step once more after each step.
        self._set_steps_per_run(1)

    def begin(self):
        """Opens the events, which whoever is first to does with the graph of that moment."""
        with tf.Graph().as_default():
            tf.summary.FileWriterCache.get(self._folder)
        super().begin()
        # Asked for as other hooks do: each further way to ask has TensorFlow prepare the graph.
        self._step = tf.train.get_or_create_global_step()

    def after_create_session(self, session, coord):
        """Starts counting at the step that was restored."""
        self._timer.update_last_triggered_step(int(session.run(self._step)))

    def end(self, session):
        """Saves the last step, and the first one if nothing else is there."""
        if tf.train.latest_checkpoint(self._folder) is None:
            self._timer.reset()
        super().end(session)


class CallBeforeSave(tf.train.CheckpointSaverListener):
    """Calls a function before each checkpoint, so that there is none without what that writes.

    Args:
        call: Function without arguments.
    """

    def __init__(self, call):
        self._call = call

    def before_save(self, session, global_step_value):
        """Calls it."""
        self._call()


class _GraphForTensorBoard(tf.train.CheckpointSaverListener):
    """Writes the graph to the events of a folder, once."""

    def __init__(self, folder):
        self._folder = folder
        self._is_written = False

    def before_save(self, session, global_step_value):
        """Writes it."""
        if not self._is_written:
            tf.summary.FileWriterCache.get(self._folder).add_graph(session.graph)
            self._is_written = True
