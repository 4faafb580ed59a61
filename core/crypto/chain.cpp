#include "core/crypto/chain.h"

#include "core/crypto/chain_rules.h"
#include "core/crypto/crl.h"
#include "core/crypto/x509.h"

#include <fmt/format.h>

namespace consortium::crypto {

using base::Bytes;
using model::ChainAnswer;
using model::ChainQuestion;

namespace {

using CertificatesHandle =
    Handle<STACK_OF(X509), [](STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }>;
using CrlsHandle =
    Handle<STACK_OF(X509_CRL), [](STACK_OF(X509_CRL) * list) { sk_X509_CRL_pop_free(list, X509_CRL_free); }>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using ContextHandle = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

constexpr int max_depth = 8;
// At least 112 bits, for keys and for what they have signed: RSA of 2048, no MD5, no SHA-1.
constexpr int security_level = 2;

std::string short_name(X509_NAME const* name) {
    auto const text = name_text(name);
    auto const start = text.find("CN=");
    if (start == std::string::npos) return text.empty() ? "a certificate without a name" : "'" + text + "'";
    return "'" + text.substr(start + 3, text.find(", ", start) - start - 3) + "'";
}

bool same_key(X509* left, X509* right) {
    return encoded<X509_PUBKEY>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(left)) ==
           encoded<X509_PUBKEY>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(right));
}

bool issued_by(X509* certificate, X509* root) {
    return X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(root)) == 0;
}

// An intermediate that two roots have certified with one key and name is two certificates; OpenSSL follows
// the one that lasts longer and does not come back. Towards `root`, its own is the only one to offer.
bool has_better_twin(X509* candidate, X509* root, std::vector<CertificateHandle> const& all) {
    if (issued_by(candidate, root)) return false;
    for (auto const& other : all) {
        if (issued_by(other.get(), root) &&
            X509_NAME_cmp(X509_get_subject_name(other.get()), X509_get_subject_name(candidate)) == 0 &&
            same_key(other.get(), candidate)) {
            return true;
        }
    }
    return false;
}

CertificatesHandle intermediates_towards(X509* root, std::vector<CertificateHandle> const& all) {
    CertificatesHandle out(sk_X509_new_null());
    for (auto const& candidate : all) {
        if (has_better_twin(candidate.get(), root, all)) continue;
        X509_up_ref(candidate.get());
        sk_X509_push(out.get(), candidate.get());
    }
    return out;
}

/// The revocation lists that may be relied on, and of the others why not.
struct Lists {
    CrlsHandle fit{sk_X509_CRL_new_null()};
    std::vector<std::pair<CrlHandle, std::string>> unfit = {};

    /// Of a list that the issuer of `certificate` has made and that is not relied on; empty: there is none.
    std::string unfit_words(X509 const* certificate) const {
        for (auto const& [list, why] : unfit) {
            if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(certificate)) == 0)
                return why;
        }
        return {};
    }
};

Lists read_lists(std::vector<Bytes> const& all) {
    Lists out;
    for (auto const& der : all) {
        auto list = parse_crl(der);
        auto why = unfit(list.get());
        if (why.empty()) {
            sk_X509_CRL_push(out.fit.get(), list.release());
        } else {
            out.unfit.emplace_back(std::move(list), std::move(why));
        }
    }
    return out;
}

std::string revocation_words(X509* certificate, STACK_OF(X509_CRL) * crls) {
    for (int i = 0; i < sk_X509_CRL_num(crls); ++i) {
        auto* const crl = sk_X509_CRL_value(crls, i);
        X509_REVOKED* entry = nullptr;
        if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(certificate)) != 0 ||
            X509_CRL_get0_by_cert(crl, &entry, certificate) != 1) {
            continue;
        }
        Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> const code(
            static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
        auto const reason = code ? static_cast<int>(ASN1_ENUMERATED_get(code.get())) : 0;
        return fmt::format("was revoked on {} ({})",
                           instant_of(X509_REVOKED_get0_revocationDate(entry)).text(),
                           model::reason_word(reason));
    }
    return "was revoked";
}

std::string failure(X509_STORE_CTX* context, Lists const& lists, base::Instant now) {
    auto* const current = X509_STORE_CTX_get_current_cert(context);
    auto const who = current == nullptr ? "the certificate" : short_name(X509_get_subject_name(current));
    auto const issuer = current == nullptr ? "its issuer" : short_name(X509_get_issuer_name(current));
    int code = X509_STORE_CTX_get_error(context);
    // OpenSSL looks at revocation first; that a certificate is over, or not yet begun, is the better reason.
    if (current != nullptr && instant_of(X509_get0_notAfter(current)) < now) {
        code = X509_V_ERR_CERT_HAS_EXPIRED;
    } else if (current != nullptr && instant_of(X509_get0_notBefore(current)) > now) {
        code = X509_V_ERR_CERT_NOT_YET_VALID;
    }
    switch (code) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("{} expired on {}", who, instant_of(X509_get0_notAfter(current)).text());
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("{} is valid only from {}", who,
                               instant_of(X509_get0_notBefore(current)).text());
        case X509_V_ERR_CERT_REVOKED:
            return who + " " + revocation_words(current, lists.fit.get());
        case X509_V_ERR_UNABLE_TO_GET_CRL:
        case X509_V_ERR_DIFFERENT_CRL_SCOPE:  // there are lists, of other shards
            if (auto const why = lists.unfit_words(current); !why.empty()) {
                return fmt::format("the revocation list of {} {}, so whether {} is revoked is not known",
                                   issuer, why, who);
            }
            return fmt::format("no revocation list of {} is at hand, so whether {} is revoked is not known",
                               issuer, who);
        case X509_V_ERR_CRL_HAS_EXPIRED:
            return fmt::format(
                "the revocation list of {} is out of date, so whether {} is revoked is not known", issuer,
                who);
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return fmt::format("no path leads from {} to a trusted root: {} is not known", who, issuer);
        case X509_V_ERR_INVALID_PURPOSE:
            return fmt::format("{} is not certified for this use", who);
        default:
            break;
    }
    return fmt::format("{}: {}", who, X509_verify_cert_error_string(code));
}

ChainAnswer answer(X509_STORE_CTX* context, Lists const& lists, ChainQuestion const& question) {
    ChainAnswer out;
    out.holds = X509_verify_cert(context) == 1;
    auto* const chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        out.chain.push_back(name_text(X509_get_subject_name(sk_X509_value(chain, i))));
    }
    if (!out.holds) {
        out.depth = X509_STORE_CTX_get_error_depth(context);
        out.sentence = failure(context, lists, question.now);
        return out;
    }
    if (auto const broken = broken_rule(chain); !broken.sentence.empty()) {
        out.holds = false;
        out.depth = broken.depth;
        out.sentence = fmt::format(
            "{} {}", short_name(X509_get_subject_name(sk_X509_value(chain, broken.depth))), broken.sentence);
        return out;
    }
    auto const last = sk_X509_num(chain) - 1;
    out.sentence =
        fmt::format("{} is certified by {}", short_name(X509_get_subject_name(sk_X509_value(chain, 0))),
                    short_name(X509_get_subject_name(sk_X509_value(chain, last))));
    for (int i = last - 1; i > 0; --i) {
        out.sentence += fmt::format("{}{}", i == last - 1 ? " through " : ", ",
                                    short_name(X509_get_subject_name(sk_X509_value(chain, i))));
    }
    out.sentence += question.revocation == ChainQuestion::Revoked::checked
                        ? ", is in force and not revoked"
                        : ", is in force; whether it is revoked was not asked";
    return out;
}

int purpose_of(ChainQuestion::Purpose purpose) {
    switch (purpose) {
        case ChainQuestion::Purpose::tls_server:
            return X509_PURPOSE_SSL_SERVER;
        case ChainQuestion::Purpose::tls_client:
            return X509_PURPOSE_SSL_CLIENT;
        case ChainQuestion::Purpose::email:
            return X509_PURPOSE_SMIME_SIGN;
        case ChainQuestion::Purpose::any:
            break;
    }
    return X509_PURPOSE_ANY;
}

ChainAnswer verify_towards(X509* leaf, X509* root, STACK_OF(X509) * intermediates, Lists const& lists,
                           ChainQuestion const& question) {
    StoreHandle const store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), root);
    ContextHandle const context(X509_STORE_CTX_new());
    if (X509_STORE_CTX_init(context.get(), store.get(), leaf, intermediates) != 1) {
        throw base::Error(base::Code::internal, "cannot begin to verify a certificate");
    }
    X509_STORE_CTX_set0_crls(context.get(), lists.fit.get());
    auto* const parameters = X509_STORE_CTX_get0_param(context.get());
    unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK;
    if (question.revocation == ChainQuestion::Revoked::checked) {
        flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_EXTENDED_CRL_SUPPORT |
                 X509_V_FLAG_USE_DELTAS;
    }
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(question.now.seconds));
    X509_VERIFY_PARAM_set_depth(parameters, max_depth);
    X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
    // RFC 5280 6.1.1 (c): any policy will do, where an authority on the path demands one at all.
    X509_VERIFY_PARAM_add0_policy(parameters, OBJ_nid2obj(NID_any_policy));
    if (question.purpose != ChainQuestion::Purpose::any) {
        X509_VERIFY_PARAM_set_purpose(parameters, purpose_of(question.purpose));
    }
    return answer(context.get(), lists, question);
}

/// A path that holds still has to be to the one who is meant.
ChainAnswer with_names(ChainAnswer found, X509* leaf, ChainQuestion const& question) {
    auto const missing = missing_name(leaf, question.names);
    if (missing.empty()) return found;
    found.holds = false;
    found.depth = 0;
    found.sentence = fmt::format("{} is not for '{}'", short_name(X509_get_subject_name(leaf)), missing);
    return found;
}

}  // namespace

ChainAnswer verify_chain(ChainQuestion const& question) {
    auto const leaf = parse_certificate(question.certificate);
    std::vector<CertificateHandle> intermediates;
    intermediates.reserve(question.intermediates.size());
    for (auto const& der : question.intermediates) intermediates.push_back(parse_certificate(der));
    auto const lists = read_lists(question.crls);

    ChainAnswer best;
    best.sentence = "no root is trusted here";
    // A root at a time: OpenSSL takes the first path that it finds and never looks for a second one. The
    // failure worth telling is the one that came furthest.
    for (auto const& der : question.roots) {
        auto const root = parse_certificate(der);
        auto const towards = intermediates_towards(root.get(), intermediates);
        auto found = verify_towards(leaf.get(), root.get(), towards.get(), lists, question);
        if (found.holds) return with_names(std::move(found), leaf.get(), question);
        if (best.chain.empty() || found.sentence.find("no path") == std::string::npos)
            best = std::move(found);
    }
    return best;
}

}  // namespace consortium::crypto
