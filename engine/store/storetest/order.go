package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// order: a search can be sorted by any parameter, also through references; missing values come last.
func order(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Organization","id":"o2","name":"Alpha","active":true}`)
	t.put(`{"resourceType":"Organization","id":"o1","name":"Beta"}`)
	for _, p := range []string{
		`"id":"a","gender":"male","managingOrganization":{"reference":"Organization/o1"},"identifier":[{"system":"s","value":"7"},{"system":"s","value":"1"}]`,
		`"id":"b","gender":"female","managingOrganization":{"reference":"Organization/o2"},"identifier":[{"system":"s","value":"5"}]`,
		`"id":"c","managingOrganization":{"reference":"Organization/o1"},"birthDate":"1980"`,
		`"id":"d","gender":"female","identifier":[{"system":"s","value":"3"}]`,
	} {
		t.put(`{"resourceType":"Patient",%s}`, p)
	}
	for i, subject := range []string{"Patient/c", "Patient/b", "Patient/a", "Patient/b"} {
		t.put(`{"resourceType":"Observation","id":"x%d","status":"final","code":{"coding":[{"system":"s","code":"c%d"}]},"subject":{"reference":"%s"}}`, i, i%2, subject)
	}
	for _, count := range []string{"1", "2", "10"} {
		for _, c := range []struct{ typ, query, want string }{
			{"Patient", "_sort=gender", "b d a c"},
			{"Patient", "_sort=-gender", "a b d c"},
			{"Patient", "_sort=identifier", "a d b c"},
			{"Patient", "_sort=-identifier", "a b d c"},
			{"Patient", "_sort=gender,-_id", "d b a c"},
			{"Patient", "_sort=-_lastUpdated,gender", "d c b a"},
			{"Patient", "_sort=organization", "a c b d"},
			{"Patient", "_sort=-organization", "b a c d"},
			{"Patient", "_sort=organization.name", "b a c d"},
			{"Patient", "_sort=-organization:Organization.name", "a c b d"},
			{"Patient", "_sort=organization.active,-_id", "b d c a"},
			{"Patient", "_sort=organization._id", "a c b d"},
			{"Patient", "_sort=-organization._lastUpdated,_id", "a c b d"},
			{"Observation", "_sort=patient", "x2 x1 x3 x0"},
			{"Observation", "_sort=-subject", "x0 x1 x3 x2"},
			{"Observation", "_sort=code,-patient", "x0 x2 x1 x3"},
			{"Observation", "_sort=patient.gender", "x1 x3 x2 x0"},
			{"Observation", "_sort=subject:Patient.organization.name,-_id", "x3 x1 x2 x0"},
			{"Observation", "_sort=patient.organization.active,patient.organization.name", "x1 x3 x0 x2"},
		} {
			t.found(c.typ, c.query+"&_count="+count, strings.Split(c.want, " ")...)
			if c.typ == "Patient" {
				t.found(c.typ, "_id=a,b,c,d&"+c.query+"&_count="+count, strings.Split(c.want, " ")...)
			}
		}
	}
	for _, bad := range []string{"subject.name", "code.text", "patient:Group.name", "code-value-quantity", "nonsense", "patient.nonsense", "subject:Patient"} {
		_, err := Page(t.ctx, t.desk, "Observation", "_sort="+bad, "")
		t.want(fault.Invalid, err)
	}
	t.orderStands()
	t.orderMany()
}

// orderStands: pages of an order neither repeat nor lose what stays as it was, whatever is written meanwhile.
func (t *story) orderStands() {
	page, err := Page(t.ctx, t.desk, "Patient", "_sort=gender&_count=2", "")
	if err != nil || page.Next == "" || page.Entries[1].ID != "d" {
		t.Fatalf("%+v %v", page, err)
	}
	t.put(`{"resourceType":"Patient","id":"b","gender":"unknown"}`)
	t.put(`{"resourceType":"Patient","id":"new","gender":"female"}`)
	rest, err := Page(t.ctx, t.desk, "Patient", "_sort=gender&_count=9", page.Next)
	if err != nil || len(rest.Entries) != 4 || rest.Entries[0].ID != "new" || rest.Entries[1].ID != "a" || rest.Entries[2].ID != "b" || rest.Entries[3].ID != "c" {
		t.Errorf("%+v %v", rest.Entries, err)
	}
}

// orderMany: a large result is put in the order of its references along their index.
func (t *story) orderMany() {
	const n = 1200
	var entries []string
	for i := range n {
		id := fmt.Sprintf("e%04d", i)
		entries = append(entries, entry("", "PUT", "Encounter/"+id, fmt.Sprintf(`{"resourceType":"Encounter","id":%q,"status":%q,"class":{"code":"AMB"},"subject":{"reference":"Patient/%c"}%s}`,
			id, []string{"planned", "finished"}[i%2], 'a'+i%4, map[bool]string{true: `,"serviceProvider":{"reference":"Organization/o1"}`}[i%7 == 0])))
	}
	Post(t, t.desk, entries)
	for _, query := range []string{"_sort=patient", "_sort=-subject", "_sort=service-provider", "_sort=-service-provider,-status", "_sort=status", "_sort=-status,patient", "class=AMB&_sort=patient"} {
		got := t.search("Encounter", query+"&_count=500")
		if len(got) != n {
			t.Fatalf("%s: %d of %d", query, len(got), n)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != n {
			t.Errorf("%s: repeats", query)
		}
	}
	if got := t.search("Encounter", "_sort=-status&_count=100&patient=Patient/a,Patient/b,Patient/c,Patient/d"); got[0] != "e0000" || got[599] != "e1198" || got[600] != "e0001" || got[1199] != "e1199" {
		t.Errorf("by status: %v %v %v %v", got[0], got[599], got[600], got[1199])
	}
	t.put(`{"resourceType":"Encounter","id":"last","class":{"code":"AMB"}}`)
	if got := t.search("Encounter", "_sort=status&_count=600"); len(got) != n+1 || got[0] != "e0001" || got[600] != "e0000" || got[n] != "last" {
		t.Errorf("by status: %d %v %v %v", len(got), got[0], got[600], got[n])
	}
	t.found("Encounter", "_sort=-patient&_count=500&status=finished&patient=Patient/d&_id=e0003,e0007,e0001", "e0003", "e0007")
}
