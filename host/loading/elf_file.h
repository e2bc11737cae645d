// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "loading/plugin_error.h"

namespace syncline::loading {

enum class Sanitizer : std::uint8_t { address, thread, undefined, memory, leak };

/// As in -fsanitize=: "address".
std::string_view toString(Sanitizer sanitizer);

/// A shared library as bytes, read once and checked by its headers, so that opening it later cannot
/// meet a file that ends too early or belongs to another machine. Owned by whoever inspects or
/// opens a plugin; immutable. [any thread]
class ElfFile {
public:
    static constexpr std::size_t fileBytesMax = std::size_t{512} * 1024 * 1024;

    struct Section {
        std::string name;
        std::string_view bytes;  ///< of this object; empty for one without bytes in the file
        std::uint32_t type = 0;
        std::uint32_t link = 0;  ///< index of a related section
    };

    /// Throws PluginError unless it is a whole shared object for this machine.
    static ElfFile read(const std::filesystem::path& path);

    /// The sanitizers that the running program was built with.
    static std::set<Sanitizer> ownSanitizers();

    ElfFile(ElfFile&&) = default;
    ElfFile& operator=(ElfFile&&) = default;

    const std::filesystem::path& path() const { return path_; }
    std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }
    std::string sha256() const;  ///< lower-case hex

    const std::vector<Section>& sections() const { return sections_; }
    /// The bytes of the first section of that name.
    std::optional<std::string_view> section(std::string_view name) const;

    bool exports(std::string_view symbol) const { return exported_.contains(symbol); }
    /// Sanitizers whose runtime it needs (or, for a program, has).
    const std::set<Sanitizer>& sanitizers() const { return sanitizers_; }

private:
    explicit ElfFile(std::filesystem::path path) : path_(std::move(path)) {}

    [[noreturn]] void refuse(PluginCode code, const std::string& reason) const;
    void readBytes();
    void checkIdentity() const;
    void checkSegments() const;
    void readSections();
    void readDynamic();
    void readSymbols();
    void noteSymbol(std::string_view symbol, bool defined);

    template <class Struct>
    Struct at(std::uint64_t offset, const char* what) const;
    std::string_view range(std::uint64_t offset, std::uint64_t size, const char* what) const;
    std::string_view text(const Section& strings, std::uint64_t offset) const;

    std::filesystem::path path_;
    std::vector<char> bytes_;
    std::vector<Section> sections_;
    std::set<std::string, std::less<>> exported_;
    std::set<Sanitizer> sanitizers_;
    bool isProgram_ = false;
};

}  // namespace syncline::loading
