package index

import (
	"compress/bzip2"
	"io"
	"os"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// BenchmarkExtract indexes the resources of one Synthea patient, by type.
func BenchmarkExtract(b *testing.B) {
	byType := map[string][]fhir.Resource{}
	for e := range synthea(b, "057aa36e-b892-9964-75b9-ffb46b097e34").Entries() {
		r := fhir.Resource{Value: e.Body}
		byType[r.Type()] = append(byType[r.Type()], r)
	}
	for _, name := range []string{"Patient", "Observation", "Encounter", "Claim", "ExplanationOfBenefit", "MedicationRequest"} {
		list := byType[name]
		if len(list) == 0 {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			rows := 0
			for i := 0; b.Loop(); i++ {
				out, err := Extract(list[i%len(list)], Hasher{})
				if err != nil {
					b.Fatal(err)
				}
				rows += out.size()
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
		})
	}
}

func synthea(t testing.TB, name string) fhir.Bundle {
	t.Helper()
	f, err := os.Open(suites.Path(t, "synthea-60", name+".json.bz2"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := io.ReadAll(bzip2.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	r, err := fhir.Parse(doc, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return fhir.Bundle{Resource: r}
}
