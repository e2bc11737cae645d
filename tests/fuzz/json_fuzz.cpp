// SPDX-License-Identifier: Apache-2.0
// What is sent as JSON: read, written, read again; then used as a merge, a patch and a pointer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/careful_reader.h"
#include "json/diff.h"
#include "json/hash.h"
#include "json/merge.h"
#include "json/parse.h"
#include "json/patch.h"
#include "json/pointer.h"
#include "json/write.h"

namespace {

using namespace syncline;

/// A law that does not hold is a crash, which is what a fuzzer finds.
void require(bool holds, const char* law) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", law);
    std::abort();
}

void checkText(std::string_view text, const json::Value& value) {
    const std::string written = json::toText(value);
    const core::Result<json::Value> again = json::parse(written);
    require(again.has_value(), "what was written is read again");
    require(*again == value, "reading back gives the same value");
    require(json::toText(*again) == written, "writing again gives the same text");
    require(json::stableHash(*again) == json::stableHash(value), "equal values have equal hashes");
    require(value.clone() == value, "a clone is equal");

    std::string copy(text);
    std::vector<json::Value> stack;
    const auto carefully = json::readCarefully(text, copy.data(), {}, stack);
    require(!carefully || *carefully == value, "both readers read the same");
}

void checkMerge(const json::Value& one, const json::Value& other) {
    json::Value merged = one.clone();
    json::mergePatch(merged, other.clone());
    const json::Value once = merged.clone();
    json::mergePatch(merged, other.clone());
    require(merged == once, "merging twice is merging once");

    if (auto difference = json::diffAsMerge(one, other)) {
        json::Value target = one.clone();
        json::mergePatch(target, std::move(*difference));
        require(target == other, "merging the difference gives the other value");
    }
    require(json::changedPaths(one, other).empty() == (one == other), "no path, no change");
}

void checkPatch(const json::Value& document, const json::Value& patch) {
    json::Value target = document.clone();
    if (!json::applyPatch(target, patch)) {
        require(target == document, "a patch that fails changes nothing");
    }
}

void checkPointer(std::string_view text, const json::Value& value) {
    const core::Result<json::Pointer> pointer = json::Pointer::parse(text);
    if (!pointer) return;
    json::Pointer rebuilt;
    for (const std::string& token : pointer->tokens()) rebuilt = rebuilt.child(token);
    require(rebuilt == *pointer, "a pointer is its tokens");
    static_cast<void>(pointer->resolve(value));
}

}  // namespace

/// Two texts, parted by the first 0xff: a byte that UTF-8 never has.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    const std::size_t part = std::min(input.find('\xff'), size);
    const std::string_view text = input.substr(0, part);
    const std::string_view rest = input.substr(std::min(part + 1, size));

    const core::Result<json::Value> value = json::parse(text);
    if (!value) return 0;
    checkText(text, *value);
    checkPointer(rest, *value);
    const core::Result<json::Value> other = json::parse(rest);
    if (!other) return 0;
    checkMerge(*value, *other);
    checkPatch(*value, *other);
    return 0;
}
