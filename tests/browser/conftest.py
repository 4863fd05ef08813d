"""The demo clinic as a newcomer gets it, served by the real processes, and a real browser to look at it.

Started once for all tests of this folder, on a free port and in a folder of its own. ``CHROMIUM`` names the browser;
``SCREENSHOTS`` a folder that receives pictures of the pages.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a demo pass phrase"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo: web server and worker, as ``make demo`` starts them."""
    folder = tmp_path_factory.mktemp("demo")
    port = _free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "DEMO_PASSWORD": PASSWORD,
        "WEB_WORKERS": "1",
    }
    environment.pop("DATABASE_URL", None)
    log = (folder / "log.txt").open("wb")
    command = [sys.executable, "-W", "ignore", "-m", "cms.launch", "--demo"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://localhost:{port}"
    try:
        _wait_for(f"{address}/healthz", process, folder / "log.txt")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        # A machine that tests has other work too; what takes longer than this is broken.
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(params=SIZES, ids=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    """A phone, then a desktop."""
    return str(request.param)


@pytest.fixture
def visitor(browser: Browser, size: str) -> Iterator[Page]:
    """Somebody who is not logged in; every request to another host and every error of a script fails the test."""
    context = browser.new_context(viewport=SIZES[size])
    page = context.new_page()
    strays: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: strays.append(request.url) if "//localhost" not in request.url else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [url for url in strays if not url.startswith(("data:", "blob:"))] == []
    assert errors == []


@pytest.fixture
def log_in(browser: Browser, site: str) -> Iterator[Callable[[str], Page]]:
    """A function that opens the desk as one of the demo's people; each gets a browser of their own."""
    contexts: list[BrowserContext] = []

    def log_in(username: str) -> Page:
        context = browser.new_context(viewport=SIZES["desktop"])
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site}/admin/login/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{site}/admin/")
        return page

    yield log_in
    for context in contexts:
        context.close()


def take_picture(page: Page, name: str, *, full_page: bool = False) -> None:
    """A screenshot for the documentation, when ``SCREENSHOTS`` names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        # What still fades in or out is shown as it will be.
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page, animations="disabled")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: int = 600) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The demo ended:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"The demo did not answer in time:\n{log.read_text()[-3000:]}")
