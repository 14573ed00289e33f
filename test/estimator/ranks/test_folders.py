import pytest
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.ranks.folders import align_ranks


@pytest.fixture
def folders(tmp_path):
    """Makes folders of ranks that have saved the given steps, the last one newest."""

    def made(*steps_of_ranks):
        result = []
        for rank, steps in enumerate(steps_of_ranks):
            folder = tmp_path / str(rank)
            folder.mkdir()
            for step in steps:
                (folder / f"model.ckpt-{step}.index").write_text("")
                (folder / f"model.ckpt-{step}.data-00000-of-00001").write_text("")
            if steps:
                (folder / "checkpoint").write_text(
                    f'model_checkpoint_path: "model.ckpt-{steps[-1]}"\n'
                )
            result.append(str(folder))
        return result

    return made


def newest(folder):
    return tf.train.latest_checkpoint(folder).rsplit("-", 1)[1]


def test_ranks_in_step_are_left_alone(folders):
    said = []
    align_ranks(folders([0, 5], [0, 5]), said.append)
    assert said == []


def test_a_first_start_is_left_alone(folders, tmp_path):
    align_ranks([*folders([], []), str(tmp_path / "not there")], write=pytest.fail)


def test_ranks_apart_go_back_to_the_newest_step_that_all_have(folders):
    said = []
    paths = folders([0, 5, 10], [0, 5])
    align_ranks(paths, said.append)
    assert [newest(path) for path in paths] == ["5", "5"]
    assert said == ["the ranks had saved different steps; all resume at step 5"]


def test_ranks_without_a_step_in_common_are_refused(folders):
    paths = folders([10], [])
    with pytest.raises(OptionsError, match="no checkpoint of the same step") as error:
        align_ranks(paths)
    assert f"{paths[0]}: 10" in str(error.value)
