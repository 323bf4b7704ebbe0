package review

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

func parsed(t *testing.T, query string) search.Query {
	t.Helper()
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := search.Parse(Type, pairs, search.Strict)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return q
}

func TestWhatIsAsked(t *testing.T) {
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for query, want := range map[string]audit.Filter{
		"":                                     {},
		"_sort=-date&_total=none":              {},
		"_id=a":                                {Entry: "a"},
		"patient=p":                            {Patient: "p"},
		"patient=Patient/p":                    {Patient: "p"},
		"entity=Observation/o":                 {Type: "Observation", ID: "o"},
		"agent:identifier=user/one":            {Subject: "user/one"},
		"agent:identifier=|user/one":           {Subject: "user/one"},
		"altid=s":                              {Session: "s"},
		"action=D":                             {Class: "D"},
		"outcome=0":                            {Outcome: audit.Success},
		"outcome=4":                            {Unlucky: true},
		"type=110114":                          {Category: audit.SignIn},
		"type=rest":                            {Category: audit.Data},
		"subtype=read":                         {Action: "read"},
		"subtype=search-system":                {Action: "search", Subtype: "search-system"},
		"subtype=operation":                    {Action: "everything"},
		"date=2026-12-01":                      {From: day, To: day.AddDate(0, 0, 1).Add(-time.Microsecond)},
		"date=ge2026-12-01":                    {From: day},
		"date=lt2026-12-01":                    {To: day.Add(-time.Microsecond)},
		"date=gt2026-12-01":                    {From: day.AddDate(0, 0, 1)},
		"date=ge2026-12-01&date=ge2025":        {From: day},
		"_lastUpdated=le2026-12-01":            {To: day.AddDate(0, 0, 1).Add(-time.Microsecond)},
		"patient=p&action=C&date=ge2026-12-01": {Patient: "p", Class: "C", From: day},
		"patient=p&patient=q":                  {Patient: "p", Also: [][]audit.Filter{{{Patient: "q"}}}}, // an entry may be about both
		"patient=p,q&action=C,D":               {Also: [][]audit.Filter{{{Patient: "p"}, {Patient: "q"}}, {{Class: "C"}, {Class: "D"}}}},
		"outcome=8,4":                          {Unlucky: true},
		"entity=Observation/o,Patient/p":       {Also: [][]audit.Filter{{{Type: "Observation", ID: "o"}, {Type: "Patient", ID: "p"}}}},
		"date=2026-12-01,gt2026-12-01":         {Also: [][]audit.Filter{{{From: day, To: day.AddDate(0, 0, 1).Add(-time.Microsecond)}, {From: day.AddDate(0, 0, 1)}}}},
		"action=C&action=D":                    {Class: "C", Also: [][]audit.Filter{{{Class: "D"}}}}, // which no entry meets
	} {
		got, nothing, err := question(parsed(t, query))
		if err != nil || nothing {
			t.Errorf("%s: %v %v", query, nothing, err)
		}
		if diff := cmp.Diff(want, got.Filter, cmp.Comparer(time.Time.Equal)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

func TestWhatNothingMeets(t *testing.T) {
	for _, query := range []string{"outcome=8", "type=unknown", "outcome=8,9", "_id=a&_id=b"} {
		if _, nothing, err := question(parsed(t, query)); !nothing || err != nil {
			t.Errorf("%s: %v %v", query, nothing, err)
		}
	}
}

func TestWhatCannotBeAskedIsRefusedByName(t *testing.T) {
	for _, query := range []string{"site=x", "_id=a,b", "date=ne2026", "_sort=date", "_sort=action", "_include=AuditEvent:patient", "_total=accurate", "_has:Provenance:target:agent=x", "patient.name=x",
		"action:missing=true", "agent-name=x"} {
		if _, _, err := question(parsed(t, query)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", query, err)
		}
	}
	q := parsed(t, "")
	q.Compartment = search.Compartment{Type: "Device", ID: "d"}
	if _, _, err := question(q); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
