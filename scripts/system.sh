#!/bin/sh
# Makes sure of the tools that do not come from the Python lock file: system.sh chromium emulator axe
#   chromium   Debian's browser, with fonts for French, Turkish and emoji (browser tests)
#   emulator   a local Slack workspace as .tools/local-slack (demonstration, end-to-end tests)
#   axe        the accessibility checker axe-core as .tools/axe.min.js (browser tests)
# Quick and silent when all is there. Says in one line what is missing and why, and then ends with 1.
set -eu
cd "$(dirname "$0")/.."
exec </dev/null
mkdir -p .tools
# Two runs at the same time must not install over each other.
exec 9>.tools/.lock
flock 9

slack_package="local-slack-linux-x64@0.1.8"
slack_sha512="d810932b129a8e364d5824828fae89ab954349c503369199d65037dbcd48f11be90c4e3f50b0b00b6e9395c5baff8b0f6d24ecd364372a34e296d269dd9044be"
axe_package="axe-core@4.14.1"
axe_sha512="1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5"

missing() {
    echo "system: $*" >&2
    return 1
}

debian_install() {
    [ "$(id -u)" = 0 ] || missing "no $1; as root: apt-get install $*" || return 1
    command -v apt-get >/dev/null || missing "no $1, and no apt-get to install it with" || return 1
    echo "system: installing $*" >&2
    log=.tools/apt.log
    options="-qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o Acquire::http::Timeout=30"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get $options update >"$log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get $options install -y --no-install-recommends "$@" >>"$log" 2>&1 ||
        missing "$1 cannot be installed; apt-get says: $(tail -n 1 "$log")"
}

want_chromium() {
    wanted=""
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || wanted="chromium"
    [ -d /usr/share/fonts/truetype/liberation ] || [ -d /usr/share/fonts/truetype/liberation2 ] || wanted="$wanted fonts-liberation"
    [ -f /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || wanted="$wanted fonts-noto-color-emoji"
    # shellcheck disable=SC2086
    [ -z "$wanted" ] || debian_install $wanted
}

# npm_file WHAT PACKAGE SHA512 FILE TARGET: that file of the pinned package, as .tools/TARGET.
npm_file() {
    if [ -f ".tools/$5" ] && [ "$(cat ".tools/$5.sha512" 2>/dev/null)" = "$3" ]; then
        return 0
    fi
    command -v npm >/dev/null || debian_install npm || return 1
    echo "system: fetching $1" >&2
    rm -rf .tools/unpack && mkdir .tools/unpack
    (
        cd .tools/unpack
        npm pack --silent --fetch-retries=2 --fetch-timeout=120000 "$2" >npm.log 2>&1 || {
            missing "$1 cannot be fetched; npm says: $(tail -n 1 npm.log)"
            exit 1
        }
        echo "$3  $(echo *.tgz)" | sha512sum --check --status || {
            missing "$1 is not the file that was pinned; it is not used"
            exit 1
        }
        tar -xzf *.tgz "package/$4"
    ) || return 1
    mv ".tools/unpack/package/$4" ".tools/$5"
    echo "$3" >".tools/$5.sha512"
    rm -rf .tools/unpack
}

want_emulator() {
    [ "$(uname -sm)" = "Linux x86_64" ] || missing "the Slack emulator runs on Linux x86_64 only" || return 1
    npm_file "the Slack emulator" "$slack_package" "$slack_sha512" bin/local-slack local-slack
}

want_axe() {
    npm_file "axe-core" "$axe_package" "$axe_sha512" axe.min.js axe.min.js
}

status=0
for tool in "$@"; do
    case "$tool" in
    chromium) want_chromium || status=1 ;;
    emulator) want_emulator || status=1 ;;
    axe) want_axe || status=1 ;;
    *) missing "nothing is known about '$tool'" || status=2 ;;
    esac
done
exit $status
