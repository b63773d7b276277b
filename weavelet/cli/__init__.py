"""The command `weavelet`: one file per subcommand, each imported only when it runs."""

import importlib
import sys

from weavelet.cli.loading import without_collecting

_COMMANDS = {
    "serve": "Start the server.",
    "inference": "Start our inference server on its own.",
    "models": "List, fetch and check model weights.",
    "init": "Print a compose file, or take one over.",
    "demo": "Import real texts and show every kind of search.",
    "eval": "Measure every kind of search on judged texts.",
}


def main() -> None:
    """Run the subcommand named first on the command line."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in _COMMANDS:
        with without_collecting():
            module = importlib.import_module(f"weavelet.cli.{name}")
        sys.argv = [f"weavelet {name}", *sys.argv[2:]]
        module.main()
        return
    if name == "--version":
        from weavelet import __version__

        print(f"weavelet {__version__}")
        return
    _usage()
    sys.exit(0 if name in ("--help", "-h", "help") else 2)


def _usage() -> None:
    width = max(map(len, _COMMANDS))
    print("usage: weavelet COMMAND [OPTIONS]\n")
    for name, purpose in _COMMANDS.items():
        print(f"  {name:<{width}}  {purpose}")
    print("\n`weavelet COMMAND --help` explains a command.")
