#pragma once

#include "cli/session.h"

namespace consortium::cli {

/// Shows something that changes while a command runs. On a terminal that can, each showing is drawn over the
/// last; with jsonl one line of JSON each; else one line of words on standard error.
class LiveView {
public:
    explicit LiveView(Session& session);

    /// `outcome` as it stands now; `news` says in words what changed, and is empty at first.
    void show(model::Outcome const& outcome, std::vector<std::string> const& news);
    /// Something that does not keep the command from going on; each once.
    void warn(std::string const& message);
    /// What the command returns at the end: everything was shown already where lines were written.
    model::Outcome end(model::Outcome outcome);

    static void pause(base::Duration duration);

private:
    enum class Form { drawn, lines, words, silent };
    static Form form_for(Common const& common);

    Session& m_session;
    Form m_form;
    std::vector<std::string> m_warned;
};

}  // namespace consortium::cli
