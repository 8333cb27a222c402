"""Bundles are what `sam build` and `sam package` would make of the same folders."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pocketaws.cloudformation.bundles import BUCKET_NAME, package_bundles
from pocketaws.errors import DeploymentError


@pytest.fixture
def bundles_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "bundles"
    folder.mkdir()
    return folder


def function(code_uri: Any) -> dict[str, Any]:
    properties = {} if code_uri is None else {"CodeUri": code_uri}
    return {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}}


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def bundled(template: dict[str, Any], template_dir: Path, bundles_dir: Path) -> dict[str, bytes]:
    """Package a template of one function and return the files in its bundle."""
    package_bundles(template, template_dir, bundles_dir, requirements_cache=bundles_dir)
    location = template["Resources"]["F"]["Properties"]["CodeUri"]
    assert location["Bucket"] == BUCKET_NAME
    with zipfile.ZipFile(bundles_dir / location["Key"]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_becomes_its_files(tmp_path: Path, bundles_dir: Path) -> None:
    write(tmp_path / "code", app_py="a", deeper__more_py="b")

    files = bundled(function("code"), tmp_path, bundles_dir)

    assert files == {"app.py": b"a", "deeper/more.py": b"b"}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, bundles_dir: Path) -> None:
    first, second = function("one"), function("two")
    for name, written_at in (("one", 10**9), ("two", 2 * 10**9)):
        for path in write(tmp_path / name, b_py="b", a_py="a").iterdir():
            os.utime(path, (written_at, written_at))

    bundled(first, tmp_path, bundles_dir)
    bundled(second, tmp_path, bundles_dir)

    assert first == second
    assert len(list(bundles_dir.iterdir())) == 1


def test_other_content_gives_another_name(tmp_path: Path, bundles_dir: Path) -> None:
    first, second = function("one"), function("two")
    write(tmp_path / "one", app_py="a")
    write(tmp_path / "two", app_py="b")

    bundled(first, tmp_path, bundles_dir)
    bundled(second, tmp_path, bundles_dir)

    assert first != second


def test_linked_folders_and_files_are_followed(tmp_path: Path, bundles_dir: Path) -> None:
    write(tmp_path / "elsewhere", job_py="j")
    write(tmp_path / "code", app_py="a")
    (tmp_path / "code" / "jobs").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "code" / "one.py").symlink_to(tmp_path / "elsewhere" / "job.py")

    files = bundled(function("code"), tmp_path, bundles_dir)

    assert files == {"app.py": b"a", "jobs/job.py": b"j", "one.py": b"j"}


def test_what_python_and_the_desktop_leave_is_left_out(tmp_path: Path, bundles_dir: Path) -> None:
    folder = write(tmp_path / "code", app_py="a", odd="b")
    write(folder / "__pycache__", app="c")
    write(folder / "sub" / "__pycache__", app="c")
    (folder / "old.pyc").write_bytes(b"c")
    (folder / ".DS_Store").write_bytes(b"c")

    assert bundled(function("code"), tmp_path, bundles_dir).keys() == {"app.py", "odd"}


def test_one_file_is_a_bundle_of_one(tmp_path: Path, bundles_dir: Path) -> None:
    write(tmp_path, app_py="a", other_py="b")

    assert bundled(function("app.py"), tmp_path, bundles_dir) == {"app.py": b"a"}


def test_a_zip_is_taken_as_it_is(tmp_path: Path, bundles_dir: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "a")
    (tmp_path / "code.zip").write_bytes(buffer.getvalue())

    assert bundled(function("code.zip"), tmp_path, bundles_dir) == {"app.py": b"a"}


def test_globals_name_the_code_of_functions_that_do_not(tmp_path: Path, bundles_dir: Path) -> None:
    write(tmp_path / "common", app_py="common")
    template = {"Globals": {"Function": {"CodeUri": "common"}}, **function(None)}

    assert bundled(template, tmp_path, bundles_dir) == {"app.py": b"common"}


@pytest.mark.parametrize("code_uri", ["s3://bucket/code.zip", {"Bucket": "b", "Key": "k"}])
def test_code_that_lies_in_s3_stays_there(tmp_path: Path, bundles_dir: Path, code_uri: Any) -> None:
    template = function(code_uri)

    package_bundles(template, tmp_path, bundles_dir, requirements_cache=bundles_dir)

    assert template == function(code_uri)


def test_a_definition_is_told_and_uploaded(tmp_path: Path, bundles_dir: Path) -> None:
    (tmp_path / "m.json").write_text("{}")
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "m.json"}}

    definitions = package_bundles(
        {"Resources": {"M": machine}}, tmp_path, bundles_dir, requirements_cache=bundles_dir
    )

    assert definitions == {"M": "{}"}
    assert [path.suffix for path in bundles_dir.iterdir()] == [".json"]


def test_a_folder_that_is_not_there_is_told_with_where_it_was_looked_for(
    tmp_path: Path, bundles_dir: Path
) -> None:
    with pytest.raises(DeploymentError, match=r"F\.CodeUri: 'code' is not there; looked for /"):
        package_bundles(function("code"), tmp_path, bundles_dir, requirements_cache=bundles_dir)


# What functions require.
def write_wheel(folder: Path, name: str, text: str) -> Path:
    """Write a package of one module, which needs nothing else and no network."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(file, content)
    return path


@pytest.fixture
def requiring(tmp_path: Path) -> Path:
    """A function's folder that requires a package which lies beside it."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "app.py").write_text("import priced\n")
    wheel_path = write_wheel(tmp_path, "priced", "PRICE = 7\n")
    (folder / "requirements.txt").write_text(f"# from beside it\n../{wheel_path.name}\n")
    return folder


@pytest.mark.slow
def test_what_a_function_requires_lies_beside_its_handler(requiring: Path, tmp_path: Path) -> None:
    bundles_dir = tmp_path / "bundles"
    bundles_dir.mkdir()

    files = bundled(function("code"), requiring.parent, bundles_dir)

    assert files["priced.py"] == b"PRICE = 7\n"
    assert files["app.py"] == b"import priced\n"


def test_what_is_built_already_is_taken_as_it_is(requiring: Path, tmp_path: Path) -> None:
    bundles_dir = tmp_path / "bundles"
    bundles_dir.mkdir()
    template = function("code")
    template["Resources"]["F"]["Metadata"] = {"SkipBuild": True}

    assert sorted(bundled(template, requiring.parent, bundles_dir)) == [
        "app.py",
        "requirements.txt",
    ]


@pytest.mark.slow
def test_requirements_that_cannot_be_installed_are_told_with_the_functions_name(
    requiring: Path, tmp_path: Path
) -> None:
    (requiring / "requirements.txt").write_text("./no-such-file.whl\n")

    with pytest.raises(DeploymentError, match=r"F: .* cannot be installed: .*such"):
        package_bundles(function("code"), requiring.parent, tmp_path, requirements_cache=tmp_path)
