// Bounds what clang-tidy looks at to the declarations of this project: by itself it holds every check against all of
// the standard library, in every file, and throws away what it finds there.
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>

#include <vector>

namespace {

class OwnDeclarations : public clang::tidy::ClangTidyCheck {
public:
    using ClangTidyCheck::ClangTidyCheck;

    void registerMatchers(clang::ast_matchers::MatchFinder* finder) override {
        finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this);
    }

    /// The unit itself is matched before its declarations are asked for.
    void check(const clang::ast_matchers::MatchFinder::MatchResult& result) override {
        const auto& sources = *result.SourceManager;
        std::vector<clang::Decl*> own;
        for (auto* each : result.Context->getTranslationUnitDecl()->decls()) {
            const auto place = sources.getExpansionLoc(each->getLocation());
            if (place.isValid() && !sources.isInSystemHeader(place)) own.push_back(each);
        }
        result.Context->setTraversalScope(own);
    }
};

class Module : public clang::tidy::ClangTidyModule {
public:
    void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
        factories.registerCheck<OwnDeclarations>("consortium-own-declarations");
    }
};

const clang::tidy::ClangTidyModuleRegistry::Add<Module> registered("consortium", "what this project alone checks");

}  // namespace
