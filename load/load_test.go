package load

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// shelf is a target that keeps what it gets. A resource that refers to one that is not on the
// shelf is refused.
type shelf struct {
	mu      sync.Mutex
	kept    []string // "Type/id" in order
	bundles []string // type and number of entries
	abreast atomic.Int32
	most    int32
	down    error
}

func (s *shelf) Send(_ context.Context, transaction bool, bundle []byte) ([]Answer, error) {
	defer s.abreast.Add(-1)
	now := s.abreast.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = max(s.most, now)
	if s.down != nil {
		return nil, s.down
	}
	r, err := fhir.Parse(bundle, fhir.Limits{})
	if err != nil {
		return nil, err
	}
	b := fhir.Bundle{Resource: r}
	s.bundles = append(s.bundles, fmt.Sprintf("%s %d", b.Kind(), r.Get("entry").Len()))
	return s.entries(b, transaction)
}

func (s *shelf) entries(b fhir.Bundle, transaction bool) ([]Answer, error) {
	var answers []Answer
	before := len(s.kept)
	for e := range b.Entries() {
		if to := e.Body.Get("subject").Get("reference").Str(); to != "" && !slices.Contains(s.kept, to) {
			err := fault.New(fault.Unprocessable, "Bundle.entry[%d]: refers to what does not exist", e.Index)
			if transaction {
				s.kept = s.kept[:before]
				return nil, err
			}
			answers = append(answers, Answer{Err: err})
			continue
		}
		s.kept = append(s.kept, e.Body.Get("resourceType").Str()+"/"+e.Body.Get("id").Str())
		answers = append(answers, Answer{})
	}
	return answers, nil
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, s *shelf, jobs int, paths ...string) *Report {
	t.Helper()
	r, err := Run(t.Context(), paths, s, Options{Jobs: jobs})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func bundle(kind string, entries ...string) string {
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

func post(typ, id string) string {
	return `{"resource":{"resourceType":"` + typ + `","id":"` + id + `"},"request":{"method":"POST","url":"` + typ + `"}}`
}

func TestBatchesGoAloneAndInOrder(t *testing.T) {
	files := map[string]string{"0-hospitals.json": bundle("batch", post("Organization", "o")), "0-people.json": bundle("batch", post("Practitioner", "p"))}
	for i := range 20 {
		files[fmt.Sprintf("patient%02d.json", i)] = bundle("transaction", post("Patient", fmt.Sprint("a", i)), post("Encounter", fmt.Sprint("e", i)))
	}
	s := &shelf{}
	r := run(t, s, 4, folder(t, files))
	if got := s.kept[:2]; !slices.Equal(got, []string{"Organization/o", "Practitioner/p"}) {
		t.Errorf("begins with %v", got)
	}
	if len(s.kept) != 42 || r.Stored() != 42 || len(r.Failures) != 0 || r.Types["Patient"].Created != 20 {
		t.Errorf("stored %d, report %+v", len(s.kept), r)
	}
}

func TestHospitalsOfSyntheaGoFirst(t *testing.T) {
	s := &shelf{}
	run(t, s, 2, folder(t, map[string]string{
		"Ana_1.json":                     bundle("transaction", post("Patient", "p")),
		"hospitalInformation12.json":     bundle("batch", post("Organization", "o")),
		"practitionerInformation12.json": bundle("batch", post("Practitioner", "d")),
	}))
	if want := []string{"Organization/o", "Practitioner/d", "Patient/p"}; !slices.Equal(s.kept, want) {
		t.Errorf("kept %v, want %v", s.kept, want)
	}
}

func TestEveryPackingIsRead(t *testing.T) {
	patient := func(id string) []byte { return []byte(`{"resourceType":"Patient","id":"` + id + `"}`) }
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write(patient("gz")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bz2, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWXNZKhoAABMbgBAEABBEAC4p3iogACKDaQGgeoKBpoZGTE3WoEDJXOGqbuwDZRaMJ8QmKdwT5fi7kinChIOayVDQ")
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	run(t, s, 1, folder(t, map[string]string{
		"a.json": string(patient("plain")), "b.json.gz": gz.String(), "c.json.bz2": string(bz2),
		"d/e.json.zst": string(z.EncodeAll(patient("zst"), nil)), "f.ndjson": string(patient("line1")) + "\n\n" + string(patient("line2")),
		"g.xml":      "\n<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"xml\"/></Patient>",
		"readme.txt": "not for us",
	}))
	if want := []string{"Patient/plain", "Patient/gz", "Patient/packed", "Patient/zst", "Patient/line1", "Patient/line2", "Patient/xml"}; !slices.Equal(s.kept, want) {
		t.Errorf("kept %v, want %v", s.kept, want)
	}
}

func TestOneBadEntryDoesNotStopTheRest(t *testing.T) {
	dir := folder(t, map[string]string{
		"1.ndjson": `{"resourceType":"Patient","id":"a"}` + "\n" + `{"resourceType":"Patient","id":` + "\n" + `{"resourceType":"Patient","id":"b"}`,
		"2.json":   bundle("transaction", post("Patient", "c"), `{"resource":{"resourceType":"Observation","id":"d","subject":{"reference":"Patient/nobody"}},"request":{"method":"POST","url":"Observation"}}`),
		"3.json":   bundle("batch", post("Patient", "e"), `{"resource":{"resourceType":"Observation","id":"f","subject":{"reference":"Patient/nobody"}},"request":{"method":"POST","url":"Observation"}}`),
		"4.json":   `{"resourceType":"Patient"`,
		"5.xml":    `<Patient xmlns="http://hl7.org/fhir"><colour/></Patient>`,
	})
	s := &shelf{}
	r := run(t, s, 1, dir)
	if want := []string{"Patient/a", "Patient/b", "Patient/e"}; !slices.Equal(s.kept, want) {
		t.Errorf("kept %v, want %v", s.kept, want)
	}
	var told []string
	for _, f := range r.Failures {
		told = append(told, strings.TrimPrefix(f.String(), dir+"/"))
	}
	text := strings.Join(told, "\n")
	for _, want := range []string{"1.ndjson: line 2: ", "2.json: Bundle.entry[1]: ", "3.json: Bundle.entry[1]: ", "4.json: ", "5.xml: "} {
		if !strings.Contains(text, want) {
			t.Errorf("no failure %q in:\n%s", want, text)
		}
	}
	if len(r.Failures) != 5 || r.Types["Observation"].Failed != 2 || r.Types["Patient"].Failed != 1 {
		t.Errorf("failures %d, %+v", len(r.Failures), r.Types)
	}
}

func TestWhatRefersToWhatComesLaterIsTriedAgain(t *testing.T) {
	s := &shelf{}
	r := run(t, s, 2, folder(t, map[string]string{
		"a.ndjson": `{"resourceType":"Observation","id":"o","subject":{"reference":"Encounter/e"}}`,
		"b.ndjson": `{"resourceType":"Encounter","id":"e","subject":{"reference":"Patient/p"}}`,
		"c.ndjson": `{"resourceType":"Patient","id":"p"}`,
	}))
	if len(r.Failures) != 0 || r.Stored() != 3 {
		t.Errorf("stored %d, failures %v", r.Stored(), r.Failures)
	}
}

func TestTwoWritesOfOneResourceKeepTheirOrder(t *testing.T) {
	s := &shelf{}
	run(t, s, 1, folder(t, map[string]string{"a.ndjson": strings.Repeat(`{"resourceType":"Patient","id":"p"}`+"\n", 3) + `{"resourceType":"Patient","id":"q"}`}))
	if want := []string{"batch 1", "batch 1", "batch 2"}; !slices.Equal(s.bundles, want) {
		t.Errorf("sent %v, want %v", s.bundles, want)
	}
}

func TestACollectionBecomesATransaction(t *testing.T) {
	s := &shelf{}
	run(t, s, 1, folder(t, map[string]string{"a.json": bundle("collection", `{"resource":{"resourceType":"Patient","id":"p"}}`, `{"resource":{"resourceType":"Patient"}}`)}))
	if want := []string{"transaction 2"}; !slices.Equal(s.bundles, want) {
		t.Errorf("sent %v, want %v", s.bundles, want)
	}
}

func TestALoadStopsWhereNobodyAnswers(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Unauthorized, fault.Unavailable} {
		s := &shelf{down: fault.New(kind, "gone")}
		_, err := Run(t.Context(), []string{folder(t, map[string]string{"a.json": `{"resourceType":"Patient"}`})}, s, Options{})
		if !fault.Is(err, kind) {
			t.Errorf("%v: %v", kind, err)
		}
	}
	if _, err := Run(t.Context(), []string{filepath.Join(t.TempDir(), "none")}, &shelf{}, Options{}); !fault.Is(err, fault.Unknown) {
		t.Errorf("a missing path: %v", err)
	}
}

func TestAFailureSpeaksOfTheFile(t *testing.T) {
	err := fault.New(fault.Invalid, "422: Bundle.entry[3].resource.name[0]: is wrong (line 1, column 95)")
	for _, c := range []struct {
		f    Failure
		want string
	}{
		{Failure{"a.json", 3, err}, "a.json: Bundle.entry[3]: 422: name[0]: is wrong"},
		{Failure{"a.ndjson", 3, err}, "a.ndjson: line 4: 422: name[0]: is wrong"},
		{Failure{"a.json", 3, fault.New(fault.Invalid, "Bundle.entry[0].request.url: is wrong")}, "a.json: Bundle.entry[3]: request.url: is wrong"},
		{Failure{"a.json", 0, fault.New(fault.Invalid, "Bundle.entry[0]: refers to nothing")}, "a.json: Bundle.entry[0]: refers to nothing"},
		{Failure{"a.json", -1, fault.New(fault.Invalid, "malformed (line 2, column 1)")}, "a.json: malformed (line 2, column 1)"},
	} {
		if got := c.f.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAFileThatIsNoBundleIsNotSpokenOfAsOne(t *testing.T) {
	err := fault.New(fault.Invalid, "Bundle.entry[7].resource.name[0]: is wrong (line 9, column 95)")
	f := blamed(attempt{parcel: parcel{entries: []entry{{file: "a.json", index: -1}}}, err: err})
	if got, want := f.String(), "a.json: name[0]: is wrong"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestAPipeCanBeGivenUp waits for a writer who never comes.
func TestAPipeCanBeGivenUp(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), []string{folder}, nil, Options{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("in a folder: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, []string{pipe}, nil, Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("on its own: %v", err)
	}
}
