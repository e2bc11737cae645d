// SPDX-License-Identifier: Apache-2.0
#include "log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <utility>

namespace syncline::event_log {

namespace {

constexpr mode_t kMode = 0640;

std::string because(const std::string& what) {
    return what + ": " + std::strerror(errno);
}

/// The files that are open, by path: two stages that rotate the same one must know of each other.
struct OpenFiles {
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<LogFile>> byPath;
};

OpenFiles& openFiles() {
    static OpenFiles files;
    return files;
}

}  // namespace

std::shared_ptr<LogFile> LogFile::open(const std::string& path, const Rotation& rotation) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    OpenFiles& files = openFiles();
    const std::lock_guard lock(files.mutex);
    std::weak_ptr<LogFile>& known = files.byPath[std::filesystem::weakly_canonical(path).string()];
    std::shared_ptr<LogFile> file = known.lock();
    if (!file) known = file = std::make_shared<LogFile>(path);
    const std::lock_guard fileLock(file->mutex_);
    file->rotation_ = rotation;
    if (const std::string problem = file->file_ < 0 ? file->reopen() : ""; !problem.empty()) {
        throw std::runtime_error(problem);
    }
    return file;
}

LogFile::~LogFile() {
    if (file_ >= 0) ::close(file_);
}

LogFile::Appended LogFile::append(const std::deque<std::string>& lines) {
    const std::lock_guard lock(mutex_);
    Appended appended;
    if (file_ < 0) appended.problem = reopen();
    for (const std::string& line : lines) {
        const bool full = size_ > 0 && size_ + line.size() + 1 > rotation_.bytes;
        if (appended.problem.empty() && full) appended.problem = rotate();
        if (appended.problem.empty()) appended.problem = appendLine(line);
        if (!appended.problem.empty()) break;
        ++appended.lines;
    }
    return appended;
}

std::string LogFile::reopen() {
    file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
    if (file_ < 0) return because("opening " + path_);
    struct stat about = {};
    size_ = ::fstat(file_, &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
    return "";
}

std::string LogFile::appendLine(const std::string& line) {
    // What a full disk cut off stays a line of its own.
    std::string text = torn_ ? "\n" : "";
    text += line;
    text += '\n';
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(file_, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            torn_ = torn_ || done > 0;
            return because("writing to " + path_);
        }
        done += static_cast<std::size_t>(count);
        size_ += static_cast<std::uint64_t>(count);
    }
    torn_ = false;
    return "";
}

std::string LogFile::rotate() {
    for (std::uint32_t i = rotation_.filesMax - 1; i > 0; --i) {
        const std::string from = i == 1 ? path_ : path_ + "." + std::to_string(i - 1);
        const std::string to = path_ + "." + std::to_string(i);
        if (std::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
            return because("renaming " + from);
        }
    }
    if (rotation_.filesMax == 1 && ::unlink(path_.c_str()) != 0 && errno != ENOENT) {
        return because("removing " + path_);
    }
    ::close(std::exchange(file_, -1));
    torn_ = false;
    return reopen();
}

}  // namespace syncline::event_log
