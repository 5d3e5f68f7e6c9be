"""Reads tensors from a legacy torch checkpoint without torch, and without trusting the file.

`pickle.load` runs any code that a file names. This unpickler knows four names and refuses all
others; every tensor is checked against its storage, and every byte of the file must be used. The
format (torch before 1.6): five pickles in a row (magic number, protocol, machine facts,
the object, the storages' keys), then each storage as a count and its raw little-endian elements.
"""

import collections
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import ModelUnavailable

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4"}
MAX_DIMENSIONS = 8

Array = NDArray[Any]


@dataclass(frozen=True)
class _Kind:
    dtype: str


@dataclass(frozen=True)
class _Storage:
    kind: _Kind
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read(data: bytes) -> dict[str, Array]:
    """Return the checkpoint's tensors by name, as read-only views of `data`.

    Raises ModelUnavailable for anything but a well-formed legacy checkpoint of plain tensors.
    """
    try:
        return _read(data)
    except ModelUnavailable:
        raise
    # A broken pickle raises nearly anything: UnpicklingError, EOFError, IndexError, UnicodeError.
    except Exception as error:
        raise ModelUnavailable(f"the checkpoint cannot be read: {error}") from error


def _read(data: bytes) -> dict[str, Array]:
    file = io.BytesIO(data)
    if (pickle_ := _Unpickler(file).load()) != MAGIC:
        raise ModelUnavailable(f"the checkpoint starts with {str(pickle_)[:40]}, not torch's magic")
    if (protocol := _Unpickler(file).load()) != PROTOCOL:
        raise ModelUnavailable(f"the checkpoint's protocol is {protocol}, not {PROTOCOL}")
    if not _Unpickler(file).load()["little_endian"]:
        raise ModelUnavailable("the checkpoint is big-endian")
    unpickler = _Unpickler(file)
    tensors = unpickler.load()
    keys = _Unpickler(file).load()
    if not isinstance(tensors, Mapping) or set(keys) != set(unpickler.storages):
        raise ModelUnavailable("the checkpoint is not a plain table of tensors")
    stored = {key: _elements(file, data, unpickler.storages[key]) for key in keys}
    if file.tell() != len(data):
        raise ModelUnavailable(f"the checkpoint has {len(data) - file.tell()} bytes too many")
    return {str(name): _view(name, tensor, stored) for name, tensor in tensors.items()}


def _elements(file: io.BytesIO, data: bytes, storage: _Storage) -> Array:
    count = int.from_bytes(file.read(8), "little", signed=True)
    if count != storage.count:
        raise ModelUnavailable(f"storage {storage.key} has {count} elements, not {storage.count}")
    elements = np.frombuffer(data, storage.kind.dtype, count, file.tell())
    file.seek(elements.nbytes, io.SEEK_CUR)
    return elements


def _view(name: object, tensor: object, stored: dict[str, Array]) -> Array:
    if not isinstance(tensor, _Tensor) or len(tensor.shape) != len(tensor.strides):
        raise ModelUnavailable(f"{name} is not a tensor")
    numbers = (tensor.offset, *tensor.shape, *tensor.strides)
    if len(tensor.shape) > MAX_DIMENSIONS or any(
        not isinstance(number, int) or number < 0 for number in numbers
    ):
        raise ModelUnavailable(f"{name} has an impossible shape")
    elements = stored[tensor.storage.key][tensor.offset :]
    reach = 1 + sum(
        (extent - 1) * stride for extent, stride in zip(tensor.shape, tensor.strides, strict=True)
    )
    if 0 not in tensor.shape and reach > elements.size:
        raise ModelUnavailable(f"{name} reaches beyond its storage")
    steps = tuple(stride * elements.itemsize for stride in tensor.strides)
    return np.lib.stride_tricks.as_strided(elements, tensor.shape, steps, writeable=False)


def _rebuild(
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_gradients_and_hooks: object,
) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _Unpickler(pickle.Unpickler):
    """Restores ordered dictionaries, tensors and storages, and refuses everything else."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in DTYPES:
            return _Kind(DTYPES[name])
        raise ModelUnavailable(f"the checkpoint asks for {module}.{name}, which is not allowed")

    def persistent_load(self, pid: Any) -> _Storage:
        label, kind, key, _device, count, view = pid
        if label != "storage" or not isinstance(kind, _Kind) or view is not None:
            raise ModelUnavailable("the checkpoint refers to something other than a storage")
        return self.storages.setdefault(str(key), _Storage(kind, str(key), int(count)))
