"""What begins before anything else: the processes that jobs are forked from, and the build.

This module and what it imports take no time, so that the slow imports of the emulator (here) and
of what the jobs need (there) happen at the same time.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws import environment
from pocketaws.errors import DeploymentError
from pocketaws.installation import installation_digest
from pocketaws.processes.ends import end_of
from pocketaws.processes.zygote_process import Child, Zygote

TEMPLATE_NAME: Final = "template.json"
DEFINITIONS_NAME: Final = "definitions.json"
ERROR_NAME: Final = "error.txt"
BUNDLES_NAME: Final = "bundles"
# XGBoost's threads sleep where they wait for each other, rather than spin: jobs share the cores of
# this machine with each other and with all else. OpenMP reads this once, when it is loaded:
# https://gcc.gnu.org/onlinedocs/libgomp/OMP_005fWAIT_005fPOLICY.html
_WAITING: Final = {"OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True)
class Build:
    """A template being built; its methods wait for the end. See `cloudformation.build`."""

    folder: Path
    child: Child

    def template(self) -> dict[str, Any]:
        """Return the template after the transform, as plain CloudFormation.

        Raises:
            DeploymentError: the template cannot be built.
        """
        return dict(json.loads(self._read(TEMPLATE_NAME)))

    def definitions(self) -> dict[str, str]:
        """Return the text of each state machine's definition, by logical id."""
        return dict(json.loads(self._read(DEFINITIONS_NAME)))

    def bundles(self) -> list[Path]:
        """Return the files that the template names by S3 key, which is their name."""
        return sorted((self.folder / BUNDLES_NAME).iterdir())

    def _read(self, name: str) -> str:
        if self.child.exit_code.result() != 0:
            raise DeploymentError(self._failure())
        return (self.folder / name).read_text(encoding="utf-8")

    def _failure(self) -> str:
        for name in (ERROR_NAME, "log.txt"):
            path = self.folder / name
            text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
            if text.strip():
                return text.strip()
        # Where nothing more can be written, the reason cannot either.
        free = shutil.disk_usage(self.folder).free // 1000
        return (
            f"the template's build {end_of(self.child.exit_code.result())} and could not say why; "
            f"{free} kB are left for temporary files in {self.folder.parent}"
        )


class Warmup:
    """The warmed processes.

    Attributes:
        home_dir: everything that the runtime writes lies in it; removed at the end, even when
            this process is killed.
        config_path: the AWS configuration of everything that runs here.
        training: has XGBoost imported. Not pandas and scikit-learn, which XGBoost imports where it
            finds them and which training from CSV does not use: they take longer than itself.
        light: has boto3 imported; for handlers, scripts and builds.
    """

    def __init__(self) -> None:
        self.home_dir = Path(tempfile.mkdtemp(prefix="workflow-"))
        self.config_path = self.home_dir / "aws-config"
        self._builds: dict[tuple[Path, str], Build] = {}
        with contextlib.ExitStack() as exits:
            exits.callback(shutil.rmtree, self.home_dir, ignore_errors=True)
            environment.write_config(self.config_path)
            self.training = Zygote(
                ["pocketaws.sagemaker.xgboost.training", "pocketaws.sagemaker.jobs.script"],
                without=("pandas", "sklearn"),
                log_path=self.home_dir / "training.log",
                environment=_WAITING,
            )
            exits.callback(self.training.stop)
            self.light = Zygote(
                [
                    "pocketaws.sagemaker.jobs.script",
                    "pocketaws.lambda_.lambda_function",
                ],
                log_path=self.home_dir / "light.log",
                environment={"AWS_CONFIG_FILE": str(self.config_path)},
                cleanup_dir=self.home_dir,
            )
            exits.callback(self.light.stop)
            # Both end at the same time, and then are waited for.
            exits.callback(self.training.leave)
            exits.callback(self.light.leave)
            self._exits = exits.pop_all()

    def build(self, template_path: Path, region: str) -> Build:
        """Begin to build a template, or return the build that was begun before.

        Args:
            template_path: of the template.
            region: where it is going to be deployed; the transform writes its partition out.
        """
        if (template_path, region) not in self._builds:
            folder = self.home_dir / f"build-{len(self._builds)}"
            folder.mkdir()
            # Whatever folder a template names, as for the SAM CLI.
            read_only = [Path(template_path.resolve().anchor)]
            self._builds[template_path, region] = self._begun(
                "build",
                template_path.resolve(),
                folder,
                region=region,
                read_only=read_only,
                caches={f"{name}_cache": self._cache(name) for name in ("requirements", "builds")},
                installation=installation_digest(),
            )
            # While the build runs; the first handler is not called before it has ended.
            self.warm_handlers()
        return self._builds[template_path, region]

    def warm_handlers(self) -> None:
        """Have imported what handlers' clients need, of which each would import it for itself."""
        self.light.import_module("pocketaws.lambda_.warm_clients")

    def transformed(self, template_text: str, *, region: str) -> dict[str, Any]:
        """Return what the SAM transform makes of a packaged template, as plain CloudFormation.

        Raises:
            DeploymentError: the transform refuses it.
        """
        folder = Path(tempfile.mkdtemp(prefix="transform-", dir=self.home_dir))
        template_path = folder / "template"
        template_path.write_text(template_text, encoding="utf-8")
        try:
            begun = self._begun("transformed", template_path, folder, region=region, read_only=[])
            return begun.template()
        except DeploymentError as error:
            # Who sent a text knows of no file.
            raise DeploymentError(str(error).replace(str(template_path), "the template")) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _cache(self, name: str) -> Path:
        folder = environment.cache_dir() / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            # It is kept for this runtime only.
            folder = self.home_dir / name
            folder.mkdir(exist_ok=True)
        return folder

    def _begun(
        self,
        target: str,
        template_path: Path,
        folder: Path,
        *,
        region: str,
        read_only: list[Path],
        caches: Mapping[str, Path] | None = None,
        **more: str,
    ) -> Build:
        arguments = {"template_path": str(template_path), "build_dir": str(folder), **more}
        variables = {"PATH": os.defpath, "AWS_DEFAULT_REGION": region}
        folders = [folder]
        if caches is not None:
            arguments |= {name: str(cache) for name, cache in caches.items()}
            variables |= environment.installer_variables()
            folders += caches.values()
        child = self.light.start_child(
            f"pocketaws.cloudformation.build:{target}",
            arguments,
            environment=variables,
            folders=folders,
            read_only=read_only,
            log_path=folder / "log.txt",
            subject=f"the build of {template_path}",
        )
        return Build(folder, child)

    def stop(self) -> None:
        """End both processes and everything they started, and remove their folder."""
        self._exits.close()
