"""Do what the README says in an empty folder, with nothing but Python and make: `make fresh`.

A clone of this repository, the README's own commands, word for word, and then once more without a
network; and `make run` in another clone behind a proxy whose certificates only the system knows.
Nothing of this machine's is used but its Python: no environment, no cache of installers.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import PROJECT_DIR
from tests.intercepting_proxy import intercepting
from tests.system_certificates import can_be_replaced, nothing_by_hand, where_known, write_list

README = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
# In a namespace of its own a process has a loopback and nothing else.
WITHOUT_NETWORK = ("unshare", "--user", "--map-root-user", "--net", "sh", "-c")


def commands() -> list[str]:
    """Return the README's commands of this machine: the first, and those of the command line."""
    lines = [line.partition("#")[0].strip() for line in README.splitlines()]
    own = [line for line in lines if line.startswith(".venv/bin/python -m workflow ")]
    return ["make run", *own]


def tried(python: Path, folder: Path) -> bool:
    """Run all commands in a clone, with network and without; tell of each, and whether all held."""
    clone, environment = _cloned(python, folder)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment = kept | environment
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
    held = True
    for command in commands():
        held &= _told(version.stdout.strip(), command, ["sh", "-c", command], clone, environment)
    if subprocess.run([*WITHOUT_NETWORK, "true"], check=False, capture_output=True).returncode:
        print("without network: not tried, there are no namespaces here")
        return held
    for command in commands():
        inside = f"ip link set lo up; {command}"
        told = f"{command} (without network)"
        held &= _told(version.stdout.strip(), told, [*WITHOUT_NETWORK, inside], clone, environment)
    return held


def tried_behind_a_proxy(python: Path, folder: Path) -> bool:
    """Run the first command in a clone where every package comes through such a proxy."""
    if not can_be_replaced():
        print("behind a proxy: not tried, there are no namespaces here, or another list")
        return True
    clone, own = _cloned(python, folder)
    with intercepting() as proxy:
        system_list = folder / "system.crt"
        write_list(system_list, proxy.maker.cert_pem.bytes())
        environment = nothing_by_hand() | own
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            environment[name] = proxy.url
        # Nothing but the index of the packages, through the proxy.
        environment |= {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"}
        inside = where_known(system_list, ["make", "run"])
        held = _told(f"{python}", "make run (behind a proxy)", inside, clone, environment)
    through = ", ".join(sorted(proxy.hosts)) or "nothing"
    print(f"through the proxy: {through}; refused: {len(proxy.refused)}", *proxy.refused[:3])
    return held and bool(proxy.hosts)


def _cloned(python: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Return a clone, and variables in which this Python alone is found, and an empty home."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", PROJECT_DIR, clone], check=True)
    home = folder / "home"
    home.mkdir()
    # Python is found by its name, as `make` looks for it.
    names = folder / "bin"
    names.mkdir()
    (names / "python3").symlink_to(python)
    return clone, {"HOME": str(home), "PATH": f"{names}:/usr/bin:/bin"}


def _told(
    version: str, name: str, arguments: list[str], clone: Path, environment: Mapping[str, str]
) -> bool:
    begun = time.monotonic()
    done = subprocess.run(
        arguments,
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - begun
    print(f"{version}: {name}: exit code {done.returncode}, {seconds:.0f} s", flush=True)
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-20:]))
    return done.returncode == 0


def main() -> int:
    """Try each Python that is named; 0 where everything held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="*", type=Path, default=[Path(sys.executable)])
    parser.add_argument("--proxy-only", action="store_true", help="only what is behind a proxy")
    arguments = parser.parse_args()
    pythons = [python.resolve() for python in arguments.pythons]
    tries = [] if arguments.proxy_only else [(tried, python) for python in pythons]
    held = True
    for attempt, python in [*tries, (tried_behind_a_proxy, pythons[0])]:
        folder = Path(tempfile.mkdtemp(prefix="fresh-"))
        try:
            held &= attempt(python, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
