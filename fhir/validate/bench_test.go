package validate

import (
	"os"
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

func patient(t testing.TB) fhir.Resource {
	raw, err := os.ReadFile("testdata/patient.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := fhir.Parse(raw, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAValidResourceAllocatesNothing(t *testing.T) {
	r := patient(t)
	if found := Base(r); len(found) > 0 {
		t.Fatal(found)
	}
	if n := testing.AllocsPerRun(100, func() { Base(r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkBase(b *testing.B) {
	r := patient(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(r.Raw())))
	for b.Loop() {
		Base(r)
	}
}

func BenchmarkParse(b *testing.B) {
	raw := patient(b).Raw()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := fhir.Parse(raw, fhir.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
