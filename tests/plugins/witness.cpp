// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <syncline/plugin.hpp>

namespace {

using namespace syncline;

constexpr std::array<const char*, 9> kTold = {"channel", "user", "by",   "key", "seq",
                                              "n",       "code", "mode", "kind"};

/// A filter that writes a line about each message, and refuses them if it is configured to.
class Witness final : public MessageHandler {
public:
    void configure(const Value& config) override { refuse_ = config["refuse"].boolean(false); }

    Outcome onMessage(const Message& message, Call& call) override {
        std::string line =
            "saw " + std::string(message.type()) + " by " + std::string(message.transport());
        for (const char* name : kTold) {
            const Value member = message[name];
            if (!member) continue;
            line += ' ';
            line += name;
            line += '=';
            line += member.isString() ? std::string(member.string())
                                      : std::to_string(static_cast<long long>(member.number()));
        }
        log().info(line);
        return refuse_ ? call.refuse(1212, "as configured") : Outcome::proceed;
    }

private:
    bool refuse_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("test.witness", "1.0.0", handler<Witness>("witness").filter())
