#include "tests/support/alloc_counter.h"

#include <cstdlib>
#include <new>

namespace apns::test {

namespace {

// Per thread, so that a test counts what it did itself.
struct Totals {
  std::size_t num_allocations = 0;
  std::size_t bytes = 0;
};

constinit thread_local Totals totals;

}  // namespace

// Null: out of memory. The operators below differ only in what they make of that.
static void* counted_allocation(std::size_t size, std::size_t alignment) noexcept {
  ++totals.num_allocations;
  totals.bytes += size;
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    return std::malloc(size == 0 ? 1 : size);
  }
  // aligned_alloc wants a multiple of the alignment.
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

AllocCounter::AllocCounter() : num_before_(totals.num_allocations), bytes_before_(totals.bytes) {}

std::size_t AllocCounter::num_allocations() const {
  return totals.num_allocations - num_before_;
}

std::size_t AllocCounter::allocated_bytes() const {
  return totals.bytes - bytes_before_;
}

}  // namespace apns::test

// Every replaceable form, because the sanitizers bring all of them and compare who allocated with
// who frees.
void* operator new(std::size_t size) {
  void* block = apns::test::counted_allocation(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  void* block = apns::test::counted_allocation(size, static_cast<std::size_t>(alignment));
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return apns::test::counted_allocation(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}

void* operator new(std::size_t size, std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept {
  return apns::test::counted_allocation(size, static_cast<std::size_t>(alignment));
}

void* operator new[](std::size_t size) {
  return operator new(size);
}

void* operator new[](std::size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}

void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}

void* operator new[](std::size_t size, std::align_val_t alignment,
                     const std::nothrow_t& tag) noexcept {
  return operator new(size, alignment, tag);
}

void operator delete(void* block) noexcept {
  std::free(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept {
  std::free(block);
}

void operator delete(void* block, std::align_val_t /*alignment*/) noexcept {
  std::free(block);
}

void operator delete(void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(block);
}

void operator delete(void* block, const std::nothrow_t& /*tag*/) noexcept {
  std::free(block);
}

void operator delete(void* block, std::align_val_t /*alignment*/,
                     const std::nothrow_t& /*tag*/) noexcept {
  std::free(block);
}

void operator delete[](void* block) noexcept {
  std::free(block);
}

void operator delete[](void* block, std::size_t /*size*/) noexcept {
  std::free(block);
}

void operator delete[](void* block, std::align_val_t /*alignment*/) noexcept {
  std::free(block);
}

void operator delete[](void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(block);
}

void operator delete[](void* block, const std::nothrow_t& /*tag*/) noexcept {
  std::free(block);
}

void operator delete[](void* block, std::align_val_t /*alignment*/,
                       const std::nothrow_t& /*tag*/) noexcept {
  std::free(block);
}
