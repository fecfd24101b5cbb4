// Records, for the commands that ask them.
#pragma once

#include <string>

#include "elfio/diag.h"
#include "report/record_graph.h"

namespace fwseal {

// Reports what is wrong with the file and throws Stopped.
RecordGraph open_record(const std::string& path, Diag& diag);

}  // namespace fwseal
