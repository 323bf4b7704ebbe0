package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Problem is a mistake in a pack, or between a pack and a source.
type Problem struct {
	File      string
	Line, Col int    // from 1; 0 where only the file is known
	Text      string // what is wrong and what to do
	Warning   bool   // the pack can be used all the same
	Unnamed   string // the table with a column that no rule names, if that is what is wrong
}

// String is "patient.yaml:31:5: what is wrong".
func (p Problem) String() string {
	return place{p.File, p.Line, p.Col}.String() + ": " + p.Text
}

// Fatal are the problems that are no warnings.
func Fatal(list []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(list), func(p Problem) bool { return p.Warning })
}

// Refuse is nil if no problem forbids to use the pack, else fault.Invalid with one issue for each that does.
func Refuse(list []Problem) error {
	fatal := Fatal(list)
	if len(fatal) == 0 {
		return nil
	}
	lines := make([]string, len(fatal))
	issues := make([]fault.Issue, len(fatal))
	for i, p := range fatal {
		lines[i] = p.String()
		issues[i] = fault.Issue{Code: "invalid", Text: lines[i], Line: p.Line, Col: p.Col}
	}
	return &fault.Error{Kind: fault.Invalid, Text: "the mapping has mistakes:\n" + strings.Join(lines, "\n"), Issues: issues}
}

// place is where something stands in a pack.
type place struct {
	file      string
	line, col int
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.col)
}

// right is the place n columns to the right.
func (p place) right(n int) place {
	p.col += n
	return p
}

// problems collects mistakes, so that one reading of a pack tells all of them.
type problems struct{ list []Problem }

func (p *problems) add(at place, format string, args ...any) {
	p.list = append(p.list, Problem{File: at.file, Line: at.line, Col: at.col, Text: fmt.Sprintf(format, args...)})
}

func (p *problems) warn(at place, format string, args ...any) {
	p.add(at, format, args...)
	p.list[len(p.list)-1].Warning = true
}

func (p *problems) sorted() []Problem {
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	return slices.Compact(p.list)
}
