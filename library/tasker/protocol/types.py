"""The documents as types. Import from here under TYPE_CHECKING only, so that a start pays nothing.

The schemas in protocol/schemas/ are the authority; tests/protocol/test_types.py holds each type to its schema.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypeAlias, TypedDict

Document: TypeAlias = dict[str, Any]  # Any: a document as it comes off the wire, of a kind that is not known yet


class KnownAbout(TypedDict, total=False):
    """The keys of About that decide about a workflow: those of a runner that was not asked."""

    argv: list[str]
    words: str
    missing: str
    secrets: str
    logins: bool
    copies: list[str]
    become: bool
    host: str
    port: int
    resolve: bool
    timeout: float


class AboutAtOnceBy(TypedDict):
    number: NotRequired[str]
    each: NotRequired[str]


AboutReceipts = TypedDict("AboutReceipts", {"from": float, "default": NotRequired[str]})


class About(TypedDict):
    """What a stage is, on --about and as the first line with --lines."""

    tasker: int
    kind: str
    ok: bool
    accepts: str | list[str]
    returns: str | list[str]
    protocols: list[int]
    name: NotRequired[str]
    argv: NotRequired[list[str]]
    options: NotRequired[list[str]]
    words: NotRequired[str]
    missing: NotRequired[str]
    secrets: NotRequired[str]
    parallel: NotRequired[bool]
    watches_input: NotRequired[bool]
    receipts: NotRequired[AboutReceipts]
    at_once: NotRequired[int]
    at_once_by: NotRequired[AboutAtOnceBy]
    logins: NotRequired[bool]
    copies: NotRequired[list[str]]
    become: NotRequired[bool]
    host: NotRequired[str]
    port: NotRequired[int]
    resolve: NotRequired[bool]
    timeout: NotRequired[float]


class Cancel(TypedDict):
    """End the request with this id; it is answered by its result all the same."""

    tasker: int
    kind: str
    id: object
    reason: str


SettingValueKeywords = TypedDict("SettingValueKeywords", {"from": str})


class SettingValue(SettingValueKeywords):
    value: str | float | bool | None


class OptionRule(TypedDict):
    runner: NotRequired[str]
    match: NotRequired[list[str]]
    options: Document
    at: dict[str, str]


SettingTableKeywords = TypedDict("SettingTableKeywords", {"from": str})


class SettingTable(SettingTableKeywords):
    table: Exec


class Configuration(TypedDict):
    """What tasker --show-config --output=json prints: each value, and where it comes from."""

    tasker: int
    kind: str
    ok: bool
    files: list[str]
    env: NotRequired[SettingValue]
    settings: dict[str, SettingValue]
    runners: dict[str, SettingValue]
    exec_types: NotRequired[dict[str, SettingTable]]
    approval: NotRequired[dict[str, SettingValue]]
    options: list[OptionRule]
    parameters: NotRequired[dict[str, SettingValue]]
    problems: list[str]


class ConformanceCheck(TypedDict):
    name: str
    level: str
    verdict: str
    seen: NotRequired[str]
    rule: str
    section: str


class Conformance(TypedDict):
    """What tasker runner-test --output json prints: whether a runner does what the protocol asks."""

    tasker: int
    kind: str
    ok: bool
    runner: str
    hostname: NotRequired[str]
    level: NotRequired[str]
    failed: int
    checks: list[ConformanceCheck]


class Error(TypedDict):
    """A stage that cannot answer."""

    tasker: int
    kind: str
    ok: bool
    id: NotRequired[object]
    code: str
    message: str
    retryable: bool
    details: NotRequired[Document]


class Event(TypedDict):
    """What happened, for flow; queued, started, output and running are said by a runner."""

    tasker: int
    kind: str
    event: str
    id: NotRequired[object]
    result: NotRequired[Result]
    stream: NotRequired[str]
    text: NotRequired[str]
    left_out: NotRequired[int]
    ok: NotRequired[bool]
    message: NotRequired[str]
    down: NotRequired[list[str]]
    parks: NotRequired[bool]
    since: NotRequired[str]
    signal: NotRequired[str]
    lanes: NotRequired[list[list[object]]]
    held: NotRequired[list[str]]
    answer: NotRequired[str]
    reason: NotRequired[str]
    seconds: NotRequired[float]
    pace: NotRequired[EventPace]
    unit: NotRequired[EventUnit]
    by: NotRequired[str]
    verdict: NotRequired[str]
    because: NotRequired[str]


class EventUnit(TypedDict):
    visit: int
    task: int
    host: NotRequired[str]
    chain: NotRequired[int]
    end: NotRequired[EventUnitEnd]
    attempt: NotRequired[int]
    skip: NotRequired[bool]
    decided: NotRequired[str]
    request: NotRequired[Request]


class EventUnitEnd(TypedDict):
    outcome: str
    success: bool
    exit_code: int
    because: NotRequired[str]
    failed_at: NotRequired[int]
    touched: NotRequired[bool]
    undone: NotRequired[bool]


class EventPace(TypedDict):
    tasks: dict[str, dict[str, str | None]]
    timeout: NotRequired[float]
    at_once: NotRequired[dict[str, int | None]]


class ExecExpect(TypedDict):
    exit: int
    stdout: NotRequired[str]


class Exec(TypedDict):
    """An exec type of the configuration, for `runners/configured`, which makes a runner of it."""

    tasker: int
    kind: str
    name: str
    at: str
    command: list[str]
    check: NotRequired[list[str]]
    host: str
    port: NotRequired[int]
    resolve: bool
    timeout: NotRequired[float]
    expect: NotRequired[ExecExpect]
    secrets: NotRequired[str]


class ExplanationMoment(TypedDict):
    at: float
    what: str
    text: str
    task: NotRequired[int]
    block: NotRequired[int]
    host: NotRequired[str]
    field: NotRequired[str]
    truth: NotRequired[bool | None]
    because: NotRequired[str]
    decided: NotRequired[str]
    already: NotRequired[bool]
    probe: NotRequired[str]
    outcome: NotRequired[str]
    exit_code: NotRequired[int | None]
    success: NotRequired[bool]
    to: NotRequired[int | str]
    inherited: NotRequired[str]
    changed: NotRequired[list[str]]


class HeadLine(TypedDict):
    line: int
    text: str


class Explanation(TypedDict):
    """What happened in a run or to one task, in order, and why: what tasker explain --json prints."""

    tasker: int
    kind: str
    ok: bool
    run: str
    file: str
    head_options: NotRequired[list[HeadLine]]
    head_overruled: NotRequired[list[str]]
    parameters: NotRequired[dict[str, SettingValue]]
    moments: list[ExplanationMoment]


class PlanTaskWay(TypedDict):
    when: str
    to: int | str
    exit: NotRequired[str]
    fails: NotRequired[bool]


class PlanTask(TypedDict):
    task: int
    type: str
    title: NotRequired[str]
    inherited: NotRequired[bool]
    block: NotRequired[int]
    runs: NotRequired[list[int]]
    last: NotRequired[list[int]]
    if_true: NotRequired[list[int]]
    if_false: NotRequired[list[int]]
    exec: NotRequired[str]
    hostname: NotRequired[str]
    command: NotRequired[str]
    argv: NotRequired[list[str]]
    timeout: NotRequired[float | str]
    problem: NotRequired[str]
    ways: list[PlanTaskWay]
    seconds: NotRequired[float]
    reached: NotRequired[bool]
    max_parallel: NotRequired[str]
    canary: NotRequired[str]
    waves: NotRequired[str]
    wave_next: NotRequired[str]
    wave_sleep: NotRequired[str]
    start_until: NotRequired[str]
    wave_approval: NotRequired[str]
    approval_timeout: NotRequired[str]
    may_be_down: NotRequired[str]
    stop_on: NotRequired[str]
    max_failed_percent: NotRequired[str]
    success: NotRequired[str]
    failure: NotRequired[str]
    sleep: NotRequired[str]
    loop_break: NotRequired[str]
    probe: NotRequired[str]
    probe_success: NotRequired[str]
    probe_first: NotRequired[str]
    idempotent: NotRequired[str]
    mode: NotRequired[str]
    owner: NotRequired[str]
    validate: NotRequired[str]
    max_bytes: NotRequired[str]
    become: NotRequired[str]
    become_direct: NotRequired[str]
    become_from: NotRequired[str]
    reboot: NotRequired[str]
    condition: NotRequired[str]
    loop: NotRequired[int]
    approvals: NotRequired[int]
    approvers: NotRequired[list[str]]
    attempts: NotRequired[int]
    waits: NotRequired[float]
    targets: NotRequired[list[str]]
    of: NotRequired[int]
    skipped: NotRequired[str]
    targets_written: NotRequired[str]


class PlanExitPath(TypedDict):
    task: int
    when: NotRequired[str]


class PlanExit(TypedDict):
    code: int | None
    because: list[str]
    path: list[PlanExitPath]


class PlanDuration(TypedDict):
    """At worst; empty if it is not known."""

    seconds: NotRequired[float]
    unbounded: NotRequired[list[int]]
    waits: NotRequired[list[int]]


class Plan(TypedDict):
    """What a workflow would do: every task, and where the flow can go from it."""

    tasker: int
    kind: str
    ok: bool
    id: NotRequired[object]
    hosts: int
    text: NotRequired[str]
    tasks: list[PlanTask]
    file: NotRequired[str]
    hosts_from_outputs: NotRequired[int]
    limit: NotRequired[WorkflowLimit]
    exits: list[PlanExit]
    duration: PlanDuration
    on_error: NotRequired[str]
    head_options: NotRequired[list[HeadLine]]
    head_overruled: NotRequired[list[str]]
    parameters: NotRequired[dict[str, SettingValue]]
    continues: NotRequired[ReportContinues]
    cut: NotRequired[str]


class QuestionResult(TypedDict):
    """Any key of a result; absent before a run."""

    exit_code: NotRequired[int | None]
    stdout: NotRequired[str]
    stderr: NotRequired[str]
    success: NotRequired[bool]


class Question(TypedDict):
    """A condition, and what it is asked about."""

    tasker: int
    kind: str
    id: NotRequired[object]
    expression: str
    result: NotRequired[QuestionResult]
    variables: NotRequired[dict[str, str]]


class RecordingLineAsked(TypedDict):
    task: int
    title: str


class RecordingLineAnswer(TypedDict):
    answer: str
    by: str
    reason: str


class RecordingLine(TypedDict):
    """A line of a record of a run: the first says of which task file, each other holds a request and its result."""

    tasker: int
    kind: str
    ok: bool
    file: NotRequired[str]
    sha256: NotRequired[str]
    run: NotRequired[str]
    runners: NotRequired[dict[str, Document]]
    replay: NotRequired[Document]
    hosts: NotRequired[RecordedHosts]
    request: NotRequired[Request]
    result: NotRequired[Result]
    asked: NotRequired[RecordingLineAsked]
    answer: NotRequired[RecordingLineAnswer]


class ReportSession(TypedDict):
    began: float
    ended: float
    user: NotRequired[int | str]
    login: NotRequired[str]


class ReportTaskWhy(TypedDict):
    at: float
    what: str
    text: str
    line: NotRequired[int]


class ReportTask(TypedDict):
    task: int
    title: str
    line: int
    type: NotRequired[str]
    block: NotRequired[int]
    outcome: str
    began: NotRequired[float]
    ended: NotRequired[float]
    seconds: NotRequired[float]
    attempts: NotRequired[int]
    hosts: NotRequired[int]
    counts: NotRequired[dict[str, int]]
    fields: dict[str, str]
    why: list[ReportTaskWhy]
    why_left_out: NotRequired[int]
    lanes: NotRequired[list[ReportTaskLane]]
    wave: NotRequired[int]
    waves: NotRequired[int]


class ReportTaskLane(TypedDict):
    host: str
    outcome: str
    because: NotRequired[str]
    inherited: NotRequired[str]


ReportAttemptKeywords = TypedDict("ReportAttemptKeywords", {"class": NotRequired[str]})


class ReportAttempt(ReportAttemptKeywords):
    task: int
    block: NotRequired[int]
    host: NotRequired[str]
    hostname: NotRequired[str]
    iteration: NotRequired[int]
    attempt: NotRequired[int]
    attempts: NotRequired[int]
    outcome: str
    command: str
    began: float
    ended: NotRequired[float]
    seconds: NotRequired[float]
    timeout: NotRequired[float]
    become: NotRequired[str]
    words: NotRequired[str]
    argv: NotRequired[list[str]]
    exit_code: NotRequired[int]
    reason: NotRequired[str]
    because: NotRequired[str]
    decided: NotRequired[str]
    already: NotRequired[bool]
    stdout: NotRequired[str]
    stdout_end: NotRequired[str]
    stdout_bytes: NotRequired[int]
    stdout_lines: NotRequired[int]
    stdout_file: NotRequired[str]
    stdout_cut: NotRequired[bool]
    stdout_escaped: NotRequired[bool]
    stdout_left_out: NotRequired[int]
    stdout_changed: NotRequired[str]
    stderr: NotRequired[str]
    stderr_end: NotRequired[str]
    stderr_bytes: NotRequired[int]
    stderr_lines: NotRequired[int]
    stderr_file: NotRequired[str]
    stderr_cut: NotRequired[bool]
    stderr_escaped: NotRequired[bool]
    stderr_left_out: NotRequired[int]
    stderr_changed: NotRequired[str]
    inherited: NotRequired[str]


class ReportContinues(TypedDict):
    run: str
    task: int


class ReportApproval(TypedDict):
    task: int
    at: float
    answer: str
    by: str
    via: NotRequired[str]
    reason: NotRequired[str]
    principal: NotRequired[str]
    counts: bool
    why: NotRequired[str]


class Report(TypedDict):
    """A run as its journal tells it: what tasker report --json prints."""

    tasker: int
    kind: str
    ok: bool
    run: str
    folder: str
    state: str
    file: str
    sha256: NotRequired[str]
    project: NotRequired[str]
    log: NotRequired[str]
    version: NotRequired[str]
    user: NotRequired[int | str]
    login: NotRequired[str]
    host: NotRequired[str]
    began: float
    ended: float
    seconds: float
    sessions: list[ReportSession]
    exit_code: NotRequired[int]
    reason: NotRequired[str]
    status: NotRequired[str]
    unhandled: NotRequired[list[int]]
    secrets: NotRequired[list[str]]
    head_options: NotRequired[list[HeadLine]]
    head_overruled: NotRequired[list[str]]
    parameters: NotRequired[dict[str, SettingValue]]
    continues: NotRequired[ReportContinues]
    limit: NotRequired[WorkflowLimit]
    torn: NotRequired[int]
    counts: dict[str, int]
    tasks: list[ReportTask]
    attempts: list[ReportAttempt]
    approvals: NotRequired[list[ReportApproval]]
    left_out: NotRequired[int]


class HiddenSecret(TypedDict):
    secret: str
    word: NotRequired[int]
    at: NotRequired[int]
    variable: NotRequired[str]


class RunnerOptions(TypedDict):
    """Settings of the runner for this host, from the configuration."""

    address: NotRequired[str]
    port: NotRequired[int]
    user: NotRequired[str]
    identity_files: NotRequired[list[str]]
    config: NotRequired[str]
    known_hosts: NotRequired[list[str]]
    accept_new: NotRequired[bool]
    password_file: NotRequired[str]
    password_env: NotRequired[str]
    passphrase_file: NotRequired[str]
    passphrase_env: NotRequired[str]
    connect_timeout: NotRequired[float]
    max_connecting: NotRequired[int]
    agent: NotRequired[bool]
    fallback: NotRequired[bool]
    key_exchange: NotRequired[str]
    become: NotRequired[str]
    become_password: NotRequired[str]
    become_direct: NotRequired[bool]
    receipts: NotRequired[str]
    jump_hosts: NotRequired[list[str]]
    gateways: NotRequired[list[str]]
    topology: NotRequired[str]
    leaf: NotRequired[str]
    window: NotRequired[int]
    linger: NotRequired[float]
    silence: NotRequired[float]
    gateway_config: NotRequired[str]
    gateway_python: NotRequired[str]


class Receipt(TypedDict):
    """The far side has to keep a receipt of this delivery, or must not start it."""

    run: str
    request: str
    delivery: int
    output: NotRequired[bool]
    done: NotRequired[list[list[object]]]


class Ask(TypedDict):
    """A question about a delivery, or about all of a run; it starts nothing."""

    do: str
    run: str
    request: NotRequired[str]
    delivery: NotRequired[int]
    timeout: NotRequired[float]
    since: NotRequired[float]
    patience: NotRequired[float]
    older: NotRequired[float]


class Copy(TypedDict):
    """Files that are to be copied, in place of a command."""

    what: str
    source: str
    target: str
    mode: NotRequired[str]
    owner: NotRequired[str]
    validate: NotRequired[list[list[str]]]
    max_bytes: NotRequired[int]
    protected: NotRequired[list[str]]


class Request(TypedDict):
    """Something that a runner is to do."""

    tasker: int
    kind: str
    id: NotRequired[object]
    hostname: NotRequired[str]
    words: NotRequired[list[str]]
    script: NotRequired[str]
    copy: NotRequired[Copy]
    environment: NotRequired[dict[str, str]]
    hidden: NotRequired[list[HiddenSecret]]
    secrets: NotRequired[list[str]]
    timeout: NotRequired[float]
    follow: NotRequired[bool]
    dry_run: NotRequired[bool]
    check: NotRequired[bool]
    needs: NotRequired[list[str]]
    keep: NotRequired[list[str]]
    marker: NotRequired[str]
    options: NotRequired[RunnerOptions]
    output: NotRequired[str]
    task: NotRequired[int]
    block: NotRequired[int]
    host: NotRequired[str]
    iteration: NotRequired[int]
    attempt: NotRequired[int]
    attempts: NotRequired[int]
    probe: NotRequired[str]
    of: NotRequired[str]
    receipt: NotRequired[Receipt]
    ask: NotRequired[Ask]
    become: NotRequired[str]
    become_password: NotRequired[str]
    become_direct: NotRequired[bool]
    reboot: NotRequired[bool]


ResultKeywords = TypedDict("ResultKeywords", {"class": NotRequired[str]})


class Result(ResultKeywords):
    """What came of a request."""

    tasker: int
    kind: str
    ok: bool
    id: NotRequired[object]
    outcome: NotRequired[str]
    exit_code: NotRequired[int | None]
    stdout: NotRequired[str]
    stdout_bytes: NotRequired[int]
    stdout_lines: NotRequired[int]
    stdout_end: NotRequired[str]
    stdout_cut: NotRequired[bool]
    stdout_escaped: NotRequired[bool]
    stdout_file: NotRequired[str]
    stderr: NotRequired[str]
    stderr_bytes: NotRequired[int]
    stderr_lines: NotRequired[int]
    stderr_end: NotRequired[str]
    stderr_cut: NotRequired[bool]
    stderr_escaped: NotRequired[bool]
    stderr_file: NotRequired[str]
    argv: NotRequired[list[str]]
    seconds: NotRequired[float]
    reason: NotRequired[str]
    retryable: NotRequired[bool]
    storage: NotRequired[bool]
    lost: NotRequired[str]
    decided: NotRequired[str]
    settled: NotRequired[str]
    left_behind: NotRequired[int]


RunnerEntryKeywords = TypedDict("RunnerEntryKeywords", {"from": str})


class RunnerEntry(RunnerEntryKeywords):
    exec: str
    path: NotRequired[str]
    table: NotRequired[Exec]
    about: NotRequired[About]
    problem: NotRequired[str]


class Runners(TypedDict):
    """What tasker runners --output=json prints: each exec type, and what serves it."""

    tasker: int
    kind: str
    ok: bool
    env: NotRequired[str]
    runners: list[RunnerEntry]


class RunsEntry(TypedDict):
    run: str
    state: str
    file: NotRequired[str]
    project: NotRequired[str]
    began: NotRequired[float]
    ended: NotRequired[float]
    task: NotRequired[int]
    code: NotRequired[int]
    reason: NotRequired[str]
    host: NotRequired[str]
    user: NotRequired[int | str]
    login: NotRequired[str]
    continues: NotRequired[str]
    continued_by: NotRequired[str]
    drift: NotRequired[bool]


class GatewaysEntry(TypedDict):
    name: str
    ready: bool
    window: int
    leaf: str
    hosts: list[str]
    reason: NotRequired[str]
    version: NotRequired[str]
    python: NotRequired[str]
    cores: NotRequired[int]
    load: NotRequired[float]


class Gateways(TypedDict):
    """The gateways of a configuration: what tasker gateways --json prints."""

    tasker: int
    kind: str
    ok: bool
    gateways: list[GatewaysEntry]


class Runs(TypedDict):
    """The runs below a folder, the oldest first: what tasker runs --json prints."""

    tasker: int
    kind: str
    ok: bool
    folder: str
    runs: list[RunsEntry]


class SimulationExitPath(TypedDict):
    task: int
    when: NotRequired[str]


class SimulationExit(TypedDict):
    code: int | None
    because: list[str]
    path: list[SimulationExitPath]


class Simulation(TypedDict):
    """What every path of a workflow shows: what can run, how it can end, what no path reaches."""

    tasker: int
    kind: str
    ok: bool
    id: NotRequired[object]
    reached: list[int]
    unreached: list[int]
    states: NotRequired[int]
    cut: NotRequired[str]
    exits: list[SimulationExit]


class Step(TypedDict):
    do: str
    exec: NotRequired[str]
    request: NotRequired[Request]
    id: NotRequired[object]
    reason: NotRequired[str]
    seconds: NotRequired[float]
    until: NotRequired[str]
    since: NotRequired[str]
    hostname: NotRequired[str]
    hostnames: NotRequired[list[str]]
    may_be_down: NotRequired[bool]
    task: NotRequired[int | None]
    level: NotRequired[str]
    text: NotRequired[str]
    what: NotRequired[str]
    because: NotRequired[str]
    code: NotRequired[int]
    status: NotRequired[str]
    command: NotRequired[str]
    failed: NotRequired[list[int]]
    block: NotRequired[int]
    host: NotRequired[str]
    iteration: NotRequired[int]
    attempt: NotRequired[int]
    attempts: NotRequired[int]
    outcome: NotRequired[str]
    exit_code: NotRequired[int | None]
    success: NotRequired[bool]
    members: NotRequired[list[int]]
    hosts: NotRequired[int]
    branch: NotRequired[list[str]]
    field: NotRequired[str]
    truth: NotRequired[bool | None]
    title: NotRequired[str]
    approvals: NotRequired[int]
    approvers: NotRequired[list[str]]
    timer: NotRequired[str]
    yes: NotRequired[str]
    no: NotRequired[str]
    results: NotRequired[list[str]]
    to: NotRequired[int]
    wave: NotRequired[int]
    waves: NotRequired[int]
    failed_at: NotRequired[int]
    inherited: NotRequired[str]
    by: NotRequired[str]
    verdict: NotRequired[str]
    decided: NotRequired[str]
    already: NotRequired[bool]
    probe: NotRequired[str]


class Steps(TypedDict):
    """All that is to be done next, from flow."""

    tasker: int
    kind: str
    ok: bool
    id: NotRequired[object]
    steps: list[Step]


class ValidationCheckTests(TypedDict):
    passed: int
    of: int


class ValidationCheck(TypedDict):
    check: str
    status: str
    errors: int
    warnings: int
    passed: NotRequired[int]
    of: NotRequired[int]
    local: NotRequired[int]
    later: NotRequired[int]
    method: NotRequired[str]
    types: NotRequired[dict[str, int]]
    tests: NotRequired[dict[str, ValidationCheckTests]]
    text: str


class Validation(TypedDict):
    """The validation report; not there when the file could not be read."""

    ok: bool
    text: str
    report: NotRequired[str]
    checks: list[ValidationCheck]


class SummaryFirstFailure(TypedDict):
    task: int
    host: NotRequired[str]
    outcome: str
    exit_code: NotRequired[int]
    stderr_last: NotRequired[str]
    because: NotRequired[str]


class DriftAnswer(TypedDict):
    task: int
    host: NotRequired[str]
    verdict: str
    because: str


class Summary(TypedDict):
    """How a call of tasker FILE ended: what --output json prints."""

    tasker: int
    kind: str
    ok: bool
    time: NotRequired[str]
    exit_code: int
    reason: str
    status: str
    file: str
    dry_run: bool
    task: NotRequired[int]
    hostname: NotRequired[str]
    command: NotRequired[str]
    counts: NotRequired[dict[str, int]]
    commands: NotRequired[int]
    failed_hosts: NotRequired[str]
    unknown_hosts: NotRequired[str]
    not_started_hosts: NotRequired[str]
    first_failure: NotRequired[SummaryFirstFailure]
    failed: NotRequired[list[int]]
    log: NotRequired[str]
    run: NotRequired[str]
    continues: NotRequired[str]
    inherited: NotRequired[int]
    replay: NotRequired[str]
    drift: NotRequired[list[DriftAnswer]]
    limit: NotRequired[WorkflowLimit]
    findings: list[object]
    validation: NotRequired[Validation]


class Approval(TypedDict):
    """A question of a run that waits for an approval, as tasker approve --show prints it."""

    tasker: int
    kind: str
    ok: bool
    run: str
    id: str
    task: int
    number: int
    nonce: str
    title: str
    text: str
    shown: str
    approvals: int
    approvers: list[str]
    asked: float
    owner: int


class SignedQuestion(TypedDict):
    run: str
    task: int
    number: int
    nonce: str
    shown: str


class Answer(TypedDict):
    """A signed answer to a question, as tasker approve --question FILE --key KEY prints it."""

    tasker: int
    kind: str
    ok: bool
    answer: str
    reason: str
    expires: int
    signed: SignedQuestion
    signature: str


class Verdict(TypedDict):
    """Whether a condition holds, and why."""

    tasker: int
    kind: str
    ok: bool
    id: NotRequired[object]
    truth: str
    because: str


class Verification(TypedDict):
    """Whether a run is as it was recorded: what tasker verify --json prints."""

    tasker: int
    kind: str
    ok: bool
    folder: str
    message: str


class GlobalVariable(TypedDict):
    value: str
    secret: NotRequired[bool]
    by_name: NotRequired[str]
    mentioned: NotRequired[bool]
    literal: NotRequired[bool]
    required: NotRequired[bool]
    choices: NotRequired[list[str]]
    split: NotRequired[bool]
    set: NotRequired[str]
    origin: NotRequired[str]
    at: NotRequired[list[int]]


class TaskResolved(TypedDict):
    canonical: str
    address: str


TaskKeywords = TypedDict("TaskKeywords", {"return": NotRequired[str], "finally": NotRequired[str]})


class Task(TaskKeywords):
    task: int
    line: NotRequired[int]
    title: NotRequired[str]
    at: NotRequired[dict[str, list[int]]]
    canonical: NotRequired[str]
    address: NotRequired[str]
    # -- fields, made by `make generated`
    hostname: NotRequired[str]
    command: NotRequired[str]
    arguments: NotRequired[str]
    put: NotRequired[str]
    get: NotRequired[str]
    to: NotRequired[str]
    mode: NotRequired[str]
    owner: NotRequired[str]
    validate: NotRequired[str]
    max_bytes: NotRequired[str]
    exec: NotRequired[str]
    timeout: NotRequired[str]
    condition: NotRequired[str]
    success: NotRequired[str]
    failure: NotRequired[str]
    next: NotRequired[str]
    on_success: NotRequired[str]
    on_failure: NotRequired[str]
    loop: NotRequired[str]
    loop_break: NotRequired[str]
    sleep: NotRequired[str]
    stdout_split: NotRequired[str]
    stderr_split: NotRequired[str]
    type: NotRequired[str]
    tasks: NotRequired[str]
    max_parallel: NotRequired[str]
    hosts: NotRequired[str]
    canary: NotRequired[str]
    stop_on: NotRequired[str]
    max_failed_percent: NotRequired[str]
    waves: NotRequired[str]
    wave_next: NotRequired[str]
    wave_sleep: NotRequired[str]
    start_until: NotRequired[str]
    wave_approval: NotRequired[str]
    approval_timeout: NotRequired[str]
    may_be_down: NotRequired[str]
    if_true_tasks: NotRequired[str]
    if_false_tasks: NotRequired[str]
    probe: NotRequired[str]
    probe_success: NotRequired[str]
    probe_first: NotRequired[str]
    idempotent: NotRequired[str]
    become: NotRequired[str]
    become_password: NotRequired[str]
    become_direct: NotRequired[str]
    reboot: NotRequired[str]
    approvals: NotRequired[str]
    approvers: NotRequired[str]
    retry_failed: NotRequired[str]
    retry_count: NotRequired[str]
    retry_delay: NotRequired[str]
    retry_backoff: NotRequired[str]
    retry_jitter: NotRequired[str]
    # -- until here
    targets: NotRequired[list[str]]
    resolved: NotRequired[dict[str, TaskResolved]]
    down: NotRequired[list[str]]


class Finding(TypedDict):
    severity: str
    code: str
    file: NotRequired[str]
    line: NotRequired[int]
    column: NotRequired[int]
    message: str
    fix: NotRequired[str]
    task: NotRequired[int]
    field: NotRequired[str]
    exit: NotRequired[int]


class HostCountsTests(TypedDict):
    passed: int
    of: int


class HostCounts(TypedDict):
    """Distinct host names, counted by validators/hosts.py."""

    total: int
    resolved: int
    reachable: int
    awaited: int
    answered: int
    later: int
    not_checked: int
    not_resolved: NotRequired[int]
    method: NotRequired[str]
    tests: NotRequired[dict[str, HostCountsTests]]


class SettingsOption(TypedDict):
    runner: NotRequired[str]
    match: NotRequired[list[str]]
    hosts: NotRequired[dict[str, bool]]
    options: Document
    at: NotRequired[dict[str, str]]


class SettingsAgain(TypedDict):
    run: str
    task: int
    visit: int
    units: int
    forks: NotRequired[list[int]]
    tasks: NotRequired[list[int]]
    dry: NotRequired[bool]


class ApprovalSettings(TypedDict):
    folder: NotRequired[str]
    allowed_signers: NotRequired[str]
    signed_only: NotRequired[bool]


class SettingsLimit(TypedDict):
    written: list[str]
    runs: dict[str, list[str]]
    outside: dict[str, str]
    notes: list[str]


class SettingsResumedTasks(TypedDict):
    hosts: str
    targets: list[str]


class SettingsResumed(TypedDict):
    tasks: dict[str, SettingsResumedTasks]
    host_connections: dict[str, HostConnection]
    host_variables: dict[str, dict[str, str]]


class RecordedValue(TypedDict):
    text: NotRequired[str]
    why: NotRequired[str]


class RecordedSource(TypedDict):
    name: str
    config: NotRequired[str]
    program: NotRequired[str]
    hosts: list[str]
    groups: dict[str, list[str]]
    variables: dict[str, dict[str, RecordedValue]]


class RecordedHosts(TypedDict):
    """What inventories, lists of hosts and ClusterShell gave to a run."""

    sources: list[RecordedSource]
    lists: dict[str, dict[str, str]]
    clusters: dict[str, list[str]]
    targets: NotRequired[dict[str, list[str]]]
    connections: NotRequired[dict[str, HostConnection]]


class PlayedHosts(TypedDict):
    path: str
    hosts: RecordedHosts


class WorkflowLimit(TypedDict):
    written: list[str]
    of: dict[str, int]
    skip: dict[str, str]
    hosts: int
    names: NotRequired[list[str]]
    places: NotRequired[dict[str, list[int]]]


class InventorySource(TypedDict):
    path: str
    format: NotRequired[str]
    at: NotRequired[str]


class HostVariableRule(TypedDict):
    match: list[str]
    vars: dict[str, str]
    at: dict[str, str]


class HostConnection(TypedDict):
    options: NotRequired[RunnerOptions]
    address: NotRequired[str]
    port: NotRequired[int]
    proxy: NotRequired[bool]


class Settings(TypedDict):
    exec: NotRequired[str]
    timeout: NotRequired[float]
    on_error: NotRequired[str]
    start_from: NotRequired[int | None]
    skip_tasks: NotRequired[bool]
    available: NotRequired[list[str]]
    dry_run: NotRequired[bool]
    run: NotRequired[str]
    output_folder: NotRequired[str]
    again: NotRequired[SettingsAgain]
    skip_hosts: NotRequired[bool]
    connection_test: NotRequired[bool]
    drift: NotRequired[bool]
    hosts_are_data: NotRequired[bool]
    configuration: NotRequired[list[str]]
    runners_map: NotRequired[dict[str, str | Exec]]
    options: NotRequired[list[SettingsOption]]
    groups: NotRequired[dict[str, list[str]]]
    approval: NotRequired[ApprovalSettings]
    limit: NotRequired[SettingsLimit]
    list_hosts: NotRequired[bool]
    resumed: NotRequired[SettingsResumed]
    record_hosts: NotRequired[bool]
    played_hosts: NotRequired[PlayedHosts]
    inventory: NotRequired[list[InventorySource]]
    host_vars: NotRequired[list[HostVariableRule]]
    runners: NotRequired[dict[str, About]]


class Workflow(TypedDict):
    """A task file as parse reads it, with what the validators found."""

    tasker: int
    kind: str
    ok: bool
    file: NotRequired[str]
    sha256: NotRequired[str]
    text: NotRequired[str]
    rules: NotRequired[int]
    head_options: NotRequired[list[HeadLine]]
    variables: NotRequired[dict[str, GlobalVariable]]
    tasks: list[Task]
    findings: list[Finding]
    exec_types: NotRequired[dict[str, int]]
    hosts: NotRequired[HostCounts]
    host_variables: NotRequired[dict[str, dict[str, str]]]
    host_connections: NotRequired[dict[str, HostConnection]]
    host_places: NotRequired[dict[str, list[str]]]
    recorded_hosts: NotRequired[RecordedHosts]
    limit: NotRequired[WorkflowLimit]
    confirm: NotRequired[list[str]]
    settings: NotRequired[Settings]
