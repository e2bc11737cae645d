// SPDX-License-Identifier: Apache-2.0
#include "right_storage.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace syncline::wrong {
namespace {

/// Numbers as digits and a blank, texts behind their length.
class Writer {
public:
    explicit Writer(std::ostream& to) : to_(to) {}
    void number(std::uint64_t value) { to_ << value << ' '; }
    void text(const std::string& text) {
        number(text.size());
        to_.write(text.data(), static_cast<std::streamsize>(text.size()));
    }
    template <class Items>
    void items(const Items& items) {
        number(items.size());
        for (const auto& [name, body] : items) {
            text(name);
            text(body);
        }
    }

private:
    std::ostream& to_;
};

class FileReader {
public:
    explicit FileReader(std::istream& from) : from_(from) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        from_ >> value;
        from_.get();
        return value;
    }
    std::string text() {
        const std::uint64_t size = number();
        std::string text(from_ ? std::min<std::uint64_t>(size, 64U << 20) : 0, '\0');
        from_.read(text.data(), static_cast<std::streamsize>(text.size()));
        return text;
    }
    template <class Items>
    void items(Items& items) {
        for (std::uint64_t left = number(); left > 0 && from_; --left) {
            std::string name = text();
            items[std::move(name)] = text();
        }
    }

private:
    std::istream& from_;
};

// Version 1 did not say whether a file is a backup.
constexpr std::uint64_t version = 2;

std::uint64_t sumOf(const std::string& text) {
    std::uint64_t sum = 1'469'598'103'934'665'603U;
    for (const char byte : text)
        sum = (sum ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211U;
    return sum;
}

}  // namespace

void RightStorage::configure(const Value& config) {
    path_ = config["path"].string();
    if (path_.empty()) throw ConfigError("/path", "the name of a file is needed");
}

RightStorage::~RightStorage() {
    if (lock_ >= 0) ::close(lock_);
}

void RightStorage::start() {
    if (std::filesystem::is_directory(path_)) throw std::runtime_error(path_ + " is a folder");
    if (locks()) lock();
    read(path_);
    loaded();
    if (isOlder_) bringForward();
    recover();
}

void RightStorage::lock() {
    const std::string file = path_ + ".lock";
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (lock_ < 0) throw std::runtime_error(file + ": cannot be written");
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        throw std::runtime_error(file + ": another process uses it");
    }
}

void RightStorage::bringForward() {
    keepOlder();
    changed();
}

/// A copy of the same name is of the same file: a process was killed behind it.
void RightStorage::keepOlder() const {
    std::ifstream file(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const std::string copy = path_ + ".version-1";
    put(copy + ".draft", text);
    std::filesystem::rename(copy + ".draft", copy);
}

void RightStorage::drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
}

void RightStorage::put(const std::string& path, const std::string& text) {
    std::ofstream stream(path, std::ios::binary);
    stream << text << std::flush;
    stream.close();
    if (!stream) throw std::runtime_error(path + ": cannot be written");
}

void RightStorage::store(const std::string& path, const std::string& text) const {
    const std::string draft = path + ".draft";
    put(draft, text);
    std::filesystem::rename(draft, path);
}

void RightStorage::save(const std::string& path, bool asBackup) const {
    std::ostringstream stream;
    Writer writer(stream);
    writer.number(asBackup ? 1 : 0);
    writer.number(channels_.size());
    for (const auto& [name, channel] : channels_) {
        writer.text(name);
        writer.number(channel.last);
        writer.number(channel.checkpoint ? 1 : 0);
        const KeptHead head = channel.checkpoint.value_or(KeptHead{});
        writer.text(head.epoch);
        writer.number(head.index);
        writer.number(head.seq);
        writer.text(head.head);
        writer.items(channel.records);
        writer.items(channel.streams);
        writer.number(channel.log.size());
        for (const KeptEntry& entry : channel.log) {
            writer.number(entry.index);
            writer.number(entry.seq);
            writer.number(static_cast<std::uint64_t>(entry.atMs));
            writer.text(entry.body);
        }
    }
    const std::string text = stream.str();
    std::ostringstream headed;
    Writer(headed).number(version);
    Writer(headed).number(sumOf(text));
    store(path, headed.str() + text);
}

void RightStorage::read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return;
    FileReader header(file);
    const std::uint64_t written = header.number();
    if (looksAtTheVersion() && written > version) {
        throw std::runtime_error(path + ": has version " + std::to_string(written) +
                                 ", this one knows version " + std::to_string(version));
    }
    const std::uint64_t sum = header.number();
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (verifies() && sumOf(text) != sum) throw std::runtime_error(path + ": is damaged");
    std::istringstream stream(text);
    FileReader reader(stream);
    isOlder_ = written < version;
    isBackup_ = !isOlder_ && reader.number() != 0;
    for (std::uint64_t left = reader.number(); left > 0 && stream; --left) {
        Channel& channel = channels_[reader.text()];
        channel.last = reader.number();
        const bool hasCheckpoint = reader.number() != 0;
        KeptHead head;
        head.epoch = reader.text();
        head.index = reader.number();
        head.seq = reader.number();
        head.head = reader.text();
        if (hasCheckpoint) channel.checkpoint = std::move(head);
        reader.items(channel.records);
        reader.items(channel.streams);
        for (std::uint64_t entries = reader.number(); entries > 0 && stream; --entries) {
            KeptEntry entry{};
            entry.index = reader.number();
            entry.seq = reader.number();
            entry.atMs = static_cast<std::int64_t>(reader.number());
            entry.body = reader.text();
            channel.log.push_back(std::move(entry));
        }
    }
}

/// What could not be written is not there either.
void RightStorage::changeOrLeave(const std::function<void()>& change) {
    const auto before = channels_;
    change();
    try {
        changed();
    } catch (...) {
        channels_ = before;
        throw;
    }
}

void RightStorage::requireOrder(const Append& append) {
    for (std::size_t at = 0; at < append.entryCount(); ++at) {
        if (append.entry(at).index != append.expectedIndex() + at + 1) {
            throw std::runtime_error("entries that do not follow each other");
        }
    }
}

void RightStorage::append(const Append& append) {
    if (append.entryCount() == 0) return;
    Channel& channel = channels_[std::string(append.channel())];
    for (std::size_t at = 0; at < append.entryCount(); ++at) {
        const Entry entry = append.entry(at);
        if (entry.index != append.expectedIndex() + at + 1) {
            throw std::runtime_error("entries that do not follow each other");
        }
        channel.last = entry.index;
        if (!keeps(entry)) continue;
        channel.log.push_back({entry.index, entry.seq, entry.atMs, std::string(entry.body)});
    }
}

void RightStorage::commit(Appends appends) {
    const std::lock_guard lock(mutex_);
    if (draining_) throw std::runtime_error("it is shutting down");
    if (checksBeforeItAppends()) {
        for (std::size_t i = 0; i < appends.size(); ++i) requireOrder(appends[i]);
    }
    changeOrLeave([&] {
        for (std::size_t i = 0; i < appends.size(); ++i) {
            const auto found = channels_.find(appends[i].channel());
            const std::uint64_t last = found == channels_.end() ? 0 : found->second.last;
            const bool fit = fits(last, appends[i].expectedIndex());
            if (fit) append(appends[i]);
            appends[i].setCommitted(fit);
        }
    });
}

void RightStorage::load(std::string_view name, const Reader& reader) {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end()) return;
    const Channel& channel = found->second;
    const auto& head = channel.checkpoint;
    if (head && !reader.checkpoint({name, head->epoch, head->index, head->seq, head->head})) return;
    for (const auto& [key, body] : channel.records) {
        if (!reader.record({key, body})) return;
    }
    for (const auto& [id, body] : channel.streams) {
        if (!reader.stream({id, body})) return;
    }
    std::deque<KeptEntry> behind = channel.log;
    while (head && !behind.empty() && behind.front().index <= head->index) behind.pop_front();
    pourLog(behind, reader);
}

void RightStorage::readLog(std::string_view name, std::uint64_t firstSeq, std::uint64_t lastSeq,
                           const Reader& reader) {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end()) return;
    std::deque<KeptEntry> inside;
    for (const KeptEntry& entry : found->second.log) {
        if (entry.seq != 0 && entry.seq >= firstSeq && entry.seq <= lastSeq) {
            inside.push_back(entry);
        }
    }
    pourLog(inside, reader);
}

void RightStorage::pourLog(const std::deque<KeptEntry>& entries, const Reader& reader) {
    for (const KeptEntry& entry : entries) {
        if (!reader.entry({entry.index, entry.seq, entry.atMs, entry.body})) return;
    }
}

void RightStorage::put(Items& items, const StoredItem& item) {
    if (item.body.empty()) {
        items.erase(std::string(item.name));
    } else {
        items[std::string(item.name)] = item.body;
    }
}

void RightStorage::checkpoint(const Checkpoint& checkpoint) {
    const std::lock_guard lock(mutex_);
    const auto known = channels_.find(checkpoint.channel());
    if (known != channels_.end() && known->second.checkpoint &&
        known->second.checkpoint->index > checkpoint.index()) {
        throw std::runtime_error("a newer checkpoint is stored");
    }
    changeOrLeave([&] { take(checkpoint); });
}

void RightStorage::take(const Checkpoint& checkpoint) {
    Channel& channel = channels_[std::string(checkpoint.channel())];
    beginCheckpoint(channel);
    channel.checkpoint = {std::string(checkpoint.epoch()), checkpoint.index(), checkpoint.seq(),
                          std::string(checkpoint.head())};
    for (std::size_t i = 0; i < checkpoint.recordCount(); ++i) {
        put(channel.records, checkpoint.record(i));
    }
    for (std::size_t i = 0; i < checkpoint.streamCount(); ++i) {
        put(channel.streams, checkpoint.stream(i));
    }
    if (checkpoint.index() > channel.last) {
        channel.log.clear();
        channel.last = checkpoint.index();
    }
}

std::uint64_t RightStorage::trimBelow(const Channel& channel, std::uint64_t asked) {
    return channel.checkpoint ? std::min(asked, channel.checkpoint->index + 1) : 0;
}

void RightStorage::trim(std::string_view name, std::uint64_t belowIndex) {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end()) return;
    changeOrLeave([&] {
        auto& log = found->second.log;
        const std::uint64_t below = trimBelow(found->second, belowIndex);
        while (!log.empty() && log.front().index < below) log.pop_front();
    });
}

void RightStorage::list(const Reader& reader) {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, channel] : channels_) {
        if (isListed(channel) && !reader.channel(name)) return;
    }
}

void RightStorage::forget(std::string_view name) {
    const auto found = channels_.find(name);
    if (found != channels_.end()) channels_.erase(found);
}

void RightStorage::drop(std::string_view name) {
    const std::lock_guard lock(mutex_);
    changeOrLeave([&] { forget(name); });
}

void RightStorage::backup(std::string_view path) {
    const std::lock_guard lock(mutex_);
    save(std::string(path), true);
}

bool RightStorage::wasClean() {
    const std::lock_guard lock(mutex_);
    return trusts(isBackup_);
}

}  // namespace syncline::wrong
