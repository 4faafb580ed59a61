#include "core/base/file.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"
#include "tests/support/data_folder.h"
#include "tests/support/signer.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <map>

using namespace consortium;
using namespace consortium::journal;

namespace {

int run(std::string const& command) {
    return std::system((command + " >/dev/null 2>&1").c_str());
}

/// What this machine lacks to build the peer; empty if it lacks nothing.
std::string missing() {
    if (run("command -v go") != 0) return "package golang-go is not installed";
    if (!base::exists("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"))
        return "package golang-golang-x-mod-dev is not installed";
    return {};
}

/// The Go team's sumdb packages as a program, built once; empty where Go or the packages are missing. Each
/// case that asks in vain says that it was skipped.
std::string const& peer() {
    static base::TemporaryFolder const folder;
    static std::string const lack = missing();
    static std::string const program = [] {
        if (!lack.empty()) return std::string();
        auto const built = (folder.path() / "go-sumdb").string();
        auto const source =
            base::Path(consortium::test::data_folder()).parent_path() / "peers" / "go-sumdb" / "*.go";
        auto const command = "GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode go build -o " + built + " ";
        REQUIRE(run(command + source.string()) == 0);
        return built;
    }();
    if (!lack.empty()) MESSAGE("SKIPPED go-sumdb: " << lack);
    return program;
}

struct Log {
    std::string origin = "consortium/acme/0a1b2c3d";
    TestSigner signer{"log"};
    base::TemporaryFolder folder;
    std::map<std::pair<int, std::uint64_t>, std::vector<Digest>> tiles;
    Frontier frontier;

    static std::string entry(std::uint64_t index) {
        return R"({"payload":")" + std::to_string(index) + "\"}";
    }

    explicit Log(std::uint64_t size) {
        while (frontier.size() < size) append(0, frontier.size(), leaf_hash(entry(frontier.size())));
    }
    void append(int level, std::uint64_t index, Digest const& hash) {
        if (level == 0) frontier.append(hash);
        auto& tile = tiles[{level, index / tile_width}];
        tile.push_back(hash);
        if (tile.size() == tile_width) append(level + 1, index / tile_width, tile_root(tile));
    }
    std::string checkpoint() { return sign_checkpoint({origin, frontier.size(), frontier.root()}, signer); }
    std::string proof(std::uint64_t index) {
        auto const read = subtrees_of([&](int level, std::uint64_t number) {
            return tiles[{level, number}];
        });
        return Proof{entry(index), index, inclusion_proof(index, frontier.size(), read), checkpoint()}.text();
    }
    std::string vkey(TestSigner const& key) const {
        return NoteKey::from_spki(origin, NoteKeyType::log, key.public_key()).vkey();
    }
    bool accepted(std::string const& text) { return accepted_with(vkey(signer), text); }
    bool accepted_with(std::string const& key, std::string const& text) {
        base::write_file(folder.path() / "file", text);
        return run(peer() + " '" + key + "' " + (folder.path() / "file").string()) == 0;
    }
};

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("peer go-sumdb: accepts our checkpoints and inclusion proofs, at every shape of tree") {
    if (peer().empty()) return;
    for (std::uint64_t const size : {1, 2, 255, 256, 257, 700}) {
        Log log(size);
        CAPTURE(size);
        CHECK(log.accepted(log.checkpoint()));
        for (std::uint64_t const index : {std::uint64_t(0), size / 2, size - 1})
            CHECK(log.accepted(log.proof(index)));
    }
}

TEST_CASE("peer go-sumdb: refuses forged checkpoints and proofs") {
    if (peer().empty()) return;
    Log log(300);
    auto const checkpoint = log.checkpoint();
    auto const proof = log.proof(17);
    TestSigner stranger("stranger");
    CHECK_FALSE(log.accepted(replaced(checkpoint, "\n300\n", "\n301\n")));
    CHECK_FALSE(log.accepted_with(log.vkey(stranger), checkpoint));
    CHECK_FALSE(log.accepted(replaced(proof, "index 17", "index 18")));
    auto const other = base::to_base64(base::as_bytes(Log::entry(18)));
    auto const mine = base::to_base64(base::as_bytes(Log::entry(17)));
    CHECK_FALSE(log.accepted(replaced(proof, mine, other)));
    CHECK_FALSE(log.accepted(replaced(proof, "\n300\n", "\n299\n")));
}
