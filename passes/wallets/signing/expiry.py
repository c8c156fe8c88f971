"""When an identity may sign and when somebody should renew it.

Passes already on phones outlive their certificate; new passes and pushes stop with it. So nobody notices
an expiry until customers do, unless the house says so in time.
"""

from datetime import datetime, timedelta

from passes.errors import ConfigurationError
from passes.wallets.signing.identity import SigningIdentity

WARNING_DAYS = (1, 7, 14, 30)


def require_usable(identity: SigningIdentity, at: datetime) -> None:
    """Raise `ConfigurationError` when the certificate is not valid at `at` (real time, not business time)."""
    if at < identity.not_before:
        raise ConfigurationError(
            f"{_subject(identity)} is not valid before {_moment(identity.not_before)}: "
            "set this machine's clock right or wait until then."
        )
    if at > identity.not_after:
        raise ConfigurationError(
            f"{_subject(identity)} expired on {_moment(identity.not_after)}: "
            f"renew it and run `{identity.renewal_command}`."
        )


def expiry_warning(identity: SigningIdentity, at: datetime) -> str | None:
    """A sentence from 30 days before the end on, None before that.

    It changes only at 30, 14, 7 and 1 days and at the end itself, so whoever repeats it may do so by
    comparing texts.
    """
    if at > identity.not_after:
        left = f"expired on {_moment(identity.not_after)}, so new passes and pushes fail"
    else:
        days = next((d for d in WARNING_DAYS if identity.not_after - at <= timedelta(days=d)), None)
        if days is None:
            return None
        left = f"expires within {days} {'day' if days == 1 else 'days'}, on {_moment(identity.not_after)}"
    return f"{_subject(identity)} {left}: renew it and run `{identity.renewal_command}`."


def _subject(identity: SigningIdentity) -> str:
    return f"The signing identity of merchant {identity.merchant_slug} ({identity.pass_type_identifier})"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
