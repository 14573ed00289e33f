"""When a frozen graph of the generator is due."""

import tensorflow.compat.v1 as tf


class FrozenGraphHook(tf.train.SessionRunHook):
    """Has a frozen graph written at the end and, if asked, during training.

    Args:
        global_step: int64 scalar tensor, the step after the run's update.
        variables: The variables whose values go into the graph.
        save: Function of (step, values) that makes and writes the graph; values is a dict of full
            variable name to array.
        every_steps: Steps between graphs; 0 for the end only.
        clock: `TrainingClock`, stopped meanwhile.
        is_written: Function of a step that says whether its graph is there.
        is_cut_short: Function that says whether training is to end now, without a graph at its end.
    """

    def __init__(
        self,
        global_step,
        variables,
        save,
        every_steps,
        clock,
        is_written=lambda step: True,
        is_cut_short=lambda: False,
    ):
        self._step_after_run = global_step
        self._variables = {variable.op.name: variable for variable in variables}
        self._save = save
        self._every_steps = every_steps
        self._clock = clock
        self._is_written = is_written
        self._is_cut_short = is_cut_short

    def begin(self):
        """Makes reads of the step and the variables, before the graph is finalized."""
        self._global_step = tf.train.get_or_create_global_step()
        self._reads = {name: variable.value() for name, variable in self._variables.items()}

    def after_create_session(self, session, coord):
        """Starts counting at the step that was restored.

        A run that was killed before it could write that step's graph has it written now.
        """
        step = self._written_step = int(session.run(self._global_step))
        is_due = self._every_steps and step and step % self._every_steps == 0
        if is_due and not self._is_written(step):
            self._write(session)

    def before_run(self, run_context):
        """Asks for the step."""
        return tf.train.SessionRunArgs(self._step_after_run)

    def after_run(self, run_context, run_values):
        """Writes a graph when the step has crossed a multiple of `every_steps`."""
        step = int(run_values.results)
        if not self._every_steps:
            return
        if step // self._every_steps > self._written_step // self._every_steps:
            self._write(run_context.session)

    def end(self, session):
        """Writes the last graph, unless it is written or no step was made."""
        if self._is_cut_short():
            return
        if int(session.run(self._global_step)) != self._written_step:
            self._write(session)

    def _write(self, session):
        with self._clock.paused():
            step, values = session.run([self._global_step, self._reads])
            self._save(int(step), values)
            self._written_step = int(step)
