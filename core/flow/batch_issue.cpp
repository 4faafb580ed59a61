// The rows of a batch, chunk by chunk: keys are made and laid aside, then the serials and digests of the
// whole chunk are journaled and durable before the first of them is signed (PROTOCOL P11), then its
// certificates are written in one transaction (G20), while the next chunk is signed. Nothing slow is done
// under the lock, so that others issue meanwhile and a token that takes its time locks nobody out. Who was
// killed in between left serials that nothing was signed for, or for nobody to see, and keys for nothing:
// those chunks are made anew, with others.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/batch_output.h"
#include "core/flow/batch_record.h"
#include "core/flow/batch_rows.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_batch.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_leaf.h"
#include "core/flow/issuer_chain.h"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

/// A row that is about to be signed.
struct Prepared {
    Candidate candidate;
    model::CertificateContent content;
    base::Bytes tbs;
    base::Digest digest;
};

/// Of the keys that are made; empty where they are kept unencrypted, or none is made.
base::Secret passphrase_of(Json const& detail, Services& services) {
    if (detail.at("protection") == "none" || detail.at("new_keys") == 0) return {};
    auto const file = base::Path(detail.at("file").get<std::string>()).filename().string();
    return services.new_passphrase("the new keys of " + file);
}

class Issuing {
public:
    Issuing(Json const& detail, Services& services, Identity const& self)
        : m_detail(detail),
          m_services(services),
          m_self(self),
          m_name(detail.at("batch").get<std::string>()),
          m_chunk(detail.at("chunk").get<std::size_t>()),
          m_file(detail.at("file").get<std::string>()),
          m_issuer(authority(services.store, detail.at("issuer").get<std::string>())),
          m_begun(services.clock.now()),
          m_task{m_file, JsonValue(detail.at("defaults")), m_issuer, m_begun, {}},
          m_threads(batch_threads(services)),
          m_how(m_threads == 1 ? std::launch::deferred : std::launch::async | std::launch::deferred) {
        if (m_file.digest().hex() != detail.at("digest").get<std::string>() ||
            m_file.rows() != detail.at("rows").get<std::size_t>()) {
            throw Error(
                Code::conflict,
                fmt::format("'{}' is not what it was when this batch was decided", m_file.path().string()),
                "put the file back as it was, or end the batch with 'consortium operation abandon'",
                {{"file", m_file.path().string()}});
        }
        m_signer = services.keys.open(m_issuer.key);
        m_passphrase = passphrase_of(detail, services);
    }

    Json run() {
        BatchFolder folder(m_detail.at("folder").get<std::string>(), m_name);
        m_folder = &folder;
        BatchOutput output(m_file, folder, m_services.certifier, issuer_pem(), m_how);
        m_output = &output;
        restore();
        folder.drop_staged();
        m_services.progress.start("issuing certificates", m_file.rows());
        m_services.progress.advance(m_issued);
        try {
            issue();
        } catch (Error const& error) {
            m_services.progress.finish();
            folder.drop_staged();
            throw stopped(error);
        }
        m_services.progress.finish();
        return finished();
    }

private:
    static IssuedRow row_of(Candidate const& candidate) {
        return {candidate.detail->at("common_name").get<std::string>(), candidate.stem,
                candidate.key_type.empty() ? IssuedRow::Key::requested : IssuedRow::Key::made};
    }

    std::string issuer_pem() const {
        std::string out;
        for (auto const& each : issuer_chain(m_services.store, m_issuer))
            out += m_services.certifier.pem("CERTIFICATE", each);
        return out;
    }

    /// What was issued stays issued: it is done in part, and goes on once that is mended.
    Error stopped(Error const& error) const {
        if (m_issued == 0) return error;
        auto const code = error.code() == Code::storage ? error.code() : Code::partial;
        return Error(code, error.message(), error.hint(), error.details())
            .hinting("mend that, then run 'consortium operation resume'")
            .with("issued", fmt::format("{} of {}", m_issued, m_file.rows()));
    }

    /// What is on file already is put where it belongs, if that was not come to.
    void restore() {
        auto const chunks = chunks_on_file(m_services.store, m_name);
        for (; m_done < chunks; ++m_done) {
            auto certificates = chunk_certificates(m_services.store, m_name, m_done);
            std::vector<IssuedRow> rows;
            for (std::size_t i = 0; i < certificates.size(); ++i) {
                auto const row = m_file.row(m_issued++, *m_task.defaults);
                rows.push_back({row.arguments->at("operand").get<std::string>(), row.stem,
                                row.request.empty() ? IssuedRow::Key::made : IssuedRow::Key::requested});
            }
            m_output->put(std::move(rows), std::move(certificates));
        }
        m_output->wait();
        m_before = m_issued;
    }

    void issue() {
        std::optional<Error> failed;
        auto const attempt = [&](auto const& work) {
            try {
                work();
            } catch (Error const& error) {
                if (!failed) failed = error;
            }
        };
        attempt([&] { issue_rows(); });
        // What is announced and being signed is not given up for what comes behind it.
        attempt([&] {
            if (auto const last = std::exchange(m_signing, nullptr)) finish_chunk(*last);
        });
        attempt([&] { m_output->wait(); });
        if (failed) throw Error(*failed);
    }

    void issue_rows() {
        std::vector<Prepared> chunk;
        in_order<Prepared>(
            m_issued, m_file.rows(), m_threads,
            [this]() -> std::function<Prepared(std::size_t)> {
                return [this, judge = std::make_shared<RowJudge>(m_task, m_services, m_self)](
                           std::size_t row) { return prepared(row, *judge); };
            },
            [&](std::size_t row, Prepared&& one) {
                chunk.push_back(std::move(one));
                if (chunk.size() < m_chunk && row + 1 < m_file.rows()) return;
                begin_chunk(std::exchange(chunk, {}));
            });
    }

    /// On any thread. Nothing is judged by the plan alone: it may be long ago.
    Prepared prepared(std::size_t row, RowJudge const& judge) const {
        Prepared out;
        out.candidate = judge.judge(row);
        auto const& detail = *out.candidate.detail;
        auto& certifier = judge.certifier();
        if (out.candidate.key_type.empty()) {
            auto key = base::from_base64(detail.at("key").at("public_key").get<std::string>());
            out.content =
                leaf_content(detail, out.candidate.profile, m_issuer, std::move(key), m_begun, certifier);
        } else {
            auto key = m_services.keys.generate(out.candidate.key_type, m_passphrase);
            out.content = leaf_content(detail, out.candidate.profile, m_issuer, std::move(key.public_key),
                                       m_begun, certifier);
            m_folder->stage(out.content.serial, key.pem);
        }
        out.tbs = certifier.certificate_tbs(out.content, m_signer->algorithm());
        out.digest = base::sha256(out.tbs);
        return out;
    }

    /// A chunk that is announced and being signed.
    struct Signing {
        std::vector<Prepared> chunk;
        std::future<std::vector<Issued>> issued;  // last: it looks at the chunk until it has ended
    };

    void begin_chunk(std::vector<Prepared> chunk) {
        check_requests(chunk);
        m_folder->sync();
        m_services.progress.advance(m_issued);
        m_services.store.write([&](port::Transaction& transaction) {
            check_active();
            for (auto const& one : chunk)
                announce(one.content.serial, one.digest, m_issuer.name, m_services, transaction);
        });
        auto next = std::make_unique<Signing>();
        next->chunk = std::move(chunk);
        next->issued = std::async(m_how, [this, &all = next->chunk] { return signed_chunk(all); });
        // Unless this one is on file, nothing behind it may be.
        if (auto const before = std::exchange(m_signing, nullptr)) finish_chunk(*before);
        m_signing = std::move(next);
    }

    void finish_chunk(Signing& signing) {
        auto const& chunk = signing.chunk;
        auto const issued = signing.issued.get();
        m_services.progress.advance(m_issued);
        std::vector<model::Object> objects;
        m_services.store.write(
            [&](port::Transaction& transaction) { objects = append(chunk, issued, transaction); });
        std::vector<IssuedRow> rows;
        rows.reserve(chunk.size());
        for (auto const& one : chunk) rows.push_back(row_of(one.candidate));
        m_output->put(std::move(rows), std::move(objects));
        ++m_done;
        m_issued += chunk.size();
        m_services.progress.advance(m_issued);
    }

    /// The rows are those of the plan by the file's digest; the keys, which came in other files, by theirs.
    void check_requests(std::vector<Prepared> const& chunk) const {
        RequestDigest digest;
        for (auto const& one : chunk) digest.add(one.candidate);
        auto const number = m_done + (m_signing ? 1 : 0);
        if (digest.finish() == m_detail.at("requests").at(number).get<std::string>()) return;
        auto const first = m_file.place(m_issued + (m_signing ? m_signing->chunk.size() : 0)).line;
        throw Error(Code::conflict,
                    fmt::format("a request that '{}' names in lines {} to {} is not what it was when this "
                                "batch was decided",
                                m_file.path().string(), first, first + chunk.size() - 1),
                    "put the requests back as they were, or end the batch with 'consortium operation "
                    "abandon'");
    }

    void check_active() const {
        auto const now = authority(m_services.store, m_issuer.name);
        if (now.state == "active" && now.certificate() == m_issuer.certificate()) return;
        throw Error(Code::conflict, fmt::format("'{}' is not what it was", m_issuer.name),
                    "end the batch with 'consortium operation abandon', and begin another for what is left");
    }

    std::vector<Issued> signed_chunk(std::vector<Prepared> const& chunk) const {
        std::vector<Issued> out;
        std::mutex one_at_a_time;
        in_order<Issued>(
            0, chunk.size(), m_threads,
            [&]() -> std::function<Issued(std::size_t)> {
                return [&, certifier = std::shared_ptr(m_services.certifier.another())](std::size_t i) {
                    std::unique_lock lock(one_at_a_time, std::defer_lock);
                    if (!m_signer->is_shareable()) lock.lock();
                    auto der = sign_bytes(chunk[i].tbs, *m_signer, *certifier);
                    if (lock.owns_lock()) lock.unlock();
                    return accepted(std::move(der), chunk[i].content, chunk[i].digest, m_issuer.certificate(),
                                    *certifier);
                };
            },
            [&out](std::size_t, Issued&& issued) { out.push_back(std::move(issued)); });
        return out;
    }

    /// The certificates with how far the batch has come: what is resumed goes on behind them.
    std::vector<model::Object> append(std::vector<Prepared> const& chunk, std::vector<Issued> const& issued,
                                      port::Transaction& transaction) const {
        check_active();
        if (chunks_on_file(m_services.store, m_name) != m_done) {
            throw Error(Code::conflict, fmt::format("another process works on batch {}", m_name),
                        "wait for it");
        }
        std::vector<model::Object> objects(chunk.size());
        for (auto const i : by_serial(chunk)) {
            check_free(chunk[i]);
            objects[i] = append_leaf(*chunk[i].candidate.detail, issued[i], m_services, transaction);
        }
        std::vector<std::string> serials;
        serials.reserve(chunk.size());
        for (auto const& one : chunk) serials.push_back(one.content.serial);
        journal(transaction, m_services, "certificate.batch",
                {{"batch", m_name}, {"chunk", m_done}, {"certificates", chunk.size()}},
                {chunk_object(m_name, m_done, std::move(serials)),
                 batch_object(m_detail, {m_done + 1, m_issued + chunk.size()})});
        return objects;
    }

    /// Where millions are on file, each serial has a place of its own in the store: it goes through them
    /// once.
    static std::vector<std::size_t> by_serial(std::vector<Prepared> const& chunk) {
        std::vector<std::size_t> order(chunk.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::sort(order, {},
                          [&](std::size_t i) -> std::string const& { return chunk[i].content.serial; });
        return order;
    }

    /// What can have changed since the row was looked at.
    void check_free(Prepared const& one) const {
        if (m_services.store.object("certificate", one.content.serial)) {
            throw Error(Code::conflict, "a serial was drawn twice", "run 'consortium operation resume'");
        }
        auto const key = base::sha256(one.content.public_key).hex();
        if (!one.candidate.key_type.empty() || !is_compromised(m_services.store, key)) return;
        throw Error(Code::refused,
                    fmt::format("the key of '{}' was revoked as compromised meanwhile", one.candidate.stem),
                    "end the batch with 'consortium operation abandon', and begin another for what is left");
    }

    Json finished() const {
        auto const report = m_output->report();
        auto const seconds = (m_services.clock.now() - m_begun).seconds;
        auto const now = static_cast<std::int64_t>(m_issued - m_before);
        Json result{{"batch", m_name},
                    {"file", m_detail.at("file")},
                    {"issuer", m_issuer.name},
                    {"rows", m_file.rows()},
                    {"issued", m_issued},
                    {"resumed_at", m_before == 0 ? Json() : Json(m_before)},
                    {"chunks", m_done},
                    {"seconds", seconds},
                    {"rate", seconds > 0 ? Json(now / seconds) : Json()},
                    {"folder", m_detail.at("folder")},
                    {"report", report.string()}};
        m_services.store.write([&](port::Transaction& transaction) {
            journal(transaction, m_services, "certificate.batch",
                    {{"batch", m_name}, {"certificates", m_issued}},
                    {batch_object(m_detail, {m_done, m_issued, result})});
        });
        return result;
    }

    Json const& m_detail;
    Services& m_services;
    Identity const& m_self;
    std::string m_name;
    std::size_t m_chunk;
    BatchFile m_file;
    Authority m_issuer;
    base::Instant m_begun;  // of what is issued by this run
    BatchTask m_task;
    unsigned m_threads;
    std::launch m_how;  // what goes on beside other work
    std::shared_ptr<port::Signer> m_signer;
    base::Secret m_passphrase;
    BatchFolder const* m_folder = nullptr;
    BatchOutput* m_output = nullptr;
    std::unique_ptr<Signing> m_signing;
    std::size_t m_done = 0;    // chunks on file
    std::size_t m_issued = 0;  // rows of them
    std::size_t m_before = 0;  // of those, before this run
};

/// What cannot be asked for is to be known before anything begins; it is not asked for again.
JsonValue ask_first(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    if (batch_done(detail, services.store)) return {};
    services.keys.open(authority(services.store, detail.at("issuer").get<std::string>()).key);
    (void)passphrase_of(detail, services);
    return {};
}

JsonValue issue_batch(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    auto const name = detail.at("batch").get<std::string>();
    auto const done = batch_done(detail, services.store);
    auto result = done ? done->data->at("result") : Issuing(detail, services, self).run();
    BatchFolder::release(detail.at("folder").get<std::string>(), name);
    return JsonValue(std::move(result));
}

}  // namespace

Applier const certificate_batch_applier{.prepare = ask_first, .remote = issue_batch};

}  // namespace consortium::flow
