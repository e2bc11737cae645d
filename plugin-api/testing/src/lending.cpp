// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/lending.h"

#include <algorithm>
#include <utility>

namespace syncline::conformance {
namespace {

// Leads a sequence of two bytes in UTF-8 and never follows in one.
constexpr char kScrambled = '\xdb';

void scrambleAll(Json& value) {
    if (auto* text = value.as<std::string>()) return scramble(*text);
    if (auto* elements = value.as<Json::Array>()) {
        for (Json& element : *elements) scrambleAll(element);
    }
    if (auto* members = value.as<Json::Object>()) {
        for (auto& [name, member] : *members) {
            scramble(name);
            scrambleAll(member);
        }
    }
}

}  // namespace

void scramble(std::string& text) {
    std::fill(text.begin(), text.end(), kScrambled);
}

Loan::Loan(Ledger& ledger, Json value, std::string what)
    : ledger_(ledger), what_(std::move(what)), root_(std::move(value)) {}

const syncline_value* Loan::handle(const Json& part) {
    const std::lock_guard lock(mutex_);
    const Handle*& known = known_[&part];
    if (known == nullptr) known = &handles_.emplace_back(Handle{&part, this});
    return reinterpret_cast<const syncline_value*>(known);
}

void Loan::end() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    scrambleAll(root_);
}

bool Loan::mayRead() const {
    {
        const std::lock_guard lock(mutex_);
        if (!ended_) return true;
    }
    ledger_.blame("read " + what_ + " when it was not lent any more");
    return false;
}

void MockBuilder::changed() {
    if (std::exchange(current_, false)) results_.back().end();
}

void MockBuilder::clear() {
    changed();
    open_.clear();
    whole_.reset();
    failed_ = false;
}

void MockBuilder::add(Json value) {
    changed();
    if (open_.empty()) {
        if (whole_) return fail();
        whole_ = std::move(value);
        return;
    }
    Frame& frame = open_.back();
    if (auto* elements = frame.container.as<Json::Array>()) {
        elements->push_back(std::move(value));
    } else if (frame.key) {
        frame.container.as<Json::Object>()->emplace_back(std::move(*frame.key), std::move(value));
        frame.key.reset();
    } else {
        fail();
    }
}

void MockBuilder::addText(syncline_text text) {
    add(taken(ledger_, text, "a string in a builder"));
}

void MockBuilder::key(syncline_text name) {
    changed();
    const bool fits =
        !open_.empty() && open_.back().container.as<Json::Object>() != nullptr && !open_.back().key;
    if (!fits) return fail();
    open_.back().key = taken(ledger_, name, "a name in a builder");
}

void MockBuilder::begin(Json container) {
    changed();
    const bool keyMissing =
        !open_.empty() && open_.back().container.as<Json::Object>() != nullptr && !open_.back().key;
    if (keyMissing || (open_.empty() && whole_)) return fail();
    open_.push_back({std::move(container), std::nullopt});
}

void MockBuilder::end() {
    if (open_.empty() || open_.back().key) return fail();
    Json done = std::move(open_.back().container);
    open_.pop_back();
    add(std::move(done));
}

const Json* MockBuilder::built() const {
    return !failed_ && open_.empty() && whole_ ? &*whole_ : nullptr;
}

const syncline_value* MockBuilder::result() {
    if (built() == nullptr) return nullptr;
    if (!std::exchange(current_, true)) {
        results_.emplace_back(ledger_, *built(), "the result of a builder");
    }
    return results_.back().value();
}

void MockBuilder::destroy() {
    if (owner_ == Owner::host) return ledger_.blame("destroyed a builder of the host's");
    if (gone_) return ledger_.blame("destroyed a builder twice");
    changed();
    gone_ = true;
}

void MockBuilder::retire() {
    changed();
    gone_ = true;
}

bool MockBuilder::mayWrite() {
    if (gone_) ledger_.blame("used a builder that was gone");
    return !gone_;
}

Loan& Vault::lend(Json value, std::string what) {
    const std::lock_guard lock(mutex_);
    return loans_.emplace_back(ledger_, std::move(value), std::move(what));
}

MockBuilder& Vault::newBuilder(MockBuilder::Owner owner) {
    const std::lock_guard lock(mutex_);
    return builders_.emplace_back(ledger_, owner);
}

std::size_t Vault::leakedBuilders() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(builders_.begin(), builders_.end(),
                      [](const MockBuilder& builder) { return builder.isLeaked(); }));
}

LentText::~LentText() {
    scramble(text_);
}

std::string_view toView(syncline_text text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

syncline_text toText(std::string_view text) {
    return {text.data(), text.size()};
}

const Json* read(const syncline_value* value) {
    if (value == nullptr) return nullptr;
    const auto& handle = *reinterpret_cast<const Handle*>(value);
    return handle.loan->mayRead() ? handle.json : nullptr;
}

std::string taken(Ledger& ledger, syncline_text text, const char* what) {
    const std::string_view view = toView(text);
    if (!isUtf8(view)) {
        ledger.blame(std::string(what) + " is no UTF-8: a view that was kept too long?");
        return "(no UTF-8)";
    }
    return std::string(view);
}

}  // namespace syncline::conformance
