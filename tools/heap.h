// How the program gets its memory from the system.
#pragma once

namespace fwseal {

// A link is short and fills its memory once, so much of its time is the system's work of handing
// out pages. Asks for one heap that is never given back piece by piece. (Asking for all of it in
// large pages was faster still where the system had such pages at hand, and twice as slow where it
// had to make them.) Call it before anything large is allocated.
void prepare_heap();

}  // namespace fwseal
