"""Files are read or refused in one sentence, and written whole or not at all."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from hwsim.spec.errors import InputError
from hwsim.spec.files import read_bytes, read_text, write_atomically

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
not_as_root = pytest.mark.skipif(AS_ROOT, reason="root may read and write everywhere")


def _names(folder):
    return [entry.name for entry in folder.iterdir()]


def test_text_reads_back(tmp_path):
    file = tmp_path / "a.yaml"
    write_atomically(file, "é\r\n")
    assert read_text(file) == "é\r\n"
    assert read_bytes(file) == b"\xc3\xa9\r\n"
    assert _names(tmp_path) == ["a.yaml"]


def test_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "tpu_v1.yaml").touch()
    with pytest.raises(InputError) as caught:
        read_text(tmp_path / "tpuv1.yaml")
    expected = f"there is no file '{tmp_path}/tpuv1.yaml'; did you mean '{tmp_path}/tpu_v1.yaml'?"
    assert str(caught.value) == expected


def test_missing_folder(tmp_path):
    with pytest.raises(InputError, match=r"there is no file '.*/no/a'; there is no folder '.*/no' either"):
        read_text(tmp_path / "no" / "a")


def test_directory_for_a_file(tmp_path):
    with pytest.raises(InputError, match=r"is a directory, not a file; name a file"):
        read_text(tmp_path)
    (tmp_path / "a.yaml").touch()
    with pytest.raises(InputError, match=r"name a file in it, such as '.*/a.yaml'"):
        read_text(tmp_path)


def test_what_might_never_end_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"pipe' is a pipe, not a file; write it to a file first"):
        read_bytes(tmp_path / "pipe")
    with pytest.raises(InputError, match="'/dev/zero' is a device, not a file"):
        read_text(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        with pytest.raises(InputError, match="is a socket, not a file"):
            read_bytes(tmp_path / "socket")


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_impossible_names(tmp_path, name):
    with pytest.raises(InputError, match="cannot read"):
        read_text(tmp_path / name)
    with pytest.raises(InputError, match="cannot write"):
        write_atomically(tmp_path / name, "")


@not_as_root
def test_no_permission(tmp_path):
    file = tmp_path / "a"
    file.touch()
    file.chmod(0)
    with pytest.raises(InputError, match=r"cannot read '.*/a': permission denied"):
        read_text(file)
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"cannot write '.*/a': permission denied"):
        write_atomically(file, "")
    tmp_path.chmod(0o700)


def test_first_bad_byte_has_a_place(tmp_path):
    file = tmp_path / "a"
    file.write_bytes("\ufeffé1\né2\xff".encode() + b"\xff")
    with pytest.raises(InputError) as caught:
        read_text(file)
    assert (caught.value.position.line, caught.value.position.column) == (2, 4)


def test_writing_into_a_missing_folder(tmp_path):
    with pytest.raises(
        InputError, match=r"cannot write '.*/no/a': there is no folder '.*/no'; make it first: mkdir -p"
    ):
        write_atomically(tmp_path / "no" / "a", "x")
    assert not (tmp_path / "no").exists()


def test_writing_to_a_directory_or_below_a_file(tmp_path):
    with pytest.raises(InputError, match="it is a directory; name a file in it"):
        write_atomically(tmp_path, "x")
    (tmp_path / "a").touch()
    with pytest.raises(InputError, match="not a directory"):
        write_atomically(tmp_path / "a" / "b", "x")


def test_failure_keeps_the_old_file_and_leaves_no_other(tmp_path, monkeypatch):
    file = tmp_path / "a"
    file.write_text("old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write '.*/a': no space left on device"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert _names(tmp_path) == ["a"]


def test_interruption_keeps_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "a"
    file.write_text("old")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert _names(tmp_path) == ["a"]


def test_permissions_and_links_stay(tmp_path):
    file, link = tmp_path / "a", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_new_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    write_atomically(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_devices_are_written_to_directly():
    before = Path(os.devnull).stat().st_mode
    write_atomically(Path(os.devnull), "x")
    assert Path(os.devnull).stat().st_mode == before


def test_a_missing_file_is_not_taken_for_any_other_of_its_kind(tmp_path):
    (tmp_path / "m.yaml").touch()
    (tmp_path / "net.yml").touch()
    with pytest.raises(InputError, match=r"there is no file '.*nope.yaml'$"):
        read_text(tmp_path / "nope.yaml")
    with pytest.raises(InputError, match=r"did you mean '.*net.yml'"):
        read_text(tmp_path / "net.yaml")
