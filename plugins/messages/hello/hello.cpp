// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>

namespace {

using syncline::Answer;
using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Refusal;
using syncline::Value;

constexpr int kProtocol = 1;
constexpr std::uint32_t kBadField = 1102;
constexpr std::uint32_t kTooLarge = 1203;

/// 128 bits in base64 without padding: anything shorter can be guessed.
constexpr std::size_t kClientMin = 22;
constexpr std::size_t kNameMax = 255;

constexpr std::uint32_t kVerified = 1;  // the tag of the one question that it asks

/// The rules of all names of the protocol: no control characters (C0, DEL, C1), no leading `$`.
bool isName(std::string_view name) {
    if (name.empty() || name.size() > kNameMax || name[0] == '$') return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        if (byte < 0x20 || byte == 0x7f) return false;
        // U+0080 to U+009F are C2 80 to C2 9F in UTF-8, which the host has checked.
        const bool c1 =
            byte == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0;
        if (c1) return false;
    }
    return true;
}

[[noreturn]] void refuse(const std::string& reason) {
    throw Refusal(kBadField, reason);
}

std::string_view clientOf(const Message& hello) {
    const Value client = hello["client"];
    const std::string_view id = client.string();
    if (id.size() < kClientMin || !isName(id)) {
        refuse("client: a random id of 22 to 255 bytes is needed");
    }
    return id;
}

void checkCursor(const Value& cursor) {
    const Value channel = cursor["channel"];
    if (!isName(channel.string())) refuse("resume: each entry needs the name of a channel");
    const Value epoch = cursor["epoch"];
    const Value seq = cursor["seq"];
    const Value sum = cursor["sum"];
    const bool fits = (!epoch.exists() || epoch.isString()) && (!sum.exists() || sum.isString()) &&
                      (!seq.exists() || (seq.isNumber() && seq.integer(-1) >= 0 &&
                                         static_cast<double>(seq.integer()) == seq.number()));
    if (!fits) refuse("resume: an entry is {channel, epoch, seq, sum}");
}

/// Opens a session: checks what the client says of itself, has its credentials verified, welcomes
/// it and resumes its channels.
class Hello final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        resumeMax_ = static_cast<std::size_t>(config["resume_max"].integer(1'000));
    }

    Outcome onMessage(const Message& hello, Call& call) override {
        const Value protocol = hello["protocol"];
        if (!protocol.isNumber() || protocol.number() != kProtocol) {
            refuse("protocol: this server speaks 1");
        }
        const std::string_view client = clientOf(hello);
        const Value token = hello["token"];
        if (token.exists() && !token.isString()) refuse("token: a string is needed");
        checkResume(hello["resume"]);
        return call.auth().verify(client, token.string(), kVerified);
    }

    Outcome onResult(const Answer& answer, const Message& hello, Call& call) override {
        if (!answer.ok) return call.refuse();
        call.reply("welcome", call.session().open(clientOf(hello), answer.value));
        const Value resume = hello["resume"];
        if (resume.size() > 0) call.session().resume(resume);
        return Outcome::stop;
    }

private:
    void checkResume(const Value& resume) const {
        if (!resume.exists()) return;
        if (!resume.isArray()) refuse("resume: an array is needed");
        if (resume.size() > resumeMax_) {
            throw Refusal(kTooLarge,
                          "resume: at most " + std::to_string(resumeMax_) + " channels at once");
        }
        for (const Value cursor : resume) checkCursor(cursor);
    }

    std::size_t resumeMax_ = 1'000;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.hello", "1.0.0",
                syncline::handler<Hello>("hello")
                    .opensSession()
                    .needs(SYNCLINE_AUTH_TABLE)
                    .needs(SYNCLINE_SESSION_TABLE)
                    .describes("Opens a session."))
