"""Programs in processes of their own, forked from one that has imported TensorFlow.

Each has its own output, exit code and environment, as one that a user starts, and begins some
seconds earlier. The process that is forked has one thread and has never made a session.
"""

import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]


class WarmPrograms:
    """Runs entry points of `estimator`, one at a time; to be closed."""

    def __init__(self):
        # Libraries that start threads on import would be forked without them.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            universal_newlines=True,
            env=environment,
        )

    def run(self, program, *flags, before=""):
        """Runs a program to its end.

        Args:
            program: Name of a module of `estimator` that has `main`.
            *flags: Its command line.
            before: Python code that the process begins with.

        Returns:
            `subprocess.CompletedProcess` with what it printed, as text.
        """
        with tempfile.TemporaryDirectory() as folder:
            places = [os.path.join(folder, name) for name in ("output", "error")]
            request = {"program": program, "flags": flags, "before": before, "places": places}
            request["environment"] = dict(os.environ)
            print(json.dumps(request), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            output, error = (pathlib.Path(place).read_text() for place in places)
        return subprocess.CompletedProcess([program, *flags], code, output, error)

    def close(self):
        self._process.communicate()


def _become(request):
    """Makes this process what was asked for, and returns its exit code."""
    for number, place in enumerate([os.devnull, *request["places"]]):
        file = os.open(place, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [str(PROJECT / "estimator" / f"{request['program']}.py"), *request["flags"]]
    exec(request["before"], {})
    return importlib.import_module(f"estimator.{request['program']}").main()


def _serve():
    sys.path.insert(0, str(PROJECT))
    importlib.import_module("estimator.runtime").prepare_tensorflow()
    for name in ("run.training", "scores.test_phase", "train"):
        importlib.import_module(f"estimator.{name}")
    while True:
        line = sys.stdin.readline()
        if not line:
            return 0
        child = os.fork()
        if child == 0:
            return _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        print(code, flush=True)


if __name__ == "__main__":
    sys.exit(_serve())
