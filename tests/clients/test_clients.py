"""Programs are generated from the description, compile without edits, and read the clinic from a server that runs.

The server is this process, asked by the programs over the network: what they read needs no commit.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from cms.api.description import described
from cms.wsgi import application
from tests.factories import Clinic

HERE = Path(__file__).parent
GENERATED = HERE / "generated"
DESCRIPTION = GENERATED / "openapi.json"
TOOLS = HERE / "node_modules" / ".bin"
BIN = Path(sys.executable).parent
# Longest time that a generated program may take. Unit: seconds.
PATIENCE_SECONDS = 120
needs_node = pytest.mark.skipif(
    not TOOLS.exists(), reason="node is missing: install Node.js and npm, then make clients"
)


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what matters is what the program says."""


@pytest.fixture(scope="module", autouse=True)
def description() -> None:
    GENERATED.mkdir(exist_ok=True)
    DESCRIPTION.write_text(json.dumps(described()))


def run(*command: str | Path, **environment: str) -> str:
    """What ``command`` says; fails with it when the command does."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=HERE, env={**os.environ, **environment}, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read_by(*command: str | Path, **environment: str) -> str:
    """What ``command`` says, given the address of a server as its last argument, which answers while it runs."""
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        server.timeout = 0.2
        address = f"http://localhost:{server.server_port}"
        program = subprocess.Popen(
            [*(str(part) for part in command), address],
            cwd=HERE, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            while program.poll() is None:
                server.handle_request()
        finally:
            program.kill()
        said = program.communicate()[0]
    assert program.returncode == 0, said
    return said


@needs_node
def test_the_description_has_no_fault_of_style() -> None:
    run(
        TOOLS / "redocly",
        "lint",
        "--config",
        "redocly.yaml",
        "--max-problems",
        "20",
        DESCRIPTION,
        REDOCLY_TELEMETRY="off",
    )


@needs_node
def test_a_typescript_client_compiles_and_reads(clinic: Clinic) -> None:
    shutil.rmtree(GENERATED / "typescript", ignore_errors=True)
    run(TOOLS / "openapi-typescript", DESCRIPTION, "-o", GENERATED / "api.d.ts", "--alphabetize")
    run(TOOLS / "tsc", "--strict", "--noEmit", "-p", ".")
    run(TOOLS / "tsc", "-p", ".")

    said = read_by("node", GENERATED / "typescript" / "typescript" / "consumer.js")

    assert said == "TypeScript: 1 articles, “Sleeping better”, Not Found\n"


def test_a_python_client_passes_strict_types_and_reads(clinic: Clinic) -> None:
    shutil.rmtree(GENERATED / "attest_client", ignore_errors=True)
    said = run(
        BIN / "openapi-python-client", "generate", "--path", DESCRIPTION, "--config", "python-client.yaml",
        "--meta", "none", "--output-path", GENERATED / "attest_client", "--fail-on-warning",
    )  # fmt: skip
    assert "Warning" not in said
    path = {"MYPYPATH": str(GENERATED), "PYTHONPATH": str(GENERATED)}
    run(BIN / "mypy", "--config-file", "mypy.ini", "-p", "attest_client", **path)
    run(BIN / "mypy", "--config-file", "mypy.ini", "python/consumer.py", **path)

    said = read_by(BIN / "python", "python/consumer.py", **path)

    assert said == "Python: 1 articles, “Sleeping better”, Not Found\n"
