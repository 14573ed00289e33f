"""A generator that ONNX Runtime computes, for `Predictor`."""

import os
import re

from estimator.errors import OptionsError, RunError
from estimator.extras import import_extra
from model_fn import INPUT, OUTPUT

EXTRA = "onnx"  # Of setup.py.
NOTE_KEY = "note"  # Of the model's metadata: the note as JSON.
_FATAL = 4  # Severity of ONNX Runtime's log: what it logs as errors also comes as exceptions.
_FLOAT = "tensor(float)"
_NEWER = re.compile(r"Opset (\d+) is under development.* till opset (\d+)")
_PLACE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (.* failed:)?(/\S+:\d+ .*?\) (?=[A-Z]))?")


class OnnxNetwork:
    """A generator in an ONNX file, computed on the CPU by all cores that the process may use.

    Attributes:
        input_shape: List of the input's sides, None for those that are not fixed.
        output_shape: Likewise of the output.
        note: Text of the note in its metadata; None if there is none.
        takes_statistics: False: the statistics of its norms are those of each picture.

    Args:
        path: Of the file.
        source: Flag and value that named it, for messages.

    Raises:
        OptionsError: ONNX Runtime is missing, or the file is not the model of a generator.
    """

    takes_statistics = False

    def __init__(self, path, source):
        runtime = import_extra("onnxruntime", EXTRA, source)
        settings = runtime.SessionOptions()
        settings.log_severity_level = _FATAL
        # By itself it counts the machine's cores and binds a thread to each.
        settings.intra_op_num_threads = len(os.sched_getaffinity(0))
        try:
            with open(path, "rb"):
                pass
            self._session = runtime.InferenceSession(
                path, settings, providers=["CPUExecutionProvider"]
            )
        except OSError as error:
            raise OptionsError(
                f"{source}: cannot be read ({error.strerror}); name an .onnx file"
            ) from None
        except Exception as error:  # The runtime's have no class in common.
            raise OptionsError(
                f"{source}: cannot be loaded by ONNX Runtime {runtime.__version__} "
                f"({_reason(error)}); name an .onnx file that export.py wrote, or use a "
                "newer ONNX Runtime"
            ) from None
        ends = _only_end(self._session.get_inputs()), _only_end(self._session.get_outputs())
        if ends != ((INPUT, _FLOAT), (OUTPUT, _FLOAT)):
            raise OptionsError(
                f"{source}: is not from one float32 {INPUT} to one {OUTPUT}; name a model that "
                "export.py wrote"
            )
        self.input_shape = _sides(self._session.get_inputs()[0])
        self.output_shape = _sides(self._session.get_outputs()[0])
        self.note = self._session.get_modelmeta().custom_metadata_map.get(NOTE_KEY)

    def run(self, pictures):
        """Translates a batch.

        Args:
            pictures: float32 of `input_shape`.

        Returns:
            float32 of `output_shape`.

        Raises:
            RunError: ONNX Runtime fails, as for want of memory.
        """
        try:
            return self._session.run([OUTPUT], {INPUT: pictures})[0]
        except Exception as error:  # The runtime's have no class in common.
            raise RunError(
                f"ONNX Runtime fails ({_reason(error)}); try a smaller --batch_size"
            ) from None

    def close(self):
        """Lets go of the model."""
        self._session = None


def _only_end(ends):
    return (ends[0].name, ends[0].type) if len(ends) == 1 else None


def _sides(end):
    """Lists an end's sides; one that is not fixed has a name."""
    return [side if isinstance(side, int) else None for side in end.shape]


def _reason(error):
    """Takes from ONNX Runtime's message what it says, without where in its source it says so."""
    text = (str(error).splitlines() or [type(error).__name__])[0]
    newer = _NEWER.search(text)
    if newer:
        return f"it is of opset {newer.group(1)}, the runtime knows up to {newer.group(2)}"
    return _PLACE.sub("", text).rstrip(".")
