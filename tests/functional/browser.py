"""The browser of the tests of pages: Debian's Chromium, where there is one."""

import os
import shutil
from collections.abc import Iterator
from typing import Any, Final

# How long a page may take on a machine that does other things, too.
PAGE_MILLISECONDS: Final = 200_000
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROWSER_PATH: Final = next((path for path in map(shutil.which, _NAMES) if path), None)


def launched() -> Iterator[Any]:
    """Yield a browser without a window."""
    from playwright.sync_api import sync_playwright

    # Chromium has no sandbox of its own for root, which CI is.
    unsandboxed = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER_PATH, args=[*_QUIET, *unsandboxed]
        )
        yield browser
        browser.close()
