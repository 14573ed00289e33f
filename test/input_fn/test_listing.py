import pytest

from input_fn.errors import DataError
from input_fn.listing import list_pairs
from input_fn.splits import find_split, has_split


def touch(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"")


class TestListPairs:
    def test_numbers_are_ordered_as_numbers(self, tmp_path):
        touch(tmp_path, "10.jpg", "2.jpg", "1.jpg", "b10a2.jpg", "b9a11.jpg", "b10a10.jpg")
        expected = ["1.jpg", "2.jpg", "10.jpg", "b9a11.jpg", "b10a2.jpg", "b10a10.jpg"]
        assert list(list_pairs(str(tmp_path)).names) == expected

    def test_names_that_count_as_equal_have_one_order_too(self, tmp_path):
        touch(tmp_path, "1.jpg", "01.jpg", "001.jpg", "A2.jpg", "a2.jpg")
        expected = ["001.jpg", "01.jpg", "1.jpg", "A2.jpg", "a2.jpg"]
        assert list(list_pairs(str(tmp_path)).names) == expected

    def test_digits_of_other_scripts_do_not_upset_the_order(self, tmp_path):
        touch(tmp_path, "٣.jpg", "²b.jpg", "3.jpg", "x.jpg")
        assert list_pairs(str(tmp_path)).names[0] == "3.jpg"

    def test_paths_lead_to_the_files(self, tmp_path):
        touch(tmp_path, "a.png")
        assert list_pairs(str(tmp_path)).groups() == ((str(tmp_path / "a.png"),),)

    def test_a_trailing_slash_makes_no_difference(self, tmp_path):
        touch(tmp_path, "a.png")
        assert list_pairs(f"{tmp_path}/").groups() == ((str(tmp_path / "a.png"),),)

    def test_extensions_count_in_any_case_and_others_do_not(self, tmp_path):
        touch(tmp_path, "a.JPG", "b.Jpeg", "c.PNG", "d.gif", "e.txt", "f.jpg.part", "jpg")
        assert list(list_pairs(str(tmp_path)).names) == ["a.JPG", "b.Jpeg", "c.PNG"]

    def test_hidden_files_are_left_out(self, tmp_path):
        touch(tmp_path, ".1.jpg", "._2.jpg", "3.jpg")
        assert list(list_pairs(str(tmp_path)).names) == ["3.jpg"]

    @pytest.mark.parametrize(("limit", "expected"), [(1, 1), (3, 3), (4, 4), (9, 4), (None, 4)])
    def test_limit_keeps_the_first_files(self, tmp_path, limit, expected):
        touch(tmp_path, "1.jpg", "2.jpg", "3.jpg", "10.jpg")
        assert (
            list(list_pairs(str(tmp_path), limit).names)
            == ["1.jpg", "2.jpg", "3.jpg", "10.jpg"][:expected]
        )

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_limit_below_one_is_refused(self, tmp_path, limit):
        touch(tmp_path, "1.jpg")
        with pytest.raises(ValueError, match="limit"):
            list_pairs(str(tmp_path), limit)

    def test_a_missing_folder_is_named(self, tmp_path):
        with pytest.raises(DataError, match="nowhere: does not exist"):
            list_pairs(str(tmp_path / "nowhere"))

    def test_a_file_is_not_taken_for_a_folder(self, tmp_path):
        touch(tmp_path, "1.jpg")
        with pytest.raises(DataError, match=r"1\.jpg: is a file"):
            list_pairs(str(tmp_path / "1.jpg"))

    def test_an_empty_folder_is_said_to_be_empty(self, tmp_path):
        with pytest.raises(DataError, match="it is empty"):
            list_pairs(str(tmp_path))

    def test_without_pictures_the_subfolders_are_named(self, tmp_path):
        (tmp_path / "train").mkdir()
        (tmp_path / "val").mkdir()
        touch(tmp_path, "readme.txt")
        with pytest.raises(DataError, match=r"found train/, val/\."):
            list_pairs(str(tmp_path))

    def test_without_pictures_and_subfolders_some_other_files_are_named(self, tmp_path):
        touch(tmp_path, *[f"{number}.bmp" for number in range(12)])
        with pytest.raises(
            DataError, match=r"0\.bmp, .*4\.bmp and 7 more.*\.jpg, \.jpeg, .* or \.tiff"
        ):
            list_pairs(str(tmp_path))

    def test_messages_are_one_line(self, tmp_path):
        touch(tmp_path, "a.bmp")
        with pytest.raises(DataError) as caught:
            list_pairs(str(tmp_path))
        assert "\n" not in str(caught.value)


class TestSplits:
    @pytest.mark.parametrize("split", ["train", "val", "test"])
    def test_a_split_is_the_subfolder_of_its_name(self, tmp_path, split):
        assert not has_split(str(tmp_path), split)
        (tmp_path / split).mkdir()
        assert has_split(str(tmp_path), split)
        assert find_split(str(tmp_path), split) == str(tmp_path / split)

    def test_a_file_of_that_name_is_no_split(self, tmp_path):
        touch(tmp_path, "train")
        assert not has_split(str(tmp_path), "train")

    def test_other_splits_are_refused(self, tmp_path):
        with pytest.raises(ValueError, match="train, val or test"):
            has_split(str(tmp_path), "training")

    def test_pictures_beside_the_missing_split_are_told_where_to_go(self, tmp_path):
        touch(tmp_path, "1.jpg", "2.png")
        with pytest.raises(DataError, match="2 picture.* put them in .*/train$"):
            find_split(str(tmp_path), "train")

    def test_a_missing_split_says_what_is_there(self, tmp_path):
        (tmp_path / "facades").mkdir()
        with pytest.raises(DataError, match="no subfolder train; found facades/"):
            find_split(str(tmp_path), "train")

    def test_a_missing_data_set_is_named(self, tmp_path):
        with pytest.raises(DataError, match="nowhere: does not exist"):
            find_split(str(tmp_path / "nowhere"), "train")
