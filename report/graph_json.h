// The graph of a record as JSON.
#pragma once

#include <string>

#include "report/record_graph.h"

namespace fwseal {

// An object of one line per column; see README.md for the format. The same graph always gives the
// same text.
std::string graph_json(const RecordGraph& graph);

}  // namespace fwseal
