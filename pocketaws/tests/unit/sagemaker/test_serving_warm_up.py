"""What the first prediction of a container finds done already."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path

sys.modules["sklearn"] = None
import numpy as np
import xgboost as xgb

from pocketaws.sagemaker.xgboost.serving import ScoringService, ServingSettings
from pocketaws.wire.messages import Request

folder = Path(sys.argv[1])
matrix = xgb.DMatrix(np.eye(4, dtype=np.float32), label=np.arange(4))
xgb.train({"objective": "reg:squarederror"}, matrix, 2).save_model(folder / "xgboost-model.ubj")
for name in [name for name in sys.modules if name.partition(".")[0] == "pandas"]:
    del sys.modules[name]
service = ScoringService(folder, ServingSettings())
service.prepare()
row = Request("POST", "/invocations", {"content-type": "text/csv"}, b"1,0,0,0")
print(int(service.answer(row).status), sys.modules.get("pandas"))
"""


@pytest.mark.slow
def test_the_first_prediction_imports_no_pandas(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert done.stdout == "200 None\n", done.stderr
