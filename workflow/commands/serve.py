"""`workflow serve`: the emulated AWS stays up, with the endpoint of the recorded model."""

import argparse
import re
from typing import Final

from workflow.laptop import arguments, region

DESCRIPTION: Final = (
    "Deploy template.yaml and endpoint.yaml to an emulated AWS on this machine, "
    "train, and serve until Ctrl-C. No Docker, no account, no network."
)
EXAMPLES: Final = """examples:
  python -m workflow serve
  python -m workflow serve --no-train
  python -m workflow serve --data abalone.csv
  python -m workflow serve --every 30s
  python -m workflow serve --input '{"hyperparameters": {"num_round": 100}}'
"""
_PORT: Final = 8080
_TIME: Final = re.compile(r"([0-9]{1,5})([smh])")
# https://www.rfc-editor.org/rfc/rfc6454#section-6.2; a browser sends it in lower case.
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_SHORTEST_SECONDS: Final = 5
_DAY_SECONDS: Final = 86_400


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
        "--console-port",
        type=int,
        default=0,
        metavar="PORT",
        help="of the console's pages on loopback (default: 0, a free one)",
    )
    parser.add_argument(
        "--every",
        type=_seconds,
        metavar="TIME",
        help="how long a window of the endpoint's monitor is, such as 30s, 5m or 1h "
        "(default: every full hour)",
    )
    parser.add_argument(
        "--retrain-on-drift",
        action="store_true",
        help="start an execution when the monitor's alarm goes off (default: a message alone)",
    )
    arguments.add_state_folder(
        parser, "keeps the recorded model, and gets local.env, what to export"
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
        type=_origin,
        default=[],
        metavar="ORIGIN",
        help="a web page's, such as http://localhost:3000, that may call the emulated AWS; "
        "again for more (default: none)",
    )


def run(given: argparse.Namespace) -> int:
    """Serve until interrupted; return 0.

    Raises:
        KeyboardInterrupt: by then it did not serve yet.
        WorkflowError: the arguments cannot be used, nothing was recorded, or the first deployment
            of the endpoint failed.
    """
    from workflow.laptop.serve import ServeRequest, serve

    serve(
        ServeRequest(
            data=given.data,
            execution_input=given.input,
            port=given.port,
            state_dir=given.state_dir,
            fresh=given.fresh,
            trains=given.trains,
            allowed_origins=given.allow_origin,
            region=given.region,
            every_seconds=given.every,
            retrains_on_drift=given.retrain_on_drift,
            console_port=given.console_port,
        )
    )
    return 0


def _origin(text: str) -> str:
    """Read the origin of a web page, as a browser sends it: without a path."""
    if not _ORIGIN.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} must be the scheme, host and port of a page, without a path, such as "
            "http://localhost:3000"
        )
    return text


def _seconds(text: str) -> int:
    """Read a time such as 30s."""
    match = _TIME.fullmatch(text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not _SHORTEST_SECONDS <= seconds <= _DAY_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be a time from {_SHORTEST_SECONDS}s to 24h, such as 30s, 5m or 1h"
        )
    return seconds
