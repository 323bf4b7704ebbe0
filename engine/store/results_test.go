package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/suites"
)

// TestSyntheaResults compares what searches include, what compartments hold and what $everything brings with what
// a reader of the JSON finds by following the texts of references.
func TestSyntheaResults(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { syntheaResults(t, dbtest.SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { syntheaResults(t, dbtest.PostgresURL(t)) })
}

func syntheaResults(t *testing.T, url string) {
	d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings(), Durability: db.Off})
	s := openOn(t, d, store.Options{Now: clockOf2026})
	desk := s.As(everything(t))
	patients := 0
	for name, raw := range suites.Synthea(t) {
		if patients > 5 || testing.Short() && patients > 2 {
			break
		}
		post(t, desk, name, raw)
		if !strings.HasPrefix(name, "0-") {
			patients++
		}
	}
	w := readAll(t, s)
	for _, c := range []struct{ typ, include string }{
		{"Encounter", "_include=Encounter:subject"},
		{"Encounter", "_include=Encounter:participant&_include=Encounter:location"},
		{"Encounter", "_include=Encounter:service-provider&_revinclude=Observation:encounter"},
		{"Encounter", "_include=*"},
		{"Encounter", "_revinclude=*"},
		{"Observation", "_include=Observation:patient&_include:iterate=Patient:general-practitioner&_include=Observation:encounter&_include:iterate=Encounter:*"},
		{"Condition", "_include=Condition:encounter&_revinclude:iterate=Procedure:encounter"},
		{"Claim", "_include=Claim:*&_include:iterate=MedicationRequest:requester"},
		{"Patient", "_revinclude=Encounter:subject&_include:iterate=Encounter:participant"},
		{"Patient", "_id=PATIENT&_revinclude=Condition:subject&_revinclude:iterate=Claim:patient"},
	} {
		w.includes(t, desk, c.typ, c.include)
	}
	for _, typ := range []string{"Patient", "Encounter", "Practitioner"} {
		for i, id := range w.busy(typ, 4) {
			w.compartment(t, desk, typ, id, []int{50, 1000}[i%2])
			if typ != "Practitioner" {
				w.everything(t, desk, typ, id, []int{0, 37}[i%2])
			}
		}
	}
}

// world is all that is stored, as JSON.
type world map[string]map[string]any

func readAll(t *testing.T, s *store.Store) world {
	t.Helper()
	w := world{}
	for after := int64(0); ; {
		found, next, err := s.Scan(t.Context(), 1, nil, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range found {
			var doc map[string]any
			if err := json.Unmarshal(v.Body, &doc); err != nil {
				t.Fatal(err)
			}
			w[v.Type+"/"+v.ID] = doc
		}
		if next == after {
			return w
		}
		after = next
	}
}

// some are the ids of the first resources of a type.
func (w world) some(typ string, n int) (ids []string) {
	for _, key := range slices.Sorted(maps.Keys(w)) {
		if id, is := strings.CutPrefix(key, typ+"/"); is && len(ids) < n {
			ids = append(ids, id)
		}
	}
	return ids
}

// busy are the ids of resources of a type that encounters refer to, or of encounters that observations refer to.
func (w world) busy(typ string, n int) (ids []string) {
	from, path := "Encounter", map[string]string{"Patient": "subject", "Practitioner": "participant.individual", "Encounter": "encounter"}[typ]
	if typ == from {
		from = "Observation"
	}
	for _, id := range w.some(from, len(w)) {
		for _, ref := range at(w[from+"/"+id], path) {
			if id, is := strings.CutPrefix(ref, typ+"/"); is && len(ids) < n && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// at lists the references at an element of a resource: "participant.individual". The path "" is anywhere.
func at(v any, path string) (out []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			out = append(out, at(item, path)...)
		}
	case map[string]any:
		if ref, is := v["reference"].(string); is && path == "" {
			return []string{ref}
		}
		head, rest, _ := strings.Cut(path, ".")
		for name, m := range v {
			if name == head || path == "" {
				out = append(out, at(m, rest)...)
			}
		}
	}
	return out
}

// elements says by hand where the parameters look that the questions name.
var elements = map[string]string{
	"Encounter:subject": "subject", "Encounter:patient": "subject", "Encounter:participant": "participant.individual", "Encounter:location": "location.location", "Encounter:service-provider": "serviceProvider",
	"Encounter:practitioner": "participant.individual", "Encounter:part-of": "partOf", "Encounter:appointment": "appointment", "Encounter:based-on": "basedOn",
	"Encounter:diagnosis": "diagnosis.condition", "Encounter:episode-of-care": "episodeOfCare", "Encounter:account": "account", "Encounter:reason-reference": "reasonReference",
	"Observation:encounter": "encounter", "Observation:patient": "subject", "Patient:general-practitioner": "generalPractitioner", "Condition:encounter": "encounter",
	"Condition:subject": "subject", "Procedure:encounter": "encounter", "MedicationRequest:requester": "requester", "Claim:patient": "patient",
	"Claim:care-team": "careTeam.provider", "Claim:detail-udi": "item.detail.udi", "Claim:encounter": "item.encounter", "Claim:enterer": "enterer", "Claim:facility": "facility",
	"Claim:insurer": "insurer", "Claim:item-udi": "item.udi", "Claim:payee": "payee.party", "Claim:procedure-udi": "procedure.udi", "Claim:provider": "provider", "Claim:subdetail-udi": "item.detail.subDetail.udi",
}

// points reports whether a resource points at another by a parameter, or by any of its type.
func (w world) points(from, code, to string) bool {
	typ, _, _ := strings.Cut(from, "/")
	if code != "*" {
		return slices.Contains(at(w[from], elements[typ+":"+code]), to)
	}
	for _, p := range r4.Params(typ) {
		if path, known := elements[typ+":"+p.Code]; known && slices.Contains(at(w[from], path), to) {
			return true
		}
	}
	return false
}

// includes asks for two pages and follows the references of their matches by hand.
func (w world) includes(t *testing.T, desk *store.Desk, typ, include string) {
	t.Helper()
	include = strings.ReplaceAll(include, "PATIENT", w.some("Patient", 1)[0])
	pairs, err := search.ParseQueryString(include + "&_count=3")
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := search.Parse(typ, pairs, search.Strict)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for range 2 {
		page, err := desk.Search(t.Context(), q)
		if err != nil {
			t.Fatalf("%s?%s: %v", typ, include, err)
		}
		want := w.followed(keysOf(page.Entries), q.Includes)
		if got := keysOf(page.Included); !slices.Equal(got, want) {
			t.Errorf("%s?%s included %d, want %d: %v instead of %v", typ, include, len(got), len(want), got, want)
		}
		seen += len(page.Included)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if seen == 0 {
		t.Errorf("%s?%s asks for nothing that is there", typ, include)
	}
}

func keysOf(list []store.Version) (keys []string) {
	for _, v := range list {
		keys = append(keys, v.Type+"/"+v.ID)
	}
	slices.Sort(keys)
	return keys
}

func (w world) followed(matches []string, list []search.Include) []string {
	on := map[string]bool{}
	for _, m := range matches {
		on[m] = true
	}
	frontier := matches
	for round := 0; len(frontier) > 0; round++ {
		var next []string
		for _, i := range list {
			if round > 0 && !i.Iterate {
				continue
			}
			for key := range w {
				if !on[key] && slices.ContainsFunc(frontier, func(f string) bool { return w.leads(f, key, i) }) {
					on[key] = true
					next = append(next, key)
				}
			}
		}
		frontier = next
	}
	for _, m := range matches {
		delete(on, m)
	}
	return slices.Sorted(maps.Keys(on))
}

// leads reports whether an include goes from one resource to another.
func (w world) leads(f, key string, i search.Include) bool {
	from, to := f, key
	if i.Reverse {
		from, to = key, f
	}
	if typ, _, _ := strings.Cut(from, "/"); i.Source != "*" && typ != i.Source {
		return false
	}
	if i.Reverse && i.Source == "*" { // whatever refers to it
		return slices.Contains(at(w[from], ""), to)
	}
	return w.points(from, i.Code, to)
}

// compartment holds the members against those that refer to the owner from a type of the compartment.
func (w world) compartment(t *testing.T, desk *store.Desk, typ, id string, count int) {
	t.Helper()
	q := search.Query{Compartment: search.Compartment{Type: typ, ID: id}, Count: count}
	var got []string
	for {
		page, err := desk.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, keysOf(page.Entries)...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	slices.Sort(got)
	if want := w.members(typ, id); !slices.Equal(got, want) || len(want) < 2 {
		t.Errorf("%s/%s holds %d, want %d: %v", typ, id, len(got), len(want), missing(got, want))
	}
}

// members are what refers to the owner from a type that has a place in the compartment. In these files no resource
// refers to its patient, encounter or practitioner by an element that is not in the definition.
func (w world) members(typ, id string) (keys []string) {
	owner := typ + "/" + id
	for key, doc := range w {
		from, _, _ := strings.Cut(key, "/")
		if key == owner || len(r4.Compartment(typ, from)) > 0 && slices.Contains(at(doc, ""), owner) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// everything holds $everything against members and what they refer to outside of any patient's compartment.
func (w world) everything(t *testing.T, desk *store.Desk, typ, id string, count int) {
	t.Helper()
	q := store.Everything{Type: typ, ID: id, Count: count}
	var got []string
	for {
		page, err := desk.Everything(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, keysOf(page.Entries)...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	slices.Sort(got)
	want := map[string]bool{}
	for _, m := range w.members(typ, id) {
		want[m] = true
		for _, ref := range at(w[m], "") {
			if w[ref] != nil && w.mayCome(typ, id, ref) {
				want[ref] = true
			}
		}
	}
	if want := slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
		t.Errorf("%s/%s has %d, want %d: %v", typ, id, len(got), len(want), missing(got, want))
	}
}

// mayCome reports whether a resource is of nobody, or of the same patient.
func (w world) mayCome(typ, id, ref string) bool {
	patient := "Patient/" + id
	if typ != "Patient" {
		patient = at(w[typ+"/"+id], "subject")[0]
	}
	to, _, _ := strings.Cut(ref, "/")
	return len(r4.Compartment("Patient", to)) == 0 || ref == patient || slices.Contains(at(w[ref], ""), patient)
}

// missing tells two lists apart.
func missing(got, want []string) string {
	var out []string
	for _, g := range got {
		if !slices.Contains(want, g) {
			out = append(out, "+"+g)
		}
	}
	for _, x := range want {
		if !slices.Contains(got, x) {
			out = append(out, "-"+x)
		}
	}
	return fmt.Sprint(out[:min(len(out), 20)])
}
