"""`workflow serve`: the emulated AWS stays up, with the endpoint of the recorded model."""

import argparse
from pathlib import Path
from typing import Final

from workflow.laptop import region

SUMMARY: Final = "keep the emulated AWS up, with the endpoint of the recorded model"
DESCRIPTION: Final = (
    "Deploy template.yaml and endpoint.yaml to an emulated AWS on this machine, "
    "train, and serve until Ctrl-C. No Docker, no account, no network."
)
EXAMPLES: Final = """examples:
  python -m workflow serve
  python -m workflow serve --no-train
  python -m workflow serve --data abalone.csv
  python -m workflow serve --input '{"hyperparameters": {"num_round": 100}}'
"""
_PORT: Final = 8080


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--data", metavar="PATH-or-S3-URI", help="raw CSV, as for `run` (default: the sample)"
    )
    parser.add_argument(
        "--input",
        default="{}",
        metavar="JSON-or-@FILE",
        help="of the first execution (default: {})",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_PORT,
        help=f"of /ping and /invocations on loopback; 0 for a free one (default: {_PORT})",
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=Path(".workflow"),
        metavar="FOLDER",
        help="keeps the recorded model, and gets local.env, what to export (default: .workflow)",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="run as if no model had been recorded yet"
    )
    region.add_arguments(parser)
    parser.add_argument(
        "--no-train",
        dest="trains",
        action="store_false",
        help="serve the model that --state-dir keeps, without an execution (default: train one)",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a web page's, such as http://localhost:3000, that may call the emulated AWS; "
        "again for more (default: none)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; return 0.

    Raises:
        KeyboardInterrupt: by then it did not serve yet.
        WorkflowError: the arguments cannot be used, nothing was recorded, or the first deployment
            of the endpoint failed.
    """
    from workflow.laptop.serve import ServeRequest, serve

    serve(
        ServeRequest(
            data=arguments.data,
            execution_input=arguments.input,
            port=arguments.port,
            state_dir=arguments.state_dir,
            fresh=arguments.fresh,
            trains=arguments.trains,
            allowed_origins=arguments.allow_origin,
            region=arguments.region,
        )
    )
    return 0
