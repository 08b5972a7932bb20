"""`__all__` says what is public: no more, no less, in order."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import liftgate
import liftgate_server

DOORS = ("service", "queries")
GLUE_FOR_OTHERS = {"liftgate.__main__", "liftgate_server.__main__"}


def modules_of(package: ModuleType) -> list[str]:
    """Name every module of a package that has no underscore in its path."""
    found = [info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return sorted(name for name in found if "._" not in name)


def defined_here(module: ModuleType) -> set[str]:
    """Return the public classes and functions that a module itself defines."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    }


def faults_of(module: ModuleType) -> list[str]:
    """Say in which ways a module's `__all__` is wrong."""
    public = list(getattr(module, "__all__", ()))
    faults = [f"{name} is in __all__ and does not exist" for name in public if not hasattr(module, name)]
    faults += [f"{name} is public and not in __all__" for name in sorted(defined_here(module) - set(public))]
    faults += [f"{name} is private and in __all__" for name in public if name.startswith("_") and name != "__version__"]
    return faults + (["__all__ names something twice"] if len(public) != len(set(public)) else [])


@pytest.mark.parametrize("name", ["liftgate", *modules_of(liftgate)])
def test_a_module_of_the_sdk_declares_its_public_names(name: str):
    module = importlib.import_module(name)

    assert hasattr(module, "__all__") or not defined_here(module)
    assert faults_of(module) == []


@pytest.mark.parametrize("name", [name for name in modules_of(liftgate_server) if name.rpartition(".")[2] in DOORS])
def test_a_room_declares_the_names_of_its_doors(name: str):
    assert faults_of(importlib.import_module(name)) == []


def test_a_forgotten_name_is_noticed():
    module = ModuleType("sample")
    exec("def announced(): pass\ndef forgotten(): pass\n__all__ = ['announced', 'gone']", vars(module))  # noqa: S102

    assert faults_of(module) == ["gone is in __all__ and does not exist", "forgotten is public and not in __all__"]
