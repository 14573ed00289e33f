"""Programs within this process, by their command lines."""

import io

import pytest


@pytest.fixture(scope="session")
def call():
    """Runs a program that is to end with exit code 0; returns what it printed."""

    def printed_by(program, *arguments):
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", printed)
            code = program.main([*map(str, arguments)])
        assert code == 0, arguments
        return printed.getvalue()

    return printed_by
