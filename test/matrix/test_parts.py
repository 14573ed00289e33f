"""Networks, objectives and schedules in combination, by the command lines, from files to files."""

import json
import re
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow.compat.v1 as tf

from estimator import export, train
from input_fn import write_data_set

# All parts that the presets have between them, and the others in each other's company.
COMBINATIONS = {
    "paper_l1": ["--preset=paper_l1"],
    "cgan_of_pixels": ["--preset=paper_cgan,paper_patch_1"],
    "l1_gan_of_patches": ["--preset=paper_l1_gan,paper_patch_16"],
    "paper_encoder_decoder": ["--preset=paper_encoder_decoder", "--batch_size=2"],
    "affinelayer_286": ["--preset=affinelayer,paper_patch_286", "--fine_size=96"],
    "pix2pixhd_small": ["--preset=pix2pixhd_small", "--ngf=2", "--fine_size=48"],
    "junyanz_resnet": [
        *("--preset=junyanz", "--netG=resnet_6", "--norm=instance", "--gan_mode=lsgan"),
        *("--n_epochs_decay=1", "--ema=0.9"),
    ],
    "hinge": [
        *("--gan_mode=hinge", "--spectral_norm_D", "--upsample=resize", "--lr_D=0.0004"),
        *("--lr_policy=cosine", "--ema=0.5", "--loss_scale=dynamic", "--init_type=kaiming"),
    ],
    "wgangp": [
        *("--gan_mode=wgangp", "--netG=resnet_9", "--norm=none", "--lr_policy=step"),
        *("--init_type=xavier", "--init_gain=1"),
    ],
    "separable": [
        *("--separable_conv", "--unet_depth=4", "--netD=multi_scale", "--num_D=3"),
        "--fine_size=64",
        *("--n_layers_D=2", "--lambda_feat=5", "--lambda_edge=1", "--init_type=orthogonal"),
    ],
    "labels_in": ["--palette_input=facades", "--which_direction=BtoA", "--gan_after=0.5"],
    "labels_out": [
        *("--palette_output=auto", "--netG=resnet_6", "--norm=instance", "--ema=0.5"),
        "--which_direction=AtoB",
    ],
    "local": ["--netG=local", "--ngf=2", "--fine_size=64", "--norm=instance", "--gan_mode=wgangp"],
}
SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4", "--device=cpu"]
PIXELS = ("l1", "psnr", "ssim")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_data_set(str(folder), train=4, val=1, seed=0)
    return folder


@pytest.fixture(scope="module", params=COMBINATIONS)
def trained(call, request, data, tmp_path_factory):
    """A run of 6 steps; returns its folder, its flags and what it printed."""
    folder = tmp_path_factory.mktemp("parts") / "run"
    flags = [*SMALL, *COMBINATIONS[request.param], f"--data_path={data}"]
    flags += ["--max_steps=6", "--save_checkpoints_steps=3", "--print_freq=3"]
    return folder, flags, call(train, f"--checkpoint_dir={folder}", *flags)


def test_a_run_that_was_stopped_goes_on_to_the_same_end(call, weights_of, trained, tmp_path):
    folder, flags, _ = trained
    stopped = tmp_path / "run"
    shutil.copytree(str(folder), str(stopped))
    for path in [*stopped.glob("model.ckpt-6*"), stopped / "checkpoint"]:
        path.unlink()
    assert "at step 3\n" in call(train, f"--checkpoint_dir={stopped}", *flags)
    whole, parts = (weights_of(each / "model.ckpt-6") for each in (folder, stopped))
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        # Sums over threads are not in a fixed order, and a step of Adam has the size of the rate
        # for the least gradient: where that is rounding alone, as of a bias before a norm, three
        # steps may differ by their whole lengths.
        np.testing.assert_allclose(parts[name], value, rtol=1e-2, atol=2e-3, err_msg=name)
        if "bias" not in name:
            close = np.isclose(parts[name], value, rtol=1e-2, atol=2e-5)
            assert np.mean(close) > 0.95, name


def test_it_is_tested_as_it_was_scored_in_training(call, trained, data):
    folder, _, printed = trained
    scores = re.search(r"^val: step 6, l1: (.*), psnr: (.*), ssim: (.*)$", printed, re.MULTILINE)
    call(train, f"--data_path={data}", f"--checkpoint_dir={folder}", "--phase=test")
    report = json.loads((folder / "metrics.json").read_text())
    wanted = [float(score) for score in scores.groups()]
    np.testing.assert_allclose([report[name] for name in PIXELS], wanted, atol=2e-4)


@pytest.fixture(scope="module")
def exported(call, trained, tmp_path_factory):
    """All files of the run, for any number of pictures where a format can; and what was printed."""
    folder = tmp_path_factory.mktemp("exports")
    flags = ["--formats=saved_model,pb,tflite,onnx", "--batch_size=0", f"--output={folder}"]
    return folder, call(export, f"--checkpoint_dir={trained[0]}", *flags)


def test_all_its_exports_compute_what_the_checkpoint_does(exported):
    differences = re.findall(r": differs from the checkpoint by (\S+)$", exported[1], re.MULTILINE)
    assert len(differences) == 4
    assert max(map(float, differences)) < 1e-4


def test_its_onnx_file_gives_each_picture_of_a_batch_what_it_gives_it_alone(trained, exported):
    folder, flags = exported[0], trained[1]
    path = str(folder / "model-6.onnx")
    onnx.checker.check_model(path)
    operations = [node.op_type for node in onnx.load(path).graph.node]
    # To the layout of ONNX and back; pix2pixHD's coarse network begins with a layer of its own.
    assert operations.count("Transpose") <= 3
    assert not {"ReverseSequence", "Shape", "Loop"} & set(operations)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape
    assert shape[0] == "batch"
    pictures = np.random.RandomState(0).uniform(-1, 1, [2, *shape[1:]]).astype(np.float32)
    pictures[1] *= 0.1  # Of other statistics.
    outputs = session.run(["output"], {"input": pictures})[0]
    alone = [session.run(["output"], {"input": each[None]})[0] for each in pictures]
    np.testing.assert_allclose(outputs, np.concatenate(alone), atol=2e-5)
    graph_def = tf.GraphDef.FromString((folder / "model-6.pb").read_bytes())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        expected = session.run("output:0", {"input:0": pictures})
    # The separable network's first kernels let hardly anything of a picture through.
    assert np.abs(expected[0] - expected[1]).max() > 1e-3 or "--separable_conv" in flags
    np.testing.assert_allclose(outputs, expected, atol=1e-4)
