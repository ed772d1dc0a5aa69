"""Tells nbgrader about TypeScript notebooks of ringlab: copy it into the folder of your course."""

import os
import secrets

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "ringlab"

# What students find in place of a solution.
c.ClearSolutions.code_stub = {
    "typescript": '// YOUR CODE HERE\nthrow new Error("There is no answer here yet.")',
}

# Submissions run in this kernel, whatever kernel a submission asks for. There they may read their own
# packages and the files beside the notebook, but no notebook; write nothing; start no programs; and
# use few modules of Node.js.
c.Execute.kernel_name = "ringlab"
c.Execute.extra_arguments = ["--grading"]

# A student could tag a test to be skipped, and tests that do not run count as passed: so no tag skips.
c.Execute.skip_cells_with_tag = secrets.token_hex(16)

# A test that was deleted from a submission is put back.
c.OverwriteCells.add_missing_cells = True


class ForgetCopies(NbGraderPreprocessor):
    """Lets a cell that somebody duplicated be an ordinary cell: nbgrader 0.9 empties its label, and then trips over it."""

    def preprocess_cell(self, cell, resources, cell_index):
        if not cell.metadata.get("nbgrader", True):
            del cell.metadata["nbgrader"]
        return cell, resources


c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    ForgetCopies,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]

# Seconds for each cell; then it is interrupted, and the next cell runs.
c.Execute.timeout = 30


def oddity(folder):
    """The path of something in a submission that is neither a file nor a folder, or None: a link would be followed as you."""
    found = [os.path.join(parent, name) for parent, *inside in os.walk(folder) for names in inside for name in names]
    return next((path for path in [folder, *found] if is_odd(path)), None)


def is_odd(path):
    return os.path.islink(path) or not (os.path.isfile(path) or os.path.isdir(path))


class CollectPlainFiles(ExchangeCollect):
    """Leaves a submission with a link in the exchange, and says so."""

    def do_copy(self, src, dest, log=None):
        odd = oddity(src)
        if odd:
            self.log.error("%s is a link, or no file: this submission is not collected. Ask for another.", odd)
        else:
            super().do_copy(src, dest, log)


c.ExchangeFactory.collect = CollectPlainFiles

copy_submission = Autograde.init_assignment


def copy_plain_submission(self, assignment_id, student_id):
    """Does not grade a submission with a link, and says so."""
    odd = oddity(self._format_source(assignment_id, student_id))
    if odd:
        raise NbGraderException(f"{odd} is a link, or no file: this submission is not graded. Take it out, and grade again.")
    copy_submission(self, assignment_id, student_id)


Autograde.init_assignment = copy_plain_submission
