"""What holds for all tests."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _caches_apart(tmp_path_factory):
    """Keeps what checks remember, here and in processes that are started, out of the user's own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
    yield
    patch.undo()
