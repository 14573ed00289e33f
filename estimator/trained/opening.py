"""Opening the model that the flags name, on the device that they name."""

from estimator.devices.npu.prediction import prediction_config
from estimator.devices.prediction import host_config, host_dtype
from estimator.errors import OptionsError
from estimator.options.predict_flags import FITS_BY_FLAG
from estimator.trained import sources
from estimator.trained.run_options import trained_options


def open_predictor(options, batch_size, fit=None, given_statistics=False):
    """Loads a model.

    Args:
        options: The options of predict.py or serve.py.
        batch_size: Pictures at a time, for a device on which what is computed has a fixed shape.
        fit: As of `Predictor`; None for what the options say.
        given_statistics: Whether the statistics of norms can be given to a checkpoint's network;
            what an export takes is settled.

    Returns:
        `Predictor`.

    Raises:
        OptionsError: The model cannot be used, or not on this device.
    """
    on_npu = options.device == "npu"
    if on_npu and options.graph is not None and sources.is_onnx(options.graph):
        raise OptionsError(
            f"--device npu: --graph {options.graph} is computed by ONNX Runtime on the CPU; use "
            "--checkpoint_dir or a frozen graph, or convert it by atc"
        )
    mode = options.precision_mode
    config = prediction_config(mode) if on_npu else host_config(options.device)
    fit = FITS_BY_FLAG[options.fit] if fit is None else fit
    if options.checkpoint_dir is not None:
        trained = trained_options(options)
        if on_npu:
            return sources.from_checkpoint(trained, config, fit, batch_size, given_statistics)
        dtype = host_dtype(options.device, mode)
        return sources.from_checkpoint(trained, config, fit, None, given_statistics, dtype)
    if options.graph is not None:
        predictor = sources.from_graph(options.graph, config, fit)
    else:
        predictor = sources.from_saved_model(options.saved_model, config, fit)
    if on_npu and predictor.batch_size is None:
        raise OptionsError(
            "--device npu: this model takes any number of pictures at a time, and what an NPU "
            "computes has a fixed shape; use --checkpoint_dir, or a --graph of export.py with "
            "--batch_size=1"
        )
    return predictor
