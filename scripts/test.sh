#!/usr/bin/env bash
# Runs every check: formatting, lints, licences, the page's build, unit, whole-system and browser tests.
. "$(dirname "$0")/common.sh"

# Steps to skip while developing, e.g. EASY_CRM_SKIP="deny page".
skipped() { case " ${EASY_CRM_SKIP:-} " in *" $1 "*) say "skipped: $1"; return 0 ;; *) return 1 ;; esac; }
done_in() { say "ok: $STEP ($((SECONDS - STEP_BEGAN)) s)"; }

step "Installing what is missing"
rust_toolchain
page_tools
check_tools
done_in

step "Fetching dependencies"
cargo fetch --quiet --locked
done_in

step "Formatting"
cargo fmt --all --check
done_in

step "Scripts parse"
for script in scripts/*.sh scripts/lib/*.sh .ci/run; do bash -n "$script"; done
done_in

if ! skipped templates; then
    step "CloudFormation templates"
    ./scripts/validate-templates.sh --without-code
    done_in
fi

if ! skipped deny; then
    step "Licences, sources and bans of dependencies (cargo deny)"
    cargo deny --offline check --hide-inclusion-graph licenses bans sources
    # The advisory database is a separate repository; without it the other checks still run.
    if timeout 15 git ls-remote --quiet "$ADVISORIES" HEAD >/dev/null 2>&1; then
        step "Known vulnerabilities (cargo deny)"
        cargo deny check --hide-inclusion-graph advisories
    else
        say "not checked: known vulnerabilities ($ADVISORIES cannot be reached)"
    fi
    step "Unused dependencies (cargo machete)"
    cargo machete
    done_in
fi

if ! skipped page; then
    step "The page, as it is shipped"
    build_page
    check_page_size
    done_in
fi

step "Lints, native"
cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
done_in

step "Lints, WebAssembly"
cargo clippy -p easy-crm-frontend -p easy-crm-domain --lib --target wasm32-unknown-unknown --locked --quiet -- -D warnings
done_in

# Last, so that the runner's own summary is the last thing said.
step "Tests: unit, whole system, browser (everything else took $((SECONDS / 60)) min $((SECONDS % 60)) s)"
if have cargo-nextest; then
    cargo nextest run --workspace --locked --no-fail-fast
else
    cargo test --workspace --locked --no-fail-fast
fi
