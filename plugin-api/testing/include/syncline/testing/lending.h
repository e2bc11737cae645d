// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syncline/testing/json.h"
#include "syncline/testing/ledger.h"

namespace syncline::conformance {

class Loan;

/// What a `syncline_value*` points to here.
struct Handle {
    const Json* json;
    Loan* loan;
};

/// A JSON value that is lent for a while. When the while is over its handles stay where they are,
/// so that using one is noticed, and its texts are overwritten, so that a kept view shows itself.
/// Owned by the vault; every function on any thread.
class Loan {
public:
    Loan(Ledger& ledger, Json value, std::string what);
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    const syncline_value* value() { return handle(root_); }
    /// The handle of a part of it.
    const syncline_value* handle(const Json& part);
    void end();
    /// Blames whoever reads when it is over; says whether reading is right.
    bool mayRead() const;

private:
    Ledger& ledger_;
    const std::string what_;
    mutable std::mutex mutex_;
    Json root_;
    std::deque<Handle> handles_;
    std::map<const Json*, const Handle*> known_;
    bool ended_ = false;
};

/// What a `syncline_builder*` points to here: JSON under construction, written by one thread at a
/// time. Owned by the vault, beyond its destruction by the plugin.
class MockBuilder {
public:
    enum class Owner { plugin, host };

    MockBuilder(Ledger& ledger, Owner owner) : ledger_(ledger), owner_(owner) {}
    MockBuilder(const MockBuilder&) = delete;
    MockBuilder& operator=(const MockBuilder&) = delete;

    void clear();
    void add(Json value);
    void addText(syncline_text text);
    void key(syncline_text name);
    void begin(Json container);
    void end();
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }
    /// What has been built, when it is whole.
    const Json* built() const;
    /// The same as a handle that is good until the next change.
    const syncline_value* result();

    /// By the plugin; a second time, or of one that the host lent, is misconduct.
    void destroy();
    /// It was lent for a call that is over.
    void retire();
    bool isLeaked() const { return owner_ == Owner::plugin && !gone_; }
    /// Blames whoever writes to one that is gone.
    bool mayWrite();
    syncline_builder* handle() { return reinterpret_cast<syncline_builder*>(this); }

private:
    struct Frame {
        Json container;
        std::optional<std::string> key;
    };
    void changed();

    Ledger& ledger_;
    const Owner owner_;
    std::vector<Frame> open_;
    std::optional<Json> whole_;
    std::deque<Loan> results_;
    bool current_ = false;  // the last of results_ shows what is built
    bool failed_ = false;
    bool gone_ = false;
};

/// All that was ever lent to one component. Owned by the mock host; every function on any thread.
class Vault {
public:
    explicit Vault(Ledger& ledger) : ledger_(ledger) {}

    Loan& lend(Json value, std::string what);
    MockBuilder& newBuilder(MockBuilder::Owner owner);
    /// Builders of the plugin's that it has not destroyed.
    std::size_t leakedBuilders() const;
    Ledger& ledger() { return ledger_; }

private:
    Ledger& ledger_;
    mutable std::mutex mutex_;
    std::deque<Loan> loans_;
    std::deque<MockBuilder> builders_;
};

/// A text that is lent for a while, and overwritten when the while is over.
class LentText {
public:
    explicit LentText(std::string text) : text_(std::move(text)) {}
    LentText(const LentText&) = delete;
    LentText& operator=(const LentText&) = delete;
    ~LentText();
    syncline_text view() const { return {text_.data(), text_.size()}; }

private:
    std::string text_;
};

/// Overwrites with bytes that are no UTF-8, without moving it.
void scramble(std::string& text);

std::string_view toView(syncline_text text);
syncline_text toText(std::string_view text);

/// What a handle shows; null for a null handle and for one that is not lent any more.
const Json* read(const syncline_value* value);

/// A text that a plugin hands over: UTF-8, or it is blamed for whatever it kept too long.
std::string taken(Ledger& ledger, syncline_text text, const char* what);

const syncline_value_table& valueTable();
const syncline_builder_table& builderTable();

}  // namespace syncline::conformance
