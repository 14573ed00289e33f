# pix2pix in a container. The two commands, for a CPU:
#   docker build -t pix2pix .
#   docker run --rm -v "$PWD:/data" -w /data pix2pix pix2pix-train --data_path=pairs --checkpoint_dir=run
# and for a GPU, on TensorFlow 2.15 (that of 1.15 wants CUDA 10.0, for which no image is kept up):
#   docker build -t pix2pix --build-arg BASE=tensorflow/tensorflow:2.15.0-gpu .
#   docker run --rm --gpus all -v "$PWD:/data" -w /data pix2pix pix2pix-train --data_path=pairs --checkpoint_dir=run
ARG BASE=python:3.7-slim
FROM ${BASE}
WORKDIR /pix2pix
COPY setup.py pyproject.toml ./
COPY estimator estimator
COPY input_fn input_fn
COPY model_fn model_fn
COPY hooks hooks
RUN python3 -m pip install --no-cache-dir .
