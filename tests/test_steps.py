"""A step of the build runs when, and only when, something it depends on or made has changed."""

import pytest

from analysis.build.staleness import Step, digest


@pytest.fixture
def step(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("1")
    return Step("copy", (tmp_path / "in",), (tmp_path / "out.txt",), tmp_path / "steps.json")


def work(step):
    """Copy the input; what the step is for."""
    step.outputs[0].write_text((step.inputs[0] / "a.txt").read_text())


def test_done_once_is_done(step):
    assert step.run(lambda: work(step)) and not step.run(lambda: work(step))


@pytest.mark.parametrize(
    "change",
    [
        lambda step: (step.inputs[0] / "a.txt").write_text("2"),
        lambda step: (step.inputs[0] / "b.txt").write_text("new"),
        lambda step: (step.inputs[0] / "a.txt").rename(step.inputs[0] / "c.txt"),
        lambda step: step.outputs[0].write_text("changed by hand"),
        lambda step: step.outputs[0].unlink(),
        lambda step: step.memory.unlink(),
        lambda step: step.memory.write_text("{ not json"),
        lambda step: step.begin(),
    ],
)
def test_any_change_makes_it_run_again(step, change):
    step.run(lambda: work(step))
    change(step)
    assert not step.is_done()


def test_caches_and_times_do_not_count(step):
    step.run(lambda: work(step))
    (step.inputs[0] / "__pycache__").mkdir()
    (step.inputs[0] / "__pycache__" / "x.pyc").write_text("x")
    (step.inputs[0] / "a.txt").write_text("1")
    assert step.is_done()


def test_a_failed_step_runs_again(step):
    step.run(lambda: work(step))
    (step.inputs[0] / "a.txt").write_text("2")
    with pytest.raises(ZeroDivisionError):
        step.run(lambda: 1 / 0)
    (step.inputs[0] / "a.txt").write_text("1")  # as it was at the last success
    assert not step.is_done()


def test_two_files_that_swap_contents_are_a_change(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    before = digest([tmp_path])
    (tmp_path / "a").write_text("2")
    (tmp_path / "b").write_text("1")
    assert digest([tmp_path]) != before


def test_an_input_that_changes_during_the_work_is_not_remembered_as_done(step):
    def slow():
        work(step)
        (step.inputs[0] / "a.txt").write_text("2")

    step.run(slow)
    assert not step.is_done()
    step.run(lambda: work(step))
    assert step.is_done() and step.outputs[0].read_text() == "2"


def test_files_that_are_being_written_do_not_count(step):
    step.run(lambda: work(step))
    (step.inputs[0] / ".0123.partial").write_text("half")
    assert step.is_done()
