"""The measured servers lack exactly such packages as a deployed one lacks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import servers

ROOT = Path(__file__).resolve().parent.parent.parent


def _locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("module", "distribution"), [("jinja2", "jinja2"), ("lxml", "lxml"), ("pygments", "pygments"), ("yaml", "pyyaml")]
)
def test_a_measured_server_lacks_what_only_developers_install(module, distribution):
    command = [sys.executable, "-c", f"import {module}"]

    there = subprocess.run(command, env=servers.deployed(dict(os.environ)), capture_output=True, check=False)
    here = subprocess.run(command, capture_output=True, check=False)

    assert distribution in _locked("requirements-dev.txt") - _locked("requirements.txt")
    assert b"ModuleNotFoundError" in there.stderr
    assert here.returncode == 0
