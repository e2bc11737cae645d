// SPDX-License-Identifier: Apache-2.0
#include "channel/replies.h"

#include "channel/member_text.h"

namespace syncline::channel {

namespace {

void appendExtra(std::string& out, const std::string& extra) {
    if (extra.empty()) return;
    out += ',';
    out += extra;
}

void appendAck(std::string& out, std::uint64_t n, const StoredVerdict& verdict, bool duplicate) {
    if (!verdict.key.empty()) appendMember(out, "key", verdict.key);
    appendMember(out, "n", n);
    if (verdict.seq != 0) {
        appendMember(out, "seq", verdict.seq);
        appendMember(out, "version", verdict.seq);
    }
    const std::string_view outcome = outcomeName(verdict.outcome);
    appendMember(out, "outcome", duplicate ? std::string_view("duplicate") : outcome);
    if (duplicate) appendMember(out, "original", outcome);
    appendExtra(out, verdict.extra);
}

void appendEffect(std::string& out, const Effect& effect, std::uint64_t seq) {
    appendMember(out, "key", effect.key);
    appendMember(out, "version", seq);
    appendMember(out, "kind", nameOf(effect.kind));
    appendExtra(out, effect.arguments);
    if (effect.kind == OpKind::remove) appendMember(out, "deleted", true);
}

void appendEffects(std::string& out, const Entry& entry) {
    appendName(out, "ops");
    char before = '[';
    for (const Effect& effect : entry.effects) {
        out += before;
        out += '{';
        appendEffect(out, effect, entry.seq);
        out += '}';
        before = ',';
    }
    out += ']';
}

}  // namespace

std::string verdictReply(std::string_view quotedChannel, std::uint64_t n,
                         const StoredVerdict& verdict, bool duplicate) {
    std::string out;
    out.reserve(160 + quotedChannel.size() + verdict.key.size() + verdict.extra.size());
    switch (verdict.outcome) {
        case Outcome::applied:
        case Outcome::merged:
        case Outcome::voided:
            openMessage(out, "ack", quotedChannel);
            appendAck(out, n, verdict, duplicate);
            break;
        case Outcome::conflict:
            openMessage(out, "conflict", quotedChannel);
            if (!verdict.key.empty()) appendMember(out, "key", verdict.key);
            appendMember(out, "n", n);
            appendExtra(out, verdict.extra);
            if (duplicate) appendMember(out, "duplicate", true);
            break;
        case Outcome::rejected:
            openMessage(out, "error", quotedChannel);
            appendMember(out, "n", n);
            appendExtra(out, verdict.extra);
            if (duplicate) appendMember(out, "duplicate", true);
            break;
    }
    out += ",\"settled\":true}";
    return out;
}

std::string unsettledReply(std::string_view quotedChannel, std::uint64_t n,
                           const core::Error& error) {
    std::string out;
    openMessage(out, "error", quotedChannel);
    if (n != 0) appendMember(out, "n", n);
    appendMember(out, "code", static_cast<unsigned>(error.code));
    appendMember(out, "reason", error.reason);
    appendMember(out, "retry", error.retry);
    if (error.retryAfterMs != 0) appendMember(out, "retryAfterMs", error.retryAfterMs);
    if (!error.detail.empty()) appendRawMember(out, "detail", error.detail);
    out += ",\"settled\":false}";
    return out;
}

std::string rejectionMembers(const core::Error& error) {
    std::string out;
    appendMember(out, "code", static_cast<unsigned>(error.code));
    appendMember(out, "reason", error.reason);
    appendMember(out, "retry", false);
    if (!error.detail.empty()) appendRawMember(out, "detail", error.detail);
    return out;
}

std::string updateText(std::string_view quotedChannel, const Entry& entry) {
    std::size_t size = 180 + quotedChannel.size() + entry.by.size() + entry.origin.size();
    for (const Effect& effect : entry.effects)
        size += 60 + effect.key.size() + effect.arguments.size();
    std::string out;
    out.reserve(size);
    openMessage(out, "update", quotedChannel);
    appendMember(out, "seq", entry.seq);
    appendSum(out, entry.sum);
    if (entry.isBatch)
        appendEffects(out, entry);
    else
        appendEffect(out, entry.effects.front(), entry.seq);
    appendMember(out, "user", entry.by);
    const bool isClients = !entry.keyed && !entry.stream.isNobody();
    if (isClients) appendMember(out, "origin", entry.origin);
    if (entry.n != 0 && isClients) appendMember(out, "n", entry.n);
    appendMember(out, "at", entry.atMs);
    out += '}';
    return out;
}

}  // namespace syncline::channel
