"""`certs`: throwaway and real identities, as files and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.cli.conftest import Shell
from tests.wallets.signing import chains

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FIELDS = [
    "merchant", "pass_type_identifier", "team_identifier", "not_after", "development", "root", "certificate",
    "key",
]  # fmt: skip


def real_p12() -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"cafe", chains.key("leaf"), chains.leaf(), [chains.apple_like()], BestAvailableEncryption(b"hush")
    )


def own_chain(shell: Shell) -> tuple[str, ...]:
    """A certificate that does not end at Apple, in files."""
    leaf = chains.leaf(issuer=chains.OWN_NAME)
    return (
        "--certificate", shell.file("leaf.pem", chains.pem(leaf)),
        "--key", shell.file("key.pem", chains.key_pem()),
        "--intermediate", shell.file("own.pem", chains.pem(chains.own())),
        "--intermediate", shell.file("root.pem", chains.pem(chains.root())),
    )  # fmt: skip


def test_a_throwaway_identity_prints_the_contracts_fields_and_shows_the_same_later(shell: Shell) -> None:
    shell.merchant()
    made = shell.json("certs", "dev", "--merchant", "cafe")
    assert list(made) == FIELDS
    assert made["development"] is True
    assert all(Path(made[name]).is_file() for name in ("root", "certificate", "key"))
    assert shell.json("certs", "show") == made
    assert shell.json("certs", "show", "--merchant", "cafe") == made


def test_several_identities_are_shown_one_a_line(shell: Shell) -> None:
    for slug in ("bar", "cafe"):
        shell.json("certs", "dev", "--merchant", slug)
    lines = shell.run("certs", "show", "--json").stdout.splitlines()
    assert [json.loads(line)["merchant"] for line in lines] == ["bar", "cafe"]
    assert "pass_type_identifier" in shell.run("certs", "show").stdout


def test_certificates_may_come_before_the_database_and_before_the_merchant(
    shell: Shell, tmp_path: Path
) -> None:
    early = shell.run(
        "certs", "dev", "--merchant", "cafe", STEMPEL_DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}"
    )
    assert (early.exit_code, early.stderr) == (0, "")
    typo = shell.run("certs", "dev", "--merchant", "caffee")
    assert typo.exit_code == 0
    assert "there is no merchant caffee yet" in typo.stderr


def test_a_real_p12_is_imported_and_its_key_is_not_named(shell: Shell) -> None:
    p12, passphrase = shell.file("cafe.p12", real_p12()), shell.file("passphrase", "hush\n")
    made = shell.json("certs", "import", "--merchant", "cafe", "--p12", p12, "--passphrase-file", passphrase)
    assert made["pass_type_identifier"] == chains.PASS_TYPE
    assert (made["development"], made["key"]) == (False, None)


def test_a_chain_of_ones_own_needs_the_word_development(shell: Shell) -> None:
    command = ("certs", "import", "--merchant", "cafe", *own_chain(shell))
    assert "--development" in shell.refused(*command)
    made = shell.json(*command, "--development")
    assert made["development"] is True
    assert Path(made["root"]).read_bytes() == chains.pem(chains.root())


def test_a_throwaway_never_replaces_a_real_identity(shell: Shell) -> None:
    p12, passphrase = shell.file("cafe.p12", real_p12()), shell.file("passphrase", "hush\n")
    made = shell.json("certs", "import", "--merchant", "cafe", "--p12", p12, "--passphrase-file", passphrase)
    assert "signs as pass.de.example.cafe" in shell.refused("certs", "dev", "--merchant", "cafe")
    assert shell.json("certs", "show") == made


@pytest.mark.parametrize(
    "options, complaint",
    [
        ((), "Give either --p12, or --certificate and --key."),
        (("--certificate", __file__), "Give either --p12, or --certificate and --key."),
        (("--p12", __file__, "--key", __file__), "Give either --p12, or --certificate and --key."),
        (("--p12", "/nowhere.p12"), "'--p12'"),
        (("--p12", __file__), "p12: this is not a PKCS#12 file"),
        (("--certificate", __file__, "--key", __file__), "certificate: "),
        (("--p12", __file__, "--intermediate", __file__), "test_certs.py"),
    ],
)
def test_what_cannot_be_imported_is_named(
    shell: Shell, options: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    assert complaint in shell.refused("certs", "import", "--merchant", "cafe", *options)
    assert not (tmp_path / "certs" / "cafe").exists()


def test_a_wrong_passphrase_is_named_and_not_repeated(shell: Shell) -> None:
    p12, wrong = shell.file("cafe.p12", real_p12()), shell.file("passphrase", "guessed")
    said = shell.refused("certs", "import", "--merchant", "cafe", "--p12", p12, "--passphrase-file", wrong)
    assert "p12: the passphrase is wrong" in said
    assert "guessed" not in said


def test_a_slug_is_no_way_out_of_the_folder(shell: Shell, tmp_path: Path) -> None:
    assert "is not a slug" in shell.refused("certs", "dev", "--merchant", "../elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_a_merchant_without_identity_and_a_damaged_one_are_said(shell: Shell, tmp_path: Path) -> None:
    assert "no signing identities" in shell.run("certs", "show").stderr
    assert "has no signing identity" in shell.refused("certs", "show", "--merchant", "cafe", exit_code=1)
    made: Any = shell.json("certs", "dev", "--merchant", "bar")
    shell.json("certs", "dev", "--merchant", "cafe")
    Path(made["key"]).write_text("gone")
    result = shell.run("certs", "show", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["merchant"] == "cafe"
    assert made["key"] in result.stderr
