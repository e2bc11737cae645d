// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace syncline::conformance {

/// An array of structs of the ABI as a host of today or of tomorrow gives it: those of tomorrow are
/// longer, say so in their `size`, and lie that far apart.
template <class Struct>
class StructArray {
public:
    explicit StructArray(bool newerHost) : stride_(sizeof(Struct) + (newerHost ? 24 : 0)) {}

    void add(Struct element) {
        element.size = static_cast<std::uint32_t>(stride_);
        std::vector<std::uint64_t> block(stride_ / sizeof(std::uint64_t), ~std::uint64_t{0});
        std::memcpy(block.data(), &element, sizeof element);
        words_.insert(words_.end(), block.begin(), block.end());
        ++count_;
    }
    std::size_t size() const { return count_; }
    Struct* data() { return count_ == 0 ? nullptr : at(0); }
    Struct* at(std::size_t index) {
        return reinterpret_cast<Struct*>(reinterpret_cast<char*>(words_.data()) + index * stride_);
    }

private:
    static_assert(sizeof(Struct) % sizeof(std::uint64_t) == 0);
    const std::size_t stride_;
    std::vector<std::uint64_t> words_;
    std::size_t count_ = 0;
};

}  // namespace syncline::conformance
