package event

import "testing"

func TestNamesOfResources(t *testing.T) {
	for got, want := range map[string]string{
		Created("Patient"):            "Patient.Created",
		Updated("Patient"):            "Patient.Updated",
		Deleted("Task"):               "Task.Deleted",
		Of("Consultations", "Picked"): "Consultations.Picked",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if thing, verb := Split(got); Of(thing, verb) != want {
			t.Errorf("Split(%q) = %q, %q", got, thing, verb)
		}
	}
}

func TestPatternsChoose(t *testing.T) {
	names := []string{"Patient.Created", "Patient.Deleted", "Task.Created", "Patientx.Created"}
	for pattern, want := range map[string][]bool{
		"*":               {true, true, true, true},
		"*.*":             {true, true, true, true},
		"Patient.Created": {true, false, false, false},
		"Patient.*":       {true, true, false, false},
		"*.Created":       {true, false, true, true},
		"Patient":         {false, false, false, false},
		"":                {false, false, false, false},
	} {
		for i, name := range names {
			if got := Matches(pattern, name); got != want[i] {
				t.Errorf("Matches(%q, %q) = %v", pattern, name, got)
			}
		}
	}
}

func TestMatchingAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Matches("*.Created", "Patient.Created") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
