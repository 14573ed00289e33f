"""KID and FID: how far two sets of pictures are apart in an Inception network's features."""

import contextlib

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.trained.weights import load_graph_def

_DEFAULT_SIDE = 299  # Of Inception v3's pictures.
_LARGEST_BLOCK = 1000  # KID's cost grows with the square of a block.


class FeatureExtractor(contextlib.AbstractContextManager):
    """Computes features of pictures with a frozen graph that the user has.

    Pictures are fed one by one, since the published graphs of 2015 have a batch of 1 built in. A
    context manager that ends with its session.

    Args:
        path: Of the frozen graph.
        nodes: Names of its input, float [1, height, width, 3] in [-1, 1], and of the features.

    Raises:
        OptionsError: The file is not a graph, or lacks a node.
    """

    def __init__(self, path, nodes):
        graph_def = load_graph_def(path, "--inception_graph")
        try:
            size = _size_of_input(graph_def, nodes)
        except ValueError:
            raise OptionsError(
                f"--inception_nodes {','.join(nodes)}: {path} has no such nodes; it has "
                f"{_some_names(graph_def)}"
            ) from None
        graph = tf.Graph()
        with graph.as_default():
            self._picture = tf.placeholder(tf.float32, [None, None, 3])
            resized = tf.image.resize_images(self._picture[None], size)
            (self._features,) = tf.import_graph_def(graph_def, {nodes[0]: resized}, [nodes[1]])
        self._session = tf.Session(graph=graph)

    def __exit__(self, *exception):
        self._session.close()

    def __call__(self, picture):
        """Computes the features of a picture.

        Args:
            picture: float [height, width, 1 or 3] in [-1, 1].

        Returns:
            float64 [number of features].
        """
        picture = np.broadcast_to(picture, [*picture.shape[:2], 3])
        features = self._session.run(self._features, {self._picture: picture})
        return features.ravel().astype(np.float64)


def _size_of_input(graph_def, nodes):
    with tf.Graph().as_default():
        shape = tf.import_graph_def(graph_def, return_elements=list(nodes))[0].shape
    sides = shape.as_list()[1:3] if shape.ndims == 4 else [None, None]
    return [side or _DEFAULT_SIDE for side in sides]


def _some_names(graph_def):
    names = [node.name for node in graph_def.node if node.op not in ("Const", "Identity")]
    return ", ".join([*names[:2], "...", *names[-3:]] if len(names) > 5 else names)


def frechet_distance(first, second):
    """Computes the Frechet distance of two Gaussians fitted to features (Heusel et al., 2017).

    It is too large for sets that are small beside the number of features.

    Args:
        first: float64 [pictures, features], at least two pictures.
        second: Likewise.

    Returns:
        |mean difference|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), a number from 0 on.
    """
    means = [features.mean(axis=0) for features in (first, second)]
    covariances = [np.atleast_2d(np.cov(features.T)) for features in (first, second)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    # C1 C2 has the eigenvalues of this symmetric product, whose roots are safe to take.
    roots = np.sqrt(np.linalg.eigvalsh(root @ covariances[1] @ root).clip(0))
    distance = np.sum((means[0] - means[1]) ** 2) + sum(np.trace(c) for c in covariances)
    return float(max(distance - 2.0 * roots.sum(), 0.0))


def kernel_distance(first, second):
    """Computes the kernel inception distance (Binkowski et al., 2018).

    That is the unbiased estimate of the squared maximum mean discrepancy with the kernel
    (x.y / features + 1)^3, as the mean over blocks of at most 1000 pictures.

    Args:
        first: float64 [pictures, features], at least two pictures.
        second: Likewise, of as many pictures.

    Returns:
        A number around 0 for sets of one kind; it may be negative.
    """
    blocks = -(-len(first) // _LARGEST_BLOCK)
    pairs = zip(np.array_split(first, blocks), np.array_split(second, blocks))
    return float(np.mean([_squared_discrepancy(*pair) for pair in pairs]))


def _squared_discrepancy(x, y):
    m, n = len(x), len(y)
    within_x, within_y = _kernel(x, x), _kernel(y, y)
    within = (within_x.sum() - np.trace(within_x)) / (m * (m - 1))
    within += (within_y.sum() - np.trace(within_y)) / (n * (n - 1))
    return within - 2.0 * _kernel(x, y).mean()


def _kernel(x, y):
    return (x @ y.T / x.shape[1] + 1.0) ** 3
