// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "loading/finder.h"
#include "support/temporary_folder.h"

namespace syncline::loading {

inline std::filesystem::path testPlugin(const std::string& name) {
    return std::filesystem::path(TEST_PLUGIN_FOLDER) / ("lib" + name + ".so");
}

using tests::TemporaryFolder;

/// The bytes of a sound plugin, to be broken in one place and written elsewhere.
class PluginCopy {
public:
    explicit PluginCopy(const std::string& name = "test_well_behaved") {
        std::ifstream file(testPlugin(name), std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        EXPECT_FALSE(bytes_.empty()) << testPlugin(name);
    }

    std::string& bytes() { return bytes_; }

    void put(std::size_t offset, std::string_view content) {
        ASSERT_LE(offset + content.size(), bytes_.size());
        std::memcpy(bytes_.data() + offset, content.data(), content.size());
    }

    template <class Struct>
    Struct at(std::size_t offset) const {
        Struct result;
        std::memcpy(&result, bytes_.data() + offset, sizeof result);
        return result;
    }

    template <class Struct>
    void change(std::size_t offset, const std::function<void(Struct&)>& edit) {
        auto content = at<Struct>(offset);
        edit(content);
        std::memcpy(bytes_.data() + offset, &content, sizeof content);
    }

    /// Replaces each `from`; what becomes shorter is filled with `padding`.
    PluginCopy& replace(std::string_view from, std::string to, char padding) {
        EXPECT_LE(to.size(), from.size());
        to.resize(from.size(), padding);
        std::size_t at = bytes_.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        for (; at != std::string::npos; at = bytes_.find(from, at + 1)) put(at, to);
        return *this;
    }

    /// A change of the manifest's text alone, not of equal strings in the code.
    PluginCopy& manifest(std::string_view from, std::string_view to) {
        const std::size_t begin = bytes_.find("{\"abi\":");
        const std::size_t end = bytes_.find("}]}", begin) + 3;
        std::string text = bytes_.substr(begin, end - begin);
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        EXPECT_LE(text.size(), end - begin) << "make room: the manifest may not grow";
        text.resize(end - begin, ' ');
        put(begin, text);
        return *this;
    }

    std::filesystem::path writeTo(const std::filesystem::path& path) const {
        std::ofstream(path, std::ios::binary) << bytes_;
        return path;
    }

private:
    std::string bytes_;
};

/// This program, lending what the wrapper needs.
inline const HostOffer& hostOffer() {
    static const HostOffer offer = HostOffer::ofThisProgram({{"draft.value/1", 0},
                                                             {"draft.builder/1", 0},
                                                             {"draft.call/1", 2},
                                                             {"draft.metrics/1", 0}});
    return offer;
}

/// The refusal that `function` throws; none is a failure of the test.
template <class Function>
std::optional<PluginError> refusalOf(Function&& function) {
    try {
        function();
    } catch (const PluginError& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was refused";
    return std::nullopt;
}

inline void expectRefused(const std::filesystem::path& path, PluginCode code,
                          const std::string& part) {
    const auto error = refusalOf([&] { inspect(path, hostOffer()); });
    if (!error) return;
    EXPECT_EQ(error->code(), code) << error->what();
    EXPECT_NE(error->reason().find(part), std::string::npos) << error->what();
    EXPECT_EQ(error->path(), path);
}

}  // namespace syncline::loading
