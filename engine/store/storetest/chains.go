package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// chains: conditions on resources that are referred to, or that refer here, to any depth.
func chains(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.household()
	for _, c := range []struct{ typ, query, want string }{
		{"Observation", "patient.name=ann", "x1 x2"},
		{"Observation", "patient.gender=female", "x1 x2 x4"},
		{"Observation", "patient.gender:not=female", "x3"},
		{"Observation", "subject:Patient.gender:not=female", "x3"},
		{"Observation", "subject.name=a", "x1 x2 x5"},
		{"Observation", "subject:Location.name=a", "x5"},
		{"Observation", "patient.gender=female&status=final", "x1 x4"},
		{"Observation", "patient.gender=female&patient.name=ann", "x1 x2"},
		{"Observation", "patient.birthdate=ge1990", "x3 x4"},
		{"Observation", "patient.birthdate:missing=true", ""},
		{"Observation", "patient.organization.name=alpha", "x1 x2 x3"},
		{"Observation", "patient.organization.partof.name=beta", "x1 x2 x3"},
		{"Observation", "subject:Patient.organization.partof._id=o2", "x1 x2 x3"},
		{"Observation", "patient.identifier=s|1,s|2", "x1 x2 x3"},
		{"Observation", "patient._id=p1", "x1 x2"},
		{"Observation", "patient.organization:missing=false", "x1 x2 x3"},
		{"Patient", "_has:Observation:patient:code=c1", "p1 p3"},
		{"Patient", "_has:Observation:patient:code:not=c1", "p1 p2"},
		{"Patient", "_has:Observation:subject:value-quantity=gt5", "p1 p2"},
		{"Patient", "_has:Observation:patient:code-value-quantity=c2$gt5", "p1 p2"},
		{"Patient", "_has:Observation:patient:code=c1&_has:Observation:patient:code=c2", "p1"},
		{"Patient", "_has:Observation:patient:_has:Provenance:target:recorded=gt2020", "p2"},
		{"Patient", "_has:Observation:patient:performer.name=alpha", "p3"},
		{"Organization", "_has:Patient:organization:_has:Observation:patient:code=c2", "o1"},
		{"Organization", "_has:Patient:organization:gender=female", "o1"},
		{"Provenance", "target:Observation.patient.name=bob", "v"},
		{"Provenance", "target:Observation.patient._has:Observation:patient:code=c2", "v"},
		{"Patient", "_list=l1", "p1 p3"},
		{"Patient", "_list=l1,l2&gender=male", "p2"},
		{"Patient", "_list=none", ""},
		{"Observation", "subject:Patient._list=l1", "x1 x2 x4"},
		{"Organization", "_id=o1&_has:Patient:organization:birthdate=gt1950", "o1"},
		{"Location", "organization:below=o2", "loc"},
		{"Location", "organization:below=Organization/o1", "loc"},
		{"Location", "organization:above=o1", "loc"},
		{"Location", "organization:above=o2", ""},
		{"Patient", "_filter=gender eq female and birthdate ge 1990", "p3"},
		{"Patient", "_filter=gender eq male or (gender eq female and name sw an)", "p1 p2"},
		{"Patient", "_filter=not(gender eq female)", "p2"},
		{"Patient", "_filter=gender ne female", "p2"},
		{"Patient", "_filter=name eq ann", "p1"},
		{"Patient", "_filter=name eq an", ""},
		{"Patient", "_filter=name ew NN", "p1"},
		{"Patient", "_filter=name co o", "p2"},
		{"Patient", "_filter=name gt ann and name lt c", "p2"},
		{"Patient", "_filter=name ge ann and name le bob", "p1 p2"},
		{"Patient", "_filter=name ne ann", "p2 p3"},
		{"Patient", "_filter=birthdate po 1980-05", "p1"},
		{"Patient", "_filter=organization pr false", "p3"},
		{"Patient", "_filter=organization re Organization/o1 and id ne p1", "p2"},
		{"Patient", "_filter=_has:Observation:patient:code eq c1", "p1 p3"},
		{"Observation", "_filter=subject:Patient[gender eq female].name eq ann or value-quantity gt 8", "x1 x2 x3"},
		{"Observation", "_filter=patient.organization[name sw alp].partof.name ew ta and code eq c2", "x2 x3"},
		{"Observation", "_filter=code-value-quantity eq c2$lt8", "x2"},
		{"Location", "_filter=name pr true and (id eq loc)", "loc"},
	} {
		var want []string
		if c.want != "" {
			want = strings.Split(c.want, " ")
		}
		t.found(c.typ, c.query, want...)
		t.found(c.typ, c.query+"&_count=1", want...)
		page, err := Page(t.ctx, t.desk, c.typ, c.query+"&_total=accurate", "")
		if err != nil || int(page.Total) != len(want) {
			t.Errorf("%s?%s: total %d %v", c.typ, c.query, page.Total, err)
		}
	}
	t.found("Observation", "patient.gender=female&_sort=-patient.birthdate,-_id", "x4", "x2", "x1")
	t.closedWays()
	t.deadEnds()
	t.manyChains()
}

func (t *story) household() {
	t.put(`{"resourceType":"Organization","id":"o2","name":"Beta"}`)
	t.put(`{"resourceType":"Organization","id":"o1","name":"Alpha","partOf":{"reference":"Organization/o2"}}`)
	t.put(`{"resourceType":"Location","id":"loc","name":"Attic","managingOrganization":{"reference":"Organization/o1"}}`)
	for _, p := range []string{
		`"id":"p1","gender":"female","birthDate":"1980-05-06","name":[{"given":["Ann"]}],"identifier":[{"system":"s","value":"1"}],"managingOrganization":{"reference":"Organization/o1"}`,
		`"id":"p2","gender":"male","birthDate":"1990","name":[{"given":["Bob"]}],"identifier":[{"system":"s","value":"2"}],"managingOrganization":{"reference":"Organization/o1"}`,
		`"id":"p3","gender":"female","birthDate":"2000","name":[{"given":["Eve"]}]`,
	} {
		t.put(`{"resourceType":"Patient",%s}`, p)
	}
	for _, o := range []string{
		`"id":"x1","code":{"coding":[{"code":"c1"}]},"subject":{"reference":"Patient/p1"},"status":"final"`,
		`"id":"x2","code":{"coding":[{"code":"c2"}]},"subject":{"reference":"Patient/p1"},"status":"amended","valueQuantity":{"value":7}`,
		`"id":"x3","code":{"coding":[{"code":"c2"}]},"subject":{"reference":"Patient/p2"},"status":"final","valueQuantity":{"value":9}`,
		`"id":"x4","code":{"coding":[{"code":"c1"}]},"subject":{"reference":"Patient/p3"},"status":"final","performer":[{"reference":"Organization/o1"}]`,
		`"id":"x5","code":{"coding":[{"code":"c9"}]},"subject":{"reference":"Location/loc"},"status":"final"`,
	} {
		t.put(`{"resourceType":"Observation",%s}`, o)
	}
	t.put(`{"resourceType":"Provenance","id":"v","recorded":"2024-01-01T00:00:00Z","target":[{"reference":"Observation/x3"}],"agent":[{"who":{"display":"x"}}]}`)
	t.put(`{"resourceType":"List","id":"l1","status":"current","mode":"working","entry":[{"item":{"reference":"Patient/p1"}},{"item":{"reference":"Patient/p3"}},{"item":{"reference":"Observation/x1"}}]}`)
	t.put(`{"resourceType":"List","id":"l2","status":"current","mode":"working","entry":[{"item":{"reference":"Patient/p2"}}]}`)
}

// closedWays: a condition cannot ask of what its caller may not search.
func (t *story) closedWays() {
	narrow := t.store.As(caller(1, "system/Observation.rs system/Patient.rs"))
	for _, closed := range []string{"patient.organization.name=alpha", "subject:Location.name=a", "_has:Provenance:target:recorded=gt2000", "_list=l1",
		"_filter=patient.organization.name eq alpha", "_sort=patient.organization.name", "patient._has:Group:member:_id=1", "_filter=not(patient.organization.name eq alpha)"} {
		_, err := Page(t.ctx, narrow, "Observation", closed, "")
		t.want(fault.Forbidden, err)
	}
	ids, err := All(t.ctx, narrow, "Observation", "subject.name=a")
	if err != nil || strings.Join(ids, " ") != "x1 x2" {
		t.Errorf("%v %v", ids, err)
	}
	_, err = Page(t.ctx, t.store.As(caller(1, "system/Observation.rs")), "Observation", "subject.name=a", "")
	t.want(fault.Forbidden, err)
	_, err = t.store.As(caller(1, "system/Patient.cruds")).Create(t.ctx, t.parse(`{"resourceType":"Patient"}`), store.IfNoneExist("organization.name=alpha"))
	t.want(fault.Forbidden, err)
	other := t.store.As(caller(2, "system/*.cruds"))
	if ids, err := All(t.ctx, other, "Observation", "patient.gender=female"); err != nil || len(ids) > 0 {
		t.Errorf("another tenant's %v %v", ids, err)
	}
}

// deadEnds: what has been deleted is not found at the end of a chain.
func (t *story) deadEnds() {
	for _, x := range [][2]string{{"Provenance", "v"}, {"Observation", "x3"}, {"List", "l2"}, {"Patient", "p2"}} {
		if _, err := t.desk.Delete(t.ctx, x[0], x[1]); err != nil {
			t.Fatal(err)
		}
	}
	t.found("Observation", "patient.organization.name=alpha", "x1", "x2")
	t.found("Patient", "_has:Observation:patient:code=c2", "p1")
	t.found("Observation", "patient.gender:not=female")
}

// manyChains: chains through much, in both directions, in pages and in number.
func (t *story) manyChains() {
	const patients, each = 300, 5
	var entries []string
	for i := range patients {
		entries = append(entries, entry("", "PUT", fmt.Sprintf("Patient/m%03d", i), fmt.Sprintf(`{"resourceType":"Patient","id":"m%03d","active":true,"birthDate":"%d"}`, i, 1900+i%100)))
		for j := range each {
			entries = append(entries, entry("", "PUT", fmt.Sprintf("Encounter/m%03d-%d", i, j), fmt.Sprintf(`{"resourceType":"Encounter","id":"m%03d-%d","status":"finished","class":{"code":"k%d"},"subject":{"reference":"Patient/m%03d"}}`, i, j, j, i)))
		}
	}
	Post(t, t.desk, entries)
	for query, want := range map[string]int{
		"Encounter?patient.active=true":                                         patients * each,
		"Encounter?patient.active=true&class=k1":                                patients,
		"Encounter?patient.birthdate=1950":                                      3 * each,
		"Encounter?patient.birthdate=lt1950&class=k2,k3":                        2 * patients / 2,
		"Patient?_has:Encounter:patient:class=k1&active=true":                   patients,
		"Patient?_has:Encounter:patient:class=k1&birthdate=1950":                3,
		"Patient?_has:Encounter:patient:class:not=k1&active=true":               patients,
		"Encounter?patient.active=true&_sort=-patient.birthdate":                patients * each,
		"Encounter?_filter=patient.active eq true and not(class eq k1)":         patients * (each - 1),
		"Encounter?patient._has:Encounter:patient:class=k0&patient.active=true": patients * each,
	} {
		typ, q, _ := strings.Cut(query, "?")
		if got := t.search(typ, q+"&_count=200"); len(got) != want {
			t.Errorf("%s found %d, want %d", query, len(got), want)
		}
	}
}
