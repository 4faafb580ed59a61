#include "core/crypto/crl.h"
#include "tests/crypto/certifier_bench.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace certifier_bench;

namespace {

std::vector<model::Revocation> revocations(int count) {
    std::vector<model::Revocation> out;
    for (int i = 0; i < count; ++i) {
        model::Revocation each{base::sha256(std::to_string(i)).hex().substr(0, 32),
                               now - base::Duration{i * 3'600}, i % 3 == 0 ? 4 : 0, std::nullopt};
        if (i % 5 == 0) each.compromised = each.at - day;
        out.push_back(std::move(each));
    }
    return out;
}

/// A list in pieces of ten entries, signed.
struct Parted {
    port::CrlForm::Frame frame;
    std::vector<Bytes> pieces;

    port::Pieces entries() const {
        return [this](auto const& each) {
            for (auto const& piece : pieces) each(piece);
        };
    }
    Bytes whole() const {
        Bytes out = frame.front;
        for (auto const& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
        out.insert(out.end(), frame.end.begin(), frame.end.end());
        return out;
    }
};

Parted parted(Bench& bench, Authority const& issuer, std::vector<model::Revocation> const& revoked) {
    auto const& form = bench.certifier->lists();
    auto const above = bench.certifier->describe(issuer.certificate);
    model::CrlContent const content{above.content.subject, above.content.subject_key_id, 7, now, now + day};
    Parted out;
    std::uint64_t listed = 0;
    for (std::size_t i = 0; i < revoked.size(); ++i) {
        if (i % 10 == 0) out.pieces.emplace_back();
        auto const before = out.pieces.back().size();
        form.append_entry(out.pieces.back(), revoked[i]);
        listed += out.pieces.back().size() - before;
    }
    auto const algorithm = issuer.signer->algorithm();
    auto const tbs = form.frame(content, listed, algorithm);
    auto const signature = issuer.signer->sign_pieces([&](auto const& each) {
        each(tbs.front);
        out.entries()(each);
        each(tbs.end);
    });
    out.frame = form.assemble(tbs, listed, algorithm, signature);
    return out;
}

}  // namespace

TEST_CASE("a list that is signed in pieces is one list to OpenSSL, whatever the key") {
    Bench bench;
    auto const revoked = revocations(35);
    for (char const* const algorithm : {"p256", "p384", "ed25519", "rsa3072"}) {
        CAPTURE(algorithm);
        auto const root = bench.root("Payments Root G1", algorithm);
        auto const list = parted(bench, root, revoked);
        auto const facts = bench.certifier->lists().accept(list.frame, list.entries(), 0, root.certificate);
        CHECK(facts.entries == 35);
        CHECK(facts.content.number == 7);
        auto const whole = list.whole();
        CHECK(facts.tbs == crypto::read_crl(whole).tbs);
        std::vector<model::Revocation> again;
        crypto::read_crl(whole, [&](model::Revocation const& each) { again.push_back(each); });
        CHECK(again == revoked);
        auto const parsed = crypto::parse_crl(whole);
        auto const issuer = crypto::parse_certificate(root.certificate);
        CHECK(X509_CRL_verify(parsed.get(), X509_get0_pubkey(issuer.get())) == 1);
        CHECK(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(parsed.get())) == 35);
    }
}

TEST_CASE("a list in pieces without entries has none of them") {
    Bench bench;
    auto const root = bench.root();
    auto const list = parted(bench, root, {});
    CHECK(bench.certifier->lists().accept(list.frame, list.entries(), 0, root.certificate).entries == 0);
    CHECK(X509_CRL_get_REVOKED(crypto::parse_crl(list.whole()).get()) == nullptr);
}

TEST_CASE(
    "pieces that are known are hashed and not read, so that a change in one is found by the signature") {
    Bench bench;
    auto const root = bench.root();
    auto list = parted(bench, root, revocations(35));
    auto const accept = [&](std::size_t known) {
        return bench.certifier->lists().accept(list.frame, list.entries(), known, root.certificate).entries;
    };
    CHECK(accept(0) == 35);
    CHECK(accept(2) == 15);
    CHECK(accept(4) == 0);
    for (std::size_t i = 0; i < list.pieces.size(); ++i) {
        auto const sound = list.pieces[i];
        list.pieces[i].back() ^= 1;
        CHECK(code_of([&] { accept(4); }) == base::Code::verification_failed);
        list.pieces[i] = sound;
    }
}

TEST_CASE("a list in pieces whose lengths do not meet is refused") {
    Bench bench;
    auto const root = bench.root();
    auto const sound = parted(bench, root, revocations(35));
    auto const refused = [&](Parted const& list) {
        return code_of(
            [&] { bench.certifier->lists().accept(list.frame, list.entries(), 0, root.certificate); });
    };
    auto missing = sound;
    missing.pieces.erase(missing.pieces.begin() + 1);
    CHECK(refused(missing) == base::Code::malformed);
    auto moved = sound;  // one octet of an entry on the other side of the cut
    moved.pieces[1].insert(moved.pieces[1].begin(), moved.pieces[0].back());
    moved.pieces[0].pop_back();
    CHECK(refused(moved) == base::Code::malformed);
    auto cut = sound;
    cut.frame.end.pop_back();
    CHECK(refused(cut) == base::Code::malformed);
    auto swapped = sound;
    std::swap(swapped.pieces[0], swapped.pieces[1]);
    CHECK(refused(swapped) == base::Code::verification_failed);
    auto early = sound;  // what stands before the entries ends within them
    early.frame.front.insert(early.frame.front.end(), early.pieces[0].begin(), early.pieces[0].end());
    early.pieces.erase(early.pieces.begin());
    CHECK(refused(early) == base::Code::malformed);
}
