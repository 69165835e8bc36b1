"""python -m analysis: the same as the command `misconduct`."""

from analysis.cli import main

main()
