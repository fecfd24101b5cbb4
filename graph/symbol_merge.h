// What a name means after one more object: the rules by which definitions and references meet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "elfio/diag.h"
#include "graph/resolve.h"

namespace fwseal {

class SymbolMerge {
 public:
  // What options name: -u, --wrap, -y.
  SymbolMerge(Inputs& inputs, Symbols& symbols, const ResolveOptions& options, Diag& diag);

  // Enters the global symbols of an object, which must be the last one read so far. `discarded`
  // says of each of its sections whether another object's copy was taken instead; empty if none.
  void add_object(ObjectId id, const std::vector<bool>& discarded);

  // --defsym, or an assignment of a script that was read before all files: from here on the name
  // needs no archive member. A provided one is defined only if something has asked for it.
  void define_by_script(std::string_view name, bool provided);
  // After the last file: what the script gives a value to, it gives whatever objects say.
  void finish();

  // Names that an archive member may have to be loaded for, in the order in which that came up.
  // Whoever handles them empties the list.
  std::vector<SymbolId>& wanted() { return wanted_; }
  // Should a member that defines the name be loaded? A common symbol takes only a member that has
  // data for it.
  bool is_wanted(SymbolId id) const;
  // Grows whenever there may be something new to look for. GNU ld repeats passes and groups by it.
  u64 demands() const { return demands_; }

 private:
  // A global symbol of an object that is being read.
  struct Incoming {
    const ElfSymbol& symbol;
    ObjectId object;
    SectionId section;  // kNoSection unless it is defined in one
    bool reference;
    bool common;
    bool symbols_only;

    bool weak() const { return symbol.binding == STB_WEAK; }
  };

  SymbolId named(std::string_view name);
  void set_up_wrapping();
  SymbolId redirected(SymbolId id) const;
  SymbolId enter(const Object& object, ObjectId id, const ElfSymbol& symbol, SymbolId own,
                 const std::vector<bool>& discarded);
  void refer(Symbol& known, const Incoming& incoming);
  void add_common(Symbol& known, const Incoming& incoming);
  void define(Symbol& known, const Incoming& incoming);
  bool overrides(const Symbol& known, const Incoming& incoming);
  void want(const Symbol& known);

  // What is said about it: symbol_report.cc.
  void trace(const Symbol& known, const Incoming& incoming);
  void report_duplicate(const Symbol& known, const Incoming& incoming);
  void report_tls(const Symbol& known, const Incoming& incoming);
  void warn_of_common(const Symbol& known, const Incoming& incoming);
  void warn_of_smaller(const Symbol& common, const Incoming& definition);
  Location place(ObjectId id) const { return inputs_.objects[index(id)].location(); }
  Location place(ObjectId id, SectionId section, u64 value, u8 type) const;

  Inputs& inputs_;
  Symbols& symbols_;
  const ResolveOptions& options_;
  Diag& diag_;
  std::vector<SymbolId> redirected_;  // by SymbolId, for the first names only: --wrap
  std::vector<SymbolId> scripted_;    // defined by the script on the way
  std::vector<SymbolId> provided_;    // by PROVIDE, unless an object does
  std::vector<SymbolId> wanted_;
  std::vector<bool> only_discarded_;  // by SymbolId; shorter if the rest are not
  u64 demands_ = 0;
  // Of the object that is being entered.
  std::vector<ElfSymbol> incoming_;
  std::vector<std::string_view> names_;
  std::vector<SymbolId> ids_;
};

}  // namespace fwseal
