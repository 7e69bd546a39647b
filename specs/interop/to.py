"""torch.Tensor.to: the tensor itself, or a copy of another dtype or on another device."""

from conformance.spec import ALL, Cost, Draw, Form, Gradient, Law, Refusal, Spec

from ._conversions import (
    ITSELF,
    SOURCE,
    gradient,
    gradient_bound,
    scratch,
    source,
    takes_source,
)
from ._conversions import workload as conversion


def arguments(draw: Draw):
    return {"input": source(draw), "non_blocking": draw.boolean(), "copy": draw.boolean()}


def workload(size):
    return {**conversion(size), "non_blocking": False, "copy": False}


def oracle(input, non_blocking, copy):
    """The same numbers, which are then converted as NumPy does."""
    return input


SAME = "input.dtype == 'subject'"
PLAIN = "not copy"

spec = Spec(
    operation="torch.Tensor.to",
    summary="The tensor itself if it has the dtype and lies on the device, and no copy is asked for; else such a copy.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html",
    arguments=arguments,
    forms=(
        Form("input.to(dtype, non_blocking=non_blocking, copy=copy)"),
        Form("input.to(dtype, non_blocking, copy)"),
        Form("input.to(dtype)", when=PLAIN),
        Form("input.to(dtype=dtype, copy=copy)"),
        Form("input.to(device, dtype, non_blocking, copy)"),
        Form("input.to(device=device, dtype=dtype, non_blocking=non_blocking, copy=copy)"),
        Form("input.to(torch.device(device), dtype, copy=copy)"),
        Form("input.to(torch.empty(0, dtype=dtype, device=device), non_blocking=non_blocking, copy=copy)"),
        Form("input.to(dtype, copy=copy, memory_format=torch.preserve_format)"),
        Form("input.to(device, non_blocking=non_blocking, copy=copy)", when=SAME),
        Form("input.to(copy=copy)", when=SAME),
        Form("input.to(device)", when=f"{SAME} and {PLAIN}"),
        Form("input.to()", when=f"{SAME} and {PLAIN}"),
    ),
    dtypes=ALL,
    takes=takes_source,
    oracle=oracle,
    memory=ITSELF,
    refusals=(
        Refusal("the name of a dtype", "input.to('float32')", RuntimeError),
        Refusal("the name of a dtype as dtype", "input.to(dtype='float32')", TypeError),
        Refusal("a device that there is none of", "input.to('nowhere')", RuntimeError),
        Refusal("two dtypes", "input.to(torch.float32, torch.float64)", TypeError),
        Refusal("a list", "input.to([1])", TypeError),
        Refusal("a number as copy", "input.to(dtype, copy=2)", TypeError),
        Refusal("a tensor by a name", "input.to(other=input)", TypeError),
        Refusal(
            "channels_last for a tensor without four dimensions",
            "torch.ones(2, 3, dtype=dtype).to(dtype, copy=True, memory_format=torch.channels_last)",
            RuntimeError,
        ),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source=SOURCE),
    laws=(
        Law("a tensor of the dtype is returned itself", "input.to(dtype) is input", "True", when=SAME),
        Law("a tensor on the device is returned itself", "input.to(input.device) is input", "True"),
        Law("a copy that is asked for is another tensor", "input.to(dtype, copy=True) is input", "False"),
        Law("the shape stays", "input.to(dtype).shape", "input.shape"),
        Law(
            "a complex tensor has its real part converted",
            "import warnings\n"
            "with warnings.catch_warnings():\n"
            "    warnings.simplefilter('ignore')\n"
            "    made = input.to(torch.float64)\n"
            "made",
            "input.real.to(torch.float64)",
            when="dtype in ('complex64', 'complex128') and input.dtype == 'subject'",
        ),
        Law(
            "contiguous_format gives row-major order",
            "input.to(dtype, copy=True, memory_format=torch.contiguous_format).is_contiguous()",
            "True",
        ),
        Law(
            "the device meta keeps shape and dtype",
            "made = input.to('meta', dtype)\n(made.shape, made.dtype == dtype, made.is_meta)",
            "(input.shape, True, True)",
        ),
    ),
    cost=Cost(scratch=scratch, workload=workload, reference="elementwise"),
)
