"""The hooks of npu_hook."""

import os
import threading

import tensorflow.compat.v1 as tf
from tensorflow.python.ops import summary_ops_v2

from npu_standin import hccl_ops, loop, npu_ops, ranks, util
from npu_standin.recording import record


class NPUBroadcastGlobalVariablesHook(tf.train.SessionRunHook):
    """Broadcasts the trainable variables, whatever its name says, and none of the others."""

    def __init__(self, root_rank=None, index=None):
        self._root_rank = root_rank
        self._broadcast_op = None

    def begin(self):
        if ranks.rank_size() > 1:
            self._broadcast_op = broadcast_trainable_variables(self._root_rank)

    def after_create_session(self, session, coord):
        if self._broadcast_op is not None:
            session.run(self._broadcast_op)
            record("broadcast_run")


def broadcast_trainable_variables(root_rank):
    variables = tf.trainable_variables()
    record("broadcast", root_rank=root_rank, variables=[variable.op.name for variable in variables])
    return tf.group(
        [tf.assign(each, hccl_ops.broadcast([each], root_rank)[0]) for each in variables]
    )


class NPUCheckpointSaverHook(tf.train.CheckpointSaverHook):
    """Saves; TensorFlow adds no saver of its own when it sees this one."""

    def __init__(
        self,
        checkpoint_dir,
        save_secs=None,
        save_steps=None,
        saver=None,
        checkpoint_basename="model.ckpt",
        scaffold=None,
        listeners=None,
    ):
        super().__init__(
            checkpoint_dir, save_secs, save_steps, saver, checkpoint_basename, scaffold, listeners
        )

    def after_run(self, run_context, run_values):
        step = run_context.session.run(self._global_step_tensor)
        tf.logging.info(f"global_step...{step}")
        super().after_run(run_context, run_values)


class SetIterationsVarHook(tf.train.SessionRunHook):
    """Tells the device how many iterations its loop has."""

    def __init__(self, iterations_per_loop=None):
        self._iterations_per_loop = iterations_per_loop

    def begin(self):
        self._variables = util.loop_variables()

    def after_create_session(self, session, coord):
        util.load_loop_variables(self._variables, self._iterations_per_loop, session)
        loop.install(session)


class NPULogOutfeedSessionHook(tf.train.SessionRunHook):
    """Carries tf.print from the device to a stream; here tf.print writes by itself."""

    def __init__(self, output_stream):
        self._output_stream = output_stream


class NPUInfeedOutfeedSessionHook(tf.train.SessionRunHook):
    """Runs a host call's operations in a thread, once for each step, until the channel ends."""

    def __init__(self, dequeue_ops, channel_name):
        self._dequeue_ops = dequeue_ops
        self._channel_name = channel_name

    def begin(self):
        self._init_ops = summary_ops_v2.summary_writer_initializer_op()
        self._flush_ops = [
            summary_ops_v2.flush(writer=operation.inputs[0]) for operation in self._init_ops
        ]
        self._stop_op = npu_ops.stop_outfeed_dequeue_op(self._channel_name)

    def after_create_session(self, session, coord):
        session.run(self._init_ops)
        self._error = None
        self._thread = threading.Thread(target=self._receive, args=(session,), daemon=True)
        self._thread.start()

    def end(self, session):
        session.run(self._stop_op)
        self._thread.join()
        session.run(self._flush_ops)
        if self._error is not None:
            raise self._error

    def _receive(self, session):
        try:
            while True:
                session.run(self._dequeue_ops)
        except tf.errors.OutOfRangeError:
            return
        except Exception as error:  # Of the host call's function; the training's thread raises it.
            self._error = error


class NPUShutDownHook(tf.train.SessionRunHook):
    """Stops the device's system at the end."""

    def __init__(self, scaffold=None):
        self._scaffold = scaffold

    def begin(self):
        self._shutdown_op = npu_ops.NPUShutdown()

    def end(self, session):
        session.run(self._shutdown_op)


class NPUOutputTensorHook(tf.train.LoggingTensorHook):
    """Hands the values of tensors to a function, those of several runs at a time."""

    def __init__(self, tensors, dependencies=None, output_fn=None, output_every_n_steps=0):
        self._output_fn = output_fn
        self._output_every_n_steps = output_every_n_steps
        self._collected = []
        self._runs = 0
        if dependencies is not None:
            if not isinstance(dependencies, (tuple, list)):
                dependencies = [dependencies]
            with tf.control_dependencies(dependencies):
                tensors = {tag: tf.identity(tensor) for tag, tensor in tensors.items()}
        super().__init__(tensors, every_n_iter=1 << 31)

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(self._current_tensors)

    def after_run(self, run_context, run_values):
        self._collected.append({tag: run_values.results[tag] for tag in self._tag_order})
        self._runs += 1
        # With the default of 0 this is a ZeroDivisionError, as in the real one.
        if self._runs % self._output_every_n_steps == 0:
            self._hand_over()

    def end(self, session):
        if self._collected:
            self._hand_over()

    def _hand_over(self):
        self._output_fn(self._collected)
        self._collected = []


class TellMeStepOrLossHook(tf.train.SessionRunHook):
    """Puts the step and the loss into environment variables."""

    def __init__(self, step=None, total_step=None, loss=None, final_loss=None):
        if step is None and loss is None:
            raise ValueError("One of step or loss must be specified")
        self._fetches = {
            name: tensor
            for name, tensor in (("STEP_NOW", step), ("LOSS_NOW", loss))
            if tensor is not None
        }
        for name, value in (("TOTAL_STEP", total_step), ("TARGET_LOSS", final_loss)):
            if value is not None:
                os.environ[name] = str(value)

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(self._fetches)

    def after_run(self, run_context, run_values):
        for name, value in run_values.results.items():
            os.environ[name] = str(value)
