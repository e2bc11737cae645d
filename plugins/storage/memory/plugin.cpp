// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <utility>

#include "store.h"

namespace syncline::memory {
namespace {

constexpr std::size_t bytesMaxDefault = 256U << 20;

// The protocol's "storage unavailable".
constexpr std::uint32_t storageUnavailable = 1003;

/// `64KiB`: the host has checked the form, so that only the range can be wrong here.
std::size_t sizeOf(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::size_t>, 4> units = {
        {{"B", 1}, {"KiB", 1U << 10}, {"MiB", 1U << 20}, {"GiB", 1U << 30}}};
    constexpr std::size_t most = std::size_t{1} << 40;
    std::size_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& [name, factor] : units) {
        if (problem == std::errc() && suffix == name && number > 0 && number <= most / factor) {
            return number * factor;
        }
    }
    throw ConfigError("/bytes_max", "'" + std::string(text) + "' is outside of 1B to 1024GiB");
}

}  // namespace

/// Everything that it was told, until the process ends.
class MemoryStorage final : public StorageBackend {
public:
    void configure(const Value& config) override {
        bytesMax_ =
            config.contains("bytes_max") ? sizeOf(config["bytes_max"].string()) : bytesMaxDefault;
    }

    void start() override { store_.emplace(bytesMax_); }
    void drain() override { draining_ = true; }

    void commit(Appends appends) override {
        if (draining_) {
            throw Refusal(storageUnavailable, "the storage is shutting down").retryAfter(1'000);
        }
        store_->commit(appends);
    }
    void load(std::string_view channel, const Reader& reader) override {
        store_->load(channel, reader);
    }
    void readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                 const Reader& reader) override {
        store_->readLog(channel, firstSeq, lastSeq, reader);
    }
    void checkpoint(const Checkpoint& checkpoint) override { store_->checkpoint(checkpoint); }
    void trim(std::string_view channel, std::uint64_t belowIndex) override {
        store_->trim(channel, belowIndex);
    }
    void list(const Reader& reader) override { store_->list(reader); }
    void drop(std::string_view channel) override { store_->drop(channel); }

    /// It forgets with each process, so nothing of an earlier one can be trusted to be there.
    bool wasClean() override { return false; }

private:
    std::size_t bytesMax_ = bytesMaxDefault;
    std::optional<Store> store_;
    std::atomic<bool> draining_ = false;
};

}  // namespace syncline::memory

SYNCLINE_PLUGIN("dev.syncline.memory", "1.0.0",
                syncline::storageBackend<syncline::memory::MemoryStorage>("memory")
                    .blocking()
                    .describes("Keeps channels in memory alone, within a limit."))
