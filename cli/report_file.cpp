#include "cli/report_file.h"

#include <fstream>
#include <iostream>
#include <stdexcept>

namespace apns::cli {

void write_file(const std::string& path, const std::function<void(std::ostream&)>& write) {
  if (path == "-") {
    write(std::cout);
    return;
  }
  std::ofstream out(path, std::ios::binary);
  write(out);
  out.close();
  if (!out) {
    throw std::runtime_error("The report cannot be written to " + path +
                             ". Is the folder there, and may you write to it?");
  }
}

}  // namespace apns::cli
