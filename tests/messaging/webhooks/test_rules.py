"""Which addresses may be called, and for how long it is tried."""

from ipaddress import ip_address

import pytest

from passes.errors import FieldError
from passes.messaging.webhooks.rules import MAX_ATTEMPTS, check_url, judge, may_call, retry_delay_s
from passes.outbox.channel import Ending

PUBLIC = (
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)
INWARD = (
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fec0::1",
    "3fff::1",
    "192.88.99.1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:a00:1::",
    "2002:7f00:1::",
    "2001:0:808:808:0:0:f5ff:fffe",
)
OWN = ("127.0.0.1", "127.8.9.10", "::1")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert may_call(ip_address(address), loopback=False)


@pytest.mark.parametrize("loopback", [False, True])
@pytest.mark.parametrize("address", INWARD)
def test_an_inward_address_is_never_called(address: str, loopback: bool) -> None:
    assert not may_call(ip_address(address), loopback=loopback)


@pytest.mark.parametrize("address", OWN)
def test_this_machine_is_called_in_development_alone(address: str) -> None:
    assert not may_call(ip_address(address), loopback=False)
    assert may_call(ip_address(address), loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/events",
        "https://shop.example:8443/a?b=c%20d",
        "https://xn--caf-dma.example",
        "https://93.184.216.34/events",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    ],
)
def test_an_https_address_anybody_could_call_is_taken(url: str) -> None:
    assert check_url(url, loopback=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/events",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example",
        "//shop.example",
        "shop.example",
        "https://",
        "https:///events",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://user:secret@shop.example/",
        "https://shop.example/#part",
        "https://shop.example\\@10.0.0.1/",
        "https://café.example/",
        "https://shop.example/a b",
        "https://shop.example/\r\nX: y",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://10.0.0.1./",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://db.localhost/",
        "http://localhost/",
    ],
)
def test_any_other_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(FieldError) as refused:
        check_url(url, loopback=False)
    assert [error["field"] for error in refused.value.errors] == ["url"]


@pytest.mark.parametrize("url", ["http://localhost:9000/", "http://127.0.0.1:9000/", "https://[::1]:9000/"])
def test_a_development_installation_may_call_its_own_machine(url: str) -> None:
    assert check_url(url, loopback=True) == url


@pytest.mark.parametrize("url", ["http://shop.example/", "http://10.0.0.1/", "https://192.168.1.1/"])
def test_but_nothing_else_more_than_others_may(url: str) -> None:
    with pytest.raises(FieldError):
        check_url(url, loopback=True)


def test_it_is_tried_for_a_little_over_three_days_and_ever_more_rarely() -> None:
    waits = [retry_delay_s(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert waits[:5] == [5, 20, 80, 320, 1280]
    assert waits == sorted(waits)
    assert 72 * 3600 < sum(waits) < 84 * 3600


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_success(status: int) -> None:
    assert judge(status, "", 1).ending is Ending.DONE


def test_a_success_after_failures_says_at_which_attempt_it_came() -> None:
    assert judge(204, "HTTP 204", 1).note == "HTTP 204"
    assert judge(204, "HTTP 204", 3).note == "HTTP 204, at attempt 3"


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_tried_again(status: int | None) -> None:
    outcome = judge(status, "", 3)
    assert (outcome.ending, outcome.after_s, outcome.limit) == (Ending.RETRY, 80, MAX_ATTEMPTS)


def test_gone_is_the_end_and_a_wait_that_is_asked_for_is_kept() -> None:
    assert judge(410, "", 1).ending is Ending.DEAD
    assert judge(503, "", 1, 600.0).after_s == 600
    assert judge(503, "", 5, 1.0).after_s == 1280
