"""Published pass builders, measured in an environment of their own that is thrown away afterwards.

What they need is pinned with hashes in `requirements.txt` beside this and never mixes with our own
dependencies. Each runs in a process that measures when told to, so that all take turns with us.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.pass_builders import SERVICE, Sample
from passes.wallets.apple.images import images_for
from passes.wallets.apple.pass_json import pass_json, to_bytes
from passes.wallets.signing.certificates import to_pem
from passes.wallets.signing.identity import SigningIdentity
from tests.factories.faces import make_face

BUILDERS = {
    "py-pkpass 1.0.2": "py_pkpass",
    "edutap-wallet-apple 1.0.0a5": "edutap",
    "edutap-wallet-apple 1.0.0a5, key kept loaded": "edutap_cached",
}
_HERE = Path(__file__).parent
_INSTALL_S, _ANSWER_S = 300, 60


@contextmanager
def installed(identity: SigningIdentity, folder: Path) -> Iterator[dict[str, Sample]]:
    """The builders by name, ready to be measured; `folder` is filled and left to its owner to remove.

    Raises `subprocess.CalledProcessError` where the packages cannot be installed.
    """
    python = _install(folder / "environment")
    case = folder / "case"
    _write_case(case, identity)
    with ExitStack() as stack:
        yield {name: stack.enter_context(_running(python, part, case)) for name, part in BUILDERS.items()}


def _install(environment: Path) -> Path:
    uv = (sys.executable, "-m", "uv", "--quiet")
    python = environment / "bin" / "python"
    subprocess.run((*uv, "venv", "--python", sys.executable, environment), check=True, timeout=_INSTALL_S)
    requirements = ("--require-hashes", "-r", _HERE / "requirements.txt")
    command = (*uv, "pip", "install", "--python", python, *requirements)
    subprocess.run(command, check=True, timeout=_INSTALL_S)
    return python


def _write_case(case: Path, identity: SigningIdentity) -> None:
    """The card, its pictures and the identity as files, under the names edutap wants."""
    (case / "pictures").mkdir(parents=True)
    face = make_face("stamp")
    for name, picture in images_for(face).items():
        (case / "pictures" / name).write_bytes(picture)
    (case / "pass.json").write_bytes(to_bytes(pass_json(face, identity, SERVICE)))
    (case / "private.key").write_bytes(identity.paths.key.read_bytes())
    (case / "wwdr_certificate.pem").write_bytes(to_pem(identity.intermediates))
    leaf = case / f"certificate-{identity.pass_type_identifier}.pem"
    leaf.write_bytes(to_pem([identity.certificate]))


@contextmanager
def _running(python: Path, part: str, case: Path) -> Iterator[Sample]:
    environment = {**os.environ, "EDUTAP_WALLET_APPLE_CERT_DIR": str(case)}
    process = subprocess.Popen(
        [python, _HERE / "builders.py", part, case],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=case,
    )

    def sample(seconds: float) -> float:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{seconds}\n")
        process.stdin.flush()
        return float(json.loads(process.stdout.readline()))

    try:
        yield sample
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait(_ANSWER_S)
        if process.stdout:
            process.stdout.close()
