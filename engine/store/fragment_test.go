package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// withContained is a resource with n contained ones, that many references to the last one, and one more reference.
func withContained(t *testing.T, n int, last string) *op {
	t.Helper()
	contained, members := make([]string, n), make([]string, n)
	for i := range n {
		contained[i] = fmt.Sprintf(`{"resourceType":"Observation","id":"c%d"}`, i)
		members[i] = fmt.Sprintf(`{"reference":"#c%d"}`, n-1)
	}
	r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","contained":[%s],"hasMember":[%s,{"reference":%q}]}`,
		strings.Join(contained, ","), strings.Join(members, ","), last), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return &op{body: r, refs: refsOf(r, "")}
}

func TestFragments(t *testing.T) {
	m := &member{integrity: true}
	if err := m.fragments(withContained(t, 3, "#")); err != nil {
		t.Error(err)
	}
	err := m.fragments(withContained(t, 3, "#c3"))
	if f := fault.Find(err); f == nil || f.Kind != fault.Unprocessable || f.Issues[0].Expression != "Observation.hasMember[3].reference" {
		t.Error(err)
	}
	if err := (&member{}).fragments(withContained(t, 3, "#c3")); err != nil {
		t.Error(err)
	}
	begun := time.Now()
	if err := m.fragments(withContained(t, 60_000, "#c7")); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 5*time.Second { // each reference compared with each id: minutes
		t.Errorf("took %v", took)
	}
}
