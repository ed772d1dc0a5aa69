"""Teaches papermill to write the parameters of a notebook with our kernel in TypeScript.

papermill finds other packages' engines by their entry points, but translators have none: so this is loaded as the engine
"ringlab", which is papermill's usual one, and brings the translator along. Nothing imports it but papermill.
"""

import json
import re

from papermill.engines import NBClientEngine as Engine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

__all__ = ["Engine", "TypeScriptTranslator"]

# Such as: let steps: number = 100 // how long it runs
DECLARATION = re.compile(r"^(?:let|const|var)\s+([\w$]+)\s*(?::\s*([^=]+?))?\s*=\s*(.+?);?\s*(?://\s*(.*))?$", re.MULTILINE)


class TypeScriptTranslator(Translator):
    """Each parameter becomes a declaration, which takes the place of one of the same name in an earlier cell."""

    @classmethod
    def translate(cls, val):
        """JSON is TypeScript, and so is what Python's JSON makes of numbers that are none; dates become text."""
        return json.dumps(val, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return "\n".join(f"// {line}" for line in cmt_str.splitlines())

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val}"

    @classmethod
    def inspect(cls, parameters_cell):
        """What `papermill --help-notebook` tells: one declaration a line."""
        found = DECLARATION.findall(parameters_cell["source"])
        return [Parameter(name, kind or "None", value, told) for name, kind, value, told in found]


papermill_translators.register("ringlab", TypeScriptTranslator)
