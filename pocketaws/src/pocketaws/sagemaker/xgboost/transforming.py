"""The container of a transform job: answers one request after the other, from files."""

import json
import os
import sys
from http import HTTPStatus
from pathlib import Path

from pocketaws.sagemaker.xgboost.serving import ScoringService, ServingSettings
from pocketaws.wire.messages import Request


def main(model_dir: str, requests_dir: str, *, image_tag: str, headers: dict[str, str]) -> int:
    """Answer the bodies `0`, `1` ... of a folder in `0.out`, `1.out` ...

    Args:
        model_dir: what model.tar.gz holds, unpacked.
        requests_dir: the folder.
        image_tag: of the model's image, such as "3.2-0".
        headers: of every request.

    Returns:
        0, or 1 where a request is refused.
    """
    settings = ServingSettings.of(os.environ, image_tag=image_tag)
    service = ScoringService(Path(model_dir), settings)
    folder = Path(requests_dir)
    count = int(json.loads((folder / "count.json").read_text(encoding="utf-8")))
    for number in range(count):
        body = (folder / str(number)).read_bytes()
        answer = service.answer(Request("POST", "/invocations", headers, body))
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            text = " ".join(answer.body.decode(errors="replace").split())
            print(f"Bad HTTP status received from algorithm: {answer.status}", file=sys.stderr)
            print(text, file=sys.stderr)
            return 1
        (folder / f"{number}.out").write_bytes(answer.body)
    return 0
