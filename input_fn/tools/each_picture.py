"""What the commands have in common that make one file of each picture of a folder."""

import os

from input_fn.tools.pictures import find_pictures
from input_fn.tools.targets import check_targets


def add_folder_command(commands, name, run, help_text):
    """Adds a command with the arguments `folder` and `out`.

    Args:
        commands: What argparse's `add_subparsers` returned.
        name: Of the command.
        run: Function of the parsed options that returns an exit code.
        help_text: One line.

    Returns:
        The command's parser.
    """
    parser = commands.add_parser(name, help=help_text)
    parser.add_argument("folder", metavar="DIR", help="folder of pictures; subfolders are kept")
    parser.add_argument("out", metavar="OUT", help="folder to write to")
    parser.set_defaults(run=run)
    return parser


def jobs_of(options, *more):
    """Lists a job for each picture: path, path to write to less extension, and `more`.

    Raises:
        DataError: There are no pictures, or they would be written over; see `check_targets`.
    """
    names = find_pictures(options.folder)
    sources = [os.path.join(options.folder, name) for name in names]
    stems = [os.path.join(options.out, os.path.splitext(name)[0]) for name in names]
    check_targets(sources, stems, [options.folder])
    return [(source, stem, *more) for source, stem in zip(sources, stems)]
