// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <string_view>
#include <syncline/plugin.hpp>

namespace {

using namespace syncline;

class ThrowingAuth final : public AuthProvider {
public:
    AuthAnswer authenticate(const Credentials&, Builder&) override {
        throw std::runtime_error("auth thrown on purpose");
    }
};

class ThrowingStorage final : public StorageBackend {
public:
    void commit(Appends appends) override {
        if (appends.size() > 1) throw CommitUnknown("unknown on purpose");
        throw std::runtime_error("commit thrown on purpose");
    }
    void load(std::string_view, const Reader&) override { fail(); }
    void readLog(std::string_view, std::uint64_t, std::uint64_t, const Reader&) override { fail(); }
    void checkpoint(const Checkpoint&) override { fail(); }
    void trim(std::string_view, std::uint64_t) override { fail(); }
    void list(const Reader&) override { fail(); }
    void drop(std::string_view) override { fail(); }
    bool wasClean() override { throw std::runtime_error("wasClean thrown on purpose"); }

private:
    [[noreturn]] static void fail() { throw std::runtime_error("storage thrown on purpose"); }
};

class ThrowingConflict final : public ConflictStrategy {
public:
    void decide(const Conflict&, Verdicts&) override {
        throw std::runtime_error("decide thrown on purpose");
    }
};

/// Forgets to give a verdict.
class SilentConflict final : public ConflictStrategy {
public:
    void decide(const Conflict&, Verdicts&) override {}
};

class ThrowingBroker final : public Broker {
public:
    void announce(std::string_view, std::string_view, std::uint64_t, ShardState*) override {
        throw std::runtime_error("announce thrown on purpose");
    }
    void interest(std::string_view, bool, ShardState*) override {
        throw std::runtime_error("interest thrown on purpose");
    }
};

}  // namespace

SYNCLINE_PLUGIN("test.throwing_kinds", "1.0.0", authProvider<ThrowingAuth>("throwing_auth"),
                storageBackend<ThrowingStorage>("throwing_storage"),
                conflictStrategy<ThrowingConflict>("throwing_conflict"),
                conflictStrategy<SilentConflict>("silent_conflict"),
                broker<ThrowingBroker>("throwing_broker"))
