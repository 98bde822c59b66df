#include "cli/apple_files.h"

#include <set>
#include <string>
#include <system_error>

#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/namespaces.h"

namespace apns::cli {

namespace {

using std::filesystem::path;

void lay_text_over(const path& file, const std::string& text, const path& target) {
  certs::write_file(file, text, 0644);
  lay_over(file, target);
}

/// glibc asks nscd first, which has read the hosts file that everybody else sees.
void hide_name_cache(const path& folder) {
  const path cache = "/var/run/nscd";
  std::error_code error;
  if (std::filesystem::exists(cache / "socket", error)) {
    std::filesystem::create_directory(folder / "nscd", error);
    lay_over(folder / "nscd", cache);
  }
}

}  // namespace

void lay_over_system_files(const path& folder, const path& bundle,
                           const std::vector<AppleName>& names) {
  const path hosts = "/etc/hosts";
  lay_text_over(folder / "hosts", hosts_with(names, certs::read_file(hosts).value_or("")), hosts);
  const path nsswitch = "/etc/nsswitch.conf";
  if (const auto found = certs::read_file(nsswitch)) {
    if (const std::string wanted = with_files_first(*found); wanted != *found) {
      lay_text_over(folder / "nsswitch.conf", wanted, nsswitch);
    }
  }
  hide_name_cache(folder);
  std::set<path> covered;  // several places are often links to one file
  for (const char* place : certs::system_bundle_places()) {
    std::error_code error;
    const path real = std::filesystem::canonical(place, error);
    if (!error && covered.insert(real).second) {
      lay_over(bundle, real);
    }
  }
}

}  // namespace apns::cli
