// With -fPIC a table of addresses is relocated read-only data: .data.rel.ro.
extern const char* const names[];
const char* const names[] = {"constructed "};
