package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
)

// A random differential test of orders: conditions, several keys and pages against a plain sort.

// drawn is a resource with what it is ordered and found by.
type drawn struct {
	id     string
	values map[string][]string // by parameter, such that texts compare as the values do
	json   string
}

// drawing makes resources whose values are much alike, so that there are groups of all sizes.
type drawing struct {
	*rand.Rand
	people []map[string][]string
}

func (g *drawing) one(list ...string) string { return list[g.IntN(len(list))] }

func (g *drawing) person(i int) (string, map[string][]string) {
	id := fmt.Sprintf("p%03d", i)
	v := map[string][]string{"birthdate": nil, "name": nil, "gender": nil}
	body := fmt.Sprintf(`{"resourceType":"Patient","id":"%s"`, id)
	if g.IntN(4) > 0 {
		d := g.one("1960", "1960-01", "1960-01-01", "1970-05-05", "1971")
		body, v["birthdate"] = body+`,"birthDate":"`+d+`"`, []string{begins(d)}
	}
	if g.IntN(4) > 0 {
		n := g.one("Ärger", "arger", "Zoë", "zoe", "Straße", strings.Repeat("ü", 300)+"1", strings.Repeat("ü", 300)+"2", "β")
		m := g.one("Anna", "ZZ", n)
		body += `,"name":[{"family":"` + n + `"},{"family":"` + m + `"}]`
		v["name"] = []string{folded[n], folded[m]}
	}
	if g.IntN(3) > 0 {
		s := g.one("male", "female", "other")
		body, v["gender"] = body+`,"gender":"`+s+`"`, []string{s}
	}
	return body + "}", v
}

var folded = map[string]string{"Ärger": "arger", "arger": "arger", "Zoë": "zoe", "zoe": "zoe", "Straße": "strasse", "β": "β", "Anna": "anna", "ZZ": "zz",
	strings.Repeat("ü", 300) + "1": strings.Repeat("u", 256), strings.Repeat("ü", 300) + "2": strings.Repeat("u", 256)}

func begins(d string) string {
	for len(d) < 10 {
		d += "-01"
	}
	return d
}

func (g *drawing) resource(i int) drawn {
	r := drawn{id: fmt.Sprintf("o%05d", g.Perm(1)[0]+(i*7919)%100000), values: map[string][]string{}}
	v := r.values
	status := g.one("final", "final", "final", "final", "final", "amended", "preliminary")
	v["status"], v["_id"] = []string{status}, []string{r.id}
	body := fmt.Sprintf(`{"resourceType":"Observation","id":"%s","status":"%s"`, r.id, status)
	var codes string
	for range g.IntN(4) {
		c := g.one("a", "b", "B", "c", "a|b", "é", strings.Repeat("x", 300))
		if c == strings.Repeat("x", 300) && i > 40 {
			c = "a"
		}
		codes += `,{"system":"http://` + g.one("s", "t") + `","code":"` + c + `"}`
		v["code"] = append(v["code"], c)
	}
	body += `,"code":{"text":"t"`
	if codes != "" {
		body += `,"coding":[` + codes[1:] + `]`
	}
	body += "}"
	for n := range g.IntN(3) {
		c := g.one("k1", "k2", "k3")
		body += map[bool]string{true: `,"category":[`, false: ","}[n == 0] + `{"coding":[{"code":"` + c + `"}]}`
		v["category"] = append(v["category"], c)
	}
	if len(v["category"]) > 0 {
		body += "]"
	}
	switch g.IntN(5) {
	case 0: // none
	case 1:
		var list []string
		for range 1 + g.IntN(3) {
			d := g.day()
			list, v["date"] = append(list, `"`+d+`T00:00:00Z"`), append(v["date"], d)
		}
		v["date"] = []string{slices.Min(v["date"])} // a Timing is from its first event to its last
		body += `,"effectiveTiming":{"event":[` + strings.Join(list, ",") + `]}`
	case 2:
		d := g.day()
		if g.IntN(2) == 0 {
			body, v["date"] = body+`,"effectivePeriod":{"end":"`+d+`"}`, []string{"!"} // before all
		} else {
			body, v["date"] = body+`,"effectivePeriod":{"start":"`+d+`"}`, []string{d}
		}
	default:
		d := g.day()
		d = d[:[]int{4, 7, 10, 10, 10}[g.IntN(5)]]
		body, v["date"] = body+`,"effectiveDateTime":"`+d+`"`, []string{begins(d)}
	}
	if g.IntN(3) > 0 {
		n := g.IntN(5)
		body, v["value-quantity"] = fmt.Sprintf(`%s,"valueQuantity":{"value":%d}`, body, n), []string{fmt.Sprint(n)}
	}
	if g.IntN(6) > 0 {
		p := g.IntN(len(g.people))
		if g.IntN(2) == 0 {
			p = 0
		}
		body += fmt.Sprintf(`,"subject":{"reference":"Patient/p%03d"}`, p)
		v["subject"] = []string{fmt.Sprintf("p%03d", p)}
		for k, list := range g.people[p] {
			v["patient."+k] = list
		}
	}
	if n := g.IntN(3); n > 0 {
		var list []string
		for range n {
			p := g.IntN(len(g.people))
			list = append(list, fmt.Sprintf(`{"reference":"Patient/p%03d"}`, p))
			v["performer"] = append(v["performer"], fmt.Sprintf("p%03d", p))
			for k, more := range g.people[p] {
				v["performer:Patient."+k] = append(v["performer:Patient."+k], more...)
			}
		}
		body += `,"performer":[` + strings.Join(list, ",") + `]`
	}
	if g.IntN(3) > 0 {
		s := g.one("n1", "n2", "n3")
		body, v["identifier"] = body+`,"identifier":[{"value":"`+s+`"}]`, []string{s}
	}
	r.json = body + "}"
	return r
}

func (g *drawing) day() string { return fmt.Sprintf("2020-0%d-0%d", 1+g.IntN(2), 1+g.IntN(4)) }

var drawnKeys = strings.Fields("status code category date value-quantity subject performer patient.birthdate patient.name patient.gender performer:Patient.birthdate performer:Patient.name identifier _id")

// compareDrawn orders by some keys; what is missing comes last both ways, and so does in descending order what begins nowhere.
func compareDrawn(a, b drawn, sort string) int {
	for k := range strings.SplitSeq(sort, ",") {
		name, desc := strings.CutPrefix(k, "-")
		x, y := best(a.values[name], desc), best(b.values[name], desc)
		c := strings.Compare(x, y)
		switch {
		case x == "" || y == "":
			c = -c
		case desc:
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func best(list []string, desc bool) string {
	if len(list) == 0 {
		return ""
	}
	if desc {
		if m := slices.Max(list); m != "!" {
			return m
		}
		return ""
	}
	return slices.Min(list)
}

// condition is what is asked besides, and which resources meet it.
type condition struct {
	query string
	meets func(drawn) bool
}

// drawnConditions are some that many meet, and some that few do.
func drawnConditions() []condition {
	has := func(k string, any ...string) func(drawn) bool {
		return func(d drawn) bool {
			return slices.ContainsFunc(any, func(s string) bool { return slices.Contains(d.values[k], s) })
		}
	}
	return []condition{
		{"", func(drawn) bool { return true }}, {"", func(drawn) bool { return true }},
		{"&status=final", has("status", "final")},
		{"&status=final,amended", has("status", "final", "amended")},
		{"&status:not=final", func(d drawn) bool { return d.values["status"][0] != "final" }},
		{"&code=a", has("code", "a")},
		{"&code=a,b,c", has("code", "a", "b", "c")},
		{"&category:missing=true", func(d drawn) bool { return len(d.values["category"]) == 0 }},
		{"&date:missing=false&status=final", func(d drawn) bool { return len(d.values["date"]) > 0 && d.values["status"][0] == "final" }},
		{"&subject=Patient/p000", has("subject", "p000")},
		{"&subject=Patient/p000&status=final", func(d drawn) bool { return has("subject", "p000")(d) && has("status", "final")(d) }},
		{"&patient.gender=male", has("patient.gender", "male")},
		{"&value-quantity=3", has("value-quantity", "3")},
		{"&code=c&category=k1", func(d drawn) bool { return has("code", "c")(d) && has("category", "k1")(d) }},
	}
}

// TestRandomOrders asks for pages of all sizes in orders of one to three keys, beside conditions, and compares with a plain sort.
func TestRandomOrders(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		seed := seedOf(t)
		g := &drawing{Rand: rand.New(rand.NewPCG(seed, 9))}
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		all := g.write(t, desk, 3000)
		conditions := drawnConditions()
		for range 15 {
			g.asks(t, desk, all, conditions)
		}
	})
}

func (g *drawing) write(t *testing.T, desk *store.Desk, many int) (all []drawn) {
	var entries []string
	for i := range 30 {
		body, values := g.person(i)
		g.people = append(g.people, values)
		entries = append(entries, fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":"Patient/p%03d"}}`, body, i))
	}
	storetest.Post(t, desk, entries)
	for i := 0; i < many; i += 1000 {
		entries = nil
		for n := i; n < i+1000; n++ {
			r := g.resource(n)
			all, entries = append(all, r), append(entries, `{"resource":`+r.json+`,"request":{"method":"PUT","url":"Observation/`+r.id+`"}}`)
		}
		storetest.Post(t, desk, entries)
	}
	return all
}

func (g *drawing) asks(t *testing.T, desk *store.Desk, all []drawn, conditions []condition) {
	t.Helper()
	var keys []string
	for range 1 + g.IntN(3) {
		keys = append(keys, g.one("", "-")+g.one(drawnKeys...))
	}
	sort, c := strings.Join(keys, ","), conditions[g.IntN(len(conditions))]
	count := []int{20, 300, 1000, 997, 1}[g.IntN(5)]
	query := fmt.Sprintf("_count=%d&_sort=%s%s", count, sort, c.query)
	type placed struct {
		drawn
		n int
	}
	var list []placed
	for i, r := range all {
		if c.meets(r) {
			list = append(list, placed{r, i})
		}
	}
	slices.SortFunc(list, func(a, b placed) int { return cmp.Or(compareDrawn(a.drawn, b.drawn, sort), cmp.Compare(a.n, b.n)) })
	var want []string
	for _, r := range list {
		want = append(want, r.id)
	}
	pages := map[int]int{1: 12, 20: 25, 300: 40, 1000: 40, 997: 40}[count]
	got := pagesOf(t, desk, "Observation", query, pages, func() {})
	if len(want) > pages*count {
		want = want[:pages*count]
	}
	if !slices.Equal(got, want) {
		i := 0
		for i < len(got) && i < len(want) && got[i] == want[i] {
			i++
		}
		t.Errorf("%s: %d found, %d wanted; differs at %d: %v, not %v", query, len(got), len(want), i, got[i:min(len(got), i+3)], want[i:min(len(want), i+3)])
	}
}
