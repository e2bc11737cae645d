// SPDX-License-Identifier: Apache-2.0
#include "key_set.h"

#include <algorithm>
#include <utility>

#include "json.h"

namespace syncline::jose {

namespace {

using Fault = tl::unexpected<std::string>;

std::string nameOf(const rapidjson::Value& jwk, std::size_t index) {
    const auto id = findText(jwk, "kid");
    return "key " + std::to_string(index + 1) + (id ? " (" + forLog(*id) + ")" : "");
}

std::string nameOf(std::optional<std::string_view> id) {
    return id ? "the key " + forLog(*id) : "the key without an id";
}

}  // namespace

tl::expected<KeySet, std::string> KeySet::parse(std::string_view text,
                                                std::vector<std::string>& leftOut) {
    if (text.size() > kBytesMax) return Fault("the set is larger than 1 MiB");
    const auto parsed = parseObject(text);
    if (!parsed) return Fault(parsed.error());
    const rapidjson::Value* list = jose::find(*parsed, "keys");
    if (list == nullptr || !list->IsArray()) return Fault("it has no array 'keys'");
    if (list->Size() > kKeysMax) return Fault("the set has more than 1000 keys");
    KeySet set;
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
        auto key = Key::fromJwk((*list)[i]);
        if (!key) {
            leftOut.push_back(nameOf((*list)[i], i) + " is left out: " + key.error());
        } else if (!set.add(std::move(*key))) {
            return Fault(nameOf((*list)[i], i) + " has the id and algorithm of another");
        }
    }
    if (set.keys_.empty()) return Fault("none of its keys can be used");
    return set;
}

bool KeySet::add(Key key) {
    const bool there = std::any_of(keys_.begin(), keys_.end(), [&](const Key& other) {
        return other.id() == key.id() && other.algorithm() == key.algorithm();
    });
    if (there || keys_.size() == kKeysMax) return false;
    keys_.push_back(std::move(key));
    return true;
}

tl::expected<const Key*, std::string> KeySet::find(Algorithm algorithm,
                                                   std::optional<std::string_view> id) const {
    const Key* found = nullptr;
    std::size_t fitting = 0;
    const Key* other = nullptr;
    for (const Key& key : keys_) {
        if (id && key.id() != *id) continue;
        if (key.algorithm() == algorithm) {
            found = &key;
            ++fitting;
        } else {
            other = &key;
        }
    }
    if (fitting == 1) return found;
    const std::string name(toText(algorithm));
    if (fitting > 1) return Fault("it names no key, and there are several for " + name);
    if (id && other != nullptr) {
        return Fault(nameOf(id) + " is for " + std::string(toText(other->algorithm())) + ", not " +
                     name);
    }
    return Fault(id ? nameOf(id) + " is not known" : "there is no key for " + name);
}

}  // namespace syncline::jose
