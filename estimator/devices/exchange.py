"""The mean of the ranks' gradients where it is not left to TensorFlow's strategy."""

import tensorflow.compat.v1 as tf

from estimator.devices.collectives import FLOAT32

AUTO, GRADIENTS, FACTORS = EXCHANGES = ("auto", "gradients", "factors")

# Multiplying what all ranks have takes a rank longer than multiplying its own. So much arithmetic
# is taken to last as long as sending a byte: a core makes some 90e9 operations in a second in
# float32, and sent 0.3e9 bytes by the loopback interface; more cores are faster at both.
_OPERATIONS_PER_BYTE = 200


def ignored_exchange(options):
    """Lists, in words for a device's description, the flags of an exchange that there is none of.

    Args:
        options: `Options`.

    Returns:
        List of strings, one for each flag with another value than the default.
    """
    flags = {"exchange": (options.exchange, AUTO)}
    flags["exchange_dtype"] = (options.exchange_dtype, FLOAT32)
    return [
        f"--{name} {value} is for several CPUs or GPUs"
        for name, (value, default) in flags.items()
        if value != default
    ]


class Factors:
    """The pictures that gradients by kernels are products of.

    Args:
        size: The number of ranks.
    """

    def __init__(self, size):
        self._size = size
        self._products = {}

    def record(self, gradient, multiply, large, small):
        """Takes note of a gradient; see `model_fn.recorded`."""
        self._products[gradient.op] = (multiply, large, small)

    def of(self, gradient):
        """Finds what a gradient is the product of, if it is worth being sent in its place.

        Args:
            gradient: A tensor, of static shape.

        Returns:
            What was recorded: `multiply`, `large` and `small`; or None.
        """
        operation = gradient.op
        while operation.type == "Identity":
            operation = operation.inputs[0].op
        product = self._products.get(operation)
        if product is None or not self._pays(gradient, *product[1:]):
            return None
        return product

    def _pays(self, gradient, large, small):
        """Whether sending the pictures and multiplying those of all ranks takes less time."""
        kernel = gradient.shape.num_elements()
        pictures = large.shape.num_elements() + small.shape.num_elements()
        others = self._size - 1
        # A ring sends each sum twice, less the rank's own part of it; what is gathered once.
        fewer_bytes = 4 * others * (2 * kernel / self._size - pictures)
        operations = 2 * others * kernel * small.shape[:-1].num_elements()
        return operations < _OPERATIONS_PER_BYTE * fewer_bytes


class MeanOverHosts(tf.train.Optimizer):
    """Averages gradients over the ranks, and applies the means by another optimizer.

    Args:
        optimizer: `tf.train.Optimizer`, which divides the gradients of a rank by the number of
            ranks, as TensorFlow's own do where they train together.
        collectives: `Collectives`.
        factors: `Factors`, or None to exchange all gradients themselves.
    """

    def __init__(self, optimizer, collectives, factors=None):
        super().__init__(use_locking=False, name=f"MeanOverHosts{type(optimizer).__name__}")
        self._optimizer = optimizer
        self._collectives = collectives
        self._factors = factors
        self._are_means = set()

    def compute_gradients(self, loss, var_list=None, **options):
        """Computes gradients as the other optimizer does; those by factors are means already."""
        if self._factors is None:
            return self._optimizer.compute_gradients(loss, var_list=var_list, **options)
        # Otherwise each rank's own product would be waited for, which nothing else needs.
        options["gate_gradients"] = tf.train.Optimizer.GATE_NONE
        pairs = self._optimizer.compute_gradients(loss, var_list=var_list, **options)
        return [(self._mean_by_factors(*pair), pair[1]) for pair in pairs]

    def _mean_by_factors(self, gradient, variable):
        product = None if gradient is None else self._factors.of(gradient)
        if product is None:
            return gradient
        self._are_means.add(variable.name)
        multiply, large, small = product
        return multiply(self._of_all(large), self._of_all(small))

    def _of_all(self, pictures):
        return tf.concat(self._collectives.gather(pictures), axis=0)

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """Averages what is no mean yet, and applies them as the other optimizer does."""
        pairs = [pair for pair in grads_and_vars if pair[0] is not None]
        others = [pair for pair in pairs if pair[1].name not in self._are_means]
        sums = self._collectives.sums([gradient for gradient, _ in others])
        means = {variable.name: mean for mean, (_, variable) in zip(sums, others)}
        pairs = [(means.get(variable.name, gradient), variable) for gradient, variable in pairs]
        context = tf.distribute.get_replica_context()
        return context.merge_call(self._apply, args=(pairs, global_step, name))

    def _apply(self, strategy, pairs, global_step, name):
        return self._optimizer._distributed_apply(_Averaged(strategy), pairs, global_step, name)


class _Averaged:
    """A strategy to an optimizer whose gradients need not be reduced any more."""

    def __init__(self, strategy):
        self._strategy = strategy
        self.extended = self
        self.group = strategy.group

    def batch_reduce_to(self, reduce_op, pairs):
        del reduce_op
        return [gradient for gradient, _ in pairs]

    def __getattr__(self, name):
        return getattr(self._strategy.extended, name)
