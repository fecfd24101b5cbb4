#include "tools/open_record.h"

#include "elfio/file.h"
#include "report/read_record.h"

namespace fwseal {

RecordGraph open_record(const std::string& path, Diag& diag) {
  RecordGraph graph;
  Files files;
  try {
    graph = read_record_graph(files.map(path));
  } catch (const BadInput& bad) {
    diag.error({path, {}, {}, 0, 0}, bad.what());
  }
  stop_if_failed(diag);
  return graph;
}

}  // namespace fwseal
