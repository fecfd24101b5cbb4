// Functions of which a standard says that they never return to their caller.
#pragma once

#include <string_view>

namespace fwseal {

bool never_returns(std::string_view symbol);

}  // namespace fwseal
