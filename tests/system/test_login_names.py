"""The login name of a user stands next to the number, where this machine knows it."""

import os
import pwd

from tasker.system.login_names import login_of, user_text

HERE = os.uname().nodename


def test_a_user_of_this_machine_has_a_name():
    name = pwd.getpwuid(os.getuid()).pw_name

    assert login_of(os.getuid(), HERE) == name
    assert user_text(os.getuid(), HERE) == f"user {os.getuid()} ({name})"


def test_what_is_not_known_here_is_a_number():
    assert user_text(os.getuid(), "another.machine") == f"user {os.getuid()}"
    assert user_text(4_000_000_000, HERE) == "user 4000000000"
    assert user_text(1 << 70, HERE) == f"user {1 << 70}"
    assert (login_of("ops", HERE), login_of(None, HERE), login_of(True, HERE)) == ("", "", "")
