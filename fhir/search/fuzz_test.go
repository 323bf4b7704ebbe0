package search

import (
	"testing"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// FuzzParse: no query string panics; what is refused is refused as Invalid with a place and
// readable text; what is accepted parses again from its own self link to the same clauses.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"name=a&birthdate=ge2000-01-01T10:00:00.5%2B01:00", "code-value-quantity=a|b$gt5.4|x|mg,c$1e3", "subject:Patient=1,Patient/2&_sort=-date,code&_count=3",
		`code=a\,b\|c|d\$&_elements=id,code`, "gender:missing=true&_summary=count", "_has:a:b:c=d&_cursor=%00", "value-quantity=ap-0.00005e-7||%C3%A9",
		"patient.organization.partof.name:contains=x&_has:Observation:patient:_has:AuditEvent:entity:agent=x", "_list=1,2&_type=Patient,Group&_contained=false", "code=a&_contained=both&_containedType=contained",
		`_filter=name co "p\"et" and not (subject:Patient[gender eq male].birthdate ge 2014-10-10 or id eq 1)&_text=(a OR "b c") NOT d*,e`,
		"near=42.2|-83.6|11|km&_include:iterate=Patient:*&_revinclude=*&_sort=-subject:Patient.name,code", "identifier:of-type=a|b|c&code:in=http://x&url:above=y",
	} {
		f.Add(seed, uint8(3), false)
		f.Add(seed, uint8(93), true)
	}
	f.Fuzz(func(t *testing.T, raw string, n uint8, lenient bool) {
		typ := r4.Resources()[int(n)%len(r4.Resources())]
		pairs, err := ParseQueryString(raw)
		if err != nil {
			return
		}
		h := Strict
		if lenient {
			h = Lenient
		}
		q, _, err := Parse(typ, pairs, h)
		if err != nil {
			refused(t, err)
			return
		}
		again, err := ParseQueryString(q.Link(q.Cursor))
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := Parse(typ, again, Strict)
		if err != nil || len(p.Clauses) != len(q.Clauses) || p.Cursor != q.Cursor {
			t.Fatalf("the self link %q reads as %+v (%v), not %+v", q.Link(q.Cursor), p, err, q)
		}
	})
}

func refused(t *testing.T, err error) {
	e := fault.Find(err)
	if e == nil || e.Kind != fault.Invalid || !utf8.ValidString(e.Text) {
		t.Fatalf("refused as %v", err)
	}
	for _, i := range e.Issues {
		if i.Expression == "" || i.Code == "" {
			t.Fatalf("an issue without place or code: %+v", i)
		}
	}
}
