package core

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// tagged is a patient with tags from the one number to before the other.
func tagged(t *testing.T, from, to int) fhir.Resource {
	t.Helper()
	var tags strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&tags, `,{"system":"http://t","code":"%d"}`, i)
	}
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","meta":{"tag":[`+tags.String()[1:]+`]}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Looked for one by one, the labels of this test take minutes.
func TestManyLabelsAreChangedSoon(t *testing.T) {
	const n = 60_000
	began := time.Now()
	for want, change := range map[int]func(have, given []fhir.Value) []fhir.Value{n + n/2: add, n / 2: remove} {
		r, changed, err := relabelled(tagged(t, 0, n).Raw(), tagged(t, n/2, n+n/2).Get("meta"), change)
		if err != nil || !changed || r.Get("meta").Get("tag").Len() != want {
			t.Error(want, changed, err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}
