"""Folders that stand for others, in processes of their own: what is led there stays led."""

import subprocess
import sys
import venv
from pathlib import Path

import pocketaws

SOURCE_DIR = Path(pocketaws.__file__).parents[1]
SCRIPT = """
import sys
from pathlib import Path
from pocketaws.processes.stand_ins import stand_in

place, folder = sys.argv[1:]
stand_in({place: folder}, own=[])
import late

Path(place, "written").write_text(late.BESIDE)
"""


def test_what_is_installed_is_found_where_another_folder_stands_for_its_place(
    tmp_path: Path,
) -> None:
    place, folder = tmp_path / "place", tmp_path / "folder"
    folder.mkdir()
    venv.create(place / "env")
    [packages] = (place / "env" / "lib").glob("python*/site-packages")
    (packages / "late.py").write_text(
        "from pathlib import Path\nBESIDE = Path(__file__).with_name('beside.txt').read_text()\n"
    )
    (packages / "beside.txt").write_text("beside")

    subprocess.run(
        [str(place / "env" / "bin" / "python"), "-c", SCRIPT, str(place), str(folder)],
        env={"PYTHONPATH": f"{SOURCE_DIR}:{Path(sys.prefix)}"},
        check=True,
    )

    assert (folder / "written").read_text() == "beside"
    assert not (place / "written").exists()
