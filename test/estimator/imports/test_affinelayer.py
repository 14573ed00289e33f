"""Checkpoints of affinelayer's program: its graph, built anew of TensorFlow's operations."""

import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
tf.enable_resource_variables()

SIZE = 256


def variable(random, name, shape, mean=0.0):
    return tf.get_variable(name, initializer=random.normal(mean, 0.3, shape).astype(np.float32))


class Network:
    """The generator, with names and layers of one of the program's versions.

    Args:
        form: "layers", as today; "separable", with --separable_conv; "older", of early 2017.
    """

    def __init__(self, form, inputs, outputs, ngf, depth=8, bottleneck_norm=True):
        self.form = form
        self.random = np.random.RandomState(0)
        self.filters = [ngf * min(2**number, 8) for number in range(depth)]
        self.inputs, self.outputs, self.bottleneck_norm = inputs, outputs, bottleneck_norm

    def build(self, x):
        with tf.variable_scope("generator"):
            kept = []
            for number, filters in enumerate(self.filters, start=1):
                with tf.variable_scope(f"encoder_{number}"):
                    y = x if number == 1 else tf.maximum(kept[-1], 0.2 * kept[-1])
                    y = self.convolved(y, filters, False)
                    is_last = number == len(self.filters)
                    if number > 1 and (self.bottleneck_norm or not is_last):
                        y = self.normalised(y)
                    kept.append(y)
            y = kept.pop()
            for number in range(len(self.filters), 0, -1):
                with tf.variable_scope(f"decoder_{number}"):
                    if number < len(self.filters):
                        y = tf.concat([y, kept.pop()], axis=3)
                    filters = self.outputs if number == 1 else self.filters[number - 2]
                    y = self.convolved(tf.nn.relu(y), filters, True)
                    y = y if number == 1 else self.normalised(y)
            return tf.tanh(y)

    def convolved(self, x, filters, up):
        _, height, width, channels = x.shape.as_list()
        if self.form == "separable":
            if up:
                x = tf.reshape(
                    tf.tile(x[:, :, None, :, None], [1, 1, 2, 1, 2, 1]),
                    [-1, 2 * height, 2 * width, channels],
                )
            stride = 1 if up else 2
            with tf.variable_scope("separable_conv2d"):
                depthwise = variable(self.random, "depthwise_kernel", [4, 4, channels, 1])
                pointwise = variable(self.random, "pointwise_kernel", [1, 1, channels, filters])
                y = tf.nn.depthwise_conv2d(x, depthwise, [1, stride, stride, 1], "SAME")
                y = tf.nn.conv2d(y, pointwise, [1, 1, 1, 1], "VALID")
                return y + variable(self.random, "bias", [filters])
        older = self.form == "older"
        scope = ("deconv" if up else "conv") if older else "conv2d" + "_transpose" * up
        with tf.variable_scope(scope):
            shape = [4, 4, filters, channels] if up else [4, 4, channels, filters]
            kernel = variable(self.random, "filter" if older else "kernel", shape)
            if up:
                y = tf.nn.conv2d_transpose(
                    x, kernel, [1, 2 * height, 2 * width, filters], [1, 2, 2, 1], "SAME"
                )
            else:
                y = tf.nn.conv2d(x, kernel, [1, 2, 2, 1], "SAME")
            return y if older else y + variable(self.random, "bias", [filters])

    def normalised(self, x):
        older = self.form == "older"
        channels = x.shape.as_list()[-1]
        mean = tf.reduce_mean(x, axis=[0, 1, 2])
        variance = tf.reduce_mean((x - mean) ** 2, axis=[0, 1, 2])
        with tf.variable_scope("batchnorm" if older else "batch_normalization"):
            gamma = variable(self.random, "scale" if older else "gamma", [channels], 1.0)
            beta = variable(self.random, "offset" if older else "beta", [channels])
            if not older:
                # Never updated, and never used.
                variable(self.random, "moving_mean", [channels])
                variable(self.random, "moving_variance", [channels])
        return gamma * (x - mean) / tf.sqrt(variance + 1e-5) + beta


def save(network, folder, picture, options=None, step=1234):
    """Writes a checkpoint, and options.json; returns the picture that the network makes."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant(picture[None] / np.float32(127.5) - 1)
        y = network.build(x)
        with tf.variable_scope("discriminator"):
            variable(network.random, "layer_1/conv2d/kernel", [4, 4, 2, 2])
        tf.get_variable("generator/encoder_1/conv2d/kernel/Adam", [2])
        tf.get_variable("global_step", initializer=np.int64(step))
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(folder / "model"), global_step=step)
        if options is not None:
            (folder / "options.json").write_text(json.dumps(options))
        return session.run(y)[0]


FORMS = [("layers", True), ("layers", False), ("separable", True), ("older", True)]


class TestTheSamePicture:
    @pytest.mark.parametrize(("form", "bottleneck_norm"), FORMS)
    def test_comes_out(self, form, bottleneck_norm, tmp_path, import_of, translated, picture):
        network = Network(form, 3, 2, ngf=2, bottleneck_norm=bottleneck_norm)
        (tmp_path / "theirs").mkdir()
        wanted = save(network, tmp_path / "theirs", picture(SIZE, SIZE, 3))
        code, said = import_of(tmp_path / "theirs")
        assert code == 0, said
        y = translated(tmp_path / "run", picture(SIZE, SIZE, 3))
        assert wanted.std() > 0.1
        np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-4)
        assert (tmp_path / "run" / "model.ckpt-1234.index").exists()


@pytest.fixture
def theirs(tmp_path, picture):
    """A folder as affinelayer's program leaves it, with a small network without its norm."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    options = {"which_direction": "BtoA", "ngf": 1, "lab_colorization": False, "seed": 3}
    network = Network("layers", 3, 3, ngf=1, bottleneck_norm=False)
    save(network, folder, picture(SIZE, SIZE, 3), options)
    return folder


def stored(tmp_path):
    return json.loads((tmp_path / "run" / "options.json").read_text())


class TestPlaces:
    @pytest.mark.parametrize(
        "name", ["", "model-1234", "model-1234.index", "model-1234.data-00000-of-00001"]
    )
    def test_a_checkpoint_by_any_of_its_names(self, theirs, tmp_path, import_of, name):
        assert import_of(theirs / name) == (0, "")
        found = stored(tmp_path)
        assert (found["which_direction"], found["ngf"]) == ("BtoA", 1)
        assert str(theirs) in found["imported"]

    def test_a_folder_that_was_moved(self, theirs, tmp_path, import_of):
        (theirs / "checkpoint").write_text('model_checkpoint_path: "/elsewhere/model-1234"\n')
        assert import_of(theirs) == (0, "")

    def test_a_flag_says_more_than_options_beside_it(self, theirs, tmp_path, import_of):
        assert import_of(theirs, "--which_direction=AtoB") == (0, "")
        assert stored(tmp_path)["which_direction"] == "AtoB"

    def test_a_folder_with_several_and_no_list(self, theirs, refused):
        (theirs / "checkpoint").unlink()
        (theirs / "model-7.index").write_bytes(b"")
        assert "name one of them" in refused(theirs)

    def test_folders_of_other_things(self, tmp_path, refused):
        folder = tmp_path / "a"
        folder.mkdir()
        assert "without a checkpoint" in refused(folder)
        (folder / "latest_net_G.pth").write_bytes(b"")
        assert "such as latest_net_G.pth" in refused(folder)
        assert "neither" in refused(tmp_path / "nowhere")

    @pytest.mark.parametrize("text", ["{", "[]", "[" * 100000])
    def test_options_that_are_none(self, theirs, refused, text):
        (theirs / "options.json").write_text(text)
        assert "options.json" in refused(theirs)

    @pytest.mark.parametrize("ending", ["index", "data-00000-of-00001"])
    @pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
    def test_cut_off_checkpoints(self, theirs, refused, ending, part):
        path = theirs / f"model-1234.{ending}"
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * part)])
        refused(theirs)


class TestColours:
    @pytest.fixture
    def lab(self, tmp_path, picture):
        folder = tmp_path / "lab"
        folder.mkdir()

        def make(**options):
            network = Network("layers", 1, 2, ngf=1, bottleneck_norm=False)
            save(network, folder, picture(SIZE, SIZE, 1), {"lab_colorization": True, **options})
            return folder

        return make

    def test_options_say_so(self, lab, tmp_path, import_of):
        assert import_of(lab(which_direction="AtoB")) == (0, "")
        found = stored(tmp_path)
        assert (found["lab_colorization"], found["input_nc"], found["output_nc"]) == (True, 1, 2)

    def test_the_other_direction_is_refused(self, lab, refused):
        assert "1 to 2, AtoB" in refused(lab(which_direction="BtoA"))

    def test_other_channels_are_refused(self, theirs, refused):
        assert "maps 3 to 3" in refused(theirs, "--lab_colorization", "--which_direction=AtoB")


class TestOtherPrograms:
    def save(self, folder, shapes):
        folder.mkdir()
        random = np.random.RandomState(0)
        with tf.Graph().as_default(), tf.Session() as session:
            for name, shape in shapes.items():
                variable(random, name, shape)
            session.run(tf.global_variables_initializer())
            tf.train.Saver().save(session, str(folder / "pix2pix.model-2"))
        return folder

    @pytest.mark.parametrize("scope", ["", "generator/"])
    def test_kernels_of_5x5_are_refused(self, tmp_path, refused, scope):
        folder = self.save(tmp_path / "a", {f"{scope}g_e1_conv/w": [5, 5, 3, 2]})
        said = refused(folder)
        assert "5x5" in said
        assert "4x4" in said

    def test_the_same_network_with_4x4_kernels_is_taken(self, tmp_path, import_of):
        widths, shapes = [1, 2, 4, 8, 8, 8, 8, 8], {}
        for number, width in enumerate(widths, start=1):
            before = 3 if number == 1 else widths[number - 2]
            shapes[f"g_e{number}_conv/w"] = [4, 4, before, width]
            shapes[f"g_e{number}_conv/biases"] = [width]
            if 1 < number < 8:
                shapes.update({f"g_bn_e{number}/{each}": [width] for each in ("gamma", "beta")})
        outputs = [8, 8, 8, 8, 4, 2, 1, 3]
        for number, width in enumerate(outputs, start=1):
            inputs = 8 if number == 1 else 2 * outputs[number - 2]
            shapes[f"g_d{number}/w"] = [4, 4, width, inputs]
            shapes[f"g_d{number}/biases"] = [width]
            if number < 8:
                shapes.update({f"g_bn_d{number}/{each}": [width] for each in ("gamma", "beta")})
        folder = self.save(tmp_path / "a", shapes)
        assert import_of(folder) == (0, "")
        ours = tf.train.load_checkpoint(str(tmp_path / "run" / "model.ckpt-0"))
        theirs = tf.train.load_checkpoint(str(folder / "pix2pix.model-2"))
        for name, other in (("encoder_2/gamma", "g_bn_e2/gamma"), ("decoder_8/kernel", "g_d1/w")):
            np.testing.assert_array_equal(
                ours.get_tensor(f"generator/{name}"), theirs.get_tensor(other)
            )

    def test_another_network_is_told(self, tmp_path, refused):
        folder = self.save(tmp_path / "a", {"resnet/conv1/weights": [7, 7, 3, 2]})
        assert "resnet/conv1/weights" in refused(folder)

    def test_a_run_of_this_program_is_told(self, finished, refused):
        assert "use its folder as it is" in refused(finished[0])
