"""What is asked of every form of an operation, with or without out=: the results of the first form, or a refusal."""

from __future__ import annotations

from typing import Any

from conformance.checks.comparison import against_oracle, beyond_contract, is_settled
from conformance.execution.broken import Broken
from conformance.execution.execution import Execution, attempt, flatten
from conformance.execution.tensors import dtype_name, to_array
from conformance.numeric.accuracy import compare_exact, dtypes_differ
from conformance.numeric.python_values import values_differ
from conformance.results.model import FailureKind
from conformance.spec.contract import VALUE, Form


def result_of(execution: Execution, form: Form, **extra: Any) -> Any:
    """What a form returns. Raises `Broken` if it raises."""
    result, error = attempt(lambda: execution.call(form.call, **extra))
    if error is not None:
        raise Broken.raised(error, form.call, "the result of " + execution.form.call)
    return result


def require_same_values(execution: Execution, form: Form, result: Any, bit_exact: bool = True, about: str = "") -> None:
    """Raise `Broken` unless a result equals that of the first form. With out= or in place another kernel may run; then
    the result need not be `bit_exact`, and the accuracy of the spec applies. A form that has not the same bits is held
    to the oracle."""
    if execution.spec.returns == VALUE:
        difference = values_differ(result, execution.result)
        if difference is not None:
            raise Broken.differs(difference, form.call, "as " + execution.form.call, about=about or form.name)
        return
    tensors = flatten(result, form.call)
    if len(tensors) != len(execution.tensors):
        raise Broken(FailureKind.COUNT, f"returned {len(tensors)} results", form.call, f"{len(execution.tensors)}")
    arrays = [to_array(tensor) for tensor in tensors]
    for place, (tensor, array, first) in enumerate(zip(tensors, execution.arrays, execution.tensors)):
        if dtype_name(tensor) != dtype_name(first):
            raise Broken.differs(dtypes_differ(dtype_name(tensor), dtype_name(first)), form.call, dtype_name(first))
        promised = "the bits of " + execution.form.call if form.same_bits else "what the oracle says"
        difference = compare_exact(arrays[place], array)
        if difference is not None and not form.same_bits:
            expected = execution.promise.promised[place]
            difference, _ = against_oracle(execution.promise, place, arrays, expected, dtype_name(tensor))
        elif difference is not None and (not bit_exact or not is_settled(execution, place)):
            difference = beyond_contract(execution, place, arrays)
        if difference is not None:
            raise Broken.differs(difference, form.call, promised, about=about or form.name)


def require_refused(execution: Execution, form: Form, **extra: Any) -> None:
    """Raise `Broken` unless a form refuses memory or a dtype that cannot take the result."""
    _, error = attempt(lambda: execution.call(form.call, **extra))
    if not isinstance(error, (RuntimeError, TypeError)):
        where = "where the memory or dtype cannot take the result"
        raise Broken.not_refused(error, form.call, "RuntimeError or TypeError", where=where)
    execution.require_untouched(call=form.call)
