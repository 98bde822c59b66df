#include "mock_apns/ledger_store.h"

#include <algorithm>
#include <cstring>

#include "mock_apns/ledger_record.h"

namespace apns::mock {

namespace {

constexpr std::size_t kChunkLen = std::size_t{256} * 1024;

}  // namespace

void LedgerStore::append(ByteView record) {
  while (num_kept_ > 0 && num_kept_ >= keep_) {
    drop_oldest();
  }
  while (num_kept_ > 0 && bytes_ + record.size() > keep_bytes_) {
    if (chunks_.front().num_dropped == 0) {
      drop_oldest();
    }
    trim_oldest();
  }
  if (keep_ == 0 || record.size() > keep_bytes_) {
    ++num_dropped_;
    return;
  }
  Chunk& chunk = chunk_with_room(record.size());
  std::memcpy(&chunk.bytes[chunk.end], record.data(), record.size());
  chunk.end += record.size();
  ++chunk.num_records;
  bytes_ += record.size();
  ++num_kept_;
}

void LedgerStore::clear() {
  chunks_.clear();
  num_kept_ = 0;
  bytes_ = 0;
}

void LedgerStore::drop_oldest() {
  Chunk& chunk = chunks_.front();
  --num_kept_;
  ++num_dropped_;
  if (++chunk.num_dropped < chunk.num_records) {
    return;
  }
  bytes_ -= chunk.end - chunk.begin;
  if (chunk.len == kChunkLen && spare_.empty()) {
    spare_.splice(spare_.end(), chunks_, chunks_.begin());
  } else {
    chunks_.pop_front();
  }
}

void LedgerStore::trim_oldest() {
  if (chunks_.empty()) {
    return;
  }
  Chunk& chunk = chunks_.front();
  for (; chunk.num_dropped > 0; --chunk.num_dropped) {
    const std::size_t len = record_at(chunk, chunk.begin).size();
    chunk.begin += len;
    bytes_ -= len;
    --chunk.num_records;
  }
}

LedgerStore::Chunk& LedgerStore::chunk_with_room(std::size_t len) {
  if (!chunks_.empty() && chunks_.back().len - chunks_.back().end >= len) {
    return chunks_.back();
  }
  if (!spare_.empty() && len <= kChunkLen) {
    chunks_.splice(chunks_.end(), spare_, spare_.begin());
    Chunk& chunk = chunks_.back();
    chunk.begin = chunk.end = 0;
    chunk.num_records = chunk.num_dropped = 0;
    return chunk;
  }
  const std::size_t chunk_len = std::max(len, kChunkLen);
  chunks_.push_back(
      Chunk{.bytes = std::make_unique_for_overwrite<std::byte[]>(chunk_len), .len = chunk_len});
  return chunks_.back();
}

ByteView LedgerStore::record_at(const Chunk& chunk, std::size_t at) {
  return {&chunk.bytes[at], record_len(&chunk.bytes[at])};
}

}  // namespace apns::mock
