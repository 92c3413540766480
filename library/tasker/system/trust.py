"""Which paths are trusted: those that only the user and root can change, from `/` down.

One rule for runners, configurations, files with secrets, and the folders of logs and runs (docs/security.md). Write
permission on a folder is enough to replace a file in it, whatever the permissions of the file.
"""

from __future__ import annotations

import errno
import os
import stat

MOST_LINKS = 40  # as the kernel follows
_ACL = "system.posix_acl_access"  # may give access to other users; then the bits of the group are its mask
_SOURCES = "/etc/nsswitch.conf"  # says where users come from
_LISTED = frozenset(("files", "compat", "db", "nis", "systemd", "altfiles", "extrausers"))  # sources that list theirs

_trusted: set[str] = set()  # folders that were checked: no other user can have changed them


def distrust_reason(
    path: str, status: os.stat_result | None = None, *, missing: bool = False, shared: bool = True
) -> str:
    """Why another user could change what is at a path, or put it there; "" when none could. What is wrong, where, and
    what to do, in one line. Raises OSError.

    status: of the file, where it is open already. missing: what does not exist yet is trusted if what is above it
    is. shared: may it be in a folder like /tmp, where all users add files and cannot change those of other users?
    """
    place, links = "/", 0
    whole = path if path.startswith("/") else os.path.join(os.getcwd(), path)
    todo = whole.split("/")[::-1]
    while todo:
        if (part := todo.pop()) in ("", "."):
            continue
        if part == "..":
            place = os.path.dirname(place)
            continue
        here = os.path.join(place, part)
        last = not any(todo)
        if here not in _trusted:
            try:
                found = os.lstat(here)
            except FileNotFoundError:
                if missing:
                    return ""
                raise
            if stat.S_ISLNK(found.st_mode):
                if (links := links + 1) > MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if not is_own(found):
                    return f"'{here}' is a symbolic link of user {found.st_uid}; name the place where it leads"
                target = os.readlink(here)
                place = "/" if target.startswith("/") else place
                todo += target.split("/")[::-1]
                continue
            if last and status is not None:
                found = status
            if why := _reason(here, found):
                return why
            if stat.S_ISDIR(found.st_mode):
                _trusted.add(here)
        place = here
    return "" if shared else _shared_folder(os.path.dirname(place))


def exposure_reason(path: str, status: os.stat_result) -> str:
    """The same for a file that holds a secret, which no other user may read either. status: of the open file."""
    if status.st_mode & 0o077:
        return f"others may read or change it (mode {stat.S_IMODE(status.st_mode):04o}); chmod 600"
    return distrust_reason(path, status)


def require_trust(
    path: str, status: os.stat_result | None = None, *, missing: bool = False, shared: bool = True
) -> None:
    """Raises OSError where `distrust_reason` has a reason, with that as its text."""
    if why := distrust_reason(path, status, missing=missing, shared=shared):
        raise PermissionError(errno.EPERM, f"another user could change it: {why}", path)


def is_own(status: os.stat_result) -> bool:
    """Does it belong to the user or root?"""
    return status.st_uid in (0, os.getuid())


def _reason(place: str, found: os.stat_result) -> str:
    if not is_own(found):
        return f"'{place}' belongs to user {found.st_uid}, not to you or root; chown it, or use another"
    if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX:
        return ""  # what is in it belongs to the user or root too, and only its owner can move it
    if found.st_mode & stat.S_IWOTH:
        return f"'{place}' is world-writable; chmod o-w"
    if found.st_mode & stat.S_IWGRP and not _is_private_group(place, found):
        return f"'{place}' is writable by group {_group_name(found.st_gid)}; chmod g-w"
    return ""


def _shared_folder(folder: str) -> str:
    """Why others could add files to this folder."""
    found = os.stat(folder)
    if found.st_mode & stat.S_IWOTH:
        return f"'{folder}' is world-writable; chmod o-w, or use another folder"
    if found.st_mode & stat.S_IWGRP and not _is_private_group(folder, found):
        return f"'{folder}' is writable by group {_group_name(found.st_gid)}; chmod g-w, or use another folder"
    return ""


def _is_private_group(place: str, found: os.stat_result) -> bool:
    """Are its owner, the user and root the only members of its group, as with umask 002 and a group for each user?

    A group that is the first of its owner has to have the owner's name as well: `users` is the first group of many.
    Where users come from a directory that need not list them (sssd, winbind), whose first group one is cannot be known:
    there only a group that has the owner's name, or the user's, and is their first one counts.
    """
    import grp  # here and below, since few folders are written by a group
    import pwd

    try:
        known = [pwd.getpwuid(number) for number in {found.st_uid, os.getuid(), 0}]
        group = grp.getgrgid(found.st_gid)
    except KeyError:  # no name: nothing is known of the members
        return False
    if set(group.gr_mem) - {one.pw_name for one in known}:
        return False
    first = [one.pw_name for one in known if one.pw_gid == found.st_gid]
    if any(name != group.gr_name for name in first) or not (first or _are_users_listed()):
        return False
    if any(one.pw_gid == found.st_gid and one.pw_uid not in {good.pw_uid for good in known} for one in pwd.getpwall()):
        return False
    try:
        os.getxattr(place, _ACL, follow_symlinks=False)
    except OSError:
        return True
    return False


def _are_users_listed() -> bool:
    """Does `pwd.getpwall` have every user?"""
    try:
        with open(_SOURCES, encoding="utf-8", errors="replace") as file:
            lines = [line.partition("#")[0] for line in file]
    except OSError:  # files alone
        return True
    words = [word for line in lines if line.lstrip().startswith("passwd:") for word in line.split(":", 1)[1].split()]
    in_brackets = False  # what is to happen after a source: [NOTFOUND=return]
    for word in words:
        if word.startswith("["):
            in_brackets = True
        elif not in_brackets and word not in _LISTED:
            return False
        in_brackets &= not word.endswith("]")
    return True


def _group_name(number: int) -> str:
    import grp

    try:
        return f"'{grp.getgrgid(number).gr_name}'"
    except KeyError:
        return str(number)
