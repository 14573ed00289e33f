"""Which files predict.py joins, by the names that --input gives them."""

import pytest

from estimator.errors import OptionsError
from estimator.trained.joined_inputs import find_joined, named_patterns
from input_fn import DataError, PairFormat


def pair_format(inputs, **fields):
    files = len(inputs) * (1 + 2 * fields.get("neighbours", 0))
    several = {"inputs": inputs, "channels_of_inputs": (1,) * len(inputs), "target": "target"}
    size = (32, 32)
    return PairFormat("AtoB", files, 1, size, size, layout="folders", **several, **fields)


@pytest.fixture
def folders(tmp_path):
    """Folders t1 and t2 of three files each, which differ in their extensions."""
    for side, ending in (("t1", "tif"), ("t2", "PNG")):
        (tmp_path / side).mkdir()
        for number in (1, 2, 10):
            (tmp_path / side / f"s{number}.{ending}").write_bytes(b"")
    return tmp_path


def names(rows):
    return [tuple("/".join(path.split("/")[-2:]) for path in row) for row in rows]


class TestNames:
    def test_several_are_named(self):
        assert named_patterns(["t1=a", "t2=b=c"]) == {"t1": "a", "t2": "b=c"}

    def test_one_need_not_be(self):
        assert named_patterns(["photos"]) == {"": "photos"}
        assert named_patterns(["-"]) == {"": "-"}
        assert named_patterns(["t1=photos"]) == {"t1": "photos"}

    def test_a_file_may_have_the_sign_in_its_name(self, tmp_path):
        path = str(tmp_path / "a=b.png")
        (tmp_path / "a=b.png").write_bytes(b"")
        assert named_patterns([path]) == {"": path}

    @pytest.mark.parametrize("values", [["a", "b"], ["t1=a", "b"], ["t1=a", "t1=b"]])
    def test_of_several_each_has_a_name_of_its_own(self, values):
        with pytest.raises(OptionsError, match="--input=NAME="):
            named_patterns(values)


class TestFinding:
    def test_files_of_one_name_are_joined_extension_and_case_aside(self, folders):
        named = {"t2": str(folders / "t2"), "t1": str(folders / "t1" / "*.tif")}
        found = names(find_joined(named, pair_format(("t1", "t2"))))
        assert sorted(found) == [
            ("t1/s1.tif", "t2/s1.PNG"),
            ("t1/s10.tif", "t2/s10.PNG"),
            ("t1/s2.tif", "t2/s2.PNG"),
        ]

    def test_two_files_alone_may_have_any_names(self, folders):
        named = {"t1": str(folders / "t1" / "s1.tif"), "t2": str(folders / "t2" / "s2.PNG")}
        assert names(find_joined(named, pair_format(("t1", "t2")))) == [("t1/s1.tif", "t2/s2.PNG")]

    def test_neighbours_of_one_input_need_no_name(self, folders):
        found = find_joined({"": str(folders / "t1")}, pair_format(("t1",), neighbours=1))
        assert sorted(names(found)) == [
            ("t1/s1.tif", "t1/s1.tif", "t1/s2.tif"),
            ("t1/s10.tif", "t1/s2.tif", "t1/s10.tif"),
            ("t1/s2.tif", "t1/s1.tif", "t1/s10.tif"),
        ]

    def test_files_of_one_name_in_one_input_are_refused(self, folders):
        (folders / "t1" / "s1.tiff").write_bytes(b"")
        named = {side: str(folders / side) for side in ("t1", "t2")}
        with pytest.raises(DataError, match=r"s1\.tiff?: another file of the same input"):
            find_joined(named, pair_format(("t1", "t2")))

    def test_what_has_no_number_has_no_neighbours(self, folders):
        (folders / "t1" / "last.tif").write_bytes(b"")
        with pytest.raises(DataError, match=r"/t1: last\.tif: has no number"):
            find_joined({"t1": str(folders / "t1")}, pair_format(("t1",), neighbours=1))
