#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "apns/base/random.h"

// Runs a fuzz target without libFuzzer: every file of the corpus folders, then a fixed number of
// mutations of them, the same in every run. The target aborts on a violation and says which; the
// thousand of mutations it was in stands before that on standard error.

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer chose the name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::uint64_t kSeed = 4711;
constexpr std::size_t kNumMutations = 20'000;  // unless the command line says how many
constexpr std::size_t kReportEvery = 1'000;
constexpr std::size_t kMaxInputLen = 8'192;  // of a mutation

Input read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("cannot read " + path.string());
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The files of the folders, each in the order of its names, which a directory does not keep.
std::vector<Input> read_corpus(std::span<const std::filesystem::path> folders) {
  std::vector<Input> corpus;
  for (const std::filesystem::path& folder : folders) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.is_regular_file()) {
        paths.push_back(entry.path());
      }
    }
    if (paths.empty()) {
      throw std::runtime_error("no corpus in " + folder.string());
    }
    std::ranges::sort(paths);
    std::ranges::transform(paths, std::back_inserter(corpus), read_file);
  }
  return corpus;
}

/// One of the places of `input`.
std::size_t random_place(apns::RandomStream& random, const Input& input) {
  return apns::random_between(random.next(), 0, input.size() - 1);
}

void flip_bit(apns::RandomStream& random, Input& input) {
  input[random_place(random, input)] ^= static_cast<std::uint8_t>(1U << random.next() % 8);
}

void set_byte(apns::RandomStream& random, Input& input) {
  // Most of the bytes that mean something: commands, item ids, small lengths, all ones.
  static constexpr std::uint8_t kTelling[] = {0, 1, 2, 3, 4, 5, 8, 10, 0x7F, 0x80, 0xFF};
  input[random_place(random, input)] = kTelling[random.next() % std::size(kTelling)];
}

void truncate(apns::RandomStream& random, Input& input) {
  input.resize(random_place(random, input));
}

void splice(apns::RandomStream& random, Input& input, const Input& other) {
  input.resize(random_place(random, input));
  const std::size_t from = other.empty() ? 0 : random_place(random, other);
  input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
}

/// Moves a 16-bit number a little up or down: lengths that are wrong by few.
void edit_length(apns::RandomStream& random, Input& input) {
  if (input.size() < 2) {
    return;
  }
  const std::size_t at = apns::random_between(random.next(), 0, input.size() - 2);
  const unsigned value = input[at] * 256U + input[at + 1];
  const unsigned edited = value + static_cast<unsigned>(random.next() % 9) - 4U;
  input[at] = static_cast<std::uint8_t>(edited >> 8U);
  input[at + 1] = static_cast<std::uint8_t>(edited);
}

/// Mutation `n`: a file of the corpus after one to four changes.
Input mutate(const std::vector<Input>& corpus, std::uint64_t n) {
  apns::RandomStream random(kSeed, n);
  Input input = corpus[random.next() % corpus.size()];
  const std::uint64_t num_changes = apns::random_between(random.next(), 1, 4);
  for (std::uint64_t i = 0; i < num_changes && !input.empty(); ++i) {
    switch (random.next() % 5) {
      case 0:
        flip_bit(random, input);
        break;
      case 1:
        set_byte(random, input);
        break;
      case 2:
        truncate(random, input);
        break;
      case 3:
        splice(random, input, corpus[random.next() % corpus.size()]);
        break;
      default:
        edit_length(random, input);
        break;
    }
    input.resize(std::min(input.size(), kMaxInputLen));
  }
  return input;
}

void run(std::span<const std::filesystem::path> folders, std::size_t num_mutations) {
  const std::vector<Input> corpus = read_corpus(folders);
  for (const Input& input : corpus) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::size_t mutated_bytes = 0;
  for (std::size_t n = 0; n < num_mutations; ++n) {
    if (n % kReportEvery == 0) {
      std::cerr << "mutations from " << n << '\n';
    }
    const Input input = mutate(corpus, n);
    mutated_bytes += input.size();
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::cout << corpus.size() << " files and " << num_mutations << " mutations (" << mutated_bytes
            << " bytes) of " << folders.front().string() << ": no violation\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t num_mutations = kNumMutations;
  std::vector<std::filesystem::path> folders(argv + std::min(argc, 1), argv + argc);
  const auto is_number = [](const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (!folders.empty() && is_number(folders.back().string())) {
    num_mutations = std::stoul(folders.back().string());
    folders.pop_back();
  }
  if (folders.empty()) {
    std::cerr << "usage: " << argv[0] << " CORPUS_FOLDER... [NUM_MUTATIONS]\n";
    return 2;
  }
  try {
    run(folders, num_mutations);
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << ".\n";
    return 2;
  }
  return 0;
}
