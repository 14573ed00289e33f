import pytest

from hooks.finite import FiniteLossHook, NonFiniteLossError

NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture
def hook(training):
    losses = {
        "discriminator": training.losses["d_loss"],
        "generator": training.losses["g_loss"],
    }
    return FiniteLossHook(training.step, losses)


@pytest.mark.parametrize(
    ("losses", "network", "shown"),
    [
        ({"d_loss": NAN}, "discriminator", "nan"),
        ({"d_loss": INFINITY}, "discriminator", "inf"),
        ({"d_loss": -INFINITY}, "discriminator", "-inf"),
        ({"g_loss": NAN}, "generator", "nan"),
        ({"g_loss": INFINITY}, "generator", "inf"),
        ({"g_loss": -INFINITY}, "generator", "-inf"),
    ],
)
@pytest.mark.parametrize(("advance", "step"), [(1, 3), (10, 30)])
def test_the_network_and_the_step_are_named(training, hook, losses, network, shown, advance, step):
    with pytest.raises(NonFiniteLossError) as error, training.session([hook]) as make_run:
        for _ in range(2):
            make_run(advance)
        make_run(advance, **losses)
    message = str(error.value)
    assert message.startswith(f"the loss of the {network} is {shown} at step {step};")
    assert "\n" not in message


def test_the_step_counts_from_the_one_restored(training_from):
    training = training_from(1000)
    hook = FiniteLossHook(training.step, {"generator": training.losses["g_loss"]})
    with pytest.raises(NonFiniteLossError, match="at step 1001;"):
        with training.session([hook]) as make_run:
            make_run(g_loss=NAN)


def test_the_run_that_fails_is_the_last(training, hook):
    runs = []
    with pytest.raises(NonFiniteLossError), training.session([hook]) as make_run:
        for loss in (1.0, NAN, 1.0):
            runs.append(loss)
            make_run(g_loss=loss)
    assert len(runs) == 2


@pytest.mark.parametrize("loss", [0.0, -1.0, 1e-45, 3.4e38, -3.4e38])
def test_finite_losses_pass(training, hook, loss):
    with training.session([hook]) as make_run:
        make_run(d_loss=loss, g_loss=loss)
        make_run(advance=0, d_loss=loss, g_loss=loss)
