// SPDX-License-Identifier: Apache-2.0
#include "json/members.h"

#include <algorithm>
#include <utility>

namespace syncline::json {

std::optional<std::size_t> Members::fill(std::span<Value> namesAndValues) {
    const std::size_t count = namesAndValues.size() / 2;
    slots_.reserve(count);
    if (count > kLinearMax) index_ = std::make_unique<KeyIndex>(count);
    for (std::size_t i = 0; i < count; ++i) {
        Value& name = namesAndValues[2 * i];
        if (index_) {
            const std::uint32_t hash = KeyIndex::hash(name.asString());
            if (indexed(hash, name.asString()) != KeyIndex::kNone) return i;
            index_->insert(hash, static_cast<std::uint32_t>(i));
        } else {
            const bool isShort = name.isShortString();
            const Value::Words words = name.words();
            for (const Member& member : slots_) {
                const bool same = isShort ? member.key_.has(words) : member.key_.sameString(name);
                if (same) return i;
            }
        }
        slots_.emplace_back(std::move(name), std::move(namesAndValues[2 * i + 1]));
    }
    live_ = count;
    return std::nullopt;
}

Member* Members::find(std::string_view key) {
    const std::uint32_t position = positionOf(key);
    return position == KeyIndex::kNone ? nullptr : &slots_[position];
}

Value& Members::set(std::string_view key, Value value) {
    const std::uint32_t hash = index_ ? KeyIndex::hash(key) : 0;
    const std::uint32_t position = index_ ? indexed(hash, key) : positionAmongFew(key);
    if (position != KeyIndex::kNone) return slots_[position].value = std::move(value);

    slots_.emplace_back(Value(key), std::move(value));
    ++live_;
    if (index_) {
        index_->insert(hash, static_cast<std::uint32_t>(slots_.size() - 1));
    } else if (slots_.size() > kLinearMax) {
        buildIndex();
    }
    return slots_.back().value;
}

bool Members::erase(std::string_view key) {
    const std::uint32_t position = positionOf(key);
    if (position == KeyIndex::kNone) return false;
    --live_;
    if (!index_) {
        slots_.erase(slots_.begin() + position);
        return true;
    }
    index_->erase(KeyIndex::hash(key), position);
    slots_[position].key_ = Value();
    slots_[position].value = Value();
    if (live_ * 2 < slots_.size()) closeGaps();
    return true;
}

std::unique_ptr<Members> Members::clone() const {
    auto copy = std::make_unique<Members>();
    copy->slots_.reserve(live_);
    for (const Member& member : slots_) {
        if (member.isGap()) continue;
        copy->slots_.emplace_back(member.key_.clone(), member.value.clone());
    }
    copy->live_ = live_;
    if (live_ > kLinearMax) copy->buildIndex();
    return copy;
}

std::size_t Members::bytes() const {
    std::size_t total = sizeof(*this) + slots_.capacity() * sizeof(Member);
    if (index_) total += index_->bytes();
    for (const Member& member : slots_) total += member.key_.bytes();
    return total;
}

std::uint32_t Members::positionOf(std::string_view key) const {
    return index_ ? indexed(KeyIndex::hash(key), key) : positionAmongFew(key);
}

std::uint32_t Members::positionAmongFew(std::string_view key) const {
    const auto count = static_cast<std::uint32_t>(slots_.size());
    if (key.size() > Value::kSmallMax) {
        for (std::uint32_t i = 0; i < count; ++i)
            if (slots_[i].key() == key) return i;
        return KeyIndex::kNone;
    }
    const Value::Words words = Value::wordsOf(key);
    for (std::uint32_t i = 0; i < count; ++i)
        if (slots_[i].key_.has(words)) return i;
    return KeyIndex::kNone;
}

std::uint32_t Members::indexed(std::uint32_t hash, std::string_view key) const {
    return index_->find(hash,
                        [&](std::uint32_t position) { return slots_[position].key() == key; });
}

void Members::buildIndex() {
    index_ = std::make_unique<KeyIndex>(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        index_->insert(KeyIndex::hash(slots_[i].key()), static_cast<std::uint32_t>(i));
    }
}

void Members::closeGaps() {
    std::vector<Member> kept;
    kept.reserve(live_);
    for (Member& member : slots_) {
        if (!member.isGap()) kept.push_back(std::move(member));
    }
    slots_ = std::move(kept);
    index_.reset();
    // Half of the limit, so that a member more or less does not build and drop the index in turn.
    if (live_ > kLinearMax / 2) buildIndex();
}

}  // namespace syncline::json
