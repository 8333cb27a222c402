"""Setting up where only the system knows the certificate that packages come with.

An index on loopback stands for the proxy, which `make fresh` has: what pip and uv see of one that
ends TLS is a certificate of a maker that they do not bring along.
"""

import base64
import functools
import hashlib
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.conftest import PROJECT_DIR
from tests.system_certificates import can_be_replaced, nothing_by_hand, where_known, write_list

pytestmark = pytest.mark.skipif(
    not can_be_replaced(), reason="no user namespaces, or another list of certificates"
)


@dataclass(frozen=True)
class Index:
    url: str
    hash: str
    system_list: Path


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def wheel(folder: Path) -> Path:
    path = folder / "told-1.0-py3-none-any.whl"
    files = {
        "told.py": "",
        "told-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: told\nVersion: 1.0\n",
        "told-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{name},sha256={digest.rstrip('=')},{len(text)}\n"
    files["told-1.0.dist-info/RECORD"] = f"{record}told-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("index")
    page = folder / "simple" / "told"
    page.mkdir(parents=True)
    path = wheel(page)
    (page / "index.html").write_text(f'<a href="{path.name}">{path.name}</a>')
    maker = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    maker.issue_cert("localhost").configure_cert(context)
    system_list = folder / "system.crt"
    write_list(system_list, maker.cert_pem.bytes())
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://localhost:{server.server_address[1]}/simple/"
        yield Index(url, hashlib.sha256(path.read_bytes()).hexdigest(), system_list)
        server.shutdown()


@pytest.fixture
def project(tmp_path: Path, index: Index) -> Path:
    """A folder with the Makefile, and an environment with pip to install a small package into."""
    shutil.copy(PROJECT_DIR / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "uv.txt").touch()
    required = f"told==1.0 --hash=sha256:{index.hash}\n"
    (tmp_path / "requirements" / "checks.txt").write_text(required)
    make = [sys.executable, "-m", "venv", str(tmp_path / ".venv-checks")]
    # With the pip of the Python beneath where that has one: bringing one along takes a while.
    subprocess.run([*make, "--system-site-packages", "--without-pip"], check=True)
    has_pip = [str(tmp_path / ".venv-checks" / "bin" / "python"), "-m", "pip", "--version"]
    if subprocess.run(has_pip, check=False, capture_output=True).returncode:
        subprocess.run([*make, "--clear"], check=True)
    return tmp_path


def made(project: Path, index: Index, *, known: bool) -> "subprocess.CompletedProcess[str]":
    """Have the Makefile set the environment up, where the system knows the certificate or not."""
    own = {
        "HOME": str(project),
        "PIP_INDEX_URL": index.url,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0",
        "UV_DEFAULT_INDEX": index.url,
        "UV_NO_CONFIG": "1",
        "UV_HTTP_RETRIES": "0",
    }
    make = ["make", ".venv-checks/ready", f"PYTHON={sys.executable}"]
    return subprocess.run(
        where_known(index.system_list, make) if known else make,
        cwd=project,
        env=nothing_by_hand() | own,
        capture_output=True,
        text=True,
        check=False,
    )


def installed(project: Path) -> bool:
    return any((project / ".venv-checks").glob("lib/python*/site-packages/told.py"))


def test_uv_installs_with_the_systems_certificates(project: Path, index: Index) -> None:
    uv = Path(sys.executable).parent / "uv"
    if not uv.exists():
        pytest.skip("there is no uv")
    (project / ".venv-checks" / "bin" / "uv").symlink_to(uv)

    done = made(project, index, known=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "pip installs" not in done.stdout
    assert installed(project)


def test_pip_installs_with_the_systems_certificates_where_uv_is_not_there(
    project: Path, index: Index
) -> None:
    unknown = made(project, index, known=False)
    assert unknown.returncode != 0
    assert not installed(project)

    done = made(project, index, known=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "pip installs, since uv did not" in done.stdout
    assert installed(project)
