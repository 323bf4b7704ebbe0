package validate

import (
	"runtime"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

// TestIssuesThatAreNotToldAreCounted sends a resource with a hundred thousand faults: it is told how many were left out, and
// those take no memory.
func TestIssuesThatAreNotToldAreCounted(t *testing.T) {
	const faults = 100_000
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{"given":[""`+strings.Repeat(`,""`, faults-1)+`]}]}`), fhir.Limits{Values: faults + 10})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	issues, _ := OnWrite(nil, r)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("the issues took %d bytes", took)
	}
	last := issues[len(issues)-1]
	if len(issues) != mostIssues+1 || !last.Info || !strings.HasSuffix(last.Text, ": 99900 were left out") {
		t.Errorf("%d issues, the last: %+v", len(issues), last)
	}
}
