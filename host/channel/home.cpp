// SPDX-License-Identifier: Apache-2.0
#include "channel/home.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "channel/glob.h"
#include "channel/names.h"
#include "core/ids.h"

namespace syncline::channel {

namespace {

constexpr std::int64_t kCacheMs = 2'000;
constexpr std::int64_t kTidyMsMin = 100;
constexpr std::int64_t kTidyMsMax = 60'000;
constexpr std::size_t kTidyCheckpointsMax = 64;

std::size_t shareOf(std::size_t total, std::size_t parts) {
    return std::max<std::size_t>(1, total / parts);
}

PresenceBoard::Limits presenceLimits(const DirectorySettings& settings) {
    return {settings.presenceMembersMax, settings.presenceStateBytesMax,
            shareOf(settings.presenceBytesMax, settings.shards.size()), settings.presenceGraceMs,
            settings.catchUpFrameBytesMax};
}

}  // namespace

Home::Home(const DirectorySettings& settings, std::size_t index, CommitQueues& queues,
           core::WorkerPool& pool, FrameMemory& frameMemory)
    : settings_(settings),
      index_(index),
      channelsMax_(shareOf(settings.channelsLoadedMax, settings.shards.size())),
      queues_(queues),
      pool_(pool),
      deliveries_(settings.shards, index, settings.signalQueueBytesMax),
      presence_(
          *settings.shards[index].shard, presenceLimits(settings),
          [this](const std::string& channel, broadcast::Signal signal) { tell(channel, signal); }),
      frameMemory_(frameMemory) {}

Home::~Home() {
    shard().timers().stop(cacheTimer_);
    shard().timers().stop(tidyTimer_);
}

void Home::take(Request&& request) {
    if (draining_ && std::holds_alternative<OpRequest>(request.what)) {
        deliveries_.refuse(std::move(request),
                           core::Error::of(core::Code::draining, "the server is shutting down"));
        soon();
        return;
    }
    if (std::holds_alternative<SignalRequest>(request.what)) return signal(std::move(request));
    if (std::holds_alternative<PresenceRequest>(request.what)) return presence(std::move(request));
    core::Result<HostedChannel*> channel = channelFor(request.channel);
    if (!channel) {
        deliveries_.refuse(std::move(request), channel.error());
        soon();
        return;
    }
    (*channel)->noteUse(++uses_, shard().nowMs());
    (*channel)->take(std::move(request));
}

// Neither of the two needs the channel in memory: what is not stored has no history.
void Home::signal(Request request) {
    auto& asked = std::get<SignalRequest>(request.what);
    const auto rule = ruleFor(request.channel);
    if (rule) tell(request.channel, asked.signal);
    core::Result<void> outcome;
    if (!rule) outcome = core::fail(rule.error());
    deliveries_.answer(request.from, std::move(asked.answer), std::move(outcome));
    soon();
}

void Home::presence(Request request) {
    auto& asked = std::get<PresenceRequest>(request.what);
    const bool byUser = asked.change.byUser;
    const bool silent = asked.change.silent;
    core::Result<void> outcome;
    if (const auto rule = ruleFor(request.channel); !rule)
        outcome = core::fail(rule.error());
    else if (!(*rule)->presence)
        outcome = core::fail(core::Code::notConfigured, "this channel keeps no presence");
    else
        outcome = presence_.change(request.channel, std::move(asked.change));
    if (!outcome)
        deliveries_.refuse(std::move(request), outcome.error());
    else if (asked.answer)
        deliveries_.answer(
            request.from, std::move(asked.answer),
            silent ? std::vector<std::string>() : presence_.members(request.channel, byUser));
    soon();
}

void Home::tell(const std::string& channel, const broadcast::Signal& signal) {
    soon();
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    const std::vector<std::uint32_t>& live = found->second->live();
    for (std::size_t shard = 0; shard < live.size(); ++shard)
        if (live[shard] != 0) deliveries_.publish(shard, channel, signal);
}

core::Result<const ChannelRule*> Home::ruleFor(const std::string& name) const {
    if (auto named = checkName("channel", name); !named) return core::fail(named.error());
    const auto rule = std::ranges::find_if(
        settings_.channels,
        [&name](const ChannelRule& candidate) { return globMatches(candidate.match, name); });
    if (rule == settings_.channels.end() || !queues_.contains(rule->storage))
        return core::fail(core::Code::noSuchChannel, "no channel rule matches this name");
    return &*rule;
}

core::Result<HostedChannel*> Home::channelFor(const std::string& name) {
    if (const auto found = channels_.find(name); found != channels_.end())
        return found->second.get();
    const core::Result<const ChannelRule*> rule = ruleFor(name);
    if (!rule) return core::fail(rule.error());
    CommitQueue& queue = *queues_.find((*rule)->storage)->second;
    if (channels_.size() >= channelsMax_) makeRoom();
    if (channels_.size() >= 2 * channelsMax_)
        return core::fail(core::Code::busy, "too many channels are in use");
    auto hosted = std::make_unique<HostedChannel>(*this, name, **rule, queue);
    HostedChannel* const channel = hosted.get();
    channels_.emplace(name, std::move(hosted));
    figures_.channels.add(1);
    tidySoon();
    return channel;
}

// Unloads the longest unused of those without subscribers, many at once, since finding them means
// looking at all. One that is behind its checkpoint writes it first and can go the next time.
void Home::makeRoom() {
    std::vector<HostedChannel*> idle;
    for (const auto& [name, channel] : channels_)
        if (!channel->busy() && !channel->hasSubscribers()) idle.push_back(channel.get());
    std::ranges::sort(idle, {}, &HostedChannel::lastUse);
    const std::size_t wanted = channels_.size() - channelsMax_ + channelsMax_ / 16 + 1;
    std::size_t gone = 0;
    std::size_t going = 0;
    for (HostedChannel* channel : idle) {
        if (gone == wanted || going == wanted) break;
        if (channel->isBehindCheckpoint()) {
            channel->startCheckpoint();
            ++going;
            continue;
        }
        unload(*channel);
        ++gone;
    }
}

void Home::unload(HostedChannel& channel) {
    std::erase(touched_, &channel);
    channels_.erase(channels_.find(channel.name()));
    figures_.channels.subtract(1);
}

void Home::tidySoon() {
    if (draining_ || std::exchange(tidyTimerRuns_, true)) return;
    const std::int64_t inMs = std::clamp(settings_.channelIdleMs / 8, kTidyMsMin, kTidyMsMax);
    tidyTimer_ = shard().timers().start(shard().nowMs(), inMs, [this] { tidy(); });
}

// Unloads who has been idle for long enough, and has the logs of the others cut where they are too
// old. Checkpoints cost the storage something: a few of them at a time.
void Home::tidy() {
    tidyTimerRuns_ = false;
    const std::int64_t wall = wallMs();
    std::vector<HostedChannel*> unused;
    std::size_t checkpoints = 0;
    for (const auto& [name, channel] : channels_) {
        if (channel->busy()) continue;
        const bool idle = !channel->hasSubscribers() &&
                          shard().nowMs() - channel->lastUseMs() >= settings_.channelIdleMs;
        if (idle && !channel->isBehindCheckpoint()) {
            unused.push_back(channel.get());
        } else if (checkpoints < kTidyCheckpointsMax && (idle || channel->isCheckpointDue(wall))) {
            channel->startCheckpoint();
            ++checkpoints;
        }
    }
    for (HostedChannel* channel : unused) unload(*channel);
    if (!channels_.empty()) tidySoon();
}

std::vector<ChannelDescription> Home::busiest(std::size_t max) const {
    const std::int64_t now = settings_.clock->steadyMs();
    std::vector<std::pair<double, const HostedChannel*>> order;
    order.reserve(channels_.size());
    for (const auto& [name, channel] : channels_)
        order.emplace_back(channel->opsPerMinute(now), channel.get());
    const std::size_t kept = std::min(order.size(), max);
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(kept),
                              std::ranges::greater(), &decltype(order)::value_type::first);
    std::vector<ChannelDescription> found;
    for (std::size_t i = 0; i < kept; ++i) found.push_back(order[i].second->describe(now));
    return found;
}

void Home::onCommits(const std::vector<CommitResult>& results) {
    for (const CommitResult& result : results)
        static_cast<HostedChannel*>(result.ticket)->onCommit(result);
    soon();
}

bool Home::background(core::Task task) {
    return pool_.submit([task = std::move(task)](bool run) mutable {
        if (run) task();
    });
}

void Home::touch(HostedChannel& channel) {
    touched_.push_back(&channel);
    soon();
}

void Home::soon() {
    if (hooked_) return;
    hooked_ = true;
    shard().atTickEnd([this] { endTick(); });
}

void Home::endTick() {
    hooked_ = false;
    std::map<CommitQueue*, std::vector<CommitJob>> jobs;
    for (HostedChannel* channel : std::exchange(touched_, {}))
        if (std::optional<CommitJob> job = channel->handOver())
            jobs[&channel->queue()].push_back(std::move(*job));
    for (auto& [queue, gathered] : jobs) queue->push(std::move(gathered));
    if (draining_) goOnDraining();
    deliveries_.flush();
}

bool Home::mayWait(std::size_t bytes) {
    if (waiting_ >= settings_.queueOpsMax || waitingBytes_ + bytes > settings_.queueBytesMax)
        return false;
    ++waiting_;
    waitingBytes_ += bytes;
    return true;
}

void Home::noteCache() {
    if (std::exchange(cacheTimerRuns_, true)) return;
    cacheTimer_ = shard().timers().start(shard().nowMs(), kCacheMs, [this] { dropCaches(); });
}

void Home::dropCaches() {
    cacheTimerRuns_ = false;
    for (const auto& [name, channel] : channels_) channel->dropCaches();
}

// Of two lives that differ, every channel's epochs do.
std::string Home::renewedEpoch(std::string_view channel) {
    if (!life_) {
        std::array<unsigned char, sizeof(std::uint64_t)> bytes{};
        settings_.random->fill(bytes.data(), bytes.size());
        life_ = std::bit_cast<std::uint64_t>(bytes);
    }
    return core::toHex16(core::stableHash(channel, *life_));
}

void Home::compact() {
    for (const auto& [name, channel] : channels_) channel->startCheckpoint();
}

void Home::drain(core::Task done) {
    draining_ = true;
    drained_ = std::move(done);
    soon();
}

// First everything that was taken is answered, then each channel writes its checkpoint.
void Home::goOnDraining() {
    if (!drained_) return;
    for (const auto& [name, channel] : channels_)
        if (channel->busy()) return;
    if (!std::exchange(checkpointsStarted_, true)) {
        for (const auto& [name, channel] : channels_) channel->startCheckpoint();
        soon();
        return;
    }
    deliveries_.flush();
    core::Task done = std::exchange(drained_, {});
    done();
}

}  // namespace syncline::channel
