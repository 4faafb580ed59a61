#include "core/crypto/timestamp.h"

#include "core/base/text.h"
#include "core/crypto/x509_handles.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using port::TimestampFacts;
using port::TimestampQuery;

namespace {

using TsRequest = Handle<TS_REQ, TS_REQ_free>;
using TsAnswer = Handle<TS_RESP, TS_RESP_free>;
using TsInfo = Handle<TS_TST_INFO, TS_TST_INFO_free>;
using TsImprint = Handle<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free>;
using TsContext = Handle<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;
using Pkcs7 = Handle<PKCS7, PKCS7_free>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using ObjectHandle = Handle<ASN1_OBJECT, ASN1_OBJECT_free>;
using IntegerHandle = Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
using AlgorithmHandle = Handle<X509_ALGOR, X509_ALGOR_free>;

constexpr std::size_t max_words = 300;

TsImprint imprint_of(base::Digest const& digest) {
    AlgorithmHandle const algorithm(need(AlgorithmHandle(X509_ALGOR_new()), "an algorithm"));
    X509_ALGOR_set_md(algorithm.get(), EVP_sha256());
    auto imprint = need(TsImprint(TS_MSG_IMPRINT_new()), "an imprint");
    need_one(TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()), "an imprint's algorithm");
    auto const bytes = digest.view();
    // The parameter lacks a const; the bytes are copied.
    need_one(TS_MSG_IMPRINT_set_msg(imprint.get(), const_cast<unsigned char*>(bytes.data()),
                                    static_cast<int>(bytes.size())),
             "an imprint's hash");
    return imprint;
}

void set_nonce(TS_REQ* request, Bytes const& nonce) {
    if (nonce.empty()) return;
    NumberPtr const number(BN_bin2bn(nonce.data(), static_cast<int>(nonce.size()), nullptr));
    IntegerHandle const integer(BN_to_ASN1_INTEGER(number.get(), nullptr));
    need_one(TS_REQ_set_nonce(request, integer.get()), "a nonce");
}

TsRequest request_of(TimestampQuery const& query) {
    auto request = need(TsRequest(TS_REQ_new()), "a timestamp request");
    need_one(TS_REQ_set_version(request.get(), 1), "a version");
    need_one(TS_REQ_set_msg_imprint(request.get(), imprint_of(query.imprint).get()), "an imprint");
    set_nonce(request.get(), query.nonce);
    if (!query.policy.empty()) {
        ObjectHandle const policy(OBJ_txt2obj(query.policy.c_str(), 1));
        ERR_clear_error();
        if (!policy)
            throw Error(Code::malformed,
                        "'" + base::printable(query.policy) + "' is no object identifier of a policy",
                        "write it as numbers, such as 1.2.3.4");
        need_one(TS_REQ_set_policy_id(request.get(), policy.get()), "a policy");
    }
    need_one(TS_REQ_set_cert_req(request.get(), 1), "a request for certificates");
    return request;
}

std::string text_of(ASN1_OBJECT const* object) {
    char buffer[128];
    int const size = OBJ_obj2txt(buffer, sizeof buffer, object, 1);
    return size > 0 && size < static_cast<int>(sizeof buffer) ? std::string(buffer) : std::string();
}

std::string text_of(ASN1_INTEGER const* integer) {
    NumberPtr const number(ASN1_INTEGER_to_BN(integer, nullptr));
    if (!number) return {};
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
    BN_bn2bin(number.get(), bytes.data());
    return base::to_hex(bytes);
}

/// At most so many bytes, no character of UTF-8 cut in two.
std::string cut(std::string words) {
    if (words.size() <= max_words) return words;
    auto end = max_words;
    while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xc0U) == 0x80U) --end;
    words.resize(end);
    return words;
}

/// What the authority says in its own words, for people: of one line, and not of any length.
std::string reason_in(TS_STATUS_INFO const* status) {
    std::string words;
    auto const* const texts = TS_STATUS_INFO_get0_text(status);
    for (int i = 0; i < sk_ASN1_UTF8STRING_num(texts) && words.size() < max_words; ++i) {
        auto const part = octets(sk_ASN1_UTF8STRING_value(texts, i));
        words += (words.empty() ? "" : "; ") + base::printable(base::as_text(part));
    }
    return cut(std::move(words));
}

Pkcs7 parse_token(BytesView token) {
    if (token.size() > port::Timestamps::max_token)
        throw Error(Code::malformed, "a timestamp token has at most 64 KiB");
    auto parsed = decoded<Pkcs7>(d2i_PKCS7, token, "a timestamp token");
    ERR_clear_error();
    if (PKCS7_type_is_signed(parsed.get()) == 0 || PKCS7_get_detached(parsed.get()) != 0)
        throw Error(Code::malformed, "this is not a timestamp token: it signs nothing");
    return parsed;
}

base::Digest imprint_in(TS_TST_INFO* info) {
    auto* const imprint = TS_TST_INFO_get_msg_imprint(info);
    ASN1_OBJECT const* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
    auto const hash = octets(TS_MSG_IMPRINT_get_msg(imprint));
    if (OBJ_obj2nid(algorithm) != NID_sha256 || hash.size() != 32)
        throw Error(Code::malformed, "the timestamp token is not about a SHA-256");
    return base::Digest::from_bytes(hash);
}

std::string signer_of(PKCS7* token) {
    Handle<STACK_OF(X509), [](STACK_OF(X509) * list) { sk_X509_free(list); }> const signers(
        PKCS7_get0_signers(token, nullptr, 0));
    ERR_clear_error();
    if (!signers || sk_X509_num(signers.get()) == 0) return {};
    return name_text(X509_get_subject_name(sk_X509_value(signers.get(), 0)));
}

TimestampFacts facts_of(PKCS7* token) {
    TsInfo const info(PKCS7_to_TS_TST_INFO(token));
    ERR_clear_error();
    if (!info) throw Error(Code::malformed, "this is not a timestamp token: it signs something else");
    TimestampFacts facts;
    facts.imprint = imprint_in(info.get());
    facts.time = instant_of(TS_TST_INFO_get_time(info.get()));
    facts.policy = text_of(TS_TST_INFO_get_policy_id(info.get()));
    facts.serial = text_of(TS_TST_INFO_get_serial(info.get()));
    facts.signer = signer_of(token);
    return facts;
}

/// Certificates that are trusted at this time; for timeStamping OpenSSL asks itself.
StoreHandle store_of(std::string_view pem, base::Instant time) {
    StoreHandle store(need(StoreHandle(X509_STORE_new()), "a store of certificates"));
    auto const in = memory(base::as_bytes(pem));
    int count = 0;
    while (CertificateHandle const certificate{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
        need_one(X509_STORE_add_cert(store.get(), certificate.get()), "a trusted certificate");
        ++count;
    }
    ERR_clear_error();
    if (count == 0)
        throw Error(Code::malformed, "the authorities for timestamps hold no certificate",
                    "name a file with their root certificates (PEM)");
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), static_cast<time_t>(time.seconds));
    return store;
}

class OpensslTimestamps : public port::Timestamps {
public:
    Bytes request(TimestampQuery const& query) const override {
        return encoded<TS_REQ>(i2d_TS_REQ, request_of(query).get());
    }

    Bytes token_in(BytesView answer) const override {
        constexpr std::size_t max_answer = max_token + 4096;
        if (answer.size() > max_answer)
            throw Error(Code::malformed, "the answer of the time-stamping authority is longer than 68 KiB");
        auto const parsed = decoded<TsAnswer>(d2i_TS_RESP, answer, "an answer of a time-stamping authority");
        ERR_clear_error();
        auto* const info = TS_RESP_get_status_info(parsed.get());
        auto const status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
        if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS) {
            auto const reason = reason_in(info);
            throw Error(Code::unavailable, "the time-stamping authority gives no timestamp (status " +
                                               std::to_string(status) + ")" +
                                               (reason.empty() ? "" : ": " + reason));
        }
        auto* const token = TS_RESP_get_token(parsed.get());
        if (token == nullptr) throw Error(Code::malformed, "the answer grants a timestamp and holds none");
        auto out = encoded<PKCS7>(i2d_PKCS7, token);
        static_cast<void>(facts_of(parse_token(out).get()));
        return out;
    }

    TimestampFacts read(BytesView token) const override { return facts_of(parse_token(token).get()); }

    TimestampFacts verify(BytesView token, TimestampQuery const& query,
                          std::string_view authorities) const override {
        auto const parsed = parse_token(token);
        auto facts = facts_of(parsed.get());
        auto store = store_of(authorities, facts.time);
        ERR_clear_error();
        TsContext const context(
            need(TsContext(TS_REQ_to_TS_VERIFY_CTX(request_of(query).get(), nullptr)), "a verification"));
        TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_SIGNATURE);
        TS_VERIFY_CTX_set_store(context.get(), store.release());  // owned by the context from now on
        if (TS_RESP_verify_token(context.get(), parsed.get()) != 1)
            throw Error(Code::verification_failed, "the timestamp does not hold: " + cut(last_reason()));
        ERR_clear_error();
        return facts;
    }
};

}  // namespace

port::Timestamps const& timestamps() {
    static OpensslTimestamps const instance;
    return instance;
}

}  // namespace consortium::crypto
