#include "apns/auth/certificate_identity.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

namespace apns::auth {
namespace {

using Topic = CertificateIdentity::Topic;

constexpr std::uint8_t kUtf8StringTag = 0x0C;
constexpr std::uint8_t kSequenceTag = 0x30;
constexpr std::size_t kMaxLengthOctets = 3;
constexpr std::size_t kMaxContentLen = 0xFF'FFFF;  // what kMaxLengthOctets can say

/// 1.2.840.113635.100.6.3 as the contents of an OBJECT IDENTIFIER; one more octet follows in the
/// extensions.
constexpr std::array<unsigned char, 9> kPushArc{0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                0x63, 0x64, 0x06, 0x03};
constexpr unsigned char kDevelopment = 1;
constexpr unsigned char kProduction = 2;
constexpr unsigned char kTopicList = 6;

bool is_utf8(ByteView bytes) {
  constexpr std::size_t kLongest = 4;
  constexpr unsigned long kLastCodePoint = 0x10FFFF;
  const auto* octets = reinterpret_cast<const unsigned char*>(bytes.data());
  for (std::size_t at = 0; at < bytes.size();) {
    unsigned long code_point = 0;
    const int len = UTF8_getc(octets + at, static_cast<int>(std::min(bytes.size() - at, kLongest)),
                              &code_point);
    if (len <= 0 || code_point > kLastCodePoint) {
      return false;
    }
    at += static_cast<std::size_t>(len);
  }
  return true;
}

// DER (X.690 sections 8 and 10): tag, length, contents. Nothing when the input does not have it.

std::optional<std::size_t> read_length(ByteReader& in) {
  constexpr std::uint8_t kLongForm = 0x80;
  if (!in.has(1)) {
    return std::nullopt;
  }
  const auto first = in.read<std::uint8_t>();
  if (first < kLongForm) {
    return first;
  }
  const std::size_t num_octets = first & 0x7FU;  // 0 is the indefinite form, which DER forbids
  if (num_octets == 0 || num_octets > kMaxLengthOctets || !in.has(num_octets)) {
    return std::nullopt;
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < num_octets; ++i) {
    length = length << 8U | in.read<std::uint8_t>();
  }
  const bool shortest = length >= kLongForm && length >> (8U * (num_octets - 1)) != 0;
  return shortest ? std::optional(length) : std::nullopt;
}

std::optional<ByteView> read_element(ByteReader& in, std::uint8_t tag) {
  if (!in.has(1) || in.read<std::uint8_t>() != tag) {
    return std::nullopt;
  }
  const std::optional<std::size_t> length = read_length(in);
  if (!length || !in.has(*length)) {
    return std::nullopt;
  }
  return in.read_view(*length);
}

std::optional<std::string> read_string(ByteReader& in) {
  const std::optional<ByteView> contents = read_element(in, kUtf8StringTag);
  if (!contents || !is_utf8(*contents)) {
    return std::nullopt;
  }
  return std::string(as_text(*contents));
}

std::optional<Topic> read_topic(ByteReader& in) {
  std::optional<std::string> topic = read_string(in);
  if (!topic) {
    return std::nullopt;
  }
  const std::optional<ByteView> kinds_view = read_element(in, kSequenceTag);
  if (!kinds_view) {
    return std::nullopt;
  }
  Topic read{.topic = std::move(*topic), .kinds = {}};
  ByteReader kinds(*kinds_view);
  while (kinds.left() > 0) {
    std::optional<std::string> kind = read_string(kinds);
    if (!kind) {
      return std::nullopt;
    }
    read.kinds.push_back(std::move(*kind));
  }
  return read;
}

void write_element(ByteWriter& out, std::uint8_t tag, ByteView contents) {
  const std::size_t length = contents.size();
  assert(length <= kMaxContentLen);
  out.write(tag);
  if (length > 0xFFFF) {
    out.write(std::uint8_t{0x83});
    out.write(static_cast<std::uint8_t>(length >> 16U));
    out.write(static_cast<std::uint16_t>(length));
  } else if (length > 0xFF) {
    out.write(std::uint8_t{0x82});
    out.write(static_cast<std::uint16_t>(length));
  } else {
    if (length > 0x7F) {
      out.write(std::uint8_t{0x81});
    }
    out.write(static_cast<std::uint8_t>(length));
  }
  out.write(contents);
}

/// The first entry of kind `nid`; empty text when there is none, nothing when it is not text.
std::optional<std::string> read_name_entry(const X509_NAME* name, int nid) {
  const int index = X509_NAME_get_index_by_NID(name, nid, -1);
  if (index < 0) {
    return std::string();
  }
  unsigned char* utf8 = nullptr;
  const int len =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (len < 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  std::string text(utf8, utf8 + len);
  OPENSSL_free(utf8);
  return text;
}

/// The last arc of an extension below Apple's push arc; 0 for any other extension.
unsigned char push_extension(X509_EXTENSION* extension) {
  const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
  const unsigned char* contents = OBJ_get0_data(object);
  if (OBJ_length(object) != kPushArc.size() + 1 ||
      !std::equal(kPushArc.begin(), kPushArc.end(), contents)) {
    return 0;
  }
  return contents[kPushArc.size()];
}

ByteView value_of(X509_EXTENSION* extension) {
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
  return std::as_bytes(
      std::span(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))));
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned len = 0;
  const int made = X509_digest(certificate, EVP_sha256(), digest.data(), &len);
  assert(made == 1);
  return to_hex(std::as_bytes(std::span(digest.data(), len)));
}

}  // namespace

bool CertificateIdentity::serves(Environment environment) const {
  if (!development && !production) {
    return true;
  }
  return environment == Environment::Development ? development : production;
}

std::string_view CertificateIdentity::default_topic() const {
  if (!uid.empty()) {
    return uid;
  }
  if (!topics.empty()) {
    return topics.front().topic;
  }
  constexpr std::string_view kSeparator = ": ";
  const std::size_t at = common_name.find(kSeparator);
  if (at == std::string::npos) {
    return {};
  }
  return std::string_view(common_name).substr(at + kSeparator.size());
}

Result<CertificateIdentity, IdentityError> read_certificate_identity(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  std::optional<std::string> uid = read_name_entry(subject, NID_userId);
  std::optional<std::string> common_name = read_name_entry(subject, NID_commonName);
  std::optional<std::string> team_id = read_name_entry(subject, NID_organizationalUnitName);
  if (!uid || !common_name || !team_id) {
    return IdentityError::BadSubject;
  }
  CertificateIdentity identity;
  identity.uid = std::move(*uid);
  identity.common_name = std::move(*common_name);
  identity.team_id = std::move(*team_id);
  for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
    X509_EXTENSION* extension = X509_get_ext(certificate, i);
    switch (push_extension(extension)) {
      case kDevelopment:
        identity.development = true;
        break;
      case kProduction:
        identity.production = true;
        break;
      case kTopicList: {
        auto topics = decode_topic_list(value_of(extension));
        if (topics.has_error()) {
          return topics.error();
        }
        identity.topics = std::move(*topics);
        break;
      }
      default:
        break;
    }
  }
  identity.fingerprint = fingerprint_of(certificate);
  return identity;
}

Bytes encode_topic_list(const std::vector<Topic>& topics) {
  Bytes pairs;
  ByteWriter pairs_out(pairs);
  for (const Topic& topic : topics) {
    Bytes kinds;
    ByteWriter kinds_out(kinds);
    for (const std::string& kind : topic.kinds) {
      write_element(kinds_out, kUtf8StringTag, as_bytes(kind));
    }
    write_element(pairs_out, kUtf8StringTag, as_bytes(topic.topic));
    write_element(pairs_out, kSequenceTag, kinds);
  }
  Bytes der;
  ByteWriter out(der);
  write_element(out, kSequenceTag, pairs);
  return der;
}

Result<std::vector<Topic>, IdentityError> decode_topic_list(ByteView der) {
  ByteReader in(der);
  const std::optional<ByteView> list_view = read_element(in, kSequenceTag);
  if (!list_view || in.left() != 0) {
    return IdentityError::BadTopicList;
  }
  std::vector<Topic> topics;
  ByteReader list(*list_view);
  while (list.left() > 0) {
    std::optional<Topic> topic = read_topic(list);
    if (!topic) {
      return IdentityError::BadTopicList;
    }
    topics.push_back(std::move(*topic));
  }
  return topics;
}

}  // namespace apns::auth
