"""One client's HTTP/2 connection to the push stand-in, from the first frame to the last."""

import json
import socket
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from tests.fakes.apns.journal import Behaviour, Journal
from tests.fakes.apns.rules import MAX_PAYLOAD_BYTES, Request, refusal

MAX_STREAMS = 1000
POLL_S = 0.5
SEND_TIMEOUT_S = 60.0
LINGER_S = 20.0


@dataclass(slots=True)
class _Stream:
    """A request as far as it has come, and what is to become of it once `due` (monotonic time)."""

    headers: tuple[tuple[str, str], ...]
    body: bytearray = field(default_factory=bytearray)
    behaviour: Behaviour | None = None
    due: float = 0.0

    def pseudo(self, name: str) -> str:
        return dict(self.headers)[name]


class Connection:
    """Serves one TLS socket; `pass_type` is what the client's certificate stands for (see `rules`)."""

    def __init__(self, sock: ssl.SSLSocket, number: int, pass_type: str | None, journal: Journal) -> None:
        self._socket = sock
        self._number = number
        self._pass_type = pass_type
        self._journal = journal
        self._streams: dict[int, _Stream] = {}
        self._open = True
        self._h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )

    def serve(self) -> None:
        """Answer until either side has enough; returns with the socket done, but not closed."""
        self._h2.initiate_connection()
        self._h2.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS})
        self._flush()
        while self._open:
            data = self._receive()
            if data == b"":
                return
            for event in self._h2.receive_data(data) if data else ():
                self._take(event)
            self._answer_what_is_due()
            self._flush()

    def _receive(self) -> bytes | None:
        """What came; empty at the end; None if nothing came before something else is due."""
        waits = [s.due - time.monotonic() for s in self._streams.values() if s.behaviour and s.due]
        self._socket.settimeout(max(0.001, min([POLL_S, *waits])))
        try:
            return self._socket.recv(65536)
        except TimeoutError:
            return None

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data:
            self._socket.settimeout(SEND_TIMEOUT_S)
            self._socket.sendall(data)

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                headers = tuple((str(name), str(value)) for name, value in event.headers or ())
                self._streams[event.stream_id] = _Stream(headers)
            case h2.events.DataReceived():
                stream = self._streams[event.stream_id]
                # One byte too many is enough to know that it is too much.
                stream.body += event.data[: MAX_PAYLOAD_BYTES + 1 - len(stream.body)]
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded():
                self._decide(event.stream_id)
            case h2.events.StreamReset():
                self._streams.pop(event.stream_id, None)
            case h2.events.ConnectionTerminated():
                self._open = False

    def _decide(self, stream_id: int) -> None:
        stream = self._streams[stream_id]
        request = Request(
            stream.pseudo(":method"),
            stream.pseudo(":path"),
            stream.headers,
            bytes(stream.body),
            self._pass_type,
        )
        refused = refusal(request)
        behaviour = Behaviour(*refused) if refused else self._journal.next_behaviour(request.token)
        if behaviour.act == "shutdown":
            behaviour = Behaviour(503, "Shutdown", delay_s=behaviour.delay_s, act="shutdown")
        stream.behaviour = behaviour
        stream.due = time.monotonic() + behaviour.delay_s
        answered = behaviour.act in ("answer", "shutdown")
        self._journal.record(
            request.token,
            request.header("apns-topic") or "",
            self._number,
            behaviour.status if answered else 0,
            behaviour.reason if answered else behaviour.act,
        )

    def _answer_what_is_due(self) -> None:
        now = time.monotonic()
        due = sorted((s.due, i) for i, s in self._streams.items() if s.behaviour and s.due <= now)
        for _, stream_id in due:
            if self._open:
                self._act(stream_id, self._streams.pop(stream_id))

    def _act(self, stream_id: int, stream: _Stream) -> None:
        behaviour = stream.behaviour
        assert behaviour is not None
        match behaviour.act:
            case "answer":
                self._respond(stream_id, stream, behaviour)
            case "shutdown":
                self._respond(stream_id, stream, behaviour)
                self._go_away(stream_id)
            case "goaway":
                self._go_away(stream_id - 2)
            case "reset":
                self._h2.reset_stream(stream_id, h2.errors.ErrorCodes.INTERNAL_ERROR)
            case "close":
                self._open = False
            case "silence":
                pass

    def _respond(self, stream_id: int, stream: _Stream, behaviour: Behaviour) -> None:
        apns_id = dict(stream.headers).get("apns-id") or str(uuid.uuid4()).upper()
        headers = [(":status", str(behaviour.status)), ("apns-id", apns_id)]
        if behaviour.status == 200:
            self._h2.send_headers(stream_id, headers, end_stream=True)
            return
        said: dict[str, str | int] = {"reason": behaviour.reason}
        if behaviour.timestamp_ms is not None:
            said["timestamp"] = behaviour.timestamp_ms
        self._h2.send_headers(stream_id, [*headers, ("content-type", "application/json")])
        self._h2.send_data(stream_id, json.dumps(said).encode(), end_stream=True)

    def _go_away(self, last_stream_id: int) -> None:
        """Announce the end, and let the client read everything before the socket closes."""
        self._h2.close_connection(last_stream_id=max(0, last_stream_id))
        self._flush()
        self._open = False
        drain(self._socket, self._socket.recv)


def drain(sock: socket.socket, receive: Callable[[int], bytes]) -> None:
    """Read on for a moment: closing over unread data resets the connection and takes our last words along."""
    deadline = time.monotonic() + LINGER_S
    while (left_s := deadline - time.monotonic()) > 0:
        sock.settimeout(left_s)
        if not receive(65536):
            return
