package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// defining is a store whose tenant defines search parameters, with a runner that a test starts and stops.
type defining struct {
	*testing.T
	folder string
	db     *db.DB
	queue  *jobs.Queue
	store  *store.Store
	desk   *store.Desk
}

func onBoth(t *testing.T, o store.Options, tell func(*defining)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) { tell(define(t, url(t), t.TempDir(), o)) })
	}
}

func define(t *testing.T, url, folder string, o store.Options) *defining {
	t.Helper()
	d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings()})
	if err := jobs.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	x := &defining{T: t, folder: folder, db: d, queue: jobs.NewQueue(d, nil)}
	o.Jobs = x.queue
	o.Vault, o.Audit = storetest.KeysIn(t, d, folder)
	x.store = openOn(t, d, o)
	x.desk = x.store.As(storetest.Caller(1))
	return x
}

// start runs jobs until the test ends, or stop is called.
func (x *defining) start() (stop func()) {
	x.Helper()
	r, err := jobs.NewRunner(x.queue, x.store.Kinds(), jobs.Options{Poll: 20 * time.Millisecond, Lease: 2 * time.Second, Backoff: func(int) time.Duration { return 10 * time.Millisecond }})
	if err != nil {
		x.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { r.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); wait.Wait() })
	x.Cleanup(stop)
	return stop
}

func (x *defining) put(format string, args ...any) {
	x.Helper()
	if err := x.try(format, args...); err != nil {
		x.Fatal(err)
	}
}

func (x *defining) try(format string, args ...any) error {
	r, err := fhir.Parse(fmt.Appendf(nil, format, args...), fhir.Limits{})
	if err == nil {
		_, err = x.desk.Update(context.Background(), r)
	}
	return err
}

// param defines a search parameter under its code as id.
func (x *defining) param(code, typ, base, expression string, more ...string) error {
	text, _ := json.Marshal(expression) //nolint:errcheck // a string
	return x.try(`{"resourceType":"SearchParameter","id":"%s","url":"http://x.test/%s","name":"x","status":"active","description":"x","code":"%s","type":"%s","base":["%s"],"expression":%s%s}`,
		code, code, code, typ, base, text, strings.Join(append([]string{""}, more...), ","))
}

func (x *defining) mustParam(code, typ, base, expression string, more ...string) {
	x.Helper()
	if err := x.param(code, typ, base, expression, more...); err != nil {
		x.Fatal(err)
	}
}

// settled waits until no parameter has work to be done.
func (x *defining) settled() []store.OwnParam {
	x.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		list, err := x.store.OwnParams(x.Context(), 1)
		if err != nil {
			x.Fatal(err)
		}
		if !slices.ContainsFunc(list, func(p store.OwnParam) bool { return p.State != store.Whole }) {
			return list
		}
	}
	list, _ := x.store.OwnParams(x.Context(), 1)
	jobs, _ := x.queue.List(x.Context(), 1, 0, 10)
	x.Fatalf("not settled: %+v, %+v", list, jobs)
	return nil
}

func (x *defining) search(typ, query string) []string {
	x.Helper()
	ids, err := storetest.All(x.Context(), x.desk, typ, query)
	if err != nil {
		x.Fatalf("%s?%s: %v", typ, query, err)
	}
	return ids
}

func (x *defining) found(typ, query string, want ...string) {
	x.Helper()
	got := x.search(typ, query)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		x.Errorf("%s?%s found %v, want %v", typ, query, got, want)
	}
}

// sound recomputes the whole index.
func (x *defining) sound() {
	x.Helper()
	report, err := x.store.CheckIndex(x.Context(), 1, 0, 0)
	if err != nil || len(report.Faults) > 0 || len(report.Damaged) > 0 {
		x.Errorf("the index is not what the bodies ask for: %+v %v", report, err)
	}
}

func (x *defining) warnings(typ, query string) []fault.Issue {
	x.Helper()
	page, err := storetest.Page(x.Context(), x.desk, typ, query, "")
	if err != nil {
		x.Fatal(err)
	}
	return page.Warnings
}

// TestSearchParameterLives follows one from its definition to its end.
func TestSearchParameterLives(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"old","maritalStatus":{"coding":[{"system":"s","code":"M"}]}}`)
		x.put(`{"resourceType":"Patient","id":"none"}`)
		if _, err := storetest.Page(x.Context(), x.desk, "Patient", "marital=M", ""); !fault.Is(err, fault.Invalid) {
			x.Fatalf("%v", err)
		}
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
		x.put(`{"resourceType":"Patient","id":"new","maritalStatus":{"coding":[{"system":"s","code":"M"}]}}`)
		x.found("Patient", "marital=M", "new")
		if w := x.warnings("Patient", "marital=M"); len(w) != 1 || !strings.Contains(w[0].Text, "marital") {
			x.Errorf("%+v", w)
		}
		r, _ := fhir.Parse([]byte(`{"resourceType":"Patient"}`), fhir.Limits{})
		if _, err := x.desk.Create(x.Context(), r, store.IfNoneExist("marital=M")); !fault.Is(err, fault.Conflict) {
			x.Errorf("a write depends on what is not whole: %v", err)
		}
		x.put(`{"resourceType":"Patient","id":"none","active":true}`)
		x.start()
		list := x.settled()
		if len(list) != 1 || list[0].Done != 2 && list[0].Done != 3 || list[0].Done != list[0].Total {
			x.Errorf("%+v", list)
		}
		if w := x.warnings("Patient", "marital=M"); w != nil {
			x.Errorf("%+v", w)
		}
		for query, want := range map[string][]string{
			"marital=M": {"old", "new"}, "marital=s|M": {"old", "new"}, "marital:not=M": {"none"}, "marital:missing=true": {"none"},
			"marital:missing=false": {"old", "new"}, "_filter=marital eq M": {"old", "new"}, "_sort=marital": {"old", "new", "none"},
		} {
			x.found("Patient", query, want...)
		}
		x.sound()
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus.where(coding.code = 'M')") // redefined
		x.put(`{"resourceType":"Patient","id":"s","maritalStatus":{"coding":[{"code":"S"}]}}`)
		x.settled()
		x.found("Patient", "marital=M", "old", "new")
		x.found("Patient", "marital=S")
		x.sound()
		x.put(`{"resourceType":"SearchParameter","id":"marital","url":"http://x.test/marital","name":"x","status":"retired","description":"x","code":"marital","type":"token","base":["Patient"],"expression":"Patient.maritalStatus"}`)
		if _, err := storetest.Page(x.Context(), x.desk, "Patient", "marital=M", ""); !fault.Is(err, fault.Invalid) {
			x.Errorf("%v", err)
		}
		x.put(`{"resourceType":"Patient","id":"old","active":true}`)
		if list := x.settled(); len(list) != 0 {
			x.Errorf("%+v", list)
		}
		x.sound()
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
		x.settled()
		x.found("Patient", "marital=M", "new")
		if _, err := x.desk.Delete(x.Context(), "SearchParameter", "marital"); err != nil {
			x.Fatal(err)
		}
		x.settled()
		x.sound()
	})
}

// TestSearchParameterTypes asks for each type, with chains and includes.
func TestSearchParameterTypes(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Practitioner","id":"doc","name":[{"family":"Holt"}]}`)
		x.put(`{"resourceType":"Patient","id":"a","gender":"male","birthDate":"1980-02-03","name":[{"text":"Ana Grün"}],"generalPractitioner":[{"reference":"Practitioner/doc"}],
			"extension":[{"url":"http://x.test/h","valueDecimal":1.5},{"url":"http://x.test/u","valueUri":"urn:x:1"}]}`)
		x.put(`{"resourceType":"Patient","id":"b","gender":"female"}`)
		x.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"c"}]},"subject":{"reference":"Patient/a"},"valueQuantity":{"value":5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`)
		x.mustParam("sex", "token", "Patient", "Patient.gender")
		x.mustParam("born", "date", "Patient", "Patient.birthDate")
		x.mustParam("called", "string", "Patient", "Patient.name")
		x.mustParam("tall", "number", "Patient", "Patient.extension('http://x.test/h').value")
		x.mustParam("site", "uri", "Patient", "Patient.extension('http://x.test/u').value")
		x.mustParam("guide", "reference", "Patient", "Patient.generalPractitioner", `"target":["Practitioner"]`)
		x.mustParam("weight", "quantity", "Observation", "Observation.value.ofType(Quantity)")
		x.mustParam("kind-weight", "composite", "Observation", "Observation", `"component":[{"definition":"http://hl7.org/fhir/SearchParameter/clinical-code","expression":"code"},{"definition":"http://x.test/weight","expression":"value.ofType(Quantity)"}]`)
		x.start()
		x.settled()
		for query, want := range map[string][]string{
			"sex=male": {"a"}, "born=1980": {"a"}, "born=gt1981": nil, "called=ana": {"a"}, "called:contains=grun": {"a"}, "tall=1.5": {"a"}, "tall=lt1": nil,
			"site=urn:x:1": {"a"}, "guide=Practitioner/doc": {"a"}, "guide=doc": {"a"}, "guide.name=holt": {"a"}, "guide:missing=true": {"b"},
			"_has:Observation:subject:weight=gt4000|http://unitsofmeasure.org|g": {"a"}, "_sort=-born&sex=male,female": {"a", "b"}, "_sort=guide": {"a", "b"}, "_sort=sex": {"a", "b"},
		} {
			x.found("Patient", query, want...)
		}
		x.found("Observation", "subject:Patient.guide:Practitioner.family=Holt", "o")
		x.found("Observation", "kind-weight=c$5", "o")
		x.found("Observation", "subject:Patient.sex=female")
		x.found("Practitioner", "_has:Patient:guide:sex=male", "doc")
		for typ, query := range map[string]string{"Patient": "_include=Patient:guide&sex=male", "Practitioner": "_revinclude=Patient:guide"} {
			page, err := storetest.Page(x.Context(), x.desk, typ, query, "")
			if err != nil || len(page.Included) != 1 {
				x.Errorf("%s: %+v %v", query, page.Included, err)
			}
		}
		page, err := storetest.Page(x.Context(), x.desk, "Patient", "sex=male,female&_total=accurate&_count=1", "")
		if err != nil || page.Total != 2 || page.Next == "" {
			x.Errorf("%+v %v", page, err)
		}
		x.sound()
	})
}

// TestSearchParameterRefusals wants each mistake to be told with its place.
func TestSearchParameterRefusals(t *testing.T) {
	x := define(t, dbtest.SQLiteURL(t), t.TempDir(), store.Options{})
	x.mustParam("mine", "token", "Patient", "Patient.gender")
	for place, err := range map[string]error{
		"SearchParameter.expression":  x.param("a", "token", "Patient", "Patient.("),
		"SearchParameter.base":        x.param("b", "token", "Patent", "Patient.gender"),
		"SearchParameter.type":        x.param("c", "special", "Patient", "Patient.gender"),
		"SearchParameter.target":      x.param("d", "reference", "Patient", "Patient.link", `"target":["Persn"]`),
		"SearchParameter.type ":       x.param("f", "date", "Patient", "Patient.name.family"),
		"SearchParameter.expression ": x.param("g", "token", "Patient", "Patient.sex"),
		"SearchParameter.component.expression": x.param("h", "composite", "Patient", "Patient",
			`"component":[{"definition":"http://x.test/mine","expression":"gender"},{"definition":"http://x.test/mine","expression":"sex"}]`),
		"SearchParameter.code": x.param("gender", "token", "Patient", "Patient.active"),
		"SearchParameter.component.definition": x.param("e", "composite", "Patient", "Patient",
			`"component":[{"definition":"http://x.test/nothing","expression":"gender"},{"definition":"http://x.test/mine","expression":"gender"}]`),
	} {
		f := fault.Find(err)
		if f == nil || len(f.Issues) == 0 || f.Issues[0].Expression != strings.TrimSpace(place) || f.Kind != fault.Unprocessable {
			t.Errorf("%s: %+v", place, err)
		}
	}
	err := x.try(`{"resourceType":"SearchParameter","id":"other","url":"http://x.test/o","name":"x","status":"active","description":"x","code":"mine","type":"token","base":["Resource"],"expression":"Resource.id"}`)
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
	if err := x.param("family", "string", "Patient", "Patient.name.family"); err != nil {
		t.Errorf("what R4 says itself: %v", err)
	}
	list, err := x.store.OwnParams(t.Context(), 1)
	if err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

// TestSearchParameterLimit wants one too many to be refused, and room to be made by retiring one.
func TestSearchParameterLimit(t *testing.T) {
	x := define(t, dbtest.SQLiteURL(t), t.TempDir(), store.Options{OwnParams: 2})
	x.mustParam("one", "token", "Patient", "Patient.gender")
	x.mustParam("two", "token", "Patient", "Patient.gender.lower()")
	x.mustParam("two", "token", "Patient", "Patient.gender.upper()")
	f := fault.Find(x.param("three", "token", "Patient", "Patient.active"))
	if f == nil || f.Kind != fault.Unprocessable || !strings.Contains(f.Issues[0].Text, "own-params") {
		t.Errorf("%+v", f)
	}
	if _, err := x.desk.Delete(t.Context(), "SearchParameter", "one"); err != nil {
		t.Fatal(err)
	}
	x.mustParam("three", "token", "Patient", "Patient.active")
}

// TestSearchParameterFaults wants an expression that fails on some resources to keep none from being stored, and counts them.
func TestSearchParameterFaults(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Patient","id":"two","name":[{"given":["A","B"]}]}`)
		x.put(`{"resourceType":"Patient","id":"one","name":[{"given":["A"]}]}`)
		x.mustParam("only", "string", "Patient", "Patient.name.given.single()")
		x.put(`{"resourceType":"Patient","id":"more","name":[{"given":["A","C"]}]}`)
		x.start()
		if list := x.settled(); list[0].Faults < 1 || list[0].Faults > 2 {
			x.Errorf("%+v", list)
		}
		x.found("Patient", "only=a", "one")
		x.sound()
	})
}

// TestWalkGoesOn stops the job at many places, while others write, and wants every resource once at the end.
func TestWalkGoesOn(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		const n = 1500
		var entries []string
		for i := range n {
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Patient","id":"p%d","birthDate":"%d"},"request":{"method":"PUT","url":"Patient/p%d"}}`, i, 1900+i%100, i))
		}
		for part := range slices.Chunk(entries, 500) {
			storetest.Post(x, x.desk, part)
		}
		x.mustParam("born", "date", "Patient", "Patient.birthDate")
		var done atomic.Bool
		var writers sync.WaitGroup
		for k := range 4 {
			writers.Go(func() {
				for i := k; !done.Load(); i += 4 {
					id := i * 7 % n
					if err := x.try(`{"resourceType":"Patient","id":"p%d","birthDate":"%d","active":%t}`, id, 1900+(id+i)%100, i%3 == 0); err != nil {
						x.Errorf("write: %v", err)
						return
					}
					if err := x.try(`{"resourceType":"Patient","id":"n%d-%d","birthDate":"2020"}`, k, i); err != nil {
						x.Errorf("write: %v", err)
						return
					}
				}
			})
		}
		for range 5 {
			stop := x.start()
			time.Sleep(40 * time.Millisecond)
			stop()
		}
		x.start()
		x.settled()
		done.Store(true)
		writers.Wait()
		x.sound()
		all := x.search("Patient", "_count=1000")
		found := x.search("Patient", "born=gt1800&_count=1000")
		slices.Sort(all)
		slices.Sort(found)
		if !slices.Equal(all, found) || len(slices.Compact(found)) != len(all) {
			x.Errorf("%d patients, %d found", len(all), len(found))
		}
	})
}

// TestEachParameterCountsItsOwn: how far a parameter is is told of the resources of its types, though one job works on several.
func TestEachParameterCountsItsOwn(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		for i := range 5 {
			x.put(`{"resourceType":"Patient","id":"p%d"}`, i)
			if i < 2 {
				x.put(`{"resourceType":"Basic","id":"b%d","code":{"text":"x"}}`, i)
			}
		}
		param := `{"resource":{"resourceType":"SearchParameter","id":"%[1]s","url":"http://x.test/%[1]s","name":"X","status":"active","description":"x","code":"%[1]s","type":"token","base":[%[2]s],"expression":"%[3]s"},
			"request":{"method":"PUT","url":"SearchParameter/%[1]s"}}`
		storetest.Post(x, x.desk, []string{
			fmt.Sprintf(param, "sex", `"Patient"`, "Patient.gender"), fmt.Sprintf(param, "kind", `"Basic"`, "Basic.code"), fmt.Sprintf(param, "spoken", `"Basic","Patient"`, "Patient.language | Basic.language"),
		})
		x.start()
		for _, p := range x.settled() {
			if want := map[string]int64{"sex": 5, "kind": 2, "spoken": 7}[p.Code]; p.Done != want || p.Total != want {
				x.Errorf("%s: %d of %d, want %d", p.Code, p.Done, p.Total, want)
			}
		}
	})
}

// TestNodesAgreeOnParams lets two processes write while one of them defines and retires: what the other one writes
// right afterwards has its rows, or has none.
func TestNodesAgreeOnParams(t *testing.T) {
	url, folder := dbtest.PostgresURL(t), t.TempDir()
	a := define(t, url, folder, store.Options{})
	b := define(t, url, folder, store.Options{})
	for round := range 6 {
		for i := range 3 {
			b.put(`{"resourceType":"Patient","id":"before%d-%d","gender":"male"}`, round, i)
		}
		a.mustParam("sex", "token", "Patient", fmt.Sprintf("Patient.gender.where(true or %d = 1)", round))
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				r, err := fhir.Parse([]byte(`{"resourceType":"Patient","gender":"female"}`), fhir.Limits{})
				if err == nil {
					_, err = []*defining{a, b}[i%2].desk.Create(context.Background(), r)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := a.search("Patient", "sex=female"); len(got) != 8 {
			t.Errorf("round %d: %d found at once", round, len(got))
		}
		stop := b.start()
		a.settled()
		stop()
		a.sound()
		if got := a.search("Patient", "sex=male"); len(got) != 3*(round+1) {
			t.Errorf("round %d: %d found", round, len(got))
		}
		for _, id := range a.search("Patient", "sex=female") {
			if _, err := a.desk.Delete(t.Context(), "Patient", id); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What stands in the entries of a stored bundle is a world of its own, whose references have no numbers here.
func TestOwnReferencesIntoBundles(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		bundle := `{"resourceType":"Bundle","id":"%s","type":"collection","entry":[{"fullUrl":"http://x.test/Observation/o","resource":{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%s"}}}]}`
		x.put(bundle, "before", "nobody")
		x.mustParam("about", "reference", "Bundle", "Bundle.entry.resource.ofType(Observation).subject", `"target":["Patient"]`)
		x.put(bundle, "after", "nobody")
		x.start()
		x.settled()
		x.found("Bundle", "about=Patient/nobody", "before", "after")
		x.found("Bundle", "about=Patient/other")
		x.sound()
		x.put(`{"resourceType":"Patient","id":"nobody"}`)
		set, err := x.desk.Params(x.Context())
		if err != nil {
			x.Fatal(err)
		}
		q, _, err := search.ParseIn(set, "Bundle", []search.Pair{{Name: "_include", Value: "Bundle:about"}}, search.Strict)
		if err != nil {
			x.Fatal(err)
		}
		if page, err := x.desk.Search(x.Context(), q); err != nil || len(page.Included) > 0 {
			x.Errorf("one who has the same name outside of the bundle is taken along: %v %v", page.Included, err)
		}
		x.put(bundle, "after", "other")
		x.found("Bundle", "about=Patient/other", "after")
		x.found("Bundle", "about=nobody", "before")
		x.sound()
	})
}

// Of two resources that say the same the first is served. When it ends, the other is live.
func TestTheOtherOfTwoDefinitions(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.start()
		def := `{"resourceType":"SearchParameter","id":"%s","url":"http://x.test/x","name":"x","status":"%s","description":"x","code":"marital","type":"token","base":["Patient"],"expression":"Patient.maritalStatus"}`
		x.put(`{"resourceType":"Patient","id":"p","maritalStatus":{"coding":[{"code":"M"}]}}`)
		x.put(def, "one", "active")
		x.put(def, "two", "active")
		x.settled()
		x.put(def, "one", "retired")
		x.settled()
		x.found("Patient", "marital=M", "p")
		x.sound()
	})
}

// TestTheNewestVersionOfADefinition is served, whichever came first and whether it says the same or not, and what it replaces goes.
func TestTheNewestVersionOfADefinition(t *testing.T) {
	const newer, older = "Patient.maritalStatus", "Patient.communication.language"
	def := func(id, version, expression string) string {
		return fmt.Sprintf(`{"resourceType":"SearchParameter","id":"%s","url":"http://x.test/x","version":"%s","name":"x","status":"active","description":"x","code":"said","type":"token","base":["Patient"],"expression":"%s"}`, id, version, expression)
	}
	entry := func(id, version, expression string) string {
		return `{"resource":` + def(id, version, expression) + `,"request":{"method":"PUT","url":"SearchParameter/` + id + `"}}`
	}
	for name, give := range map[string]func(x *defining){
		"the newer last":  func(x *defining) { x.put("%s", def("nine", "1.9", older)); x.put("%s", def("ten", "1.10", newer)) },
		"the newer first": func(x *defining) { x.put("%s", def("ten", "1.10", newer)); x.put("%s", def("nine", "1.9", older)) },
		"both say the same": func(x *defining) {
			x.put("%s", def("nine", "1.9", newer))
			x.settled()
			x.put("%s", def("ten", "1.10", newer))
		},
		"at once": func(x *defining) {
			storetest.Post(x, x.desk, []string{entry("nine", "1.9", older), entry("ten", "1.10", newer)})
		},
		"the same at once": func(x *defining) {
			storetest.Post(x, x.desk, []string{entry("nine", "1.9", newer), entry("ten", "1.10", newer)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, store.Options{}, func(x *defining) {
				x.start()
				x.put(`{"resourceType":"Patient","id":"p","maritalStatus":{"coding":[{"code":"M"}]},"communication":[{"language":{"coding":[{"code":"fr"}]}}]}`)
				give(x)
				list := x.settled()
				if len(list) != 1 || list[0].Resource != "ten" || list[0].Version != "1.10" {
					x.Errorf("%+v", list)
				}
				x.found("Patient", "said=M", "p")
				x.found("Patient", "said=fr")
				x.sound()
				x.put("%s", strings.Replace(def("nine", "1.9", older), `"active"`, `"retired"`, 1))
				x.settled()
				x.found("Patient", "said=M", "p")
			})
		})
	}
}

// TestAnOlderVersionComesBack when the newest one is deleted, is retired or says something else under another url, and goes with the last.
func TestAnOlderVersionComesBack(t *testing.T) {
	def := func(id, version, url, code, expression string) string {
		return fmt.Sprintf(`{"resourceType":"SearchParameter","id":"%s","url":"http://x.test/%s","version":"%s","name":"x","status":"active","description":"x","code":"%s","type":"token","base":["Patient"],"expression":"%s"}`,
			id, url, version, code, expression)
	}
	const newer, older = "Patient.maritalStatus", "Patient.communication.language"
	ten := def("ten", "1.10", "x", "said", newer)
	remove := func(x *defining, ids ...string) {
		err := x.desk.Write(x.Context(), func(c *store.Change) error {
			for _, id := range ids {
				c.Delete("SearchParameter", id)
			}
			return nil
		})
		if err != nil {
			x.Fatal(err)
		}
	}
	for name, end := range map[string]func(x *defining){
		"deleted":     func(x *defining) { remove(x, "ten") },
		"two deleted": func(x *defining) { x.put("%s", def("eleven", "1.11", "x", "said", newer)); remove(x, "ten", "eleven") },
		"retired":     func(x *defining) { x.put("%s", strings.Replace(ten, `"active"`, `"retired"`, 1)) },
		"another":     func(x *defining) { x.put("%s", def("ten", "1.10", "y", "other", newer)) },
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, store.Options{}, func(x *defining) {
				x.start()
				x.put(`{"resourceType":"Patient","id":"p","maritalStatus":{"coding":[{"code":"M"}]},"communication":[{"language":{"coding":[{"code":"fr"}]}}]}`)
				x.put("%s", def("eight", "1.8", "x", "said", newer))
				x.put("%s", def("nine", "1.9", "x", "said", older))
				x.put("%s", ten)
				x.settled()
				end(x)
				list := slices.DeleteFunc(x.settled(), func(p store.OwnParam) bool { return p.Code == "other" })
				if len(list) != 1 || list[0].Resource != "nine" {
					x.Errorf("%+v", list)
				}
				x.found("Patient", "said=fr", "p")
				x.found("Patient", "said=M")
				x.sound()
				remove(x, "eight", "nine")
				if list := slices.DeleteFunc(x.settled(), func(p store.OwnParam) bool { return p.Code == "other" }); len(list) > 0 {
					x.Errorf("%+v", list)
				}
			})
		})
	}
}

// What a resource contains has the tenant's parameters too.
func TestOwnParametersOfContained(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		x.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","maritalStatus":{"coding":[{"code":"M"}]}}]}`)
		x.put(`{"resourceType":"Observation","id":"other","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","maritalStatus":{"coding":[{"code":"S"}]}}]}`)
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
		x.mustParam("about", "reference", "Observation", "Observation.subject", `"target":["Patient"]`)
		x.start()
		x.settled()
		x.found("Patient", "_contained=true&marital=M", "o")
		x.found("Observation", "subject.marital=M", "o")
		x.found("Observation", "subject:Patient.marital=S", "other")
		x.found("Observation", "about:Patient.marital=M", "o")
		x.found("Observation", "about:Patient.marital:missing=true")
	})
}

// TestWalkLeavesRoom wants writes not to wait while expensive expressions are evaluated, where there is one writer.
func TestWalkLeavesRoom(t *testing.T) {
	x := define(t, dbtest.SQLiteURL(t), t.TempDir(), store.Options{})
	names := strings.Repeat(`{"family":"abcdefghijabcdefghij"},`, 500)
	var entries []string
	for i := range 200 {
		entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Patient","id":"p%d","name":[%s{"family":"x"}]},"request":{"method":"PUT","url":"Patient/p%d"}}`, i, names, i))
	}
	storetest.Post(x, x.desk, entries)
	for i := range 20 {
		x.mustParam(fmt.Sprintf("slow%d", i), "string", "Patient", fmt.Sprintf("Patient.name.where(family.matches('(a|b|c|d|e|f|g|h|i|j)*%d')).family", i))
	}
	x.start()
	longest := time.Duration(0)
	for i := 0; ; i++ {
		begin := time.Now()
		x.put(`{"resourceType":"Patient","id":"new%d"}`, i)
		longest = max(longest, time.Since(begin))
		time.Sleep(10 * time.Millisecond)
		if list, err := x.store.OwnParams(x.Context(), 1); err != nil || list[0].State == store.Whole {
			break
		}
	}
	if longest > 1200*time.Millisecond {
		x.Errorf("a write waited %v", longest)
	}
	x.settled()
	x.sound()
}

// TestOwnUnits wants a quantity that only a tenant's parameter finds to be found in another unit, and a name of a code by its
// beginning, also where they stand in something contained, whether it was written before or after the definition.
func TestOwnUnits(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		dose := `{"resourceType":"Patient","id":"%s","extension":[{"url":"http://x.test/q","valueQuantity":{"value":2,"system":"http://unitsofmeasure.org","code":"%s"}}]}`
		inside := `{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"subject":{"reference":"#c"},"contained":[` + dose + `]}`
		x.put(dose, "old", "mg")
		x.put(inside, "old-in", "c", "ug")
		x.put(`{"resourceType":"Observation","id":"wed","status":"final","code":{"text":"x"},"subject":{"reference":"#c"},"contained":[{"resourceType":"Patient","id":"c","maritalStatus":{"text":"wedded"}}]}`)
		x.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":5,"system":"http://unitsofmeasure.org","code":"kg"}}`)
		x.found("Observation", "value-quantity=5000|http://unitsofmeasure.org|g", "o") // the units are known to this process
		x.mustParam("dose", "quantity", "Patient", "Patient.extension('http://x.test/q').value.ofType(Quantity)")
		x.mustParam("marital", "token", "Patient", "Patient.maritalStatus")
		x.start()
		x.settled()
		x.found("Patient", "_contained=true&marital:text=wed", "wed")
		x.put(dose, "new", "cg")
		x.put(inside, "new-in", "c", "dg")
		x.found("Patient", "dose=0.002|http://unitsofmeasure.org|g", "old")
		x.found("Patient", "dose=0.02|http://unitsofmeasure.org|g", "new")
		x.found("Patient", "_contained=true&dose=0.000002|http://unitsofmeasure.org|g", "old-in")
		x.found("Patient", "_contained=true&dose=0.2|http://unitsofmeasure.org|g", "new-in")
		x.sound()
	})
}
