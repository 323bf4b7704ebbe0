package index

import (
	"cmp"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// FuzzExtract: any document has rows or a fault, the same ones each time, sorted and each once.
func FuzzExtract(f *testing.F) {
	for _, doc := range []string{
		`{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"id":"x"}]}],"deceasedBoolean":true,"birthDate":"2020-13"}`,
		`{"resourceType":"Observation","code":{"coding":[{"code":"1"},{"system":"s"}]},"valueSampledData":{"data":"1 2 E","origin":{"value":1e3}},"component":[{"code":[],"valueString":"x"}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Composition","id":"1"}}],"identifier":{"value":1}}`,
		`{"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":{"reference":"Patient?a=b"}}]}`,
		`{"resourceType":"ServiceRequest","occurrenceTiming":{"event":["2020","x"],"repeat":{"boundsPeriod":{"end":"2020"}}}}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := fhir.Parse(doc, fhir.Limits{Bytes: 1 << 16})
		if err != nil {
			return
		}
		rows, err := Extract(r, NewHasher(1))
		if err != nil {
			if fault.Find(err) == nil {
				t.Fatal(err)
			}
			return
		}
		again, _ := Extract(r, NewHasher(1))
		if !slices.Equal(described(rows), described(again)) {
			t.Fatal("not the same rows")
		}
		if !slices.IsSortedFunc(rows.Token, func(a, b TokenRow) int { return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.System, b.System)) }) || len(slices.Compact(slices.Clone(rows.Token))) != len(rows.Token) {
			t.Fatal("tokens are not sorted, or there twice")
		}
	})
}
