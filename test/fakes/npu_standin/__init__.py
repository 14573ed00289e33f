"""What both flavours of the stand-in for npu_bridge share.

A flavour (`npu_old`, about release r1.5 of July 2021; `npu_new`, about master of December 2023) is
chosen by what comes first on the path, together with the folder that holds them:

    PYTHONPATH=test/fakes/npu_old:test/fakes python estimator/train.py --device=npu ...

Environment variables, for runs in processes of their own:

    NPU_STANDIN_RECORD    File that gets what was recorded, as JSON, when the process ends;
                          `{rank}` in it becomes RANK_ID. See `recording` for the events.
    NPU_STANDIN_OVERFLOW  Where gradients overflow, say "discriminator:3,generator:5"; see
                          `overflow`.

`DeviceFatalError` stands for what aborts the process on the real thing, in its C++ part.
"""

from npu_standin.errors import DeviceFatalError

__all__ = ["DeviceFatalError"]
