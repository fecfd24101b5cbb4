// How the program ends.
#pragma once

namespace fwseal {

enum class ExitStatus : int {
  kDone = 0,
  kRefused = 1,   // an input or the program; also Stopped and BadInput
  kUsage = 2,     // the command line or fwseal.toml
  kExceeded = 3,  // a budget or a gate
  kMissing = 4,   // what a budget or a gate asks for was not measured
};

// Thrown to end with this status; what was wrong has been said already.
struct StopWith {
  ExitStatus status;
};

}  // namespace fwseal
