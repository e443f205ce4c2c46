"""What every report says about a run, before it is given a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.case import Case
from conformance.cells import resolution, standing
from conformance.explain import brief, inputs, number
from conformance.run import exit_code, new_findings, reasons
from conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD: Final = (
    "backend",
    "loss",
    "dtype",
    "cases",
    "error/bound",
    "ulp",
    "rounded",
    "vacuous",
    "resolution",
    "status",
    "under wide",
)

SMALLEST_SHARE: Final = 0.1
"""Per cent; less would be printed as if it were nothing."""

_NAMED: Final = 4
"""Requirements without a verdict that are named; the rest are counted."""

_VERDICT: Final = {
    0: "everything checked conforms",
    1: "does not conform",
    3: "incomplete",
    5: "nothing was checked",
    130: "interrupted",
}

_BESIDES: Final = (
    "; new findings stand, whatever is missing: see to them, then run again"
)


def rows(run: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield one row of the summary table for each cell, in the order of `HEAD`."""
    order = {name: i for i, name in enumerate(run["dtypes"])}
    contracts = {b["name"]: b["contract"]["name"] for b in run["backends"]}

    loss_of = {r["id"]: r["loss"] for r in run["requirements"]}
    missing = {(backend, loss_of.get(r), dtype) for r, backend, dtype in run["missing"]}

    def place(cell: Mapping[str, Any]) -> tuple[Any, ...]:
        return cell["backend"], cell["loss"], order.get(cell["dtype"], len(order))

    for cell in sorted(run["cells"], key=place):
        measured = cell["measured"]
        yield (
            cell["backend"],
            cell["loss"],
            cell["dtype"],
            f"{cell['cases']}",
            number(cell["ratio"][0]) if measured else "–",
            number(cell["ulps"][0]) if measured else "–",
            f"{100 * cell['rounded'] / measured:.1f} %" if measured else "–",
            f"{cell['counts'].get(Status.VACUOUS, 0)}",
            number(resolution(cell)) if measured else "–",
            "incomplete"
            if (cell["backend"], cell["loss"], cell["dtype"]) in missing
            else standing(cell),
            under_wide(cell, contracts.get(cell["backend"], "")),
        )


def under_wide(cell: Mapping[str, Any], contract: str) -> str:
    """Return what the cell would be under contract `wide`; empty if that is its own."""
    if contract == "wide":
        return ""
    bad = {s: n for s, n in cell["wide"].items() if s not in _GOOD}
    if not bad:
        return "conforms"
    total = sum(cell["wide"].values())
    share = 100 * sum(bad.values()) / total
    return f"{share:.1f} % fail" if share >= SMALLEST_SHARE else "a few fail"


_GOOD: Final = frozenset(
    {Status.CONFORMS, Status.VACUOUS, Status.UNSUPPORTED, Status.SUSPECT}
)


def headline(run: Mapping[str, Any]) -> str:
    """Return the last line of a report: the exit code and why."""
    code = exit_code(run)
    told = (text for texts in reasons(run).values() for text in texts)
    why = "; ".join(text for text in told if text != _VERDICT[code])
    known = sum(1 for entry in run["known"] if entry["count"])
    if not code and known:
        listed = counted(known, "known finding")
        return f"exit 0: nothing new; {listed}, all else conforms"
    besides = _BESIDES if code in (3, 130) and new_findings(run) else ""
    return f"exit {code}: {_VERDICT[code]}" + (f" ({why})" if why else "") + besides


def counted(number_of: int, what: str) -> str:
    """Return a number of things.

    >>> counted(1, "finding"), counted(2, "finding")
    ('1 finding', '2 findings')
    """
    return f"{number_of} {what}" + ("" if number_of == 1 else "s")


def extent(run: Mapping[str, Any], where: str) -> str:
    """Return how much was done, and where it is written."""
    totals = run["totals"]
    return (
        f"{totals['cases']} cases, {totals['elements']} elements; figures are the "
        f"largest found; run file {where}"
    )


def time_spent(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the time of the run went; nothing if the run was killed."""
    spent, seconds = run["time"]["workers"], run["time"]["seconds"]
    total = sum(spent.values())
    if not total or seconds is None:
        return
    largest = sorted(spent.items(), key=lambda item: -item[1])
    shares = ", ".join(f"{stage} {100 * n / total:.0f} %" for stage, n in largest)
    yield f"{seconds:.0f} s; workers were busy for {total / 1e6:.0f} s: {shares}"


def versions(run: Mapping[str, Any]) -> str:
    """Return the versions that decide the result."""
    env = run["environment"]
    found = [f"{k} {v}" for k, v in sorted(env["packages"].items()) if v]
    return f"python {env['python']}, {', '.join(found)}, {env['platform']}"


def title(run: Mapping[str, Any]) -> str:
    """Return what was run: version, profile, seed."""
    profile, shard = run["profile"], run.get("shard")
    part = f", shard {shard['index']}/{shard['count']}" if shard else ""
    return (
        f"loss-conformance {run['environment']['loss_conformance']}: "
        f"profile {profile['name']} ({profile['pool']} pool cases per loss and dtype, "
        f"{profile['search']} search cases per backend as well), "
        f"seed {run['seed']}{part}"
    )


def offers(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield what backends leave out so that nothing of it was checked.

    One line for each backend without gradients; if the run checked nothing at all,
    one for what was asked for, and one for what each backend offers.
    """
    for b in run["backends"]:
        bare = [x for x in _asked(run, b) if "input" not in b["gradients"].get(x, ())]
        if bare:
            yield f"{b['name']}: gradients not offered: {', '.join(bare)}"
    if run["totals"]["verdicts"]:
        return
    yield f"asked for: {', '.join(run['losses'])} in {', '.join(run['dtypes'])}"
    for b in run["backends"]:
        offered = f"{', '.join(b['losses'])} in {', '.join(b['dtypes'])}"
        yield f"{b['name']} offers: {offered}"


def _asked(run: Mapping[str, Any], backend: Mapping[str, Any]) -> list[str]:
    return [loss for loss in run["losses"] if loss in backend["losses"]]


def contracts(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each backend: its contract."""
    for b in run["backends"]:
        c = b["contract"]
        lanes = "any order" if c["lanes"] is None else f"{c['lanes']} lanes"
        yield (
            f"{b['name']}: contract {c['name']} (exp {number(c['exp_ulps'])} ulp, "
            f"log {number(c['log_ulps'])} ulp, sums in {lanes}{_permitted(c)})"
        )


def _permitted(contract: Mapping[str, Any]) -> str:
    """Return what a contract permits besides, each with its comma."""
    # A run file of an earlier version names fewer permissions.
    c: dict[str, Any] = {"scheme": "shift", "rescalings": 0, "log_absolute": 0.0}
    c |= contract
    said = (
        f"scheme {c['scheme']}" if c["scheme"] != "shift" else "",
        "online softmax" if c["rescalings"] else "",
        f"sums over rows in {c['row_lanes']} lanes" if c.get("row_lanes") else "",
        "lanes for contiguous arguments alone" if c.get("contiguous_lanes") else "",
        f"log {number(c['log_absolute'])} besides" if c["log_absolute"] else "",
        "shift differentiated too" if c.get("shift_gradient") else "",
        "subnormal numbers flushed" if c.get("flush_to_zero") else "",
    )
    return "".join(f", {text}" for text in said if text)


def named(run: Mapping[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield name and reason, inputs and exact value, and one line for each backend."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in run["named"]:
        groups.setdefault((entry["name"], entry["dtype"]), []).append(entry)
    for (name, dtype), entries in sorted(groups.items()):
        first = entries[0]
        case = Case.from_json(first["case"])
        facts = [f"{label:10}{text}" for label, text in inputs(case)]
        facts.append(f"{'exact':10}{exact(first['exact'])}")
        wide = max(9, *(len(e["backend"]) for e in entries))
        results = [f"{e['backend']:{wide}} {e['got']}  {e['status']}" for e in entries]
        head = f"{name} ({case.loss}, {dtype}): {first['reason']}"
        yield head, facts, results


def exact(text: str) -> str:
    """Return an exact value; a fraction with its first decimals as well."""
    numerator, slash, denominator = text.partition("/")
    if not slash or not denominator.isdigit():
        return brief(text)
    return f"{text} = {int(numerator) / int(denominator):.12g}…"


def trouble(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each reason why the run proves less than it should."""
    for text, count in run["faults"].items():
        yield f"fault: {text}" + (f" ({count} times)" if count > 1 else "")
    without: dict[tuple[str, str], list[str]] = {}
    for requirement, backend, dtype in run["missing"]:
        without.setdefault((backend, dtype), []).append(requirement)
    for (backend, dtype), ids in without.items():
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        names = ", ".join(ids[:_NAMED])
        yield f"no verdict on {backend} in {dtype}: {names}{more}"
    for text, count in run["notes"].items():
        yield f"note: {text}" + (f" ({count} times)" if count > 1 else "")
