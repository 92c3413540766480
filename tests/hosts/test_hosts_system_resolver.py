"""What the system's resolver may answer, with DNS replaced: names here must never reach a real server."""

import socket

import pytest
from pytest_mock import MockerFixture

from tasker.hosts import resolver

V4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "web1.example.com", ("192.0.2.7", 0))


def test_the_canonical_name_of_dns_is_kept(mocker: MockerFixture) -> None:
    asked = mocker.patch("socket.getaddrinfo", return_value=[V4])

    assert resolver.ask_system("web1") == ([(int(socket.AF_INET), ("192.0.2.7", 0))], "web1.example.com")
    asked.assert_called_once_with(b"web1", None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)


def test_a_canonical_name_that_is_no_text_is_asked_for_no_more(mocker: MockerFixture) -> None:
    broken = UnicodeDecodeError("ascii", b"\xff", 0, 1, "not ASCII")
    asked = mocker.patch("socket.getaddrinfo", side_effect=[broken, [(*V4[:3], "", V4[4])]])

    assert resolver.ask_system("web1") == ([(int(socket.AF_INET), ("192.0.2.7", 0))], "web1")
    assert asked.call_count == 2


def test_no_more_addresses_are_kept_than_a_run_can_use(mocker: MockerFixture) -> None:
    mocker.patch("socket.getaddrinfo", return_value=[V4] * 500)

    assert len(resolver.ask_system("web1")[0]) == resolver.ADDRESSES


@pytest.mark.parametrize("number", [socket.EAI_AGAIN, socket.EAI_NONAME])
def test_an_error_of_dns_is_an_os_error(mocker: MockerFixture, number: int) -> None:
    mocker.patch("socket.getaddrinfo", side_effect=socket.gaierror(number, "no answer"))

    with pytest.raises(OSError, match="no answer"):
        resolver.ask_system("web1")
