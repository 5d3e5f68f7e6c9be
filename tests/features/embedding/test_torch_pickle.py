"""The checkpoint reader: tensors come out, and nothing else ever runs."""

import io
import os
import pickle
import sys
import types
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from features.embedding import torch_pickle
from features.errors import ModelUnavailable

Rebuilt = tuple[int, tuple[int, ...], tuple[int, ...]]


class FloatStorage:
    """Only its name is written."""

    __module__ = "torch"


def _rebuild_tensor_v2() -> None:
    """Only its name is written."""


_rebuild_tensor_v2.__module__ = "torch._utils"


class Storage:
    """Stands for a storage; pickled by its key, as torch does."""

    def __init__(self, count: int) -> None:
        self.count = count


class Tensor:
    def __init__(self, storage: Storage, *rebuilt: Any) -> None:
        self.storage, self.rebuilt = storage, rebuilt

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_tensor_v2, (self.storage, *self.rebuilt, False, OrderedDict())


class Writer(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, Storage):
            return ("storage", FloatStorage, "0", "cpu", obj.count, None)
        return None


@pytest.fixture(autouse=True)
def _torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pickle write torch's names, which no package here provides."""
    for owner in (FloatStorage, _rebuild_tensor_v2):
        module = types.ModuleType(owner.__module__)
        module.__dict__[owner.__name__] = owner
        monkeypatch.setitem(sys.modules, module.__name__, module)


def checkpoint(
    content: object, count: int = 6, magic: int = torch_pickle.MAGIC, little: bool = True
) -> bytes:
    file = io.BytesIO()
    for part in (magic, torch_pickle.PROTOCOL, {"little_endian": little}):
        pickle.dump(part, file, protocol=2)
    Writer(file, protocol=2).dump(content)
    pickle.dump(["0"], file, protocol=2)
    file.write(count.to_bytes(8, "little") + np.arange(count, dtype="<f4").tobytes())
    return file.getvalue()


def table(rebuilt: Rebuilt = (0, (2, 3), (3, 1)), count: int = 6) -> OrderedDict[str, Tensor]:
    return OrderedDict(weight=Tensor(Storage(count), *rebuilt))


def test_tensors_come_out_with_their_shapes() -> None:
    tensors = torch_pickle.read(checkpoint(table()))
    assert tensors["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_strides_and_offsets_are_followed() -> None:
    tensors = torch_pickle.read(checkpoint(table((1, (2, 2), (1, 2)))))
    assert tensors["weight"].tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    "rebuilt",
    [
        (0, (2, 4), (4, 1)),
        (5, (2,), (1,)),
        (7, (1,), (1,)),
        (-1, (2,), (1,)),
        (0, (2,), (-1,)),
        (0, (-2,), (1,)),
        (0, (2, 2), (1,)),
        (0, (2**62, 2**62), (1, 1)),
        (0, (1,) * 9, (1,) * 9),
        (0.5, (1,), (1,)),
    ],
)
def test_a_tensor_may_not_reach_beyond_its_storage(rebuilt: Rebuilt) -> None:
    data = checkpoint(table(rebuilt))
    with pytest.raises(ModelUnavailable):
        torch_pickle.read(data)


class Attack:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/lookalike-attack",)


@pytest.mark.parametrize(
    "content", [{"a": Attack()}, OrderedDict(a=Attack()), {"a": print}, {"a": getattr}]
)
def test_any_other_name_is_refused(content: object) -> None:
    data = checkpoint(content)
    with pytest.raises(ModelUnavailable, match="not allowed"):
        torch_pickle.read(data)


@pytest.mark.parametrize("content", [{"a": 1}, [1, 2], None, {"a": Storage(6)}])
def test_what_is_no_table_of_tensors_is_refused(content: object) -> None:
    data = checkpoint(content)
    with pytest.raises(ModelUnavailable):
        torch_pickle.read(data)


def test_every_byte_is_accounted_for() -> None:
    data = checkpoint(table())
    with pytest.raises(ModelUnavailable, match="1 bytes too many"):
        torch_pickle.read(data + b"x")


@pytest.mark.parametrize("cut", [1, 5, 30, 60])
def test_a_truncated_checkpoint_is_refused(cut: int) -> None:
    data = checkpoint(table())
    with pytest.raises(ModelUnavailable):
        torch_pickle.read(data[:-cut])


def test_a_storage_of_another_length_is_refused() -> None:
    data = checkpoint(table(count=7))
    with pytest.raises(ModelUnavailable, match="7"):
        torch_pickle.read(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\3\4 a newer checkpoint", pickle.dumps(1), checkpoint({}, magic=3)],
    ids=["empty", "zip", "one number", "other magic"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(ModelUnavailable):
        torch_pickle.read(data)


def test_a_big_endian_checkpoint_is_refused() -> None:
    data = checkpoint(table(), little=False)
    with pytest.raises(ModelUnavailable, match="big-endian"):
        torch_pickle.read(data)
