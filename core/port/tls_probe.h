#pragma once

#include "core/base/bytes.h"
#include "core/base/instant.h"

#include <cstdint>
#include <string>
#include <vector>

namespace consortium::port {

/// Where a server listens.
struct TlsPlace {
    std::string host;  // a name, or an address without brackets
    std::uint16_t port = 0;
};

/// What a server showed in its part of a handshake.
struct TlsShown {
    /// "" shown · "name" not resolved · "refused" · "unreachable" · "timeout" · "not-tls" · "alert": it ended
    /// the handshake · "closed": it hung up · "broken": what it sent makes no sense
    std::string failure;
    std::string words;               // of a failure, for people: printable, one line
    std::vector<base::Bytes> chain;  // DER, as presented: the server's own first
    std::string protocol, cipher;    // "TLSv1.3", "TLS_AES_256_GCM_SHA384"
    bool asks_client = false;        // it asked for a client's certificate
    /// Of whom it takes one, as it says when it asks: names (DER). None: it does not say. It is the one thing
    /// by which a server shows to strangers whom it trusts.
    std::vector<base::Bytes> authorities;
};

/// Looks at what servers present, as any stranger may: it trusts nothing, sends no application data and no
/// certificate of its own, and says goodbye.
class TlsProbe {
public:
    virtual ~TlsProbe() = default;
    /// All of them at once, each for as long as `deadline` at most; in their order. Never throws for what a
    /// server does.
    virtual std::vector<TlsShown> look(std::vector<TlsPlace> const& places, base::Duration deadline) = 0;
};

}  // namespace consortium::port
