#include "cli/port_owner.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/certs/temporary_folder.h"

namespace apns::cli {
namespace {

namespace fs = std::filesystem;

// A table of the kernel: the first line listens on 0.0.0.0:2195, the second is a connection of it.
constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 00000000:0893 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
    "4711 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:0894 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "4712 1 0000000000000000 100 0 0 10 0\n";

class PortOwnerOf : public testing::Test {
 protected:
  PortOwnerOf() {
    write("net/tcp", kTable);
    write("812/comm", "nginx\n");
    fs::create_directories(folder.path() / "812/fd");
    write("self-made", "no process\n");
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
  }

  certs::TemporaryFolder folder;
};

TEST_F(PortOwnerOf, AListeningSocketIsTheProcessThatHasIt) {
  fs::create_symlink("socket:[4711]", folder.path() / "812/fd/7");
  const auto owner = find_port_owner(2195, folder.path());
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->pid, 812);
  EXPECT_EQ(to_text(*owner), "pid 812, nginx");
}

TEST_F(PortOwnerOf, AnIpv6SocketIsFoundToo) {
  write("net/tcp6",
        "header\n   0: 00000000000000000000000001000000:0C7B "
        "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 "
        "       0 99 1 0\n");
  fs::create_symlink("socket:[99]", folder.path() / "812/fd/7");
  EXPECT_EQ(find_port_owner(3195, folder.path())->name, "nginx");
}

TEST_F(PortOwnerOf, ASocketThatNobodySeenHasIsAnotherUsers) {
  const auto owner = find_port_owner(2195, folder.path());
  ASSERT_TRUE(owner);
  EXPECT_EQ(to_text(*owner), "a process of another user");
}

TEST_F(PortOwnerOf, AConnectionIsNoListener) {
  EXPECT_FALSE(find_port_owner(2196, folder.path()));
  EXPECT_FALSE(find_port_owner(443, folder.path()));
}

}  // namespace
}  // namespace apns::cli
