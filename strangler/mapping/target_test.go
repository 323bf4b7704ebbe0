package mapping

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/strangler/source"
)

func TestIdsOfTargetsAreKnownBeforehand(t *testing.T) {
	p := notes(t, "target: {type: Basic}\nfields:\n"+keptNote+"  - {column: body, extension: body, type: string}\n")
	out := mapNote(t, p, source.Text("x"))
	in := Input{Installation: uuid.NameSpaceURL, Row: row(t, p, "Clinic.note", map[string]source.Cell{"person": source.Text("5"), "nr": source.Text("2")})}
	m := p.Map("clinic.note")
	if got := m.TargetIDs(in, out.Targets[0].Slot); !slices.Equal(got, []string{out.Targets[0].ID}) {
		t.Errorf("%v, want %s", got, out.Targets[0].ID)
	}
	if got := m.TargetIDs(in, "nobody"); got != nil {
		t.Error(got)
	}
	if IsRecord("Patient") || !IsRecord("caregivers.Device") {
		t.Error("a record is told by the dot in its name")
	}
}
