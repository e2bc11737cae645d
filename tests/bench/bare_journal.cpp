// SPDX-License-Identifier: Apache-2.0
// The limit that the sqlite storage is measured against: a loop over SQLite's C API that appends
// the same bytes in the same groups with the same pragmas to the same kind of table, and does
// nothing else. A second thread writes the write-ahead log back, as the storage's own does.
//
//   syncline-bench-journal --folder DIR --bytes-per-op B --groups 1:10,200:40 [--seconds S]
//   syncline-bench-journal --folder DIR --bytes-per-op B --ops-per-second R [--seconds S]
//
// With groups, `OPS:COUNT` transactions of so many ops, mixed; with a rate, whatever is due is one
// transaction, and the latency of an op counts from when it was due.
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "observe/histogram.h"

namespace {

constexpr std::int64_t kLogBytesMax = 1LL << 20;

struct Options {
    std::string folder;
    std::size_t bytesPerOp = 200;
    std::vector<std::string> groups;
    double opsPerSecond = 0;
    double seconds = 4;
};

std::uint64_t nowNs() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

double threadCpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Database {
public:
    explicit Database(const std::string& path) {
        check(sqlite3_open(path.c_str(), &db_));
        run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL;"
            "PRAGMA cache_size=-64000;"
            "CREATE TABLE IF NOT EXISTS commits(id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
    }
    ~Database() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void append(const std::string& body) {
        if (insert_ == nullptr)
            check(sqlite3_prepare_v2(db_, "INSERT INTO commits(body) VALUES(?)", -1, &insert_,
                                     nullptr));
        run("BEGIN IMMEDIATE");
        check(sqlite3_bind_blob64(insert_, 1, body.data(), body.size(), SQLITE_STATIC));
        if (sqlite3_step(insert_) != SQLITE_DONE) check(sqlite3_errcode(db_));
        check(sqlite3_reset(insert_));
        run("COMMIT");
    }

    void writeBack() {
        sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    }

private:
    void run(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    void check(int code) {
        if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

/// Writes the log back whenever it has grown, until it goes.
class WriteBack {
public:
    explicit WriteBack(const std::string& path)
        : thread_([this, path] {
              Database db(path);
              while (!stopping_) {
                  struct stat file {};
                  if (::stat((path + "-wal").c_str(), &file) == 0 && file.st_size > kLogBytesMax)
                      db.writeBack();
                  std::this_thread::sleep_for(std::chrono::milliseconds(5));
              }
          }) {}
    ~WriteBack() {
        stopping_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

/// The sizes of transactions, mixed as a server's are.
std::vector<std::size_t> readGroups(const std::vector<std::string>& texts) {
    std::vector<std::size_t> sizes;
    for (const std::string& text : texts) {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) throw std::runtime_error(text + ": is not OPS:COUNT");
        sizes.insert(sizes.end(), std::stoul(text.substr(colon + 1)), std::stoul(text));
    }
    if (sizes.empty()) throw std::runtime_error("no groups");
    std::shuffle(sizes.begin(), sizes.end(), std::mt19937(1));
    return sizes;
}

struct Outcome {
    std::uint64_t ops = 0;
    std::uint64_t commits = 0;
    syncline::observe::Histogram latency;
};

void appendGroups(Database& db, const Options& options, std::uint64_t endNs, Outcome& outcome) {
    const std::vector<std::size_t> sizes = readGroups(options.groups);
    for (std::size_t i = 0; nowNs() < endNs; i = (i + 1) % sizes.size()) {
        const std::uint64_t startNs = nowNs();
        db.append(std::string(sizes[i] * options.bytesPerOp, 'x'));
        outcome.latency.record(nowNs() - startNs);
        outcome.ops += sizes[i];
        ++outcome.commits;
    }
}

void appendPaced(Database& db, const Options& options, std::uint64_t endNs, Outcome& outcome) {
    const double everyNs = 1e9 / options.opsPerSecond;
    const std::uint64_t startNs = nowNs();
    const auto dueNs = [&](std::uint64_t op) {
        return startNs + static_cast<std::uint64_t>(static_cast<double>(op) * everyNs);
    };
    while (nowNs() < endNs) {
        const auto due =
            static_cast<std::uint64_t>(static_cast<double>(nowNs() - startNs) / everyNs);
        if (due == outcome.ops) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            continue;
        }
        db.append(std::string((due - outcome.ops) * options.bytesPerOp, 'x'));
        const std::uint64_t now = nowNs();
        for (; outcome.ops < due; ++outcome.ops) outcome.latency.record(now - dueNs(outcome.ops));
        ++outcome.commits;
    }
}

void run(const Options& options) {
    const std::string path = options.folder + "/bare.db";
    Database db(path);
    const WriteBack writeBack(path);
    Outcome outcome;
    const double cpu = threadCpuSeconds();
    const std::uint64_t startNs = nowNs();
    const std::uint64_t endNs = startNs + static_cast<std::uint64_t>(options.seconds * 1e9);
    if (options.opsPerSecond > 0)
        appendPaced(db, options, endNs, outcome);
    else
        appendGroups(db, options, endNs, outcome);
    const auto ops = static_cast<double>(outcome.ops);
    std::printf(
        "{\"ops\":%.0f,\"perSecond\":%.0f,\"usPerOp\":%.3f,\"opsPerCommit\":%.1f,"
        "\"p50Ms\":%.2f,\"p99Ms\":%.2f,\"maxMs\":%.2f}\n",
        ops, ops / (static_cast<double>(nowNs() - startNs) / 1e9),
        (threadCpuSeconds() - cpu) / ops * 1e6, ops / static_cast<double>(outcome.commits),
        static_cast<double>(outcome.latency.quantile(0.5)) / 1e6,
        static_cast<double>(outcome.latency.quantile(0.99)) / 1e6,
        static_cast<double>(outcome.latency.maxNs()) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("What SQLite itself takes.", "syncline-bench-journal");
    Options options;
    app.add_option("--folder", options.folder)->required()->check(CLI::ExistingDirectory);
    app.add_option("--bytes-per-op", options.bytesPerOp);
    auto* groups = app.add_option("--groups", options.groups, "OPS:COUNT,…")->delimiter(',');
    app.add_option("--ops-per-second", options.opsPerSecond)->excludes(groups);
    app.add_option("--seconds", options.seconds);
    CLI11_PARSE(app, argc, argv);
    try {
        run(options);
    } catch (const std::exception& error) {
        std::cerr << "syncline-bench-journal: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
