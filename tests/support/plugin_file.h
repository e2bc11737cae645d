// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>
#include <syncline/abi.h>

#include <stdexcept>

namespace syncline::tests {

/// The one component of a built plugin, loaded as the server loads it. The library stays open: leak
/// checkers name its functions at the end of the process.
inline const syncline_component& componentIn(const char* file) {
    void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto entry =
        reinterpret_cast<syncline_plugin_entry>(dlsym(library, SYNCLINE_PLUGIN_SYMBOL));
    if (entry == nullptr) throw std::runtime_error("it exports no plugin");
    return *entry()->components[0];
}

}  // namespace syncline::tests
