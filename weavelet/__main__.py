"""`python -m weavelet` is the command `weavelet`."""

from weavelet.cli import main

main()
