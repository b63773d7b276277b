"""Results as a table to read and as JSON to compare, under the date, the commit and the machine."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.asking import Timing
from benchmarks.libraries import Bare

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Asked:
    """One kind of question."""

    name: str
    recall: float
    timings: Sequence[Timing]


@dataclass
class Measured:
    """One size. What could not be measured is NaN."""

    objects: int
    import_per_second: float
    import_server_ms: float
    resident_mb: float
    disk_mb: float = float("nan")
    start_seconds: float = float("nan")
    """From starting the process to its first right answer, after an orderly stop."""
    recovery_seconds: float = float("nan")
    """The same after a kill, to an answer that has the object acknowledged last."""
    importing_p99_ms: float = float("nan")
    """Vector searches from eight threads while another process imports."""
    questions: list[Asked] = field(default_factory=list)
    libraries: list[Bare] = field(default_factory=list)
    more: dict[str, float] = field(default_factory=dict)
    """Further figures by name."""
    peer: "Measured | None" = None
    """Another server, asked in turns with this one."""


@dataclass(frozen=True)
class Report:
    server: str
    date: str
    commit: str
    machine: str
    sizes: Sequence[Measured]
    peer: str = ""
    """The name of the other server, if there was one."""


def about(server: str, sizes: Sequence[Measured], peer: str = "") -> Report:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    machine = f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return Report(server, now, _commit(), machine, sizes, peer)


def write(report: Report) -> Path:
    """Put it in the results folder, as Markdown and JSON; the Markdown file."""
    name = f"{report.date.replace(' ', '-').replace(':', '')}-{report.commit}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(asdict(report), indent=1) + "\n")
    path = RESULTS / f"{name}.md"
    path.write_text(markdown(report))
    return path


def markdown(report: Report) -> str:
    lines = [f"# {report.server}, {report.date}", "", f"Commit {report.commit}. {report.machine}.", ""]
    for size in report.sizes:
        lines += [f"## {size.objects:,} objects", "", *_whole(size), "", *_questions(size), ""]
        if size.libraries:
            lines += [*_libraries(size), ""]
        if size.peer:
            lines += [*_beside(report, size, size.peer), ""]
    return "\n".join(lines)


def _whole(size: Measured) -> list[str]:
    figures = {
        "import, objects/s": f"{size.import_per_second:,.0f}",
        "import, server CPU ms an object": f"{size.import_server_ms:.3f}",
        "memory, MB resident": f"{size.resident_mb:,.0f}",
        "disk, MB": f"{size.disk_mb:,.0f}",
        "start to first right answer, s": f"{size.start_seconds:.2f}",
        "kill -9 to an answer with the last object, s": f"{size.recovery_seconds:.2f}",
        "vector search during an import, p99 ms": f"{size.importing_p99_ms:.1f}",
    }
    figures |= {name: f"{value:,.3f}" for name, value in size.more.items()}
    return ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in figures.items())]


def _questions(size: Measured) -> list[str]:
    """Server CPU time first: it is the figure least touched by the client and by other work on the machine."""
    lines = [
        "| question | recall | threads | server CPU ms | QPS | p50 ms | p95 ms | p99 ms |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for asked in size.questions:
        for timing in asked.timings:
            lines.append(
                f"| {asked.name} | {asked.recall:.3f} | {timing.threads} | {timing.server_ms:.2f} | {timing.qps:,.0f} "
                f"| {timing.p50:.2f} | {timing.p95:.2f} | {timing.p99:.2f} |"
            )
    return lines


def _beside(report: Report, ours: Measured, theirs: Measured) -> list[str]:
    """Both servers, the lower CPU time of the numbers of threads, and `ratio`: ours over theirs."""
    most = max(timing.threads for asked in ours.questions for timing in asked.timings)
    lines = [f"| | {report.server} | {report.peer} | ratio | questions/s, {most} threads |", "|---|--:|--:|--:|--:|"]
    for name, one, other, digits in (
        ("import, objects/s", ours.import_per_second, theirs.import_per_second, 0),
        ("import, server CPU ms an object", ours.import_server_ms, theirs.import_server_ms, 2),
        ("memory, MB", ours.resident_mb, theirs.resident_mb, 0),
    ):
        lines.append(f"| {name} | {one:,.{digits}f} | {other:,.{digits}f} | {one / other:.2f} | |")
    for asked, answered in zip(ours.questions, theirs.questions, strict=True):
        one, other = (min(timing.server_ms for timing in each.timings) for each in (asked, answered))
        speeds = " to ".join(
            f"{next(timing.qps for timing in each.timings if timing.threads == most):,.0f}"
            for each in (asked, answered)
        )
        lines.append(
            f"| {asked.name} | {one:.2f} (recall {asked.recall:.3f}) | {other:.2f} (recall {answered.recall:.3f}) "
            f"| {one / other:.2f} | {speeds} |"
        )
    return lines


def _libraries(size: Measured) -> list[str]:
    """`ratio`: what our server costs for the same question, network included, over the library alone."""
    ours = {asked.name: asked.timings[0].server_ms for asked in size.questions if asked.timings}
    lines = ["| bare library | recall | add CPU ms | question CPU ms | server / library |", "|---|---:|---:|---:|---:|"]
    for bare in size.libraries:
        ratio = ours.get(bare.stands_beside, float("nan")) / bare.query_ms
        lines.append(f"| {bare.name} | {bare.recall:.3f} | {bare.add_ms:.4f} | {bare.query_ms:.2f} | {ratio:.2f} |")
    return lines


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    found = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
    return found.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
