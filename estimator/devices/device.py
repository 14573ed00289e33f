"""What every device is and does; `choose_device` picks one."""

import abc

# By this much the seeds of ranks differ, more than what is added to a seed for a layer.
SEED_STRIDE = 1000003


class Device(abc.ABC):
    """Where a run computes: this process's part of it.

    Making a device looks at the machine and the environment, and changes neither:
    `prepare_process` does that.

    Attributes:
        rank: The number of this process among those that train together, from 0.
        size: The number of these processes.
        is_chief: Whether this is rank 0, which scores, freezes and writes results.
        owns_folder: Whether the checkpoint folder is this process's own to write to.
        description: One line on what was chosen and why.
        steps_per_run: The training steps made by one `session.run`.
        runs_many_graphs: Whether another set of fetches costs nothing to speak of; if not, weights
            are not looked at before they are saved.
        session_writes_summaries: Whether summaries can be fetched by `session.run`; if not,
            `training_spec` sees to them.
        operations: `model_fn.Operations` to compute a training step with.
        prediction_dtype: Name of the type that `make_predictor`'s convolutions are to be built in.
        optimizer_state: What the optimizers keep in a checkpoint beside Adam's moments, in words;
            where it differs, a run cannot be resumed.
    """

    prediction_dtype = "float32"

    @abc.abstractmethod
    def prepare_process(self):
        """Prepares the whole process for this device; nothing of it can be undone.

        To be called once in a process, before a graph or an Estimator is made.
        """

    @abc.abstractmethod
    def make_estimator(self, model_fn):
        """Builds the Estimator that trains.

        Args:
            model_fn: From `build_model_fn`.

        Returns:
            A `tf.estimator.Estimator`, for `train`.
        """

    def train(self, estimator, input_fn, max_steps, listeners):
        """Trains to a step.

        Args:
            estimator: From `make_estimator`.
            input_fn: Function that returns the dataset.
            max_steps: The global step at which training ends.
            listeners: List of `tf.train.CheckpointSaverListener`.
        """
        estimator.train(input_fn, max_steps=max_steps, saving_listeners=listeners)

    @abc.abstractmethod
    def make_evaluator(self, model_fn):
        """Builds the Estimator that scores checkpoints during training, of this process alone.

        Args:
            model_fn: From `build_model_fn`.

        Returns:
            A `tf.estimator.Estimator`, of which only `evaluate` is to be used.
        """

    @abc.abstractmethod
    def make_predictor(self, model_fn):
        """Builds the Estimator that evaluates and predicts when nothing else runs.

        Args:
            model_fn: From `build_model_fn`.

        Returns:
            A `tf.estimator.Estimator`.
        """

    @abc.abstractmethod
    def wrap_optimizer(self, optimizer, name):
        """Gives an optimizer what the device needs: exchange of gradients, loss scaling.

        Variables are made in the present variable scope.

        Args:
            optimizer: `tf.train.Optimizer`.
            name: Of its network, for `scaling_state`.

        Returns:
            The optimizer to use.
        """

    @abc.abstractmethod
    def scaling_state(self, name):
        """Reads the loss scale of a network and its number of skipped steps.

        Args:
            name: As it was given to `wrap_optimizer`.

        Returns:
            Dict of scalar tensors `loss_scale`, float32, and `skipped_steps`, int64, as they are
            after the operations that this is called under control of; empty without scaling.
        """

    @abc.abstractmethod
    def dropout(self, x, rate, seed, step):
        """Drops a share `rate` of x and scales the rest up, so that the mean stays.

        Args:
            x: float32 tensor of static shape.
            rate: Share to drop, 0 <= rate < 1.
            seed: Whole number.
            step: The global step, int64 scalar.

        Returns:
            A tensor like x.
        """

    @abc.abstractmethod
    def training_spec(self, summaries, **fields):
        """Builds the EstimatorSpec of training.

        Args:
            summaries: `TrainingSummaries`, for a device whose session writes none.
            **fields: Of the spec.

        Returns:
            A `tf.estimator.EstimatorSpec`, or what the device's Estimator takes for one.
        """

    def training_hooks(self):
        """Lists hooks that the device wants in training beside those of the run."""
        return []
