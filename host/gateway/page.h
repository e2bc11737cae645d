// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace syncline::gateway {

/// A file of the page at `/`, built into the server.
struct PageFile {
    std::string_view path;
    std::string_view contentType;
    std::string_view body;
};

std::span<const PageFile> pageFiles();

}  // namespace syncline::gateway
