package validate

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// finding is an issue whose line is not yet known: looking for the line means reading the document from its start, which
// is done once for all issues.
type finding struct {
	issue fault.Issue
	at    int // offset in the root's bytes
}

// say remembers an issue at the place where the walk is. The text and its arguments must not come from values.
func (w *walk) say(code string, at fhir.Value, text string, args ...any) {
	if w.more = len(w.found) == mostIssues; w.more {
		return
	}
	start, _ := at.Span(w.root)
	w.found = append(w.found, finding{fault.Issue{Code: code, Text: fmt.Sprintf(text, args...), Expression: w.place()}, start})
}

// issues are the findings in the order of the document, each with its line and column.
func (w *walk) issues() []fault.Issue {
	if len(w.found) == 0 {
		return nil
	}
	slices.SortStableFunc(w.found, func(a, b finding) int { return cmp.Compare(a.at, b.at) })
	issues := make([]fault.Issue, len(w.found), len(w.found)+1)
	line, col := w.root.Pos()
	raw, from := w.root.Raw(), 0
	for i, f := range w.found {
		line, col = advance(raw[from:f.at], line, col)
		from = f.at
		issues[i] = f.issue
		issues[i].Line, issues[i].Col = line, col
	}
	if w.more {
		issues = append(issues, fault.Issue{Code: "informational", Text: "there are more issues than are told here", Warning: true})
	}
	return issues
}

// advance is the place behind passed, when passed begins at line and col.
func advance(passed []byte, line, col int) (int, int) {
	breaks := bytes.Count(passed, []byte{'\n'})
	if breaks == 0 {
		return line, col + len(passed)
	}
	return line + breaks, len(passed) - bytes.LastIndexByte(passed, '\n')
}
