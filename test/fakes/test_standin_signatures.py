"""Names, signatures and defaults, held to the reference's tables."""

import importlib
import inspect

import pytest
import reference_tables as tables


def look_up(npu, name):
    value = npu
    for part in name.split("."):
        value = getattr(value, part)
    return value


def as_text(default):
    return repr(default)


class TestRunConfig:
    def test_has_the_arguments_of_its_release_in_their_order_and_with_their_defaults(self, npu):
        parameters = inspect.signature(npu.NPURunConfig).parameters.values()
        found = [f"{each.name}={as_text(each.default)}" for each in parameters]
        assert found == tables.RUN_CONFIG[npu.flavour]

    def test_refuses_the_keyword_of_another_release_as_python_does(self, npu):
        foreign = {"old": "jit_compile", "new": "auto_tune_mode"}[npu.flavour]
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{foreign}'"):
            npu.NPURunConfig(**{foreign: "RL,GA"})

    def test_knows_none_of_the_names_that_were_given_up_before_both_releases(self, npu):
        assert "mstune_mode" not in inspect.signature(npu.NPURunConfig).parameters


class TestOtherNames:
    @pytest.mark.parametrize("name", sorted(tables.SIGNATURES))
    def test_they_have_their_signature(self, npu, name):
        assert str(inspect.signature(look_up(npu, name))) == tables.SIGNATURES[name]

    def test_optimizers_compute_and_apply_with_the_arguments_of_tensorflows_own(self, npu):
        for each in (npu.NPULossScaleOptimizer, npu.NPUDistributedOptimizer):
            assert (
                str(inspect.signature(each.apply_gradients))
                == "(self, grads_and_vars, global_step=None, name=None)"
            )

    def test_the_version_is_that_of_the_tensorflow_it_is_for(self, npu):
        assert importlib.import_module("npu_bridge").__version__ == "v1.15.0"
