"""The file that says how a runtime is reached, and by what it is made."""

import os
from pathlib import Path

from pocketaws.exports import read_exports, taken_back, write_exports
from pocketaws.installation import installation_digest

VARIABLES = {"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "a b'c", "NO_PROXY": "x"}


def test_what_is_written_is_read_with_the_process_and_what_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "new" / "local.env"

    write_exports(path, VARIABLES)

    exports = read_exports(path)
    config_path = str(tmp_path / "new" / "aws-config")
    assert exports.variables == {
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "a b'c",
        "AWS_CONFIG_FILE": config_path,
    }
    assert (exports.process_id, exports.installation) == (os.getpid(), installation_digest())


def test_a_file_of_before_says_nothing_of_who_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "local.env"
    path.write_text("unset AWS_PROFILE\nexport AWS_REGION=eu-west-1\n")

    exports = read_exports(path)

    assert exports.variables == {"AWS_REGION": "eu-west-1"}
    assert (exports.process_id, exports.installation) == (None, None)


def test_a_file_is_removed_by_who_wrote_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "local.env"
    with taken_back(path):
        write_exports(path, VARIABLES)
    assert not path.exists()

    with taken_back(path):
        write_exports(path, VARIABLES)
        path.write_text(path.read_text().replace(f"process {os.getpid()}", "process 1"))

    assert path.exists()
