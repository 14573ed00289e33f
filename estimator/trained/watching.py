"""Translating the pictures that arrive in a folder, until a signal ends it."""

import os
import sys
import time

from estimator.devices.prediction import keep_memory
from estimator.errors import OptionsError, RunError
from estimator.options.predict_flags import STREAM
from estimator.trained.input_pictures import EXTENSIONS
from estimator.trained.opening import open_predictor
from estimator.trained.output_files import output_names
from estimator.trained.picture_line import translate_all
from input_fn import remove_leftovers

_SECONDS = 0.5  # Between two looks. A file that has not changed in between is taken for whole.


def watch_pictures(options, interruption):
    """Translates what is in a folder and what arrives in it.

    Args:
        options: From `parse_predict_options`, with `watch`.
        interruption: `Interruption`, which is listening; a signal is the way to end.

    Raises:
        OptionsError: The model cannot be used, or the folders not.
        RunError: The memory does not suffice, or the folder is gone.
    """
    _check_folders(options.watch, options.output)
    keep_memory(options.device)
    with open_predictor(options, options.batch_size) as predictor:
        if predictor.pair_format.inputs:
            raise OptionsError(
                f"--watch {options.watch}: this network joins several files to one input; use "
                "--input"
            )
        remove_leftovers(options.output)
        arrivals = Arrivals(options.watch, options.output)
        print(f"watching {options.watch}, results go to {options.output}; Ctrl-C ends", flush=True)
        notice = "ending after the pictures that are being translated"
        with interruption.deferred(notice):
            while interruption.number is None:
                due = arrivals.take(options.batch_size)
                if due:
                    translate_all(due, predictor, options, _complain, _say_done, threads=0)
                else:
                    time.sleep(_SECONDS)
                    arrivals.look()


def _complain(line):
    print(line, file=sys.stderr, flush=True)


def _say_done(target):
    print(os.path.abspath(target), flush=True)


def _check_folders(folder, output):
    if not os.path.isdir(folder):
        raise OptionsError(f"--watch {folder}: is no folder; make it first, or name another")
    is_file = os.path.exists(output) and not os.path.isdir(output)
    if output == STREAM or is_file or output.lower().endswith(".png"):
        raise OptionsError(f"--output {output}: with --watch results go to a folder; name one")
    if os.path.realpath(output) == os.path.realpath(folder):
        raise OptionsError(
            f"--output {output}: is the folder of --watch, where results would be translated "
            "again; name another"
        )


class Arrivals:
    """The pictures of a folder that are whole and have not been translated.

    Args:
        folder: Pictures in its subfolders are left alone.
        output: Folder of the results. What has a result there that is newer is taken for done.
    """

    def __init__(self, folder, output):
        self._folder = folder
        self._output = output
        self._seen = {}
        self._done = {}
        self._due = []
        self.look()

    def look(self):
        """Looks for what has arrived and has not changed since the last look.

        Raises:
            RunError: The folder is gone.
        """
        pictures = self._pictures()
        states = {picture: _state(picture) for picture in pictures}
        names = output_names(pictures) if pictures else []
        for picture, name in zip(pictures, names):
            target = os.path.join(self._output, name)
            state = states[picture]
            if state != self._seen.get(picture) or self._is_done(picture, state, target):
                continue
            self._done[picture] = (state, target)
            self._due.append((picture, target))
        self._seen = states
        # What is removed, and comes again, is another picture.
        self._done = {picture: done for picture, done in self._done.items() if picture in states}

    def take(self, number):
        """Takes some pictures off the list: at most so many (picture, target)."""
        taken, self._due = self._due[:number], self._due[number:]
        return taken

    def _pictures(self):
        try:
            names = os.listdir(self._folder)
        except OSError as error:
            raise RunError(
                f"--watch {self._folder}: cannot be read any more ({error.strerror}); make it "
                "again and start anew"
            ) from None
        return sorted(
            os.path.join(self._folder, name)
            for name in names
            if name.lower().endswith(EXTENSIONS)
            and not name.startswith(".")
            and not os.path.isdir(os.path.join(self._folder, name))
        )

    def _is_done(self, picture, state, target):
        if picture in self._done:
            return self._done[picture] == (state, target)
        try:
            return os.path.getmtime(target) >= os.path.getmtime(picture)
        except OSError:
            return False


def _state(path):
    """Says by what a file that is being written can be told from one that is whole."""
    try:
        found = os.stat(path)
    except OSError as error:
        return error.errno
    return found.st_size, found.st_mtime_ns
