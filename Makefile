# One way in: make.py (standard library only) sets up .venv and runs the job.
# Without make, for example on Windows: py -m make build
PYTHON ?= python3

.PHONY: help setup build release test fuzz attack mutants check audit lab lock benchmark clean
help setup build release test fuzz attack mutants check audit lab lock benchmark clean:
	@$(PYTHON) -m make $@
