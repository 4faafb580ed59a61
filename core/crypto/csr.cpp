#include "core/crypto/csr.h"

#include "core/base/text.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_constraints.h"
#include "core/model/authority_request.h"

#include <algorithm>
#include <openssl/pem.h>

namespace consortium::crypto {

using base::Code;
using base::Error;
using model::SigningRequest;

namespace {

using ExtensionsHandle = Handle<STACK_OF(X509_EXTENSION), [](STACK_OF(X509_EXTENSION) * list) {
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}>;

RequestHandle parse(base::BytesView input) {
    if (input.size() > max_request) throw Error(Code::malformed, "a signing request is at most 64 KiB");
    if (!input.empty() && input.front() == 0x30) {
        return decoded<RequestHandle>(d2i_X509_REQ, input, "a signing request");
    }
    auto const in = memory(input);
    RequestHandle request(PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr));
    if (!request) {
        throw Error(Code::malformed, "this is not a certificate signing request (PKCS#10)",
                    "make one with 'openssl req -new -key KEY -subj /CN=NAME'");
    }
    return request;
}

template <typename T, auto free_function>
Handle<T, free_function> value_of(X509_EXTENSION* extension) {
    Handle<T, free_function> value(static_cast<T*>(X509V3_EXT_d2i(extension)));
    if (!value) throw Error(Code::malformed, "an extension of this signing request cannot be read");
    return value;
}

void append(std::vector<std::string>& out, std::vector<std::string> const& words) {
    out.insert(out.end(), words.begin(), words.end());
}

void read_extension(X509_EXTENSION* extension, SigningRequest& request) {
    int const kind = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    std::vector<std::string> other;
    switch (kind) {
        case NID_subject_alt_name:
            request.names = read_names(value_of<GENERAL_NAMES, GENERAL_NAMES_free>(extension).get(), other);
            for (auto const& name : other) request.other.push_back("subjectAltName: " + name);
            return;
        case NID_key_usage:
            request.key_usage =
                read_key_usage(value_of<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(extension).get());
            return;
        case NID_ext_key_usage:
            request.extended_usage =
                read_extended_usage(value_of<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(extension).get());
            return;
        case NID_basic_constraints: {
            auto const constraints = value_of<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(extension);
            request.authority = constraints->ca != 0;
            append(request.other, model::to_words({read_path_length(constraints.get()), {}}));
            return;
        }
        case NID_name_constraints: {
            auto const constraints = value_of<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>(extension);
            append(request.other, model::to_words({std::nullopt, read_subtrees(constraints.get(), other)}));
            for (auto const& what : other) request.other.push_back("nameConstraints: " + what);
            return;
        }
        case NID_subject_key_identifier:
            return;  // the issuer computes its own
        default:
            break;
    }
    std::string text(80, '\0');
    int const size =
        OBJ_obj2txt(text.data(), static_cast<int>(text.size()), X509_EXTENSION_get_object(extension), 0);
    text.resize(static_cast<std::size_t>(std::clamp(size, 0, 79)));
    request.other.push_back(base::printable(text));
}

void read_subject(X509_NAME const* name, SigningRequest& request) {
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        auto const* entry = X509_NAME_get_entry(name, i);
        int const kind = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        unsigned char* text = nullptr;
        int const size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
        if (size < 0) throw Error(Code::malformed, "the subject of this signing request cannot be read");
        request.subject.emplace_back(kind == NID_undef ? "unknown" : OBJ_nid2sn(kind),
                                     std::string(text, text + size));
        OPENSSL_free(text);
    }
}

// Encoded as in a certificate, on one that is made for nothing else.
void add_extensions(X509_REQ* raw, SigningRequest const& request) {
    model::CertificateContent content;
    content.names = request.names;
    content.key_usage = request.key_usage;
    content.extended_usage = request.extended_usage;
    content.authority = request.authority;
    std::vector<std::string> rest;
    auto constraints = model::constraints_from_words(request.other, rest);
    content.path_length = constraints.path_length;
    content.permitted = std::move(constraints.permitted);
    check_encoded(rest.empty() && (content.authority || request.other.empty()), "such a request");
    CertificateHandle const carrier(X509_new());
    check_encoded(X509_set_subject_name(carrier.get(), X509_REQ_get_subject_name(raw)) == 1, "a subject");
    if (content.authority) add_constraints(carrier.get(), content);
    add_purposes(carrier.get(), content);
    check_encoded(X509_REQ_add_extensions(raw, X509_get0_extensions(carrier.get())) == 1,
                  "the extensions asked for");
}

}  // namespace

base::Bytes request_tbs(SigningRequest const& request) {
    bool const bare = request.names.empty() && request.extended_usage.empty();
    check_encoded(!request.key_usage.empty() && (bare || !request.authority), "such a request");
    RequestHandle const out(X509_REQ_new());
    check_encoded(X509_REQ_set_version(out.get(), X509_REQ_VERSION_1) == 1, "a version");
    check_encoded(X509_REQ_set_subject_name(out.get(), make_subject(request.subject).get()) == 1,
                  "a subject");
    set_public_key(X509_REQ_get_X509_PUBKEY(out.get()), request.public_key);
    add_extensions(out.get(), request);
    return encoded<X509_REQ>(
        [](X509_REQ const* r, unsigned char** end) {
            return i2d_re_X509_REQ_tbs(const_cast<X509_REQ*>(r), end);  // NOLINT: encodes, changes nothing
        },
        out.get());
}

SigningRequest read_request(base::BytesView input) {
    auto const parsed = parse(input);
    auto* const key = X509_REQ_get0_pubkey(parsed.get());
    if (key == nullptr) throw Error(Code::malformed, "the key of this signing request cannot be read");
    check_strength(key);
    if (X509_REQ_verify(parsed.get(), key) != 1) {
        throw Error(Code::verification_failed, "this signing request is not signed by the key that it names",
                    "ask its author for a new one");
    }
    SigningRequest request;
    request.public_key = encoded<X509_PUBKEY>(i2d_X509_PUBKEY, X509_REQ_get_X509_PUBKEY(parsed.get()));
    request.algorithm = key_algorithm(key);
    read_subject(X509_REQ_get_subject_name(parsed.get()), request);
    ExtensionsHandle const extensions(X509_REQ_get_extensions(parsed.get()));
    if (repeats_an_extension(extensions.get()))
        throw Error(Code::malformed, "this signing request asks for an extension twice");
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i) {
        read_extension(sk_X509_EXTENSION_value(extensions.get(), i), request);
    }
    return request;
}

}  // namespace consortium::crypto
