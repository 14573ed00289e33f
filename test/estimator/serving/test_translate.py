import concurrent.futures
import io
import re

import numpy as np
import pytest
from PIL import Image

from estimator.predict import main as predict

NAMES = ["same.png", "wide.jpg", "tall.gif", "grey.png", "turned.jpg"]


def pixels(content):
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture).astype(int)


@pytest.fixture(scope="module")
def predicted(finished, photos, tmp_path_factory):
    """What predict.py makes of a photo: a function of its name and flags, bytes."""
    folder = tmp_path_factory.mktemp("predicted")

    def make(name, *flags):
        target = folder / "out.png"
        model = f"--checkpoint_dir={finished[0]}"
        places = [f"--input={photos[name]}", f"--output={target}"]
        assert predict([*places, model, "--device=cpu", *flags]) == 0
        return target.read_bytes()

    return make


class TestTranslation:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_picture_comes_out_as_predict_writes_it(self, server, photos, predicted, name):
        answer = server.translate(photos[name].read_bytes())
        assert answer.status == 200, answer.body
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.body == predicted(name)

    def test_its_size_can_be_kept(self, server, photos, predicted):
        answer = server.translate(photos["wide.jpg"].read_bytes(), "?keep_size=true")
        assert pixels(answer.body).shape == (50, 100, 3)
        assert answer.body == predicted("wide.jpg", "--keep_size")

    def test_in_company_it_comes_out_as_alone(self, server, photos):
        """Of five pictures again and again, 16 at a time, so that batches mix them."""
        contents = [photos[name].read_bytes() for name in NAMES]
        alone = [pixels(server.translate(content).body) for content in contents]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            bodies = list(pool.map(lambda n: server.translate(contents[n % 5]).body, range(80)))
        differences = [
            np.abs(pixels(body) - alone[number % 5]).max() for number, body in enumerate(bodies)
        ]
        # Rounding, of sums that are added up in another order, may turn a level into the next.
        assert max(differences) <= 1
        metrics = server.ask("GET", "/metrics").body.decode("utf-8")
        batches = int(re.search(r"^pix2pix_batch_pictures_count (\d+)$", metrics, re.M).group(1))
        pictures = int(re.search(r"^pix2pix_pictures_total (\d+)$", metrics, re.M).group(1))
        assert batches < pictures

    def test_a_connection_may_be_used_again(self, server, photos):
        content = photos["same.png"].read_bytes()
        with server.connected() as connection:
            bodies = []
            for _ in range(3):
                connection.request("POST", "/v1/translate", content)
                bodies.append(connection.getresponse().read())
        assert len(set(bodies)) == 1

    def test_a_body_may_come_in_chunks_without_its_length(self, server, photos, predicted):
        content = photos["same.png"].read_bytes()
        parts = iter([content[:100], content[100:]])
        answer = server.translate(parts)
        assert answer.body == predicted("same.png")


class TestWhatIsNoPicture:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "the body is empty"),
            (b"hello, world", "begins with b'hello, world'"),
            (b"\x89PNG\r\n\x1a\n" + bytes(100), "no picture of a kind that is taken"),
            (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture of a kind"),
            (b"\x93NUMPY\x01\x00\x10\x00garbage", "cannot be read as an array"),
        ],
    )
    def test_it_is_said_what_was_found(self, server, content, said):
        answer = server.translate(content)
        assert answer.status == 400
        assert said in answer.error

    @pytest.mark.parametrize("kept", [0.3, 0.9])
    def test_a_file_that_was_cut_off(self, server, photos, kept):
        content = photos["grey.png"].read_bytes()
        answer = server.translate(content[: int(kept * len(content))])
        assert answer.status == 400
        assert "the picture cannot be" in answer.error

    def test_an_array_of_another_shape(self, server):
        buffer = io.BytesIO()
        np.save(buffer, np.zeros((8, 8, 5), np.float32))
        answer = server.translate(buffer.getvalue())
        assert answer.status == 400
        assert "5" in answer.error

    @pytest.mark.parametrize(
        ("query", "said"), [("?keep_size=maybe", "truth value"), ("?size=9", "no parameter")]
    )
    def test_a_parameter_that_there_is_not(self, server, photos, query, said):
        answer = server.translate(photos["same.png"].read_bytes(), query)
        assert answer.status == 400
        assert said in answer.error


class TestPage:
    def test_the_page_and_what_belongs_to_it(self, server):
        page = server.ask("GET", "/")
        assert page.status == 200
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        named = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode("utf-8"))
        assert named
        for name in named:
            assert server.ask("GET", f"/{name}").status == 200

    def test_no_other_site_may_show_it_in_a_frame(self, server):
        assert "frame-ancestors 'none'" in server.ask("GET", "/").headers["Content-Security-Policy"]

    def test_the_note_says_what_the_model_takes(self, server):
        note = server.ask("GET", "/note.json").json
        assert note["pair_format"]["fine_size"] == [64, 64]
        assert note["step"] == 6
        assert note["kinds"] == ["JPEG", "NPY", "PNG", "TIFF"]

    def test_the_page_is_told_of_server_and_data(self, server):
        told = server.ask("GET", "/page.json").json
        assert told["engine"] == {"where": "server", "address": "v1/translate"}
        assert told["kind"] == "labels"  # As the run's data are.
        assert told["examples"]
        for example in told["examples"]:
            answer = server.ask("GET", f"/{example['file']}")
            assert answer.headers["Content-Type"] in ("image/png", "image/jpeg")
            assert server.translate(answer.body).status == 200

    def test_health(self, server):
        assert server.ask("GET", "/healthz").json == {"status": "ok"}

    def test_a_head_alone(self, server):
        answer = server.ask("HEAD", "/")
        assert (answer.status, answer.body) == (200, b"")
