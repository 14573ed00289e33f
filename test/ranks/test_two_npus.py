"""Two ranks on the stand-in for npu_bridge, through an 8p script in a copy of the project."""

import json
import os
import pathlib

FAKES = pathlib.Path(__file__).resolve().parents[1] / "fakes"


def test_each_rank_has_a_table_and_a_folder_and_saves_for_itself(start, finish, project):
    output = finish(
        start(
            "train_performance_8p.sh",
            "--max_steps=2",
            "--precision_mode=allow_mix_precision",
            RANK_SIZE="2",
            PYTHONPATH=os.pathsep.join([str(FAKES / "npu_new"), str(FAKES)]),
        )
    )
    assert "device: npu" in output
    folder = project / "test" / "output"
    table = json.loads((folder / "rank_table_2p.json").read_text())
    assert len(table["server_list"][0]["device"]) == 2
    for rank in (0, 1):
        assert (folder / str(rank) / "ckpt" / "model.ckpt-2.index").exists()
    assert (folder / "0" / "frozen" / "model-2.pb").exists()
    assert not (folder / "1" / "frozen").exists()
