"""The environment of the Data Science SDK, which only the definition needs."""

import json
from pathlib import Path
from typing import Any, Final

PROJECT_DIR: Final = Path(__file__).parents[1]
_VENV_DIR: Final = PROJECT_DIR / ".venv-definition"
PYTHON: Final = str(_VENV_DIR / "bin" / "python")


def listed_images(name: str) -> dict[str, Any]:
    """Return a list of images of the SageMaker SDK, read without importing it: that takes seconds.

    Args:
        name: such as "xgboost".
    """
    pattern = f"lib/python*/site-packages/sagemaker/image_uri_config/{name}.json"
    paths = list(_VENV_DIR.glob(pattern))
    assert len(paths) == 1, f"{_VENV_DIR} lacks the SDK, which `make definition` sets up"
    return dict(json.loads(paths[0].read_text(encoding="utf-8")))
