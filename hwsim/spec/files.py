"""Reading and writing files: every failure is an InputError, no output is ever left half-written."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from hwsim.spec.errors import InputError, Position, nearest

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_text(path: Path) -> str:
    """The UTF-8 text of the file at ``path``, line ends as they are, a byte order mark left out.

    Raises:
        InputError: no such file, a directory, no permission, or not text (placed at the first bad byte).
    """
    content = read_bytes(path).removeprefix(_BYTE_ORDER_MARK)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_text(path, content, error) from error


def read_bytes(path: Path) -> bytes:
    """The content of the file at ``path``.

    Raises:
        InputError: no such file, a directory, what is no file of bytes (reading it might never end), or no
            permission.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            message = f"{str(path)!r} is {_special(path)}, not a file"
            raise InputError(message, hint="write it to a file first")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"there is no file {str(path)!r}", hint=_similar_file(path)) from error
    except IsADirectoryError as error:
        raise InputError(f"{str(path)!r} is a directory, not a file", hint=_file_inside(path)) from error
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {str(path)!r}: {_reason(error)}") from error


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` to ``path``: into a new file beside it first, renamed when complete.

    A reader sees the old content or the new, never a part. A symbolic link keeps pointing at its target;
    what is no regular file (``/dev/stdout``) is written to directly.

    Raises:
        InputError: the folder is missing, ``path`` is a directory, no permission or no space.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        _write(path.resolve(), data)
    except FileNotFoundError as error:
        hint = f"make it first: mkdir -p {path.parent}"
        raise InputError(
            f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}", hint=hint
        ) from error
    except IsADirectoryError as error:
        raise InputError(
            f"cannot write {str(path)!r}: it is a directory", hint="name a file in it"
        ) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"cannot write {str(path)!r}: {_reason(error)}") from error


def _write(path: Path, data: bytes) -> None:
    if path.is_dir():
        raise IsADirectoryError(path)
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    beside = path.with_name(f".hwsim-{secrets.token_hex(6)}.part")
    try:
        _write_through(beside, data)
        _keep_mode(path, beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _write_through(path: Path, data: bytes) -> None:
    """Create ``path`` with ``data`` and wait until the data is on the disk."""
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _keep_mode(old: Path, new: Path) -> None:
    """Give ``new`` the permissions of ``old`` where that exists and the file system allows it."""
    with contextlib.suppress(OSError):
        new.chmod(old.stat().st_mode & 0o7777)


def _similar_file(path: Path) -> str | None:
    """A hint naming the file most like ``path`` in its folder, or the missing folder."""
    folder = path.parent
    try:
        if not folder.is_dir():
            return f"there is no folder {str(folder)!r} either"
        by_stem = {entry.stem: entry.name for entry in folder.iterdir() if entry.is_file()}
        match = nearest(path.stem, by_stem)
    except (OSError, ValueError):
        return None
    return f"did you mean {str(folder / by_stem[match])!r}?" if match else None


def _file_inside(path: Path) -> str:
    with contextlib.suppress(OSError):
        files = sorted(entry.name for entry in path.iterdir() if entry.is_file())
        if files:
            return f"name a file in it, such as {str(path / files[0])!r}"
    return "name a file"


def _special(path: Path) -> str:
    """What stands at ``path``, which is neither a file nor a directory."""
    kinds = {"a pipe": path.is_fifo, "a socket": path.is_socket, "a device": path.is_char_device}
    return next((kind for kind, is_it in kinds.items() if is_it()), "a special file")


def _not_text(path: Path, content: bytes, error: UnicodeDecodeError) -> InputError:
    before = content[: error.start].decode("utf-8")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    message = f"the file is not text: byte 0x{content[error.start]:02x} is not valid UTF-8"
    hint = "is it a binary file? save text files as UTF-8"
    return InputError(message, Position(str(path), line, column), hint)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
