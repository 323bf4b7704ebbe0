package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/suites"
)

// TestADifferenceIsAPatch: applied to one example of R4, the difference to the next one of its type
// makes that one of it. fhir/patch was written from the specification and knows nothing of the comparison.
func TestADifferenceIsAPatch(t *testing.T) {
	before := map[string]fhir.Resource{}
	pairs, failed := 0, 0
	for name, raw := range suites.Package(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz") {
		r, err := fhir.Parse(raw, fhir.Limits{Bytes: 64 << 20})
		if err != nil || testing.Short() && pairs > 300 {
			continue
		}
		a, known := before[r.Type()]
		before[r.Type()] = r
		if !known || len(a.Raw())+len(r.Raw()) > 60_000 {
			continue
		}
		pairs++
		if why := turns(a, r); why != "" && failed < 20 {
			failed++
			t.Errorf("%s: %s", name, why)
		}
	}
	t.Logf("%d pairs", pairs)
	if pairs < 200 {
		t.Errorf("only %d pairs", pairs)
	}
}

// turns says why the difference does not make b of a; "" if it does.
func turns(a, b fhir.Resource) string {
	out, err := patchOf(a, b)
	if err != nil {
		return err.Error()
	}
	doc, err := fhir.Parse(out.JSON(), fhir.Limits{Bytes: 64 << 20})
	if err != nil {
		return err.Error()
	}
	p, err := patch.Parameters(doc)
	if err != nil {
		return err.Error()
	}
	got, err := p.Apply(nil, a)
	if err != nil {
		return err.Error()
	}
	if !reflect.DeepEqual(plain(got), plain(b)) {
		left, err := patchOf(got, b)
		return fmt.Sprintf("the patch leaves a difference: %s %v", left.JSON(), err)
	}
	return ""
}

// plain is a resource as any reader of JSON sees it, without what the server writes.
func plain(r fhir.Resource) map[string]any {
	var out map[string]any
	d := json.NewDecoder(bytes.NewReader(r.Raw()))
	d.UseNumber()
	if d.Decode(&out) != nil {
		return nil
	}
	if meta, is := out["meta"].(map[string]any); is {
		delete(meta, "versionId")
		delete(meta, "lastUpdated")
		if len(meta) == 0 {
			delete(out, "meta")
		}
	}
	return out
}

// TestADifferenceBeyondAPatchIsRefused compares two lists that have nothing in common but their million items.
func TestADifferenceBeyondAPatchIsRefused(t *testing.T) {
	long := func(name string) fhir.Resource {
		item := `{"family":"` + name + `"}`
		r, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[`+item+strings.Repeat(","+item, 1_000_000)+`]}`), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var before, after runtime.MemStats
	a, b := long("a"), long("b")
	runtime.ReadMemStats(&before)
	_, err := patchOf(a, b)
	runtime.ReadMemStats(&after)
	if f := fault.Find(err); f == nil || f.Kind != fault.Invalid || f.Issues[0].Code != "too-costly" {
		t.Error(err)
	}
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 512 {
		t.Errorf("it took %d MiB to say so", took)
	}
}
