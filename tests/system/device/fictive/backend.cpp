// A device for tests: its memory is the host's, and an operation that is not below is computed by the CPU there.
// Registered through torch's public route for devices from outside, the dispatch key PrivateUse1.

#include <atomic>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
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

namespace {

constexpr auto kKey = c10::DispatchKey::PrivateUse1;
const c10::Device kDevice(c10::DeviceType::PrivateUse1, 0);

// --- memory and the one device ---

// As after an assertion in a kernel: from then on whatever is asked of the device fails.
std::atomic<bool> lost{false};

void require_working() {
  TORCH_CHECK(!lost, "fictive error: device-side assert triggered");
}

// The bytes that are in use; each block has its size in front of it.
std::atomic<int64_t> allocated{0};
constexpr size_t kFront = 64;

void release(void* data) {
  if (data == nullptr)
    return;
  char* block = static_cast<char*>(data) - kFront;
  allocated -= *reinterpret_cast<int64_t*>(block);
  c10::free_cpu(block);
}

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    require_working();
    char* block = static_cast<char*>(c10::alloc_cpu(bytes + kFront));
    *reinterpret_cast<int64_t*>(block) = static_cast<int64_t>(bytes);
    allocated += static_cast<int64_t>(bytes);
    return {block + kFront, block + kFront, &release, kDevice};
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
    return 1;
  }
  c10::Device getDevice() const override {
    return kDevice;
  }
  c10::Device exchangeDevice(c10::Device) const override {
    return kDevice;
  }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, kDevice);
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
    return 1;
  }
  c10::DeviceIndex getCurrentDevice() const {
    return 0;
  }
  void setCurrentDevice(c10::DeviceIndex) const {}
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex) const {
    return 0;
  }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex) const {
    return 0;
  }
};

// --- new tensors and copies ---

at::Tensor empty(
    at::IntArrayRef size,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout>,
    std::optional<at::Device>,
    std::optional<bool>,
    std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &memory, c10::DispatchKeySet(kKey), c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(
    at::IntArrayRef size,
    at::IntArrayRef stride,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout>,
    std::optional<at::Device>,
    std::optional<bool>) {
  return at::detail::empty_strided_generic(
      size, stride, &memory, c10::DispatchKeySet(kKey), c10::dtype_or_default(dtype));
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

// As on any other device a call takes no tensors of the CPU beside its own, but for single numbers.
void refuse_other_device(const at::Tensor& tensor, const std::string& operation) {
  TORCH_CHECK(
      !tensor.defined() || tensor.device() == kDevice || tensor.dim() == 0,
      "Expected all tensors to be on the same device, but found at least two devices, ",
      kDevice, " and ", tensor.device(), "! (", operation, ")");
}

void by_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  Host host;
  const auto& operation = op.schema().name();
  size_t first = stack->size() - op.schema().arguments().size();
  for (size_t place = first; place < stack->size(); place++) {
    c10::IValue& argument = (*stack)[place];
    bool indices = argument.isOptionalTensorList();  // of input[...], which may be the CPU's
    auto on_host = [&](const at::Tensor& tensor) {
      if (!indices) {
        refuse_other_device(tensor, operation);
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

extern "C" void fictive_lose() {
  lost = true;
}

extern "C" bool fictive_is_lost() {
  return lost;
}

extern "C" int64_t fictive_allocated() {
  return allocated;
}
