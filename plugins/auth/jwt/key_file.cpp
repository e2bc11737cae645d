// SPDX-License-Identifier: Apache-2.0
#include "key_file.h"

#include <jose/json.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace syncline::jwt {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

KeyFile::KeyFile(std::string path, std::int64_t reloadMs, std::optional<jose::Key> secret,
                 const Host& host)
    : path_(std::move(path)),
      reloadMs_(reloadMs),
      secret_(std::move(secret)),
      host_(host),
      failures_(host.metrics().counter("key_reload_failures", "Newer sets of keys that were bad.")),
      reloads_(host.metrics().counter("key_reloads", "Newer sets of keys that were taken.")) {}

void KeyFile::load() {
    std::string fault;
    std::string text;
    if (!path_.empty()) fault = read(text);
    auto set = fault.empty() ? setOf(text, fault) : nullptr;
    if (set == nullptr) throw std::runtime_error(path_ + ": " + fault);
    const std::lock_guard lock(mutex_);
    seen_ = std::move(text);
    keys_ = std::move(set);
    lookedMs_ = host_.clock().steadyMs();
}

std::shared_ptr<const jose::KeySet> KeyFile::keys() {
    look(reloadMs_);
    const std::lock_guard lock(mutex_);
    return keys_;
}

std::shared_ptr<const jose::KeySet> KeyFile::newerKeys() {
    if (!look(kPauseMs)) return nullptr;
    const std::lock_guard lock(mutex_);
    return keys_;
}

bool KeyFile::look(std::int64_t pauseMs) {
    if (path_.empty()) return false;
    std::string seen;
    {
        const std::lock_guard lock(mutex_);
        const std::int64_t nowMs = host_.clock().steadyMs();
        if (nowMs - lookedMs_ < pauseMs) return false;
        lookedMs_ = nowMs;
        seen = seen_;
    }
    // Nobody else waits for the disk: they go on with the keys that are there.
    std::string text;
    std::string fault = read(text);
    if (!fault.empty()) return keep(fault, std::move(seen));
    if (text == seen) return false;
    auto set = setOf(text, fault);
    if (set == nullptr) return keep(fault, std::move(text));
    const std::lock_guard lock(mutex_);
    seen_ = std::move(text);
    fault_.clear();
    keys_ = std::move(set);
    reloads_.add();
    host_.log().info(path_ + " has changed: " + std::to_string(keys_->keys().size()) +
                     " keys are taken");
    return true;
}

bool KeyFile::keep(const std::string& fault, std::string seen) {
    const std::lock_guard lock(mutex_);
    const bool said = fault == fault_ && seen == seen_;
    fault_ = fault;
    seen_ = std::move(seen);
    if (said) return false;
    failures_.add();
    host_.log().warn(path_ + " cannot be used, the keys stay as they were: " + fault);
    return false;
}

std::string KeyFile::read(std::string& into) const {
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path_.c_str(), "rbe"));
    if (!file) return std::string("it cannot be opened: ") + std::strerror(errno);
    into.resize(jose::KeySet::kBytesMax + 1);
    into.resize(std::fread(into.data(), 1, into.size(), file.get()));
    if (std::ferror(file.get()) != 0) return "it cannot be read";
    return into.size() > jose::KeySet::kBytesMax ? "it is larger than 1 MiB" : "";
}

std::shared_ptr<const jose::KeySet> KeyFile::setOf(const std::string& text,
                                                   std::string& fault) const {
    auto set = std::make_shared<jose::KeySet>();
    if (!path_.empty()) {
        std::vector<std::string> leftOut;
        auto parsed = jose::KeySet::parse(text, leftOut);
        for (const std::string& sentence : leftOut) host_.log().warn(path_ + ": " + sentence);
        if (!parsed) {
            fault = parsed.error();
            return nullptr;
        }
        *set = std::move(*parsed);
        for (const jose::Key& key : set->keys()) {
            if (key.algorithm() == jose::Algorithm::hs256 || !key.canSign()) continue;
            host_.log().warn(path_ + ": the key " + jose::forLog(key.id()) +
                             " is a private one; the public one is enough here");
        }
    }
    if (secret_ && !set->add(*secret_)) {
        fault = "a key in it has the id of the configured secret";
        return nullptr;
    }
    return set;
}

}  // namespace syncline::jwt
