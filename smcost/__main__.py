"""``python -m smcost``."""

from smcost.cli.main import main

main()
