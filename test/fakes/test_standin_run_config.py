"""What NPURunConfig refuses, what it stores, and how it reaches the device."""

import pytest
import reference_tables as tables
import tensorflow.compat.v1 as tf


def model_fn(features):
    raise AssertionError("not to be called")


@pytest.fixture
def parameters(npu, fresh, tmp_path):
    """Makes an NPUEstimator; returns the parameters of its NpuOptimizer as recorded."""

    def make(**arguments):
        npu.NPUEstimator(model_fn, str(tmp_path), npu.NPURunConfig(**arguments))
        return fresh.of("estimator")[-1]["parameter_map"]

    return make


class TestChecks:
    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ({"iterations_per_loop": 1.0}, TypeError),
            ({"iterations_per_loop": "1"}, TypeError),
            ({"iterations_per_loop": 0}, ValueError),
            ({"iterations_per_loop": -1}, ValueError),
            ({"mix_compile_mode": True, "iterations_per_loop": 2}, ValueError),
            ({"dump_config": {}}, ValueError),
            ({"save_checkpoints_steps": 1, "save_checkpoints_secs": 1}, ValueError),
            ({"log_step_count_steps": 0}, ValueError),
        ],
    )
    def test_a_bad_value_raises_what_the_real_one_raises(self, npu, arguments, error):
        with pytest.raises(error):
            npu.NPURunConfig(**arguments)

    def test_what_the_stand_in_cannot_carry_to_the_device_is_not_lost_in_silence(self, npu):
        with pytest.raises(NotImplementedError, match="op_select_implmode"):
            npu.NPURunConfig(op_select_implmode="high_precision")


class TestWhatIsStored:
    def test_without_a_saving_interval_it_is_100_steps(self, npu):
        assert npu.NPURunConfig().save_checkpoints_steps == 100

    def test_a_saving_interval_of_zero_stays(self, npu):
        assert npu.NPURunConfig(save_checkpoints_steps=0).save_checkpoints_steps == 0

    def test_seconds_leave_the_steps_unset(self, npu):
        config = npu.NPURunConfig(save_checkpoints_secs=60)
        assert (config.save_checkpoints_steps, config.save_checkpoints_secs) == (None, 60)

    def test_summaries_are_off_unless_asked_for(self, npu):
        assert npu.NPURunConfig().save_summary_steps == 0

    def test_replace_keeps_the_class_and_what_it_stores(self, npu):
        config = npu.NPURunConfig(iterations_per_loop=5).replace(model_dir="there")
        assert type(config) is npu.NPURunConfig
        assert (config.iterations_per_loop, config.model_dir) == (5, "there")


class TestParameterMap:
    def test_a_config_that_says_nothing_gives_the_defaults(self, npu, parameters):
        assert parameters() == {**tables.PARAMETERS, **tables.OWN_PARAMETERS[npu.flavour]}

    @pytest.mark.parametrize("given", tables.GIVEN, ids=lambda given: given[0])
    def test_an_argument_gets_its_key_and_field(self, parameters, given):
        argument, value, key, field, written = given
        assert parameters(**{argument: value})[key] == [field, written]

    def test_an_argument_of_one_flavour_gets_its_key_and_field(self, npu, parameters):
        for argument, value, key, field, written in tables.OWN_GIVEN[npu.flavour]:
            assert parameters(**{argument: value})[key] == [field, written]

    def test_dump_config_gets_its_keys(self, npu, parameters):
        dump = npu.DumpConfig(enable_dump=True, dump_path="/d", dump_step="0|5", dump_mode="all")
        found = parameters(dump_config=dump)
        assert found["enable_dump"] == ["b", True]
        assert found["enable_dump_debug"] == ["b", False]
        assert found["dump_path"] == ["s", "/d"]
        assert found["dump_step"] == ["s", "0|5"]
        assert found["dump_mode"] == ["s", "all"]
        assert found["dump_debug_mode"] == ["s", "all"]

    def test_profiling_config_gets_its_keys(self, npu, parameters):
        found = parameters(profiling_config=npu.ProfilingConfig(True, '{"output": "p"}'))
        assert found["profiling_mode"] == ["b", True]
        assert found["profiling_options"] == ["s", '{"output": "p"}']

    def test_it_is_in_the_callers_own_proto_and_twice_after_two_estimators(self, npu, tmp_path):
        session_config = tf.ConfigProto(allow_soft_placement=True)
        config = npu.NPURunConfig(session_config=session_config)
        for _ in range(2):
            npu.NPUEstimator(model_fn, str(tmp_path), config)
        rewriting = session_config.graph_options.rewrite_options
        assert [each.name for each in rewriting.custom_optimizers] == ["NpuOptimizer"] * 2

    def test_tensorflows_own_rewrites_are_named_beside_it(self, npu, parameters, fresh):
        parameters()
        assert fresh.of("estimator")[0]["optimizers"] == [
            *("pruning", "function", "constfold", "shape", "arithmetic", "loop", "dependency"),
            *("layout", "GradFusionOptimizer"),
        ]

    def test_what_was_asked_for_is_recorded(self, parameters, fresh):
        parameters(precision_mode="force_fp16", keep_checkpoint_max=5)
        assert fresh.of("run_config")[0]["arguments"] == {"precision_mode": "force_fp16"}


class TestWhatTheDeviceRefuses:
    @pytest.fixture
    def meet_device(self, npu, parameters):
        from npu_standin.device_checks import check_parameters

        return lambda **arguments: check_parameters(
            parameters(**arguments), npu.NPURunConfig.limits
        )

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"precision_mode": "fp16"}, "precision_mode is 'fp16'; .* force_fp32"),
            ({"aoe_mode": "7"}, "aoe_mode"),
            ({"iterations_per_loop": 2, "enable_data_pre_proc": False}, "enable_data_pre_proc"),
            ({"precision_mode": "force_fp16", "modify_mixlist": "l"}, "modify_mixlist"),
            ({"precision_mode": "allow_mix_precision", "modify_mixlist": "none"}, "cannot be read"),
        ],
    )
    def test_values_that_it_does_not_take(self, meet_device, arguments, message):
        from npu_standin import DeviceFatalError

        with pytest.raises(DeviceFatalError, match=message):
            meet_device(**arguments)

    @pytest.mark.parametrize(
        "arguments",
        [
            {"enable_dump": True, "enable_dump_debug": True, "dump_path": "."},
            {"enable_dump": True},
            {"enable_dump": True, "dump_path": "./no such folder"},
            {"enable_dump": True, "dump_path": ".", "dump_mode": "both"},
            {"enable_dump": True, "dump_path": ".", "dump_step": "1,2"},
            {"enable_dump_debug": True, "dump_path": ".", "dump_debug_mode": "overflow"},
        ],
    )
    def test_dumps_that_it_cannot_write(self, npu, meet_device, arguments):
        from npu_standin import DeviceFatalError

        with pytest.raises(DeviceFatalError, match="dump"):
            meet_device(dump_config=npu.DumpConfig(**arguments))

    def test_a_dump_that_it_can_write_passes(self, npu, meet_device, tmp_path):
        meet_device(
            dump_config=npu.DumpConfig(
                enable_dump_debug=True, dump_path=str(tmp_path), dump_debug_mode="aicore_overflow"
            )
        )

    def test_a_list_for_mixed_precision_passes(self, meet_device, tmp_path):
        path = tmp_path / "ops_info.json"
        path.write_text('{"black-list": {"to-add": ["ReluGradV2"]}}')
        meet_device(precision_mode="allow_mix_precision", modify_mixlist=str(path))
