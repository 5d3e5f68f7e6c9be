"""A package of plug-ins, installed beside ours."""

from pathlib import Path

import pytest

from tests.plug_ins.acme import install, write_package


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source folder of the package that docs/PLUGINS.md builds."""
    folder = tmp_path_factory.mktemp("acme-lookalike")
    write_package(folder)
    return folder


@pytest.fixture(scope="session")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the package is installed in; put it on the path to have the plug-ins."""
    folder = tmp_path_factory.mktemp("site")
    install(package, folder)
    return folder
