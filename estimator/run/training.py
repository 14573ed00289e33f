"""The training phase: the Estimator, and what is left at the end."""

import os
from dataclasses import asdict, replace

from estimator.interruption import Interrupted
from estimator.options import views
from estimator.options.flag_types import BEST, size_text
from estimator.run.best import BEST_FILE, best_folder, read_best, settle_best
from estimator.run.checkpoints import settle_checkpoints
from estimator.run.failures import explained
from estimator.run.folder import other_data_path, settle_existing_run
from estimator.run.initial_weights import find_initial_weights
from estimator.run.leftovers import clear_folders
from estimator.run.lock import FolderLock
from estimator.run.plan import make_plan
from estimator.run.reports import Reports, freeze_for_use, frozen_path, image_rows_hook
from estimator.run.stored_run import await_chief, latest_step, write_options
from estimator.run.value_range import range_text
from estimator.trained.weights import load_weights
from hooks import CallBeforeSave, FiniteWeights, PauseForCheckpoint, TrainingClock
from input_fn import Presentation, training_dataset, write_json
from model_fn import build_model_fn

# Seconds for which a rank that saves nothing goes on with those that have been interrupted as well:
# the one that saves needs the others to end its step.
_PATIENCE = 60


def train(options, device, interruption, heartbeat):
    """Trains, or resumes, until the last step.

    Args:
        options: `Options`.
        device: From `choose_device`.
        interruption: `Interruption`; a signal ends training after the present step, with a
            checkpoint.
        heartbeat: `Heartbeat`, by which this process is known to live.

    Raises:
        Interrupted: A signal has ended it.
        OptionsError: The checkpoint folder holds another run, or another process has it.
        DataError: The data cannot be used and nothing was written, or a file broke meanwhile.
        RunError: The device's memory does not suffice, or the machine gave out.
        NonFiniteLossError: A loss became infinite or not a number.
    """
    plan = make_plan(options, device)
    options = plan.options
    initial = find_initial_weights(plan)
    with FolderLock() as lock:
        if device.owns_folder:
            _take_folder(plan, lock)
        else:
            await_chief(options)
        start_step = latest_step(options.checkpoint_dir)
        initial = initial if start_step is None else None
        start_step = start_step or 0
        _describe(plan)
        if start_step >= plan.target_step:
            print(
                f"training is complete: {options.checkpoint_dir} is at step {start_step} of "
                f"{plan.target_step}; raise --max_steps or --epoch to go on"
            )
            if device.is_chief:
                _freeze_checkpoint(options, start_step)
        else:
            if start_step:
                print(f"resuming {options.checkpoint_dir} at step {start_step}")
            _describe_start(options, device, initial)
            with explained(plan.sets_of_pairs, plan.pair_format):
                _run(plan, start_step, initial, interruption, heartbeat)
        if device.is_chief and options.keep_best is not None:
            _freeze_best(options)
    if device.is_chief:
        print(f"checkpoints, events and reports: {os.path.abspath(options.checkpoint_dir)}")
        print(f"frozen graphs: {os.path.abspath(options.frozen_dir)}", flush=True)


def _take_folder(plan, lock):
    """Makes the checkpoint folder this run's."""
    options, state = plan.options, plan.device.optimizer_state
    names = plan.train_pairs.names
    lock.take(options.checkpoint_dir)
    clear_folders(options)
    settle_checkpoints(options.checkpoint_dir)
    archived = settle_existing_run(options, plan.target_step, state, names)
    if archived:
        lock.take(options.checkpoint_dir)
        print(f"the run that was in {options.checkpoint_dir} is now in {archived}")
    elif other_data_path(options):
        print(f"the data of this run was in {other_data_path(options)} so far")
    settle_best(options.checkpoint_dir, options.keep_best is not None)
    write_options(options, state, names)


def _describe(plan):
    options, device = plan.options, plan.device
    own_pairs = plan.train_pairs.shard(device.rank, device.size)
    print(
        f"rank {device.rank} of {device.size} reads {len(own_pairs)} files; "
        f"{0 if plan.val_pairs is None else len(plan.val_pairs)} for validation; "
        f"{plan.target_step} steps, {plan.steps_per_epoch} to an epoch; "
        f"{size_text(options.fine_size)} pixels, {_shape(views.network_config(options))}",
        flush=True,
    )
    if options.value_range is not None:
        print(f"value range: {range_text(options.value_range)}", flush=True)


def _shape(network):
    return network.generator if network.depth is None else f"{network.depth} layers deep"


def _describe_start(options, device, initial):
    """Says where the weights come from, if another run was named for them."""
    if options.init_from is None or not device.is_chief:
        return
    if initial is None:
        print(f"--init_from {options.init_from} is left aside: this run has its own checkpoint")
    else:
        print(initial.line, flush=True)


def _run(plan, start_step, initial, interruption, heartbeat):
    options, device = plan.options, plan.device
    network, objective = views.network_config(options), plan.objective
    presentation, clock = Presentation(plan.pair_format), TrainingClock()
    # First the evaluator, of a model of its own; the hooks of training score by it.
    evaluator = device.make_evaluator(
        build_model_fn(
            network, objective, None, presentation, evaluation_hooks=image_rows_hook(options)
        )
    )
    reports = Reports(plan, clock, evaluator, interruption, heartbeat)
    estimator = device.make_estimator(
        build_model_fn(
            network,
            objective,
            device,
            presentation,
            training_hooks=reports.hooks,
            initialise=None if initial is None else initial.initialise,
        )
    )

    def input_fn():
        return training_dataset(
            plan.train_pairs,
            plan.pair_format,
            options.batch_size,
            seed=options.seed,
            flip=not options.no_flip,
            rank=device.rank,
            size=device.size,
            start_batch=start_step,
            cache=options.cache,
        )

    with interruption.deferred(
        "interrupted: ending after this step, with a checkpoint",
        None if device.owns_folder else _PATIENCE,
    ):
        listeners = [PauseForCheckpoint(clock), CallBeforeSave(reports.write)]
        if device.runs_many_graphs:
            listeners.insert(0, FiniteWeights())
        device.train(estimator, input_fn, plan.target_step, listeners)
    if interruption.number is not None and device.owns_folder:
        step = latest_step(options.checkpoint_dir)
        raise Interrupted(interruption.number, f"interrupted at step {step}, which is saved")


def _freeze_checkpoint(options, step):
    """Freezes the last checkpoint, if the run that wrote it was stopped before it could."""
    if not os.path.exists(frozen_path(options, step)):
        freeze_for_use(options, step, load_weights(options))


def _freeze_best(options):
    """Sees to it that there is a frozen graph of the best checkpoint, and says which that is."""
    best = read_best(options.checkpoint_dir)
    if best is None:
        return
    path = frozen_path(options, best.step)
    if not os.path.exists(path):
        freeze_for_use(options, best.step, load_weights(replace(options, step=BEST)))
    content = {**asdict(best), "graph": os.path.basename(path)}
    write_json(os.path.join(options.frozen_dir, BEST_FILE), content)
    print(f"{best.line}: {os.path.abspath(best_folder(options.checkpoint_dir))}")
