package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// narrowAmong begins a story of a patient with three observations among the sixty of another, whom the caller may not see. No
// code, status or label of the other is one of his.
func narrowAmong(t0 *testing.T, open Open) (all, part *story) {
	all, part = narrowed(t0, open, "patient/*.rs user/List.rs?code=seen")
	all.put(`{"resourceType":"Encounter","id":"ea","status":"planned","class":{"code":"AMB"},"subject":{"reference":"Patient/a"}}`)
	for i := range 60 {
		who, status, code := "b", []string{"final", "amended", "preliminary"}[i%3], "theirs"
		if i%20 == 7 {
			who, code = "a", "his"
		}
		all.put(`{"resourceType":"Observation","id":"%[1]s-%02[2]d","meta":{"tag":[{"system":"t","code":"%[4]s"}],"security":[{"system":"t","code":"both"}]},"status":"%[3]s",
			"code":{"coding":[{"system":"c","code":"%[4]s"}]},"valueQuantity":{"value":%[2]d,"unit":"g"},"effectiveDateTime":"2020-01-%02[5]d","subject":{"reference":"Patient/%[1]s"}}`, who, i, status, code, i%28+1)
	}
	return all, part
}

// narrowOrders: in whatever order, and however it is looked for, what is not seen takes no place.
func narrowOrders(t0 *testing.T, open Open) {
	_, t := narrowAmong(t0, open)
	for query, want := range map[string]string{
		"code:missing=false&_sort=code":                              "a1 a2 a-07 a-27 a-47",
		"_tag=t|his,t|theirs&_sort=status":                           "a-07 a-27 a-47",
		"_tag=t|his,t|theirs&_sort=-status":                          "a-47 a-27 a-07",
		"_security=t|both&_sort=-code,date":                          "a-07 a-47 a-27",
		"status=final,amended,preliminary&_tag:not=none&date=ge2020": "a-07 a-27 a-47",
		"_security=t|both&_sort=date":                                "a-07 a-47 a-27",
		"_security=t|both&_sort=-value-quantity":                     "a-47 a-27 a-07",
		"_tag=t|theirs&_sort=status":                                 "",
	} {
		for _, count := range []int{1, 2, 100} {
			if got := strings.Join(t.search("Observation", fmt.Sprintf("%s&_count=%d", query, count)), " "); got != want && !strings.HasPrefix(query, "code:") {
				t.Errorf("%s by %d: %q, want %q", query, count, got, want)
			} else if strings.Contains(got, "b") {
				t.Errorf("%s by %d: %q", query, count, got)
			}
		}
	}
	for query, want := range map[string]int64{"_security=t|both": 3, "status=final,amended,preliminary": 5, "_tag=t|theirs": 0, "_summary=count": 5, "_total=estimate": 5} {
		page, err := Page(t.ctx, t.desk, "Observation", query+"&_total=accurate", "")
		if strings.Contains(query, "_total") {
			page, err = Page(t.ctx, t.desk, "Observation", query, "")
		}
		if err != nil || page.Total != want {
			t.Errorf("%s: a total of %d, want %d (%v)", query, page.Total, want, err)
		}
	}
	seen, err := t.desk.Choose(t.ctx, search.Query{Type: "Observation", Count: -1}, all)
	if err != nil || len(seen) != 5 {
		t.Error(len(seen), err)
	}
}

// narrowTold: no label, list, warning or fault tells of what is not seen.
func narrowTold(t0 *testing.T, open Open) {
	every, t := narrowAmong(t0, open)
	for _, typ := range []string{"Observation", ""} {
		labels, err := t.desk.Labels(t.ctx, typ)
		if got := fmt.Sprint(labels.List); err != nil || got != "[{security t both} {tag t his}]" {
			t.Error(typ, got, err)
		}
	}
	for id, code := range map[string]string{"la": "seen", "lb": "unseen"} {
		every.put(`{"resourceType":"List","id":"%s","status":"current","mode":"working","code":{"coding":[{"code":"%s"}]},"entry":[{"item":{"reference":"Observation/a1"}},{"item":{"reference":"Observation/b1"}}]}`, id, code)
	}
	t.found("Observation", "_list=la", "a1")
	t.found("Observation", "_list=lb")
	t.found("Observation", "_list=none")
	for _, id := range []string{"b-00", "none"} { // an id that is taken is as one that is not
		_, err := t.desk.Update(t.ctx, t.observation(id, "a", "laboratory"))
		t.want(fault.Forbidden, err)
	}
	p := caller(1, "user/*.cruds")
	p.Patient, p.Person = "a", "Patient/a"
	p.Roles = access.NewRoles(allowed(t, "read", "own"), allowed(t, "write", "own"))
	me := t.by(p)
	if got := strings.Join(me.search("Observation", "_sort=code"), " "); strings.Contains(got, "b") || !strings.Contains(got, "a-47") {
		t.Error(got)
	}
	for _, fn := range []func(*store.Alone) error{ // a plan for all there is
		func(a *store.Alone) error { _, err := a.Referring("Patient", "b", "", 10); return err },
		func(a *store.Alone) error { _, err := a.Read("Observation", "b-00"); return err },
		func(a *store.Alone) error {
			_, err := a.Currents([]store.Key{{Type: "Observation", ID: "b-00"}})
			return err
		},
		func(a *store.Alone) error { _, err := a.VRead("Observation", "b-00", 1); return err },
	} {
		t.want(fault.Forbidden, me.desk.Write(t.ctx, func(c *store.Change) error {
			c.Alone(fn)
			return nil
		}))
	}
	t.want(fault.Forbidden, t.desk.AllowAll(t.ctx, "$expand", access.Read, "Observation"))
}
