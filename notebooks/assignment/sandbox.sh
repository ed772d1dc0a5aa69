#!/bin/sh
# Runs nbgrader in a sandbox of Linux, made by bubblewrap (package "bubblewrap" of your system): without network, without your
# home and your environment variables. Only the course can be written. In the folder of your course:
#
#     sh sandbox.sh /path/to/ringlab autograde rings-and-traps
set -eu

ringlab=$(realpath "$1")
shift
course=$(pwd -P)
environment=$ringlab/.ringlab/venv

# The programs that the environment was made with may lie anywhere.
programs=$("$environment/bin/python" -c '
import json, os, sys
with open(os.path.join(sys.prefix, "share/jupyter/kernels/ringlab/kernel.json")) as spec:
    node = os.path.realpath(json.load(spec)["argv"][0])
for path in sys.base_prefix, node:
    print("--ro-bind", path, path)
')

# shellcheck disable=SC2086 # several words, none of which has a space in it
exec bwrap --unshare-all --die-with-parent --new-session --cap-drop ALL --clearenv \
  --ro-bind /usr /usr --ro-bind-try /bin /bin --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64 \
  --ro-bind /etc/passwd /etc/passwd --ro-bind-try /etc/localtime /etc/localtime \
  --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --proc /proc --dev /dev --tmpfs /tmp \
  $programs --ro-bind "$ringlab" "$ringlab" --bind "$course" "$course" --chdir "$course" \
  --setenv HOME /tmp --setenv LANG C.UTF-8 --setenv PATH "$environment/bin:/usr/bin:/bin" \
  --setenv JUPYTER_PREFER_ENV_PATH 1 --setenv PYTHONNOUSERSITE 1 \
  --setenv PYTHONWARNINGS "ignore:Object of type" \
  python -m nbgrader "$@"
