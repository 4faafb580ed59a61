#include "core/flow/bundle.h"

#include "tests/support/code_of.h"
#include "tests/support/organization.h"

using namespace consortium;

namespace {

struct Mailing : Founders {
    base::Path mail(model::Bundle const& bundle) {
        auto const path = m_folder.path() / "mail.bundle";
        base::write_file(path, model::to_text(bundle));
        return path;
    }
    model::Bundle of_globex() { return flow::make_bundle(globex.services(), globex.self, {0, "globex"}); }
    model::Outcome import_at_acme(model::Bundle const& bundle) {
        return flow::import_bundle(acme.services(), acme.self, mail(bundle));
    }

private:
    base::TemporaryFolder m_folder;
};

}  // namespace

TEST_CASE("a bundle brings acts and their files, once") {
    Mailing here;
    auto const said = here.globex.propose("one");
    auto const bundle = here.of_globex();
    CHECK(bundle.genesis == model::reference(here.genesis).hash);
    CHECK(bundle.files.size() == 1);  // the genesis that its founder signed
    auto const looked = flow::verify_bundle(here.acme.services(), here.mail(bundle));
    CHECK(looked.data->at("accepted").size() == 1);
    CHECK_FALSE(here.acme.store().has_act(said));
    auto outcome = here.import_at_acme(bundle);
    CHECK_FALSE(outcome.status);
    CHECK(here.acme.store().has_act(said));
    auto const size = here.acme.store().head().size;
    outcome = here.import_at_acme(bundle);
    CHECK(outcome.data->at("accepted").empty());
    CHECK(outcome.data->at("held") == bundle.acts.size());
    CHECK(here.acme.store().head().size == size);
}

TEST_CASE("a bundle's scope: since an index, of one member") {
    Mailing here;
    auto const size = here.globex.store().head().size;
    here.globex.propose("one");
    CHECK(flow::make_bundle(here.globex.services(), here.globex.self, {size, ""}).acts.size() == 1);
    CHECK(flow::make_bundle(here.globex.services(), here.globex.self, {size, "acme"}).acts.empty());
    CHECK(flow::make_bundle(here.globex.services(), here.globex.self, {}).acts.size() == 4);
}

TEST_CASE("a refused act is named with its line; the status is that of the first") {
    Mailing here;
    here.globex.propose("one");
    auto bundle = here.of_globex();
    bundle.acts.insert(bundle.acts.begin(), "nonsense");
    auto const head = here.acme.store().head().size;
    auto const looked = flow::verify_bundle(here.acme.services(), here.mail(bundle));
    CHECK(looked.status == base::Code::malformed);
    CHECK(here.acme.store().head().size == head);
    auto const outcome = here.import_at_acme(bundle);
    CHECK(outcome.status == base::Code::malformed);
    auto const& refused = outcome.data->at("refused").at(0);
    CHECK(refused.at("place") == 3);  // after the header and one file
    CHECK(refused.at("code") == "malformed");
    CHECK(outcome.data->at("accepted").size() == 1);
}

TEST_CASE("a bundle of another consortium is refused whole") {
    Mailing here;
    auto bundle = here.of_globex();
    bundle.genesis = base::sha256("another");
    auto const head = here.acme.store().head().size;
    CHECK(code_of([&] { here.import_at_acme(bundle); }) == base::Code::refused);
    CHECK(here.acme.store().head().size == head);
}

TEST_CASE("files that no act asks for are not kept") {
    Mailing here;
    auto bundle = here.of_globex();
    bundle.files.emplace_back("what nobody asked for");
    here.import_at_acme(bundle);
    CHECK_FALSE(here.acme.store().has_file(base::sha256("what nobody asked for")));
}
