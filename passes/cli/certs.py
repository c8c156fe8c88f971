"""`certs`: who signs a merchant's passes.

These commands work on files alone, so that certificates may be there before the database is.
"""

import os
from pathlib import Path

import click
from cryptography import x509

from passes import migrate
from passes.audit import service as audit
from passes.cli.base import ACTOR, BadInput, Complaint, Group, json_option, merchant_option
from passes.cli.output import note, show
from passes.cli.session import merchant_named, open_services
from passes.clock import real_now
from passes.errors import ConfigurationError, FieldError
from passes.wallets.signing.certificates import read_certificates
from passes.wallets.signing.expiry import expiry_warning
from passes.wallets.signing.identity import IdentityMaterial, SigningIdentity
from passes.wallets.signing.importing import import_p12, import_pem
from passes.wiring import Services

_file = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group(cls=Group)
def certs() -> None:
    """Signing identities: show, import, make one for development."""


@certs.command("show")
@click.option("--merchant", metavar="SLUG", help="Only this merchant's.")
@json_option
def show_(merchant: str | None, as_json: bool) -> None:
    """Show who has which identities, the one for new cards first; as JSON one object a line.

    Keys themselves are never shown.
    """
    faults = []
    with open_services(migrated=False) as services:
        slugs = [merchant] if merchant else services.identities.slugs()
        for slug in slugs:
            try:
                held = services.identities.held(slug)
            except ConfigurationError as error:
                faults.append(str(error))
                continue
            for identity in held:
                _show_identity(identity, as_json)
            if merchant and not held:
                faults.append(f"merchant {slug} has no signing identity; make one: certs import or certs dev")
        if not slugs:
            note(f"There are no signing identities in {services.settings.certs_dir}.")
    if faults:
        raise Complaint(faults)


@certs.command()
@merchant_option
@json_option
def dev(merchant: str, as_json: bool) -> None:
    """Make a throwaway identity, shaped like Apple's but worth nothing outside this machine.

    It replaces an earlier throwaway one, never a real one.
    """
    with open_services(migrated=False) as services:
        identity = services.identities.create_development(merchant)
        _write_down(services, merchant, identity)
    _show_identity(identity, as_json)


@certs.command("import")
@merchant_option
@click.option("--p12", type=_file, help="Certificate and key as Keychain exports them.")
@click.option("--certificate", type=_file, help="Certificate, PEM or DER; its chain may follow. With --key.")
@click.option("--key", type=_file, help="Private key, PEM. With --certificate.")
@click.option("--passphrase-file", type=_file, help="Holds the passphrase of --p12 or --key.")
@click.option("--passphrase-env", metavar="NAME", help="The environment variable that holds it instead.")
@click.option(
    "--intermediate", "intermediates", type=_file, multiple=True, help="An issuer's certificate; repeatable."
)
@click.option("--development", is_flag=True, help="Take a chain that does not end at Apple.")
@click.option("--new-type", is_flag=True, help="New cards are of another pass type; old cards keep theirs.")
@json_option
def import_(
    *,
    merchant: str,
    p12: Path | None,
    certificate: Path | None,
    key: Path | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    intermediates: tuple[Path, ...],
    development: bool,
    new_type: bool,
    as_json: bool,
) -> None:
    """Take in a Pass Type ID certificate with its key, by --p12, or by --certificate and --key.

    A renewed one signs from now on, what it renews is kept until it ends.
    """
    passphrase = _passphrase(passphrase_file, passphrase_env)
    given = [c for path in intermediates for c in read_certificates(path.read_bytes(), str(path))]
    with open_services(migrated=False) as services:
        issuers = (*given, *services.identities.known_intermediates())
        material = _material(p12, certificate, key, passphrase, issuers, development=development)
        identity = services.identities.save(merchant, material, new_type=new_type)
        _write_down(services, merchant, identity)
    _show_identity(identity, as_json)


def _material(
    p12: Path | None,
    certificate: Path | None,
    key: Path | None,
    passphrase: bytes | None,
    issuers: tuple[x509.Certificate, ...],
    *,
    development: bool,
) -> IdentityMaterial:
    if p12 and not certificate and not key:
        return import_p12(p12.read_bytes(), passphrase, intermediates=issuers, development=development)
    if certificate and key and not p12:
        return import_pem(
            certificate.read_bytes(),
            key.read_bytes(),
            passphrase,
            intermediates=issuers,
            development=development,
        )
    raise BadInput(["Give either --p12, or --certificate and --key."])


def _passphrase(path: Path | None, variable: str | None) -> bytes | None:
    """The first line of the file, or of the variable; a passphrase ends where the line does."""
    if variable is not None:
        if path is not None:
            raise BadInput(["Give either --passphrase-file or --passphrase-env."])
        if variable not in os.environ:
            raise BadInput([f"--passphrase-env: there is no environment variable {variable}."])
        return os.environ[variable].encode().partition(b"\n")[0].rstrip(b"\r")
    return path.read_bytes().partition(b"\n")[0].rstrip(b"\r") if path else None


def _show_identity(identity: SigningIdentity, as_json: bool) -> None:
    data = identity.as_dict()
    lines = [f"{name:<22} {value}" for name, value in data.items() if value is not None]
    show(as_json, data, "\n".join(lines))
    if warning := expiry_warning(identity, real_now()):
        note(warning)


def _write_down(services: Services, slug: str, identity: SigningIdentity) -> None:
    """Into the merchant's log, where there is one to write it into."""
    try:
        migrate.require_current(services.database)
        with services.database.write() as uow:
            merchant_id = merchant_named(uow, slug).id
            audit.record(uow, merchant_id, ACTOR, "signing.import", identity.pass_type_identifier[:80])
    except FieldError:
        note(f"Note: there is no merchant {slug} yet; merchant create makes it.")
    except ConfigurationError:
        pass  # no database yet, so nothing to write it into
