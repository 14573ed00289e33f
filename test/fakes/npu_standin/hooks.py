"""The hooks of npu_hook that NPUEstimator adds."""

import threading

import tensorflow.compat.v1 as tf
from tensorflow.python.ops import summary_ops_v2

from npu_standin import graphs, hccl_ops, loop, npu_ops
from npu_standin.recording import record


class NPUBroadcastGlobalVariablesHook(tf.train.SessionRunHook):
    """Broadcasts the trainable variables, whatever its name says, and none of the others."""

    def __init__(self, root_rank=None, index=None):
        self._root_rank = root_rank

    def begin(self):
        variables = tf.trainable_variables()
        names = [variable.op.name for variable in variables]
        record("broadcast", root_rank=self._root_rank, variables=names)
        # All in one exchange; the real one makes one for each, in no order.
        received = hccl_ops.broadcast(variables, self._root_rank)
        self._broadcast_op = tf.group(*map(tf.assign, variables, received))

    def after_create_session(self, session, coord):
        session.run(self._broadcast_op)
        record("broadcast_run")


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

    def after_create_session(self, session, coord):
        graphs.watch(session)
        super().after_create_session(session, coord)

    def after_run(self, run_context, run_values):
        step = run_context.session.run(self._global_step_tensor)
        tf.logging.info(f"global_step...{step}")
        super().after_run(run_context, run_values)


class SetIterationsVarHook(tf.train.SessionRunHook):
    """Tells the device how many iterations its loop has."""

    def __init__(self, iterations_per_loop=None):
        self._iterations_per_loop = iterations_per_loop

    def begin(self):
        loop.variables()

    def after_create_session(self, session, coord):
        loop.install(session, self._iterations_per_loop)


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
