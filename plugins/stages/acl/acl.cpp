// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

#include "rule.h"
#include "touched.h"

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;
using syncline::acl::Action;
using syncline::acl::Request;
using syncline::acl::Rule;
using syncline::acl::touchedPaths;

constexpr std::uint32_t kForbidden = 1303;

/// Without a configuration that says otherwise.
constexpr std::int64_t kPathsMax = 256;

using Types = std::set<std::string, std::less<>>;

Types typesOf(const Value& names) {
    Types types;
    for (const Value name : names) types.emplace(name.string());
    return types;
}

/// Lets pass what the first matching rule allows. What a message's type does, and so what it needs,
/// stands in the configuration.
class Acl final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        for (const Value rule : config["rules"]) {
            rules_.emplace_back(rule, host());
            hasFields_ = hasFields_ || rules_.back().hasField();
        }
        pathsMax_ = static_cast<std::size_t>(config["paths_max"].integer(kPathsMax));
        allowsRest_ = config["default"].string() == "allow";
        read_ = typesOf(config["read"]);
        write_ = typesOf(config["write"]);
        send_ = typesOf(config["send"]);
        open_ = typesOf(config["open"]);
    }

    Outcome onMessage(const Message& message, Call& call) override {
        const std::string_view channel = message.channel();
        const std::string_view type = message.type();
        if (send_.find(type) != send_.end()) return judgeSending(message, call);
        if (channel.empty()) return Outcome::proceed;
        Request request = requestOf(message);
        request.channel = channel;
        const bool mayRead = allowed(request, Action::read);
        // A verdict says what the record is.
        if (!mayRead) call.conceal();
        if (open_.find(type) != open_.end()) return Outcome::proceed;
        const bool reads = read_.find(type) != read_.end();
        const bool writes = write_.find(type) != write_.end();
        // What a type does that no list names is not known: it needs both.
        if ((reads || !writes) && !mayRead) {
            return call.refuse(kForbidden, "reading this channel is not allowed");
        }
        if ((writes || !reads) && !mayWrite(request, message.body())) {
            return call.refuse(kForbidden, "writing here is not allowed");
        }
        return Outcome::proceed;
    }

private:
    static Request requestOf(const Message& message) {
        Request request;
        request.principal = message.principal();
        request.user = request.principal["user"].string();
        return request;
    }

    Outcome judgeSending(const Message& message, Call& call) const {
        Request request = requestOf(message);
        request.to = message["user"].string();
        if (allowed(request, Action::send)) return Outcome::proceed;
        return call.refuse(kForbidden, "sending to this user is not allowed");
    }

    /// A message that carries ops writes what each of them writes, beside what it says itself.
    bool mayWrite(Request& request, const Value& body) const {
        const Value ops = body["ops"];
        const bool isOp = body.contains("key") || body.contains("kind");
        if ((isOp || ops.empty()) && !mayApply(request, body)) return false;
        for (const Value op : ops) {
            if (!mayApply(request, op)) return false;
        }
        return true;
    }

    /// Every place that the op writes to has to be allowed.
    bool mayApply(Request& request, const Value& op) const {
        request.key.reset();
        request.path.reset();
        if (const Value key = op["key"]; key.isString()) request.key = key.string();
        if (!hasFields_ || !request.key) return allowed(request, Action::write);
        const std::vector<std::string> paths = touchedPaths(op, pathsMax_);
        if (paths.empty()) return allowed(request, Action::write);
        return std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
            request.path = path;
            return allowed(request, Action::write);
        });
    }

    bool allowed(Request& request, Action action) const {
        request.action = action;
        for (const Rule& rule : rules_) {
            if (rule.matches(request)) return rule.allows(action);
        }
        return allowsRest_;
    }

    std::vector<Rule> rules_;
    bool allowsRest_ = false;
    bool hasFields_ = false;
    std::size_t pathsMax_ = 0;
    Types read_;
    Types write_;
    Types send_;
    Types open_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.acl", "1.0.0",
                syncline::handler<Acl>("acl")
                    .filter()
                    .needs("draft.call/1.2")
                    .describes("Lets pass what the first matching rule allows."))
