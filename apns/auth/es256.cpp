#include "apns/auth/es256.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

#include <openssl/err.h>

#include "apns/auth/private_key_file.h"

namespace apns::auth {
namespace {

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;

constexpr std::size_t kNumberLen = 32;  // of R and of S
constexpr std::uint8_t kSequenceTag = 0x30;
constexpr std::uint8_t kIntegerTag = 0x02;
constexpr std::uint8_t kSignBit = 0x80;
constexpr std::size_t kMaxDerLen = 72;  // 2 + 2 * (2 + 1 + 32): every length is one byte

const unsigned char* octets(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

const unsigned char* octets(std::string_view text) {
  return octets(as_bytes(text));
}

/// Into the last bytes of `out`, which is zeros.
bool read_number(ByteReader& in, std::span<std::byte> out) {
  if (!in.has(2) || in.read<std::uint8_t>() != kIntegerTag) {
    return false;
  }
  const std::size_t len = in.read<std::uint8_t>();
  if (len == 0 || len > out.size() + 1 || !in.has(len)) {
    return false;
  }
  ByteView number = in.read_view(len);
  const auto first = std::to_integer<std::uint8_t>(number[0]);
  if ((first & kSignBit) != 0) {
    return false;
  }
  if (first == 0 && len > 1) {
    if ((std::to_integer<std::uint8_t>(number[1]) & kSignBit) == 0) {
      return false;  // the zero was not needed
    }
    number = number.subspan(1);
  }
  if (number.size() > out.size()) {
    return false;
  }
  std::copy(number.begin(), number.end(), out.end() - static_cast<std::ptrdiff_t>(number.size()));
  return true;
}

void append_number(ByteWriter& out, ByteView number) {
  while (number.size() > 1 && number[0] == std::byte{0}) {
    number = number.subspan(1);
  }
  const bool needs_zero = (std::to_integer<std::uint8_t>(number[0]) & kSignBit) != 0;
  out.write(kIntegerTag);
  out.write(static_cast<std::uint8_t>(number.size() + (needs_zero ? 1 : 0)));
  if (needs_zero) {
    out.write(std::uint8_t{0});
  }
  out.write(number);
}

}  // namespace

std::optional<Es256Signature> es256_from_der(ByteView der) {
  ByteReader in(der);
  if (!in.has(2) || in.read<std::uint8_t>() != kSequenceTag ||
      in.read<std::uint8_t>() != in.left()) {
    return std::nullopt;
  }
  Es256Signature signature{};
  const std::span<std::byte> numbers(signature);
  if (!read_number(in, numbers.first(kNumberLen)) || !read_number(in, numbers.last(kNumberLen)) ||
      in.left() != 0) {
    return std::nullopt;
  }
  return signature;
}

Bytes es256_to_der(const Es256Signature& signature) {
  Bytes der;
  der.reserve(kMaxDerLen);
  ByteWriter out(der);
  out.write(kSequenceTag);
  out.write(std::uint8_t{0});
  append_number(out, ByteView(signature).first(kNumberLen));
  append_number(out, ByteView(signature).last(kNumberLen));
  der[1] = static_cast<std::byte>(der.size() - 2);
  return der;
}

bool verify_es256(std::string_view input, const Es256Signature& signature, EVP_PKEY* key) {
  if (!is_p256(key)) {
    return false;
  }
  const Bytes der = es256_to_der(signature);
  const DigestContextPtr context(EVP_MD_CTX_new());
  const bool is_valid =
      context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), octets(der), der.size(), octets(input), input.size()) == 1;
  ERR_clear_error();
  return is_valid;
}

RandomSigner::RandomSigner(KeyPtr key) : key_(std::move(key)) {
  assert(is_p256(key_.get()));
}

Result<Es256Signature, SigningError> RandomSigner::sign(std::string_view input) const {
  const DigestContextPtr context(EVP_MD_CTX_new());
  std::array<std::byte, kMaxDerLen> der{};
  std::size_t len = der.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &len,
                     octets(input), input.size()) != 1) {
    return SigningError();
  }
  const std::optional<Es256Signature> signature = es256_from_der(ByteView(der).first(len));
  assert(signature);
  return *signature;
}

}  // namespace apns::auth
