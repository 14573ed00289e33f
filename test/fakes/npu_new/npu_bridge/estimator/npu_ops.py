from npu_standin.npu_ops import (
    NPUInit,
    NPUShutdown,
    dropout,
    initialize_system,
    outfeed_dequeue_op,
    outfeed_enqueue_op,
    shutdown_system,
    stop_outfeed_dequeue_op,
)

__all__ = [
    "NPUInit",
    "NPUShutdown",
    "dropout",
    "initialize_system",
    "outfeed_dequeue_op",
    "outfeed_enqueue_op",
    "shutdown_system",
    "stop_outfeed_dequeue_op",
]
