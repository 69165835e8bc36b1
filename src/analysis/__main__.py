"""The command `misconduct`: its help is printed from a file, so that it opens at once; all else is in cli.py."""

from __future__ import annotations

import gc
import sys

STOPPED = 130  # exit status after Ctrl-C
HELP = __file__.replace("__main__.py", "help.txt")  # what cli.py says of itself, written by `misconduct build`


def main() -> None:
    """Run a command, or say which there are."""
    if sys.argv[1:] in ([], ["--help"]):
        with open(HELP, encoding="utf-8") as file:  # noqa: PTH123 (pathlib takes as long to import as the rest)
            print(file.read(), end="")
        return
    gc.set_threshold(50_000)  # of what is loaded nothing is garbage: looking for it takes a tenth of a second
    try:
        from analysis.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_stopped())
    except SystemExit as leaving:
        sys.exit(_stopped() if leaving.code == STOPPED else leaving.code)
    finally:
        gc.freeze()  # all of it ends with the process: looking for garbage first takes as long again


def _stopped() -> int:
    """Say that Ctrl-C was heard; the exit status."""
    print("\nStopped. What was not finished is as it was before.", file=sys.stderr)
    return STOPPED


if __name__ == "__main__":
    main()
