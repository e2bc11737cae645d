// SPDX-License-Identifier: Apache-2.0
#include "loading/elf_file.h"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "unit/loading/plugin_copy.h"

namespace syncline::loading {
namespace {

namespace fs = std::filesystem;

/// One way to break a sound plugin, and the refusal that must follow.
struct Breakage {
    std::string name;
    std::function<void(PluginCopy&)> apply;
    PluginCode code;
    std::string part;
};

void PrintTo(const Breakage& breakage, std::ostream* out) {
    *out << breakage.name;
}

std::function<void(PluginCopy&)> header(const std::function<void(Elf64_Ehdr&)>& edit) {
    return [edit](PluginCopy& copy) { copy.change<Elf64_Ehdr>(0, edit); };
}

std::function<void(PluginCopy&)> firstSegment(Elf64_Word type,
                                              const std::function<void(Elf64_Phdr&)>& edit) {
    return [=](PluginCopy& copy) {
        const auto elf = copy.at<Elf64_Ehdr>(0);
        for (std::size_t i = 0; i < elf.e_phnum; ++i) {
            const std::size_t offset = elf.e_phoff + i * sizeof(Elf64_Phdr);
            if (copy.at<Elf64_Phdr>(offset).p_type != type) continue;
            copy.change<Elf64_Phdr>(offset, edit);
            return;
        }
        FAIL() << "no such segment";
    };
}

std::function<void(PluginCopy&)> firstSection(Elf64_Word type,
                                              const std::function<void(Elf64_Shdr&)>& edit) {
    return [=](PluginCopy& copy) {
        const auto elf = copy.at<Elf64_Ehdr>(0);
        for (std::size_t i = 0; i < elf.e_shnum; ++i) {
            const std::size_t offset = elf.e_shoff + i * sizeof(Elf64_Shdr);
            if (copy.at<Elf64_Shdr>(offset).sh_type != type) continue;
            copy.change<Elf64_Shdr>(offset, edit);
            return;
        }
        FAIL() << "no such section";
    };
}

std::function<void(PluginCopy&)> cutTo(std::size_t size) {
    return [size](PluginCopy& copy) { copy.bytes().resize(size); };
}

class BrokenFile : public ::testing::TestWithParam<Breakage> {};

TEST_P(BrokenFile, IsRefusedWithTheReason) {
    const TemporaryFolder folder;
    PluginCopy copy;
    GetParam().apply(copy);
    expectRefused(copy.writeTo(folder / "libbroken.so"), GetParam().code, GetParam().part);
}

INSTANTIATE_TEST_SUITE_P(
    Elf, BrokenFile,
    ::testing::Values(
        Breakage{"Empty", cutTo(0), PluginCode::empty, "empty"},
        Breakage{"Text", [](PluginCopy& c) { c.bytes() = "#!/bin/sh\necho plugin\n"; },
                 PluginCode::notElf, "not an ELF file"},
        Breakage{"MagicFlipped", [](PluginCopy& c) { c.put(1, "F"); }, PluginCode::notElf, "ELF"},
        Breakage{"MagicAlone", cutTo(4), PluginCode::truncated, "truncated"},
        Breakage{"HalfAHeader", cutTo(40), PluginCode::truncated, "header"},
        Breakage{"NoSegmentsLeft", cutTo(100), PluginCode::truncated, "segments"},
        Breakage{"HalfOfIt", [](PluginCopy& c) { c.bytes().resize(c.bytes().size() / 2); },
                 PluginCode::truncated, "truncated"},
        Breakage{"LastByteMissing", [](PluginCopy& c) { c.bytes().pop_back(); },
                 PluginCode::truncated, "table of sections"},
        Breakage{"Class32", [](PluginCopy& c) { c.put(EI_CLASS, "\x01"); }, PluginCode::otherClass,
                 "32-bit"},
        Breakage{"NoClass", [](PluginCopy& c) { c.put(EI_CLASS, "\x07"); }, PluginCode::otherClass,
                 "neither"},
        Breakage{"BigEndian", [](PluginCopy& c) { c.put(EI_DATA, "\x02"); },
                 PluginCode::otherByteOrder, "big-endian"},
        Breakage{"OtherMachine", header([](auto& h) { h.e_machine = EM_RISCV; }),
                 PluginCode::otherMachine, "RISC-V"},
        Breakage{"UnnamedMachine", header([](auto& h) { h.e_machine = 4711; }),
                 PluginCode::otherMachine, "machine number 4711"},
        Breakage{"ObjectFile", header([](auto& h) { h.e_type = ET_REL; }),
                 PluginCode::notASharedObject, "object file"},
        Breakage{"CoreDump", header([](auto& h) { h.e_type = ET_CORE; }),
                 PluginCode::notASharedObject, "not a shared library"},
        Breakage{"FixedProgram", header([](auto& h) { h.e_type = ET_EXEC; }),
                 PluginCode::executable, "program"},
        Breakage{"HasAnInterpreter",
                 firstSegment(PT_GNU_STACK, [](auto& p) { p.p_type = PT_INTERP; }),
                 PluginCode::executable, "program"},
        Breakage{"OtherElfVersion", header([](auto& h) { h.e_version = 9; }), PluginCode::damaged,
                 "version"},
        Breakage{"NoSegments", header([](auto& h) { h.e_phnum = 0; }), PluginCode::damaged,
                 "no segments"},
        Breakage{"SegmentsFarAway", header([](auto& h) { h.e_phoff = ~0ULL - 8; }),
                 PluginCode::truncated, "segments"},
        Breakage{"SegmentBeyondTheEnd",
                 firstSegment(PT_LOAD, [](auto& p) { p.p_filesz = 1U << 30U; }),
                 PluginCode::truncated, "segments"},
        Breakage{"SegmentOffsetWraps", firstSegment(PT_LOAD, [](auto& p) { p.p_offset = ~0ULL; }),
                 PluginCode::truncated, "segments"},
        Breakage{"SegmentLargerThanItsMemory",
                 firstSegment(PT_LOAD, [](auto& p) { p.p_memsz = 0; }), PluginCode::damaged,
                 "larger in the file"},
        Breakage{"NothingToLinkBy", firstSegment(PT_DYNAMIC, [](auto& p) { p.p_type = PT_NULL; }),
                 PluginCode::damaged, "nothing to link"},
        Breakage{"SectionsFarAway", header([](auto& h) { h.e_shoff = ~0ULL - 100; }),
                 PluginCode::truncated, "sections"},
        Breakage{"SectionNamesOutOfRange", header([](auto& h) { h.e_shstrndx = 0xffee; }),
                 PluginCode::damaged, "sections"},
        Breakage{"SectionBeyondTheEnd",
                 firstSection(SHT_PROGBITS, [](auto& s) { s.sh_size = 1U << 30U; }),
                 PluginCode::truncated, "sections"},
        Breakage{"SectionNameOutOfRange",
                 firstSection(SHT_PROGBITS, [](auto& s) { s.sh_name = ~0U; }), PluginCode::damaged,
                 "name"},
        Breakage{"SymbolsWithoutNames", firstSection(SHT_DYNSYM, [](auto& s) { s.sh_link = ~0U; }),
                 PluginCode::damaged, "symbols"},
        Breakage{"DynamicWithoutNames", firstSection(SHT_DYNAMIC, [](auto& s) { s.sh_link = ~0U; }),
                 PluginCode::damaged, "dynamic"},
        Breakage{"NoSections", header([](auto& h) { h.e_shoff = 0; }), PluginCode::noManifest,
                 "no manifest"},
        // A host of this compiler is never built with MemorySanitizer.
        Breakage{"SanitizerRuntime",
                 [](PluginCopy& c) { c.replace("libstdc++.so.6", "libmsan.so.0", '\0'); },
                 PluginCode::sanitizerRuntime, "-fsanitize=memory"}),
    [](const auto& each) { return each.param.name; });

TEST(ElfFile, TakesASoundPlugin) {
    const ElfFile file = ElfFile::read(testPlugin("test_well_behaved"));
    EXPECT_TRUE(file.exports("syncline_plugin_v1"));
    EXPECT_TRUE(file.section(".syncline.manifest"));
    EXPECT_TRUE(file.section(".syncline.schema.describe"));
    EXPECT_FALSE(file.section(".syncline.schema.other"));
    EXPECT_EQ(file.sha256().size(), 64U);
}

TEST(ElfFile, RefusesAPositionIndependentProgram) {
    const auto error = refusalOf([] { ElfFile::read("/proc/self/exe"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), PluginCode::executable);
}

TEST(ElfFile, RefusesAProgramThatHidesItsInterpreter) {
    // What is left to tell it from a library is the flag in its dynamic section.
    const TemporaryFolder folder;
    PluginCopy copy;
    std::ifstream self("/proc/self/exe", std::ios::binary);
    copy.bytes().assign(std::istreambuf_iterator<char>(self), {});
    firstSegment(PT_INTERP, [](auto& p) { p.p_type = PT_NULL; })(copy);
    const auto path = copy.writeTo(folder / "libprogram.so");
    const auto error = refusalOf([&] { ElfFile::read(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), PluginCode::executable);
}

TEST(ElfFile, RefusesWhatIsNoRegularFile) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "libfolder.so");
    expectRefused(folder / "libfolder.so", PluginCode::notAFile, "folder");
    ASSERT_EQ(::mkfifo((folder / "libpipe.so").c_str(), 0600), 0);
    expectRefused(folder / "libpipe.so", PluginCode::notAFile, "regular");
    expectRefused("/dev/null", PluginCode::notAFile, "regular");
}

TEST(ElfFile, RefusesWhatCannotBeRead) {
    const TemporaryFolder folder;
    expectRefused(folder / "libabsent.so", PluginCode::unreadable, "No such file");
    fs::create_symlink("libloop.so", folder / "libloop.so");
    expectRefused(folder / "libloop.so", PluginCode::unreadable, "symbolic links");
    fs::create_symlink("gone.so", folder / "libdangling.so");
    expectRefused(folder / "libdangling.so", PluginCode::unreadable, "No such file");
}

TEST(ElfFile, RefusesAFileThatItMayNotRead) {
    const TemporaryFolder folder;
    const auto path = PluginCopy().writeTo(folder / "libsecret.so");
    fs::permissions(path, fs::perms::none);
    // Root may read everything: for the moment, be nobody.
    const uid_t self = ::geteuid();
    ASSERT_EQ(::seteuid(self == 0 ? 65'534 : self), 0);
    expectRefused(path, PluginCode::unreadable, "Permission denied");
    ASSERT_EQ(::seteuid(self), 0);
}

TEST(ElfFile, RefusesAHugeFileWithoutReadingIt) {
    const TemporaryFolder folder;
    const auto path = PluginCopy().writeTo(folder / "libhuge.so");
    fs::resize_file(path, ElfFile::fileBytesMax + 1);  // sparse
    expectRefused(path, PluginCode::tooLarge, "536870912");
}

TEST(ElfFile, AnyByteMayBeFlippedWithoutHarm) {
    // Accepting is fine, a refusal is fine; what must not happen is a read out of bounds.
    const TemporaryFolder folder;
    const PluginCopy sound("plain_c_echo");
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        PluginCopy copy = sound;
        const std::size_t bytes = copy.bytes().size();
        // Headers stand at both ends of the file.
        const std::size_t reach = std::min<std::size_t>(bytes, 4096);
        for (int flips = 0; flips < 3; ++flips) {
            const std::size_t offset = random() % reach;
            copy.bytes()[round % 2 == 0 ? offset : bytes - 1 - offset] ^=
                static_cast<char>(1U << (random() % 8));
        }
        try {
            inspect(copy.writeTo(folder / "libflipped.so"), hostOffer());
        } catch (const PluginError& error) {
            EXPECT_FALSE(error.reason().empty());
        }
    }
}

TEST(ElfFile, KnowsTheSanitizersOfThisProgram) {
    bool address = false;
    bool thread = false;
#if defined(__SANITIZE_ADDRESS__)
    address = true;
#endif
#if defined(__SANITIZE_THREAD__)
    thread = true;
#endif
    const auto own = ElfFile::ownSanitizers();
    EXPECT_EQ(own.contains(Sanitizer::address), address);
    EXPECT_EQ(own.contains(Sanitizer::thread), thread);
    EXPECT_FALSE(own.contains(Sanitizer::memory));
}

}  // namespace
}  // namespace syncline::loading
