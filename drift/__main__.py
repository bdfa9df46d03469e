"""`python -m drift`: the command line where no script is on the path."""

from drift.cli import main

main()
