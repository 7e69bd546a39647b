// Two devices for tests: their memory is the host's, and an operation that is not below is computed by the CPU there.
// Registered through torch's public route for devices from outside, the dispatch key PrivateUse1.

#include <atomic>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/TensorFactories.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_as_complex_native.h>
#include <ATen/ops/view_as_real_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/library.h>

#include <cstring>
#include <utility>

namespace {

constexpr auto kKey = c10::DispatchKey::PrivateUse1;
constexpr c10::DeviceIndex kCount = 2;

c10::Device device_of(c10::DeviceIndex index) {
  return c10::Device(c10::DeviceType::PrivateUse1, index);
}

// --- the devices and their memory ---

thread_local c10::DeviceIndex current = 0;

// As after an assertion in a kernel: from then on whatever is asked of the devices fails.
std::atomic<bool> lost{false};

// The number of allocations after which the devices are lost; below 0 for never.
std::atomic<int64_t> left_until_lost{-1};

void require_working() {
  TORCH_CHECK(!lost, "fictive error: device-side assert triggered");
}

// What a device has, and whether one that has no more says so by a class of its own, as CUDA's allocator does, or in
// words alone, as CUDA itself does.
std::atomic<int64_t> capacity{INT64_MAX};
std::atomic<bool> says_in_words{false};

void require_memory(int64_t in_use, int64_t bytes) {
  if (bytes == 0 || bytes <= capacity - in_use)
    return;
  TORCH_CHECK(!says_in_words, "fictive error: out of memory");
  TORCH_CHECK_WITH(OutOfMemoryError, false, "fictive out of memory. Tried to allocate ", bytes, " bytes.");
}

std::atomic<bool> without_float64{false};

void require_dtype(at::ScalarType dtype) {
  bool is_wide = dtype == at::kDouble || dtype == at::kComplexDouble;
  TORCH_CHECK_TYPE(!(is_wide && without_float64), "fictive holds no ", dtype, ": it has no float64");
}

// The bytes that are in use on each device. A block has its size and its device in front of it.
std::atomic<int64_t> allocated[kCount];
constexpr size_t kFront = 64;

void release(void* data) {
  if (data == nullptr)
    return;
  char* block = static_cast<char*>(data) - kFront;
  const auto* front = reinterpret_cast<int64_t*>(block);
  allocated[front[1]] -= front[0];
  c10::free_cpu(block);
}

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t count) override {
    if (left_until_lost >= 0 && left_until_lost-- == 0) {
      lost = true;
    }
    require_working();
    auto bytes = static_cast<int64_t>(count);
    require_memory(allocated[current], bytes);
    char* block = static_cast<char*>(c10::alloc_cpu(count + kFront));
    auto* front = reinterpret_cast<int64_t*>(block);
    front[0] = bytes;
    front[1] = current;
    allocated[current] += bytes;
    return {block + kFront, block + kFront, &release, device_of(current)};
  }
  c10::DeleterFnPtr raw_deleter() const override {
    return &release;
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

Memory memory;
REGISTER_ALLOCATOR(c10::DeviceType::PrivateUse1, &memory);

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override {
    return c10::DeviceType::PrivateUse1;
  }
  c10::DeviceIndex deviceCount() const noexcept override {
    return kCount;
  }
  c10::Device getDevice() const override {
    return device_of(current);
  }
  c10::Device exchangeDevice(c10::Device device) const override {
    c10::Device before = device_of(current);
    setDevice(device);
    return before;
  }
  void setDevice(c10::Device device) const override {
    TORCH_CHECK(device.index() < kCount, "fictive error: invalid device ordinal ", int(device.index()));
    uncheckedSetDevice(device);
  }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    current = device.has_index() ? device.index() : current;
  }
  c10::Stream getStream(c10::Device device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, device);
  }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override {
    return stream;
  }
};

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

// Without `override` where older versions of torch do not ask for the function.
struct Hooks final : at::PrivateUse1HooksInterface {
  bool hasPrimaryContext(c10::DeviceIndex) const override {
    return true;
  }
  bool isBuilt() const {
    return true;
  }
  bool isAvailable() const {
    return true;
  }
  c10::DeviceIndex deviceCount() const {
    return kCount;
  }
  c10::DeviceIndex getCurrentDevice() const {
    return current;
  }
  void setCurrentDevice(c10::DeviceIndex index) const {
    current = index;
  }
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex index) const {
    return std::exchange(current, index);
  }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex index) const {
    return std::exchange(current, index < 0 ? current : index);
  }
};

// The device that a new tensor is asked for on: the current one unless it has a number.
c10::Device chosen(std::optional<at::Device> device) {
  return device && device->has_index() ? *device : device_of(current);
}

// --- new tensors and copies ---

at::Tensor empty(
    at::IntArrayRef size,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout>,
    std::optional<at::Device> device,
    std::optional<bool>,
    std::optional<at::MemoryFormat> format) {
  c10::DeviceGuard there(chosen(device));
  require_dtype(c10::dtype_or_default(dtype));
  return at::detail::empty_generic(size, &memory, c10::DispatchKeySet(kKey), c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(
    at::IntArrayRef size,
    at::IntArrayRef stride,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout>,
    std::optional<at::Device> device,
    std::optional<bool>) {
  c10::DeviceGuard there(chosen(device));
  require_dtype(c10::dtype_or_default(dtype));
  return at::detail::empty_strided_generic(
      size, stride, &memory, c10::DispatchKeySet(kKey), c10::dtype_or_default(dtype));
}

// Zeros that have no memory, such as the tangent of an argument without one. torch knows them by a dispatch key.
at::Tensor zeros_without_memory(
    at::IntArrayRef size,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout>,
    std::optional<at::Device> device,
    std::optional<bool>) {
  static at::native::ZeroTensorAllocator allocators[kCount] = {device_of(0), device_of(1)};
  require_dtype(c10::dtype_or_default(dtype));
  auto keys = c10::DispatchKeySet(kKey) | c10::DispatchKeySet(c10::DispatchKey::ZeroTensor);
  return at::detail::empty_generic(size, &allocators[chosen(device).index()], keys, c10::dtype_or_default(dtype), std::nullopt);
}

// Whether a tensor may become another by `tensor.data = other`. torch asks this of devices that are not its own.
bool may_become(const at::Tensor& tensor, const at::Tensor& other) {
  return tensor.is_privateuseone() && other.is_privateuseone();
}

// --- everything else ---

// The arguments of one call as tensors of the CPU in the same memory, and its results as tensors of the device.
class Host {
 public:
  at::Tensor to_host(const at::Tensor& tensor) {
    if (!tensor.defined() || tensor.is_cpu()) {
      return tensor;
    }
    for (const auto& [device, host] : tensors_) {
      if (device.is_same(tensor)) {
        return host;
      }
    }
    at::Tensor host = placed(storage_of(tensor), c10::DispatchKey::CPU, tensor);
    host._set_conj(tensor.is_conj());
    host._set_neg(tensor.is_neg());
    tensors_.emplace_back(tensor, host);
    return host;
  }

  // An argument itself, a view of one, or a copy in new memory.
  at::Tensor to_device(const at::Tensor& tensor) {
    if (!tensor.defined()) {
      return tensor;
    }
    for (const auto& [device, host] : tensors_) {
      if (host.is_same(tensor)) {
        return device;
      }
    }
    for (const auto& [device, host] : storages_) {
      if (host.is_alias_of(tensor.storage())) {
        return placed(device, kKey, tensor);
      }
    }
    const c10::Storage& host = tensor.storage();
    storages_.emplace_back(c10::Storage({}, host.nbytes(), copied(host), &memory, /*resizable=*/true), host);
    return placed(storages_.back().first, kKey, tensor);
  }

  // Give the arguments the sizes, and the memory, that the call gave their counterparts.
  void resize_arguments() {
    for (auto& [device, host] : storages_) {
      if (host.data() != device.data()) {
        device.set_data_ptr(copied(host));
        device.set_nbytes(host.nbytes());
      }
    }
    for (auto& [device, host] : tensors_) {
      if (device.sizes() != host.sizes() || device.strides() != host.strides()) {
        lay(device, host);
      }
    }
  }

 private:
  c10::Storage storage_of(const at::Tensor& tensor) {
    for (const auto& [device, host] : storages_) {
      if (device.is_alias_of(tensor.storage())) {
        return host;
      }
    }
    c10::Storage device = tensor.storage();
    c10::DataPtr borrowed(device.mutable_data(), at::kCPU);
    c10::Storage host({}, device.nbytes(), std::move(borrowed), c10::GetCPUAllocator(), /*resizable=*/true);
    storages_.emplace_back(device, host);
    return host;
  }

  static c10::DataPtr copied(const c10::Storage& host) {
    c10::DataPtr data = memory.allocate(host.nbytes());
    std::memcpy(data.get(), host.data(), host.nbytes());
    return data;
  }

  static at::Tensor placed(c10::Storage storage, c10::DispatchKey key, const at::Tensor& like) {
    if (key == kKey) {
      require_dtype(like.scalar_type());
    }
    at::Tensor tensor =
        at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(key), like.dtype());
    lay(tensor, like);
    return tensor;
  }

  static void lay(const at::Tensor& tensor, const at::Tensor& like) {
    tensor.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides(), like.storage_offset());
  }

  std::vector<std::pair<at::Tensor, at::Tensor>> tensors_;
  std::vector<std::pair<c10::Storage, c10::Storage>> storages_;
};

template <typename Change>
c10::IValue changed(const c10::IValue& value, const Change& change) {
  if (value.isTensor()) {
    return change(value.toTensor());
  }
  if (value.isTensorList()) {
    c10::List<at::Tensor> list;
    for (const at::Tensor& tensor : value.toTensorVector()) {
      list.push_back(change(tensor));
    }
    return list;
  }
  if (value.isOptionalTensorList()) {
    c10::List<std::optional<at::Tensor>> list;
    for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorVector()) {
      list.push_back(tensor ? std::optional<at::Tensor>(change(*tensor)) : std::nullopt);
    }
    return list;
  }
  return value;
}

// As on any other device a call takes no tensors of another beside its own, but for single numbers of the CPU.
void refuse_other_device(const at::Tensor& tensor, c10::Device device, const std::string& operation) {
  TORCH_CHECK(
      !tensor.defined() || tensor.device() == device || (tensor.is_cpu() && tensor.dim() == 0),
      "Expected all tensors to be on the same device, but found at least two devices, ",
      device, " and ", tensor.device(), "! (", operation, ")");
}

// The device of a call: that of its first tensor on one, or the one that is named.
c10::Device device_of_call(const torch::jit::Stack& stack, size_t first) {
  c10::Device found = device_of(current);
  bool is_known = false;
  for (size_t place = first; place < stack.size() && !is_known; place++) {
    if (stack[place].isDevice()) {
      found = chosen(stack[place].toDevice());
    }
    changed(stack[place], [&](const at::Tensor& tensor) {
      if (!is_known && tensor.defined() && tensor.is_privateuseone()) {
        found = tensor.device();
        is_known = true;
      }
      return tensor;
    });
  }
  return found;
}

void by_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  Host host;
  const auto& operation = op.schema().name();
  size_t first = stack->size() - op.schema().arguments().size();
  c10::DeviceGuard there(device_of_call(*stack, first));
  for (size_t place = first; place < stack->size(); place++) {
    c10::IValue& argument = (*stack)[place];
    bool indices = argument.isOptionalTensorList();  // of input[...], which may be the CPU's
    auto on_host = [&](const at::Tensor& tensor) {
      if (!indices) {
        refuse_other_device(tensor, there.current_device(), operation);
      }
      return host.to_host(tensor);
    };
    argument = argument.isDevice() ? c10::IValue(at::Device(at::kCPU)) : changed(argument, on_host);
  }
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  host.resize_arguments();
  for (size_t place = first; place < stack->size(); place++) {
    (*stack)[place] = changed((*stack)[place], [&](const at::Tensor& tensor) { return host.to_device(tensor); });
  }
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  require_working();
  Host host;
  host.to_host(to).copy_(host.to_host(from));
  return to;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &empty_strided);
  m.impl("_efficientzerotensor", &zeros_without_memory);
  m.impl("_has_compatible_shallow_copy_type", &may_become);
  m.impl("_copy_from", &copy_from);
  m.impl("resize_", &at::native::resize_);
  m.impl("set_.source_Storage", &at::native::set_);
  m.impl("set_.source_Storage_storage_offset", &at::native::set_storage_cpu_);
  m.impl("set_.source_Tensor", &at::native::set_tensor_);
  m.impl("as_strided", &at::native::as_strided_tensorimpl);
  m.impl("view", &at::native::view);
  m.impl("_reshape_alias", &at::native::_reshape_alias);
  m.impl("unfold", &at::native::unfold);
  m.impl("view_as_real", &at::native::view_as_real);
  m.impl("view_as_complex", &at::native::view_as_complex);
}

// Lazy bits reach the copy itself: torch's own way to resolve them first is to copy.
TORCH_LIBRARY_IMPL(aten, Conjugate, m) {
  m.impl("_copy_from", torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, Negative, m) {
  m.impl("_copy_from", torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&by_cpu>());
}

const bool registered = (at::RegisterPrivateUse1HooksInterface(new Hooks()), true);

} // namespace

extern "C" {

void fictive_lose() {
  lost = true;
}

void fictive_lose_after(int64_t allocations) {
  left_until_lost = allocations;
}

bool fictive_is_lost() {
  return lost;
}

void fictive_limit(int64_t bytes, bool in_words) {
  capacity = bytes;
  says_in_words = in_words;
}

void fictive_forget_float64() {
  without_float64 = true;
}

int64_t fictive_allocated(int64_t index) {
  return allocated[index];
}

int64_t fictive_current() {
  return current;
}

void fictive_make_current(int64_t index) {
  current = static_cast<c10::DeviceIndex>(index);
}

}  // extern "C"
