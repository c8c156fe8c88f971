"""The WSGI application, `wsgi:app`; with it the scheduler, where the settings want it inside the web server.

The server ends its workers by leaving Python, and a worker that is left behind when the server is killed
would go on serving: both are arranged here, as this is the first code of ours that runs in a worker.
"""

import gc
import multiprocessing
import sys
from multiprocessing.util import Finalize

from flask import Flask

from passes.app import create_app
from passes.cli.tether import die_with
from passes.errors import ConfigurationError
from passes.logs import log_to_stderr
from passes.wiring import services_of_environment
from scheduler import start_embedded

_LAST_OF_ALL = 1
_TURN_S = 0.0005
"""How long a thread may compute while others want to. A till's call waits for its turn a dozen times, and
beside a job of the scheduler Python's own 5 ms each time are too much."""


def _serve() -> Flask:
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with(parent.pid)
    log_to_stderr()
    sys.setswitchinterval(_TURN_S)
    services = services_of_environment()
    if services.settings.runs_scheduler:
        ticker = start_embedded(services)
        # Before the interpreter waits for its threads, which would wait for a job that nobody told to stop.
        Finalize(None, ticker.stop, exitpriority=_LAST_OF_ALL)
    app = create_app(services)
    # What is loaded stays; looking through it for garbage again and again would keep tills waiting.
    gc.collect()
    gc.freeze()
    return app


try:
    app = _serve()
except ConfigurationError as error:
    sys.exit(str(error))
