"""What the device promises; run by tests/system/test_devices.py in a process that has it."""

from __future__ import annotations

import copy

import pytest
import torch
from fictive import wrong

from conformance.numeric.dtypes import DTYPES


def there(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Numbers from 0 on, on the device."""
    return torch.arange(float(torch.Size(shape).numel())).reshape(shape).to(dtype).to("fictive")


@pytest.mark.parametrize("name", DTYPES)
def test_tensors_go_there_and_come_back_in_every_dtype(name):
    dtype = getattr(torch, name)
    sent = (torch.arange(6) % 3).reshape(2, 3).to(dtype)
    for tensor in (sent, sent.t(), sent[:, 1:], sent[:1].expand(4, 3), sent[:0], sent[0, 1]):
        arrived = tensor.to("fictive")
        assert arrived.device == torch.device("fictive:0") and arrived.dtype == dtype
        assert torch.equal(arrived.cpu(), tensor)
        assert arrived.tolist() == tensor.tolist()


def test_there_are_two_of_it_with_memory_of_their_own():
    before = [torch.fictive.memory_allocated(f"fictive:{index}") for index in (0, 1)]
    x = torch.arange(3.0, device="fictive:1")
    after = [torch.fictive.memory_allocated(f"fictive:{index}") for index in (0, 1)]
    assert [later - earlier for earlier, later in zip(before, after)] == [0, 12]
    assert x.device == (x + 1).device == x.clone().device == torch.zeros_like(x).device == torch.device("fictive:1")
    assert torch.equal(x.to("fictive:0").cpu(), x.cpu()) and torch.fictive.current_device() == 0
    with pytest.raises(RuntimeError, match="same device"):
        x + there(3)
    with pytest.raises(RuntimeError, match="ordinal"):
        torch.empty(1, device="fictive:2")
    leaf = x.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    assert leaf.grad.device == x.device and leaf.grad.tolist() == [0, 2, 4]


def test_zeros_may_have_no_memory():
    zeros = torch._efficientzerotensor((2, 3), device="fictive:1")
    assert zeros.device == torch.device("fictive:1") and zeros._is_zerotensor()
    assert torch.cat([zeros, torch.ones(1, 3, device="fictive:1")]).tolist() == [[0] * 3, [0] * 3, [1] * 3]


def test_a_tensor_takes_the_data_of_another():
    x, other = there(3), there(4)._neg_view()
    x.data = other
    assert x.data_ptr() == other.data_ptr() and x.tolist() == other.tolist()


def test_its_tensors_are_none_of_the_cpu():
    x = there(2, 3)
    assert not x.is_cpu and x.is_fictive
    with pytest.raises(TypeError, match="fictive"):
        x.numpy()
    with pytest.raises(RuntimeError, match="same device"):
        torch.add(x, torch.ones(2, 3))
    with pytest.raises(RuntimeError, match="same device"):
        torch.index_select(x, 0, torch.tensor([1]))
    assert torch.equal((x + torch.tensor(1.0)).cpu(), x.cpu() + 1)


def test_views_share_memory():
    x = there(4, 6)
    views = [x.t(), x[1:, 1::2], x.reshape(2, 12), x.view(24), x.unfold(0, 2, 1), x.expand(2, 4, 6), x.diagonal()]
    for view in views:
        assert view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    x.view(24)[7] = 70
    assert [view.max().item() for view in views] == [70] * len(views)


def test_lazy_views_are_written_through():
    x = there(3, dtype=torch.complex64)
    x.conj().copy_(torch.full((3,), 1 + 2j))
    x.imag.sub_(1)
    assert x.tolist() == [1 - 3j] * 3
    assert x.conj().imag.is_neg() and x.conj().cpu().tolist() == x.conj().clone().tolist() == [1 + 3j] * 3


def test_in_place_and_out():
    x = there(3)
    assert x.add_(1) is x and x.tolist() == [1, 2, 3]
    out = torch.empty(0, device="fictive")
    assert torch.cat([x, x], out=out) is out and out.tolist() == [1, 2, 3, 1, 2, 3]
    strided = torch.zeros(6, device="fictive")
    torch.neg(x, out=strided[::2])
    assert strided.tolist() == [-1, 0, -2, 0, -3, 0]
    for overlapping in (lambda: torch.cat([x], out=x), lambda: x[:1].expand(3).add_(1)):
        with pytest.raises(RuntimeError, match="memory"):
            overlapping()


def test_indices_lists_and_several_results():
    x = there(3, 4)
    assert x[torch.tensor([1])].tolist() == x[torch.tensor([1], device="fictive")].tolist() == [[4, 5, 6, 7]]
    x[x > 9] = -1
    values, positions = torch.topk(x, 2)
    assert values.tolist() == [[3, 2], [7, 6], [9, 8]] and positions.tolist() == [[3, 2], [3, 2], [1, 0]]
    assert [part.tolist() for part in x.split(2, 1)][1] == [[2, 3], [6, 7], [-1, -1]]


def test_copies_keep_their_layout():
    x = there(3, 4).t()
    for copied in (copy.deepcopy(x), x.clone(), x.cpu(), x + 0, torch.empty_like(x)):
        assert copied.stride() == x.stride()


def test_gradients_are_those_of_the_cpu():
    def gradients(device: str) -> list[torch.Tensor]:
        a = torch.linspace(-2, 2, 6).reshape(2, 3).to(device).requires_grad_()
        b = torch.linspace(0, 1, 3).to(device).requires_grad_()
        loss = torch.cat([torch.sigmoid(a) * b, a[:, [0, 0, 2]].exp()]).topk(2, 0).values.square().sum()
        (first,) = torch.autograd.grad(loss, b, create_graph=True)
        (loss + first.sum()).backward()
        return [a.grad.cpu(), b.grad.cpu()]

    for ours, cpus in zip(gradients("fictive"), gradients("cpu")):
        assert torch.equal(ours, cpus)


def test_it_can_be_the_default_device_and_draws_random_numbers():
    with torch.device("fictive"):
        torch.manual_seed(0)
        drawn = torch.rand(3)
    torch.manual_seed(0)
    assert drawn.is_fictive and drawn.tolist() == torch.rand(3).tolist()


@pytest.mark.parametrize("name", [name for name, fault in wrong.FAULTS.items() if fault.witness])
def test_a_wrong_kernel_is_witnessed(name):
    def witnessed() -> bool:
        with torch.device("fictive"):
            try:
                return bool(eval(wrong.FAULTS[name].witness))
            except IndexError:
                return False

    assert not witnessed()
    wrong.plant(name)
    assert witnessed()
