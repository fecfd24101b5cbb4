// What a file is, by its first bytes.
//
// gABI 4.1, "ELF Header" and "Machine Information"; AAELF32 2023Q3, "ELF Header".
#include "elfio/object_header.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace fwseal {
namespace {

// LLVM, "LLVM Bitcode File Format": the magic, and that of the wrapper around it.
constexpr std::string_view kBitcodeMagic = "BC\xc0\xde";
constexpr std::string_view kBitcodeWrapperMagic = "\xde\xc0\x17\x0b";

struct MachineName {
  u16 machine;
  std::string_view name;
};

// What a linker for microcontrollers may be given by mistake, or for another build.
constexpr std::array kMachineNames = std::to_array<MachineName>({
    {EM_SPARC, "SPARC"},     {EM_386, "x86"},     {EM_68K, "Motorola 68000"},
    {EM_MIPS, "MIPS"},       {EM_PPC, "PowerPC"}, {EM_PPC64, "64-bit PowerPC"},
    {EM_S390, "IBM S/390"},  {EM_ARM, "ARM"},     {EM_SH, "SuperH"},
    {EM_TRICORE, "TriCore"}, {EM_ARC, "ARC"},     {EM_X86_64, "x86-64"},
    {EM_AVR, "AVR"},         {EM_V850, "V850"},   {EM_XTENSA, "Xtensa"},
    {EM_MSP430, "MSP430"},   {EM_RX, "RX"},       {EM_AARCH64, "AArch64"},
    {EM_RISCV, "RISC-V"},    {EM_ARCV2, "ARCv2"}, {EM_LOONGARCH, "LoongArch"},
});

bool is_bitcode(Bytes bytes) {
  return bytes.text().starts_with(kBitcodeMagic) || bytes.text().starts_with(kBitcodeWrapperMagic);
}

bool is_elf(Bytes bytes) { return bytes.text().starts_with(std::string_view(ELFMAG, SELFMAG)); }

u16 swapped(u16 value) { return static_cast<u16>(value << 8 | value >> 8); }

void check_type(u16 type, ReadAs purpose) {
  if (purpose == ReadAs::kExecutable) {
    if (type != ET_EXEC) throw BadInput("is no executable");
    return;
  }
  if (type == ET_REL) return;
  if (type == ET_DYN)
    throw BadInput(
        "is a shared object or a position-independent executable, not a relocatable "
        "object; firmware is linked statically");
  if (type == ET_EXEC && purpose == ReadAs::kSymbolsOnly) return;
  if (type == ET_EXEC)
    throw BadInput(
        "is an executable, not a relocatable object; link its objects, or seal it as it is with "
        "`fwseal seal`; --just-symbols reads its symbols");
  throw BadInput(cat("has ELF file type ", type, ", not that of a relocatable object"));
}

// AAELF32, "ARM-specific e_flags": version 5 is the ABI that all compilers follow since 2004.
// Objects of before pass arguments, align data and mark Thumb code in another way.
void check_arm_flags(u32 flags) {
  const u32 version = (flags & EF_ARM_EABIMASK) >> 24;
  if (version == 5) return;
  throw BadInput(cat(version == 0 ? std::string("is for the ARM ABI of before the EABI")
                                  : cat("is for version ", version, " of the ARM EABI"),
                     " (e_flags ", hex(flags), "), not version 5; compile with -mabi=aapcs"));
}

}  // namespace

std::string machine_name(u16 machine) {
  const auto found = std::ranges::find(kMachineNames, machine, &MachineName::machine);
  return found == kMachineNames.end() ? cat("machine ", machine) : std::string(found->name);
}

bool is_object(Bytes bytes) { return is_elf(bytes) || is_bitcode(bytes); }

std::optional<u16> machine_of(Bytes bytes) {
  constexpr u64 kMachine = offsetof(Elf32_Ehdr, e_machine);  // the same for 64-bit files
  if (!is_elf(bytes) || bytes.size() < kMachine + 2) return std::nullopt;
  const u16 machine = bytes.le<u16>(kMachine);
  return bytes.le<u8>(EI_DATA) == ELFDATA2MSB ? swapped(machine) : machine;
}

void check_kind(Bytes bytes, ExpectedMachine expected, ReadAs purpose) {
  if (is_bitcode(bytes))
    throw BadInput(
        "holds LLVM bitcode and no code; compile with -ffat-lto-objects or without "
        "-flto");
  if (!is_elf(bytes)) throw BadInput("is not an ELF file");
  if (bytes.size() < sizeof(Elf32_Ehdr))
    throw BadInput(cat("ELF header ends past the end of the file (", hex(bytes.size()), ")"));
  const u16 machine = *machine_of(bytes);
  if (machine != expected.machine)
    throw BadInput(cat("is for ", machine_name(machine), ", not ", machine_name(expected.machine)));
  const u8 encoding = bytes.le<u8>(EI_DATA);
  if (encoding == ELFDATA2MSB)
    throw BadInput(
        cat("is for big-endian ", machine_name(machine), "; only little-endian objects are read"));
  if (encoding != ELFDATA2LSB) throw BadInput(cat("has unknown byte order ", u32{encoding}));
  const u8 word = bytes.le<u8>(EI_CLASS);
  if (word == ELFCLASS64)
    throw BadInput(cat("is for 64-bit ", machine_name(machine), "; only 32-bit objects are read"));
  if (word != ELFCLASS32) throw BadInput(cat("has unknown ELF class ", u32{word}));
  if (bytes.le<u8>(EI_VERSION) != EV_CURRENT ||
      bytes.le<u32>(offsetof(Elf32_Ehdr, e_version)) != EV_CURRENT)
    throw BadInput("is not of ELF version 1");
  check_type(bytes.le<u16>(offsetof(Elf32_Ehdr, e_type)), purpose);
  if (machine == EM_ARM) check_arm_flags(bytes.le<u32>(offsetof(Elf32_Ehdr, e_flags)));
}

}  // namespace fwseal
