// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include "bridge/builder.h"

namespace syncline::bridge {

/// A plugin's `syncline_builder` is a Builder, under another name.
inline Builder* toBuilder(syncline_builder* builder) noexcept {
    return reinterpret_cast<Builder*>(builder);
}
inline const Builder* toBuilder(const syncline_builder* builder) noexcept {
    return reinterpret_cast<const Builder*>(builder);
}
inline syncline_builder* toHandle(Builder* builder) noexcept {
    return reinterpret_cast<syncline_builder*>(builder);
}

}  // namespace syncline::bridge
