"""Several GPUs or CPUs, with TensorFlow's own MultiWorkerMirroredStrategy."""

import contextlib
import json
import os
from concurrent import futures

import tensorflow.compat.v1 as tf

from estimator.devices.collectives import ADDS_16_BITS, FLOAT32, Collectives
from estimator.devices.device import SEED_STRIDE
from estimator.devices.exchange import AUTO, FACTORS, GRADIENTS, Factors, MeanOverHosts
from estimator.devices.host import HostDevice
from estimator.errors import OptionsError
from hooks import CheckpointHook
from model_fn import recorded

_CLUSTER = "TF_CONFIG"
# From so many on, what is gathered in 16 bits is as much as what is reduced in 32.
_TOO_MANY_TO_GATHER = 4


class MultiHostDevice(HostDevice):
    """One of several workers, each with a GPU or the CPU, that train together.

    Each worker has its share of the files and its own batches; gradients are averaged over all
    workers, within the step.

    Args:
        options: `Options`.

    Raises:
        OptionsError: TF_CONFIG does not describe a cluster of workers, or as for `HostDevice`.
    """

    def __init__(self, options):
        workers, self.rank = _read_cluster(os.environ[_CLUSTER])
        self.size = len(workers)
        self.is_chief = self.owns_folder = self.rank == 0
        super().__init__(options)
        self._strategy = None
        self.description += f"; rank {self.rank} of {self.size} at {workers[self.rank]}"
        self._choose_exchange(one_machine=len({_host(worker) for worker in workers}) == 1)

    def _choose_exchange(self, one_machine):
        """Chooses what travels between the ranks, and says it where it is not float32 gradients."""
        dtype, exchange = self._options.exchange_dtype, self._options.exchange
        if dtype != FLOAT32 and self.size >= _TOO_MANY_TO_GATHER and not ADDS_16_BITS:
            raise OptionsError(
                f"--exchange_dtype {dtype}: TensorFlow {tf.__version__} exchanges no less by it "
                f"with {_TOO_MANY_TO_GATHER} ranks or more; leave it out"
            )
        if exchange == AUTO:
            # Other processors may round otherwise, and each rank multiplies the factors itself.
            exchange = FACTORS if one_machine and not self._uses_gpu else GRADIENTS
        self._factors = None
        if exchange == FACTORS and self._uses_gpu:
            exchange = GRADIENTS
            self.description += f"; --exchange {FACTORS} is for CPUs"
        elif exchange == FACTORS:
            self._factors = Factors(self.size)
            self.operations = recorded(self.operations, self._factors.record)
        is_plain = dtype == FLOAT32 and exchange == GRADIENTS
        if not is_plain:
            self.description += f"; {exchange} are exchanged in {dtype}"
        # TensorFlow's strategy sends all gradients as one, when the last is there.
        by_strategy = is_plain and self._uses_gpu
        self._collectives = None if by_strategy else Collectives(self.size, dtype)

    def prepare_process(self):
        """Sets up the collective operations, which cannot be done once something was computed."""
        super().prepare_process()
        self._strategy = tf.distribute.experimental.MultiWorkerMirroredStrategy()

    def make_estimator(self, model_fn):
        """Builds an Estimator that trains with the other workers.

        Raises:
            RuntimeError: The process is not prepared, without which this worker would train alone.
        """
        if self._strategy is None:
            raise RuntimeError("the process is not prepared; call prepare_process() first")
        # Without TensorFlow's own savers, which would write every checkpoint a second time, and on
        # the other workers into temporary folders: nothing that is saved here needs the others.
        config = self._run_config(train_distribute=self._strategy).replace(
            save_checkpoints_steps=None,
            save_checkpoints_secs=None,
            save_summary_steps=self._options.summary_freq if self.is_chief else None,
        )
        return tf.estimator.Estimator(model_fn, config=config)

    def train(self, estimator, input_fn, max_steps, listeners):
        """Trains with the other workers."""
        self._listeners = listeners
        train_spec = tf.estimator.TrainSpec(input_fn, max_steps=max_steps)
        # Asked for, but run by a task of the type "evaluator" only, which is not ours.
        eval_spec = tf.estimator.EvalSpec(input_fn, steps=1)
        # In a thread of its own, with which the server ends that TensorFlow starts and keeps in a
        # variable of the thread. In the main thread its end would come after that of the modules
        # which it needs, with an error on the last line of the log.
        with futures.ThreadPoolExecutor(max_workers=1) as executor:
            executor.submit(
                tf.estimator.train_and_evaluate, estimator, train_spec, eval_spec
            ).result()

    def wrap_optimizer(self, optimizer, name):
        """Adds loss scaling, if there is to be any, around the exchange of gradients."""
        if self._collectives is not None:
            optimizer = MeanOverHosts(optimizer, self._collectives, self._factors)
        return super().wrap_optimizer(optimizer, name)

    def training_spec(self, summaries, **fields):
        """Builds an EstimatorSpec with a saver that knows the listeners."""
        del summaries
        if not self.is_chief:
            return tf.estimator.EstimatorSpec(**fields)
        # `train_and_evaluate` cannot pass listeners to the saver that it would add.
        options = self._options
        saver = CheckpointHook(
            options.checkpoint_dir, options.save_checkpoints_steps, listeners=self._listeners
        )
        # First, as other devices have it, so that the hooks find a checkpoint where one was due.
        # What is called a chief's hook would come last here.
        hooks = [saver, *fields.pop("training_hooks")]
        return tf.estimator.EstimatorSpec(training_hooks=hooks, **fields)

    def make_evaluator(self, model_fn):
        """Builds an Estimator of this worker alone."""
        with _without_cluster():
            return super().make_evaluator(model_fn)

    def make_predictor(self, model_fn):
        """Builds an Estimator of this worker alone."""
        with _without_cluster():
            return super().make_predictor(model_fn)

    def dropout(self, x, rate, seed, step):
        """Drops values by noise that differs from worker to worker."""
        return super().dropout(x, rate, seed + SEED_STRIDE * self.rank, step)


def cluster_is_given():
    """Whether the environment describes a cluster of several workers."""
    return _CLUSTER in os.environ and len(_read_cluster(os.environ[_CLUSTER])[0]) > 1


def _host(address):
    """Finds the host in a worker's address, which is host:port."""
    return address.rpartition(":")[0]


def _read_cluster(text):
    """Reads TF_CONFIG into the workers' addresses, the chief first, and this worker's number."""
    try:
        config = json.loads(text)
        cluster = config.get("cluster", {})
        chiefs = cluster.get("chief", [])
        workers = [*chiefs, *cluster.get("worker", [])]
        task = config.get("task", {"type": "worker", "index": 0})
        rank = int(task["index"]) + (len(chiefs) if task["type"] == "worker" else 0)
        known = task["type"] in ("chief", "worker") and set(cluster) <= {"chief", "worker"}
    except (ValueError, KeyError, TypeError, AttributeError):
        known, workers, rank = False, [], 0
    if not known or not 0 <= rank < max(1, len(workers)):
        raise OptionsError(
            f"{_CLUSTER} in the environment does not describe a cluster of workers and this "
            'one\'s place in it; it must be like {"cluster": {"worker": ["host:port", ...]}, '
            '"task": {"type": "worker", "index": 0}}'
        )
    return workers, rank


@contextlib.contextmanager
def _without_cluster():
    """Hides TF_CONFIG from the RunConfig that is made within."""
    hidden = os.environ.pop(_CLUSTER)
    try:
        yield
    finally:
        os.environ[_CLUSTER] = hidden
