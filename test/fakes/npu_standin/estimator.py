"""NPUEstimator and NPUEstimatorSpec."""

import os
import sys

import tensorflow.compat.v1 as tf
from tensorflow.python.util import function_utils
from tensorflow_estimator.python.estimator import estimator as estimator_lib

from npu_standin import (
    DeviceFatalError,
    device_checks,
    graphs,
    hooks,
    host_call,
    job,
    loop,
    overflow,
    parameter_map,
)
from npu_standin.recording import record
from npu_standin.run_config import BaseRunConfig

_TRAIN, _EVAL = tf.estimator.ModeKeys.TRAIN, tf.estimator.ModeKeys.EVAL


class NPUEstimatorSpec(tf.estimator.EstimatorSpec):
    """An EstimatorSpec with a host call. `_replace` makes a plain one, as with the real one."""

    def __new__(
        cls,
        mode,
        predictions=None,
        loss=None,
        train_op=None,
        eval_metric_ops=None,
        export_outputs=None,
        training_chief_hooks=None,
        training_hooks=None,
        scaffold=None,
        evaluation_hooks=None,
        prediction_hooks=None,
        host_call=None,
    ):
        if host_call is not None:
            _validate("host_call", host_call)
        spec = super().__new__(
            cls,
            mode=mode,
            predictions=predictions,
            loss=loss,
            train_op=train_op,
            eval_metric_ops=eval_metric_ops,
            export_outputs=export_outputs,
            training_chief_hooks=training_chief_hooks,
            training_hooks=training_hooks,
            scaffold=scaffold,
            evaluation_hooks=evaluation_hooks,
            prediction_hooks=prediction_hooks,
        )
        spec._host_call = host_call
        return spec


_validate = host_call.validate  # In the constructor above, the name is an argument's.


class BaseEstimator(tf.estimator.Estimator):
    """What the flavours' NPUEstimator share; `_make_saver(config)` is theirs."""

    def __init__(
        self,
        model_fn=None,
        model_dir=None,
        config=None,
        params=None,
        job_start_file="",
        warm_start_from=None,
    ):
        if not isinstance(config, BaseRunConfig):
            raise ValueError("`config` must be provided with type `NPUConfigs`")
        estimator_lib._verify_model_fn_args(model_fn, params)
        config = parameter_map.add_npu_optimizer(config)
        if job_start_file:
            raise NotImplementedError("the stand-in takes the job from the environment alone")
        if not job.NPUBasics().job_id:
            raise ValueError(
                "Load job info failed, please check whether `JOB_ID` is set in environment variable"
            )
        model_dir = _model_dir(model_dir, config)
        warm_start_from = warm_start_from or os.environ.get("RESTORE_FROM")
        record(
            "estimator",
            model_dir=model_dir,
            warm_start=None if warm_start_from is None else str(warm_start_from),
            optimizers=list(config.session_config.graph_options.rewrite_options.optimizers),
            parameter_map=parameter_map.written(config),
        )
        super().__init__(
            model_fn=self._augmented(model_fn, model_dir, config),
            model_dir=model_dir,
            config=config,
            params=params or {},
            warm_start_from=warm_start_from,
        )

    def _augmented(self, user_model_fn, model_dir, config):
        taken = set(function_utils.fn_args(user_model_fn))

        def model_fn(features, labels, mode, params):
            offered = {"labels": labels, "mode": mode, "params": params, "config": config}
            spec = user_model_fn(
                features=features, **{name: offered[name] for name in offered if name in taken}
            )
            if mode == _TRAIN:
                spec = self._wrap_training(spec, model_dir, config)
            elif mode == _EVAL:
                spec = _wrap_evaluation(spec)
            _meet_device(config, spec, mode)
            return spec

        return model_fn

    def _wrap_training(self, spec, model_dir, config):
        _check_spec(spec, "train")
        has_log_channel = isinstance(spec, NPUEstimatorSpec)
        npu_hooks = []
        if job.rank_size() > 1:
            npu_hooks.append(hooks.NPUBroadcastGlobalVariablesHook(0, job.rank_id()))
        if config.save_checkpoints_steps or config.save_checkpoints_secs:
            npu_hooks.append(
                hooks.NPUCheckpointSaverHook(
                    checkpoint_dir=model_dir,
                    save_secs=config.save_checkpoints_secs,
                    save_steps=config.save_checkpoints_steps,
                    saver=self._make_saver(config),
                )
            )
        if has_log_channel:
            spec, more = _add_host_call(spec, _TRAIN, spec.train_op)
            npu_hooks.extend(more)
        if config.iterations_per_loop > 1:
            npu_hooks.append(hooks.SetIterationsVarHook(config.iterations_per_loop))
            spec = spec._replace(train_op=tf.group(spec.train_op, name="IterationOp"))
        spec = spec._replace(training_hooks=(*npu_hooks, *spec.training_hooks))
        overflow.check_labels()
        graphs.is_step(spec.train_op)
        _survey_step(spec, config)
        return spec


def _check_spec(spec, doing):
    if not isinstance(spec, tf.estimator.EstimatorSpec):
        raise RuntimeError(
            f"estimator_spec used by NPU {doing} must have type "
            f"`NPUEstimatorSpec` or `EstimatorSpec`. Got {type(spec)}"
        )


def _wrap_evaluation(spec):
    _check_spec(spec, "evaluate")
    if not isinstance(spec, NPUEstimatorSpec):
        return spec
    spec, npu_hooks = _add_host_call(spec, _EVAL, spec.loss)
    return spec._replace(evaluation_hooks=(*npu_hooks, *spec.evaluation_hooks))


def _add_host_call(spec, mode, after):
    """Returns the spec with the host call's sending in it, and the hooks of the device's log."""
    npu_hooks = [hooks.NPULogOutfeedSessionHook(sys.stderr)]
    call = spec._host_call
    if call is not None:
        spec = spec._replace(loss=host_call.send(call, mode, after, spec.loss))
        received = host_call.receive(call, mode)
        npu_hooks.insert(0, hooks.NPUInfeedOutfeedSessionHook(received, mode))
    return spec, npu_hooks


def _survey_step(spec, config):
    """Sinks the step if there is a loop, and records what the device would say to it."""
    operations = loop.step_operations([spec.train_op, spec.loss])
    found = device_checks.survey(operations)
    names = [operation.name for operation in spec.train_op.graph.get_operations()]
    record(
        "training_graph",
        iteration_ops=[name for name in names if name.split("/")[-1].startswith("IterationOp")],
        **found,
    )
    # The device finds the step by this name, and makes no loop if another operation has it.
    if config.iterations_per_loop == 1 or spec.train_op.name != "IterationOp":
        return
    if found["host_only"]:
        raise DeviceFatalError(
            f"the step cannot be sunk: {', '.join(found['host_only'])} run on the host alone"
        )
    # Checked before the loop is made, whose own operations would hide the iterator.
    device_checks.check_iterators(spec.train_op.graph, config.iterations_per_loop)
    loop.sink(spec.train_op, spec.loss)


def _meet_device(config, spec, mode):
    """Does what the first run in a session would do; the session is made right after this."""
    device_checks.check_parameters(parameter_map.written(config), config.limits)
    device_checks.check_iterators(tf.get_default_graph(), config.iterations_per_loop)
    kind = {_TRAIN: "training", _EVAL: "evaluation"}.get(mode, "prediction")
    record(
        "estimator_spec",
        live=spec,
        mode=mode,
        type=type(spec).__name__,
        hooks=[type(hook).__name__ for hook in getattr(spec, f"{kind}_hooks")],
        train_op=None if spec.train_op is None else spec.train_op.name,
        global_variables=[variable.op.name for variable in tf.global_variables()],
        local_variables=[variable.op.name for variable in tf.local_variables()],
    )


def _model_dir(model_dir, config):
    if None not in (model_dir, config.model_dir) and model_dir != config.model_dir:
        raise ValueError(
            "model_dir are set both in NPUEstimator and NPURunConfig, but with different values. "
            f"In constructor: '{model_dir}', in NPURunConfig: '{config.model_dir}' "
        )
    return model_dir or config.model_dir
