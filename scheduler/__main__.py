"""`python -m scheduler`: keeps time and sends until it is told to stop."""

import argparse
import signal
import sys

from passes import migrate
from passes.bell import Bell
from passes.errors import ConfigurationError
from passes.logs import log_to_stderr
from passes.wiring import services_of_environment
from scheduler.process import build_ticker


def main() -> int:
    """Run until SIGTERM or SIGINT; what is in hand is then brought to its end."""
    argparse.ArgumentParser(prog="python -m scheduler", description=__doc__).parse_args()
    log_to_stderr()
    stop = Bell()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ring())
    try:
        services = services_of_environment()
        migrate.require_current(services.database)
        ticker = build_ticker(services)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ticker.start()
    stop.wait()
    ticker.stop()
    services.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
