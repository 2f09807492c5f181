# Shared by the scripts: messages, pinned tool versions, and installing a tool when it is missing.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TRUNK_VERSION=0.21.14
BINARYEN_VERSION=132.0.0
CARGO_DENY_VERSION=0.20.2
CARGO_MACHETE_VERSION=0.9.2
CARGO_CYCLONEDX_VERSION=0.5.9
CARGO_FUZZ_VERSION=0.13.1
CFN_LINT_VERSION=1.58.0
CFN_GUARD_VERSION=3.2.0
CARGO_LAMBDA_VERSION=1.9.2
ZOPFLI_VERSION=0.4.3
AXE_VERSION=4.14.1
LIGHTHOUSE_VERSION=12.8.2
MOTO_VERSION=5.2.5
AWSCLI_VERSION=1.46.2
# Where cargo-deny gets its list of vulnerabilities.
ADVISORIES=https://github.com/RustSec/advisory-db
# The tool must have exactly the version that the page was compiled against.
WASM_BINDGEN_VERSION=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)

# Tools are installed outside the project, one folder per version, so that all checkouts share them.
TOOLS="${EASY_CRM_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/easy-crm/tools}"

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() { printf '\033[1;31merror:\033[0m %s\n' "$*" >&2; exit 1; }

# The name of the last step, so that a failure says what failed.
STEP=starting
step() { STEP="$*"; STEP_BEGAN=$SECONDS; say "$STEP"; }
trap 'code=$?; [ $code -eq 0 ] || printf "\033[1;31mfailed\033[0m (exit %s) at: %s\n" "$code" "$STEP" >&2' EXIT

have() { command -v "$1" >/dev/null 2>&1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

APT_UPDATED=
# Installs Debian packages (apt) or Homebrew formulas, whichever this machine has: system_packages "apt names" "brew
# names".
system_packages() {
    if have apt-get; then
        if [ -z "$APT_UPDATED" ]; then as_root apt-get update -qq; APT_UPDATED=1; fi
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
    elif have brew; then
        # shellcheck disable=SC2086
        [ -z "$2" ] || brew install --quiet $2
    else
        die "please install $1 (neither apt-get nor brew is available to do it)"
    fi
}

# Installs a Rust tool in a pinned version: cargo_tool <crate> <version> [--locked]. Uses cargo binstall if present.
cargo_tool() {
    local crate=$1 version=$2 root="$TOOLS/$1-$2"
    if [ ! -x "$root/.complete" ]; then
        say "installing $crate $version (a few minutes, once)"
        if have cargo-binstall; then
            cargo binstall --no-confirm --quiet --root "$root" "$crate@$version"
        else
            cargo install --quiet "$crate" --version "$version" --root "$root" "${@:3}"
        fi
        install -m 755 /dev/null "$root/.complete"
    fi
    PATH="$root/bin:$PATH"
}

# Installs an npm package in a pinned version: npm_tool <package> <version>. Its programs are added to the PATH.
npm_tool() {
    local root="$TOOLS/$1-$2"
    if [ ! -d "$root/node_modules/$1" ]; then
        say "installing $1 $2"
        npm install --silent --no-audit --no-fund --prefix "$root" "$1@$2" >/dev/null
    fi
    PATH="$root/node_modules/.bin:$PATH"
}

# Installs a Python tool in a pinned version: python_tool <package> <version> [extras]. It gets its own environment,
# which is not added to the PATH: call it as "$TOOLS/<package>-<version>/bin/…".
python_tool() {
    local package=$1 version=$2 extras=${3:-} root="$TOOLS/$1-$2"
    if [ ! -x "$root/.complete" ]; then
        say "installing $package $version"
        have python3 || system_packages "python3" "python3"
        if ! python3 -m venv "$root" >/dev/null 2>&1; then
            system_packages "python3-venv" ""
            python3 -m venv "$root"
        fi
        "$root/bin/pip" install --quiet --disable-pip-version-check "$package$extras==$version"
        install -m 755 /dev/null "$root/.complete"
    fi
}

# Installs the Rust toolchain named in rust-toolchain.toml, with its components and targets.
rust_toolchain() {
    have rustup || die "rustup is missing. Install it from https://rustup.rs and run this again."
    local channel
    channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    if ! rustup toolchain list | grep -q "^$channel-"; then
        say "installing Rust $channel"
        rustup toolchain install "$channel" --profile minimal
    fi
    rustup target list --toolchain "$channel" --installed | grep -qx wasm32-unknown-unknown ||
        rustup target add --toolchain "$channel" wasm32-unknown-unknown
    local component
    for component in clippy rustfmt; do
        rustup component list --toolchain "$channel" --installed | grep -q "^$component" ||
            rustup component add --toolchain "$channel" "$component"
    done
    have cc || system_packages "build-essential" ""
    have cc || die "a C compiler is missing (on macOS: xcode-select --install)"
}

# Installs what building the page needs.
page_tools() {
    cargo_tool trunk "$TRUNK_VERSION" --locked
    # Not --locked: its lock file names a version that was yanked.
    cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION"
    have npm || system_packages "nodejs npm" "node"
    npm_tool binaryen "$BINARYEN_VERSION"
}

# Installs what the checks need in addition.
check_tools() {
    cargo_tool cargo-deny "$CARGO_DENY_VERSION" --locked
    cargo_tool cargo-machete "$CARGO_MACHETE_VERSION" --locked
    have chromium || have google-chrome || [ -d "/Applications/Google Chrome.app" ] ||
        system_packages "chromium fonts-noto-cjk" "--cask google-chrome"
    have chromedriver || system_packages "chromium-driver" "chromedriver"
    npm_tool axe-core "$AXE_VERSION"
    export EASY_CRM_AXE="$TOOLS/axe-core-$AXE_VERSION/node_modules/axe-core/axe.min.js"
}

# Installs what measuring the page needs. Lighthouse 13 needs Node 22.
figure_tools() {
    npm_tool lighthouse "$LIGHTHOUSE_VERSION"
}

# Installs what checking the templates needs.
template_tools() {
    python_tool cfn-lint "$CFN_LINT_VERSION"
    cargo_tool cfn-guard "$CFN_GUARD_VERSION" --locked
}

# Builds the page as it is shipped, in dist/. Fetching first lets trunk run without network access.
build_page() {
    cargo fetch --quiet --locked
    env -u NO_COLOR trunk build --release --offline --locked
}

# Size budget of the page: JavaScript, WebAssembly and style sheets, each compressed as by a CDN, in bytes.
PAGE_BUDGET=450000

# Prints the size of the page in dist/; fails if it is over the budget.
check_page_size() {
    node -e '
        const { brotliCompressSync: brotli, constants: c } = require("zlib");
        const { readdirSync, readFileSync } = require("fs");
        const size = (name) => {
            const bytes = readFileSync("dist/" + name);
            const params = { [c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_SIZE_HINT]: bytes.length };
            return brotli(bytes, { params }).length;
        };
        const names = readdirSync("dist").filter((name) => /\.(js|wasm|css)$/.test(name));
        const total = names.reduce((sum, name) => sum + size(name), 0);
        console.log(`page: ${(total / 1000).toFixed(1)} kB compressed of ${process.argv[1] / 1000} kB allowed`);
        process.exit(total > process.argv[1] ? 1 : 0);
    ' "$PAGE_BUDGET"
}
