#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/bytes.h"
#include "apns/http2/dynamic_table.h"
#include "apns/http2/hpack_decoder.h"
#include "tests/golden/hpack_golden.h"

/// Fields and tables as lists of text, which GoogleTest prints.
namespace apns::http2::test {

using Lines = std::vector<std::string>;

inline std::string line(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value);
}

inline Lines lines(std::span<const Field> fields) {
  Lines made;
  for (const Field& field : fields) {
    made.push_back(line(field.name, field.value));
  }
  return made;
}

inline Lines lines(const std::vector<apns::golden::HpackField>& fields) {
  Lines made;
  for (const apns::golden::HpackField& field : fields) {
    made.push_back(line(field.name, field.value));
  }
  return made;
}

inline Lines lines(const DynamicTable& table) {
  Lines made;
  for (std::size_t i = 0; i < table.num_entries(); ++i) {
    made.push_back(line(table[i].name, table[i].value));
  }
  return made;
}

inline Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  EXPECT_TRUE(parse_hex(hex, bytes)) << hex;
  return bytes;
}

}  // namespace apns::http2::test
