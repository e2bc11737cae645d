// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace syncline::loading {

/// Why a plugin is refused. Shown as P301 …; a number is never reused.
enum class PluginCode : std::uint16_t {
    newerMinor = 301,        ///< needs a newer minor of the ABI than this host has
    otherMajor = 302,        ///< was built for another major of the ABI
    unreadable = 303,        ///< missing, forbidden, a loop of links
    notAFile = 304,          ///< a directory, a pipe, a device
    empty = 305,             ///<
    tooLarge = 306,          ///< beyond fileBytesMax
    notElf = 307,            ///< text, an archive, another system's library
    truncated = 308,         ///< what its headers promise lies beyond its end
    otherClass = 309,        ///< 32-bit
    otherByteOrder = 310,    ///<
    otherMachine = 311,      ///<
    notASharedObject = 312,  ///< an object file, a core dump
    executable = 313,        ///< a program, position independent or not
    damaged = 314,           ///< headers that contradict each other
    sanitizerRuntime = 315,  ///< needs a sanitizer's runtime that this host was not built with
    noEntry = 316,           ///< does not export the entry symbol
    noManifest = 317,        ///<
    manifestNotJson = 318,   ///<
    badManifest = 319,       ///< a field is missing, wrong or unknown
    badSchema = 320,         ///< not JSON, or for a component that is not there
    notAllowed = 321,        ///< plugins.allow does not cover its id
    otherDigest = 322,       ///< another SHA-256 than the configured one
    duplicateId = 323,       ///<
    missingTable = 324,      ///< needs an extension table that this host does not offer
    changedOnDisk = 325,     ///< not the file any more that was checked
    notOpened = 326,         ///< the dynamic linker refused it
    badEntry = 327,          ///< what the entry symbol answers is null or incomplete
    manifestMismatch = 328,  ///< the library says something else than its manifest
    unreadableFolder = 329,  ///< a search folder that is there and cannot be listed
};

/// "P301".
std::string toString(PluginCode code);

/// A plugin that is not taken, and why. what() is the line for people:
/// `plugin libacme_echo.so: error[P301]: needs host ABI 1.4, this host has 1.2: …`.
class PluginError : public std::runtime_error {
public:
    PluginError(PluginCode code, std::filesystem::path path, const std::string& reason);

    PluginCode code() const noexcept { return code_; }
    const std::filesystem::path& path() const noexcept { return path_; }
    const std::string& reason() const noexcept { return reason_; }

private:
    PluginCode code_;
    std::filesystem::path path_;
    std::string reason_;
};

}  // namespace syncline::loading
