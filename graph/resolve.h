// Which definition does each name mean, and which archive members take part?
//
// The rules are GNU ld's: files in the order of the command line, archive members only for names
// that are undefined when the archive is reached, groups until nothing changes; strong before weak
// before common. See the essay in resolve.cc.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elfio/archive.h"
#include "elfio/arena.h"
#include "elfio/diag.h"
#include "elfio/file.h"
#include "elfio/object.h"

namespace fwseal {

// Index of a global symbol; one per name.
enum class SymbolId : u32 {};
inline constexpr SymbolId kNoSymbol{0xffff'ffff};
constexpr u32 index(SymbolId id) { return static_cast<u32>(id); }

enum class SymbolState : u8 {
  kUnseen,     // only an archive's index or an option names it
  kUndefined,  // referred to, defined nowhere
  kDefined,    // in a section of an object
  kAbsolute,   // a number, by an object or by --just-symbols
  kCommon,     // only while symbols are being resolved; afterwards kDefined in a COMMON section
  kScript,     // the linker script or --defsym gives it a value
};

struct Symbol {
  std::string_view name;
  u64 value = 0;  // offset in the section, or the number; alignment while kCommon
  u64 size = 0;
  ObjectId object = kNoObject;      // that defines it
  SectionId section = kNoSection;   // that holds it, if kDefined
  ObjectId first_reference = kNoObject;  // the first object that refers to it, for messages
  SymbolState state = SymbolState::kUnseen;
  u8 binding = STB_GLOBAL;  // of the definition; while undefined, STB_WEAK if all references are
  u8 type = STT_NOTYPE;
  u8 visibility = STV_DEFAULT;  // the most constraining of all objects
  bool referenced = false;      // by an object, defined there or not
  bool traced = false;          // -y
  bool is_section_bound = false;  // __start_X, .sizeof.X and so on: layout defines it; kScript
};

// An input as the command line gives it.
struct InputFile {
  // kDefine, kProvide: here the command line or a script that is read here (-T before the files,
  // --defsym) defines a name, so archives behind it are not searched for it. They also belong into
  // ResolveOptions::script_defined or script_provided.
  enum class Kind : u8 { kFile, kLibrary, kGroupStart, kGroupEnd, kDefine, kProvide };
  Kind kind = Kind::kFile;
  std::string name;          // a path, what -l named, or the defined name
  bool whole_archive = false;
  bool symbols_only = false; // --just-symbols
  bool only_static = true;   // kLibrary: -Bstatic is always so here
  bool binary = false;       // -b binary: its bytes are the .data of an object without symbols of
                             // its own but _binary_NAME_start, _end and _size
};

struct ResolveOptions {
  std::vector<std::string> library_paths;    // -L, in order
  std::vector<std::string> undefined;        // -u, EXTERN, the entry symbol: wanted from archives
  std::vector<std::string> script_defined;   // names that the script or --defsym surely defines
  std::vector<std::string> script_provided;  // PROVIDE: defined if referred to and undefined
  std::vector<std::string> wrapped;          // --wrap
  std::vector<std::string> traced;           // -y
  bool allow_multiple_definition = false;    // -z muldefs
  bool warn_common = false;
  bool define_common = true;                 // false: -r without -d
  bool sort_common_descending = false;       // --sort-common
  bool sort_common_ascending = false;
  bool trace_files = false;                  // -t
  ExpectedMachine machine;
};

// Why an archive member was loaded, for the map file.
struct Extraction {
  ObjectId member;
  ObjectId referrer;  // kNoObject: an option or the script
  SymbolId symbol;    // kNoSymbol: --whole-archive
};

// Handles an input that is neither an object nor an archive: a linker script given as an input.
// Returns the inputs it names (INPUT, GROUP); reports what is wrong to diag.
using ReadInputScript =
    std::function<std::vector<InputFile>(std::string_view path, Bytes text, Diag& diag)>;

// All that was read. Owns the mapped files; everything else holds views into them.
struct Inputs {
  Files files;
  Arena arena;
  std::deque<Archive> archives;
  // In the order in which they were loaded. GNU ld's patterns walk over them so, too: a member that
  // a later round of a group brought in comes after all that was there before (2.40, by its maps).
  std::vector<Object> objects;
  std::vector<InputSection> sections;
  // How many of them were read. Behind them stand those that were made: sections for common symbols,
  // each of the object that defines it, and the linker's own object and sections.
  u32 read_objects = 0;
  u32 read_sections = 0;

  const Object& object_of(SectionId section) const {
    return objects[index(sections[index(section)].object)];
  }
  const InputSection& operator[](SectionId section) const { return sections[index(section)]; }
  Location location(SectionId section, u64 offset = 0) const;
};

struct Symbols {
  std::vector<Symbol> symbols;
  // For each object the SymbolId of each of its global symbols: ids[first[object] + i - first_global].
  std::vector<u32> first;
  std::vector<SymbolId> ids;
  std::vector<Extraction> extractions;

  SymbolId find(std::string_view name) const;
  const Symbol& operator[](SymbolId id) const { return symbols[index(id)]; }
  Symbol& operator[](SymbolId id) { return symbols[index(id)]; }
  // The global symbol that an object's symbol stands for (--wrap included); kNoSymbol for a local.
  SymbolId of(const Inputs& inputs, ObjectId object, u32 symbol_index) const;
  SymbolId add(std::string_view name);  // finds it or makes it kUnseen
  // The same for many names, which is several times as fast. Appends to `result`.
  void add_all(std::span<const std::string_view> names, std::vector<SymbolId>& result);

  struct Table;  // open addressing over names; see resolve.cc
  std::vector<u32> slots;  // of that table: SymbolId + 1, or 0
};

// Reads every input file and the archive members they need, and resolves every name.
// Common symbols end up in sections of their own, named "COMMON", one per symbol.
Symbols resolve(const std::vector<InputFile>& files, const ResolveOptions& options,
                const ReadInputScript& read_script, Inputs& inputs, Diag& diag);

}  // namespace fwseal
