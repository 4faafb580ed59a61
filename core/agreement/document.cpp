#include "core/agreement/document.h"

#include <algorithm>
#include <deque>

namespace consortium::agreement {

namespace {

constexpr std::size_t remembered = 32;

template <typename T>
void remember(std::deque<T>& list, T item) {
    list.push_front(std::move(item));
    if (list.size() > remembered) list.pop_back();
}

struct Document {
    base::Digest digest;
    std::shared_ptr<model::Epoch const> epoch;
};

struct Hashed {
    std::weak_ptr<model::Epoch const> epoch;
    model::EpochReference reference;
};

}  // namespace

std::shared_ptr<model::Epoch const> load_document(port::Evidence const& evidence,
                                                  base::Digest const& digest) {
    thread_local std::deque<Document> last;
    if (!evidence.has_file(digest)) return nullptr;
    auto const known = std::find_if(last.begin(), last.end(),
                                    [&](Document const& document) { return document.digest == digest; });
    if (known != last.end()) return known->epoch;
    auto const text = evidence.file(digest);
    if (!text) return nullptr;
    auto epoch = std::make_shared<model::Epoch const>(model::epoch_from_document(*text));
    remember(last, {digest, epoch});
    return epoch;
}

model::EpochReference reference_of(std::shared_ptr<model::Epoch const> const& epoch) {
    thread_local std::deque<Hashed> last;
    auto const known = std::find_if(last.begin(), last.end(),
                                    [&](Hashed const& hashed) { return hashed.epoch.lock() == epoch; });
    if (known != last.end()) return known->reference;
    auto const reference = model::reference(*epoch);
    remember(last, {epoch, reference});
    return reference;
}

}  // namespace consortium::agreement
