package r4

import (
	"strconv"
	"strings"
)

// scanner reads a table: lines of fields with a tab between them. Everything it returns shares the text of the table.
// The tables are part of the program, so it does not check what the tests of the package check.
type scanner struct {
	rest  string // the lines to come
	line  string // the fields to come of this line
	lists map[string][]string
}

func (s *scanner) next() bool {
	s.line, s.rest, _ = strings.Cut(s.rest, "\n")
	return s.line != ""
}

func (s *scanner) field() (f string) {
	f, s.line, _ = strings.Cut(s.line, "\t")
	return f
}

// integer is 0 for an empty field and -1 for "*".
func (s *scanner) integer() int {
	f := s.field()
	if f == "*" {
		return -1
	}
	if f == "" {
		return 0
	}
	n, _ := strconv.Atoi(f)
	return n
}

// list is the field split at commas; equal lists are the same slice.
func (s *scanner) list() []string {
	f := s.field()
	if f == "" {
		return nil
	}
	if l, ok := s.lists[f]; ok {
		return l
	}
	if s.lists == nil {
		s.lists = map[string][]string{}
	}
	l := strings.Split(f, ",")
	s.lists[f] = l
	return l
}
