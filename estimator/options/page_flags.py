"""The flags of the page that shows a trained network, for all programs that make or serve it."""

from estimator.options.flag_types import AUTO, NOT_NEGATIVE
from estimator.options.flags import Flag, FlagGroup

# Of the network's inputs: label maps in flat colours, drawings in ink, everything else.
PAGE_KINDS = ("labels", "sketch", "photo")


def page_group(title):
    """Makes the group of flags that say what the page has of the data.

    Args:
        title: Heading of the group.

    Returns:
        `FlagGroup`.
    """
    return FlagGroup(
        title,
        (
            Flag(
                "data_path",
                "folder of the data set, from whose val/ (else test/, else train/) the page has "
                "examples, and the colours of label maps",
                computed="the run's, if it is still there",
                metavar="DIR",
            ),
            Flag(
                "page_kind",
                "what the network's inputs are: labels, drawn with the classes' colours; sketch, "
                "drawn with a pen; photo, which are chosen or taken; auto: as the data look",
                default=AUTO,
                choices=(AUTO, *PAGE_KINDS),
            ),
            Flag(
                "label_palette",
                "the classes' colours and names: facades, or a FILE with a line R,G,B NAME or "
                "#RRGGBB NAME for each class",
                computed="as found in the data",
                metavar="facades|FILE",
            ),
            Flag(
                "page_examples",
                "number of example inputs; 0: none",
                default=6,
                **NOT_NEGATIVE,
            ),
            Flag("page_title", "heading of the page", computed="Picture to picture"),
        ),
    )
