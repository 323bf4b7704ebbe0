package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/bench/synth"
)

// server answers every request with a status after a while and counts them.
func server(t *testing.T, status int, after time.Duration) (Contender, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("headers %v", r.Header)
		}
		time.Sleep(after)
		w.WriteHeader(status)
		fmt.Fprint(w, strings.Repeat("x", 10_000))
	}))
	t.Cleanup(s.Close)
	return Contender{Name: "server", Base: s.URL + "/fhir", Token: "t"}, &n
}

func reads(clients int) Workload {
	return Workload{Name: "read", Clients: clients, Unit: "requests", Start: plain(func(*rand.Rand) Request { return Request{Method: "GET", Path: "/Patient/1", Count: 1} })}
}

func TestATurnCountsWhatWasAnswered(t *testing.T) {
	c, n := server(t, 200, time.Millisecond)
	s, err := turn(t.Context(), c, reads(4), 100*time.Millisecond, 1)
	if err != nil {
		t.Fatal(err)
	}
	if int64(s.units) != n.Load() || len(s.waits) != s.units || s.errors != 0 {
		t.Errorf("%d answered, counted %d units, %d waits, %d errors", n.Load(), s.units, len(s.waits), s.errors)
	}
	if slices.Min(s.waits) < time.Millisecond || s.took < 100*time.Millisecond {
		t.Errorf("shortest wait %v, took %v", slices.Min(s.waits), s.took)
	}
}

func TestAWrongStatusIsAnError(t *testing.T) {
	c, n := server(t, 404, 0)
	s, err := turn(t.Context(), c, reads(1), 20*time.Millisecond, 1)
	if err != nil || int64(s.errors) != n.Load() || s.units != 0 || s.status != 404 {
		t.Errorf("%d answered: %+v, %v", n.Load(), s, err)
	}
}

// The rates themselves are not compared: on a busy machine either may win.
func TestContendersTakeTurns(t *testing.T) {
	fast, _ := server(t, 200, time.Millisecond)
	slow, _ := server(t, 200, 4*time.Millisecond)
	slow.Name, slow.Only = "slow", "read"
	other, n := server(t, 200, 0)
	other.Only = "search"
	r, err := Run(t.Context(), []Contender{fast, slow, other}, Plan{Workloads: []Workload{reads(2)}, Time: 2 * time.Second, Rounds: 3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Rows[0].Results; len(got) != 2 || n.Load() != 0 || got[1].First <= 0 || got[1].P50 < 4 || r.Errors() != 0 {
		t.Errorf("%+v; the other was asked %d times", got, n.Load())
	}
}

func TestEveryWorkloadAsksForWhatThereIs(t *testing.T) {
	w := synth.New(1)
	there := map[string]bool{}
	for i := range 3 {
		for _, o := range observations(w.Patient(i, synth.Known)) {
			there["/Observation/"+o.id] = true
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, load := range NewData(w, 3).Workloads([]int{2}, []int{1}) {
		next := load.Start(r)
		for n := range 72 {
			q := next(Answer{Status: 201, Location: "http://server/fhir/Any/" + strconv.Itoa(n-1) + "/_history/1"})
			if load.Name == "crud" {
				there["/Observation/"+strconv.Itoa(n)] = true
			}
			if q.Body != nil && !json.Valid(q.Body) {
				t.Fatalf("%s: %s", load.Name, q.Body)
			}
			if q.Count < 1 || strings.HasPrefix(q.Path, "/Observation/") && !there[q.Path] {
				t.Errorf("%s: %s %s counts %d", load.Name, q.Method, q.Path, q.Count)
			}
		}
	}
}

// TestAFullLifeOfNineTypes follows two rounds of crud: each resource is created, then read, changed and deleted under the id that it got.
func TestAFullLifeOfNineTypes(t *testing.T) {
	next := NewData(synth.New(1), 3).crud(rand.New(rand.NewPCG(1, 1)))
	var a Answer
	lives := map[string]string{}
	for n := range 2 * 36 {
		q := next(a)
		a = Answer{Status: 200}
		if q.Method == "POST" {
			a.Location = "http://server/fhir" + q.Path + "/" + strconv.Itoa(n) + "/_history/1"
			lives[q.Path+"/"+strconv.Itoa(n)] = "POST"
			continue
		}
		lives[q.Path] += " " + q.Method
		if q.Method == "PUT" && !strings.Contains(string(q.Body), `"id":"`+q.Path[strings.LastIndex(q.Path, "/")+1:]+`"`) {
			t.Errorf("%s gets the body %.80s", q.Path, q.Body)
		}
	}
	if len(lives) != 18 {
		t.Errorf("%d resources lived: %v", len(lives), lives)
	}
	for path, life := range lives {
		if life != "POST GET PUT DELETE" {
			t.Errorf("%s: %s", path, life)
		}
	}
}

func TestOrderStatistics(t *testing.T) {
	waits := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	if quantile(waits, 0.5) != 6 || quantile(waits, 0.99) != 10 || quantile(nil, 0.5) != 0 {
		t.Error("quantile")
	}
	if median([]float64{3, 1, 2}) != 2 || median([]float64{4, 1, 2, 3}) != 2.5 || median(nil) != 0 {
		t.Error("median")
	}
}

func TestTheReportIsReadable(t *testing.T) {
	r := Report{Machine: "2 CPUs", Database: "SQLite", Durability: "full", Patients: 3, Resources: 450, JSONBytes: 20 << 20, Rounds: 3, Slice: 1.5,
		Contenders: []Server{{Name: "ficus", Start: 0.2, Idle: 40 << 20, Peak: 80 << 20, Disk: map[string]int64{"bodies": 10 << 20}}, {Name: "raw"}},
		Rows:       []Row{{Workload: "create", Clients: 16, Goal: 0.5, Results: []Result{{Name: "ficus", Rate: 1234, P50: 1.5, P99: 9, Written: 5200}, {Name: "raw", Rate: 2000, First: 0.62, Errors: 1}}}}}
	var out strings.Builder
	if err := r.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SQLite, durability full, 2 CPUs", "450 resources (21 MB of JSON)", "create                 16  ficus                    1234", "0.62   0.50", "9.00      5.2       0", "0.20     42 MB     84 MB", "bodies 10 MB (0.50)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
