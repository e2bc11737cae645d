// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

#include "rule.h"

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;
using syncline::acl::Action;
using syncline::acl::Request;
using syncline::acl::Rule;

constexpr std::uint32_t kForbidden = 1303;

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
        for (const Value rule : config["rules"]) rules_.emplace_back(rule, host());
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
        if (channel.empty() || open_.find(type) != open_.end()) return Outcome::proceed;
        const bool reads = read_.find(type) != read_.end();
        const bool writes = write_.find(type) != write_.end();
        Request request = requestOf(message);
        request.channel = channel;
        if (const Value key = message["key"]; key.isString()) request.key = key.string();
        // What a type does that no list names is not known: it needs both.
        if ((reads || !writes) && !allowed(request, Action::read)) {
            return call.refuse(kForbidden, "reading this channel is not allowed");
        }
        if ((writes || !reads) && !allowed(request, Action::write)) {
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

    bool allowed(Request& request, Action action) const {
        request.action = action;
        for (const Rule& rule : rules_) {
            if (rule.matches(request)) return rule.allows(action);
        }
        return allowsRest_;
    }

    std::vector<Rule> rules_;
    bool allowsRest_ = false;
    Types read_;
    Types write_;
    Types send_;
    Types open_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.acl", "1.0.0",
                syncline::handler<Acl>("acl").filter().describes(
                    "Lets pass what the first matching rule allows."))
