"""What the independent suite jupyter_kernel_test asks of any kernel, filled in for this one."""

import unittest

import jupyter_kernel_test as suite


class RinglabTests(suite.KernelTests):
    kernel_name = "ringlab"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('a warning')"
    completion_samples = [
        {"text": "Math.hyp", "matches": {"hypot"}},
        {"text": "JSON.str", "matches": {"stringify"}},
    ]
    complete_code_samples = ["1", "const x = 1", "function f() {\n  return 1\n}\n"]
    incomplete_code_samples = ["function f() {", "f(1,", "const text = `line"]
    invalid_code_samples = [")", "let = = 1", "a b c"]
    code_generate_error = "throw new Error('on purpose')"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "[1, 2].map((n) => n + 1)", "result": "[ 2, 3 ]"},
    ]
    code_display_data = [
        {"code": "import * as tslab from 'tslab'\ntslab.display.html('<b>x</b>')", "mime": "text/html"},
        {"code": "import * as tslab from 'tslab'\ntslab.display.svg('<svg/>')", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "1 +*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.max"
    code_clear_output = "console.clear()"


class RinglabWelcomeTests(suite.IopubWelcomeTests):
    kernel_name = "ringlab"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
