"""What both flavours of the stand-in for npu_bridge share.

It holds what this project can reach, and nothing else: any other name of npu_bridge, and all of the
`hccl` package, is missing here, so that its use is met as an ImportError or AttributeError.

A flavour (`npu_old`, about release r1.5 of July 2021; `npu_new`, about master of December 2023) is
chosen by what comes first on the path, together with the folder that holds them:

    PYTHONPATH=test/fakes/npu_old:test/fakes python estimator/train.py --device=npu ...

Environment variables, for runs in processes of their own:

    NPU_STANDIN_RECORD    File that gets what was recorded, as JSON, when the process ends;
                          `{rank}` in it becomes RANK_ID, or "alone". Events: see `recording`.
    NPU_STANDIN_OVERFLOW  Where gradients overflow, say "discriminator:3,generator:5@1"; see
                          `overflow`.
    NPU_STANDIN_PORT      Where the ranks of this machine meet; see `exchange`.

`DeviceFatalError` stands for what aborts the process on the real thing, in its C++ part.
"""


class DeviceFatalError(RuntimeError):
    """The real thing would die here: its C++ part refuses by a fatal log message."""
