// SPDX-License-Identifier: Apache-2.0
#include "loading/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <syncline/abi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace syncline::loading {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "Syncline runs on x86-64 and AArch64"
#endif

constexpr std::uint64_t kSectionCountMax = 10'000;

std::string nameOf(Elf64_Half machine) {
    switch (machine) {
        case EM_X86_64:
            return "x86-64";
        case EM_AARCH64:
            return "AArch64";
        case EM_386:
            return "i386";
        case EM_ARM:
            return "ARM";
        case EM_RISCV:
            return "RISC-V";
        case EM_PPC64:
            return "PowerPC64";
        case EM_S390:
            return "S/390";
        default:
            return "machine number " + std::to_string(machine);
    }
}

/// How a runtime shows itself: as a library that is needed, or in the symbols of instrumented code.
struct Runtime {
    Sanitizer sanitizer;
    std::string_view name;
    std::string_view library;
    std::string_view symbol;
};

constexpr std::array kRuntimes = {
    Runtime{Sanitizer::address, "address", "libasan.so", "__asan_init"},
    Runtime{Sanitizer::thread, "thread", "libtsan.so", "__tsan_init"},
    Runtime{Sanitizer::undefined, "undefined", "libubsan.so", "__ubsan_handle_"},
    Runtime{Sanitizer::memory, "memory", "libmsan.so", "__msan_init"},
    Runtime{Sanitizer::leak, "leak", "liblsan.so", "__lsan_init"},
};

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

}  // namespace

std::string_view toString(Sanitizer sanitizer) {
    for (const Runtime& runtime : kRuntimes) {
        if (runtime.sanitizer == sanitizer) return runtime.name;
    }
    return "unknown";
}

ElfFile ElfFile::read(const std::filesystem::path& path) {
    ElfFile file(path);
    file.readBytes();
    file.checkIdentity();
    file.checkSegments();
    file.readSections();
    file.readDynamic();
    file.readSymbols();
    return file;
}

std::set<Sanitizer> ElfFile::ownSanitizers() {
    ElfFile program("/proc/self/exe");
    program.isProgram_ = true;
    program.readBytes();
    program.readSections();
    program.readDynamic();
    program.readSymbols();
    return program.sanitizers_;
}

void ElfFile::refuse(PluginCode code, const std::string& reason) const {
    throw PluginError(code, path_, reason);
}

void ElfFile::readBytes() {
    const auto failure = [] { return std::generic_category().message(errno); };
    // O_NONBLOCK: a pipe that stands where a plugin should be must not hold the server.
    const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) refuse(PluginCode::unreadable, "cannot be read: " + failure());
    struct stat facts {};
    if (::fstat(file.number(), &facts) != 0) refuse(PluginCode::unreadable, failure());
    if (!S_ISREG(facts.st_mode)) {
        refuse(PluginCode::notAFile,
               S_ISDIR(facts.st_mode) ? "is a folder, not a file" : "is not a regular file");
    }
    if (facts.st_size == 0) refuse(PluginCode::empty, "is empty");
    const auto size = static_cast<std::size_t>(facts.st_size);
    if (size > fileBytesMax) {
        refuse(PluginCode::tooLarge, "has " + std::to_string(size) + " bytes, at most " +
                                         std::to_string(fileBytesMax) + " are read");
    }
    bytes_.resize(size);
    std::size_t got = 0;
    while (got < size) {
        const ssize_t part = ::read(file.number(), bytes_.data() + got, size - got);
        if (part < 0 && errno == EINTR) continue;
        if (part < 0) refuse(PluginCode::unreadable, "cannot be read: " + failure());
        if (part == 0) refuse(PluginCode::truncated, "was cut short while it was read");
        got += static_cast<std::size_t>(part);
    }
}

std::string ElfFile::sha256() const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes_.data(), bytes_.size(), digest.data(), &size, EVP_sha256(), nullptr) !=
        1) {
        refuse(PluginCode::unreadable, "its SHA-256 cannot be computed");
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += digits[digest[i] / 16U];
        text += digits[digest[i] % 16U];
    }
    return text;
}

std::string_view ElfFile::range(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
        refuse(PluginCode::truncated, std::string("is truncated: its ") + what +
                                          " should end at byte " + std::to_string(offset + size) +
                                          ", it has " + std::to_string(bytes_.size()));
    }
    return bytes().substr(offset, size);
}

template <class Struct>
Struct ElfFile::at(std::uint64_t offset, const char* what) const {
    Struct result;
    std::memcpy(&result, range(offset, sizeof(Struct), what).data(), sizeof(Struct));
    return result;
}

std::string_view ElfFile::text(const Section& strings, std::uint64_t offset) const {
    const auto end = strings.bytes.find('\0', offset);
    if (offset >= strings.bytes.size() || end == std::string_view::npos) {
        refuse(PluginCode::damaged, "is damaged: a name lies outside of its table of names");
    }
    return strings.bytes.substr(offset, end - offset);
}

void ElfFile::checkIdentity() const {
    if (!bytes().starts_with(ELFMAG)) {
        refuse(PluginCode::notElf, "is not an ELF file, so it is no shared library");
    }
    range(0, EI_NIDENT, "header");
    const auto identity = [this](int index) { return static_cast<unsigned char>(bytes_[index]); };
    if (identity(EI_CLASS) != ELFCLASS64) {
        refuse(PluginCode::otherClass, identity(EI_CLASS) == ELFCLASS32
                                           ? "is a 32-bit library, this host is 64-bit"
                                           : "is neither a 32-bit nor a 64-bit ELF file");
    }
    if (identity(EI_DATA) != ELFDATA2LSB) {
        refuse(PluginCode::otherByteOrder, "is big-endian, this host is little-endian");
    }
    const auto header = at<Elf64_Ehdr>(0, "header");
    if (header.e_machine != kMachine) {
        refuse(PluginCode::otherMachine,
               "is for " + nameOf(header.e_machine) + ", this host is " + nameOf(kMachine));
    }
    if (header.e_type == ET_EXEC) refuse(PluginCode::executable, "is a program, not a library");
    if (header.e_type != ET_DYN) {
        refuse(PluginCode::notASharedObject,
               header.e_type == ET_REL
                   ? "is an object file that has not been linked into a shared library"
                   : "is not a shared library");
    }
    if (header.e_version != EV_CURRENT || header.e_ehsize != sizeof(Elf64_Ehdr)) {
        refuse(PluginCode::damaged, "is damaged: its ELF header has another version or size");
    }
}

void ElfFile::checkSegments() const {
    const auto header = at<Elf64_Ehdr>(0, "header");
    if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf64_Phdr)) {
        refuse(PluginCode::damaged, "is damaged: it has no segments that could be loaded");
    }
    bool loads = false;
    bool links = false;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        const auto segment =
            at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr), "table of segments");
        if (segment.p_type == PT_INTERP)
            refuse(PluginCode::executable, "is a program, not a library");
        range(segment.p_offset, segment.p_filesz, "segments");
        if (segment.p_type == PT_LOAD && segment.p_filesz > segment.p_memsz) {
            refuse(PluginCode::damaged,
                   "is damaged: a segment is larger in the file than in memory");
        }
        loads = loads || segment.p_type == PT_LOAD;
        links = links || segment.p_type == PT_DYNAMIC;
    }
    if (!loads || !links) {
        refuse(PluginCode::damaged, "is damaged: it has no code or nothing to link it by");
    }
}

void ElfFile::readSections() {
    const auto header = at<Elf64_Ehdr>(0, "header");
    if (header.e_shoff == 0 || header.e_shnum == 0) return;
    if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum > kSectionCountMax ||
        header.e_shstrndx >= header.e_shnum) {
        refuse(PluginCode::damaged, "is damaged: its table of sections makes no sense");
    }
    std::vector<std::uint64_t> names;
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
        const auto section =
            at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr), "table of sections");
        const bool inFile = section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL;
        sections_.push_back(
            {{},
             inFile ? range(section.sh_offset, section.sh_size, "sections") : std::string_view(),
             section.sh_type,
             section.sh_link});
        names.push_back(section.sh_name);
    }
    const Section strings = sections_[header.e_shstrndx];
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        if (sections_[i].type != SHT_NULL) sections_[i].name = text(strings, names[i]);
    }
}

std::optional<std::string_view> ElfFile::section(std::string_view name) const {
    for (const Section& section : sections_) {
        if (section.name == name) return section.bytes;
    }
    return std::nullopt;
}

void ElfFile::readDynamic() {
    for (const Section& section : sections_) {
        if (section.type != SHT_DYNAMIC) continue;
        if (section.link >= sections_.size()) {
            refuse(PluginCode::damaged, "is damaged: its dynamic section has no names");
        }
        for (std::size_t i = 0; (i + 1) * sizeof(Elf64_Dyn) <= section.bytes.size(); ++i) {
            Elf64_Dyn entry;
            std::memcpy(&entry, section.bytes.data() + i * sizeof(Elf64_Dyn), sizeof entry);
            if (entry.d_tag == DT_NULL) break;
            const bool pie = entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE) != 0;
            if (pie && !isProgram_) refuse(PluginCode::executable, "is a program, not a library");
            if (entry.d_tag != DT_NEEDED) continue;
            const auto library = text(sections_[section.link], entry.d_un.d_val);
            for (const Runtime& runtime : kRuntimes) {
                if (library.starts_with(runtime.library)) sanitizers_.insert(runtime.sanitizer);
            }
        }
    }
}

void ElfFile::readSymbols() {
    for (const Section& section : sections_) {
        if (section.type != SHT_DYNSYM) continue;
        if (section.link >= sections_.size()) {
            refuse(PluginCode::damaged, "is damaged: its symbols have no names");
        }
        for (std::size_t i = 0; (i + 1) * sizeof(Elf64_Sym) <= section.bytes.size(); ++i) {
            Elf64_Sym symbol;
            std::memcpy(&symbol, section.bytes.data() + i * sizeof(Elf64_Sym), sizeof symbol);
            if (symbol.st_name == 0) continue;
            noteSymbol(text(sections_[section.link], symbol.st_name), symbol.st_shndx != SHN_UNDEF);
        }
    }
}

void ElfFile::noteSymbol(std::string_view symbol, bool defined) {
    // Instrumented code calls its runtime; a program that clang linked holds and exports it.
    for (const Runtime& runtime : kRuntimes) {
        if (symbol.starts_with(runtime.symbol)) sanitizers_.insert(runtime.sanitizer);
    }
    if (defined && symbol == SYNCLINE_PLUGIN_SYMBOL) exported_.emplace(symbol);
}

}  // namespace syncline::loading
