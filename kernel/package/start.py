"""Starts the notebook kernel: Jupyter calls this file, which hands over to Node.js, or says why it cannot."""

import os
import re
import shutil
import subprocess
import sys

OLDEST_NODE = 20
# As the kernel itself tells it, so that a lesson that is only opened is not changed.
LANGUAGE = {
    "name": "typescript",
    "version": "",
    "mimetype": "text/typescript",
    "file_extension": ".ts",
    "codemirror_mode": "typescript",
}
MEND = "Install Node.js from nodejs.org, or name it in the environment variable RINGLAB_NODE, and restart the kernel."


def main():
    node, trouble = find_node()
    if trouble:
        explain(f"ringlab needs Node.js {OLDEST_NODE} or newer, but {trouble}. {MEND}")
    here = os.path.dirname(os.path.abspath(__file__))
    hand_over([node, os.path.join(here, "dist", "main.js"), *sys.argv[1:]])


def find_node():
    """The path of a Node.js that is new enough and None, or None and what is wrong."""
    places = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    node = os.environ.get("RINGLAB_NODE") or shutil.which("node", path=places)
    if not node:
        return None, "none was found"
    version = version_of(node)
    if not version:
        return None, f"{node} is none that runs"
    if int(version.split(".")[0]) < OLDEST_NODE:
        return None, f"{node} is Node.js {version}"
    return node, None


def version_of(node):
    """Such as 20.11.1, or None when the program is not there or is something else."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.fullmatch(r"v(\d+\.\d+\.\d+)\S*", answer.strip())
    return match and match.group(1)


def hand_over(command):
    """Become Node.js, so that Jupyter watches the kernel itself; Windows cannot, so wait for it there."""
    if os.name == "nt":
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def explain(sentence):
    """Say it in the terminal, and in every cell that somebody runs, where Python has what that takes."""
    print(sentence, file=sys.stderr)
    try:
        from ipykernel.kernelapp import IPKernelApp
        from ipykernel.kernelbase import Kernel
    except ImportError:
        sys.exit(1)

    class Explainer(Kernel):
        implementation = "ringlab"
        implementation_version = "0"
        banner = sentence
        language_info = LANGUAGE

        async def do_execute(self, code, silent, *rest, **more):
            error = {"ename": "NodeMissing", "evalue": sentence, "traceback": [sentence]}
            if not silent:
                self.send_response(self.iopub_socket, "error", error)
            return {"status": "error", "execution_count": self.execution_count, **error}

    connection = sys.argv[sys.argv.index("--connection") + 1]
    IPKernelApp.launch_instance(argv=["-f", connection], kernel_class=Explainer)
    sys.exit(1)


main()
