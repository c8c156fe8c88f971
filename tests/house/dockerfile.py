"""A Dockerfile as data, and the rules ours keeps: for the places where no Docker engine can say so."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

SECRET_NAME = re.compile(r"KEY|SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIAL", re.I)
PINNED = re.compile(r":\d+(\.\d+)+(-[\w.-]+)?$|@sha256:[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, continuation lines joined: `RUN`, and all that follows it."""

    keyword: str
    rest: str

    def words(self) -> list[str]:
        """The arguments, of a JSON list or of a line of shell words."""
        rest = self.rest[self.rest.index("[") :] if re.search(r"(^|CMD )\[", self.rest) else self.rest
        return list(json.loads(rest)) if rest.startswith("[") else shlex.split(rest)


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and what is built on it."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, keyword: str) -> list[Instruction]:
        """Its instructions of one keyword, in order."""
        return [i for i in self.instructions if i.keyword == keyword]


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword.upper() == "FROM":
            base, _, name = re.sub(r"(?i) as ", " AS ", rest).partition(" AS ")
            found.append(Stage(base.strip(), name.strip() or str(len(found))))
        elif keyword:
            found[-1].instructions.append(Instruction(keyword.upper(), rest.strip()))
    return found


def copied_from_context(stage: Stage) -> Iterator[str]:
    """The sources of every COPY that reads the checkout."""
    for instruction in stage.all("COPY"):
        if not instruction.rest.startswith("--from"):
            yield from [w for w in instruction.words() if not w.startswith("--")][:-1]


def ignored(path: str, rules: str) -> bool:
    """Whether .dockerignore keeps `path` out; the last rule that matches decides."""
    verdict = False
    for rule in [r.strip() for r in rules.splitlines() if r.strip() and not r.startswith("#")]:
        pattern = rule.removeprefix("!").removeprefix("**/")
        if any(fnmatch(part, pattern) for part in (path, *Path(path).parts)):
            verdict = not rule.startswith("!")
    return verdict


def faults(text: str, context: Path) -> list[str]:
    """A sentence for every rule that the Dockerfile `text` breaks when built from `context`."""
    built = stages(text)
    return [
        *_stage_faults(built),
        *_pip_faults(built),
        *_context_faults(built, context),
        *_final_faults(built[-1]),
    ]


def _stage_faults(built: list[Stage]) -> Iterator[str]:
    if len(built) < 2:
        yield "there is one stage only: what builds must not be what runs"
    names = {s.name for s in built}
    for stage in built:
        if stage.base not in names and not PINNED.search(stage.base):
            yield f"FROM {stage.base} is not pinned to a version"
        for variable in [w for k in ("ENV", "ARG") for i in stage.all(k) for w in i.words()]:
            name, _, value = variable.partition("=")
            if SECRET_NAME.search(name) or SECRET_NAME.search(value):
                yield f"{name} would be readable in the image's history"


def _pip_faults(built: list[Stage]) -> Iterator[str]:
    for run in [i.rest for s in built for i in s.all("RUN")]:
        for command in re.findall(r"pip (?:install|wheel|download)[^&|;]*", run):
            if "--no-cache-dir" not in command:
                yield f"without --no-cache-dir the cache stays in the layer: {command}"
            if "--require-hashes" not in command and not ("--no-index" in command and "--no-deps" in command):
                yield f"installs what no hash vouches for: {command}"


def _context_faults(built: list[Stage], context: Path) -> Iterator[str]:
    rules = (context / ".dockerignore").read_text()
    for stage in built:
        if stage.all("ADD"):
            yield "ADD unpacks and downloads: use COPY"
        for source in copied_from_context(stage):
            if source in (".", "./"):
                yield "COPY . takes whatever lies around: name what is needed"
            elif not (context / source).exists():
                yield f"COPY {source}: there is no such file"
            elif ignored(source, rules):
                yield f"COPY {source}: .dockerignore keeps it out"


def _final_faults(final: Stage) -> Iterator[str]:
    users = [i.rest.split(":")[0] for i in final.all("USER")]
    if not users or not users[-1].isdigit() or users[-1] == "0":
        yield "the image must run as a numbered user other than 0"
    healthchecks = final.all("HEALTHCHECK")
    if len(healthchecks) != 1 or "/healthz" not in healthchecks[0].rest:
        yield "one HEALTHCHECK must ask /healthz"
    commands = final.all("CMD")
    if len(commands) != 1 or not commands[0].rest.startswith("["):
        yield "one CMD in the form of a list: a shell would swallow SIGTERM"
    if [i.rest for i in final.all("EXPOSE")] != ["8000"]:
        yield "EXPOSE must say 8000"
