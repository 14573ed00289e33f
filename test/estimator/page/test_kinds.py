import io
import json

import numpy as np
import pytest
from PIL import Image

from estimator.errors import OptionsError
from estimator.options.export_flags import parse_export_options
from estimator.page.data import look_at
from estimator.page.files import example_files, page_files
from estimator.page.kinds import look_of
from estimator.palettes.palette import Palette
from input_fn import FACADE_COLOURS, PairFormat, make_pair, write_data_set

WEB = ("--checkpoint_dir=no_run", "--formats=web")


def through_jpeg(picture, quality):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def flat_labels(colours, side=64, seed=0):
    """A map of 16 by 16 squares, each of one of some colours."""
    classes = np.random.RandomState(seed).randint(0, len(colours), (4, 4))
    return np.array(colours, np.uint8)[classes].repeat(side // 4, axis=0).repeat(side // 4, axis=1)


def drawing(paper, ink, side=64):
    picture = np.full((side, side, 3), paper, np.uint8)
    for place in range(8, side, 12):
        picture[place : place + 2, 5:-5] = ink
        picture[5:-5, place] = ink
    return picture


class TestLabels:
    @pytest.mark.parametrize("quality", [None, 95, 75, 50])
    def test_facades_have_their_names_whatever_jpeg_has_done(self, quality):
        maps = [make_pair(seed)[1] for seed in range(4)]
        maps = maps if quality is None else [through_jpeg(each, quality) for each in maps]
        look = look_of(maps)
        assert look.kind == "labels"
        assert look.palette.names == tuple(FACADE_COLOURS)
        assert look.background == FACADE_COLOURS["background"]

    @pytest.mark.parametrize("quality", [None, 90])
    def test_colours_that_are_not_known_are_found(self, quality):
        colours = [(128, 64, 128), (220, 20, 60), (70, 130, 180), (107, 142, 35)]
        maps = [flat_labels(colours, seed=seed) for seed in range(3)]
        maps = maps if quality is None else [through_jpeg(each, quality) for each in maps]
        look = look_of(maps)
        assert look.kind == "labels"
        found = look.palette.colours
        assert len(found) == 4
        for colour in colours:
            assert np.abs(found - colour).max(axis=1).min() <= (0 if quality is None else 3)
        assert look.palette.names[0].startswith("#")

    def test_without_jpeg_classes_may_be_next_to_each_other(self):
        colours = [(0, 0, 142), (0, 0, 143), (0, 60, 100)]
        assert len(look_of([flat_labels(colours)]).palette.names) == 3

    def test_the_most_frequent_is_the_background_where_none_has_that_name(self):
        look = look_of([flat_labels([(9, 9, 200), (9, 9, 200), (9, 9, 200), (200, 9, 9)])])
        assert look.background == (9, 9, 200)

    def test_a_palette_that_is_given_is_taken(self):
        palette = Palette(("road", "car"), np.array([[1, 2, 3], [4, 5, 6]]))
        look = look_of([make_pair(0)[0]], palette=palette)
        assert (look.kind, look.palette) == ("labels", palette)


class TestOthers:
    @pytest.mark.parametrize("quality", [None, 80])
    @pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255)])
    def test_ink_on_paper_is_a_sketch(self, paper, ink, quality):
        picture = drawing(paper, ink)
        look = look_of([picture if quality is None else through_jpeg(picture, quality)])
        assert look.kind == "sketch"
        assert look.background == (paper,) * 3
        assert look.palette.colours.tolist() == [[ink] * 3]

    def test_photos(self):
        photos = [make_pair(seed)[0] for seed in range(4)]
        assert look_of(photos).kind == "photo"
        grey = [
            np.repeat(photo.mean(axis=-1, keepdims=True).astype(np.uint8), 3, -1)
            for photo in photos
        ]
        assert look_of(grey).kind == "photo"

    def test_a_thing_on_white_is_a_photo(self):
        pictures = []
        for seed in range(4):
            picture = np.full((256, 256, 3), 255, np.uint8)
            picture[60:200, 60:200] = make_pair(seed)[0][60:200, 60:200]
            pictures.append(picture)
        assert look_of(pictures).kind == "photo"

    def test_without_pictures_it_is_photos(self):
        assert look_of([]).kind == "photo"

    def test_what_is_asked_for_goes_first(self):
        labels = [make_pair(0)[1]]
        assert look_of(labels, kind="photo").kind == "photo"
        assert look_of(labels, kind="sketch").kind == "sketch"


class TestData:
    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("data")
        write_data_set(str(folder), train=1, val=4)
        return folder

    def asked(self, folder, *flags):
        return parse_export_options([*WEB, f"--data_path={folder}", *flags])

    def pair_format(self, direction):
        return PairFormat(direction, 3, 3, (64, 64), (64, 64))

    def test_the_direction_decides_what_is_seen(self, folder):
        photos = look_at(self.asked(folder), self.pair_format("AtoB"))
        labels = look_at(self.asked(folder), self.pair_format("BtoA"))
        assert (photos.look.kind, labels.look.kind) == ("photo", "labels")
        assert photos.split == "val"
        assert photos.inputs.shape == (4, 64, 64, 3)
        assert list(photos.examples) == ["1", "2", "3", "4"]

    def test_examples_of_label_maps_are_what_jpeg_was_made_of(self, folder):
        seen = look_at(self.asked(folder, "--page_examples=2"), self.pair_format("BtoA"))
        assert list(seen.examples) == ["1", "4"]
        labels = make_pair((0, 1, 1))[1]
        assert np.mean(np.any(seen.examples["1"] != labels, axis=-1)) < 0.1
        colours = {tuple(map(int, colour)) for colour in seen.examples["1"].reshape(-1, 3)}
        assert colours <= set(FACADE_COLOURS.values())
        files = example_files(seen)
        assert list(files) == ["examples/1.png", "examples/2.png"]
        with Image.open(io.BytesIO(files["examples/1.png"])) as picture:
            assert np.array_equal(np.asarray(picture), seen.examples["1"])

    def test_what_no_picture_holds_has_no_examples(self, tmp_path):
        (tmp_path / "val").mkdir()
        np.save(str(tmp_path / "val" / "1.npy"), np.zeros((64, 128, 5), np.uint8))
        seen = look_at(self.asked(tmp_path), PairFormat("AtoB", 5, 5, (64, 64), (64, 64)))
        assert seen.inputs.shape == (1, 64, 64, 5)
        assert seen.examples == {}

    def test_the_page_is_told(self, folder):
        seen = look_at(self.asked(folder), self.pair_format("BtoA"))
        engine = {"where": "server", "address": "v1/translate"}
        files = page_files({"step": 3}, seen, engine, title="Draw")
        told = json.loads(files["page.json"])
        assert (told["title"], told["note"], told["engine"]) == ("Draw", {"step": 3}, engine)
        assert told["kind"] == "labels"
        assert told["palette"][2] == {"name": "window", "colour": [0, 128, 255]}
        assert told["background"] == [0, 0, 223]
        assert told["examples"][0] == {"file": "examples/1.png", "name": "1"}
        assert {"index.html", "page.js", "examples/1.png"} <= set(files)

    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--page_kind=photo", "--label_palette=facades"], "--page_kind"),
            (["--label_palette=none.txt"], "none.txt"),
        ],
    )
    def test_refusals(self, folder, flags, named):
        with pytest.raises(OptionsError, match=named):
            look_at(self.asked(folder, *flags), self.pair_format("BtoA"))

    def test_labels_without_data_need_a_palette(self):
        asked = parse_export_options([*WEB, "--page_kind=labels"])
        with pytest.raises(OptionsError, match="--label_palette"):
            look_at(asked, self.pair_format("BtoA"))
        asked = parse_export_options([*WEB, "--label_palette=facades"])
        seen = look_at(asked, self.pair_format("BtoA"))
        assert len(seen.look.palette.names) == 12
        assert len(seen.inputs) == len(seen.examples) == 0
