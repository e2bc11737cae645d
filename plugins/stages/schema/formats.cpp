// SPDX-License-Identifier: Apache-2.0
#include "formats.h"

namespace syncline::schema {

namespace {

/// Takes what it knows from the front of a text; false where that is something else.
class Front {
public:
    explicit Front(std::string_view text) : rest_(text) {}

    bool number(int digits, int least, int most, int& into) {
        into = 0;
        for (int i = 0; i < digits; ++i) {
            if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return false;
            into = into * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return into >= least && into <= most;
    }
    bool number(int digits, int least, int most) {
        int ignored = 0;
        return number(digits, least, most, ignored);
    }
    bool one(std::string_view of) {
        if (rest_.empty() || of.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool atEnd() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

constexpr const char* kDigits = "0123456789";

int daysOf(int month, int year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2) return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool takeDate(Front& front) {
    int year = 0;
    int month = 0;
    return front.number(4, 0, 9999, year) && front.one("-") && front.number(2, 1, 12, month) &&
           front.one("-") && front.number(2, 1, daysOf(month, year));
}

bool takeTime(Front& front) {
    const bool clock = front.number(2, 0, 23) && front.one(":") && front.number(2, 0, 59) &&
                       front.one(":") && front.number(2, 0, 60);
    if (!clock) return false;
    if (front.one(".")) {
        if (!front.one(kDigits)) return false;
        while (front.one(kDigits)) {
        }
    }
    if (front.one("Zz")) return true;
    return front.one("+-") && front.number(2, 0, 23) && front.one(":") && front.number(2, 0, 59);
}

}  // namespace

bool hasFormat(std::string_view text, std::string_view format) {
    Front front(text);
    if (format == "date") return takeDate(front) && front.atEnd();
    if (format == "time") return takeTime(front) && front.atEnd();
    if (format == "date-time") {
        return takeDate(front) && front.one("Tt") && takeTime(front) && front.atEnd();
    }
    return true;
}

}  // namespace syncline::schema
