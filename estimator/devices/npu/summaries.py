"""Summaries that leave the device by `host_call`, with every step."""

import tensorflow as tf

_SHOWN_ROWS = 4


def summary_writer(folder, tags, scalars_every, images_every):
    """Makes the function of a `host_call`, which runs on the host after every step.

    Args:
        folder: Of the events; None to write none.
        tags: Names of the scalars, in the order in which they come.
        scalars_every: Steps between scalars.
        images_every: Steps between pictures.

    Returns:
        Function of (global_step, scalars, rows): int64 [1], float32 [number of tags], uint8
        [batch, height, 3 width, 3]; returns the summary ops, as `host_call` wants it.
    """

    def write(global_step, scalars, rows):
        if folder is None:
            # The values have to be taken all the same, or the device would wait for that.
            return [tf.group(global_step, scalars, rows)]
        summary = tf.contrib.summary
        step = global_step[0]
        with summary.create_file_writer(folder).as_default():
            with summary.record_summaries_every_n_global_steps(scalars_every, step):
                for number, tag in enumerate(tags):
                    summary.scalar(tag, scalars[number], step=step)
            with summary.record_summaries_every_n_global_steps(images_every, step):
                summary.image("train/input_output_target", rows, max_images=_SHOWN_ROWS, step=step)
            return summary.all_summary_ops()

    return write
