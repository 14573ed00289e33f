"""What the device refuses when the first session runs: values, and operations in its graph."""

import json
import os
from collections import namedtuple

import tensorflow.compat.v1 as tf

from npu_standin import DeviceFatalError
from npu_standin.marks import type_of

Limits = namedtuple("Limits", ["precision_mode", "mixlist_modes", "aoe_mode"])
Limits.__doc__ = """The values that a flavour's device takes, as tuples of strings.

`mixlist_modes` are the precision modes with which `modify_mixlist` may be used.
"""

_HOST_ONLY = {
    "PyFunc",
    "PyFuncStateless",
    "EagerPyFunc",
    "ReadFile",
    "WholeFileReaderV2",
    "TFRecordReaderV2",
    "HashTableV2",
    "MutableHashTableV2",
    "LookupTableFindV2",
    "SaveV2",
    "RestoreV2",
    "StringJoin",
}
# Those that CANN leaves to the AI CPU, of which a step would wait for each.
_SLOW = {"IsNan", "IsInf"}
_UNSUPPORTED_TYPES = (tf.float64, tf.complex64, tf.complex128)


def check_parameters(parameters, limits):
    """Checks NpuOptimizer's parameters.

    Args:
        parameters: {key: [field, value]} of `parameter_map.written`.
        limits: `Limits`.

    Raises:
        DeviceFatalError: The device does not take a value.
    """
    values = {key: value for key, (_, value) in parameters.items()}
    _check_choice(values, "precision_mode", limits.precision_mode)
    _check_choice(values, "aoe_mode", limits.aoe_mode)
    _check_dump(values)
    _check_mixlist(values, limits)
    if values["iterations_per_loop"] != 1 and not values["enable_data_pre_proc"]:
        raise DeviceFatalError("iterations_per_loop needs enable_data_pre_proc")


def _check_choice(values, key, choices):
    if key in values and values[key] not in choices:
        raise DeviceFatalError(f"{key} is {values[key]!r}; it must be one of {', '.join(choices)}")


def _check_dump(values):
    if not (values["enable_dump"] or values["enable_dump_debug"]):
        return
    if values["enable_dump"] and values["enable_dump_debug"]:
        raise DeviceFatalError("enable_dump and enable_dump_debug exclude each other")
    path = values.get("dump_path")
    if path is None or not os.path.isdir(path) or not os.access(path, os.R_OK | os.W_OK):
        raise DeviceFatalError(f"dump_path {path!r} is no folder that can be read and written")
    _check_choice(values, "dump_mode", ("input", "output", "all"))
    _check_choice(values, "dump_debug_mode", ("aicore_overflow", "atomic_overflow", "all"))
    for part in values.get("dump_step", "0").split("|"):
        ends = part.split("-")
        if len(ends) > 2 or not all(end.isdigit() for end in ends):
            raise DeviceFatalError(f"dump_step {values['dump_step']!r} is not like 0|5|10-20")


def _check_mixlist(values, limits):
    if "modify_mixlist" not in values:
        return
    mode = values.get("precision_mode")
    if mode not in limits.mixlist_modes:
        raise DeviceFatalError(f"modify_mixlist cannot be used with the precision mode {mode}")
    # That the file has to be there and what it has to hold is inferred from what reads it.
    try:
        with open(values["modify_mixlist"]) as file:
            lists = json.load(file)
    except (OSError, ValueError) as error:
        raise DeviceFatalError(f"modify_mixlist cannot be read: {error}") from None
    unknown = sorted(set(lists) - {"black-list", "white-list", "gray-list"})
    if unknown:
        raise DeviceFatalError(f"modify_mixlist has an unknown list {unknown[0]}")


def check_iterators(graph, iterations_per_loop):
    """Refuses iterators that cannot be sunk, whatever the mode.

    Raises:
        DeviceFatalError: There is a one-shot iterator, and a loop.
    """
    types = {operation.type for operation in graph.get_operations()}
    if iterations_per_loop != 1 and "OneShotIterator" in types:
        raise DeviceFatalError("iterations_per_loop must be 1 with a OneShotIterator")


def survey(operations):
    """Finds what the device does not run, or not within a loop.

    Args:
        operations: Those of a training step.

    Returns:
        Dict of sorted names: `host_only` operations, `slow` ones, `dynamic_shapes` (outputs of
        unknown shape) and `dtypes` (outputs of a type that the device lacks).
    """
    found = {"host_only": set(), "slow": set(), "dynamic_shapes": set(), "dtypes": set()}
    for operation in operations:
        if operation.type in _HOST_ONLY and not type_of(operation):
            found["host_only"].add(operation.name)
        if operation.type in _SLOW:
            found["slow"].add(operation.name)
        for position, output in enumerate(operation.outputs):
            if _has_meaningful_shape(output, position) and not output.shape.is_fully_defined():
                found["dynamic_shapes"].add(operation.name)
            if output.dtype.base_dtype in _UNSUPPORTED_TYPES:
                found["dtypes"].add(operation.name)
    return {kind: sorted(names) for kind, names in found.items()}


def _has_meaningful_shape(output, position):
    # The sixth output of a batch norm is scratch space of cuDNN's, of no shape on other devices.
    is_scratch = position == 5 and output.op.type.startswith("FusedBatchNorm")
    return output.dtype not in (tf.resource, tf.variant) and not is_scratch
