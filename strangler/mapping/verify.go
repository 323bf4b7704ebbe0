package mapping

import (
	"fmt"
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// Verify maps the targets back and compares with the rows they came from; nil if they are the same.
func (m *Map) Verify(in Input, out Output) *Refusal {
	refuse := func(path, text string) *Refusal {
		return &Refusal{Rule: m.at.String(), Path: path, Code: NotInverse, Text: text}
	}
	rows, err := m.Inverse(out.Targets)
	if err != nil {
		return refuse(m.Table, err.Error())
	}
	want := []source.Row{in.Row}
	for i := range m.joins {
		if m.joins[i].owned {
			want = append(want, in.Joined[i]...)
		}
	}
	if len(want) != len(rows) {
		return refuse(m.Table, fmt.Sprintf("there are %d rows on the way back, not %d", len(rows), len(want)))
	}
	want, rows = m.Project(out.Targets, want), m.Project(out.Targets, rows)
	for i := range want {
		if string(source.Canonical(nil, want[i])) != string(source.Canonical(nil, rows[i])) {
			return refuse(want[i].Table.String(), "other values come back in "+strings.Join(Differing(want[i], rows[i]), ", "))
		}
	}
	return nil
}
