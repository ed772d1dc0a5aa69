"""Tells nbgrader about TypeScript notebooks of ringlab: copy it into the folder of your course."""

import secrets

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
# packages and the files beside the notebook, but no notebook; write nothing; and start no programs.
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
