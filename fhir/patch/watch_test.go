package patch

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// TestAPatchEndsWhenTheTimeIsOver applies patches of thousands of operations, each of them dear on a large resource.
func TestAPatchEndsWhenTheTimeIsOver(t *testing.T) {
	r := resource(t, `{"resourceType":"Patient","name":[{"family":"a"}`+strings.Repeat(`,{"family":"a"}`, 200_000)+`]}`)
	first := `{"op":"add","path":"/name/0","value":{"family":"b"}}`
	byJSON, err := JSON([]byte("[" + first + strings.Repeat(","+first, 9_000) + "]"))
	if err != nil {
		t.Fatal(err)
	}
	nothing := make([]string, 1000)
	for i := range nothing {
		nothing[i] = operationOf("delete", "Patient.descendants().where($this = 'none')")
	}
	byPath, err := Parameters(parameters(t, nothing...))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]Patch{"JSON Patch": byJSON, "FHIRPath Patch": byPath} {
		done := make(chan struct{})
		time.AfterFunc(50*time.Millisecond, func() { close(done) })
		start := time.Now()
		if _, err := p.Apply(done, r); !fault.Is(err, fault.TimedOut) || time.Since(start) > time.Second {
			t.Errorf("%s: %v after %s", name, err, time.Since(start))
		}
	}
}
