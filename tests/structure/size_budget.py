"""The size budget: modules and import lists have a limit, functions stay short as a whole.

Statements, arguments and complexity of single functions are ruff's (`[tool.ruff.lint.pylint]` in pyproject.toml). An
exemption is a comment beside what it exempts: `# size: <reason>` near the top of a module, `# noqa: <code> - <reason>`
at a function.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("sdk_python/liftgate", "server/liftgate_server")
ALL_FOLDERS = (*PRODUCT, "loadtests", "tests")
COMPOSITION_ROOT = "server/liftgate_server/app.py"

MODULE_LINES = 400
MODULE_IMPORTS = 15
MEDIAN_FUNCTION_LINES = 8
P95_FUNCTION_LINES = 30
EXEMPTION = re.compile(r"^# size: \S", re.MULTILINE)
EXEMPTION_WITHIN_LINES = 40
SIZE_RULES_WITHOUT_REASON = re.compile(r"# noqa: [^-\n]*\b(C901|PLR09\d\d)\b(?!.* - \S)")


@dataclass(frozen=True, slots=True)
class Module:
    """A source file with what the budget counts."""

    path: str
    text: str

    @property
    def exempt(self) -> bool:
        top = "\n".join(self.text.splitlines()[:EXEMPTION_WITHIN_LINES])
        return bool(EXEMPTION.search(top))

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def imports(self) -> int:
        """Count import statements other than ``from __future__``, wherever they stand."""
        return sum(
            isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
            for node in ast.walk(ast.parse(self.text))
        )

    def function_lengths(self) -> Iterator[int]:
        """Yield the lines of each function from `def` to its end, its docstring left out."""
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0


def modules(*folders: str) -> list[Module]:
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return [Module(str(file.relative_to(ROOT)), file.read_text()) for file in files]


def breaches_of(module: Module) -> Iterator[str]:
    """Yield what one module breaks."""
    for found in SIZE_RULES_WITHOUT_REASON.finditer(module.text):
        yield f"{module.path}: {found.group(0)!r} gives no reason (write `# noqa: {found.group(1)} - why`)"
    if module.exempt:
        return
    if module.lines > MODULE_LINES:
        yield f"{module.path}: {module.lines} lines, the limit is {MODULE_LINES}"
    wired_elsewhere = module.path.startswith("tests/") or module.path == COMPOSITION_ROOT
    if module.imports > MODULE_IMPORTS and not wired_elsewhere:
        yield f"{module.path}: {module.imports} import statements, the limit is {MODULE_IMPORTS}"


def breaches() -> list[str]:
    return [breach for module in modules(*ALL_FOLDERS) for breach in breaches_of(module)]


def distribution() -> tuple[float, float]:
    """Return the median and the 95th percentile of the product's function lengths."""
    lengths = [length for module in modules(*PRODUCT) for length in module.function_lengths()]
    return statistics.median(lengths), statistics.quantiles(lengths, n=20)[-1]


def main() -> int:
    found = breaches()
    median, p95 = distribution()
    print(f"functions: median {median:.0f} lines (aim {MEDIAN_FUNCTION_LINES}), p95 {p95:.0f} ({P95_FUNCTION_LINES})")
    print("\n".join(found) or "size budget: kept")
    return 1 if found or median > MEDIAN_FUNCTION_LINES or p95 > P95_FUNCTION_LINES else 0


if __name__ == "__main__":
    sys.exit(main())
