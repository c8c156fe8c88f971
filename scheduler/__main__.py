"""`python -m scheduler`: keeps time and sends until it is told to stop."""

import signal
import sys
import threading

import structlog

from passes import migrate
from passes.config import load_settings
from passes.errors import ConfigurationError
from passes.wiring import Services
from scheduler.process import build_ticker


def main() -> int:
    """Run until SIGTERM or SIGINT; what is in hand is then brought to its end."""
    _log_plainly()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        services = Services(load_settings())
        if migrate.pending(services.database):
            raise ConfigurationError("The database is behind the code; run: python -m passes db upgrade")
        ticker = build_ticker(services)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ticker.start()
    stop.wait()
    ticker.stop()
    services.close()
    return 0


def _log_plainly() -> None:
    """One line per event on standard error; tracebacks without local variables, which hold secrets."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
