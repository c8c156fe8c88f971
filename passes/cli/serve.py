"""`serve`: the web server.

granian binds so that a second server could listen beside the first and take half of its requests; whether
the port is free is therefore asked before. On Linux its workers are forked from this process, which has
loaded the whole application by then and opened nothing: a worker that dies is back in a fraction of the
second and a half that a fresh interpreter would need. What a parent must not have when it forks, threads at
work and connections, it has given back before; elsewhere forking is not safe, and workers start afresh.
"""

import importlib
import multiprocessing
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.common import AbstractServer

from passes.cli.base import Command
from passes.cli.forking import fork_in_peace
from passes.cli.output import note
from passes.cli.session import open_services
from passes.config import Settings
from passes.errors import ConfigurationError

TARGET = "wsgi:app"
LOADED_BEFORE_FORKING = ("passes.app", "scheduler")
"""All that `wsgi` imports; only `wsgi` itself opens anything."""
MOST_WORKERS = 2
BLOCKING_THREADS = 6
"""Of each worker. More only pass the work around; fewer would all be taken by those who wait for Google."""
KILL_AFTER_S = 30
"""How long a request may take to end when the server stops."""


LOOP_WITHIN_S = 5.0
LOOP_AFTER = 20
"""So many workers lost within that time is no accident any more."""


class Respawns(dict[int, float]):
    """When each worker was put back, as granian asks for it to tell a crash loop.

    Granian gives up when one worker dies twice within some seconds, which a machine short of memory does to
    a shop that could go on. Here only workers that die as fast as they come count.
    """

    def __init__(self) -> None:
        super().__init__()
        self._recent: deque[float] = deque(maxlen=LOOP_AFTER)

    def __setitem__(self, worker: int, at: float) -> None:
        self._recent.append(at)
        super().__setitem__(worker, at)

    def get(self, worker: int, default: Any = None) -> Any:
        """When `worker` was put back if workers die in a loop, else `default`."""
        loops = len(self._recent) == LOOP_AFTER and self._recent[-1] - self._recent[0] <= LOOP_WITHIN_S
        return super().get(worker, default) if loops else default


@click.command(cls=Command)
def serve() -> None:
    """Serve until SIGTERM or Ctrl-C; requests in flight are then brought to their end."""
    with open_services() as services:
        settings = services.settings
    run_server(settings, lambda _: note(f"Serving {settings.base_url} at {settings.host}:{settings.port}"))


def run_server(settings: Settings, listening: Callable[[threading.Lock], object]) -> None:
    """Serve `wsgi:app` with the process's environment, which must be that of `settings`, until told to stop.

    `listening` is called once the workers are forked. A thread it starts does all its work holding the lock
    it is given: in the middle of an import, say, it would leave the import's lock to a worker that is put
    back at that moment, which then waits for it for good. Raises `ConfigurationError` naming a port that is
    taken.
    """
    require_free_port(settings.host, settings.port)
    start_method = "fork" if sys.platform == "linux" else "spawn"
    multiprocessing.set_start_method(start_method, force=True)
    for module in LOADED_BEFORE_FORKING if start_method == "fork" else ():
        importlib.import_module(module)
    server = Granian(
        TARGET,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=how_many_workers(settings.is_sqlite, os.cpu_count() or 1),
        blocking_threads=BLOCKING_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_S,
        log_level=LogLevels.error,
    )
    server.respawned_wrks = Respawns()
    quiet = threading.Lock()
    if start_method == "fork":
        fork_in_peace(server, quiet)
    _when_forked(server, lambda: listening(quiet))
    try:
        server.serve()
    except SystemExit:
        # A worker that ended on its own a moment before it was told to is no failure.
        if not server.interrupt_signal:
            raise


def how_many_workers(is_sqlite: bool, cores: int) -> int:
    """One for every two cores, as the database needs the other, up to `MOST_WORKERS`.

    One SQLite writer at a time waits more fairly inside one process than between several.
    """
    return 1 if is_sqlite else min(MOST_WORKERS, max(1, cores // 2))


def _when_forked(server: AbstractServer[Any], listening: Callable[[], object]) -> None:
    """Have `listening` called after the first workers are started; granian's own hooks all come before."""
    spawn: Callable[..., None] = server._spawn_workers

    def spawn_and_tell(*arguments: Any) -> None:
        spawn(*arguments)
        listening()

    vars(server)["_spawn_workers"] = spawn_and_tell


def require_free_port(host: str, port: int) -> None:
    """Raise `ConfigurationError` when somebody listens at `port` already, or `host` is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of a server that has just stopped do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"STEMPEL_PORT: {host}:{port} cannot be used ({error.strerror}); another port is set with "
                "STEMPEL_PORT, or PORT for make run"
            ) from None
