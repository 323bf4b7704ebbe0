package main

import (
	"bytes"
	"strings"
)

// table is the text of a table: lines of fields with a tab between them.
type table struct{ bytes.Buffer }

func (t *table) line(fields ...string) {
	for i, f := range fields {
		if i > 0 {
			t.WriteByte('\t')
		}
		t.WriteString(oneLine(f))
	}
	t.WriteByte('\n')
}

// oneLine makes every run of white space that would break the table one blank.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// numbered gives each distinct string the number of its first appearance, from 1.
type numbered struct {
	number map[string]int
	order  []string
}

func (n *numbered) of(s string) int {
	if s == "" {
		return 0
	}
	if i, ok := n.number[s]; ok {
		return i
	}
	if n.number == nil {
		n.number = map[string]int{}
	}
	n.order = append(n.order, s)
	n.number[s] = len(n.order)
	return len(n.order)
}
