"""The pytest plugin. Nothing loads it but who asks for it: this repository's conftest.py, `conformance run`, or
`-p conformance.plugin.hooks`. Where no specs are asked for it adds options and does nothing else."""

from __future__ import annotations

import pytest

from conformance.engine import profiles


def pytest_addoption(parser: pytest.Parser) -> None:
    profiles.register()
    # Other plugins may have an option whose destination has such a name, so each has one of its own.
    group = parser.getgroup("conformance", "torch-conformance")
    group.addoption(
        "--specs",
        dest="conformance_specs",
        action="store_true",
        help="take each argument for a spec: an operation's name, a file, a folder or a cell (see 'conformance run')",
    )
    group.addoption(
        "--device",
        dest="conformance_device",
        action="append",
        metavar="NAME",
        help="device to ask; repeatable (default: cpu, and cuda where there is one)",
    )
    group.addoption(
        "--import",
        dest="conformance_import",
        action="append",
        metavar="MODULE",
        help="module that makes a device known to torch, such as torch_npu; imported in every process; repeatable",
    )
    group.addoption(
        "--device-profile",
        dest="conformance_device_profile",
        action="append",
        metavar="FILE",
        help="what a device is, in a file NAME.toml beside the built-in profiles ('conformance device'); repeatable",
    )
    group.addoption(
        "--deviations",
        dest="conformance_deviations",
        action="append",
        metavar="FILE",
        help="file of known deviations, beside the built-in ones; repeatable",
    )
    group.addoption(
        "--report-dir",
        dest="conformance_report_dir",
        metavar="DIR",
        help="where results, report and reproductions go (default: reports/latest; of times reports/perf)",
    )
    group.addoption(
        "--baseline",
        dest="conformance_baseline",
        metavar="FILE",
        help="results file or report of an earlier run: the report says what is newly broken, still broken and mended",
    )
    group.addoption(
        "--patience",
        dest="conformance_patience",
        default="120",
        metavar="SECONDS",
        help="how long one call may take before it counts as hung (default: 120)",
    )
    group.addoption(
        "--shard",
        dest="conformance_shard",
        metavar="N/OF",
        help="run one part of the plan, such as 3/8; 'conformance merge' puts the results together",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    from conformance.plugin.begin import begin

    begin(config)
