// Reads the record of a link back.
#pragma once

#include "elfio/bytes.h"
#include "report/record_graph.h"

namespace fwseal {

// The graph of a record, compressed or not. Throws BadInput if the bytes are no record, one of
// another version, one without a graph, or one that contradicts itself: what is returned can be
// walked over without another look.
RecordGraph read_record_graph(Bytes file);

}  // namespace fwseal
