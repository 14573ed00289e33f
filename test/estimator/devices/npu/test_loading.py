import re


class TestBadInput:
    def test_a_bridge_that_does_not_import_is_said_with_what_to_do(self, start, data, tmp_path):
        (tmp_path / "npu_bridge").mkdir()
        (tmp_path / "npu_bridge" / "__init__.py").write_text("raise NameError('no handle')")
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", "--max_steps=1"]
        environment = {"PYTHONPATH": str(tmp_path)}
        process = start("new", *flags, "--device=npu", **environment)
        assert process.returncode == 2
        assert "no handle" in process.stderr
        assert process.stderr.count("\n") == 1
        # With auto the run goes on where it can.
        process = start("new", *flags, "--eval_steps=0", **environment)
        assert process.returncode == 0
        assert re.match(r"device: (cpu|gpu) \(.*no handle", process.stdout)
