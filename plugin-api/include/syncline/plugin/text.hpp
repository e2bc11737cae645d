// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace syncline::detail {

inline syncline_text toText(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

inline std::string_view toView(syncline_text text) noexcept {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

/// The element at `index` of an array whose structs may be longer than this header knows: a newer
/// host appends fields, and `size` says how far apart the elements are.
template <class Struct>
Struct* elementAt(Struct* first, std::size_t index) noexcept {
    using Byte = std::conditional_t<std::is_const_v<Struct>, const char, char>;
    return reinterpret_cast<Struct*>(reinterpret_cast<Byte*>(first) + index * first->size);
}

}  // namespace syncline::detail
