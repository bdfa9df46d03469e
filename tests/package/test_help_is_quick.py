"""`drift --help`, and every command before it does its work, load the command line alone."""

from __future__ import annotations

import subprocess
import sys

# each takes as long to import as all of the command line, or longer
_HEAVY = ("numpy", "pandas", "pyarrow", "pydantic", "rich.markdown", "rich.table", "scipy", "sqlalchemy", "drift.config", "mcp")


def test_the_help_loads_nothing_that_works():
    code = f"""
import sys
from drift.cli import main
sys.argv = ["drift", "--help"]
try:
    main()
except SystemExit as ended:
    assert not ended.code
print("loaded", *[name for name in {_HEAVY!r} if name in sys.modules], sep=", ")
"""
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120).stdout
    assert "nights" in said
    assert said.splitlines()[-1] == "loaded"
