import os

import pytest

from estimator.devices.npu.environment import read_ranks, saving_rank, set_defaults
from estimator.errors import OptionsError

NAMES = ("JOB_ID", "RANK_ID", "RANK_SIZE", "ASCEND_DEVICE_ID")


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in NAMES:
        # Set first, so that what a test sets is unset after it.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_ranks_are_read_without_setting_anything(monkeypatch):
    assert read_ranks() == (0, 1)
    assert not set(NAMES) & set(os.environ)
    monkeypatch.setenv("RANK_SIZE", "8")
    monkeypatch.setenv("RANK_ID", "5")
    assert read_ranks() == (5, 8)


@pytest.mark.parametrize("name", ["RANK_ID", "RANK_SIZE"])
def test_what_is_no_number_is_refused_with_its_name(monkeypatch, name):
    monkeypatch.setenv(name, "two")
    with pytest.raises(OptionsError, match=f"^{name}=two in the environment"):
        read_ranks()


def test_a_rank_saves_for_itself_unless_the_launcher_names_another(monkeypatch):
    monkeypatch.delenv("PIX2PIX_SAVING_RANK", raising=False)
    assert saving_rank(3) == 3
    monkeypatch.setenv("PIX2PIX_SAVING_RANK", "8")
    assert saving_rank(9) == 8


def test_defaults_leave_what_is_set(monkeypatch):
    monkeypatch.setenv("RANK_ID", "1")
    set_defaults()
    found = {name: os.environ[name] for name in NAMES}
    assert found == {"JOB_ID": "10087", "RANK_ID": "1", "RANK_SIZE": "1", "ASCEND_DEVICE_ID": "0"}
