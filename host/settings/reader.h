// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/catalog.h"
#include "settings/diagnostic.h"
#include "settings/environment.h"
#include "settings/node.h"
#include "settings/scalar.h"

namespace syncline::settings {

/// From and to what a value may be, in the smallest unit of its type.
struct Range {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

/// Reads typed values out of nodes and reports each that is not of its type, at its place. One
/// lives for one load. [setup]
class Reader {
public:
    Reader(std::filesystem::path folder, const Environment& environment, Diagnostics& diagnostics)
        : folder_(std::move(folder)), environment_(environment), diagnostics_(diagnostics) {}

    Diagnostics& diagnostics() { return diagnostics_; }
    const Environment& environment() const { return environment_; }

    /// The components that `use:` may name; only the sections with components ask for it.
    void setCatalog(const Catalog& catalog) { catalog_ = &catalog; }
    const Catalog& catalog() const { return *catalog_; }
    bool hasCatalog() const { return catalog_ != nullptr; }

    /// A relative path starts from the folder of the configuration file.
    std::filesystem::path resolve(std::string_view path) const;

    // Nothing means that the reason is reported. `name` is the key, for the message.
    std::optional<std::string> text(const Node& node, const std::string& name);
    std::optional<bool> boolean(const Node& node, const std::string& name);
    std::optional<std::int64_t> integer(const Node& node, const std::string& name, Range range);
    std::optional<std::int64_t> duration(const Node& node, const std::string& name, Range range);
    std::optional<std::int64_t> size(const Node& node, const std::string& name, Range range);
    std::optional<Address> address(const Node& node, const std::string& name);
    std::optional<std::string> pattern(const Node& node, const std::string& name);
    /// An absolute path of something that exists.
    std::optional<std::string> existing(const Node& node, const std::string& name);
    std::optional<std::size_t> choice(const Node& node, const std::string& name,
                                      const std::vector<std::string>& words);

    /// Whether this is a map; nothing at all counts as an empty one. `label` is how messages call
    /// it: "'limits'", "listener 'public'".
    bool isMap(const Node& node, const std::string& label);
    /// The same for a list.
    bool isList(const Node& node, const std::string& label);

private:
    const std::string* scalar(const Node& node, const std::string& name, Code code,
                              std::string_view expected);
    std::optional<std::int64_t> within(std::int64_t value, Range range, const Node& node,
                                       const std::string& name, std::string (*show)(std::int64_t));

    std::filesystem::path folder_;
    const Environment& environment_;
    Diagnostics& diagnostics_;
    const Catalog* catalog_ = nullptr;
};

}  // namespace syncline::settings
