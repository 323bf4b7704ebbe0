package validate

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// level is how bad a finding is.
type level uint8

const (
	failure level = iota
	warning
	information
)

// finding is an issue whose line is not yet known: looking for the line means reading the document from its start, which
// is done once for all issues.
type finding struct {
	issue fault.Issue
	at    int        // offset in the root's bytes
	v     fhir.Value // what stands there
}

// findings are counted by level, so that many warnings never hide an error.
type findings struct {
	found []finding
	count [3]int
	more  int // issues that were too many to be told
}

// full reports whether no more issues of a level are told, and counts the one that is not. It is asked before an issue is put
// into words, because a resource may have millions.
func (f *findings) full(l level) bool {
	if f.count[l] < mostIssues {
		return false
	}
	f.more++
	return true
}

func (f *findings) add(l level, i fault.Issue, root, v fhir.Value) {
	f.count[l]++
	i.Warning, i.Info = l != failure, l == information
	at, _ := v.Span(root)
	f.found = append(f.found, finding{i, at, v})
}

// say remembers an issue at the place where the walk is. The text and its arguments must not come from values.
func (w *walk) say(code string, at fhir.Value, text string, args ...any) {
	if w.full(failure) {
		return
	}
	w.add(failure, fault.Issue{Code: code, Text: sprintf(text, args), Expression: w.place()}, w.root, at)
}

// warn is say for what is no reason to refuse.
func (w *walk) warn(code string, at fhir.Value, text string, args ...any) {
	if w.terse || w.full(warning) {
		return
	}
	w.add(warning, fault.Issue{Code: code, Text: sprintf(text, args), Expression: w.place()}, w.root, at)
}

// strict is for what FHIR does not forbid in words, but its reference validator refuses: a warning, or by option an error.
func (w *walk) strict(code string, at fhir.Value, text string, args ...any) {
	if w.strictly {
		w.say(code, at, text, args...)
		return
	}
	w.warn(code, at, text, args...)
}

func (w *walk) issues() []fault.Issue { return w.inOrder(w.root) }

// inOrder are the findings in the order of the document, each with its line and column.
func (f *findings) inOrder(root fhir.Value) []fault.Issue {
	if len(f.found) == 0 {
		return nil
	}
	slices.SortStableFunc(f.found, func(a, b finding) int { return cmp.Compare(a.at, b.at) })
	issues := make([]fault.Issue, len(f.found), len(f.found)+1)
	line, col := root.Pos()
	raw, from := root.Raw(), 0
	moved := root.Moved()
	for i, f := range f.found {
		line, col = advance(raw[from:f.at], line, col)
		from = f.at
		issues[i] = f.issue
		issues[i].Line, issues[i].Col = line, col
		if moved {
			issues[i].Line, issues[i].Col = f.v.Pos()
		}
		if root.Converted() {
			issues[i].Line, issues[i].Col = root.PosAt(f.at)
		}
	}
	if f.more > 0 {
		issues = append(issues, fault.Issue{Code: "informational", Text: sprintf("there are more issues than are told here: %d were left out", []any{f.more}), Warning: true, Info: true})
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

func sprintf(text string, args []any) string {
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}
