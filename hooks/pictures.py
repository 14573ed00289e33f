"""Pictures of training, beside the scalars that Estimator writes."""

import tensorflow.compat.v1 as tf


class PictureSummaryHook(tf.train.SummarySaverHook):
    """Writes summaries at steps of its own, in a file that another hook begins a session in.

    TensorFlow's hook would write that the session has begun, as Estimator's does at the same step;
    at the second such mark TensorBoard drops all that is of that step, the first scalars.

    Args:
        summary_op: Scalar string tensor, merged summaries.
        every_steps: Steps between them; the first are those of the first step.
        folder: Of the events.
    """

    def __init__(self, summary_op, every_steps, folder):
        super().__init__(
            save_steps=every_steps, summary_writer=_Writer(folder), summary_op=summary_op
        )


class _Writer:
    """What the hook asks of a `FileWriter`, without marks of sessions."""

    def __init__(self, folder):
        self._folder = folder

    def add_summary(self, summary, global_step):
        self._file().add_summary(summary, global_step)

    def add_session_log(self, session_log, global_step):
        pass

    def flush(self):
        self._file().flush()

    def _file(self):
        return tf.summary.FileWriterCache.get(self._folder)
