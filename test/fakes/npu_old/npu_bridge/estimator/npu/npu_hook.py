from npu_standin import hooks
from npu_standin.hooks import (
    NPUBroadcastGlobalVariablesHook,
    NPUCheckpointSaverHook,
    NPUInfeedOutfeedSessionHook,
    NPULogOutfeedSessionHook,
    NPUOutputTensorHook,
    NPUShutDownHook,
    SetIterationsVarHook,
)

__all__ = [
    "NPUBroadcastGlobalVariablesHook",
    "NPUCheckpointSaverHook",
    "NPUInfeedOutfeedSessionHook",
    "NPULogOutfeedSessionHook",
    "NPUOutputTensorHook",
    "NPUShutDownHook",
    "SetIterationsVarHook",
    "broadcast_global_variables",
]


def broadcast_global_variables(root_rank, index):
    return hooks.broadcast_trainable_variables(root_rank)
