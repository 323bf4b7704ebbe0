package fhir

import (
	"testing"
	"time"
)

func TestStampKeepsEveryOtherByte(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC)
	const m = `"versionId":"7","lastUpdated":"2026-01-02T03:04:05.000678Z"`
	for in, want := range map[string]string{
		`{"resourceType":"P"}`:                                                     `{"resourceType":"P","id":"x","meta":{` + m + `}}`,
		`{ "id":"old", "resourceType":"P", "n":1.50 }`:                             `{ "id":"x", "resourceType":"P","meta":{` + m + `}, "n":1.50 }`,
		`{"resourceType":"P","meta":{"tag":[{"code":"a"}]}}`:                       `{"resourceType":"P","id":"x","meta":{` + m[:16] + `"lastUpdated":"2026-01-02T03:04:05.000678Z","tag":[{"code":"a"}]}}`,
		`{"resourceType":"P","meta":{"versionId":"1","lastUpdated":"then","x":1}}`: `{"resourceType":"P","id":"x","meta":{` + m + `,"x":1}}`,
		`{"resourceType":"P","meta":{},"a":2}`:                                     `{"resourceType":"P","id":"x","meta":{` + m + `},"a":2}`,
	} {
		r, err := Parse([]byte(in), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Stamp(r, "x", "7", at)
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s\nwant %s (%v)", in, got, want, err)
		}
	}
}

func TestParseRef(t *testing.T) {
	for in, want := range map[string]Ref{
		"Patient/1":                          {Kind: RefRelative, Type: "Patient", ID: "1"},
		"Patient/1/_history/3":               {Kind: RefRelative, Type: "Patient", ID: "1", Version: "3"},
		"https://a.org/fhir/Patient/1":       {Kind: RefAbsolute, Base: "https://a.org/fhir", Type: "Patient", ID: "1"},
		"urn:uuid:1":                         {Kind: RefURN},
		"#c":                                 {Kind: RefFragment, Fragment: "c"},
		"Practitioner?identifier=a|b/c":      {Kind: RefConditional, Type: "Practitioner", Query: "identifier=a|b/c"},
		"http://hl7.org/fhir/ValueSet/x|4.0": {Kind: RefOther},
		"patient/1":                          {Kind: RefOther},
		"":                                   {Kind: RefOther},
		"Patient/1#x":                        {Kind: RefRelative, Type: "Patient", ID: "1", Fragment: "x"},
	} {
		want.Text = in
		if got := ParseRef(in); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}
