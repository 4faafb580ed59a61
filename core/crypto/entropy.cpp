#include "core/crypto/entropy.h"

#include "core/base/error.h"

#include <cerrno>
#include <sys/random.h>

namespace consortium::crypto {

namespace {

class SystemEntropy : public port::Entropy {
public:
    void fill(std::span<std::uint8_t> out) override {
        while (!out.empty()) {
            ssize_t const count = getrandom(out.data(), out.size(), 0);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0)
                throw base::Error(base::Code::internal, "the operating system gave no random bytes");
            out = out.subspan(static_cast<std::size_t>(count));
        }
    }
};

}  // namespace

port::Entropy& system_entropy() {
    static SystemEntropy entropy;
    return entropy;
}

}  // namespace consortium::crypto
